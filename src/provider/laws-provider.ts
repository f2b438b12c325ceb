/**
 * All laws of a provider.
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { ghash } from '@noble/ciphers/_polyval.js';
import type { Law } from './laws.ts';
import { sampleBytes } from './laws.ts';
import { aesLaws } from './laws-aes.ts';
import { gcmLaws } from './laws-gcm.ts';
import { type HashSubject, hashLaws } from './laws-hash.ts';
import type { Provider } from './provider.ts';

export function providerLaws(provider: Provider): Law[] {
  const subjects = hashSubjects(provider);
  return [
    ...aesLaws(provider.aes),
    ...gcmLaws(provider.aesGcm),
    ...subjects.flatMap((subject) => hashLaws(subject)),
  ];
}

function hashSubjects(provider: Provider): HashSubject[] {
  const h = sampleBytes(16, 9);
  const macs = [0, 1, 20, 63, 64, 65, 200].map((keySize) => {
    const key = sampleBytes(keySize, keySize);
    return {
      name: `hmac-sha256 with a key of ${keySize}`,
      digestSize: 32,
      start: () => provider.hmacSha256(key),
      oneShot: (m: Uint8Array) => createHmac('sha256', key).update(m).digest(),
    };
  });
  return [
    {
      name: 'sha256',
      digestSize: 32,
      start: () => provider.sha256(),
      oneShot: (m) => createHash('sha256').update(m).digest(),
    },
    {
      name: 'ghash',
      digestSize: 16,
      start: () => provider.ghash(h),
      oneShot: (m) => ghash(m, h),
    },
    ...macs,
  ];
}
