/**
 * Where bytes stood before: what encoders that copy them back look into.
 * @module
 */

/** Bytes that are looked up; no shorter copy is found. */
export const MIN_MATCH = 4;
const HASH_BITS = 12;
/** Values of `hashOf`. */
export const HASH_SLOTS: number = 1 << HASH_BITS;

/** Where four bytes and more stood before, or -1. Asked for each place at most once, in their order. */
export type Finder = (at: number) => number;

/** The last place of the same hash. @param farthest distance of a copy @param end no copy goes beyond it */
export function lastPlace(bytes: Uint8Array, farthest: number, end: number): Finder {
  const places = new Int32Array(HASH_SLOTS).fill(-1);
  return (at) => {
    const slot = hashOf(bytes, at);
    const from = places[slot];
    places[slot] = at;
    const isNear = from >= 0 && at - from <= farthest;
    return isNear && matchLength(bytes, from, at, end) >= MIN_MATCH ? from : -1;
  };
}

/** Bytes that are alike from two places on, up to `end`. */
export function matchLength(bytes: Uint8Array, from: number, at: number, end: number): number {
  let len = 0;
  while (at + len < end && bytes[from + len] === bytes[at + len]) len++;
  return len;
}

/** Of the four bytes at a place. */
export function hashOf(bytes: Uint8Array, at: number): number {
  const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  return Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
}
