/**
 * What AES-GCM and ChaCha20-Poly1305 do alike between init and final: associated data and ciphertext are
 * hashed, each padded to a block, and the text is combined with a key stream.
 * C: none: each has it inline.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import type { ByteMemory, HashState } from '../../src/provider/provider.ts';
import type { VirtAddr } from '../../src/units.ts';
import {
  BlockHashCtx,
  blockHashFinal,
  blockHashInit,
  blockHashPad,
  blockHashUpdate,
  KeyStream,
  keyStreamCrypt,
  keyStreamInit,
  keyStreamZeroize,
  type StreamBlocks,
} from './blocks.ts';
import { STACK, StackMemory } from './pieces.ts';

/** One message. Between two calls it may be anywhere in a block. @kernel none */
export class EncryptThenMacCtx {
  readonly mac: BlockHashCtx;
  readonly ks: KeyStream;
  blocks: StreamBlocks = refuse;
  adLen = 0;
  dataLen = 0;

  /** @param macBlock @param streamBlock bytes of a block of the hash, and of the key stream */
  constructor(macBlock: number, streamBlock: number) {
    this.mac = new BlockHashCtx(macBlock);
    this.ks = new KeyStream(streamBlock);
  }
}

/** Begins a message: `from` hashes it, and the key stream of `blocks` starts at `counter`. @kernel none */
export function encryptThenMacInit(
  ctx: EncryptThenMacCtx,
  from: HashState,
  counter: Uint8Array,
  blocks: StreamBlocks,
): void {
  blockHashInit(ctx.mac, from);
  keyStreamInit(ctx.ks, counter);
  ctx.blocks = blocks;
  ctx.adLen = 0;
  ctx.dataLen = 0;
}

/** Associated data, all of it before the text. @kernel none */
export function encryptThenMacAuthUpdate(
  ctx: EncryptThenMacCtx,
  mem: ByteMemory,
  ad: VirtAddr,
  len: number,
): void {
  assert(ctx.dataLen === 0, 'associated data before the text');
  blockHashUpdate(ctx.mac, mem, ad, len);
  ctx.adLen += len;
}

/** A piece of the text. @kernel none */
export function encryptThenMacEncryptUpdate(
  ctx: EncryptThenMacCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  if (ctx.dataLen === 0) blockHashPad(ctx.mac);
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  blockHashUpdate(ctx.mac, mem, dst, len);
  ctx.dataLen += len;
}

/** A piece of the text: hashed before it is overwritten. @kernel none */
export function encryptThenMacDecryptUpdate(
  ctx: EncryptThenMacCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  if (ctx.dataLen === 0) blockHashPad(ctx.mac);
  blockHashUpdate(ctx.mac, mem, src, len);
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  ctx.dataLen += len;
}

/** Hashes the block of lengths into `tag`, and forgets the message. @kernel none */
export function encryptThenMacFinal(
  ctx: EncryptThenMacCtx,
  lengths: Uint8Array,
  tag: Uint8Array,
): void {
  const block = new StackMemory(lengths.length);
  block.bytes.set(lengths);
  blockHashPad(ctx.mac);
  blockHashUpdate(ctx.mac, block, STACK, lengths.length);
  blockHashFinal(ctx.mac, tag);
  keyStreamZeroize(ctx.ks);
  ctx.blocks = refuse;
}

/** Between two messages a context has no key. */
function refuse(): never {
  throw new KernelBug('a context between init and final');
}
