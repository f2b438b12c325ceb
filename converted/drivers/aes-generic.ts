/**
 * AES as a block cipher, which the generic mode templates are built over.
 * C: crypto/aes_generic.c (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { CRYPTO_ALG_TESTED, CRYPTO_ALG_TYPE_CIPHER } from '../../src/crypto/algorithm.ts';
import { AES_BLOCK_SIZE, AES_MAX_KEY_SIZE, AES_MIN_KEY_SIZE } from '../../src/crypto/catalogue.ts';
import { EINVAL } from '../../src/errno.ts';
import type { Provider } from '../../src/provider/provider.ts';
import type { CipherAlg } from '../cipher.ts';
import type { CryptoApi } from '../crypto-api.ts';

/** Registers `aes-generic`. @kernel none: aes_init */
export function registerAesGeneric(api: CryptoApi, provider: Provider): void {
  const alg: CipherAlg = {
    kind: 'cipher',
    name: 'aes',
    driverName: 'aes-generic',
    priority: 100,
    flags: CRYPTO_ALG_TYPE_CIPHER | CRYPTO_ALG_TESTED,
    blocksize: AES_BLOCK_SIZE,
    alignmask: 0,
    minKeysize: AES_MIN_KEY_SIZE,
    maxKeysize: AES_MAX_KEY_SIZE,
    setkey: (key) => (isAesKeySize(key.length) ? provider.aes(key) : -EINVAL),
  };
  assert(api.registry.register(alg) === 0, 'driver registration');
}

/** True for the three key sizes of AES, in bytes. @kernel none: aes_check_keylen */
export function isAesKeySize(length: number): boolean {
  return length === 16 || length === 24 || length === 32;
}
