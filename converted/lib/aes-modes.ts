/**
 * AES in ECB, CBC, CTR and XCTR, and ChaCha, over virtual addresses. Their state is the caller's IV. They take
 * whole blocks (the stream ciphers but at the end of a message): to join pieces that end elsewhere is the
 * caller's business.
 * C: include/crypto/aes-ecb.h, aes-cbc.h, aes-ctr.h, chacha.h, lib/crypto/aes.c, chacha.c (7.3)
 * @module
 */
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type {
  AesKernel,
  ByteMemory,
  ChachaRounds,
  StreamKernel,
} from '../../src/provider/provider.ts';
import { type VirtAddr, virtAddr } from '../../src/units.ts';
import { xorInto } from './aes.ts';

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

/** Number of the next block, from 1 on, and the IV. @kernel none: two arguments of aes_xctr */
export interface XctrState {
  ctr: number;
  readonly iv: Uint8Array;
}

/** Counts the blocks that were begun in `state`. @kernel aes_xctr */
export function aesXctr(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  state: XctrState,
  key: AesKernel,
): void {
  const stream = new Uint8Array(AES_BLOCK_SIZE);
  const number = new DataView(stream.buffer);
  for (let at = 0; at < len; at += AES_BLOCK_SIZE) {
    stream.fill(0);
    number.setUint32(0, state.ctr++, true);
    xorInto(stream, state.iv);
    key.encryptBlock(stream);
    const text = mem.load(virtAddr(src + at), Math.min(AES_BLOCK_SIZE, len - at)).slice();
    mem.store(
      virtAddr(dst + at),
      text.map((byte, i) => byte ^ stream[i]),
    );
  }
}

/**
 * The key of XChaCha's inner cipher, from the first 16 bytes of its IV.
 * @kernel hchacha_block
 */
export function hchachaBlock(key: Uint8Array, iv: Uint8Array, rounds: ChachaRounds): Uint8Array {
  return nobleProvider.hchacha(key, iv.subarray(0, 16), rounds);
}

/** `state` is block counter and nonce; the key is beside it. @kernel chacha_crypt */
export function chachaCrypt(
  mem: ByteMemory,
  dst: VirtAddr,
  src: VirtAddr,
  len: number,
  state: Uint8Array,
  key: StreamKernel,
): void {
  key.crypt(mem, src, dst, len, state);
}
