/**
 * The iov_iter: one position over many kinds of memory.
 * C: lib/iov_iter.c, include/linux/uio.h (7.3; ITER_BVECQ as proposed in 2026)
 *
 * One class with all fields and a numeric type: subclasses cost eight times as much in a walk. The
 * segment arrays belong to the caller and are never changed. A position in an array type is a segment
 * index and an offset inside it, where the kernel moves a pointer.
 *
 * A strict iterator throws when it is built or moved against its contract; an unchecked one does what
 * the kernel does. Strict is the default on a machine with checks.
 * @module
 */
import { assert, KernelBug, KernelOops } from '../src/assert.ts';
import type { BioVec } from '../src/bvec.ts';
import type { Machine } from '../src/machine/machine.ts';
import type { PageCache } from '../src/machine/page-cache.ts';
import type { AddressSpace } from '../src/machine/user.ts';
import { type UserAddr, userAddr, type VirtAddr } from '../src/units.ts';
import type { Bvecq } from './bvecq.ts';
import type { FolioQueue } from './folio-queue.ts';

export const ITER_UBUF = 0;
export const ITER_IOVEC = 1;
export const ITER_BVEC = 2;
export const ITER_KVEC = 3;
export const ITER_FOLIOQ = 4;
export const ITER_XARRAY = 5;
export const ITER_DISCARD = 6;
/** A segmented queue of bio_vecs; proposed, not merged. */
export const ITER_BVECQ = 7;
/** An iterator of iterators. Ours: the kernel has no mixed type. */
export const ITER_CHAIN = 8;

/** @kernel iter_type */
export type IterType =
  | typeof ITER_UBUF
  | typeof ITER_IOVEC
  | typeof ITER_BVEC
  | typeof ITER_KVEC
  | typeof ITER_FOLIOQ
  | typeof ITER_XARRAY
  | typeof ITER_DISCARD
  | typeof ITER_BVECQ
  | typeof ITER_CHAIN;

/** Data comes from the iterator: the kernel's 1, WRITE. */
export const ITER_SOURCE = 'source';
/** Data goes to the iterator: the kernel's 0, READ. */
export const ITER_DEST = 'dest';

/** Direction of an iterator. @kernel none, the kernel has two macros and a bool */
export type Direction = typeof ITER_SOURCE | typeof ITER_DEST;

/** One range of user memory. @kernel iovec */
export interface Iovec {
  readonly base: UserAddr;
  readonly len: number;
}

/** One range of kernel virtual memory; may be vmalloc. @kernel kvec */
export interface Kvec {
  readonly base: VirtAddr;
  readonly len: number;
}

/** What the array types have in common. @kernel none, the kernel has a union of pointers */
interface Segment {
  readonly len: number;
}

const NO_SEGMENTS: readonly never[] = [];

/** @kernel iov_iter */
export class IovIter<D extends Direction = Direction> {
  readonly machine: Machine;
  readonly direction: D;
  iterType: IterType = ITER_DISCARD;
  /** Do not fault user pages in. */
  nofault = false;
  strict: boolean;
  /** Bytes into the current segment. */
  iovOffset = 0;
  /** Bytes left; a limit, not the size of the memory behind. */
  count = 0;
  /** Segments left, the current one included. */
  nrSegs = 0;
  /** Index of the current segment, or slot of the current queue node. */
  seg = 0;
  /** Bytes from the start of a single range to its end; only for UBUF and XARRAY. */
  extent = 0;
  mm: AddressSpace | null = null;
  ubuf: UserAddr = userAddr(0);
  iov: readonly Iovec[] = NO_SEGMENTS;
  kvec: readonly Kvec[] = NO_SEGMENTS;
  bvec: readonly BioVec[] = NO_SEGMENTS;
  parts: readonly IovIter<D>[] = NO_SEGMENTS;
  folioq: FolioQueue | null = null;
  bvecq: Bvecq | null = null;
  xarray: PageCache | null = null;
  /** Byte position in the file where an XARRAY iterator begins. */
  xarrayStart = 0;

