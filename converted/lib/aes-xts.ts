/**
 * AES-XTS over virtual addresses: whole blocks, and a last call of at least one block and any number of bytes
 * behind it.
 * C: include/crypto/aes-xts.h, lib/crypto/aes.c (7.3)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type { AesKernel, ByteMemory } from '../../src/provider/provider.ts';
import { advanceTweak } from '../../src/provider/soft/xts-tweak.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import { aesCheckKeylen } from './aes.ts';
import { STACK, StackMemory } from './pieces.ts';

/** Refuses a key whose halves are the same. @kernel XTS_FORBID_WEAK_KEYS */
export const XTS_FORBID_WEAK_KEYS = 1;

/** Must live at least as long as its users. @kernel aes_xts_key */
export class AesXtsKey {
  main: AesKernel | null = null;
  tweak: AesKernel | null = null;
}

/** @returns -EINVAL for a key that is not 32, 48 or 64 bytes, or for equal halves where they are forbidden. @kernel aes_xts_preparekey */
export function aesXtsPreparekey(key: AesXtsKey, inKey: Uint8Array, flags: number): Errno {
  const half = inKey.length / 2;
  if (aesCheckKeylen(half) !== 0) return -EINVAL;
  const isWeak = inKey.subarray(0, half).every((byte, i) => byte === inKey[half + i]);
  if (isWeak && (flags & XTS_FORBID_WEAK_KEYS) !== 0) return -EINVAL;
  key.main = nobleProvider.aes(inKey.subarray(0, half));
  key.tweak = nobleProvider.aes(inKey.subarray(half));
  return 0;
}

/**
 * A piece of a message. `tweak` is the IV at its beginning and becomes the tweak of the next block.
 * @param cont false for the first piece of a message
 * @kernel aes_xts_encrypt
 */
export function aesXtsEncrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  tweak: Uint8Array,
  key: AesXtsKey,
  cont: boolean,
): void {
  const { main, whole, tail } = begin(key, tweak, len, cont);
  main.xtsEncrypt(mem, src, dst, whole, tweak);
  if (tail === 0) return;
  const end = virtAddr(dst + whole - AES_BLOCK_SIZE);
  const last = new StackMemory(AES_BLOCK_SIZE);
  last.bytes.set(mem.load(end, AES_BLOCK_SIZE));
  const stolen = last.bytes.slice(0, tail);
  last.bytes.set(mem.load(virtAddr(src + whole), tail));
  main.xtsEncrypt(last, STACK, STACK, AES_BLOCK_SIZE, tweak);
  mem.store(end, last.bytes);
  mem.store(virtAddr(dst + whole), stolen);
}

/** As {@link aesXtsEncrypt}; the last two blocks take their tweaks in reverse order. @kernel aes_xts_decrypt */
export function aesXtsDecrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  tweak: Uint8Array,
  key: AesXtsKey,
  cont: boolean,
): void {
  const { main, whole, tail } = begin(key, tweak, len, cont);
  const straight = tail === 0 ? whole : whole - AES_BLOCK_SIZE;
  main.xtsDecrypt(mem, src, dst, straight, tweak);
  if (tail === 0) return;
  const later = tweak.slice();
  advanceTweak(later, 1);
  const last = new StackMemory(AES_BLOCK_SIZE);
  last.bytes.set(mem.load(virtAddr(src + straight), AES_BLOCK_SIZE));
  main.xtsDecrypt(last, STACK, STACK, AES_BLOCK_SIZE, later);
  const rest = last.bytes.slice(0, tail);
  last.bytes.set(mem.load(virtAddr(src + whole), tail));
  main.xtsDecrypt(last, STACK, STACK, AES_BLOCK_SIZE, tweak);
  mem.store(virtAddr(dst + straight), last.bytes);
  mem.store(virtAddr(dst + whole), rest);
}

function begin(
  { main, tweak: second }: AesXtsKey,
  tweak: Uint8Array,
  len: number,
  cont: boolean,
): { readonly main: AesKernel; readonly whole: number; readonly tail: number } {
  assert(main !== null && second !== null, 'a prepared AES-XTS key');
  assert(len >= AES_BLOCK_SIZE, 'at least one block of AES-XTS');
  if (!cont) second.encryptBlock(tweak);
  const tail = len % AES_BLOCK_SIZE;
  return { main, whole: len - tail, tail };
}
