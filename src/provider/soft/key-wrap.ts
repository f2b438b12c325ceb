/**
 * Key wrap over a block cipher: every half block goes six times through it, beside one that is carried along.
 * Source: SP 800-38F, 6.1; RFC 3394, 2.2
 * @module
 */
import type { BlockKernel } from '../provider.ts';

type BlockCipher = Pick<BlockKernel, 'encryptBlock' | 'decryptBlock'>;

const BLOCK = 16;
const HALF = 8;
const ROUNDS = 6;
/** What is carried when it begins: the mark of a key that was wrapped. */
const MARK = 0xa6;

/** Wraps half blocks in place. What is carried in the end is the IV. */
export function wrapKey(cipher: BlockCipher, iv: Uint8Array, text: Uint8Array): true {
  const block = new Uint8Array(BLOCK).fill(MARK, 0, HALF);
  let step = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = 0; at < text.length; at += HALF) {
      block.set(text.subarray(at, at + HALF), HALF);
      cipher.encryptBlock(block);
      count(block, ++step);
      text.set(block.subarray(HALF), at);
    }
  }
  iv.set(block.subarray(0, HALF));
  return true;
}

/** Unwraps in place, and leaves the IV. @returns false for what was not wrapped under this key. */
export function unwrapKey(cipher: BlockCipher, iv: Uint8Array, text: Uint8Array): boolean {
  const block = new Uint8Array(BLOCK);
  block.set(iv);
  let step = (ROUNDS * text.length) / HALF;
  for (let round = 0; round < ROUNDS; round++) {
    for (let at = text.length - HALF; at >= 0; at -= HALF) {
      block.set(text.subarray(at, at + HALF), HALF);
      count(block, step--);
      cipher.decryptBlock(block);
      text.set(block.subarray(HALF), at);
    }
  }
  return block.subarray(0, HALF).every((byte) => byte === MARK);
}

/** Adds (xor) the number of the step to what is carried, big endian. */
function count(block: Uint8Array, step: number): void {
  const view = new DataView(block.buffer);
  view.setUint32(4, view.getUint32(4) ^ step);
}
