/**
 * bio_vec: the shared low-level description of memory, (physical address, length, flags).
 *
 * A list is three typed arrays (0.9 ns a step; an array of objects costs 9 to 20 ns an entry to
 * build). A physical address also describes memory without struct page, which neither a scatterlist
 * nor the kernel's page-based bio_vec can.
 * C: include/linux/bvec.h (6.1), struct phys_vec in include/linux/types.h (7.x)
 * @module
 */
import { assert } from './assert.ts';
import { type PhysAddr, physAddr } from './units.ts';

/** Device memory: no struct page behind the address. */
export const BVEC_NO_PAGE = 1;
/** The request must not write here. */
export const BVEC_READONLY = 2;

/** Lengths are 32 bits wide, as `bv_len`. */
const MAX_LEN = 0xffffffff;

/** A growable list of bio_vecs. `nr` entries are valid. */
export class BvecList {
  phys: Float64Array;
  len: Uint32Array;
  flags: Uint8Array;
  nr = 0;
  /** Sum of the lengths. */
  size = 0;

  constructor(capacity = 16) {
    this.phys = new Float64Array(capacity);
    this.len = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
  }
}

/** One entry, for public views and tests; hot code reads the arrays. */
export interface BioVec {
  readonly phys: PhysAddr;
  readonly len: number;
  readonly flags: number;
}

export function bvecClear(list: BvecList): void {
  list.nr = 0;
  list.size = 0;
}

/** Appends without merging; an empty range appends nothing. */
export function bvecAppend(list: BvecList, at: PhysAddr, len: number, flags: number): void {
  if (len === 0) return;
  assert(len > 0 && len <= MAX_LEN, 'bio_vec length');
  if (list.nr === list.phys.length) grow(list);
  list.phys[list.nr] = at;
  list.len[list.nr] = len;
  list.flags[list.nr] = flags;
  list.nr++;
  list.size += len;
}

/**
 * Appends and merges with the last entry when `bvecMergeable` allows it.
 * @kernel bvec_try_merge_page, without the page: contiguity of memory is enough here
 */
export function bvecAppendMerged(list: BvecList, at: PhysAddr, len: number, flags: number): void {
  const last = list.nr - 1;
  if (len > 0 && last >= 0 && bvecMergeable(list, last, at, len, flags)) {
    list.len[last] += len;
    list.size += len;
    return;
  }
  bvecAppend(list, at, len, flags);
}

/** True when a range continues an entry: physically adjacent, same flags, the length still fits. */
export function bvecMergeable(
  list: BvecList,
  index: number,
  at: PhysAddr,
  len: number,
  flags: number,
): boolean {
  return (
    list.phys[index] + list.len[index] === at &&
    list.flags[index] === flags &&
    list.len[index] + len <= MAX_LEN
  );
}

/** Copies entry by entry, replacing what `target` held. */
export function bvecCopy(target: BvecList, source: BvecList): void {
  bvecClear(target);
  for (let i = 0; i < source.nr; i++) {
    bvecAppend(target, physAddr(source.phys[i]), source.len[i], source.flags[i]);
  }
}

/**
 * Appends the `len` bytes that begin at byte `skip` of `source`.
 * Must be called with skip + len at most the size of `source`.
 */
export function bvecSlice(target: BvecList, source: BvecList, skip: number, len: number): void {
  assert(skip + len <= source.size, 'slice inside the list');
  let left = len;
  let before = skip;
  for (let i = 0; i < source.nr && left > 0; i++) {
    const rest = source.len[i] - before;
    if (rest <= 0) {
      before -= source.len[i];
      continue;
    }
    const part = Math.min(rest, left);
    bvecAppendMerged(target, physAddr(source.phys[i] + before), part, source.flags[i]);
    before = 0;
    left -= part;
  }
}

/** The entries as objects. */
export function bvecEntries(list: BvecList): BioVec[] {
  const entries: BioVec[] = [];
  for (let i = 0; i < list.nr; i++) {
    entries.push({ phys: physAddr(list.phys[i]), len: list.len[i], flags: list.flags[i] });
  }
  return entries;
}

function grow(list: BvecList): void {
  const capacity = list.phys.length * 2;
  const phys = new Float64Array(capacity);
  const len = new Uint32Array(capacity);
  const flags = new Uint8Array(capacity);
  phys.set(list.phys);
  len.set(list.len);
  flags.set(list.flags);
  list.phys = phys;
  list.len = len;
  list.flags = flags;
}
