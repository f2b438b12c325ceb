/**
 * Getting at the pages behind an iterator.
 * C: lib/iov_iter.c (7.3)
 *
 * User pages are pinned, everything else is only listed: the caller keeps it alive, and unpins exactly
 * what `iovIterExtractWillPin` said before the call. Empty segments are skipped (7.2 and 7.3 stop at
 * the second one in a row, a regression that callers read as the end of the data).
 * @module
 */

import { KernelBug, KernelOops } from '../../src/assert.ts';
import { BVEC_NO_PAGE } from '../../src/bvec.ts';
import { EFAULT, EIO, ENOMEM, type Errno } from '../../src/errno.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { translateKernel } from '../../src/machine/translate.ts';
import { FOLL_NOFAULT, FOLL_PIN, FOLL_WRITE, getUserPagesFast } from '../../src/machine/user.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  type Pfn,
  pfn,
  physAddr,
  userAddr,
  virtAddr,
} from '../../src/units.ts';
import { addressSpace } from './copy.ts';
import { folioqNrSlots } from './folio-queue.ts';
import {
  type IovIter,
  ITER_BVEC,
  ITER_BVECQ,
  ITER_CHAIN,
  ITER_DEST,
  ITER_DISCARD,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_UBUF,
  ITER_XARRAY,
  iovIterCopy,
  iovIterTruncate,
} from './iov-iter.ts';
import { iovIterAdvance } from './position.ts';
import { limited } from './query.ts';
import { unknownType } from './segments.ts';

/**
 * What an extraction fills: pages of one virtually contiguous range, of which only the first may have
 * an offset. @kernel none, the two out parameters
 */
export interface ExtractedPages {
  readonly pages: Pfn[];
  /** Bytes into the first page. Keeps its old value when nothing was extracted. @kernel offset0 */
  offset0: number;
}

/** Start and length of the next run of user or array memory. */
interface Run {
  readonly start: number;
  readonly len: number;
}

/**
 * Lists, and for user memory pins, the pages of at most `maxsize` bytes, and moves the iterator by
 * what it covers. One call covers one segment of user or kernel virtual memory, or consecutive
 * bio_vecs as long as they meet at page boundaries.
 * @returns bytes covered; -EFAULT for DISCARD, for a fault at the first page and for device memory
 *   without struct page; -ENOMEM. @kernel iov_iter_extract_pages
 */
export function iovIterExtractPages(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  const size = limited(i, maxsize);
  if (size === 0) return 0;
  out.pages.length = 0;
  switch (i.iterType) {
    case ITER_UBUF:
    case ITER_IOVEC:
      return extractUser(i, out, size, maxpages, FOLL_PIN);
    case ITER_KVEC:
      return extractKvec(i, out, size, maxpages);
    case ITER_BVEC:
      return extractBvec(i, out, size, maxpages);
    case ITER_BVECQ:
      return extractBvecq(i, out, size, maxpages);
    case ITER_FOLIOQ:
      return extractFolioq(i, out, size, maxpages);
    case ITER_XARRAY:
      return extractXarray(i, out, size, maxpages);
    case ITER_CHAIN:
      return fromChain(i, out, size, maxpages, iovIterExtractPages);
    case ITER_DISCARD:
      return -EFAULT;
    default:
      return unknownType(i);
  }
}

/** Pages of a range, at most `maxpages`. @kernel none, want_pages_array without the array */
export function wantPages(offset: number, len: number, maxpages: number): number {
  return Math.min(Math.ceil((offset + len) / PAGE_SIZE), maxpages);
}

/** The next run of a user iterator. The kernel has no answer for an empty one: BUG(). */
function firstIovecSegment(i: IovIter, size: number): Run {
  if (i.iterType === ITER_UBUF) return { start: i.ubuf + i.iovOffset, len: size };
  let skip = i.iovOffset;
  for (let k = i.seg; k < i.seg + i.nrSegs; k++, skip = 0) {
    const len = i.iov[k].len - skip;
    if (len > 0) return { start: i.iov[k].base + skip, len: Math.min(size, len) };
  }
  throw new KernelBug('BUG(): first_iovec_segment of an empty iterator');
}

