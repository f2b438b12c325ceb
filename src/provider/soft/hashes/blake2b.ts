/**
 * BLAKE2b over noble's compression.
 * Source: RFC 7693.
 * @module
 */
import { _BLAKE2b } from '@noble/hashes/blake2.js';
import { type Blake2, blake2Hash } from './blake2.ts';
import type { StateBytes, StateHash } from './state-hash.ts';

const BLOCK = 128;
/** In `struct blake2b_state`. */
const COUNT_AT = 64;
const H_WORDS = 16;

/** The initial value of SHA-512, low words first. */
const IV: readonly number[] = [
  0xf3bcc908, 0x6a09e667, 0x84caa73b, 0xbb67ae85, 0xfe94f82b, 0x3c6ef372, 0x5f1d36f1, 0xa54ff53a,
  0xade682d1, 0x510e527f, 0x2b3e6c1f, 0x9b05688c, 0xfb41bd6b, 0x1f83d9ab, 0x137e2179, 0x5be0cd19,
];
const BLAKE2B: Blake2 = { block: BLOCK, iv: IV, countAt: COUNT_AT, bufferAt: 96, compress };
const text32 = new Uint32Array(BLOCK / 4);
const text8 = new Uint8Array(text32.buffer);

/** Lends noble's compression; it never sees a message of its own. */
class OpenBlake2b extends _BLAKE2b {
  compressBlock(h: Uint32Array, count: number, last: boolean): void {
    const [a, b, c, d, e, f, g, i, j, k, l, m, n, o, p, q] = h;
    this.set(a, b, c, d, e, f, g, i, j, k, l, m, n, o, p, q);
    this.length = count;
    this.compress(text32, 0, last);
    h.set(this.get());
  }
}

const lender = new OpenBlake2b();

/** BLAKE2b with a digest of `digestSize` bytes under a key of 1 to 64 bytes, or of none for no key. */
export function blake2bHash(digestSize: number, key: Uint8Array): StateHash {
  return blake2Hash(BLAKE2B, digestSize, key);
}

function compress(state: StateBytes, text: DataView, at: number, isLast: boolean): void {
  text8.set(new Uint8Array(text.buffer, text.byteOffset + at, BLOCK));
  const count = Number(state.view.getBigUint64(COUNT_AT, true));
  lender.compressBlock(state.words.subarray(0, H_WORDS), count, isLast);
}
