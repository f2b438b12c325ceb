/**
 * Algorithm descriptors as data: what /proc/crypto shows, and nothing about lists or iterators.
 * C: include/linux/crypto.h (6.1)
 * @module
 */

export const CRYPTO_ALG_TYPE_MASK = 0xf;
export const CRYPTO_ALG_TYPE_CIPHER = 0x1;
export const CRYPTO_ALG_TYPE_AEAD = 0x3;
export const CRYPTO_ALG_TYPE_SKCIPHER = 0x5;
export const CRYPTO_ALG_TYPE_KPP = 0x8;
export const CRYPTO_ALG_TYPE_ACOMPRESS = 0xa;
export const CRYPTO_ALG_TYPE_AKCIPHER = 0xd;
export const CRYPTO_ALG_TYPE_AHASH = 0xf;

export const CRYPTO_ALG_ASYNC = 0x80;
export const CRYPTO_ALG_NEED_FALLBACK = 0x100;
export const CRYPTO_ALG_TESTED = 0x400;
export const CRYPTO_ALG_INSTANCE = 0x800;
export const CRYPTO_ALG_INTERNAL = 0x2000;
export const CRYPTO_ALG_OPTIONAL_KEY = 0x4000;
export const CRYPTO_ALG_ALLOCATES_MEMORY = 0x10000;

/** tfm flag: no valid key yet. */
export const CRYPTO_TFM_NEED_KEY = 0x1;
/** tfm flag: setkey refuses weak keys. */
export const CRYPTO_TFM_REQ_FORBID_WEAK_KEYS = 0x100;
export const CRYPTO_TFM_REQ_MAY_SLEEP = 0x200;
export const CRYPTO_TFM_REQ_MAY_BACKLOG = 0x400;

/** Longest algorithm name, without the terminating zero byte. */
export const CRYPTO_MAX_ALG_NAME = 127;

/** What an algorithm is; C tells by cra_type. */
export type AlgKind = 'cipher' | 'skcipher' | 'aead' | 'ahash' | 'acomp' | 'akcipher' | 'kpp';

/** What every algorithm says of itself. */
export interface CryptoAlg {
  readonly kind: AlgKind;
  /** Generic name, `cbc(aes)`. @kernel cra_name */
  readonly name: string;
  /** Unique name, `cbc(aes-generic)`. @kernel cra_driver_name */
  readonly driverName: string;
  /** The highest wins. @kernel cra_priority */
  readonly priority: number;
  /** Type and properties, `CRYPTO_ALG_*`. @kernel cra_flags */
  readonly flags: number;
  readonly blocksize: number;
  /** Offsets must have these bits clear for the fast path. 2^n - 1. */
  readonly alignmask: number;
  /** Machine memory that one operation needs, bytes; absent: none. @kernel cra_reqsize (6.16) */
  readonly reqsize?: number;
  /** The algorithms that an instance is built on. @kernel crypto_spawn */
  readonly spawns?: readonly CryptoAlg[];
}

export interface SkcipherProperties {
  readonly minKeysize: number;
  readonly maxKeysize: number;
  readonly ivsize: number;
  /** Bytes that a non-final part must be a multiple of. */
  readonly chunksize: number;
  /** Bytes that a step should offer at least; a multiple of `chunksize`. */
  readonly walksize: number;
}

export interface AeadProperties {
  readonly ivsize: number;
  readonly maxauthsize: number;
  readonly chunksize: number;
}

export interface HashProperties {
  readonly digestsize: number;
  /** Bytes of an exported state. */
  readonly statesize: number;
  readonly keyed: boolean;
}
