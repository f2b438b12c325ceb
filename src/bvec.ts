/**
 * bio_vec: the shared low-level description of memory, (physical address, length, flags).
 *
 * A list is rows of two words, (offset from the first byte of memory, length), and a byte of flags
 * each. `low`, `high` and `size` are kept while it is filled, so that two lists that lie apart are seen
 * to be disjoint without a look at their entries (3 ns instead of 69 a segment). Where a list is made
 * for a memory, its rows lie in that memory, behind the last frame, and a wasm kernel can walk them.
 *
 * A physical address also describes memory without struct page, which neither a scatterlist nor the
 * kernel's page-based bio_vec can.
 * C: include/linux/bvec.h (6.1), struct phys_vec in include/linux/types.h (7.x)
 * @module
 */
import { assert, KernelBug } from './assert.ts';
import { PHYS_BASE, type PhysMem } from './machine/phys-mem.ts';
import { type PhysAddr, physAddr } from './units.ts';

/** Device memory: no struct page behind the address. */
export const BVEC_NO_PAGE = 1;
/** The request must not write here. */
export const BVEC_READONLY = 2;

/** Lengths are 32 bits wide, as `bv_len`. */
const MAX_LEN = 0xffffffff;
/** Offsets of a list that belongs to no memory. */
const MAX_OFFSET = 0x1_0000_0000;
/**
 * `low` of an empty list, and the most that it ever is: above, it is less than the lowest byte, which costs
 * a comparison of entries and nothing else. The largest small integer, so that no field becomes a double.
 */
const NOWHERE = 0x7fffffff;

/** A growable list of bio_vecs. `nr` entries are valid. */
export class BvecList {
  /** The memory whose kernels can walk the rows; null where they cannot. */
  mem: PhysMem | null;
  /** Bytes of the memory that entries may name. */
  readonly limit: number;
  /** Entry k: its offset in word `first + 2k`, its length in the next. */
  words: Uint32Array;
  first: number;
  capacity: number;
  flags: Uint8Array;
  nr = 0;
  /** Sum of the lengths. */
  size = 0;
  /** Offset of the lowest byte, and of the first one above the highest. */
  low: number = NOWHERE;
  high = 0;
  /** Flags of any entry. */
  marks = 0;

  /** Must be given back with `bvecFree` when it is made for a memory. */
  constructor(capacity = 16, mem: PhysMem | null = null) {
    this.capacity = capacity;
    this.limit = mem === null ? MAX_OFFSET : mem.u8.length;
    this.flags = new Uint8Array(capacity);
    const at = mem === null || capacity === 0 ? -1 : mem.takeRows(capacity);
    this.mem = at < 0 ? null : mem;
    this.words = at < 0 || mem === null ? new Uint32Array(2 * capacity) : mem.words;
    this.first = at < 0 ? 0 : at / 4;
  }
}

/** One entry, for public views and tests; hot code reads the rows. */
export interface BioVec {
  readonly phys: PhysAddr;
  readonly len: number;
  readonly flags: number;
}

/** A range as a caller describes it. */
export interface PhysRange {
  readonly phys: PhysAddr;
  readonly len: number;
}

/** Address of entry `k`. */
export function bvecPhys({ words, first }: BvecList, k: number): PhysAddr {
  return physAddr(PHYS_BASE + words[first + 2 * k]);
}

/** Bytes of entry `k`. */
export function bvecLen({ words, first }: BvecList, k: number): number {
  return words[first + 2 * k + 1];
}

/** Where the rows lie in the memory of the list, for kernels. */
export function bvecRows({ first }: BvecList): number {
  return 4 * first;
}

export function bvecClear(list: BvecList): void {
  list.nr = 0;
  list.size = 0;
  list.low = NOWHERE;
  list.high = 0;
  list.marks = 0;
}

/** Gives the rows back. The list must not be used any more. */
export function bvecFree(list: BvecList): void {
  bvecClear(list);
  list.mem?.giveRows(4 * list.first, list.capacity);
  list.capacity = 0;
}

/** Appends without merging; an empty range appends nothing. @throws KernelBug outside physical memory. */
export function bvecAppend(list: BvecList, at: PhysAddr, len: number, flags: number): void {
  if (len === 0) return;
  assert(len > 0 && len <= MAX_LEN, 'bio_vec length');
  if (list.nr === list.capacity) bvecGrow(list);
  const offset = at - PHYS_BASE;
  const o = list.first + 2 * list.nr;
  list.words[o] = offset;
  list.words[o + 1] = len;
  list.flags[list.nr] = flags;
  list.nr++;
  list.size += len;
  list.marks |= flags;
  bvecBounds(list, offset, offset + len);
}

