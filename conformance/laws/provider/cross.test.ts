/**
 * Goal: the two providers agree on everything they offer, chaining values included.
 * Method: a property over algorithm, key, length and cut; the shared laws tie each to node and noble.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import type { BlockKernel, HashState, Provider } from '../../../src/provider/provider.ts';
import { cutRuns, type RunStep, same, sampleBytes, throughRuns } from './laws.ts';

/** A message that goes through a kernel: unit of a run, size of the chaining value. */
interface Cipher {
  readonly name: string;
  readonly unit: number;
  readonly chainSize: number;
  readonly step: (provider: Provider, key: Uint8Array, chain: Uint8Array) => RunStep;
}

type BlockMaker = (provider: Provider, key: Uint8Array) => BlockKernel;

const BLOCK_MAKERS: readonly (readonly [string, number, BlockMaker])[] = [
  ['aes-128', 16, (p, key) => p.aes(key.subarray(0, 16))],
  ['aes-192', 16, (p, key) => p.aes(key.subarray(0, 24))],
  ['aes-256', 16, (p, key) => p.aes(key.subarray(0, 32))],
  ['des', 8, (p, key) => p.des(key.subarray(0, 8))],
  ['des3_ede', 8, (p, key) => p.des3Ede(key.subarray(0, 24))],
];

const CIPHERS: readonly Cipher[] = [
  ...BLOCK_MAKERS.flatMap(([name, unit, make]): Cipher[] => [
    { name: `ecb(${name})`, unit, chainSize: unit, step: (p, key) => ecbStep(make(p, key)) },
    {
      name: `cbc(${name})`,
      unit,
      chainSize: unit,
      step: (p, key, iv) => cbcStep(make(p, key), iv),
    },
  ]),
  ...[16, 24, 32].flatMap((size): Cipher[] => [
    {
      name: `ctr(${size})`,
      unit: 16,
      chainSize: 16,
      step: (p, key, iv) => ctrStep(p, key, size, iv),
    },
    {
      name: `xts(${size})`,
      unit: 16,
      chainSize: 16,
      step: (p, key, iv) => xtsStep(p, key, size, iv),
    },
  ]),
  { name: 'chacha20', unit: 64, chainSize: 16, step: (p, key, iv) => chachaStep(p, key, 20, iv) },
  { name: 'chacha12', unit: 64, chainSize: 16, step: (p, key, iv) => chachaStep(p, key, 12, iv) },
];

const HASHES: Record<string, (provider: Provider, key: Uint8Array) => HashState> = {
  sha1: (p) => p.sha1(),
  sha256: (p) => p.sha256(),
  sha512: (p) => p.sha512(),
  hmacSha1: (p, key) => p.hmacSha1(key.subarray(0, 90)),
  hmacSha256: (p, key) => p.hmacSha256(key.subarray(0, 90)),
  hmacSha512: (p, key) => p.hmacSha512(key.subarray(0, 200)),
  ghash: (p, key) => p.ghash(key.subarray(0, 16)),
  poly1305: (p, key) => p.poly1305(key.subarray(0, 32)),
  cmac: (p, key) => p.cmac(key.subarray(0, 24)),
  cbcmac: (p, key) => p.cbcmac(key.subarray(0, 32)),
  nhpoly1305: (p, key) => p.nhpoly1305(key),
};

const lengths = fc.oneof(fc.nat(300), fc.nat(5000));
const seeds = fc.nat(1 << 30);

it('ciphers of the two providers agree', () => {
  fc.assert(
    fc.property(fc.constantFrom(...CIPHERS), lengths, seeds, (cipher, size, seed) => {
      const text = sampleBytes(size - (size % cipher.unit), seed);
      const runs = cutRuns(text.length, cipher.unit, seed + 1);
      const outputs = [nobleProvider, opensslProvider].map((provider) => {
        const chain = sampleBytes(cipher.chainSize, seed + 2);
        const step = cipher.step(provider, sampleBytes(32, seed + 3), chain);
        return Buffer.concat([throughRuns(text, runs, seed % 2 === 0, step), chain]);
      });
      same(outputs[1], outputs[0], cipher.name);
    }),
    { seed: 1, numRuns: 1500 },
  );
  expect(CIPHERS.length).toBe(18);
});

it('hashes of the two providers agree', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(HASHES)), lengths, seeds, (name, size, seed) => {
      const text = sampleBytes(size, seed);
      const runs = cutRuns(size, 1, seed + 1);
      const digests = [nobleProvider, opensslProvider].map((provider) => {
        const state = HASHES[name](provider, sampleBytes(1088, seed + 3));
        throughRuns(text, runs, true, (mem, src, _dst, len) => state.update(mem, src, len));
        const out = new Uint8Array(64);
        state.digest(out);
        return out;
      });
      same(digests[1], digests[0], name);
    }),
    { seed: 2, numRuns: 1000 },
  );
  expect(Object.keys(HASHES).length).toBe(11);
});

/** Even runs are encrypted, odd ones decrypted. */
function ecbStep(kernel: BlockKernel): RunStep {
  let run = 0;
  return (mem, src, dst, len) =>
    run++ % 2 === 0 ? kernel.ecbEncrypt(mem, src, dst, len) : kernel.ecbDecrypt(mem, src, dst, len);
}

function cbcStep(kernel: BlockKernel, iv: Uint8Array): RunStep {
  let run = 0;
  return (mem, src, dst, len) =>
    run++ % 2 === 0
      ? kernel.cbcEncrypt(mem, src, dst, len, iv)
      : kernel.cbcDecrypt(mem, src, dst, len, iv);
}

function ctrStep(provider: Provider, key: Uint8Array, size: number, iv: Uint8Array): RunStep {
  const kernel = provider.aes(key.subarray(0, size));
  return (mem, src, dst, len) => kernel.ctrCrypt(mem, src, dst, len, iv);
}

function xtsStep(provider: Provider, key: Uint8Array, size: number, iv: Uint8Array): RunStep {
  const kernel = provider.aes(key.subarray(0, size));
  let run = 0;
  return (mem, src, dst, len) =>
    run++ % 2 === 0
      ? kernel.xtsEncrypt(mem, src, dst, len, iv)
      : kernel.xtsDecrypt(mem, src, dst, len, iv);
}

function chachaStep(provider: Provider, key: Uint8Array, rounds: 20 | 12, iv: Uint8Array): RunStep {
  const kernel = provider.chacha(key, rounds);
  return (mem, src, dst, len) => kernel.crypt(mem, src, dst, len, iv);
}
