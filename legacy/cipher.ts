/**
 * Single-block ciphers: what the mode templates are built over.
 *
 * A kernel calls a cipher block by block. Here the object also offers runs of blocks, because a call
 * per block would cost more than the cipher; the templates decide what a run is.
 * C: crypto/cipher.c, include/crypto/internal/cipher.h (6.1)
 * @module
 */
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { Errno } from '../src/errno.ts';
import type { AesKernel, BlockKernel } from '../src/provider/provider.ts';

/**
 * One expanded key of a block cipher. AES brings a counter mode of its own.
 * @kernel none: cia_encrypt, cia_decrypt
 */
export interface CipherKernel extends BlockKernel {
  readonly ctrCrypt?: AesKernel['ctrCrypt'];
}

/** @kernel cipher_alg */
export interface CipherAlg extends CryptoAlg {
  readonly kind: 'cipher';
  readonly minKeysize: number;
  readonly maxKeysize: number;
  /**
   * Expands a key. `flags` are those of the tfm: FORBID_WEAK_KEYS.
   * @returns -EINVAL for a key that the cipher refuses.
   */
  readonly setkey: (key: Uint8Array, flags: number) => CipherKernel | Errno;
}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isCipher(alg: CryptoAlg): alg is CipherAlg {
  return alg.kind === 'cipher';
}
