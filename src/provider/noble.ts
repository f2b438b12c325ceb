/**
 * The generic provider: portable TypeScript (@noble/ciphers, @noble/hashes 2.4.0), the counterpart of
 * the kernel's `*-generic` drivers and the yardstick of the accelerated one.
 * @module
 */
import { hmac } from './hmac.ts';
import { nobleAes } from './noble-aes.ts';
import { nobleGcm } from './noble-gcm.ts';
import { NobleGhashKey, nobleGhash } from './noble-ghash.ts';
import { nobleSha256 } from './noble-hash.ts';
import type { Provider } from './provider.ts';

export const nobleProvider: Provider = {
  name: 'generic',
  aes: nobleAes,
  aesGcm: nobleGcm,
  ghash: (h) => nobleGhash(new NobleGhashKey(h)),
  sha256: nobleSha256,
  hmacSha256: (key) => hmac(nobleSha256, 64, 32, key),
};