  constructor(machine: Machine, direction: D, strict: boolean = machine.checks) {
    this.machine = machine;
    this.direction = direction;
    this.strict = strict;
  }
}

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
  to.extent = from.extent;
  to.mm = from.mm;
  to.ubuf = from.ubuf;
  to.iov = from.iov;
  to.kvec = from.kvec;
  to.bvec = from.bvec;
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

/** Limits the count; never makes it larger. @kernel iov_iter_truncate */
export function iovIterTruncate(i: IovIter, count: number): void {
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

/** Bytes of segment `k` of an array type or a chain. @kernel none */
export function segmentLen(i: IovIter, k: number): number {
  if (i.iterType === ITER_CHAIN) return i.parts[k].count;
  return segments(i)[k].len;
}

/** The segment array of IOVEC, KVEC or BVEC. @kernel none */
export function segments(i: IovIter): readonly Segment[] {
  if (i.iterType === ITER_BVEC) return i.bvec;
  return i.iterType === ITER_KVEC ? i.kvec : i.iov;
}

/** True for IOVEC, KVEC, BVEC and CHAIN: a position is an index and an offset. @kernel none */
export function isArrayType(i: IovIter): boolean {
  const type = i.iterType;
  return type === ITER_BVEC || type === ITER_KVEC || type === ITER_IOVEC || type === ITER_CHAIN;
}

/** @throws KernelBug for a type that does not exist. @kernel none */
export function unknownType(i: IovIter): never {
  throw new KernelBug('iterator of an unknown type', { type: i.iterType });
}

/**
 * The count promised more than the segments hold, and the kernel reads what lies behind the array.
 * @throws KernelOops @kernel none
 */
export function walkedBehind(i: IovIter): never {
  throw new KernelOops('iterator walked behind its segments', { count: i.count });
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

/** The preconditions that the kernel leaves to the caller. Linear in the segments, so strict only. */
function checked<D extends Direction>(i: IovIter<D>): IovIter<D> {
  if (!i.strict || i.iterType === ITER_DISCARD) return i;
  if (isArrayType(i) && i.seg + i.nrSegs > arrayLength(i)) {
    throw new KernelBug('nr_segs behind the end of the array', { nrSegs: i.nrSegs });
  }
  if (i.iovOffset > currentLen(i)) {
    throw new KernelBug('iov_offset behind the end of the segment', { offset: i.iovOffset });
  }
  const bytes = bytesBehind(i);
  // Not `count > bytes`: segments of a foreign shape have no length, and NaN is more than nothing.
  if (!(i.count <= bytes)) {
    throw new KernelBug('count is more than the segments hold', { count: i.count, bytes });
  }
  return i;
}

/** Bytes of the segment that the position lies in; without limit for a single range or at the end. */
function currentLen(i: IovIter): number {
  if (isArrayType(i)) return i.nrSegs > 0 ? segmentLen(i, i.seg) : Number.MAX_SAFE_INTEGER;
  if (i.iterType === ITER_FOLIOQ) return i.folioq?.size(i.seg) ?? 0;
  if (i.iterType === ITER_BVECQ) return i.bvecq?.bv[i.seg]?.len ?? 0;
  return i.extent;
}

function arrayLength(i: IovIter): number {
  return i.iterType === ITER_CHAIN ? i.parts.length : segments(i).length;
}

/** Bytes from the position to the end of the memory. */
function bytesBehind(i: IovIter): number {
  let sum = -i.iovOffset;
  if (i.iterType === ITER_UBUF || i.iterType === ITER_XARRAY) return i.extent + sum;
  if (i.iterType === ITER_FOLIOQ) {
    let slot = i.seg;
    for (let q = i.folioq; q !== null; q = q.next, slot = 0) {
      for (; slot < q.nr; slot++) sum += q.size(slot);
    }
    return sum;
  }
  if (i.iterType === ITER_BVECQ) {
    let slot = i.seg;
    for (let q = i.bvecq; q !== null; q = q.next, slot = 0) {
      for (; slot < q.nrSlots; slot++) sum += q.bv[slot].len;
    }
    return sum;
  }
  for (let k = i.seg; k < i.seg + i.nrSegs; k++) sum += segmentLen(i, k);
  return sum;
}
