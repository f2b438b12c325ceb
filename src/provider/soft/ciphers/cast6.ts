/**
 * CAST-256, which the kernel calls cast6.
 * Source: RFC 2612.
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';
import { CAST_ROUNDS } from './cast-common.ts';

const QUADS = 12;
const [F1, F2, F3] = CAST_ROUNDS;

/** The working words. */
const w = new Uint32Array(4);

class Cast6 implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #masking: Uint32Array;
  readonly #rotation: Uint8Array;

  /** Four entries for each of the twelve quad rounds. */
  constructor(masking: Uint32Array, rotation: Uint8Array) {
    this.#masking = masking;
    this.#rotation = rotation;
  }

  encrypt(text: DataView, at: number): void {
    loadWords(text, at);
    for (let i = 0; i < QUADS / 2; i++) this.#forward(4 * i);
    for (let i = QUADS / 2; i < QUADS; i++) this.#reverse(4 * i);
    storeWords(text, at);
  }

  decrypt(text: DataView, at: number): void {
    loadWords(text, at);
    for (let i = QUADS - 1; i >= QUADS / 2; i--) this.#forward(4 * i);
    for (let i = QUADS / 2 - 1; i >= 0; i--) this.#reverse(4 * i);
    storeWords(text, at);
  }

  #forward(k: number): void {
    const km = this.#masking;
    const kr = this.#rotation;
    w[2] ^= F1(w[3], km[k], kr[k]);
    w[1] ^= F2(w[2], km[k + 1], kr[k + 1]);
    w[0] ^= F3(w[1], km[k + 2], kr[k + 2]);
    w[3] ^= F1(w[0], km[k + 3], kr[k + 3]);
  }

  #reverse(k: number): void {
    const km = this.#masking;
    const kr = this.#rotation;
    w[3] ^= F1(w[0], km[k + 3], kr[k + 3]);
    w[0] ^= F3(w[1], km[k + 2], kr[k + 2]);
    w[1] ^= F2(w[2], km[k + 1], kr[k + 1]);
    w[2] ^= F1(w[3], km[k], kr[k]);
  }
}

/** CAST-256 under a key of 16, 20, 24, 28 or 32 bytes. */
export function cast6(key: Uint8Array): BlockCipher {
  const padded = new Uint8Array(32);
  padded.set(key);
  const view = new DataView(padded.buffer);
  const kappa = Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i));
  const masking = new Uint32Array(4 * QUADS);
  const rotation = new Uint8Array(4 * QUADS);
  let tm = 0x5a827999;
  let tr = 19;
  for (let i = 0; i < QUADS; i++) {
    // Two octaves: words G, F, ..., A, H, each from its neighbour on the right.
    for (let j = 0; j < 16; j++) {
      const target = (14 - j) & 7;
      kappa[target] ^= CAST_ROUNDS[(j & 7) % 3](kappa[(target + 1) & 7], tm, tr);
      tm = (tm + 0x6ed9eba1) | 0;
      tr = (tr + 17) & 31;
    }
    for (let j = 0; j < 4; j++) {
      rotation[4 * i + j] = kappa[2 * j] & 31;
      masking[4 * i + j] = kappa[7 - 2 * j];
    }
  }
  return new Cast6(masking, rotation);
}

function loadWords(text: DataView, at: number): void {
  for (let i = 0; i < 4; i++) w[i] = text.getUint32(at + 4 * i);
}

function storeWords(text: DataView, at: number): void {
  for (let i = 0; i < 4; i++) text.setUint32(at + 4 * i, w[i]);
}
