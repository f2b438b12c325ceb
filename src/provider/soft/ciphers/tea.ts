/**
 * TEA, XTEA, and XETA, the kernel's first XTEA with the operators in another order. All three with
 * little-endian words.
 * Source: Wheeler and Needham, "TEA, a Tiny Encryption Algorithm", 1994, and "TEA extensions", 1997;
 * crypto/tea.c for XETA (6.1).
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';

const ROUNDS = 32;
const DELTA = 0x9e3779b9;

/** What a round adds to one half: the other half, the sum so far, the key. */
type Mix = (half: number, sum: number, key: Uint32Array) => number;

/** The mixes of the first and of the second half of a round. */
interface Variant {
  readonly first: Mix;
  readonly second: Mix;
  /** TEA adds delta before the first half, the others between the halves. */
  readonly early: boolean;
}

const TEA: Variant = {
  first: (z, sum, k) => ((z << 4) + k[0]) ^ (z + sum) ^ ((z >>> 5) + k[1]),
  second: (y, sum, k) => ((y << 4) + k[2]) ^ (y + sum) ^ ((y >>> 5) + k[3]),
  early: true,
};
const XTEA: Variant = {
  first: (z, sum, k) => (((z << 4) ^ (z >>> 5)) + z) ^ (sum + k[sum & 3]),
  second: (y, sum, k) => (((y << 4) ^ (y >>> 5)) + y) ^ (sum + k[(sum >>> 11) & 3]),
  early: false,
};
const XETA: Variant = {
  first: (z, sum, k) => ((z << 4) ^ (z >>> 5)) + (z ^ sum) + k[sum & 3],
  second: (y, sum, k) => ((y << 4) ^ (y >>> 5)) + (y ^ sum) + k[(sum >>> 11) & 3],
  early: false,
};

class Tea implements BlockCipher {
  readonly blockSize: number = 8;
  readonly #variant: Variant;
  readonly #key: Uint32Array;

  constructor(variant: Variant, key: Uint32Array) {
    this.#variant = variant;
    this.#key = key;
  }

  encrypt(text: DataView, at: number): void {
    const { first, second, early } = this.#variant;
    let y = text.getUint32(at, true);
    let z = text.getUint32(at + 4, true);
    let sum = early ? DELTA : 0;
    for (let i = 0; i < ROUNDS; i++) {
      y = (y + first(z, sum, this.#key)) >>> 0;
      if (!early) sum = (sum + DELTA) >>> 0;
      z = (z + second(y, sum, this.#key)) >>> 0;
      if (early) sum = (sum + DELTA) >>> 0;
    }
    text.setUint32(at, y, true);
    text.setUint32(at + 4, z, true);
  }

  decrypt(text: DataView, at: number): void {
    const { first, second, early } = this.#variant;
    let y = text.getUint32(at, true);
    let z = text.getUint32(at + 4, true);
    let sum = (DELTA * ROUNDS) >>> 0;
    for (let i = 0; i < ROUNDS; i++) {
      z = (z - second(y, sum, this.#key)) >>> 0;
      if (!early) sum = (sum - DELTA) >>> 0;
      y = (y - first(z, sum, this.#key)) >>> 0;
      if (early) sum = (sum - DELTA) >>> 0;
    }
    text.setUint32(at, y, true);
    text.setUint32(at + 4, z, true);
  }
}

/** TEA under a key of 16 bytes. */
export function tea(key: Uint8Array): BlockCipher {
  return new Tea(TEA, wordsOf(key));
}

/** XTEA under a key of 16 bytes. */
export function xtea(key: Uint8Array): BlockCipher {
  return new Tea(XTEA, wordsOf(key));
}

/** XETA under a key of 16 bytes. */
export function xeta(key: Uint8Array): BlockCipher {
  return new Tea(XETA, wordsOf(key));
}

function wordsOf(key: Uint8Array): Uint32Array {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return Uint32Array.from({ length: 4 }, (_, i) => view.getUint32(4 * i, true));
}