/** One segment of user memory. @param pin FOLL_PIN, or 0 for references. @kernel none */
export function extractUser(
  i: IovIter,
  out: ExtractedPages,
  size: number,
  maxpages: number,
  pin: number,
): number | Errno {
  const write = i.direction === ITER_DEST ? FOLL_WRITE : 0;
  const flags = pin | write | (i.nofault ? FOLL_NOFAULT : 0);
  const run = firstIovecSegment(i, size);
  const offset = offsetInPage(run.start);
  out.offset0 = offset;
  const want = wantPages(offset, run.len, maxpages);
  if (want === 0) return -ENOMEM;
  const first = userAddr(run.start - offset);
  const got = getUserPagesFast(i.machine, addressSpace(i), first, want, flags, out.pages);
  if (got <= 0) return got;
  return advanced(i, Math.min(run.len, got * PAGE_SIZE - offset));
}

function extractKvec(
  i: IovIter,
  out: ExtractedPages,
  size: number,
  maxpages: number,
): number | Errno {
  if (!skipEmpty(i, i.kvec)) return 0;
  const kv = i.kvec[i.seg];
  const start = kv.base + i.iovOffset;
  const len = Math.min(size, kv.len - i.iovOffset);
  const offset = offsetInPage(start);
  out.offset0 = offset;
  const want = wantPages(offset, len, maxpages);
  if (want === 0) return -ENOMEM;
  for (let k = 0; k < want; k++) {
    // vmalloc_to_page or virt_to_page; an address of neither kind is an oops, not a wrong page.
    const at = translateKernel(i.machine, virtAddr(start - offset + k * PAGE_SIZE));
    out.pages.push(physToPfn(at));
  }
  return advanced(i, Math.min(len, want * PAGE_SIZE - offset));
}

function extractBvec(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  if (!skipEmpty(i, i.bvec)) return 0;
  if (maxpages === 0) return -ENOMEM;
  let size = 0;
  let skip = i.iovOffset;
  for (let k = i.seg; k < i.seg + i.nrSegs && size < maxsize; ) {
    const bv = i.bvec[k];
    if (bv.len === skip) {
      k++;
      skip = 0;
      continue;
    }
    if ((bv.flags & BVEC_NO_PAGE) !== 0) return size === 0 ? -EFAULT : advanced(i, size);
    const at = bv.phys + skip;
    const offset = offsetInPage(at);
    if (out.pages.length === 0) out.offset0 = offset;
    else if (offset !== 0) break;
    const part = Math.min(bv.len - skip, PAGE_SIZE - offset, maxsize - size);
    out.pages.push(physToPfn(physAddr(at)));
    size += part;
    skip += part;
    if (out.pages.length >= maxpages || offset + part !== PAGE_SIZE) break;
  }
  return advanced(i, size);
}

/** The rules of BVEC, over the nodes of a queue. @kernel none */
export function extractBvecq(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  if (maxpages === 0) return -ENOMEM;
  let q = i.bvecq;
  let slot = i.seg;
  let skip = i.iovOffset;
  let size = 0;
  while (q !== null && size < maxsize) {
    if (slot >= q.nrSlots) {
      q = q.next;
      slot = 0;
      continue;
    }
    const bv = q.bv[slot];
    if (skip >= bv.len) {
      slot++;
      skip = 0;
      continue;
    }
    if ((bv.flags & BVEC_NO_PAGE) !== 0) return size === 0 ? -EFAULT : advanced(i, size);
    const at = bv.phys + skip;
    const offset = offsetInPage(at);
    if (out.pages.length === 0) out.offset0 = offset;
    else if (offset !== 0) break;
    const part = Math.min(bv.len - skip, PAGE_SIZE - offset, maxsize - size);
    out.pages.push(physToPfn(physAddr(at)));
    size += part;
    skip += part;
    if (out.pages.length >= maxpages || offset + part !== PAGE_SIZE) break;
  }
  return size === 0 ? -EIO : advanced(i, size);
}

