/**
 * What both forms of essiv have in common: the cipher of the IV and its key.
 * C: crypto/essiv.c essiv_create, essiv_supported_algorithms (6.1)
 * @module
 */
import type { CryptoAlg } from '../../src/crypto/algorithm.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { AhashAlg, HashFactory } from '../ahash.ts';
import type { CipherAlg, CipherKernel } from '../cipher.ts';
import {
  checkNames,
  cryptoAlgtInheritedMask,
  cryptoGrabCipher,
  cryptoGrabShash,
  type TemplateRequest,
} from '../internal.ts';

const NO_KEY = new Uint8Array(0);

/** @kernel none: essiv_instance_ctx */
export interface EssivParts {
  readonly cipher: CipherAlg;
  readonly hash: AhashAlg;
  readonly digest: HashFactory;
  readonly name: string;
  readonly driverName: string;
}

/**
 * The parts for a child of the given IV size.
 * @returns -EINVAL when the digest is no key of the cipher, or the IV no block of it.
 * @kernel none: the part of essiv_create behind its two grabs
 */
export function essivParts(
  request: TemplateRequest,
  child: CryptoAlg,
  ivsize: number,
): EssivParts | Errno {
  const { api, params } = request;
  // The innermost name: cbc(aes) is encrypted by aes.
  const inner = child.name.slice(child.name.lastIndexOf('(') + 1);
  const end = inner.indexOf(')');
  if (end < 0) return -EINVAL;
  const hash = cryptoGrabShash(api, params[1], cryptoAlgtInheritedMask(request));
  if (typeof hash === 'number') return hash;
  const cipher = cryptoGrabCipher(api, inner.slice(0, end), 0);
  if (typeof cipher === 'number') return -EINVAL;
  const { digestsize } = hash;
  if (digestsize < cipher.minKeysize || digestsize > cipher.maxKeysize) return -EINVAL;
  if (ivsize !== cipher.blocksize || hash.keyed) return -EINVAL;
  const digest = hash.shash?.(NO_KEY) ?? -EINVAL;
  if (typeof digest === 'number') return digest;
  const name = `essiv(${child.name},${hash.name})`;
  const driverName = `essiv(${child.driverName},${hash.driverName})`;
  const tooLong = checkNames(name, driverName);
  return tooLong !== 0 ? tooLong : { cipher, hash, digest, name, driverName };
}

/** The cipher of the IV, keyed with the hash of `keys`. @kernel none: essiv_aead_setkey, essiv_skcipher_setkey */
export function essivKey(
  { cipher, hash, digest }: EssivParts,
  flags: number,
  keys: readonly Uint8Array[],
): CipherKernel | Errno {
  const salt = new Uint8Array(hash.digestsize);
  const state = digest();
  for (const key of keys) state.updateBytes(key);
  state.digest(salt);
  return cipher.setkey(salt, flags);
}
