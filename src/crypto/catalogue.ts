/**
 * The algorithms that both APIs offer, as data. Each API builds its own implementation on the row;
 * sizes, names and priorities cannot drift apart.
 * C: crypto/aes_generic.c, cbc.c, ctr.c, xts.c, gcm.c, sha256_generic.c, hmac.c (6.1)
 * @module
 */
import {
  type AeadProperties,
  CRYPTO_ALG_INSTANCE,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
  type HashProperties,
  type SkcipherProperties,
} from './algorithm.ts';

export const AES_BLOCK_SIZE = 16;
export const AES_MIN_KEY_SIZE = 16;
export const AES_MAX_KEY_SIZE = 32;
export const GCM_IV_SIZE = 12;

/** Which byte kernels a row uses: `generic` is noble, `accel` node:crypto. */
export type Engine = 'generic' | 'accel';
export type SkcipherMode = 'ecb' | 'cbc' | 'ctr' | 'xts';

export interface SkcipherRow extends CryptoAlg, SkcipherProperties {
  readonly kind: 'skcipher';
  readonly mode: SkcipherMode;
  readonly engine: Engine;
}

export interface AeadRow extends CryptoAlg, AeadProperties {
  readonly kind: 'aead';
  readonly engine: Engine;
}

export interface HashRow extends CryptoAlg, HashProperties {
  readonly kind: 'ahash';
  readonly engine: Engine;
  readonly hmac: boolean;
}

const GENERIC_PRIORITY = 100;
/** Above every generic driver and every template over one. */
const ACCEL_PRIORITY = 400;

const SKCIPHER_FLAGS = CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_TESTED;
const AEAD_FLAGS = CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_TESTED;
const AHASH_FLAGS = CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED;

/** Mode, blocksize, ivsize, chunksize, alignmask of the generic driver, key factor, generic name. */
const MODES = [
  ['ecb', 16, 0, 16, 0, 1, 'ecb(aes-generic)'],
  ['cbc', 16, 16, 16, 0, 1, 'cbc(aes-generic)'],
  ['ctr', 1, 16, 16, 0, 1, 'ctr(aes-generic)'],
  ['xts', 16, 16, 16, 7, 2, 'xts(ecb(aes-generic))'],
] as const;

export const SKCIPHERS: readonly SkcipherRow[] = MODES.flatMap(
  ([mode, blocksize, ivsize, chunksize, alignmask, keys, generic]) => {
    const common = {
      kind: 'skcipher' as const,
      name: `${mode}(aes)`,
      mode,
      blocksize,
      ivsize,
      chunksize,
      walksize: chunksize,
      minKeysize: AES_MIN_KEY_SIZE * keys,
      maxKeysize: AES_MAX_KEY_SIZE * keys,
    };
    return [
      {
        ...common,
        driverName: generic,
        priority: GENERIC_PRIORITY,
        flags: SKCIPHER_FLAGS | CRYPTO_ALG_INSTANCE,
        alignmask,
        engine: 'generic' as const,
      },
      {
        ...common,
        driverName: `${mode}-aes-accel`,
        priority: ACCEL_PRIORITY,
        flags: SKCIPHER_FLAGS,
        alignmask: 0,
        engine: 'accel' as const,
      },
    ];
  },
);

const GCM = {
  kind: 'aead',
  name: 'gcm(aes)',
  blocksize: 1,
  alignmask: 0,
  ivsize: GCM_IV_SIZE,
  maxauthsize: AES_BLOCK_SIZE,
  chunksize: AES_BLOCK_SIZE,
} as const;

export const AEADS: readonly AeadRow[] = [
  {
    ...GCM,
    driverName: 'gcm_base(ctr(aes-generic),ghash-generic)',
    priority: GENERIC_PRIORITY,
    flags: AEAD_FLAGS | CRYPTO_ALG_INSTANCE,
    engine: 'generic',
  },
  {
    ...GCM,
    driverName: 'gcm-aes-accel',
    priority: ACCEL_PRIORITY,
    flags: AEAD_FLAGS,
    engine: 'accel',
  },
];

/** `statesize` as sha256-generic exports it: 8 words, a 64-bit count, one block. */
const SHA256 = {
  kind: 'ahash',
  blocksize: 64,
  alignmask: 0,
  digestsize: 32,
  statesize: 104,
} as const;

export const HASHES: readonly HashRow[] = [
  {
    ...SHA256,
    name: 'sha256',
    driverName: 'sha256-generic',
    priority: GENERIC_PRIORITY,
    flags: AHASH_FLAGS,
    keyed: false,
    hmac: false,
    engine: 'generic',
  },
  {
    ...SHA256,
    name: 'sha256',
    driverName: 'sha256-accel',
    priority: ACCEL_PRIORITY,
    flags: AHASH_FLAGS,
    keyed: false,
    hmac: false,
    engine: 'accel',
  },
  {
    ...SHA256,
    name: 'hmac(sha256)',
    driverName: 'hmac(sha256-generic)',
    priority: GENERIC_PRIORITY,
    flags: AHASH_FLAGS | CRYPTO_ALG_INSTANCE,
    keyed: true,
    hmac: true,
    engine: 'generic',
  },
  {
    ...SHA256,
    name: 'hmac(sha256)',
    driverName: 'hmac-sha256-accel',
    priority: ACCEL_PRIORITY,
    flags: AHASH_FLAGS,
    keyed: true,
    hmac: true,
    engine: 'accel',
  },
];
