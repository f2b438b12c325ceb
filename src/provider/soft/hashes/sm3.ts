/**
 * SM3.
 * Source: GB/T 32905-2016 (draft-sca-cfrg-sm3).
 * @module
 */
import { mdHash } from './md-hash.ts';
import type { StateHash } from './state-hash.ts';

const IV: readonly number[] = [
  0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e,
];
const ROUNDS = 64;
/** Rounds with the simple boolean functions. */
const EARLY = 16;

const w = new Int32Array(ROUNDS + 4);

/** `struct sm3_state`: eight words, count, buffer. */
export const sm3Hash: StateHash = mdHash({
  ...{ stateSize: 104, blockSize: 64, wordsAt: 0, countAt: 32, bufferAt: 40 },
  initial: IV,
  digestWord: -4,
  compress: (words, text, from, to) => {
    for (let at = from; at < to; at += 64) compressBlock(words, text, at);
  },
});

function compressBlock(words: Uint32Array, text: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = text.getInt32(at + 4 * i);
  for (let i = 16; i < w.length; i++) {
    const x = w[i - 16] ^ w[i - 9] ^ rotate(w[i - 3], 15);
    w[i] = x ^ rotate(x, 15) ^ rotate(x, 23) ^ rotate(w[i - 13], 7) ^ w[i - 6];
  }
  let [a, b, c, d, e, f, g, h] = words;
  for (let i = 0; i < ROUNDS; i++) {
    const early = i < EARLY;
    const constant = rotate(early ? 0x79cc4519 : 0x7a879d8a, i);
    const a12 = rotate(a, 12);
    const ss1 = rotate(a12 + e + constant, 7);
    const ff = early ? a ^ b ^ c : (a & b) | (a & c) | (b & c);
    const gg = early ? e ^ f ^ g : (e & f) | (~e & g);
    const tt1 = (ff + d + (ss1 ^ a12) + (w[i] ^ w[i + 4])) | 0;
    const tt2 = (gg + h + ss1 + w[i]) | 0;
    d = c;
    c = rotate(b, 9);
    b = a;
    a = tt1;
    h = g;
    g = rotate(f, 19);
    f = e;
    e = tt2 ^ rotate(tt2, 9) ^ rotate(tt2, 17);
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    words[i] ^= word;
  });
}

/** `bits` counts modulo 32 and may be 0. */
function rotate(word: number, bits: number): number {
  return (word << bits) | ((word >>> 1) >>> (~bits & 31));
}
