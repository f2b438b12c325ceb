/**
 * AES-CBC with ciphertext stealing (CS3) over virtual addresses: a whole message at once.
 * C: include/crypto/aes-cbc.h, lib/crypto/aes.c (7.3)
 *
 * There is no call for a piece: the last two blocks change their places, and only the end of a message tells
 * which they are. A message that lies in pieces goes through one buffer, or through CBC but for its end.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import type { AesKernel, ByteMemory } from '../../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import { xorInto } from './aes.ts';

/** At least a block. What `iv` holds afterwards is the last block but one. @kernel aes_cbc_cts_encrypt */
export function aesCbcCtsEncrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  iv: Uint8Array,
  key: AesKernel,
): void {
  assert(len >= AES_BLOCK_SIZE, 'at least one block of AES-CBC-CTS');
  const whole = beforeLast(len);
  if (whole === 0) {
    key.cbcEncrypt(mem, src, dst, AES_BLOCK_SIZE, iv);
    return;
  }
  const last = mem.load(virtAddr(src + whole), len - whole).slice();
  key.cbcEncrypt(mem, src, dst, whole, iv);
  const block = iv.slice();
  xorInto(block, last);
  key.encryptBlock(block);
  mem.store(virtAddr(dst + whole - AES_BLOCK_SIZE), block);
  mem.store(virtAddr(dst + whole), iv.subarray(0, len - whole));
  iv.set(block);
}

/** At least a block. What `iv` holds afterwards is the last block but one. @kernel aes_cbc_cts_decrypt */
export function aesCbcCtsDecrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  iv: Uint8Array,
  key: AesKernel,
): void {
  assert(len >= AES_BLOCK_SIZE, 'at least one block of AES-CBC-CTS');
  const whole = beforeLast(len);
  if (whole === 0) {
    key.cbcDecrypt(mem, src, dst, AES_BLOCK_SIZE, iv);
    return;
  }
  const before = virtAddr(whole - AES_BLOCK_SIZE);
  const stolen = mem.load(virtAddr(src + before), AES_BLOCK_SIZE).slice();
  const rest = mem.load(virtAddr(src + whole), len - whole).slice();
  if (before > 0) key.cbcDecrypt(mem, src, dst, before, iv);
  const block = stolen.slice();
  key.decryptBlock(block);
  const last = block.slice(0, rest.length);
  xorInto(last, rest);
  block.set(rest);
  key.decryptBlock(block);
  xorInto(block, iv);
  mem.store(virtAddr(dst + before), block);
  mem.store(virtAddr(dst + whole), last);
  iv.set(stolen);
}

/** Bytes in front of the last block, whole or not; 0 where there is only one. */
function beforeLast(len: number): number {
  return Math.floor((len - 1) / AES_BLOCK_SIZE) * AES_BLOCK_SIZE;
}
