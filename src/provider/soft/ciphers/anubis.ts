/**
 * Anubis.
 * Source: Barreto and Rijmen, "The Anubis Block Cipher", 2001 (the tweaked version).
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';
import { gfMultiply } from './field.ts';
import { NESSIE_BOX, NESSIE_POLY } from './nessie-box.ts';

const BLOCK = 16;
/** First row of the diffusion matrix, an involution: entry (i, j) is H[i ^ j]. */
const H: readonly number[] = [1, 2, 4, 6];
/** Bases of the key extraction: entry (i, j) of its matrix is the j-th power of base i. */
const BASES: readonly number[] = [1, 2, 6, 8];

/** Product of H[i] and a substituted byte at 256 * i + byte. */
const PRODUCTS: Uint8Array = Uint8Array.from(
  H.flatMap((factor) => Array.from(NESSIE_BOX, (byte) => gfMultiply(factor, byte, NESSIE_POLY))),
);

const state = new Uint8Array(BLOCK);
const next = new Uint8Array(BLOCK);

class Anubis implements BlockCipher {
  readonly blockSize: number = BLOCK;
  readonly #forward: Uint8Array;
  readonly #backward: Uint8Array;

  constructor(keys: readonly Uint8Array[]) {
    const last = keys.length - 1;
    const backward = keys.map((_, i) => {
      const key = keys[last - i];
      return i === 0 || i === last ? key : diffuseRows(key);
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

/** Anubis under a key of 16, 20, ... 40 bytes. */
export function anubis(key: Uint8Array): BlockCipher {
  const rounds = 8 + key.length / 4;
  let kappa: Uint8Array = Uint8Array.from(key);
  const keys: Uint8Array[] = [];
  for (let r = 0; r <= rounds; r++) {
    keys.push(extract(kappa));
    kappa = evolve(kappa, r);
  }
  return new Anubis(keys);
}

/** The round key of a key state of four columns and as many rows as the key has words. */
function extract(kappa: Uint8Array): Uint8Array {
  const rows = kappa.length / 4;
  return Uint8Array.from({ length: BLOCK }, (_, at) => {
    // The result is transposed: its row is a column of the key state.
    const column = at >>> 2;
    const base = BASES[at & 3];
    let sum = 0;
    for (let row = rows - 1; row >= 0; row--) {
      sum = gfMultiply(sum, base, NESSIE_POLY) ^ NESSIE_BOX[kappa[4 * row + column]];
    }
    return sum;
  });
}

/** Substitution, a rotation of column j by j rows, diffusion of the rows, a constant in the first row. */
function evolve(kappa: Uint8Array, round: number): Uint8Array {
  const rows = kappa.length / 4;
  const permuted = kappa.map((_, at) => {
    const column = at & 3;
    return NESSIE_BOX[kappa[4 * (((at >>> 2) + rows - column) % rows) + column]];
  });
  const out = diffuseRows(permuted);
  for (let j = 0; j < 4; j++) out[j] ^= NESSIE_BOX[4 * round + j];
  return out;
}

function cryptBlock(keys: Uint8Array, text: DataView, at: number): void {
  for (let i = 0; i < BLOCK; i++) state[i] = text.getUint8(at + i) ^ keys[i];
  const last = keys.length - BLOCK;
  for (let k = BLOCK; k < last; k += BLOCK) {
    // Substitution, transposition, diffusion of the rows.
    for (let row = 0; row < 4; row++) {
      for (let j = 0; j < 4; j++) {
        let sum = keys[k + 4 * row + j];
        for (let i = 0; i < 4; i++) sum ^= PRODUCTS[256 * (i ^ j) + state[4 * i + row]];
        next[4 * row + j] = sum;
      }
    }
    state.set(next);
  }
  for (let i = 0; i < BLOCK; i++) {
    text.setUint8(at + i, NESSIE_BOX[state[4 * (i & 3) + (i >>> 2)]] ^ keys[last + i]);
  }
}

function diffuseRows(block: Uint8Array): Uint8Array {
  return block.map((_, at) => {
    const row = at & ~3;
    let sum = 0;
    for (let i = 0; i < 4; i++) sum ^= gfMultiply(H[i ^ (at & 3)], block[row + i], NESSIE_POLY);
    return sum;
  });
}
