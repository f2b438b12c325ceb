/**
 * Serpent, bitsliced: an S-box works on 32 columns at once, as the exclusive or of products of its
 * inputs (algebraic normal form), so that no box is written out as logic.
 * Source: Anderson, Biham, Knudsen, "Serpent: A Proposal for the Advanced Encryption Standard", 1998.
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';

/** S0 to S7 as hexadecimal digits. */
const S_BOXES: readonly string[] = [
  '38f1a65bed42709c',
  'fc27905a1be86d34',
  '86793cafd1e40b52',
  '0fb8c963d124a75e',
  '1f83c0b6254a9e7d',
  'f52b4a9c03e8d671',
  '72c5846be91fd3a0',
  '1df0e82b74ca9356',
];
const ROUNDS = 32;
const PHI = 0x9e3779b9;

/** All ones where product i belongs to output bit j of box b, at 64 * b + 16 * j + i. */
const FORWARD: Int32Array = normalForms(S_BOXES);
const INVERSE: Int32Array = normalForms(S_BOXES.map(inverse));

/** The state, and the sixteen products of its words: product i has the words of the bits of i. */
const x = new Int32Array(4);
const products = new Int32Array(16);

class Serpent implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #keys: Int32Array;

  constructor(keys: Int32Array) {
    this.#keys = keys;
  }

  encrypt(text: DataView, at: number): void {
    for (let i = 0; i < 4; i++) x[i] = text.getInt32(at + 4 * i, true);
    for (let r = 0; r < ROUNDS; r++) {
      this.#addKey(r);
      substitute(FORWARD, r & 7);
      if (r < ROUNDS - 1) mix();
    }
    this.#addKey(ROUNDS);
    for (let i = 0; i < 4; i++) text.setInt32(at + 4 * i, x[i], true);
  }

  decrypt(text: DataView, at: number): void {
    for (let i = 0; i < 4; i++) x[i] = text.getInt32(at + 4 * i, true);
    this.#addKey(ROUNDS);
    for (let r = ROUNDS - 1; r >= 0; r--) {
      if (r < ROUNDS - 1) unmix();
      substitute(INVERSE, r & 7);
      this.#addKey(r);
    }
    for (let i = 0; i < 4; i++) text.setInt32(at + 4 * i, x[i], true);
  }

  #addKey(round: number): void {
    for (let i = 0; i < 4; i++) x[i] ^= this.#keys[4 * round + i];
  }
}

/** Serpent under a key of 0 to 32 bytes. */
export function serpent(key: Uint8Array): BlockCipher {
  const padded = new Uint8Array(32);
  padded.set(key);
  // A shorter key is ended by a one bit.
  if (key.length < 32) padded[key.length] = 1;
  const view = new DataView(padded.buffer);
  const w = new Int32Array(8 + 4 * (ROUNDS + 1));
  for (let i = 0; i < 8; i++) w[i] = view.getInt32(4 * i, true);
  for (let i = 8; i < w.length; i++) {
    w[i] = rotate(w[i - 8] ^ w[i - 5] ^ w[i - 3] ^ w[i - 1] ^ PHI ^ (i - 8), 11);
  }
  const keys = w.slice(8);
  for (let r = 0; r <= ROUNDS; r++) {
    x.set(keys.subarray(4 * r, 4 * r + 4));
    substitute(FORWARD, (35 - r) & 7);
    keys.set(x, 4 * r);
  }
  return new Serpent(keys);
}

function substitute(forms: Int32Array, box: number): void {
  const [a, b, c, d] = x;
  products[0] = -1;
  products[1] = a;
  products[2] = b;
  products[3] = a & b;
  for (let i = 4; i < 8; i++) products[i] = c & products[i - 4];
  for (let i = 8; i < 16; i++) products[i] = d & products[i - 8];
  let at = 64 * box;
  for (let bit = 0; bit < 4; bit++) {
    let sum = 0;
    for (let i = 0; i < 16; i++) sum ^= products[i] & forms[at++];
    x[bit] = sum;
  }
}

function mix(): void {
  let [a, b, c, d] = x;
  a = rotate(a, 13);
  c = rotate(c, 3);
  b = rotate(b ^ a ^ c, 1);
  d = rotate(d ^ c ^ (a << 3), 7);
  x[0] = rotate(a ^ b ^ d, 5);
  x[1] = b;
  x[2] = rotate(c ^ d ^ (b << 7), 22);
  x[3] = d;
}

function unmix(): void {
  let [a, b, c, d] = x;
  c = rotate(c, 10) ^ d ^ (b << 7);
  a = rotate(a, 27) ^ b ^ d;
  d = rotate(d, 25) ^ c ^ (a << 3);
  b = rotate(b, 31) ^ a ^ c;
  x[0] = rotate(a, 19);
  x[1] = b;
  x[2] = rotate(c, 29);
  x[3] = d;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function inverse(box: string): string {
  return Array.from(box, (_, i) => box.indexOf(i.toString(16)).toString(16)).join('');
}

function normalForms(boxes: readonly string[]): Int32Array {
  const forms = new Int32Array(64 * boxes.length);
  boxes.forEach((box, b) => {
    for (let bit = 0; bit < 4; bit++) {
      const row = forms.subarray(64 * b + 16 * bit, 64 * b + 16 * bit + 16);
      for (let i = 0; i < 16; i++) row[i] = -((Number.parseInt(box[i], 16) >>> bit) & 1);
      // The Moebius transform turns the truth table into its normal form.
      for (let step = 1; step < 16; step <<= 1) {
        for (let i = 0; i < 16; i++) if (i & step) row[i] ^= row[i ^ step];
      }
    }
  });
  return forms;
}
