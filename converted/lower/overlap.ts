/**
 * May a source and a destination be used together? Byte for byte they are identical or disjoint;
 * anything else would make the result depend on the steps of a walk, and is refused.
 *
 * Places decide, never containers: two lists that split the same memory differently are in place.
 * @module
 */
import { type BvecList, bvecLen } from '../../src/bvec.ts';

/** Up to this many pairs they are compared directly (0.5 us); above, a list is sorted first. */
const PAIRS = 256;

/** Entries that a sort key has room for, beside the 32 bits of an offset. */
const MAX_SORTED = 2 ** 21;

/** Keys of a sorted list: offset and index in one number, so that the sort needs no comparator. */
let keys = new Float64Array(256);

/** True when some byte of `dst` is also a byte of `src` at another position. @kernel none */
export function bvecConflict(src: BvecList, dst: BvecList): boolean {
  if (apart(src, dst)) return false;
  if (src.nr === 1 && dst.nr === 1) return pairConflict(src, 0, 0, dst, 0, 0);
  if (src.nr * dst.nr <= PAIRS) return directlyMeet(src, dst, false);
  if (identical(src, dst) && ascending(src)) return false;
  return meet(src, dst, false);
}

/** True when the lists share a byte at all. @kernel none */
export function bvecOverlap(a: BvecList, b: BvecList): boolean {
  if (apart(a, b)) return false;
  return a.nr * b.nr <= PAIRS ? directlyMeet(a, b, true) : meet(a, b, true);
}

/** True when the ranges that the lists lie in do not touch: nearly always, and without a look at entries. */
function apart(a: BvecList, b: BvecList): boolean {
  return a.high <= b.low || b.high <= a.low;
}

/** Where an entry lies, from the first byte of memory. */
function offsetOf({ words, first }: BvecList, k: number): number {
  return words[first + 2 * k];
}

/** @param x position of entry i in the source, @param y position of entry j in the destination. */
function pairConflict(
  src: BvecList,
  i: number,
  x: number,
  dst: BvecList,
  j: number,
  y: number,
): boolean {
  return pairOverlap(src, i, dst, j) && offsetOf(src, i) - x !== offsetOf(dst, j) - y;
}

function pairOverlap(src: BvecList, i: number, dst: BvecList, j: number): boolean {
  const a = offsetOf(src, i);
  const b = offsetOf(dst, j);
  return a < b + bvecLen(dst, j) && b < a + bvecLen(src, i);
}

/** Every entry of one against every entry of the other. @param anywhere one position counts, too */
function directlyMeet(src: BvecList, dst: BvecList, anywhere: boolean): boolean {
  let x = 0;
  for (let i = 0; i < src.nr; i++) {
    let y = 0;
    for (let j = 0; j < dst.nr; j++) {
      if (anywhere ? pairOverlap(src, i, dst, j) : pairConflict(src, i, x, dst, j, y)) return true;
      y += bvecLen(dst, j);
    }
    x += bvecLen(src, i);
  }
  return false;
}

function identical(a: BvecList, b: BvecList): boolean {
  if (a.nr !== b.nr) return false;
  for (let k = 0; k < a.nr; k++)
    if (offsetOf(a, k) !== offsetOf(b, k) || bvecLen(a, k) !== bvecLen(b, k)) return false;
  return true;
}

function ascending(list: BvecList): boolean {
  for (let k = 1; k < list.nr; k++) {
    if (offsetOf(list, k) < offsetOf(list, k - 1) + bvecLen(list, k - 1)) return false;
  }
  return true;
}

/**
 * A binary search in the source, sorted by place, for each entry of the destination.
 * @param anywhere a shared byte counts at one position, too
 */
function meet(src: BvecList, dst: BvecList, anywhere: boolean): boolean {
  const { nr } = src;
  if (nr > MAX_SORTED) return directlyMeet(src, dst, anywhere);
  const scale = 2 ** Math.ceil(Math.log2(nr));
  if (keys.length < nr) keys = new Float64Array(2 * nr);
  const sorted = keys.subarray(0, nr);
  for (let k = 0; k < nr; k++) sorted[k] = offsetOf(src, k) * scale + k;
  sorted.sort();
  const at = new Float64Array(nr);
  for (let k = 1; k < nr; k++) at[k] = at[k - 1] + bvecLen(src, k - 1);
  // reach[k]: the farthest end of the entries up to k, so that the search may stop going back.
  const reach = new Float64Array(nr);
  let end = 0;
  for (let k = 0; k < nr; k++) {
    const entry = entryOf(sorted[k], scale);
    end = Math.max(end, offsetOf(src, entry) + bvecLen(src, entry));
    reach[k] = end;
  }
  let y = 0;
  for (let j = 0; j < dst.nr; j++) {
    const from = offsetOf(dst, j);
    let k = countBelow(sorted, (from + bvecLen(dst, j)) * scale) - 1;
    for (; k >= 0 && reach[k] > from; k--) {
      const entry = entryOf(sorted[k], scale);
      const x = at[entry];
      if (anywhere ? pairOverlap(src, entry, dst, j) : pairConflict(src, entry, x, dst, j, y))
        return true;
    }
    y += bvecLen(dst, j);
  }
  return false;
}

/** How many sorted keys are less than `limit`. */
function countBelow(sorted: Float64Array, limit: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index in a key. A subtraction: `%` on doubles above 2^32 costs 17 ns. */
function entryOf(key: number, scale: number): number {
  return key - Math.floor(key / scale) * scale;
}
