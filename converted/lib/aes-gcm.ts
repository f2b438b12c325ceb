/**
 * AES-GCM over virtual addresses, a message in pieces of any length. No request, no transform, no
 * allocation: key and context are the caller's.
 * C: include/crypto/aes-gcm.h, lib/crypto/aes.c (7.3)
 *
 * What was decrypted is in the destination before the tag is verified: a caller must not look at it
 * before `aesGcmDecryptFinal` has answered 0.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { cryptoGcmCheckAuthsize, gcmLengths } from '../../src/crypto/gcm.ts';
import { EBADMSG, EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type { AesKernel, ByteMemory, HashState } from '../../src/provider/provider.ts';
import type { VirtAddr } from '../../src/units.ts';
import { aesCheckKeylen, cryptoMemneq, xorInto } from './aes.ts';
import {
  EncryptThenMacCtx,
  encryptThenMacAuthUpdate,
  encryptThenMacDecryptUpdate,
  encryptThenMacEncryptUpdate,
  encryptThenMacFinal,
  encryptThenMacInit,
} from './encrypt-then-mac.ts';

const NONCE_SIZE = 12;

/** Must live at least as long as the contexts that use it. @kernel aes_gcm_key */
export class AesGcmKey {
  aes: AesKernel | null = null;
  ghash: HashState | null = null;
  /** Bytes of the tags. */
  authtagLen = 0;
}

/** One message. Between two calls it may be anywhere in a block. @kernel aes_gcm_ctx */
export class AesGcmCtx extends EncryptThenMacCtx {
  readonly j0Enc: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  authtagLen = 0;

  constructor() {
    super(AES_BLOCK_SIZE, AES_BLOCK_SIZE);
  }
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
  encryptThenMacInit(ctx, ghash, counter, (mem, src, dst, len, at) =>
    aes.ctrCrypt(mem, src, dst, len, at),
  );
  ctx.authtagLen = key.authtagLen;
}

/** Associated data, all of it before the text. @kernel aes_gcm_auth_update */
export function aesGcmAuthUpdate(ctx: AesGcmCtx, mem: ByteMemory, ad: VirtAddr, len: number): void {
  encryptThenMacAuthUpdate(ctx, mem, ad, len);
}

/** A piece of the text. @kernel aes_gcm_encrypt_update */
export function aesGcmEncryptUpdate(
  ctx: AesGcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  encryptThenMacEncryptUpdate(ctx, mem, dst, src, len);
}

/** A piece of the text. @kernel aes_gcm_decrypt_update */
export function aesGcmDecryptUpdate(
  ctx: AesGcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  encryptThenMacDecryptUpdate(ctx, mem, dst, src, len);
}

/** Writes a tag of the length that the key has, and forgets the message. @kernel aes_gcm_encrypt_final */
export function aesGcmEncryptFinal(ctx: AesGcmCtx, authtag: Uint8Array): void {
  const tag = new Uint8Array(AES_BLOCK_SIZE);
  encryptThenMacFinal(ctx, gcmLengths(ctx.adLen, ctx.dataLen), tag);
  xorInto(tag, ctx.j0Enc);
  authtag.set(tag.subarray(0, ctx.authtagLen));
  ctx.j0Enc.fill(0);
}

/** @returns -EBADMSG where the tag is another one; the message is forgotten. @kernel aes_gcm_decrypt_final */
export function aesGcmDecryptFinal(ctx: AesGcmCtx, authtag: Uint8Array): Errno {
  const { authtagLen } = ctx;
  const tag = new Uint8Array(authtagLen);
  aesGcmEncryptFinal(ctx, tag);
  return cryptoMemneq(tag, authtag, authtagLen) ? -EBADMSG : 0;
}
