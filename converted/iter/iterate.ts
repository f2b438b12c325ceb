/**
 * The step engine: calls a function for each part of an iterator and moves it by what was processed.
 * C: include/linux/iov_iter.h (7.3)
 *
 * Steps are named functions of the module that uses them; what they need travels in `priv`, so that no
 * closure is made per call.
 * @module
 */

import { pageAddress } from '../../src/machine/machine.ts';
import { kasanPhysToVirt } from '../../src/machine/translate.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  physAddr,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import { folioqNrSlots } from './folio-queue.ts';
import {
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
  iovIterCopy,
  iovIterTruncate,
} from './iov-iter.ts';
import { iovIterAdvance, misuse } from './position.ts';
import { unknownType, walkedBehind } from './segments.ts';

/**
 * Processes `len` bytes at a mapped kernel address.
 * @param progress bytes processed before this part
 * @returns bytes **not** processed; anything but 0 ends the iteration. @kernel iov_step_f
 */
export type IovStepF<P> = (
  base: VirtAddr,
  progress: number,
  len: number,
  priv: P,
  i: IovIter,
) => number;

/** The same for a user address, in the address space of the iterator. @kernel iov_ustep_f */
export type IovUstepF<P> = (
  base: UserAddr,
  progress: number,
  len: number,
  priv: P,
  i: IovIter,
) => number;

/**
 * Runs the steps over at most `len` bytes. A bio_vec step covers at most the rest of a page and is
 * called with length 0 for an empty bio_vec; empty user and kernel segments are skipped.
 * @returns bytes processed; the iterator moved by as many. @kernel iterate_and_advance
 */
export function iterateAndAdvance<P>(
  i: IovIter,
  len: number,
  priv: P,
  ustep: IovUstepF<P>,
  step: IovStepF<P>,
): number {
  const n = Math.min(len, i.count);
  if (n === 0) return 0;
  if (i.iterType === ITER_UBUF) return iterateUbuf(i, n, 0, priv, ustep);
  if (i.iterType === ITER_IOVEC) return iterateIovec(i, n, 0, priv, ustep);
  if (i.iterType === ITER_CHAIN) return iterateChain(i, n, 0, priv, ustep, step);
  return iterateKernel(i, n, 0, priv, step);
}

/**
 * The same for kernel memory only.
 *
 * Must not be called with user memory: the kernel then reports full progress without calling a step.
 * Strict iterators throw instead. @kernel iterate_and_advance_kernel
 */
export function iterateAndAdvanceKernel<P>(
  i: IovIter,
  len: number,
  priv: P,
  step: IovStepF<P>,
): number {
  const n = Math.min(len, i.count);
  if (n === 0) return 0;
  if (i.iterType === ITER_UBUF || i.iterType === ITER_IOVEC) {
    misuse(i, 'user memory in a kernel-only iteration');
    i.count -= n;
    return n;
  }
  if (i.iterType === ITER_CHAIN) return iterateChain(i, n, 0, priv, null, step);
  return iterateKernel(i, n, 0, priv, step);
}

/** @param before bytes that earlier parts of a chain have processed. */
function iterateKernel<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  switch (i.iterType) {
    case ITER_BVEC:
      return iterateBvec(i, len, before, priv, step);
    case ITER_KVEC:
      return iterateKvec(i, len, before, priv, step);
    case ITER_FOLIOQ:
      return iterateFolioq(i, len, before, priv, step);
    case ITER_XARRAY:
      return iterateXarray(i, len, before, priv, step);
    case ITER_BVECQ:
      return iterateBvecq(i, len, before, priv, step);
    case ITER_DISCARD:
      i.count -= len;
      return len;
    default:
      return unknownType(i);
  }
}

function iterateUbuf<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  ustep: IovUstepF<P>,
): number {
  const consumed = len - ustep(userAddr(i.ubuf + i.iovOffset), before, len, priv, i);
  i.iovOffset += consumed;
  i.count -= consumed;
  return consumed;
}

function iterateIovec<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  ustep: IovUstepF<P>,
): number {
  let progress = 0;
  let skip = i.iovOffset;
  let k = i.seg;
  while (progress < len) {
    const iov = i.iov[k] ?? walkedBehind(i);
    const part = Math.min(len - progress, iov.len - skip);
    if (part > 0) {
      const consumed = part - ustep(userAddr(iov.base + skip), before + progress, part, priv, i);
      progress += consumed;
      skip += consumed;
      if (skip < iov.len) break;
    }
    k++;
    skip = 0;
  }
  return settle(i, k, skip, progress);
}

function iterateKvec<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  let progress = 0;
  let skip = i.iovOffset;
  let k = i.seg;
  while (progress < len) {
    const kv = i.kvec[k] ?? walkedBehind(i);
    const part = Math.min(len - progress, kv.len - skip);
    if (part > 0) {
      const consumed = part - step(virtAddr(kv.base + skip), before + progress, part, priv, i);
      progress += consumed;
      skip += consumed;
      if (skip < kv.len) break;
    }
    k++;
    skip = 0;
  }
  return settle(i, k, skip, progress);
}

