/**
 * NHPoly1305 of both providers: Poly1305 over NH hashes, the hash inside Adiantum.
 *
 * NH multiplies pairs of 32-bit words into 64-bit sums. Here a product is two of 32 by 16 bits, each
 * below 2^48, summed in doubles and folded before the sum can reach 2^53.
 * Source: Crowley and Biggers, "Adiantum", 2018, 6.3 and appendix A; crypto/nhpoly1305.c (6.1).
 * @module
 */
import type { HashState } from '../provider.ts';
import { feedState, type StateBytes, type StateHash, startHash } from './hashes/state-hash.ts';
import {
  loadPolynomial,
  type Polynomial,
  polynomial,
  polynomialBlocks,
  polynomialEmit,
  storePolynomial,
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

/** `struct nhpoly1305_state`: value, buffer, bytes that wait, bytes that the NH message lacks, sums. */
const BUFFER_AT = 24;
const WAITS_AT = 40;
const LACKS_AT = 44;
const SUMS_AT = 48;
const STATE_SIZE = 80;

/** NHPoly1305 under a key of 1088 bytes. A partial unit is padded with zeros. */
export function nhpoly1305(key: Uint8Array): HashState {
  const words = new Uint32Array((NHPOLY1305_KEY_SIZE - UNIT) >>> 2);
  for (let i = 0; i < words.length; i++) words[i] = load32(key, UNIT + 4 * i);
  return startHash(nhpoly1305Hash(words, polynomial(key).r));
}

function nhpoly1305Hash(key: Uint32Array, r: Float64Array): StateHash {
  const absorb = (state: StateBytes, units: Uint8Array): void => {
    const sums = sumsOf(state);
    const poly = { r, h: loadPolynomial(state.view, 0) };
    let position = positionOf(state);
    for (let off = 0; off < units.length; ) {
      if (position === 0) sums.fill(0);
      const left = Math.min(MESSAGE - position, units.length - off);
      const size = Math.min(FOLD * UNIT, left);
      nhUnits(key, position >>> 2, units, off, size, sums);
      off += size;
      position += size;
      if (position < MESSAGE) continue;
      endMessage(poly, state);
      position = 0;
    }
    storePolynomial(poly.h, state.view, 0);
    state.view.setUint32(LACKS_AT, position === 0 ? 0 : MESSAGE - position, true);
  };
  return {
    stateSize: STATE_SIZE,
    start: () => undefined,
    update: (state, input) => {
      const fill = state.view.getUint32(WAITS_AT, true);
      const waits = feedState(state, BUFFER_AT, UNIT, fill, input, (text, from, to) =>
        absorb(state, new Uint8Array(text.buffer, text.byteOffset + from, to - from)),
      );
      state.view.setUint32(WAITS_AT, waits, true);
    },
    finish: (state, out) => {
      const { bytes, view } = state;
      const fill = view.getUint32(WAITS_AT, true);
      const end = BUFFER_AT + UNIT;
      if (fill > 0) absorb(state, bytes.fill(0, BUFFER_AT + fill, end).slice(BUFFER_AT, end));
      const poly = { r, h: loadPolynomial(view, 0) };
      if (positionOf(state) > 0) endMessage(poly, state);
      polynomialEmit(poly, 0n, out);
    },
  };
}

/** Low and high words of the four sums. */
function sumsOf({ words }: StateBytes): Uint32Array {
  return words.subarray(SUMS_AT / 4, STATE_SIZE / 4);
}

/** Bytes of the current NH message that are in the sums. */
function positionOf({ view }: StateBytes): number {
  const lacks = view.getUint32(LACKS_AT, true);
  return lacks === 0 ? 0 : MESSAGE - lacks;
}

function endMessage(poly: Polynomial, state: StateBytes): void {
  polynomialBlocks(poly, state.bytes.subarray(SUMS_AT, STATE_SIZE), 1);
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
