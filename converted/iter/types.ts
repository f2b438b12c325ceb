/**
 * The iterator as a struct, its types and its directions. What builds and moves one stands above.
 * C: include/linux/uio.h (7.3; ITER_BVECQ as proposed in 2026)
 *
 * There is no type for scatterlists, and a test keeps it so. One class has all fields and a numeric
 * type: subclasses cost eight times as much in a walk.
 * @module
 */
import { type BioVec, type BvecList, bvecEntries } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { PageCache } from '../../src/machine/page-cache.ts';
import type { AddressSpace } from '../../src/machine/user.ts';
import { type UserAddr, userAddr, type VirtAddr } from '../../src/units.ts';
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

const NO_SEGMENTS: readonly never[] = [];

/** @kernel iov_iter */
export class IovIter<D extends Direction = Direction> {
  readonly machine: Machine;
  readonly direction: D;
  /** Until one of the functions below has made it: no segments, no bytes. */
  iterType: IterType = ITER_KVEC;
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
  /** The caller's list behind a BVEC iterator over one; null behind an array. */
  list: BvecList | null = null;
  /** The segments of a BVEC iterator; null while nobody has wanted to see those of a list. */
  array: readonly BioVec[] | null = NO_SEGMENTS;
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

  /** The segments of a BVEC iterator, those of a list too. */
  get bvec(): readonly BioVec[] {
    if (this.array === null) this.array = this.list === null ? NO_SEGMENTS : bvecEntries(this.list);
    return this.array;
  }

  set bvec(segments: readonly BioVec[]) {
    this.array = segments;
    this.list = null;
  }
}
