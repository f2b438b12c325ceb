/**
 * Questions about an iterator that do not move it.
 * C: lib/iov_iter.c (7.3)
 * @module
 */
import { MAX_RW_COUNT, offsetInPage, PAGE_SIZE } from '../../src/units.ts';
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
  userBackedIter,
} from './iov-iter.ts';
import { iovIterAdvance, misuse } from './position.ts';
import { segmentLen, unknownType } from './segments.ts';

const LOW_BITS = 2 ** 32;

/** `~0U`, the answer to a question that makes no sense for the type. */
const ALL_BITS = 0xffffffff;

/**
 * Bytes of the current segment that are left. Can be 0 while bytes are left: the iterator may stand on
 * an empty segment. For folio queues it is the whole folio, whatever the offset, as in the kernel.
 * @kernel iov_iter_single_seg_count
 */
export function iovIterSingleSegCount(i: IovIter): number {
  switch (i.iterType) {
    case ITER_IOVEC:
    case ITER_KVEC:
    case ITER_BVEC:
    case ITER_CHAIN:
      if (i.nrSegs > 1) return Math.min(i.count, segmentLen(i, i.seg) - i.iovOffset);
      return i.count;
    case ITER_FOLIOQ:
      return i.folioq === null ? 0 : Math.min(i.folioq.size(i.seg), i.count);
    case ITER_BVECQ:
      return Math.min((i.bvecq?.bv[i.seg]?.len ?? 0) - i.iovOffset, i.count);
    default:
      return i.count;
  }
}

/** Pages that the next `count` bytes touch, at most `maxpages`. @kernel iov_iter_npages */
export function iovIterNpages(i: IovIter, maxpages: number): number {
  if (i.count === 0) return 0;
  switch (i.iterType) {
    case ITER_UBUF:
      return Math.min(pages(i.ubuf + i.iovOffset, i.count), maxpages);
    case ITER_FOLIOQ:
      return Math.min(pages(i.iovOffset, i.count), maxpages);
    case ITER_XARRAY:
      return Math.min(pages(i.xarrayStart + i.iovOffset, i.count), maxpages);
    case ITER_IOVEC:
    case ITER_KVEC:
    case ITER_BVEC:
    case ITER_CHAIN:
    case ITER_BVECQ:
      return Math.min(segmentPages(i), maxpages);
    case ITER_DISCARD:
      return 0;
    default:
      return unknownType(i);
  }
}

/** The same for at most `maxBytes` bytes. @kernel iov_iter_npages_cap */
export function iovIterNpagesCap(i: IovIter, maxpages: number, maxBytes: number): number {
  const cut = iovIterCopy(i);
  iovIterTruncate(cut, maxBytes);
  return iovIterNpages(cut, maxpages);
}

/**
 * The OR of all start addresses and lengths of what is left, 0 for an empty iterator (7.3.4; older
 * kernels read the segment behind the position). For a bio_vec the kernel ORs bv_offset, which agrees
 * with the physical address below the page size; higher bits do not. @kernel iov_iter_alignment
 */
export function iovIterAlignment(i: IovIter): number {
  if (i.count === 0) return 0;
  switch (i.iterType) {
    case ITER_UBUF:
      return orAddresses(i.ubuf + i.iovOffset, i.count);
    case ITER_FOLIOQ:
      return orAddresses(i.iovOffset, i.count);
    case ITER_XARRAY:
      return orAddresses(i.xarrayStart + i.iovOffset, i.count);
    case ITER_IOVEC:
    case ITER_KVEC:
    case ITER_BVEC:
    case ITER_CHAIN:
    case ITER_BVECQ:
      return segmentAlignment(i);
    case ITER_DISCARD:
      return 0;
    default:
      return unknownType(i);
  }
}

/**
 * The OR of each start with the end before it: what a virt_boundary would have to allow. Only IOVEC
 * has an answer; UBUF gives 0, others warn and give ~0. @kernel iov_iter_gap_alignment
 */
export function iovIterGapAlignment(i: IovIter): number {
  if (i.iterType === ITER_UBUF) return 0;
  if (i.iterType !== ITER_IOVEC) {
    misuse(i, 'WARN_ON(!iter_is_iovec(i))');
    return ALL_BITS;
  }
  let result = 0;
  let end = 0;
  let size = i.count;
  for (let k = i.seg; k < i.seg + i.nrSegs; k++) {
    const { base, len } = i.iov[k];
    if (len === 0) continue;
    if (end !== 0) result = orAddresses(result, orAddresses(base, end));
    end = base + len;
    if (size <= len) break;
    size -= len;
  }
  return result;
}

/**
 * True when extracting pages pins them, so that the caller must unpin. A chain answers for its current
 * part, which is all that one extraction covers: ask again before each. @kernel iov_iter_extract_will_pin
 */
