/**
 * What the AES modes of the library share.
 * C: include/crypto/aes.h, crypto/memneq.c, include/crypto/algapi.h crypto_xor (7.3)
 * @module
 */
import { EINVAL, type Errno } from '../../src/errno.ts';

/** @returns -EINVAL for anything but 16, 24 and 32. @kernel aes_check_keylen */
export function aesCheckKeylen(keylen: number): Errno {
  return keylen === 16 || keylen === 24 || keylen === 32 ? 0 : -EINVAL;
}

/** True where the first `size` bytes differ; looks at all of them. @kernel crypto_memneq */
export function cryptoMemneq(a: Uint8Array, b: Uint8Array, size: number): boolean {
  let neq = 0;
  for (let i = 0; i < size; i++) neq |= a[i] ^ b[i];
  return neq !== 0;
}

/** XORs all bytes of `other` into `bytes`. @kernel none: crypto_xor */
export function xorInto(bytes: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < other.length; i++) bytes[i] ^= other[i];
}
