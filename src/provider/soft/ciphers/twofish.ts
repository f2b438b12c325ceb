/**
 * Twofish, with key-dependent S-boxes merged with the MDS matrix.
 * Source: Schneier, Kelsey, Whiting, Wagner, Hall, Ferguson, "Twofish: A 128-Bit Block Cipher", 1998.
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';
import { gfMultiply } from './field.ts';

/** t0 to t3 of the permutations q0 and q1, as hexadecimal digits. */
const Q: readonly Uint8Array[] = [
  permutation('817d6f320b59eca4', 'ecb81235f4a6709d', 'ba5e6d90c8f32471', 'd7f4126e9b3085ca'),
  permutation('28bdf76e31940ac5', '1e2b4c376da5f908', '4c75169a0ed82b3f', 'b951c3de647f208a'),
];
/** For byte i of h: which q it goes through first with a key of 32 bytes, and so on inwards. */
const Q_ORDER: readonly (readonly number[])[] = [
  [1, 1, 0, 0, 1],
  [0, 1, 1, 0, 0],
  [0, 0, 0, 1, 1],
  [1, 0, 1, 1, 0],
];
const MDS: readonly (readonly number[])[] = [
  [0x01, 0xef, 0x5b, 0x5b],
  [0x5b, 0xef, 0xef, 0x01],
  [0xef, 0x5b, 0x01, 0xef],
  [0xef, 0x01, 0xef, 0x5b],
];
const MDS_POLY = 0x169;
const RS: readonly (readonly number[])[] = [
  [0x01, 0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e],
  [0xa4, 0x56, 0x82, 0xf3, 0x1e, 0xc6, 0x68, 0xe5],
  [0x02, 0xa1, 0xfc, 0xc1, 0x47, 0xae, 0x3d, 0x19],
  [0xa4, 0x55, 0x87, 0x5a, 0x58, 0xdb, 0x9e, 0x03],
];
const RS_POLY = 0x14d;
const ROUNDS = 16;
/** Subkeys of the input, of the output, of the rounds. */
const SUBKEYS = 8 + 2 * ROUNDS;

/** The word that the MDS matrix makes of byte `column`, at 256 * column + byte. */
const MDS_WORDS: Uint32Array = buildMds();

class Twofish implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #k: Uint32Array;
  /** Table i at 256 * i: g of byte i alone. */
  readonly #s: Uint32Array;

  constructor(subkeys: Uint32Array, tables: Uint32Array) {
    this.#k = subkeys;
    this.#s = tables;
  }

  encrypt(text: DataView, at: number): void {
    const k = this.#k;
    const s = this.#s;
    let a = text.getUint32(at, true) ^ k[0];
    let b = text.getUint32(at + 4, true) ^ k[1];
    let c = text.getUint32(at + 8, true) ^ k[2];
    let d = text.getUint32(at + 12, true) ^ k[3];
    for (let r = 8; r < SUBKEYS; r += 2) {
      const t0 = g(s, a);
      const t1 = g(s, rotate(b, 8));
      const x = rotate(c ^ (t0 + t1 + k[r]), 31);
      const y = rotate(d, 1) ^ (t0 + 2 * t1 + k[r + 1]);
      c = a;
      d = b;
      a = x;
      b = y;
    }
    text.setUint32(at, c ^ k[4], true);
    text.setUint32(at + 4, d ^ k[5], true);
    text.setUint32(at + 8, a ^ k[6], true);
    text.setUint32(at + 12, b ^ k[7], true);
  }

  decrypt(text: DataView, at: number): void {
    const k = this.#k;
    const s = this.#s;
    let a = text.getUint32(at, true) ^ k[4];
    let b = text.getUint32(at + 4, true) ^ k[5];
    let c = text.getUint32(at + 8, true) ^ k[6];
    let d = text.getUint32(at + 12, true) ^ k[7];
    for (let r = SUBKEYS - 2; r >= 8; r -= 2) {
      const t0 = g(s, a);
      const t1 = g(s, rotate(b, 8));
      const x = rotate(c, 1) ^ (t0 + t1 + k[r]);
      const y = rotate(d ^ (t0 + 2 * t1 + k[r + 1]), 31);
      c = a;
      d = b;
      a = x;
      b = y;
    }
    text.setUint32(at, c ^ k[0], true);
    text.setUint32(at + 4, d ^ k[1], true);
    text.setUint32(at + 8, a ^ k[2], true);
    text.setUint32(at + 12, b ^ k[3], true);
  }
}

/** Twofish under a key of 16, 24 or 32 bytes. */
export function twofish(key: Uint8Array): BlockCipher {
  const words = Array.from({ length: key.length / 4 }, (_, i) => key.subarray(4 * i, 4 * i + 4));
  const even = words.filter((_, i) => i % 2 === 0);
  const odd = words.filter((_, i) => i % 2 === 1);
  const subkeys = new Uint32Array(SUBKEYS);
  for (let i = 0; i < SUBKEYS; i += 2) {
    const a = wordOf(i, even);
    const b = rotate(wordOf(i + 1, odd), 8);
    subkeys[i] = a + b;
    subkeys[i + 1] = rotate(a + 2 * b, 9);
  }
  const parts = even.map((_, i) => reedSolomon(key.subarray(8 * i, 8 * i + 8))).reverse();
  const tables = new Uint32Array(4 * 256);
  for (let i = 0; i < 4; i++) {
    for (let byte = 0; byte < 256; byte++) {
      tables[256 * i + byte] = MDS_WORDS[256 * i + substitute(i, byte, parts)];
    }
  }
  return new Twofish(subkeys, tables);
}

/** h of the word whose four bytes are `byte`. */
function wordOf(byte: number, key: readonly Uint8Array[]): number {
  let word = 0;
  for (let i = 0; i < 4; i++) word ^= MDS_WORDS[256 * i + substitute(i, byte, key)];
  return word;
}

/** Byte i of h before the MDS matrix. */
function substitute(i: number, byte: number, key: readonly Uint8Array[]): number {
  const order = Q_ORDER[i];
  let y = byte;
  for (let k = key.length - 1; k >= 0; k--) y = Q[order[3 - k]][y] ^ key[k][i];
  return Q[order[4]][y];
}

function reedSolomon(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(RS, (row) =>
    row.reduce((sum, factor, i) => sum ^ gfMultiply(factor, bytes[i], RS_POLY), 0),
  );
}

function g(s: Uint32Array, x: number): number {
  return (
    s[x & 255] ^ s[256 + ((x >>> 8) & 255)] ^ s[512 + ((x >>> 16) & 255)] ^ s[768 + (x >>> 24)]
  );
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function permutation(...digits: readonly string[]): Uint8Array {
  const [t0, t1, t2, t3] = digits.map((text) =>
    Array.from(text, (digit) => Number.parseInt(digit, 16)),
  );
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const [a, b] = mixNibbles(byte >>> 4, byte & 15);
    const [c, d] = mixNibbles(t0[a], t1[b]);
    return (t3[d] << 4) | t2[c];
  });
}

function mixNibbles(a: number, b: number): [number, number] {
  return [a ^ b, (a ^ ((b >>> 1) | (b << 3)) ^ (a << 3)) & 15];
}

function buildMds(): Uint32Array {
  const words = new Uint32Array(4 * 256);
  for (let column = 0; column < 4; column++) {
    for (let byte = 0; byte < 256; byte++) {
      MDS.forEach((row, i) => {
        words[256 * column + byte] |= gfMultiply(row[column], byte, MDS_POLY) << (8 * i);
      });
    }
  }
  return words;
}
