/**
 * Goal: the accelerated provider keeps the laws of the byte kernels, with kept cipher objects and
 * without.
 * Method: the shared laws, each against one-shot node:crypto and noble on contiguous bytes.
 */
import { describe, expect, it } from 'vitest';
import { KernelBug } from '../../../src/assert.ts';
import { opensslAes } from '../../../src/provider/openssl/aes.ts';
import { blockEngine, plainEngine } from '../../../src/provider/openssl/engine.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import { aesLaws } from './aes.ts';
import { sampleBytes } from './laws.ts';
import { providerLaws } from './provider.ts';

describe('the accelerated provider', () => {
  for (const law of providerLaws(opensslProvider)) {
    it(law.name, () => expect(law.check).not.toThrow());
  }
});

describe('the accelerated provider where cipher objects cannot be kept', () => {
  for (const law of aesLaws((key) => opensslAes(key, plainEngine))) {
    it(law.name, () => expect(law.check).not.toThrow());
  }
});

describe('a kept cipher object', () => {
  const algorithm = { ecb: 'aes-128-ecb', cbc: 'aes-128-cbc', blockSize: 16 };
  const key = sampleBytes(16, 1);

  it('is thrown away after an error, so that the next run is right again', () => {
    const engine = blockEngine(algorithm, key);
    const plain = plainEngine(algorithm, key);
    for (const encrypt of [true, false]) {
      const text = sampleBytes(48, 2);
      const iv = sampleBytes(16, 3);
      const expected = plain.cbc(encrypt, text.slice(), iv.slice());
      engine.cbc(encrypt, text.slice(), iv.slice());
      expect(() => engine.cbc(encrypt, text.slice(1), iv.slice())).toThrow(KernelBug);
      expect(() => engine.ecb(encrypt, text.slice(1))).toThrow(KernelBug);
      expect(Buffer.compare(engine.cbc(encrypt, text.slice(), iv.slice()), expected)).toBe(0);
      expect(Buffer.compare(engine.ecb(encrypt, text), plain.ecb(encrypt, text))).toBe(0);
    }
  });
});
