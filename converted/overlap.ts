/**
 * May a source and a destination be used together? Byte for byte they are identical or disjoint;
 * anything else would make the result depend on the steps of a walk, and is refused.
 *
 * Places decide, never containers: two lists that split the same memory differently are in place.
 * @module
 */
import type { BvecList } from '../src/bvec.ts';

/** Up to this many pairs they are compared directly; above, the entries are sorted first. */
const PAIRS = 512;

/**
 * True when some byte of `dst` is also a byte of `src` at another position.
 * @kernel none, undefined contents in the kernel
 */
export function bvecConflict(src: BvecList, dst: BvecList): boolean {
  if (src.nr === 0 || dst.nr === 0) return false;
  if (src.nr === 1 && dst.nr === 1) return pairConflict(src, 0, 0, dst, 0, 0);
  if (src.nr * dst.nr <= PAIRS) return directConflict(src, dst);
  return sortedConflict(src, dst);
}

/** True when the lists share a byte at all. @kernel none */
export function bvecOverlap(a: BvecList, b: BvecList): boolean {
  for (let i = 0; i < a.nr; i++) {
    for (let j = 0; j < b.nr; j++) {
      if (a.phys[i] < b.phys[j] + b.len[j] && b.phys[j] < a.phys[i] + a.len[i]) return true;
    }
  }
  return false;
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
  const a = src.phys[i];
  const b = dst.phys[j];
  return a < b + dst.len[j] && b < a + src.len[i] && a - x !== b - y;
}

function directConflict(src: BvecList, dst: BvecList): boolean {
  let x = 0;
  for (let i = 0; i < src.nr; i++) {
    let y = 0;
    for (let j = 0; j < dst.nr; j++) {
      if (pairConflict(src, i, x, dst, j, y)) return true;
      y += dst.len[j];
    }
    x += src.len[i];
  }
  return false;
}

/** For long lists: a binary search in the source, sorted by address, for each destination entry. */
function sortedConflict(src: BvecList, dst: BvecList): boolean {
  const order = Array.from({ length: src.nr }, (_, i) => i);
  order.sort((i, j) => src.phys[i] - src.phys[j]);
  const at = positions(src);
  // reach[k]: the farthest end of the entries up to k, so that the search may stop going back.
  const reach = new Float64Array(src.nr);
  let end = 0;
  for (let k = 0; k < src.nr; k++) {
    end = Math.max(end, src.phys[order[k]] + src.len[order[k]]);
    reach[k] = end;
  }
  let y = 0;
  for (let j = 0; j < dst.nr; j++) {
    let k = lastBelow(src, order, dst.phys[j] + dst.len[j]);
    for (; k >= 0 && reach[k] > dst.phys[j]; k--) {
      if (pairConflict(src, order[k], at[order[k]], dst, j, y)) return true;
    }
    y += dst.len[j];
  }
  return false;
}

/** Position of each entry in the stream. */
function positions(list: BvecList): Float64Array {
  const at = new Float64Array(list.nr);
  for (let i = 1; i < list.nr; i++) at[i] = at[i - 1] + list.len[i - 1];
  return at;
}

/** Index in `order` of the last entry that starts below `limit`, or -1. */
function lastBelow(list: BvecList, order: readonly number[], limit: number): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (list.phys[order[middle]] < limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
