/**
 * Single-block ciphers: what the mode templates are built over.
 *
 * A kernel calls a cipher block by block. Here the expanded key also offers runs of blocks, because a
 * call per block would cost more than the cipher; the templates decide what a run is.
 * C: crypto/cipher.c, include/crypto/internal/cipher.h (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import type { CryptoAlg } from '../src/crypto/algorithm.ts';
import type { CipherDriver } from '../src/crypto/ciphers.ts';
import { EINVAL, type Errno } from '../src/errno.ts';
import type { AesKernel, BlockKernel } from '../src/provider/provider.ts';
import type { CryptoApi } from './crypto-api.ts';
import { CryptoTfm, cryptoDestroyTfm, cryptoSetkeyBegin } from './tfm.ts';

/**
 * One expanded key of a block cipher. AES brings a counter mode of its own.
 * @kernel none: cia_encrypt, cia_decrypt
 */
export interface CipherKernel extends BlockKernel {
  readonly ctrCrypt?: AesKernel['ctrCrypt'];
}

/** @kernel cipher_alg */
export interface CipherAlg extends CipherDriver {
  readonly setkey: (key: Uint8Array, flags: number) => CipherKernel | Errno;
}

/** A cipher and its key, null before the first one. @kernel crypto_cipher */
export class CryptoCipher extends CryptoTfm<CipherAlg, { kernel: CipherKernel | null }> {}

/** Tells a driver of this kind from others of the registry. @kernel none: C tells by cra_type */
export function isCipher(alg: CryptoAlg): alg is CipherAlg {
  return alg.kind === 'cipher';
}

/** @kernel crypto_free_cipher */
export function cryptoFreeCipher(tfm: CryptoCipher): void {
  cryptoDestroyTfm(tfm);
}

/** Sets the key; a refused one leaves an earlier key. @returns 0; -EINVAL for a length or a key that the cipher refuses. @kernel crypto_cipher_setkey */
export function cryptoCipherSetkey(tfm: CryptoCipher, key: Uint8Array): Errno {
  const { alg } = tfm;
  if (key.length < alg.minKeysize || key.length > alg.maxKeysize) return -EINVAL;
  const err = cryptoSetkeyBegin(tfm, key);
  if (err !== 0) return err;
  const kernel = alg.setkey(key, tfm.flags);
  if (typeof kernel === 'number') return kernel;
  tfm.ctx.kernel = kernel;
  return 0;
}

/** A transform of exactly this algorithm. One without keys runs at once. @kernel crypto_spawn_cipher */
export function cryptoSpawnCipher(api: CryptoApi, alg: CipherAlg): CryptoCipher {
  const kernel = alg.maxKeysize === 0 ? alg.setkey(new Uint8Array(0), 0) : null;
  return new CryptoCipher(api, alg, { kernel: typeof kernel === 'number' ? null : kernel });
}

/** What encrypts. @throws KernelBug before the first setkey. @kernel none: crypto_cipher_encrypt_one and its relatives */
export function cipherKernel({ ctx }: CryptoCipher): CipherKernel {
  if (ctx.kernel === null) throw new KernelBug('cipher without key');
  return ctx.kernel;
}
