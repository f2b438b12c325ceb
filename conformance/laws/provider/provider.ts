/**
 * All laws of a provider.
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { ghash } from '@noble/ciphers/_polyval.js';
import { cmac } from '@noble/ciphers/aes.js';
import type { HashState, Provider } from '../../../src/provider/provider.ts';
import { aesLaws, nodeCrypt } from './aes.ts';
import { chachaLaws } from './chacha.ts';
import { cipherLaws } from './ciphers.ts';
import { gcmLaws } from './gcm.ts';
import { type HashSubject, hashLaws } from './hash.ts';
import { type Law, sampleBytes } from './laws.ts';
import { nhpoly1305ByDefinition } from './nhpoly1305.ts';

export function providerLaws(provider: Provider): Law[] {
  const subjects = [
    ...hashSubjects(provider),
    ...hmacSubjects(provider),
    ...blockMacSubjects(provider),
    ...polynomialSubjects(provider),
  ];
  return [
    ...aesLaws(provider.aes),
    ...gcmLaws(provider.aesGcm),
    ...cipherLaws(provider),
    ...chachaLaws(provider),
    ...subjects.flatMap((subject) => hashLaws(subject)),
  ];
}

function hashSubjects(provider: Provider): HashSubject[] {
  const subject = (name: string, digestSize: number, start: () => HashState): HashSubject => ({
    name,
    digestSize,
    start,
    oneShot: (message) => createHash(name).update(message).digest(),
  });
  return [
    subject('sha1', 20, provider.sha1),
    subject('sha256', 32, provider.sha256),
    subject('sha512', 64, provider.sha512),
  ];
}

function hmacSubjects(provider: Provider): HashSubject[] {
  const subject = (
    hash: string,
    digestSize: number,
    key: Uint8Array,
    start: (key: Uint8Array) => HashState,
  ): HashSubject => ({
    name: `hmac-${hash} with a key of ${key.length}`,
    digestSize,
    start: () => start(key),
    oneShot: (message) => createHmac(hash, key).update(message).digest(),
  });
  return [
    ...[0, 1, 64, 65, 200].map((size) =>
      subject('sha256', 32, sampleBytes(size, size), provider.hmacSha256),
    ),
    ...[20, 64, 65].map((size) => subject('sha1', 20, sampleBytes(size, size), provider.hmacSha1)),
    ...[64, 128, 129].map((size) =>
      subject('sha512', 64, sampleBytes(size, size), provider.hmacSha512),
    ),
  ];
}

function blockMacSubjects(provider: Provider): HashSubject[] {
  return [16, 24, 32].flatMap((size) => {
    const key = sampleBytes(size, size);
    const aes = `AES-${8 * size}`;
    return [
      {
        name: `cmac of ${aes}`,
        digestSize: 16,
        start: () => provider.cmac(key),
        oneShot: (message) => cmac(message, key),
      },
      {
        name: `cbcmac of ${aes}`,
        digestSize: 16,
        start: () => provider.cbcmac(key),
        oneShot: (message) => cbcMacByCbc(key, message),
      },
    ];
  });
}

function polynomialSubjects(provider: Provider): HashSubject[] {
  const h = sampleBytes(16, 9);
  const pad = sampleBytes(32, 10);
  const long = sampleBytes(1088, 11);
  return [
    {
      name: 'ghash',
      digestSize: 16,
      start: () => provider.ghash(h),
      oneShot: (message) => ghash(message, h),
    },
    {
      name: 'poly1305',
      digestSize: 16,
      start: () => provider.poly1305(pad),
      oneShot: (message) => poly1305(message, pad),
    },
    {
      name: 'nhpoly1305',
      digestSize: 16,
      start: () => provider.nhpoly1305(long),
      oneShot: (message) => nhpoly1305ByDefinition(long, message),
    },
  ];
}

function cbcMacByCbc(key: Uint8Array, message: Uint8Array): Uint8Array {
  const zero = new Uint8Array(16);
  if (message.length === 0) return zero;
  const padded = new Uint8Array(Math.ceil(message.length / 16) * 16);
  padded.set(message);
  return nodeCrypt(`aes-${key.length * 8}-cbc`, true, key, zero, padded).subarray(-16);
}
