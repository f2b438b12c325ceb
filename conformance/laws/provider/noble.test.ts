/**
 * Goal: the generic provider keeps the laws of the byte kernels, and exports hash states as Linux does.
 * Method: the shared laws, each against one-shot node:crypto and noble on contiguous bytes.
 */
import { describe, expect, it } from 'vitest';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { providerLaws } from './provider.ts';
import { exported, stateLaws } from './state.ts';

describe('the generic provider', () => {
  for (const law of providerLaws(nobleProvider)) {
    it(law.name, () => expect(law.check).not.toThrow());
  }
});

describe('an exported state of the generic provider', () => {
  const laws = [
    ...stateLaws({
      name: 'sha1',
      start: nobleProvider.sha1,
      stateSize: 96,
      countAt: 24,
      bufferAt: 32,
      wordSize: 4,
    }),
    ...stateLaws({
      name: 'sha256',
      start: nobleProvider.sha256,
      stateSize: 104,
      countAt: 32,
      bufferAt: 40,
      wordSize: 4,
    }),
    ...stateLaws({
      name: 'sha512',
      start: nobleProvider.sha512,
      stateSize: 208,
      countAt: 64,
      bufferAt: 80,
      wordSize: 8,
    }),
  ];
  for (const law of laws) it(law.name, () => expect(law.check).not.toThrow());

  it('of an hmac is the inner hash, one block on', () => {
    const key = Buffer.from('Jefe');
    const text = Buffer.from('what do ya want for nothing?');
    const state = exported(nobleProvider.hmacSha256(key), text.subarray(0, 10));
    expect(state.length).toBe(104);
    expect(new DataView(state.buffer).getUint32(32, true)).toBe(64 + 10);
    const resumed = nobleProvider.hmacSha256(key);
    resumed.importState?.(state);
    resumed.updateBytes(text.subarray(10));
    const out = new Uint8Array(32);
    resumed.digest(out);
    expect(Buffer.from(out).toString('hex').slice(0, 16)).toBe('5bdcc146bf60754e');
  });
});
