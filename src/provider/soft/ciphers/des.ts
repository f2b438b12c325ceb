/**
 * DES and Triple-DES of the generic provider (noble has neither): S-boxes merged with the
 * permutation P into eight tables of 64 words.
 * Source: FIPS 46-3; the test compares with OpenSSL.
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';

const BLOCK = 8;
/** Bytes of one round key: eight groups of six bits. */
const ROUND_KEY = 8;
const ROUNDS = 16;

/** S1 to S8, four rows of sixteen hexadecimal digits each. */
const S_BOXES: readonly string[] = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
];
/** Permutation P: output bit i is input bit P[i], counted from 1 at the most significant. */
const P: readonly number[] = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13,
  30, 6, 22, 11, 4, 25,
];
const PC1: readonly number[] = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60,
  52, 44, 36, 63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21,
  13, 5, 28, 20, 12, 4,
];
const PC2: readonly number[] = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52,
  31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
];
/** Total rotation of the key halves after each round. */
const ROTATIONS: readonly number[] = [1, 2, 4, 6, 8, 10, 12, 14, 15, 17, 19, 21, 23, 25, 27, 28];

/** Entry 64 * box + six input bits: P of the four output bits. */
const SP: Uint32Array = buildTables();

class Des implements BlockCipher {
  readonly blockSize: number = BLOCK;
  readonly #forward: Uint8Array;
  readonly #backward: Uint8Array;

  constructor(schedule: Uint8Array) {
    this.#forward = schedule;
    this.#backward = reverseRounds(schedule);
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** DES under a key of 8 bytes; parity bits are ignored. */
export function des(key: Uint8Array): BlockCipher {
  return new Des(expandKey(key));
}

/** Triple-DES, encrypt-decrypt-encrypt, under a key of 24 bytes. */
export function des3Ede(key: Uint8Array): BlockCipher {
  const schedule = new Uint8Array(3 * ROUNDS * ROUND_KEY);
  const middle = reverseRounds(expandKey(key.subarray(8, 16)));
  schedule.set(expandKey(key.subarray(0, 8)), 0);
  schedule.set(middle, middle.length);
  schedule.set(expandKey(key.subarray(16, 24)), 2 * middle.length);
  return new Des(schedule);
}

/** All rounds of `schedule`: 16 for DES, 48 for Triple-DES, whose inner permutations cancel. */
function cryptBlock(schedule: Uint8Array, text: DataView, at: number): void {
  // The initial permutation as five exchanges of bits between the halves.
  let l = text.getUint32(at);
  let r = text.getUint32(at + 4);
  let x = ((l >>> 4) ^ r) & 0x0f0f0f0f;
  l ^= x << 4;
  r ^= x;
  x = ((l >>> 16) ^ r) & 0x0000ffff;
  l ^= x << 16;
  r ^= x;
  x = ((r >>> 2) ^ l) & 0x33333333;
  r ^= x << 2;
  l ^= x;
  x = ((r >>> 8) ^ l) & 0x00ff00ff;
  r ^= x << 8;
  l ^= x;
  x = ((l >>> 1) ^ r) & 0x55555555;
  l ^= x << 1;
  r ^= x;
  for (let k = 0; k < schedule.length; k += ROUND_KEY) {
    x = l ^ roundFunction(schedule, k, r);
    l = r;
    r = x;
    if ((k & 127) === 120) {
      r = l;
      l = x;
    }
  }
  // The inverse: the same exchanges in the opposite order.
  x = ((l >>> 1) ^ r) & 0x55555555;
  l ^= x << 1;
  r ^= x;
  x = ((r >>> 8) ^ l) & 0x00ff00ff;
  r ^= x << 8;
  l ^= x;
  x = ((r >>> 2) ^ l) & 0x33333333;
  r ^= x << 2;
  l ^= x;
  x = ((l >>> 16) ^ r) & 0x0000ffff;
  l ^= x << 16;
  r ^= x;
  x = ((l >>> 4) ^ r) & 0x0f0f0f0f;
  text.setUint32(at, l ^ (x << 4));
  text.setUint32(at + 4, r ^ x);
}

/** Group i of the expansion is six bits, from the bit before 4 * i to the one after 4 * i + 3. */
function roundFunction(schedule: Uint8Array, k: number, r: number): number {
  const e = (r << 31) | (r >>> 1);
  return (
    SP[(e >>> 26) ^ schedule[k]] ^
    SP[64 + (((e >>> 22) & 63) ^ schedule[k + 1])] ^
    SP[128 + (((e >>> 18) & 63) ^ schedule[k + 2])] ^
    SP[192 + (((e >>> 14) & 63) ^ schedule[k + 3])] ^
    SP[256 + (((e >>> 10) & 63) ^ schedule[k + 4])] ^
    SP[320 + (((e >>> 6) & 63) ^ schedule[k + 5])] ^
    SP[384 + (((e >>> 2) & 63) ^ schedule[k + 6])] ^
    SP[448 + ((((e << 2) | (e >>> 30)) & 63) ^ schedule[k + 7])]
  );
}

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 64);
  for (let box = 0; box < 8; box++) {
    for (let bits = 0; bits < 64; bits++) {
      const row = ((bits >>> 4) & 2) | (bits & 1);
      const digit = Number.parseInt(S_BOXES[box][16 * row + ((bits >>> 1) & 15)], 16);
      const word = digit << (28 - 4 * box);
      let out = 0;
      for (const from of P) out = (out << 1) | ((word >>> (32 - from)) & 1);
      tables[64 * box + bits] = out;
    }
  }
  return tables;
}

/** Sixteen round keys of eight six-bit groups each. */
function expandKey(key: Uint8Array): Uint8Array {
  const halves = PC1.map((bit) => (key[(bit - 1) >>> 3] >>> (7 - ((bit - 1) & 7))) & 1);
  const schedule = new Uint8Array(ROUNDS * ROUND_KEY);
  for (let round = 0; round < ROUNDS; round++) {
    PC2.forEach((bit, i) => {
      const base = bit > 28 ? 28 : 0;
      const from = base + ((bit - 1 - base + ROTATIONS[round]) % 28);
      const at = round * ROUND_KEY + Math.floor(i / 6);
      schedule[at] = (schedule[at] << 1) | halves[from];
    });
  }
  return schedule;
}

function reverseRounds(schedule: Uint8Array): Uint8Array {
  const out = new Uint8Array(schedule.length);
  for (let at = 0; at < schedule.length; at += ROUND_KEY) {
    out.set(schedule.subarray(at, at + ROUND_KEY), schedule.length - at - ROUND_KEY);
  }
  return out;
}
