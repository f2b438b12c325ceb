/**
 * AEGIS-128 as data, and what it accepts of a tag.
 * C: crypto/aegis128-core.c, crypto/aegis.h (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';
import {
  type AeadProperties,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  type CryptoAlg,
} from './algorithm.ts';

export const AEGIS128_KEY_SIZE = 16;
export const AEGIS_BLOCK_SIZE = 16;
const AEGIS128_MIN_AUTH_SIZE = 8;
const AEGIS128_MAX_AUTH_SIZE = 16;

/** @kernel crypto_aegis128_alg_generic */
export const AEGIS128: CryptoAlg & AeadProperties & { readonly kind: 'aead' } = {
  kind: 'aead',
  name: 'aegis128',
  driverName: 'aegis128-generic',
  priority: 100,
  flags: CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED,
  blocksize: 1,
  alignmask: 0,
  ivsize: 16,
  maxauthsize: AEGIS128_MAX_AUTH_SIZE,
  chunksize: AEGIS_BLOCK_SIZE,
};

/** @returns 0, or -EINVAL for a tag below 8 or above 16 bytes. @kernel crypto_aegis128_setauthsize */
export function cryptoAegis128CheckAuthsize(authsize: number): Errno {
  const fits = authsize >= AEGIS128_MIN_AUTH_SIZE && authsize <= AEGIS128_MAX_AUTH_SIZE;
  return fits ? 0 : -EINVAL;
}
