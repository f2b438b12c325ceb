/**
 * BLAKE2s, which kernels have in lib/crypto only.
 * Source: RFC 7693.
 * C: include/crypto/blake2s.h, lib/crypto/blake2s.c (7.3)
 * @module
 */
import { type Blake2, blake2Hash } from './blake2.ts';
import type { StateBytes, StateHash } from './state-hash.ts';

/** In `struct blake2s_ctx`. */
const COUNT_AT = 32;

/** The initial value of SHA-256. */
const IV: readonly number[] = [
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
];
/** Which word of the block each half of a mixing takes, by round. */
const SIGMA: readonly (readonly number[])[] = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
/** Columns of the working vector, then diagonals. */
const MIXED: readonly (readonly [a: number, b: number, c: number, d: number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];
const BLAKE2S: Blake2 = { block: 64, iv: IV, countAt: COUNT_AT, bufferAt: 48, compress };
const v = new Uint32Array(16);

/** BLAKE2s with a digest of `digestSize` bytes under a key of 1 to 32 bytes, or of none for no key. */
export function blake2sHash(digestSize: number, key: Uint8Array): StateHash {
  return blake2Hash(BLAKE2S, digestSize, key);
}

function compress({ words, view }: StateBytes, text: DataView, at: number, isLast: boolean): void {
  v.set(words.subarray(0, 8));
  v.set(IV, 8);
  v[12] ^= view.getUint32(COUNT_AT, true);
  v[13] ^= view.getUint32(COUNT_AT + 4, true);
  if (isLast) v[14] ^= 0xffffffff;
  for (const sigma of SIGMA) {
    for (const [k, [a, b, c, d]] of MIXED.entries()) {
      const [x, y] = [sigma[2 * k], sigma[2 * k + 1]];
      mix(a, b, c, d, text.getUint32(at + 4 * x, true), text.getUint32(at + 4 * y, true));
    }
  }
  for (let i = 0; i < 8; i++) words[i] ^= v[i] ^ v[i + 8];
}

function mix(a: number, b: number, c: number, d: number, x: number, y: number): void {
  v[a] += v[b] + x;
  v[d] = rotated(v[d] ^ v[a], 16);
  v[c] += v[d];
  v[b] = rotated(v[b] ^ v[c], 12);
  v[a] += v[b] + y;
  v[d] = rotated(v[d] ^ v[a], 8);
  v[c] += v[d];
  v[b] = rotated(v[b] ^ v[c], 7);
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