/** Whole pages of folio after folio. @kernel none, iov_iter_extract_folioq_pages */
export function extractFolioq(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  let q = i.folioq ?? endOfQueue();
  if (i.seg >= folioqNrSlots(q)) {
    if (i.iovOffset !== 0) {
      i.machine.warn('WARN_ON(i->iov_offset != 0)');
      return -EIO;
    }
    q = q.next ?? endOfQueue();
    i.folioq = q;
    i.seg = 0;
  }
  out.offset0 = offsetInPage(i.iovOffset);
  const want = wantPages(out.offset0, maxsize, maxpages);
  if (want === 0) return -ENOMEM;
  let extracted = 0;
  for (;;) {
    const folio = q.folios[i.seg] ?? endOfQueue();
    const offset = i.iovOffset;
    const size = q.size(i.seg);
    if (offset < size) {
      const room = PAGE_SIZE - offsetInPage(offset);
      const part = Math.min(room, maxsize - extracted, size - offset);
      out.pages.push(pfn(folio.page + Math.floor(offset / PAGE_SIZE)));
      i.count -= part;
      i.iovOffset += part;
      extracted += part;
    }
    if (out.pages.length >= want || extracted >= maxsize) break;
    if (i.iovOffset >= size) {
      i.iovOffset = 0;
      i.seg++;
      if (i.seg === folioqNrSlots(q) && q.next !== null) {
        q = q.next;
        i.seg = 0;
      }
    }
  }
  i.folioq = q;
  return extracted;
}

/** Pages that the cache has now. @kernel none, iov_iter_extract_xarray_pages */
export function extractXarray(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  const at = i.xarrayStart + i.iovOffset;
  const first = Math.floor(at / PAGE_SIZE);
  out.offset0 = offsetInPage(at);
  const want = wantPages(out.offset0, maxsize, maxpages);
  if (want === 0) return -ENOMEM;
  const { context } = i.machine;
  context.rcuReadLock();
  for (let k = 0; k < want; k++) {
    const folio = i.xarray?.load(first + k) ?? null;
    if (folio === null) break;
    out.pages.push(pfn(folio.page + (first + k - folio.index)));
  }
  context.rcuReadUnlock();
  if (out.pages.length === 0) return 0;
  return advanced(i, Math.min(out.pages.length * PAGE_SIZE - out.offset0, maxsize));
}

/** One part at a time, as one segment of user memory. @kernel none */
export function fromChain(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
  extract: typeof iovIterExtractPages,
): number | Errno {
  let skip = i.iovOffset;
  for (let k = i.seg; k < i.seg + i.nrSegs; k++, skip = 0) {
    if (i.parts[k].count === skip) continue;
    const part = iovIterCopy(i.parts[k]);
    iovIterAdvance(part, skip);
    iovIterTruncate(part, maxsize);
    const got = extract(part, out, maxsize, maxpages);
    return got <= 0 ? got : advanced(i, got);
  }
  return 0;
}

/** Moves to the next segment that has bytes left. @returns false at the end. */
function skipEmpty(i: IovIter, array: readonly { readonly len: number }[]): boolean {
  while (i.nrSegs > 0 && array[i.seg].len === i.iovOffset) {
    i.iovOffset = 0;
    i.nrSegs--;
    i.seg++;
  }
  return i.nrSegs > 0;
}

function advanced(i: IovIter, size: number): number {
  iovIterAdvance(i, size);
  return size;
}

function endOfQueue(): never {
  throw new KernelOops('folio queue ends before the count');
}
