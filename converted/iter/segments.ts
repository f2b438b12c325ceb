/**
 * The segments behind a position: their lengths, and whether there are enough of them.
 * @module
 */
import { KernelBug, KernelOops } from '../../src/assert.ts';
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
} from './types.ts';

/** What the array types have in common. @kernel none, the kernel has a union of pointers */
interface Segment {
  readonly len: number;
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

/** The preconditions that the kernel leaves to the caller. Linear in the segments, so strict only. @kernel none */
export function checked<D extends Direction>(i: IovIter<D>): IovIter<D> {
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
