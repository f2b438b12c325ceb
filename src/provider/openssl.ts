/**
 * The accelerated provider: node:crypto, the counterpart of the kernel's assembly drivers.
 * @module
 */
import { hmac } from './hmac.ts';
import { opensslAes } from './openssl-aes.ts';
import { blockEngine } from './openssl-engine.ts';
import { opensslGcm } from './openssl-gcm.ts';
import { opensslSha256 } from './openssl-hash.ts';
import type { Provider } from './provider.ts';
import { tableGhash } from './table-ghash.ts';

export const opensslProvider: Provider = {
  name: 'accel',
  aes: (key) => opensslAes(key, blockEngine),
  aesGcm: opensslGcm,
  ghash: tableGhash,
  sha256: opensslSha256,
  hmacSha256: (key) => hmac(opensslSha256, 64, 32, key),
};
