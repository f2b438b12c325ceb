/**
 * The hashes that are no template instances, as data: sizes, names and priorities of the kernel's
 * drivers, and the keys that they take.
 * C: crypto/blake2b_generic.c, crc32_generic.c, crc32c_generic.c, crc64_rocksoft_generic.c,
 * crct10dif_generic.c, crypto_null.c, ghash-generic.c, md4.c, md5.c, michael_mic.c, nhpoly1305.c,
 * poly1305_generic.c, polyval-generic.c, rmd160.c, sha1_generic.c, sha256_generic.c, sha512_generic.c,
 * sha3_generic.c, sm3_generic.c, streebog_generic.c, wp512.c, xxhash_generic.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';
import type { HashMaker, HashName, HashState, Provider } from '../provider/provider.ts';
import {
  CRYPTO_ALG_OPTIONAL_KEY,
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_AHASH,
  type CryptoAlg,
  type HashProperties,
} from './algorithm.ts';

/** The key of a hash that has none. */
export const NO_KEY: Uint8Array = new Uint8Array(0);

/** One driver of a hash. */
export interface HashDriver extends CryptoAlg, HashProperties {
  readonly kind: 'ahash';
  /**
   * A state that has taken the key; each message starts from a copy. A hash without key, and one with
   * an optional key that was not set, get `NO_KEY`: an empty key that somebody sets is another thing.
   * @returns -EINVAL for a key that the hash refuses.
   */
  readonly newState: (key: Uint8Array) => HashState | Errno;
}

/** What a hash is, whoever computes it. */
interface HashRow {
  readonly name: HashName;
  readonly blocksize: number;
  readonly digestsize: number;
  readonly statesize: number;
  /** Of the generic driver; default 0, as where the kernel's driver names none. */
  readonly priority?: number;
  /** Longest and shortest key; absent: no key. */
  readonly keys?: readonly [min: number, max: number];
  readonly optionalKey?: true;
}

/** Above every generic driver and every template over one. */
const ACCEL_PRIORITY = 400;

const KEY4 = { keys: [4, 4], optionalKey: true } as const;
const BLAKE2B = {
  ...{ blocksize: 128, statesize: 232, priority: 100 },
  ...({ keys: [0, 64], optionalKey: true } as const),
};
const SHA256 = { blocksize: 64, statesize: 104, priority: 100 };
const SHA512 = { blocksize: 128, statesize: 208, priority: 100 };
const STREEBOG = { blocksize: 64, statesize: 328 };
const WHIRLPOOL = { blocksize: 64, statesize: 168 };

const HASHES: readonly HashRow[] = [
  { name: 'blake2b-160', digestsize: 20, ...BLAKE2B },
  { name: 'blake2b-256', digestsize: 32, ...BLAKE2B },
  { name: 'blake2b-384', digestsize: 48, ...BLAKE2B },
  { name: 'blake2b-512', digestsize: 64, ...BLAKE2B },
  { name: 'crc32', blocksize: 1, digestsize: 4, statesize: 4, priority: 100, ...KEY4 },
  { name: 'crc32c', blocksize: 1, digestsize: 4, statesize: 4, priority: 100, ...KEY4 },
  { name: 'crc64-rocksoft', blocksize: 1, digestsize: 8, statesize: 8, priority: 200 },
  { name: 'crct10dif', blocksize: 1, digestsize: 2, statesize: 2, priority: 100 },
  // It has a setkey that takes anything, and so needs a key.
  { name: 'digest_null', blocksize: 1, digestsize: 0, statesize: 0, keys: [0, Number.MAX_VALUE] },
  { name: 'ghash', blocksize: 16, digestsize: 16, statesize: 20, priority: 100, keys: [16, 16] },
  { name: 'md4', blocksize: 64, digestsize: 16, statesize: 88 },
  { name: 'md5', blocksize: 64, digestsize: 16, statesize: 88 },
  { name: 'michael_mic', blocksize: 8, digestsize: 8, statesize: 24, keys: [8, 8] },
  {
    // The kernel's driver names no block size.
    ...{ name: 'nhpoly1305', blocksize: 0, digestsize: 16, statesize: 80, priority: 100 },
    keys: [1088, 1088],
  },
  { name: 'poly1305', blocksize: 16, digestsize: 16, statesize: 328, priority: 100 },
  { name: 'polyval', blocksize: 16, digestsize: 16, statesize: 24, priority: 100, keys: [16, 16] },
  { name: 'rmd160', blocksize: 64, digestsize: 20, statesize: 96 },
  { name: 'sha1', blocksize: 64, digestsize: 20, statesize: 96, priority: 100 },
  { name: 'sha224', digestsize: 28, ...SHA256 },
  { name: 'sha256', digestsize: 32, ...SHA256 },
  { name: 'sha384', digestsize: 48, ...SHA512 },
  { name: 'sha512', digestsize: 64, ...SHA512 },
  { name: 'sha3-224', blocksize: 144, digestsize: 28, statesize: 360 },
  { name: 'sha3-256', blocksize: 136, digestsize: 32, statesize: 360 },
  { name: 'sha3-384', blocksize: 104, digestsize: 48, statesize: 360 },
  { name: 'sha3-512', blocksize: 72, digestsize: 64, statesize: 360 },
  { name: 'sm3', blocksize: 64, digestsize: 32, statesize: 104, priority: 100 },
  { name: 'streebog256', digestsize: 32, ...STREEBOG },
  { name: 'streebog512', digestsize: 64, ...STREEBOG },
  { name: 'wp256', digestsize: 32, ...WHIRLPOOL },
  { name: 'wp384', digestsize: 48, ...WHIRLPOOL },
  { name: 'wp512', digestsize: 64, ...WHIRLPOOL },
  {
    ...{ name: 'xxhash64', blocksize: 32, digestsize: 8, statesize: 80, priority: 100 },
    ...({ keys: [8, 8], optionalKey: true } as const),
  },
];

/** The drivers of one provider, in the order of their names. */
export function hashDrivers({ name, hashes }: Provider): readonly HashDriver[] {
  return HASHES.flatMap((row) => {
    const maker = hashes[row.name];
    return maker === undefined ? [] : [driverOf(row, name === 'generic', maker)];
  });
}

function driverOf(row: HashRow, generic: boolean, maker: HashMaker): HashDriver {
  const { name, blocksize, digestsize, statesize, priority = 0, keys, optionalKey } = row;
  return {
    kind: 'ahash',
    name,
    driverName: `${name}-${generic ? 'generic' : 'accel'}`,
    priority: generic ? priority : ACCEL_PRIORITY,
    flags: CRYPTO_ALG_TYPE_AHASH | CRYPTO_ALG_TESTED | (optionalKey ? CRYPTO_ALG_OPTIONAL_KEY : 0),
    blocksize,
    alignmask: 0,
    digestsize,
    statesize,
    keyed: keys !== undefined,
    newState: (key) => {
      const unkeyed = key === NO_KEY && (keys === undefined || optionalKey === true);
      const [min, max] = keys ?? [0, 0];
      return unkeyed || (key.length >= min && key.length <= max) ? maker(key) : -EINVAL;
    },
  };
}