function iterateBvec<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  let progress = 0;
  let skip = i.iovOffset;
  let k = i.seg;
  while (progress < len) {
    const bv = i.bvec[k] ?? walkedBehind(i);
    const at = bv.phys + skip;
    const part = Math.min(len - progress, bv.len - skip, PAGE_SIZE - offsetInPage(at));
    const remain = step(kasanPhysToVirt(i.machine, physAddr(at)), before + progress, part, priv, i);
    progress += part - remain;
    skip += part - remain;
    if (skip >= bv.len) {
      skip = 0;
      k++;
    }
    if (remain > 0) break;
  }
  return settle(i, k, skip, progress);
}

function iterateFolioq<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  let q = i.folioq;
  let slot = i.seg;
  let skip = i.iovOffset;
  let progress = 0;
  // The queue may have been extended behind a full node since the iterator came to its end.
  if (q !== null && slot === folioqNrSlots(q) && q.next !== null) {
    q = q.next;
    slot = 0;
  }
  while (q !== null && progress < len) {
    const folio = q.folios[slot] ?? null;
    if (folio === null) break;
    const size = q.size(slot);
    let remain = 0;
    if (skip < size) {
      const part = Math.min(len - progress, PAGE_SIZE - offsetInPage(skip));
      const base = kasanPhysToVirt(i.machine, pageAddress(folio.page, skip));
      remain = step(base, before + progress, part, priv, i);
      progress += part - remain;
      skip += part - remain;
    }
    if (skip >= size) {
      skip = 0;
      slot++;
      if (slot === folioqNrSlots(q) && q.next !== null) {
        q = q.next;
        slot = 0;
      }
    }
    if (remain > 0) break;
  }
  i.folioq = q;
  i.seg = slot;
  i.iovOffset = skip;
  i.count -= progress;
  return progress;
}

/** A slot that ends exactly where the data ends is not left: more may be appended to the node. */
function iterateBvecq<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  let q = i.bvecq;
  let slot = i.seg;
  let skip = i.iovOffset;
  let progress = 0;
  while (q !== null && progress < len) {
    if (slot >= q.nrSlots) {
      if (q.next === null) break;
      q = q.next;
      slot = 0;
      continue;
    }
    const bv = q.bv[slot];
    if (skip >= bv.len) {
      skip = 0;
      slot++;
      continue;
    }
    const at = bv.phys + skip;
    const part = Math.min(len - progress, bv.len - skip, PAGE_SIZE - offsetInPage(at));
    const remain = step(kasanPhysToVirt(i.machine, physAddr(at)), before + progress, part, priv, i);
    progress += part - remain;
    skip += part - remain;
    if (remain > 0) break;
  }
  i.bvecq = q;
  i.seg = slot;
  i.iovOffset = skip;
  i.count -= progress;
  return progress;
}

function iterateXarray<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  step: IovStepF<P>,
): number {
  const { context } = i.machine;
  let progress = 0;
  context.rcuReadLock();
  try {
    while (progress < len) {
      const at = i.xarrayStart + i.iovOffset + progress;
      const index = Math.floor(at / PAGE_SIZE);
      const folio = i.xarray?.load(index) ?? null;
      if (folio === null) break;
      const offset = at - folio.index * PAGE_SIZE;
      const part = Math.min(len - progress, PAGE_SIZE - offsetInPage(offset));
      const base = kasanPhysToVirt(i.machine, pageAddress(folio.page, offset));
      const remain = step(base, before + progress, part, priv, i);
      progress += part - remain;
      if (remain > 0) break;
    }
  } finally {
    context.rcuReadUnlock();
  }
  i.iovOffset += progress;
  i.count -= progress;
  return progress;
}

/** Each part is walked through a copy; the position of the chain is index and offset, as of an array. */
function iterateChain<P>(
  i: IovIter,
  len: number,
  before: number,
  priv: P,
  ustep: IovUstepF<P> | null,
  step: IovStepF<P>,
): number {
  let progress = 0;
  let skip = i.iovOffset;
  let k = i.seg;
  while (progress < len) {
    const whole = (i.parts[k] ?? walkedBehind(i)).count;
    const wanted = Math.min(len - progress, whole - skip);
    if (wanted > 0) {
      const part = iovIterCopy(i.parts[k]);
      iovIterAdvance(part, skip);
      iovIterTruncate(part, wanted);
      const done = iteratePart(part, wanted, before + progress, priv, ustep, step);
      progress += done;
      skip += done;
      if (skip < whole) break;
    }
    k++;
    skip = 0;
  }
  return settle(i, k, skip, progress);
}

function iteratePart<P>(
  part: IovIter,
  len: number,
  before: number,
  priv: P,
  ustep: IovUstepF<P> | null,
  step: IovStepF<P>,
): number {
  if (part.iterType === ITER_CHAIN) return iterateChain(part, len, before, priv, ustep, step);
  if (part.iterType !== ITER_UBUF && part.iterType !== ITER_IOVEC) {
    return iterateKernel(part, len, before, priv, step);
  }
  if (ustep === null) {
    misuse(part, 'user memory in a kernel-only iteration');
    return len;
  }
  return part.iterType === ITER_UBUF
    ? iterateUbuf(part, len, before, priv, ustep)
    : iterateIovec(part, len, before, priv, ustep);
}

function settle(i: IovIter, k: number, skip: number, progress: number): number {
  i.nrSegs -= k - i.seg;
  i.seg = k;
  i.iovOffset = skip;
  i.count -= progress;
  return progress;
}
