/**
 * The iov_iter: one position over many kinds of memory.
 * C: lib/iov_iter.c, include/linux/uio.h (7.3; ITER_BVECQ as proposed in 2026)
 *
 * The segment arrays belong to the caller and are never changed. A position in an array type is a
 * segment index and an offset inside it, where the kernel moves a pointer.
 *
 * A strict iterator throws when it is built or moved against its contract; an unchecked one does what
 * the kernel does. Strict is the default on a machine with checks.
 * @module
 */
import { assert, KernelBug } from '../../src/assert.ts';
import type { BioVec, BvecList } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { PageCache } from '../../src/machine/page-cache.ts';
import type { AddressSpace } from '../../src/machine/user.ts';
import type { UserAddr } from '../../src/units.ts';
import type { Bvecq } from './bvecq.ts';
import type { FolioQueue } from './folio-queue.ts';
import { checked } from './segments.ts';
import {
  type Direction,
  type Iovec,
  IovIter,
  ITER_BVEC,
  ITER_BVECQ,
  ITER_CHAIN,
  ITER_DEST,
  ITER_DISCARD,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_SOURCE,
  ITER_UBUF,
  ITER_XARRAY,
  type IterType,
  type Kvec,
} from './types.ts';

export {
  type Direction,
  type Iovec,
  IovIter,
  ITER_BVEC,
  ITER_BVECQ,
  ITER_CHAIN,
  ITER_DEST,
  ITER_DISCARD,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_SOURCE,
  ITER_UBUF,
  ITER_XARRAY,
  type Kvec,
} from './types.ts';

/** An iterator over user segments. @kernel iov_iter_init */
export function iovIterInit<D extends Direction>(
  machine: Machine,
  mm: AddressSpace,
  direction: D,
  iov: readonly Iovec[],
  nrSegs: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_IOVEC, direction, count, strict);
  i.mm = mm;
  i.iov = iov;
  i.nrSegs = nrSegs;
  return checked(i);
}

/** An iterator over one user range. @kernel iov_iter_ubuf */
export function iovIterUbuf<D extends Direction>(
  machine: Machine,
  mm: AddressSpace,
  direction: D,
  buf: UserAddr,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_UBUF, direction, count, strict);
  i.mm = mm;
  i.ubuf = buf;
  i.nrSegs = 1;
  i.extent = count;
  return i;
}

/** An iterator over kernel virtual segments. @kernel iov_iter_kvec */
export function iovIterKvec<D extends Direction>(
  machine: Machine,
  direction: D,
  kvec: readonly Kvec[],
  nrSegs: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_KVEC, direction, count, strict);
  i.kvec = kvec;
  i.nrSegs = nrSegs;
  return checked(i);
}

/** An iterator over bio_vecs. @kernel iov_iter_bvec */
export function iovIterBvec<D extends Direction>(
  machine: Machine,
  direction: D,
  bvec: readonly BioVec[],
  nrSegs: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_BVEC, direction, count, strict);
  i.bvec = bvec;
  i.nrSegs = nrSegs;
  return checked(i);
}

/**
 * An iterator over a list that the caller keeps. A request that is given all of it uses the list as it
 * is: it must not be changed before the request has completed. @kernel none: iov_iter_bvec, without the array
 */
export function iovIterBvecList<D extends Direction>(
  machine: Machine,
  direction: D,
  list: BvecList,
): IovIter<D> {
  const i = start(machine, ITER_BVEC, direction, list.size, machine.checks);
  i.list = list;
  iovIterRestart(i);
  return i;
}

/** Back to the beginning of its list, as long as that is now. Must be an iterator over a list. @kernel none */
export function iovIterRestart(i: IovIter): void {
  const { list } = i;
  assert(list !== null, 'iterator over a list');
  i.array = null;
  i.iovOffset = 0;
  i.seg = 0;
  i.count = list.size;
  i.nrSegs = list.nr;
}

/** An iterator over a queue of folios, from `offset` in slot `slot`. @kernel iov_iter_folio_queue */
export function iovIterFolioQueue<D extends Direction>(
  machine: Machine,
  direction: D,
  folioq: FolioQueue,
  slot: number,
  offset: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_FOLIOQ, direction, count, strict);
  i.folioq = folioq;
  i.seg = slot;
  i.iovOffset = offset;
  return checked(i);
}

/**
 * An iterator over the page cache of a file, from byte `startPos` of it. Its folios may be found only
 * under the RCU read lock. @kernel iov_iter_xarray
 */
export function iovIterXarray<D extends Direction>(
  machine: Machine,
  direction: D,
  xarray: PageCache,
  startPos: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_XARRAY, direction, count, strict);
  i.xarray = xarray;
  i.xarrayStart = startPos;
  i.extent = count;
  return i;
}

