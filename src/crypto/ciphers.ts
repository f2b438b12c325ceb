/**
 * The single-block ciphers, as data: sizes, names and priorities of the kernel's drivers, and what
 * they refuse of a key. Each API registers `cipherDrivers` and builds its templates over them.
 * C: crypto/aes_generic.c, anubis.c, aria_generic.c, blowfish_generic.c, camellia_generic.c,
 * cast5_generic.c, cast6_generic.c, crypto_null.c, des_generic.c, fcrypt.c, khazad.c, seed.c,
 * serpent_generic.c, sm4_generic.c, tea.c, twofish_generic.c, crypto/cipher.c (6.1)
 * @module
 */
import { EINVAL, type Errno } from '../errno.ts';
import type { BlockKernel, CipherMaker, CipherName, Provider } from '../provider/provider.ts';
import {
  CRYPTO_ALG_TESTED,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
  type CryptoAlg,
} from './algorithm.ts';
import { isWeakDes3Key, isWeakDesKey } from './des-keys.ts';

/** One driver of a single-block cipher. */
export interface CipherDriver extends CryptoAlg {
  readonly kind: 'cipher';
  readonly minKeysize: number;
  readonly maxKeysize: number;
  /**
   * Expands a key. `flags` are those of the tfm: FORBID_WEAK_KEYS.
   * @returns -EINVAL for a key that the cipher refuses. @kernel crypto_cipher_setkey
   */
  readonly setkey: (key: Uint8Array, flags: number) => BlockKernel | Errno;
}

/** What a cipher is, whoever computes it. */
interface CipherRow {
  readonly name: CipherName;
  readonly blocksize: number;
  readonly minKeysize: number;
  readonly maxKeysize: number;
  /** Lengths between the two count up by this; default 1. */
  readonly keyStep?: number;
  /** Of the generic driver; default 100. */
  readonly priority?: number;
  /** Of the generic driver; default 0. */
  readonly alignmask?: number;
  /** True for a key that FORBID_WEAK_KEYS refuses. */
  readonly isWeak?: (key: Uint8Array) => boolean;
}

const GENERIC_PRIORITY = 100;
/** The priority of the kernel's assembly drivers of single-block ciphers. */
const ACCEL_PRIORITY = 200;

const CIPHERS: readonly CipherRow[] = [
  { name: 'aes', blocksize: 16, minKeysize: 16, maxKeysize: 32, keyStep: 8 },
  {
    ...{ name: 'anubis', blocksize: 16, minKeysize: 16, maxKeysize: 40, keyStep: 4 },
    ...{ priority: 0, alignmask: 3 },
  },
  { name: 'aria', blocksize: 16, minKeysize: 16, maxKeysize: 32, keyStep: 8, alignmask: 3 },
  { name: 'blowfish', blocksize: 8, minKeysize: 4, maxKeysize: 56 },
  { name: 'camellia', blocksize: 16, minKeysize: 16, maxKeysize: 32, keyStep: 8 },
  { name: 'cast5', blocksize: 8, minKeysize: 5, maxKeysize: 16 },
  { name: 'cast6', blocksize: 16, minKeysize: 16, maxKeysize: 32, keyStep: 4 },
  { name: 'cipher_null', blocksize: 1, minKeysize: 0, maxKeysize: 0, priority: 0 },
  { name: 'des', blocksize: 8, minKeysize: 8, maxKeysize: 8, isWeak: isWeakDesKey },
  { name: 'des3_ede', blocksize: 8, minKeysize: 24, maxKeysize: 24, isWeak: isWeakDes3Key },
  { name: 'fcrypt', blocksize: 8, minKeysize: 8, maxKeysize: 8, priority: 0 },
  { name: 'khazad', blocksize: 8, minKeysize: 16, maxKeysize: 16, priority: 0, alignmask: 7 },
  { name: 'seed', blocksize: 16, minKeysize: 16, maxKeysize: 16, alignmask: 3 },
  { name: 'serpent', blocksize: 16, minKeysize: 0, maxKeysize: 32 },
  { name: 'sm4', blocksize: 16, minKeysize: 16, maxKeysize: 16 },
  { name: 'tea', blocksize: 8, minKeysize: 16, maxKeysize: 16, priority: 0, alignmask: 3 },
  { name: 'twofish', blocksize: 16, minKeysize: 16, maxKeysize: 32, keyStep: 8 },
  { name: 'xeta', blocksize: 8, minKeysize: 16, maxKeysize: 16, priority: 0, alignmask: 3 },
  { name: 'xtea', blocksize: 8, minKeysize: 16, maxKeysize: 16, priority: 0, alignmask: 3 },
];

/**
 * The drivers of one provider, in the order of their names. AES has no accelerated single-block driver:
 * its accelerated drivers are those of its modes.
 */
export function cipherDrivers({ name, ciphers }: Provider): readonly CipherDriver[] {
  const generic = name === 'generic';
  return CIPHERS.flatMap((row) => {
    const maker = ciphers[row.name];
    if (maker === undefined || (row.name === 'aes' && !generic)) return [];
    return [driverOf(row, generic, maker)];
  });
}

function driverOf(row: CipherRow, generic: boolean, maker: CipherMaker): CipherDriver {
  const { name, blocksize, minKeysize, maxKeysize } = row;
  return {
    kind: 'cipher',
    name,
    driverName: `${name}-${generic ? 'generic' : 'accel'}`,
    priority: generic ? (row.priority ?? GENERIC_PRIORITY) : ACCEL_PRIORITY,
    flags: CRYPTO_ALG_TYPE_CIPHER | CRYPTO_ALG_TESTED,
    blocksize,
    alignmask: generic ? (row.alignmask ?? 0) : 0,
    minKeysize,
    maxKeysize,
    setkey: (key, flags) => {
      if (key.length < minKeysize || key.length > maxKeysize) return -EINVAL;
      if ((key.length - minKeysize) % (row.keyStep ?? 1) !== 0) return -EINVAL;
      const forbids = (flags & CRYPTO_TFM_REQ_FORBID_WEAK_KEYS) !== 0;
      return forbids && row.isWeak?.(key) ? -EINVAL : maker(key);
    },
  };
}
