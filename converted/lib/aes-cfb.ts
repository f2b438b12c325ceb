/**
 * AES-CFB over virtual addresses, a message in pieces of any length. The kernel's library takes a message at
 * once: its one call is `aesCfbInit` and one update here, and it leaves the IV as it is.
 * C: include/crypto/aes.h, lib/crypto/aescfb.c (7.3)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import type { AesKernel, ByteMemory } from '../../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';

/** One message. @kernel none: aescfb_encrypt has it on its stack */
export class AesCfbCtx {
  /** null before the first message. */
  key: AesKernel | null = null;
  /** The caller's: the last whole block of ciphertext. */
  iv: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  /** The block that a piece has ended in: ciphertext up to `fill`, key stream from there on. */
  readonly block: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  readonly text: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  /** Bytes of the block that are used; 0 when none is begun. */
  fill = 0;
}

/** Begins a message under `iv`, in which the last whole block of ciphertext is left. @kernel none */
export function aesCfbInit(ctx: AesCfbCtx, iv: Uint8Array, key: AesKernel): void {
  assert(iv.length === AES_BLOCK_SIZE, 'an IV of one block');
  ctx.key = key;
  ctx.iv = iv;
  ctx.fill = 0;
}

/** A piece of any length. @kernel none: aescfb_encrypt takes a message at once */
export function aesCfbEncryptUpdate(
  ctx: AesCfbCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  const { block } = ctx;
  for (let at = 0; at < len; ) {
    const fill = nextBlock(ctx);
    const part = Math.min(AES_BLOCK_SIZE - fill, len - at);
    const text = mem.load(virtAddr(src + at), part);
    for (let i = 0; i < part; i++) block[fill + i] ^= text[i];
    mem.store(
      virtAddr(dst + at),
      part === AES_BLOCK_SIZE ? block : block.subarray(fill, fill + part),
    );
    used(ctx, part);
    at += part;
  }
}

/** A piece of any length. @kernel none: aescfb_decrypt takes a message at once */
export function aesCfbDecryptUpdate(
  ctx: AesCfbCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  const { block, text } = ctx;
  for (let at = 0; at < len; ) {
    const fill = nextBlock(ctx);
    const part = Math.min(AES_BLOCK_SIZE - fill, len - at);
    const cipher = mem.load(virtAddr(src + at), part);
    for (let i = 0; i < part; i++) {
      text[i] = block[fill + i] ^ cipher[i];
      block[fill + i] = cipher[i];
    }
    mem.store(virtAddr(dst + at), part === AES_BLOCK_SIZE ? text : text.subarray(0, part));
    used(ctx, part);
    at += part;
  }
}

/** Makes key stream where no block is begun. @returns how much of the block is used. */
function nextBlock({ key, iv, block, fill }: AesCfbCtx): number {
  if (fill > 0) return fill;
  assert(key !== null, 'a message of AES-CFB that has begun');
  block.set(iv);
  key.encryptBlock(block);
  return 0;
}

/** A block that is full is the IV of the next one; one that is not is nobody's. */
function used(ctx: AesCfbCtx, part: number): void {
  ctx.fill = (ctx.fill + part) % AES_BLOCK_SIZE;
  if (ctx.fill === 0) ctx.iv.set(ctx.block);
}
