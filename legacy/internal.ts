/**
 * What templates need: finding the algorithm below, naming an instance.
 * C: crypto/algapi.c, include/crypto/algapi.h (6.1)
 * @module
 */
import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import { type AeadAlg, isAead } from './aead.ts';
import { type AhashAlg, isAhash } from './ahash.ts';
import { type CipherAlg, isCipher } from './cipher.ts';
import type { CryptoApi } from './crypto-api.ts';
import { isSkcipher, type SkcipherAlg } from './skcipher.ts';

export {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoCheckAttrType,
  instanceFlags,
} from '../src/crypto/instance.ts';

/**
 * What an instance is built from: the API, the parameters of its name, what the caller looks for.
 * @kernel none: struct rtattr **tb
 */
export interface TemplateRequest {
  readonly api: CryptoApi;
  readonly params: readonly string[];
  readonly type: number;
  readonly mask: number;
}

/** @returns -ENOENT or -EINVAL when there is none. @kernel crypto_grab_skcipher */
export function cryptoGrabSkcipher(
  api: CryptoApi,
  name: string,
  mask: number,
): SkcipherAlg | Errno {
  const alg = api.registry.find(name, CRYPTO_ALG_TYPE_SKCIPHER, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isSkcipher(alg) ? alg : -EINVAL;
}

/** @returns -ENOENT or -EINVAL when there is none. @kernel crypto_grab_aead */
export function cryptoGrabAead(api: CryptoApi, name: string, mask: number): AeadAlg | Errno {
  const alg = api.registry.find(name, CRYPTO_ALG_TYPE_AEAD, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isAead(alg) ? alg : -EINVAL;
}

/** @returns -ENOENT or -EINVAL when there is none. @kernel crypto_grab_ahash */
export function cryptoGrabAhash(api: CryptoApi, name: string, mask: number): AhashAlg | Errno {
  const alg = api.registry.find(name, CRYPTO_ALG_TYPE_AHASH, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isAhash(alg) ? alg : -EINVAL;
}

/** A hash of linear data. @returns -ENOENT or -EINVAL when there is none. @kernel crypto_grab_shash */
export function cryptoGrabShash(api: CryptoApi, name: string, mask: number): AhashAlg | Errno {
  const alg = cryptoGrabAhash(api, name, mask);
  if (typeof alg === 'number') return alg;
  return alg.shash === null ? -EINVAL : alg;
}

/** @returns -ENOENT or -EINVAL when there is none. @kernel crypto_grab_cipher */
export function cryptoGrabCipher(api: CryptoApi, name: string, mask: number): CipherAlg | Errno {
  const alg = api.registry.find(name, CRYPTO_ALG_TYPE_CIPHER, mask | CRYPTO_ALG_TYPE_MASK);
  if (typeof alg === 'number') return alg;
  return isCipher(alg) ? alg : -EINVAL;
}
