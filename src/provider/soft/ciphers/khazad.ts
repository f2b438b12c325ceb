/**
 * Khazad.
 * Source: Barreto and Rijmen, "The Khazad Legacy-Level Block Cipher", 2001 (the tweaked version).
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';
import { gfMultiply } from './field.ts';
import { NESSIE_BOX, NESSIE_POLY } from './nessie-box.ts';

const BLOCK = 8;
const ROUNDS = 8;
/** First row of the diffusion matrix, an involution: entry (i, j) is H[i ^ j]. */
const H: readonly number[] = [1, 3, 4, 5, 6, 8, 11, 7];

/** Product of H[i] and a substituted byte at 256 * i + byte. */
const PRODUCTS: Uint8Array = Uint8Array.from(
  H.flatMap((factor) => Array.from(NESSIE_BOX, (byte) => gfMultiply(factor, byte, NESSIE_POLY))),
);

const state = new Uint8Array(BLOCK);
const next = new Uint8Array(BLOCK);

class Khazad implements BlockCipher {
  readonly blockSize: number = BLOCK;
  readonly #forward: Uint8Array;
  readonly #backward: Uint8Array;

  constructor(keys: readonly Uint8Array[]) {
    const backward = keys.map((_, i) => {
      const key = keys[ROUNDS - i];
      return i === 0 || i === ROUNDS ? key : diffuse(key);
    });
    this.#forward = Uint8Array.from(keys.flatMap((key) => [...key]));
    this.#backward = Uint8Array.from(backward.flatMap((key) => [...key]));
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** Khazad under a key of 16 bytes. */
export function khazad(key: Uint8Array): BlockCipher {
  let older = key.subarray(0, BLOCK);
  let newer = key.subarray(BLOCK);
  const keys: Uint8Array[] = [];
  for (let r = 0; r <= ROUNDS; r++) {
    state.set(newer);
    substituteAndDiffuse();
    const made = state.map((byte, i) => byte ^ NESSIE_BOX[BLOCK * r + i] ^ older[i]);
    keys.push(made);
    older = newer;
    newer = made;
  }
  return new Khazad(keys);
}

function cryptBlock(keys: Uint8Array, text: DataView, at: number): void {
  for (let i = 0; i < BLOCK; i++) state[i] = text.getUint8(at + i) ^ keys[i];
  const last = BLOCK * ROUNDS;
  for (let k = BLOCK; k < last; k += BLOCK) {
    substituteAndDiffuse();
    for (let i = 0; i < BLOCK; i++) state[i] ^= keys[k + i];
  }
  for (let i = 0; i < BLOCK; i++) text.setUint8(at + i, NESSIE_BOX[state[i]] ^ keys[last + i]);
}

function substituteAndDiffuse(): void {
  next.fill(0);
  for (let i = 0; i < BLOCK; i++) {
    for (let j = 0; j < BLOCK; j++) next[j] ^= PRODUCTS[256 * (i ^ j) + state[i]];
  }
  state.set(next);
}

function diffuse(key: Uint8Array): Uint8Array {
  return key.map((_, j) =>
    key.reduce((sum, byte, i) => sum ^ gfMultiply(H[i ^ j], byte, NESSIE_POLY), 0),
  );
}
