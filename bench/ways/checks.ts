/**
 * What the ways of both APIs have in common: answers that must be good, sector numbers.
 * @module
 */
import { errnoName } from '../../src/errno.ts';

/** @throws Error for an errno: a way that fails measures nothing. */
export function done(err: number): void {
  if (err !== 0) throw new Error(`request of the bench failed: ${errnoName(err)}`);
}

/** @throws Error for an errno or null. */
export function usable<T extends object>(value: T | number | null): T {
  if (value === null) throw new Error('no memory for the bench');
  if (typeof value === 'number') throw new Error(`tfm of the bench: ${errnoName(value)}`);
  return value;
}

/** Writes the IV of data unit `i`: the number of the first, little-endian, and `i`. */
export function sectorIv(iv: Uint8Array, first: Uint8Array, i: number): void {
  let carry = i;
  for (let k = 0; k < 16; k++) {
    carry += first[k];
    iv[k] = carry & 0xff;
    carry = Math.floor(carry / 256);
  }
}
