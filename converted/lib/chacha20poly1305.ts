/**
 * ChaCha20-Poly1305 over virtual addresses, a message in pieces of any length. The kernel's library has
 * whole messages only; this is the same API as that of AES-GCM.
 * C: include/crypto/chacha20poly1305.h, lib/crypto/chacha20poly1305.c (7.3); RFC 8439
 * @module
 */
import { assert } from '../../src/assert.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type { ByteMemory, StreamKernel } from '../../src/provider/provider.ts';
import type { VirtAddr } from '../../src/units.ts';
import { cryptoMemneq } from './aes.ts';
import {
  EncryptThenMacCtx,
  encryptThenMacAuthUpdate,
  encryptThenMacDecryptUpdate,
  encryptThenMacEncryptUpdate,
  encryptThenMacFinal,
  encryptThenMacInit,
} from './encrypt-then-mac.ts';
import { STACK, StackMemory } from './pieces.ts';

const KEY_SIZE = 32;
const NONCE_SIZE = 12;
const CHACHA_BLOCK = 64;
const TAG_SIZE = 16;
const ROUNDS = 20;

/** Must live at least as long as the contexts that use it. @kernel none: a key of 32 bytes */
export class Chacha20poly1305Key {
  chacha: StreamKernel | null = null;
}

/** One message. @kernel none */
export class Chacha20poly1305Ctx extends EncryptThenMacCtx {
  constructor() {
    super(TAG_SIZE, CHACHA_BLOCK);
  }
}

/** @returns -EINVAL for a key that is not 32 bytes, or another tag than 16 bytes. @kernel none */
export function chacha20poly1305Preparekey(
  key: Chacha20poly1305Key,
  inKey: Uint8Array,
  authtagLen: number,
): Errno {
  if (inKey.length !== KEY_SIZE || authtagLen !== TAG_SIZE) return -EINVAL;
  key.chacha = nobleProvider.chacha(inKey, ROUNDS);
  return 0;
}

/** Begins a message under a nonce of 12 bytes. @kernel none */
export function chacha20poly1305Init(
  ctx: Chacha20poly1305Ctx,
  nonce: Uint8Array,
  { chacha }: Chacha20poly1305Key,
): void {
  assert(chacha !== null, 'a prepared ChaCha20-Poly1305 key');
  const counter = new Uint8Array(16);
  counter.set(nonce.subarray(0, NONCE_SIZE), 4);
  const first = new StackMemory(CHACHA_BLOCK);
  chacha.crypt(first, STACK, STACK, CHACHA_BLOCK, counter);
  const poly = nobleProvider.poly1305(first.bytes.subarray(0, KEY_SIZE));
  first.bytes.fill(0);
  encryptThenMacInit(ctx, poly, counter, (mem, src, dst, len, at) =>
    chacha.crypt(mem, src, dst, len, at),
  );
}

/** Associated data, all of it before the text. @kernel none */
export function chacha20poly1305AuthUpdate(
  ctx: Chacha20poly1305Ctx,
  mem: ByteMemory,
  ad: VirtAddr,
  len: number,
): void {
  encryptThenMacAuthUpdate(ctx, mem, ad, len);
}

/** A piece of the text. @kernel none */
export function chacha20poly1305EncryptUpdate(
  ctx: Chacha20poly1305Ctx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  encryptThenMacEncryptUpdate(ctx, mem, dst, src, len);
}

/** A piece of the text. @kernel none */
export function chacha20poly1305DecryptUpdate(
  ctx: Chacha20poly1305Ctx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  encryptThenMacDecryptUpdate(ctx, mem, dst, src, len);
}

/** Writes the tag, and forgets the message. @kernel none */
export function chacha20poly1305EncryptFinal(ctx: Chacha20poly1305Ctx, authtag: Uint8Array): void {
  const lengths = new Uint8Array(TAG_SIZE);
  const view = new DataView(lengths.buffer);
  view.setBigUint64(0, BigInt(ctx.adLen), true);
  view.setBigUint64(8, BigInt(ctx.dataLen), true);
  encryptThenMacFinal(ctx, lengths, authtag.subarray(0, TAG_SIZE));
}

/** @returns -EBADMSG where the tag is another one; the message is forgotten. @kernel none */
export function chacha20poly1305DecryptFinal(ctx: Chacha20poly1305Ctx, authtag: Uint8Array): Errno {
  const tag = new Uint8Array(TAG_SIZE);
  chacha20poly1305EncryptFinal(ctx, tag);
  return cryptoMemneq(tag, authtag, TAG_SIZE) ? -EBADMSG : 0;
}
