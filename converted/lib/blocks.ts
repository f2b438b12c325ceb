/**
 * What goes from piece to piece: a hash with the block that is not full yet, and a key stream with the
 * part of a block that is not used yet. The byte kernels below are given whole blocks only.
 * C: include/crypto/sha2.h, lib/crypto/sha256.c, lib/crypto/aes.c aes_gcm_crypt (7.3)
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { ByteMemory, HashState } from '../../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import { STACK, StackMemory } from './pieces.ts';

/** A running hash and its partial block. A copy of the struct is a copy of the hash. @kernel none: sha256_ctx and its relatives */
export class BlockHashCtx {
  /** null outside a message. */
  hash: HashState | null = null;
  readonly partial: Uint8Array;
  /** Bytes of the partial block, below its size. */
  fill = 0;

  /** @param size bytes of a block. */
  constructor(size: number) {
    this.partial = new Uint8Array(size);
  }
}

/** Begins a message from a state, which is copied. @kernel none */
export function blockHashInit(ctx: BlockHashCtx, from: HashState): void {
  ctx.hash = from.clone();
  ctx.fill = 0;
}

/** Goes on where another context is. @kernel none: an assignment of structs */
export function blockHashCopy(ctx: BlockHashCtx, from: BlockHashCtx): void {
  ctx.hash = running(from).clone();
  ctx.partial.set(from.partial);
  ctx.fill = from.fill;
}

/** Any length, any number of times. @kernel none: sha256_update and its relatives */
export function blockHashUpdate(
  ctx: BlockHashCtx,
  mem: ByteMemory,
  data: VirtAddr,
  len: number,
): void {
  const hash = running(ctx);
  const { partial, fill } = ctx;
  const size = partial.length;
  let at = 0;
  if (fill > 0) {
    at = Math.min(size - fill, len);
    if (at > 0) partial.set(mem.load(data, at), fill);
    ctx.fill += at;
    if (ctx.fill < size) return;
    hash.updateBytes(partial);
    ctx.fill = 0;
  }
  const whole = len - at - ((len - at) % size);
  if (whole > 0) hash.update(mem, virtAddr(data + at), whole);
  at += whole;
  if (at === len) return;
  partial.set(mem.load(virtAddr(data + at), len - at));
  ctx.fill = len - at;
}

/** Zeros up to the end of the block; nothing at its beginning. @kernel none: pads of GHASH and Poly1305 */
export function blockHashPad(ctx: BlockHashCtx): void {
  if (ctx.fill === 0) return;
  ctx.partial.fill(0, ctx.fill);
  running(ctx).updateBytes(ctx.partial);
  ctx.fill = 0;
}

/** Writes the digest, and forgets everything. @kernel none: sha256_final and its relatives */
export function blockHashFinal(ctx: BlockHashCtx, out: Uint8Array): void {
  const hash = running(ctx);
  if (ctx.fill > 0) hash.updateBytes(ctx.partial.subarray(0, ctx.fill));
  hash.digest(out);
  blockHashZeroize(ctx);
}

/** Forgets everything. @kernel none: memzero_explicit */
export function blockHashZeroize(ctx: BlockHashCtx): void {
  ctx.hash = null;
  ctx.partial.fill(0);
  ctx.fill = 0;
}

function running({ hash }: BlockHashCtx): HashState {
  assert(hash !== null, 'a hash between init and final');
  return hash;
}

/** A key of a stream cipher, for whole blocks but at the end. `counter` moves on. @kernel none: aes_ctr, chacha_crypt */
export type StreamBlocks = (
  mem: ByteMemory,
  src: VirtAddr,
  dst: VirtAddr,
  len: number,
  counter: Uint8Array,
) => void;

/** A counter, and the key stream of the block that a piece has ended in. @kernel none: keystream of aes_gcm_ctx */
export class KeyStream {
  readonly counter: Uint8Array = new Uint8Array(16);
  readonly stream: StackMemory;
  /** Bytes of the block that are used; all of them when there is none. */
  used: number;

  /** @param size bytes of a block. */
  constructor(size: number) {
    this.stream = new StackMemory(size);
    this.used = size;
  }
}

/** Sets the counter; no block is begun. @kernel none */
export function keyStreamInit(ks: KeyStream, counter: Uint8Array): void {
  ks.counter.set(counter);
  ks.used = ks.stream.bytes.length;
}

/** Forgets the key stream. @kernel none: memzero_explicit */
export function keyStreamZeroize(ks: KeyStream): void {
  ks.counter.fill(0);
  ks.stream.bytes.fill(0);
  ks.used = ks.stream.bytes.length;
}

/** En- or decrypts a piece of any length. The counter has counted the block that it ends in. @kernel none */
export function keyStreamCrypt(
  ks: KeyStream,
  blocks: StreamBlocks,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  const size = ks.stream.bytes.length;
  let at = Math.min(size - ks.used, len);
  if (at > 0) xorStream(ks, mem, dst, src, at);
  const whole = len - at - ((len - at) % size);
  if (whole > 0) blocks(mem, virtAddr(src + at), virtAddr(dst + at), whole, ks.counter);
  at += whole;
  if (at === len) return;
  ks.stream.bytes.fill(0);
  blocks(ks.stream, STACK, STACK, size, ks.counter);
  ks.used = 0;
  xorStream(ks, mem, virtAddr(dst + at), virtAddr(src + at), len - at);
}

function xorStream(
  ks: KeyStream,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  const text = mem.load(src, len).slice();
  for (let i = 0; i < len; i++) text[i] ^= ks.stream.bytes[ks.used + i];
  mem.store(dst, text);
  ks.used += len;
}