export function iovIterExtractWillPin(i: IovIter): boolean {
  if (i.iterType !== ITER_CHAIN) return userBackedIter(i);
  let skip = i.iovOffset;
  for (let k = i.seg; k < i.seg + i.nrSegs; k++, skip = 0) {
    if (i.parts[k].count > skip) return iovIterExtractWillPin(i.parts[k]);
  }
  return false;
}

/** Calls that count pages or bytes never see more than this. @kernel none */
export function limited(i: IovIter, maxsize: number): number {
  return Math.min(maxsize, i.count, MAX_RW_COUNT);
}

/** The start address of segment `k` of an array type, as far as alignment is concerned. */
function segmentStart(i: IovIter, k: number): number {
  if (i.iterType === ITER_BVEC) return offsetInPage(i.bvec[k].phys);
  return i.iterType === ITER_KVEC ? i.kvec[k].base : i.iov[k].base;
}

function segmentPages(i: IovIter): number {
  if (i.iterType === ITER_CHAIN) return chainPages(i);
  if (i.iterType === ITER_BVECQ) return queuePages(i);
  let sum = 0;
  let skip = i.iovOffset;
  let size = i.count;
  for (let k = i.seg; size > 0; k++, skip = 0) {
    const len = Math.min(segmentLen(i, k) - skip, size);
    // Empty segments are skipped, but an empty bio_vec inside a page counts as one page.
    if (len === 0 && i.iterType !== ITER_BVEC) continue;
    size -= len;
    sum += pages(segmentStart(i, k) + skip, len);
  }
  return sum;
}

function queuePages(i: IovIter): number {
  let sum = 0;
  let skip = i.iovOffset;
  let size = i.count;
  let slot = i.seg;
  for (let q = i.bvecq; q !== null && size > 0; q = q.next, slot = 0) {
    for (; slot < q.nrSlots && size > 0; slot++, skip = 0) {
      const bv = q.bv[slot];
      // A slot that is used up may not have been left.
      if (skip > 0 && skip === bv.len) continue;
      const len = Math.min(bv.len - skip, size);
      size -= len;
      sum += pages(bv.phys + skip, len);
    }
  }
  return sum;
}

function segmentAlignment(i: IovIter): number {
  let result = 0;
  let skip = i.iovOffset;
  let size = i.count;
  if (i.iterType === ITER_CHAIN) return chainAlignment(i);
  if (i.iterType === ITER_BVECQ) return queueAlignment(i);
  for (let k = i.seg; size > 0; k++, skip = 0) {
    const len = Math.min(segmentLen(i, k) - skip, size);
    if (len === 0 && i.iterType !== ITER_BVEC) continue;
    result = orAddresses(result, orAddresses(segmentStart(i, k) + skip, len));
    size -= len;
  }
  return result;
}

function queueAlignment(i: IovIter): number {
  let result = 0;
  let skip = i.iovOffset;
  let size = i.count;
  let slot = i.seg;
  for (let q = i.bvecq; q !== null && size > 0; q = q.next, slot = 0) {
    for (; slot < q.nrSlots && size > 0; slot++, skip = 0) {
      const bv = q.bv[slot];
      // A slot that is used up may not have been left.
      if (skip > 0 && skip === bv.len) continue;
      const len = Math.min(bv.len - skip, size);
      result = orAddresses(result, orAddresses(offsetInPage(bv.phys) + skip, len));
      size -= len;
    }
  }
  return result;
}

function chainPages(i: IovIter): number {
  let sum = 0;
  let skip = i.iovOffset;
  let size = i.count;
  for (let k = i.seg; size > 0; k++, skip = 0) {
    const part = restOfPart(i.parts[k], skip, size);
    sum += iovIterNpages(part, MAX_RW_COUNT);
    size -= part.count;
  }
  return sum;
}

function chainAlignment(i: IovIter): number {
  let result = 0;
  let skip = i.iovOffset;
  let size = i.count;
  for (let k = i.seg; size > 0; k++, skip = 0) {
    const part = restOfPart(i.parts[k], skip, size);
    result = orAddresses(result, iovIterAlignment(part));
    size -= part.count;
  }
  return result;
}

/** A copy of a part from byte `skip` on, of at most `size` bytes. */
function restOfPart(part: IovIter, skip: number, size: number): IovIter {
  const rest = iovIterCopy(part);
  iovIterAdvance(rest, skip);
  iovIterTruncate(rest, size);
  return rest;
}

function pages(address: number, len: number): number {
  return Math.ceil((offsetInPage(address) + len) / PAGE_SIZE);
}

/** Bitwise OR of addresses and lengths up to 2^53. @kernel none, `|` on unsigned long */
export function orAddresses(a: number, b: number): number {
  const high = Math.floor(a / LOW_BITS) | Math.floor(b / LOW_BITS);
  return high * LOW_BITS + ((a | b) >>> 0);
}
