/**
 * What every byte kernel stands on: scratch memory and little-endian word views.
 *
 * The scratch is one per process. A kernel is synchronous and never calls another kernel between
 * filling it and storing it, so two kernels cannot meet in it; memory callbacks must not start one.
 * @module
 */
import { assert } from '../../assert.ts';

/** Bytes of one step through a long run: stays in the L2 cache and below malloc's mmap threshold. */
export const CHUNK = 65536;

const data = new ArrayBuffer(CHUNK);
const mask = new ArrayBuffer(CHUNK);

/** Text of the current chunk, as bytes and as little-endian words. */
export const dataBytes: Uint8Array = new Uint8Array(data);
export const dataWords: Uint32Array = new Uint32Array(data);
/** Key stream or tweaks of the current chunk. */
export const maskBytes: Uint8Array = new Uint8Array(mask);
export const maskWords: Uint32Array = new Uint32Array(mask);

dataWords[0] = 1;
assert(dataBytes[0] === 1, 'the byte kernels need a little-endian host');

/** XORs the mask into the data, `len` bytes rounded up to whole words. */
export function xorMask(len: number): void {
  const words = (len + 3) >>> 2;
  for (let i = 0; i < words; i++) dataWords[i] ^= maskWords[i];
}

/** The 32-bit word at `at`, little-endian, at any alignment. */
export function load32(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

export function store32(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

/** Reverses the bytes of a word. */
export function swap32(word: number): number {
  return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | ((word >>> 24) & 0xff);
}

/** Adds `blocks` (below 2^53) to a big-endian counter of any size, modulo its size. */
export function addBigEndian(counter: Uint8Array, blocks: number): void {
  let carry = blocks;
  for (let i = counter.length - 1; i >= 0 && carry > 0; i--) {
    const sum = counter[i] + (carry % 256);
    counter[i] = sum;
    carry = Math.floor(carry / 256) + (sum >>> 8);
  }
}
