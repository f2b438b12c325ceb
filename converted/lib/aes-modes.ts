/**
 * AES in ECB, CBC and CTR, and ChaCha20, over virtual addresses. Their state is the caller's IV. They take
 * whole blocks (CTR and ChaCha20 but at the end of a message): to join pieces that end elsewhere is the
 * caller's business.
 * C: include/crypto/aes-ecb.h, aes-cbc.h, aes-ctr.h, chacha.h, lib/crypto/aes.c (7.3)
 * @module
 */
import type { AesKernel, ByteMemory, StreamKernel } from '../../src/provider/provider.ts';
import type { VirtAddr } from '../../src/units.ts';

/** `ctr` is counted up by the blocks that were begun. @kernel aes_ctr */
export function aesCtr(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  ctr: Uint8Array,
  key: AesKernel,
): void {
  key.ctrCrypt(mem, src, dst, len, ctr);
}

/** Leaves the last ciphertext block in `iv`. @kernel aes_cbc_encrypt */
export function aesCbcEncrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  iv: Uint8Array,
  key: AesKernel,
): void {
  key.cbcEncrypt(mem, src, dst, len, iv);
}

/** Leaves the last ciphertext block in `iv`. @kernel aes_cbc_decrypt */
export function aesCbcDecrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  iv: Uint8Array,
  key: AesKernel,
): void {
  key.cbcDecrypt(mem, src, dst, len, iv);
}

/** Whole blocks. @kernel aes_ecb_encrypt */
export function aesEcbEncrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  key: AesKernel,
): void {
  key.ecbEncrypt(mem, src, dst, len);
}

/** Whole blocks. @kernel aes_ecb_decrypt */
export function aesEcbDecrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  key: AesKernel,
): void {
  key.ecbDecrypt(mem, src, dst, len);
}

/** `state` is block counter and nonce; the key is beside it. @kernel chacha20_crypt */
export function chacha20Crypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  state: Uint8Array,
  key: StreamKernel,
): void {
  key.crypt(mem, src, dst, len, state);
}
