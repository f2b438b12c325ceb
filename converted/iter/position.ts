/**
 * Moving an iterator: advance, revert, save and restore.
 * C: lib/iov_iter.c (7.3)
 *
 * Advance and revert are no inverses where empty segments lie: the byte is the same, the
 * representation may not be. That is the kernel's behaviour and part of the contract.
 * @module
 */
import { assert, KernelBug, KernelOops } from '../../src/assert.ts';
import { MAX_RW_COUNT } from '../../src/units.ts';
import { folioqNrSlots } from './folio-queue.ts';
import {
  type Direction,
  type IovIter,
  ITER_BVEC,
  ITER_BVECQ,
  ITER_CHAIN,
  ITER_DISCARD,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_UBUF,
  ITER_XARRAY,
  iovIterAssign,
} from './iov-iter.ts';
import { isArrayType, segmentLen, segments, unknownType } from './segments.ts';

/** A saved position. @kernel iov_iter_state */
export interface IovIterState {
  readonly iovOffset: number;
  readonly count: number;
  readonly nrSegs: number;
}

/** Moves forward by `size` bytes, at most to the end. @kernel iov_iter_advance */
export function iovIterAdvance(i: IovIter, size: number): void {
  assert(size >= 0, 'advance by a negative size');
  const n = Math.min(size, i.count);
  switch (i.iterType) {
    case ITER_UBUF:
    case ITER_XARRAY:
      i.iovOffset += n;
      i.count -= n;
      return;
    case ITER_IOVEC:
    case ITER_KVEC:
    case ITER_BVEC:
    case ITER_CHAIN:
      advanceArray(i, n);
      return;
    case ITER_FOLIOQ:
      advanceFolioq(i, n);
      return;
    case ITER_BVECQ:
      advanceBvecq(i, n);
      return;
    case ITER_DISCARD:
      i.count -= n;
      return;
    default:
      unknownType(i);
  }
}

/**
 * Moves back by `unroll` bytes.
 * @throws KernelBug behind the start of a single range, KernelOops before the first segment: there the
 *   kernel reads what lies before the array. A move of more than MAX_RW_COUNT does nothing, with a
 *   warning; strict iterators throw.
 * @kernel iov_iter_revert
 */
export function iovIterRevert(i: IovIter, unroll: number): void {
  if (unroll === 0) return;
  if (unroll > MAX_RW_COUNT) {
    misuse(i, 'WARN_ON(unroll > MAX_RW_COUNT)');
    return;
  }
  i.count += unroll;
  if (i.iterType === ITER_DISCARD) return;
  if (unroll <= i.iovOffset) {
    i.iovOffset -= unroll;
    return;
  }
  const rest = unroll - i.iovOffset;
  if (i.iterType === ITER_XARRAY || i.iterType === ITER_UBUF) {
    throw new KernelBug('BUG(): iov_iter_revert before the start of the range', { rest });
  }
  if (i.iterType === ITER_FOLIOQ) revertFolioq(i, rest);
  else if (i.iterType === ITER_BVECQ) revertBvecq(i, rest);
  else if (isArrayType(i)) revertArray(i, rest);
  else unknownType(i);
}

/** @kernel iov_iter_save_state */
export function iovIterSaveState(i: IovIter): IovIterState {
  return { iovOffset: i.iovOffset, count: i.count, nrSegs: i.nrSegs };
}

/**
 * Goes back to a saved position of the same iterator. Only for UBUF, IOVEC, KVEC, BVEC and CHAIN;
 * others warn and stay, strict ones throw. @kernel iov_iter_restore
 */
export function iovIterRestore(i: IovIter, state: IovIterState): void {
  if (!isArrayType(i) && i.iterType !== ITER_UBUF) {
    misuse(i, 'WARN_ON_ONCE(iov_iter_restore of a type without an array)');
    return;
  }
  i.iovOffset = state.iovOffset;
  i.count = state.count;
  if (i.iterType === ITER_UBUF) return;
  i.seg -= state.nrSegs - i.nrSegs;
  i.nrSegs = state.nrSegs;
}

/**
 * Makes `to` a copy of `old` that keeps its own segment array.
 * @returns the new array; null for types without one, and when there is no memory for it, which the
 *   kernel does not tell apart. @kernel dup_iter
 */
