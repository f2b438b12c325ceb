/**
 * The types and directions of iterators.
 * C: include/linux/uio.h (7.3; ITER_BVECQ as proposed in 2026)
 *
 * There is none for scatterlists, and a test keeps it so.
 * @module
 */

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
