/**
 * ARIA.
 * Source: RFC 5794.
 * @module
 */
import { type BlockCipher, bytesOfHex } from './block-kernel.ts';

const S1: Uint8Array = bytesOfHex(
  '637c777bf26b6fc53001672bfed7ab76ca82c97dfa5947f0add4a2af9ca472c0' +
    'b7fd9326363ff7cc34a5e5f171d8311504c723c31896059a071280e2eb27b275' +
    '09832c1a1b6e5aa0523bd6b329e32f8453d100ed20fcb15b6acbbe394a4c58cf' +
    'd0efaafb434d338545f9027f503c9fa851a3408f929d38f5bcb6da2110fff3d2' +
    'cd0c13ec5f974417c4a77e3d645d197360814fdc222a908846eeb814de5e0bdb' +
    'e0323a0a4906245cc2d3ac629195e479e7c8376d8dd54ea96c56f4ea657aae08' +
    'ba78252e1ca6b4c6e8dd741f4bbd8b8a703eb5664803f60e613557b986c11d9e' +
    'e1f8981169d98e949b1e87e9ce5528df8ca1890dbfe6426841992d0fb054bb16',
);
const S2: Uint8Array = bytesOfHex(
  'e24e54fc94c24acc620d6a463c4d8bd15efa64cbb497be2bbc772e03d31959c1' +
    '1d06416b55f09969ea9c18ae63dfe7bb007366fb964c85e43a0945aa0fee10eb' +
    '2d7ff429accfad918d78c895f92fcecd087a88385c832a2847dbb8c793a41253' +
    'ff870e3136215848018e377432cae9b1b7ab0cd7c4564226079860d9b6b91140' +
    'ec208cbda0c984044923f14f501f13dcd8c09e57e3c37b653b028f3ee82592e5' +
    '15ddfd17a9bfd49a7ec53967fe769d43a7e1d0f568f21b347005a38ad57986a8' +
    '30c6514b1ea627f635d26e2416825fdae675a2ef2cb21c9f5d6f800a72449b6c' +
    '900b5b337d5a52f361a1f7b0d63f7c6ded14e0a53d22b3f889de711aafbab581',
);
/** The S-boxes of an odd round by position modulo 4; an even round begins two later. */
const BOXES: readonly Uint8Array[] = [S1, S2, inverse(S1), inverse(S2)];
/** Row i of the diffusion A: the input bytes that output byte i is the sum of. */
const A: readonly (readonly number[])[] = [
  [3, 4, 6, 8, 9, 13, 14],
  [2, 5, 7, 8, 9, 12, 15],
  [1, 4, 6, 10, 11, 12, 15],
  [0, 5, 7, 10, 11, 13, 14],
  [0, 2, 5, 8, 11, 14, 15],
  [1, 3, 4, 9, 10, 14, 15],
  [0, 2, 7, 9, 10, 12, 13],
  [1, 3, 6, 8, 11, 12, 13],
  [0, 1, 4, 7, 10, 13, 15],
  [0, 1, 5, 6, 11, 12, 14],
  [2, 3, 5, 6, 8, 13, 15],
  [2, 3, 4, 7, 9, 12, 14],
  [1, 2, 6, 7, 9, 11, 12],
  [0, 3, 6, 7, 8, 10, 13],
  [0, 3, 4, 5, 9, 11, 14],
  [1, 2, 4, 5, 8, 10, 15],
];
const CONSTANTS: readonly Uint8Array[] = [
  bytesOfHex('517cc1b727220a94fe13abe8fa9a6ee0'),
  bytesOfHex('6db14acc9e21c820ff28b1d5ef5de2b0'),
  bytesOfHex('db92371d2126e9700324977504e8c90e'),
];
/** Rotations to the right of the second word, four round keys each. */
const ROTATIONS: readonly number[] = [19, 31, 67, 97, 109];

/** Four words at 4 * (256 * i + byte): what byte i of an odd round gives after its S-box and A. */
const ODD: Uint32Array = buildTables(0);
const EVEN: Uint32Array = buildTables(2);

