/**
 * AES-CCM over virtual addresses, a message in pieces of any length, whose lengths are known beforehand.
 * C: include/crypto/aes-ccm.h, lib/crypto/aes.c (7.3)
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { EBADMSG, EINVAL, EOVERFLOW, type Errno } from '../../src/errno.ts';
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

/** Must live at least as long as the contexts that use it. @kernel aes_ccm_key */
export class AesCcmKey {
  aes: AesKernel | null = null;
  cbcmac: HashState | null = null;
  authtagLen = 0;
}

/** One message. @kernel aes_ccm_ctx */
export class AesCcmCtx {
  readonly mac: BlockHashCtx = new BlockHashCtx(AES_BLOCK_SIZE);
  readonly ks: KeyStream = new KeyStream(AES_BLOCK_SIZE);
  readonly s0: Uint8Array = new Uint8Array(AES_BLOCK_SIZE);
  blocks: StreamBlocks = refuse;
  authtagLen = 0;
  /** Bytes that are still to come. */
  adLeft = 0;
  dataLeft = 0;
}

/** @returns 0 for 4, 6, 8, 10, 12, 14 and 16, else -EINVAL. @kernel none: a switch of aes_ccm_preparekey */
export function aesCcmCheckAuthsize(authsize: number): Errno {
  return authsize < 4 || authsize > 16 || authsize % 2 !== 0 ? -EINVAL : 0;
}

/** @returns -EINVAL for a key or a tag length that CCM has not. @kernel aes_ccm_preparekey */
export function aesCcmPreparekey(key: AesCcmKey, inKey: Uint8Array, authtagLen: number): Errno {
  if (aesCheckKeylen(inKey.length) !== 0 || aesCcmCheckAuthsize(authtagLen) !== 0) return -EINVAL;
  key.aes = nobleProvider.aes(inKey);
  key.cbcmac = nobleProvider.cbcmac(inKey);
  key.authtagLen = authtagLen;
  return 0;
}

/**
 * Begins a message of these lengths. @returns -EINVAL for a nonce that is not 7 to 13 bytes, -EOVERFLOW
 * for a text that is too long for it. @kernel aes_ccm_init
 */
export function aesCcmInit(
  ctx: AesCcmCtx,
  dataLen: number,
  adLen: number,
  nonce: Uint8Array,
  key: AesCcmKey,
): Errno {
  const { aes, cbcmac, authtagLen } = key;
  assert(aes !== null && cbcmac !== null, 'a prepared AES-CCM key');
  if (nonce.length < 7 || nonce.length > 13) return -EINVAL;
  const width = 15 - nonce.length;
  if (dataLen >= 2 ** (8 * width)) return -EOVERFLOW;
  const counter = new Uint8Array(AES_BLOCK_SIZE);
  counter[0] = width - 1;
  counter.set(nonce, 1);
  ctx.s0.set(counter);
  aes.encryptBlock(ctx.s0);
  counter[AES_BLOCK_SIZE - 1] = 1;
  keyStreamInit(ctx.ks, counter);
  ctx.blocks = (mem, src, dst, len, at) => aes.ctrCrypt(mem, src, dst, len, at);
  ctx.authtagLen = authtagLen;
  ctx.adLeft = adLen;
  ctx.dataLeft = dataLen;
  blockHashInit(ctx.mac, cbcmac);
  hashBytes(ctx.mac, firstBlock(counter, dataLen, adLen, authtagLen));
  hashBytes(ctx.mac, encodedLength(adLen));
  return 0;
}

/** Associated data, all of it before the text. @kernel aes_ccm_auth_update */
export function aesCcmAuthUpdate(ctx: AesCcmCtx, mem: ByteMemory, ad: VirtAddr, len: number): void {
  assert(len <= ctx.adLeft, 'no more associated data than announced');
  blockHashUpdate(ctx.mac, mem, ad, len);
  ctx.adLeft -= len;
  if (ctx.adLeft === 0) blockHashPad(ctx.mac);
}

/** A piece of the text. @kernel aes_ccm_encrypt_update */
export function aesCcmEncryptUpdate(
  ctx: AesCcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  assert(ctx.adLeft === 0 && len <= ctx.dataLeft, 'the lengths that were announced');
  blockHashUpdate(ctx.mac, mem, src, len);
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  ctx.dataLeft -= len;
}

/** A piece of the text. @kernel aes_ccm_decrypt_update */
export function aesCcmDecryptUpdate(
  ctx: AesCcmCtx,
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
): void {
  assert(ctx.adLeft === 0 && len <= ctx.dataLeft, 'the lengths that were announced');
  keyStreamCrypt(ctx.ks, ctx.blocks, mem, dst, src, len);
  blockHashUpdate(ctx.mac, mem, dst, len);
  ctx.dataLeft -= len;
}

/** Writes the tag, and forgets the message. @kernel aes_ccm_encrypt_final */
export function aesCcmEncryptFinal(ctx: AesCcmCtx, authtag: Uint8Array): void {
  assert(ctx.dataLeft === 0, 'as much text as announced');
  blockHashPad(ctx.mac);
  const tag = new Uint8Array(AES_BLOCK_SIZE);
  blockHashFinal(ctx.mac, tag);
  xorInto(tag, ctx.s0);
  authtag.set(tag.subarray(0, ctx.authtagLen));
  keyStreamZeroize(ctx.ks);
  ctx.s0.fill(0);
  ctx.blocks = refuse;
}

/** @returns -EBADMSG where the tag is another one; the message is forgotten. @kernel aes_ccm_decrypt_final */
export function aesCcmDecryptFinal(ctx: AesCcmCtx, authtag: Uint8Array): Errno {
  const { authtagLen } = ctx;
  const tag = new Uint8Array(authtagLen);
  aesCcmEncryptFinal(ctx, tag);
  return cryptoMemneq(tag, authtag, authtagLen) ? -EBADMSG : 0;
}

/** B_0 of RFC 3610: flags, nonce, length of the text. */
function firstBlock(
  counter: Uint8Array,
  dataLen: number,
  adLen: number,
  authtagLen: number,
): Uint8Array {
  const block = counter.slice();
  block[0] |= (adLen > 0 ? 0x40 : 0) | (((authtagLen - 2) / 2) << 3);
  const width = counter[0] + 1;
  block.fill(0, AES_BLOCK_SIZE - width);
  let left = dataLen;
  for (let i = AES_BLOCK_SIZE - 1; left > 0; i--) {
    block[i] = left % 256;
    left = Math.floor(left / 256);
  }
  return block;
}

/** The length in front of the associated data; nothing when there are none. */
function encodedLength(adLen: number): Uint8Array {
  if (adLen === 0) return new Uint8Array(0);
  if (adLen < 0xff00) return Uint8Array.of(adLen >> 8, adLen & 0xff);
  return Uint8Array.of(
    0xff,
    0xfe,
    adLen >>> 24,
    (adLen >> 16) & 0xff,
    (adLen >> 8) & 0xff,
    adLen & 0xff,
  );
}

function hashBytes(mac: BlockHashCtx, bytes: Uint8Array): void {
  const stack = new StackMemory(bytes.length);
  stack.bytes.set(bytes);
  blockHashUpdate(mac, stack, STACK, bytes.length);
}

/** Between two messages a context has no key. */
function refuse(): never {
  throw new KernelBug('an AES-CCM context between init and final');
}