/**
 * Appends and merges with the last entry when it is physically adjacent and has the same flags.
 * @kernel bvec_try_merge_page, without the page: contiguity of memory is enough here
 */
export function bvecAppendMerged(list: BvecList, at: PhysAddr, len: number, flags: number): void {
  const last = list.nr - 1;
  const o = list.first + 2 * last;
  const offset = at - PHYS_BASE;
  const { words } = list;
  if (
    last < 0 ||
    words[o] + words[o + 1] !== offset ||
    list.flags[last] !== flags ||
    words[o + 1] + len > MAX_LEN
  ) {
    bvecAppend(list, at, len, flags);
    return;
  }
  words[o + 1] += len;
  list.size += len;
  bvecBounds(list, offset, offset + len);
}

/** Replaces the list by one range. @throws KernelBug outside physical memory. */
export function bvecSet(list: BvecList, at: PhysAddr, len: number): void {
  bvecClear(list);
  bvecAppend(list, at, len, 0);
}

/**
 * Replaces the list by the first `nr` ranges, merged where they touch. One loop, 6 ns a range; 12 where
 * an address is above 2^31 bytes from the start of memory, which no small integer holds.
 * @throws KernelBug outside physical memory.
 */
export function bvecFill(list: BvecList, ranges: readonly PhysRange[], nr: number): void {
  while (list.capacity < nr) bvecGrow(list);
  const { words, first, flags } = list;
  let o = first;
  let size = 0;
  let low: number = NOWHERE;
  let high = 0;
  let end = -1;
  for (let i = 0; i < nr; i++) {
    const { phys, len } = ranges[i];
    if (len === 0) continue;
    const offset = phys - PHYS_BASE;
    if (!(offset >= 0 && len > 0)) bvecRefuse(list, offset, len);
    size += len;
    if (offset === end) words[o - 1] += len;
    else {
      words[o] = offset;
      words[o + 1] = len;
      o += 2;
      if (offset < low) low = offset;
    }
    end = offset + len;
    if (end > high) high = end;
  }
  const used = (o - first) >> 1;
  for (let k = 0; k < used; k++) flags[k] = 0;
  list.nr = used;
  list.size = size;
  list.low = NOWHERE;
  list.high = 0;
  list.marks = 0;
  if (used > 0) bvecBounds(list, low, high);
}

/** The entries as objects. */
export function bvecEntries(list: BvecList): BioVec[] {
  const entries: BioVec[] = [];
  for (let i = 0; i < list.nr; i++) {
    entries.push({ phys: bvecPhys(list, i), len: bvecLen(list, i), flags: list.flags[i] });
  }
  return entries;
}

/** Doubles the room. Rows that no longer fit behind the frames go on in private memory. */
export function bvecGrow(list: BvecList): void {
  const { mem, words, first, nr } = list;
  const capacity = Math.max(8, list.capacity * 2);
  const at = mem === null ? -1 : mem.takeRows(capacity);
  const target = at < 0 || mem === null ? new Uint32Array(2 * capacity) : mem.words;
  const start = at < 0 ? 0 : at / 4;
  for (let i = 0; i < 2 * nr; i++) target[start + i] = words[first + i];
  if (mem !== null && list.capacity > 0) mem.giveRows(4 * first, list.capacity);
  const flags = new Uint8Array(capacity);
  flags.set(list.flags);
  list.flags = flags;
  if (at < 0) list.mem = null;
  list.words = target;
  list.first = start;
  list.capacity = capacity;
}

/**
 * Widens the bounds by a range that was written already: a row that wraps is never used.
 * @throws KernelBug outside physical memory.
 */
export function bvecBounds(list: BvecList, low: number, high: number): void {
  if (!(low >= 0 && high <= list.limit)) bvecRefuse(list, low, high - low);
  if (low < list.low) list.low = low;
  if (high > list.high) list.high = high;
}

/** Empties the list and throws. @throws KernelBug */
export function bvecRefuse(list: BvecList, offset: number, len: number): never {
  bvecClear(list);
  throw new KernelBug('access outside physical memory', { at: PHYS_BASE + offset, len });
}