class Aria implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #forward: Uint8Array;
  readonly #backward: Uint8Array;

  constructor(schedule: readonly Uint8Array[]) {
    const last = schedule.length - 1;
    const backward = schedule.map((_, i) => {
      const key = schedule[last - i];
      return i === 0 || i === last ? key : diffuse(key);
    });
    this.#forward = Uint8Array.from(schedule.flatMap((key) => [...key]));
    this.#backward = Uint8Array.from(backward.flatMap((key) => [...key]));
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** ARIA under a key of 16, 24 or 32 bytes. */
export function aria(key: Uint8Array): BlockCipher {
  const wide = new Uint8Array(32);
  wide.set(key);
  const size = (key.length - 16) / 8;
  const constant = (i: number) => CONSTANTS[(size + i) % 3];
  const w: Uint8Array[] = [wide.subarray(0, 16)];
  w.push(xor(round(ODD, w[0], constant(0)), wide.subarray(16)));
  w.push(xor(round(EVEN, w[1], constant(1)), w[0]));
  w.push(xor(round(ODD, w[2], constant(2)), w[1]));
  const keys = ROTATIONS.flatMap((bits) =>
    // The last key of a group rotates its first word.
    w.map((word, i) => (i < 3 ? xor(word, rotate(w[i + 1], bits)) : xor(rotate(w[0], bits), word))),
  );
  return new Aria(keys.slice(0, 13 + 2 * size));
}

const state = new Uint8Array(16);
const words = new Uint32Array(4);

function cryptBlock(keys: Uint8Array, text: DataView, at: number): void {
  for (let i = 0; i < 16; i++) state[i] = text.getUint8(at + i);
  const last = keys.length - 32;
  for (let k = 0; k < last; k += 16) layers((k & 16) === 0 ? ODD : EVEN, keys, k);
  for (let i = 0; i < 16; i++) {
    const byte = BOXES[(i + 2) & 3][state[i] ^ keys[last + i]];
    text.setUint8(at + i, byte ^ keys[last + 16 + i]);
  }
}

/** Adds the round key at `k` to the state, substitutes and diffuses. */
function layers(table: Uint32Array, keys: Uint8Array, k: number): void {
  words.fill(0);
  for (let i = 0; i < 16; i++) {
    const row = 4 * (256 * i + (state[i] ^ keys[k + i]));
    words[0] ^= table[row];
    words[1] ^= table[row + 1];
    words[2] ^= table[row + 2];
    words[3] ^= table[row + 3];
  }
  for (let i = 0; i < 16; i++) state[i] = words[i >>> 2] >>> (24 - 8 * (i & 3));
}

function round(table: Uint32Array, block: Uint8Array, key: Uint8Array): Uint8Array {
  state.set(block);
  layers(table, key, 0);
  return state.slice();
}

function buildTables(first: number): Uint32Array {
  const tables = new Uint32Array(16 * 256 * 4);
  for (let i = 0; i < 16; i++) {
    const targets = A.flatMap((row, out) => (row.includes(i) ? [out] : []));
    for (let byte = 0; byte < 256; byte++) {
      const value = BOXES[(first + i) & 3][byte];
      for (const out of targets) {
        tables[4 * (256 * i + byte) + (out >>> 2)] |= value << (24 - 8 * (out & 3));
      }
    }
  }
  return tables;
}

function diffuse(block: Uint8Array): Uint8Array {
  return Uint8Array.from(A, (row) => row.reduce((sum, i) => sum ^ block[i], 0));
}

function inverse(box: Uint8Array): Uint8Array {
  const out = new Uint8Array(256);
  box.forEach((value, at) => {
    out[value] = at;
  });
  return out;
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]);
}

function rotate(block: Uint8Array, bits: number): Uint8Array {
  const bytes = bits >>> 3;
  const rest = bits & 7;
  return block.map(
    (_, i) =>
      (block[(16 + i - bytes) % 16] >>> rest) | (block[(15 + i - bytes) % 16] << (8 - rest)),
  );
}
