/**
 * Block ciphers of the reference: whole blocks through OpenSSL's ECB, one call for any number of them.
 * @module
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concat } from './bytes.ts';

/** A cipher under one key: whole blocks in, whole blocks out. */
export type Blocks = (bytes: Uint8Array) => Uint8Array;

export interface FlatBlock {
  /** The kernel's name, `aes`. */
  readonly name: string;
  /** Bytes of a block. */
  readonly size: number;
  /** Bytes of a key. */
  readonly keys: readonly number[];
  readonly encryptor: (key: Uint8Array) => Blocks;
  readonly decryptor: (key: Uint8Array) => Blocks;
}

/** @param cipher OpenSSL's name of the ECB mode for a key of so many bytes; @param expand the key that it gets. */
function openssl(
  name: string,
  size: number,
  keys: readonly number[],
  cipher: (keylen: number) => string,
  expand: (key: Uint8Array) => Uint8Array = (key) => key,
): FlatBlock {
  const blocks =
    (make: typeof createCipheriv | typeof createDecipheriv) =>
    (key: Uint8Array): Blocks => {
      const running = make(cipher(key.length), expand(key), null).setAutoPadding(false);
      return (bytes) => new Uint8Array(running.update(bytes));
    };
  return {
    name,
    size,
    keys,
    encryptor: blocks(createCipheriv),
    decryptor: blocks(createDecipheriv),
  };
}

export const AES: FlatBlock = openssl('aes', 16, [16, 24, 32], (n) => `aes-${n * 8}-ecb`);

/** Triple-DES under three equal keys: OpenSSL keeps plain DES in a provider that is not loaded. */
export const DES: FlatBlock = openssl(
  'des',
  8,
  [8],
  () => 'des-ede3-ecb',
  (k) => concat(k, k, k),
);

export const DES3_EDE: FlatBlock = openssl('des3_ede', 8, [24], () => 'des-ede3-ecb');

export const ARIA: FlatBlock = openssl('aria', 16, [16, 24, 32], (n) => `aria-${n * 8}-ecb`);

export const CAMELLIA: FlatBlock = openssl(
  'camellia',
  16,
  [16, 24, 32],
  (n) => `camellia-${n * 8}-ecb`,
);

export const SM4: FlatBlock = openssl('sm4', 16, [16], () => 'sm4-ecb');