/** A destination that takes everything and keeps nothing. @kernel iov_iter_discard */
export function iovIterDiscard(
  machine: Machine,
  direction: typeof ITER_DEST,
  count: number,
  strict: boolean = machine.checks,
): IovIter<typeof ITER_DEST> {
  assert(direction === ITER_DEST, 'BUG_ON(direction != READ)');
  return start(machine, ITER_DISCARD, direction, count, strict);
}

/** An iterator over a queue of bio_vecs. @kernel iov_iter_bvec_queue */
export function iovIterBvecQueue<D extends Direction>(
  machine: Machine,
  direction: D,
  bvecq: Bvecq,
  slot: number,
  offset: number,
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_BVECQ, direction, count, strict);
  i.bvecq = bvecq;
  i.seg = slot;
  i.iovOffset = offset;
  return checked(i);
}

/**
 * An iterator over iterators of any types and one direction, in order. The parts are copied: a part of
 * the caller never moves. @kernel none, the mixed type that the conversion asks for
 */
export function iovIterChain<D extends Direction>(
  machine: Machine,
  direction: D,
  parts: readonly IovIter<D>[],
  count: number,
  strict: boolean = machine.checks,
): IovIter<D> {
  const i = start(machine, ITER_CHAIN, direction, count, strict);
  for (const part of parts) {
    if (!(part instanceof IovIter)) throw new KernelBug('part of a chain is no iterator');
    if (part.direction !== direction) throw new KernelBug('direction of a part of a chain');
  }
  i.parts = parts.map(iovIterCopy);
  i.nrSegs = parts.length;
  return checked(i);
}

/** An independent position over the same memory. @kernel none, a struct assignment in C */
export function iovIterCopy<D extends Direction>(from: IovIter<D>): IovIter<D> {
  const to = new IovIter(from.machine, from.direction, from.strict);
  iovIterAssign(to, from);
  return to;
}

/** `*to = *from` without allocating; `to` must be of the same machine and direction. @kernel none */
export function iovIterAssign<D extends Direction>(to: IovIter<D>, from: IovIter<D>): void {
  assert(to.machine === from.machine, 'iterators of one machine');
  assert(to.direction === from.direction, 'iterator direction');
  to.iterType = from.iterType;
  to.nofault = from.nofault;
  to.strict = from.strict;
  to.iovOffset = from.iovOffset;
  to.count = from.count;
  to.nrSegs = from.nrSegs;
  to.seg = from.seg;
  to.list = from.list;
  to.array = from.array;
  // Half of the fields are enough for the type that is assigned for every request.
  if (from.iterType === ITER_BVEC) return;
  to.extent = from.extent;
  to.mm = from.mm;
  to.ubuf = from.ubuf;
  to.iov = from.iov;
  to.kvec = from.kvec;
  to.parts = from.parts;
  to.folioq = from.folioq;
  to.bvecq = from.bvecq;
  to.xarray = from.xarray;
  to.xarrayStart = from.xarrayStart;
}

/** @kernel iov_iter_count */
export function iovIterCount(i: IovIter): number {
  return i.count;
}

/** True for UBUF and IOVEC. A chain is when one of its parts is. @kernel user_backed_iter */
export function userBackedIter(i: IovIter): boolean {
  if (i.iterType === ITER_CHAIN) return i.parts.some(userBackedIter);
  return i.iterType === ITER_UBUF || i.iterType === ITER_IOVEC;
}

/** True when the iterator is only valid under the RCU read lock. @kernel none */
export function iovIterNeedsRcu(i: IovIter): boolean {
  if (i.iterType === ITER_CHAIN) return i.parts.some(iovIterNeedsRcu);
  return i.iterType === ITER_XARRAY;
}

/** Limits the count; never makes it larger. Must not be negative. @kernel iov_iter_truncate */
export function iovIterTruncate(i: IovIter, count: number): void {
  assert(count >= 0, 'iterator truncated to a negative count');
  if (i.count > count) i.count = count;
}

/**
 * Sets the count. Must be called with at most what `iovIterTruncate` cut off.
 * @throws KernelBug in strict mode when the memory behind is shorter. @kernel iov_iter_reexpand
 */
export function iovIterReexpand(i: IovIter, count: number): void {
  i.count = count;
  checked(i);
}

function start<D extends Direction>(
  machine: Machine,
  type: IterType,
  direction: D,
  count: number,
  strict: boolean,
): IovIter<D> {
  assert(
    direction === ITER_SOURCE || direction === ITER_DEST,
    'WARN_ON(direction & ~(READ | WRITE))',
  );
  assert(Number.isSafeInteger(count) && count >= 0, 'iterator count');
  const i = new IovIter(machine, direction, strict);
  i.iterType = type;
  i.count = count;
  return i;
}
