/**
 * AES-GCM over virtual addresses, a message in pieces of any length. No request, no transform, no
 * allocation: key and context are the caller's.
 * C: include/crypto/aes-gcm.h, lib/crypto/aes.c (7.3)
 *
 * What was decrypted is in the destination before the tag is verified: a caller must not look at it
 * before `aesGcmDecryptFinal` has answered 0.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize, gcmLengths } from '../../src/crypto/gcm.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type { AesKernel, ByteMemory, HashState } from '../../src/provider/provider.ts';
import type { VirtAddr } from '../../src/units.ts';
import { aesCheckKeylen, cryptoMemneq, xorInto } from './aes.ts';
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

const NONCE_SIZE = 12;

/** Must live at least as long as the contexts that use it. @kernel aes_gcm_key */
export class AesGcmKey {
  aes: AesKernel | null = null;
  ghash: HashState | null = null;
  /** Bytes of the tags. */
  authtagLen = 0;
}

/** One message. Between two calls it may be anywhere in a block. @kernel aes_gcm_ctx */
export class AesGcmCtx {
  readonly ghash: BlockHashCtx = new BlockHashCtx(AES_BLOCK_SIZE);
  readonly ks: KeyStream = new KeyStream(AES_BLOCK_SIZE);
  readonly j0Enc: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  blocks: StreamBlocks = refuse;
  authtagLen = 0;
  adLen = 0;
  dataLen = 0;
}

/** @returns -EINVAL for a key that is not 16, 24 or 32 bytes, or a tag length that GCM has not. @kernel aes_gcm_preparekey */
export function aesGcmPreparekey(key: AesGcmKey, inKey: Uint8Array, authtagLen: number): Errno {
  if (aesCheckKeylen(inKey.length) !== 0 || cryptoGcmCheckAuthsize(authtagLen) !== 0) {
    return -EINVAL;
  }
  const aes = nobleProvider.aes(inKey);
  const h = new Uint8Array(AES_BLOCK_SIZE);
  aes.encryptBlock(h);
  key.aes = aes;
  key.ghash = nobleProvider.ghash(h);
  key.authtagLen = authtagLen;
  return 0;
}

/** Begins a message under a nonce of 12 bytes. @kernel aes_gcm_init */
export function aesGcmInit(ctx: AesGcmCtx, nonce: Uint8Array, key: AesGcmKey): void {
  const { aes, ghash } = key;
  assert(aes !== null && ghash !== null, 'a prepared AES-GCM key');
  const counter = new Uint8Array(AES_BLOCK_SIZE);
  counter.set(nonce.subarray(0, NONCE_SIZE));
  counter[AES_BLOCK_SIZE - 1] = 1;
  ctx.j0Enc.set(counter);
  aes.encryptBlock(ctx.j0Enc);
  counter[AES_BLOCK_SIZE - 1] = 2;
  keyStreamInit(ctx.ks, counter);
  blockHashInit(ctx.ghash, ghash);
  ctx.blocks = (mem, src, dst, len, at) => aes.ctrCrypt(mem, src, dst, len, at);
  ctx.authtagLen = key.authtagLen;
  ctx.adLen = 0;
  ctx.dataLen = 0;
}

/** Associated data, all of it before the text. @kernel aes_gcm_auth_update */
export function aesGcmAuthUpdate(ctx: AesGcmCtx, mem: ByteMemory, ad: VirtAddr, len: number): void {
  assert(ctx.dataLen === 0, 'associated data before the text');
  blockHashUpdate(ctx.ghash, mem, ad, len);
  ctx.adLen += len;
}

/** A piece of the text. @kernel aes_gcm_encrypt_update */
export function aesGcmEncryptUpdate(
  ctx: AesGcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  if (ctx.dataLen === 0) blockHashPad(ctx.ghash);
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  blockHashUpdate(ctx.ghash, mem, dst, len);
  ctx.dataLen += len;
}

/** A piece of the text. @kernel aes_gcm_decrypt_update */
export function aesGcmDecryptUpdate(
  ctx: AesGcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  if (ctx.dataLen === 0) blockHashPad(ctx.ghash);
  blockHashUpdate(ctx.ghash, mem, src, len);
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  ctx.dataLen += len;
}

/** Writes a tag of the length that the key has, and forgets the message. @kernel aes_gcm_encrypt_final */
export function aesGcmEncryptFinal(ctx: AesGcmCtx, authtag: Uint8Array): void {
  const lengths = new StackMemory(AES_BLOCK_SIZE);
  lengths.bytes.set(gcmLengths(ctx.adLen, ctx.dataLen));
  blockHashPad(ctx.ghash);
  blockHashUpdate(ctx.ghash, lengths, STACK, AES_BLOCK_SIZE);
  const tag = new Uint8Array(AES_BLOCK_SIZE);
  blockHashFinal(ctx.ghash, tag);
  xorInto(tag, ctx.j0Enc);
  authtag.set(tag.subarray(0, ctx.authtagLen));
  keyStreamZeroize(ctx.ks);
  ctx.j0Enc.fill(0);
  ctx.blocks = refuse;
}

/** @returns -EBADMSG where the tag is another one; the message is forgotten. @kernel aes_gcm_decrypt_final */
export function aesGcmDecryptFinal(ctx: AesGcmCtx, authtag: Uint8Array): Errno {
  const { authtagLen } = ctx;
  const tag = new Uint8Array(authtagLen);
  aesGcmEncryptFinal(ctx, tag);
  return cryptoMemneq(tag, authtag, authtagLen) ? -EBADMSG : 0;
}

/** Between two messages a context has no key. */
function refuse(): never {
  throw new KernelBug('an AES-GCM context between init and final');
}
