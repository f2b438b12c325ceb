/**
 * Goal: the two providers agree on everything they offer, chaining values included.
 * Method: a property over algorithm, key, length and cut; the shared laws tie each to node and noble.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cipherDrivers } from '../../../src/crypto/ciphers.ts';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import type { BlockKernel, HashState, Provider } from '../../../src/provider/provider.ts';
import { cbcStep, ecbStep, kernelOf, keySizesOf } from './ciphers.ts';
import { cutRuns, type RunStep, same, sampleBytes, throughRuns } from './laws.ts';

/** A message that goes through a kernel: unit of a run, size of the chaining value. */
interface Cipher {
  readonly name: string;
  readonly unit: number;
  readonly chainSize: number;
  readonly step: (provider: Provider, key: Uint8Array, chain: Uint8Array) => RunStep;
}

const AES_SIZES = [16, 24, 32];

/** What both providers have, with every key size. */
const BLOCK_CIPHERS = cipherDrivers(opensslProvider).flatMap((driver) =>
  keySizesOf(driver).map((size) => ({ driver, size })),
);

const CIPHERS: readonly Cipher[] = [
  ...BLOCK_CIPHERS.flatMap(({ driver, size }): Cipher[] => {
    const { name, blocksize: unit } = driver;
    return [
      {
        name: `ecb(${name}) with a key of ${size}`,
        unit,
        chainSize: unit,
        step: (p, key) => alternating((encrypt) => ecbStep(cipherOf(p, name, key, size), encrypt)),
      },
      {
        name: `cbc(${name}) with a key of ${size}`,
        unit,
        chainSize: unit,
        step: (p, key, iv) =>
          alternating((encrypt) => cbcStep(cipherOf(p, name, key, size), encrypt, iv)),
      },
    ];
  }),
  ...AES_SIZES.flatMap((size): Cipher[] => [
    {
      name: `ecb(aes) with a key of ${size}`,
      unit: 16,
      chainSize: 16,
      step: (p, key) => alternating((encrypt) => ecbStep(p.aes(key.subarray(0, size)), encrypt)),
    },
    {
      name: `cbc(aes) with a key of ${size}`,
      unit: 16,
      chainSize: 16,
      step: (p, key, iv) =>
        alternating((encrypt) => cbcStep(p.aes(key.subarray(0, size)), encrypt, iv)),
    },
  ]),
  ...AES_SIZES.flatMap((size): Cipher[] => [
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

/** How a message starts, and the size of its digest. */
const HASHES: Record<
  string,
  readonly [(provider: Provider, key: Uint8Array) => HashState, number]
> = {
  sha1: [(p) => p.sha1(), 20],
  sha256: [(p) => p.sha256(), 32],
  sha512: [(p) => p.sha512(), 64],
  hmacSha1: [(p, key) => p.hmacSha1(key.subarray(0, 90)), 20],
  hmacSha256: [(p, key) => p.hmacSha256(key.subarray(0, 90)), 32],
  hmacSha512: [(p, key) => p.hmacSha512(key.subarray(0, 200)), 64],
  ghash: [(p, key) => p.ghash(key.subarray(0, 16)), 16],
  poly1305: [(p, key) => p.poly1305(key.subarray(0, 32)), 16],
  cmac: [(p, key) => p.cmac(key.subarray(0, 24)), 16],
  cbcmac: [(p, key) => p.cbcmac(key.subarray(0, 32)), 16],
  nhpoly1305: [(p, key) => p.nhpoly1305(key), 16],
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
  // Without OpenSSL's legacy provider: five ciphers, nine key sizes of them, AES, two stream ciphers.
  expect(CIPHERS.length).toBeGreaterThanOrEqual(2 * 9 + 4 * 3 + 2);
});

it('hashes of the two providers agree', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(HASHES)), lengths, seeds, (name, size, seed) => {
      const text = sampleBytes(size, seed);
      const runs = cutRuns(size, 1, seed + 1);
      const digests = [nobleProvider, opensslProvider].map((provider) => {
        const [start, digestSize] = HASHES[name];
        const state = start(provider, sampleBytes(1088, seed + 3));
        throughRuns(text, runs, true, (mem, src, _dst, len) => state.update(mem, src, len));
        const out = new Uint8Array(digestSize);
        state.digest(out);
        return out;
      });
      same(digests[1], digests[0], name);
    }),
    { seed: 2, numRuns: 1000 },
  );
  expect(Object.keys(HASHES).length).toBe(11);
});

function cipherOf(provider: Provider, name: string, key: Uint8Array, size: number): BlockKernel {
  const driver = cipherDrivers(provider).find((d) => d.name === name);
  if (driver === undefined) throw new Error(`${provider.name} has no ${name}`);
  return kernelOf(driver, key.subarray(0, size));
}

/** Even runs are encrypted, odd ones decrypted. */
function alternating(make: (encrypt: boolean) => RunStep): RunStep {
  const steps = [make(true), make(false)];
  let run = 0;
  return (mem, src, dst, len) => steps[run++ % 2](mem, src, dst, len);
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
