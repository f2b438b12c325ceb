/**
 * Single-block ciphers: what the mode templates are built over. They know no lists; a child of this kind
 * is a key.
 * C: crypto/cipher.c, include/crypto/internal/cipher.h (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { CRYPTO_TFM_NEED_KEY, type CryptoAlg } from '../src/crypto/algorithm.ts';
import type { CipherDriver } from '../src/crypto/ciphers.ts';
import type { Errno } from '../src/errno.ts';
import type { AesKernel, BlockKernel } from '../src/provider/provider.ts';
import type { CryptoApi } from './crypto-api.ts';
import { CryptoTfm, cryptoDestroyTfm } from './tfm.ts';

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
export class CryptoCipher extends CryptoTfm<CipherAlg, CipherKernel | null> {}

/** Tells a driver of this kind from others of the registry. @kernel none, C tells by cra_type */
export function isCipher(alg: CryptoAlg): alg is CipherAlg {
  return alg.kind === 'cipher';
}

/** @kernel crypto_free_cipher */
export function cryptoFreeCipher(tfm: CryptoCipher): void {
  cryptoDestroyTfm(tfm);
}

/** Sets the key; any failure leaves the transform without one. @returns 0 or -EINVAL. @kernel crypto_cipher_setkey */
export function cryptoCipherSetkey(tfm: CryptoCipher, key: Uint8Array): Errno {
  const kernel = tfm.alg.setkey(key, tfm.flags);
  if (typeof kernel === 'number') {
    tfm.flags |= CRYPTO_TFM_NEED_KEY;
    return kernel;
  }
  tfm.ctx = kernel;
  tfm.flags &= ~CRYPTO_TFM_NEED_KEY;
  return 0;
}

/** A transform of exactly this algorithm. One without keys runs at once. @kernel crypto_spawn_cipher */
export function cryptoSpawnCipher(api: CryptoApi, alg: CipherAlg): CryptoCipher {
  const kernel = alg.maxKeysize === 0 ? alg.setkey(new Uint8Array(0), 0) : null;
  return new CryptoCipher(api, alg, typeof kernel === 'number' ? null : kernel);
}

/** What encrypts. @throws KernelBug before the first setkey. @kernel none: crypto_cipher_encrypt_one and its relatives */
export function cipherKernel({ ctx }: CryptoCipher): CipherKernel {
  if (ctx === null) throw new KernelBug('cipher without key');
  return ctx;
}