export function dupIter<D extends Direction>(
  to: IovIter<D>,
  old: IovIter<D>,
): readonly { readonly len: number }[] | null {
  iovIterAssign(to, old);
  if (segmentsAreOwn(old) && old.machine.faults.hit('kmalloc')) return null;
  if (old.iterType === ITER_BVEC) to.bvec = rest(old.bvec, old);
  else if (old.iterType === ITER_KVEC) to.kvec = rest(old.kvec, old);
  else if (old.iterType === ITER_IOVEC) to.iov = rest(old.iov, old);
  else return null;
  to.seg = 0;
  return segments(to);
}

/** A warning of the kernel that a strict iterator makes fatal. @kernel none */
export function misuse(i: IovIter, condition: string): void {
  if (i.strict) throw new KernelBug(condition);
  i.machine.warn(condition);
}

function segmentsAreOwn({ iterType }: IovIter): boolean {
  return iterType === ITER_BVEC || iterType === ITER_KVEC || iterType === ITER_IOVEC;
}

function rest<T>(array: readonly T[], i: IovIter): readonly T[] {
  return array.slice(i.seg, i.seg + i.nrSegs);
}

/** Moves past every segment that is used up, empty ones behind it included. */
function advanceArray(i: IovIter, n: number): void {
  if (i.count === 0) return;
  i.count -= n;
  let size = n + i.iovOffset;
  let k = i.seg;
  const end = k + i.nrSegs;
  while (k < end) {
    const len = segmentLen(i, k);
    if (size < len) break;
    size -= len;
    k++;
  }
  i.iovOffset = size;
  i.nrSegs = end - k;
  i.seg = k;
}

function advanceFolioq(i: IovIter, n: number): void {
  if (i.count === 0 || i.folioq === null) return;
  i.count -= n;
  let q = i.folioq;
  let slot = i.seg;
  if (slot >= folioqNrSlots(q) && q.next !== null) {
    q = q.next;
    slot = 0;
  }
  let size = n + i.iovOffset;
  do {
    const len = q.size(slot);
    if (size < len) break;
    size -= len;
    slot++;
    if (slot >= folioqNrSlots(q) && q.next !== null) {
      q = q.next;
      slot = 0;
    }
  } while (size > 0);
  i.folioq = q;
  i.seg = slot;
  i.iovOffset = size;
}

function advanceBvecq(i: IovIter, n: number): void {
  if (i.count === 0 || i.bvecq === null) return;
  i.count -= n;
  let q = i.bvecq;
  let slot = i.seg;
  let size = n + i.iovOffset;
  for (;;) {
    if (slot >= q.nrSlots) {
      if (q.next === null) break;
      q = q.next;
      slot = 0;
      continue;
    }
    const len = q.bv[slot].len;
    if (size < len) break;
    size -= len;
    slot++;
  }
  i.bvecq = q;
  i.seg = slot;
  i.iovOffset = size;
}

function revertArray(i: IovIter, unroll: number): void {
  let left = unroll;
  for (;;) {
    if (i.seg === 0) {
      throw new KernelOops('iov_iter_revert before the segment array', { left });
    }
    i.seg--;
    i.nrSegs++;
    const len = segmentLen(i, i.seg);
    if (left <= len) {
      i.iovOffset = len - left;
      return;
    }
    left -= len;
  }
}

function revertFolioq(i: IovIter, unroll: number): void {
  let q = i.folioq;
  let slot = i.seg;
  let left = unroll;
  for (;;) {
    if (slot === 0) {
      q = q?.prev ?? null;
      if (q === null) throw new KernelOops('iov_iter_revert before the folio queue', { left });
      slot = folioqNrSlots(q);
    }
    slot--;
    const len = q?.size(slot) ?? 0;
    if (left <= len) {
      i.folioq = q;
      i.seg = slot;
      i.iovOffset = len - left;
      return;
    }
    left -= len;
  }
}

function revertBvecq(i: IovIter, unroll: number): void {
  let q = i.bvecq;
  let slot = i.seg;
  let left = unroll;
  for (;;) {
    while (slot === 0) {
      q = q?.prev ?? null;
      if (q === null) throw new KernelOops('iov_iter_revert before the bvec queue', { left });
      slot = q.nrSlots;
    }
    slot--;
    const len = q?.bv[slot].len ?? 0;
    if (left <= len) {
      i.bvecq = q;
      i.seg = slot;
      i.iovOffset = len - left;
      return;
    }
    left -= len;
  }
}
