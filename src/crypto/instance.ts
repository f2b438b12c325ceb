/**
 * The rules by which a template names its instances and passes on what its algorithms are. They know no
 * API: both sides build instances by them.
 * C: crypto/algapi.c, include/crypto/algapi.h (6.1)
 * @module
 */
import { EINVAL, ENAMETOOLONG, type Errno } from '../errno.ts';
import {
  type AeadProperties,
  CRYPTO_ALG_ALLOCATES_MEMORY,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_NEED_FALLBACK,
  CRYPTO_ALG_TESTED,
  CRYPTO_MAX_ALG_NAME,
  type CryptoAlg,
  type SkcipherProperties,
} from './algorithm.ts';

/** Flags that an instance takes over from the algorithms below it. */
const CRYPTO_ALG_INHERITED_FLAGS =
  CRYPTO_ALG_ASYNC | CRYPTO_ALG_NEED_FALLBACK | CRYPTO_ALG_ALLOCATES_MEMORY;

/** What the caller of a lookup wants: flags, and which of them count. @kernel crypto_attr_type */
export interface AttrType {
  readonly type: number;
  readonly mask: number;
}

/** @returns 0, or -EINVAL when the caller looks for another type. @kernel crypto_check_attr_type */
export function cryptoCheckAttrType(wanted: AttrType, type: number): Errno {
  return ((wanted.type ^ type) & wanted.mask) === 0 ? 0 : -EINVAL;
}

/** Mask for the algorithms below: what must be off in them. @kernel crypto_algt_inherited_mask */
export function cryptoAlgtInheritedMask(wanted: AttrType): number {
  return ~wanted.type & wanted.mask & CRYPTO_ALG_INHERITED_FLAGS;
}

/** Flags of an instance of `type` over `children`. @kernel none: crypto_grab_spawn and the core */
export function instanceFlags(type: number, children: readonly CryptoAlg[]): number {
  let flags = type | CRYPTO_ALG_INSTANCE | CRYPTO_ALG_TESTED;
  for (const child of children) flags |= child.flags & CRYPTO_ALG_INHERITED_FLAGS;
  return flags;
}

/** @returns 0, or -ENAMETOOLONG when one of the names does not fit. @kernel none: snprintf >= CRYPTO_MAX_ALG_NAME */
export function checkNames(...names: readonly string[]): Errno {
  return names.every((name) => name.length <= CRYPTO_MAX_ALG_NAME) ? 0 : -ENAMETOOLONG;
}

/** `template(children)`, by generic and by driver names. @kernel none: the two snprintf of a create function */
export function instanceNames(
  template: string,
  children: readonly Pick<CryptoAlg, 'name' | 'driverName'>[],
): Pick<CryptoAlg, 'name' | 'driverName'> {
  return {
    name: `${template}(${children.map(({ name }) => name).join(',')})`,
    driverName: `${template}(${children.map(({ driverName }) => driverName).join(',')})`,
  };
}

/** Sizes and priority of a cipher, for an instance that has them too. @kernel none: assignments of a create function */
export function likeSkcipher(
  alg: CryptoAlg & SkcipherProperties,
): Pick<CryptoAlg, 'priority' | 'blocksize'> & SkcipherProperties {
  const { priority, blocksize, minKeysize, maxKeysize, ivsize, chunksize, walksize } = alg;
  return { priority, blocksize, minKeysize, maxKeysize, ivsize, chunksize, walksize };
}

/** Sizes and priority of an AEAD, for an instance that has them too. @kernel none: assignments of a create function */
export function likeAead(
  alg: CryptoAlg & AeadProperties,
): Pick<CryptoAlg, 'priority' | 'blocksize'> & AeadProperties {
  const { priority, blocksize, ivsize, maxauthsize, chunksize } = alg;
  return { priority, blocksize, ivsize, maxauthsize, chunksize };
}
