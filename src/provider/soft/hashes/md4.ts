/**
 * MD4.
 * Source: RFC 1320.
 * @module
 */
import { MD_IV, mdHash } from './md-hash.ts';
import type { StateHash } from './state-hash.ts';

/** For each round: function of three words, constant, shifts by step modulo 4, order of the text. */
const ROUNDS: readonly (readonly [
  (x: number, y: number, z: number) => number,
  number,
  readonly number[],
  readonly number[],
])[] = [
  [
    (x, y, z) => (x & y) | (~x & z),
    0,
    [3, 7, 11, 19],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ],
  [
    (x, y, z) => (x & y) | (x & z) | (y & z),
    0x5a827999,
    [3, 5, 9, 13],
    [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  ],
  [
    (x, y, z) => x ^ y ^ z,
    0x6ed9eba1,
    [3, 9, 11, 15],
    [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  ],
];

/** `struct md4_ctx`: four words, buffer, count. */
export const md4Hash: StateHash = mdHash({
  ...{ stateSize: 88, blockSize: 64, wordsAt: 0, countAt: 80, bufferAt: 16 },
  initial: MD_IV.slice(0, 4),
  digestWord: 4,
  compress: (words, text, from, to) => {
    for (let at = from; at < to; at += 64) compressBlock(words, text, at);
  },
});

function compressBlock(words: Uint32Array, text: DataView, at: number): void {
  let [a, b, c, d] = words;
  for (const [f, constant, shifts, order] of ROUNDS) {
    for (let i = 0; i < 16; i++) {
      const sum = (a + f(b, c, d) + text.getUint32(at + 4 * order[i], true) + constant) | 0;
      const shift = shifts[i & 3];
      a = d;
      d = c;
      c = b;
      b = (sum << shift) | (sum >>> (32 - shift));
    }
  }
  words[0] += a;
  words[1] += b;
  words[2] += c;
  words[3] += d;
}
