/**
 * NHPoly1305 of both providers: Poly1305 over NH hashes, the hash inside Adiantum.
 *
 * NH multiplies pairs of 32-bit words into 64-bit sums. Here a product is two of 32 by 16 bits, each
 * below 2^48, summed in doubles and folded before the sum can reach 2^53.
 * Source: Crowley and Biggers, "Adiantum", 2018, 6.3 and appendix A; crypto/nhpoly1305.c (6.1).
 * @module
 */
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import { type BlockBuffer, blockBuffer, cloneBlockBuffer, feedBlocks } from './block-buffer.ts';
import {
  clonePolynomial,
  type Polynomial,
  polynomial,
  polynomialBlocks,
  polynomialEmit,
} from './poly1305-core.ts';
import { load32 } from './scratch.ts';

/** Bytes that NH takes at a time, bytes of one NH message, number of passes. */
const UNIT = 16;
const MESSAGE = 1024;
const PASSES = 4;
/** Units between two folds: 2 * 16 products of 48 bits are below 2^53. */
const FOLD = 16;
/** Size of the key: a Poly1305 point and 268 words for NH (NHPOLY1305_KEY_SIZE). */
const NHPOLY1305_KEY_SIZE = 1088;

/** One key as words. */
interface NhKey {
  readonly words: Uint32Array;
}

class NhPoly1305 implements HashState {
  readonly #key: NhKey;
  readonly #poly: Polynomial;
  readonly #buffer: BlockBuffer;
  /** Low and high words of the four sums. */
  readonly #sums: Uint32Array;
  /** Bytes of the current NH message that are in the sums. */
  #position: number;
  readonly #absorb: (units: Uint8Array) => void;

  constructor(
    key: NhKey,
    poly: Polynomial,
    buffer: BlockBuffer,
    sums: Uint32Array,
    position: number,
  ) {
    this.#key = key;
    this.#poly = poly;
    this.#buffer = buffer;
    this.#sums = sums;
    this.#position = position;
    this.#absorb = (units) => this.#units(units);
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.updateBytes(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    feedBlocks(this.#buffer, bytes, false, this.#absorb);
  }

  digest(out: Uint8Array): void {
    const { bytes, fill } = this.#buffer;
    if (fill > 0) this.#units(bytes.fill(0, fill));
    if (this.#position > 0) this.#endMessage();
    polynomialEmit(this.#poly, 0n, out);
  }

  clone(): HashState {
    return new NhPoly1305(
      this.#key,
      clonePolynomial(this.#poly),
      cloneBlockBuffer(this.#buffer),
      this.#sums.slice(),
      this.#position,
    );
  }

  #units(units: Uint8Array): void {
    let off = 0;
    while (off < units.length) {
      const left = Math.min(MESSAGE - this.#position, units.length - off);
      const size = Math.min(FOLD * UNIT, left);
      nhUnits(this.#key.words, this.#position >>> 2, units, off, size, this.#sums);
      off += size;
      this.#position += size;
      if (this.#position === MESSAGE) this.#endMessage();
    }
  }

  #endMessage(): void {
    const hash = new Uint8Array(this.#sums.buffer);
    polynomialBlocks(this.#poly, hash, 1);
    this.#sums.fill(0);
    this.#position = 0;
  }
}

/** NHPoly1305 under a key of 1088 bytes. A partial unit is padded with zeros. */
export function nhpoly1305(key: Uint8Array): HashState {
  const words = new Uint32Array((NHPOLY1305_KEY_SIZE - UNIT) >>> 2);
  for (let i = 0; i < words.length; i++) words[i] = load32(key, UNIT + 4 * i);
  return new NhPoly1305({ words }, polynomial(key), blockBuffer(UNIT), new Uint32Array(8), 0);
}

/** Adds NH of `len` bytes (at most 16 units) at `off` to `sums`, with the key from word `at` on. */
function nhUnits(
  key: Uint32Array,
  at: number,
  message: Uint8Array,
  off: number,
  len: number,
  sums: Uint32Array,
): void {
  for (let pass = 0; pass < PASSES; pass++) {
    let k = at + 4 * pass;
    let low = 0;
    let high = 0;
    for (let i = off; i < off + len; i += UNIT) {
      const a = (load32(message, i) + key[k]) >>> 0;
      const b = (load32(message, i + 8) + key[k + 2]) >>> 0;
      const c = (load32(message, i + 4) + key[k + 1]) >>> 0;
      const d = (load32(message, i + 12) + key[k + 3]) >>> 0;
      low += a * (b & 0xffff) + c * (d & 0xffff);
      high += a * (b >>> 16) + c * (d >>> 16);
      k += 4;
    }
    addSum(sums, 2 * pass, low, high);
  }
}

/** Adds low + 2^16 * high to the 64-bit sum at `at`. Both are integers below 2^53. */
function addSum(sums: Uint32Array, at: number, low: number, high: number): void {
  const highTop = Math.floor(high / 0x10000);
  const lowTop = Math.floor(low / 0x100000000);
  const sum = sums[at] + (low - lowTop * 0x100000000) + (high - highTop * 0x10000) * 0x10000;
  const carry = Math.floor(sum / 0x100000000);
  sums[at] = sum - carry * 0x100000000;
  sums[at + 1] = (sums[at + 1] + highTop + lowTop + carry) % 0x100000000;
}
