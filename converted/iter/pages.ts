/**
 * The older way to pages: plain references instead of pins.
 * C: lib/iov_iter.c (7.3)
 * @module
 */
import { BVEC_NO_PAGE } from '../../src/bvec.ts';
import { EFAULT, ENOMEM, type Errno } from '../../src/errno.ts';
import { PG_SLAB } from '../../src/machine/page.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, PAGE_SIZE, pfn, physAddr } from '../../src/units.ts';
import {
  type ExtractedPages,
  extractBvecq,
  extractFolioq,
  extractUser,
  extractXarray,
  fromChain,
  wantPages,
} from './extract.ts';
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
} from './iov-iter.ts';
import { limited } from './query.ts';
import { unknownType } from './segments.ts';

/**
 * The older call: takes a plain reference on every page instead of a pin, except on slab pages. Wrong
 * for user memory that will be written. KVEC and DISCARD have none to give.
 * @returns bytes covered; -EFAULT; -ENOMEM, with a warning, at an empty bio_vec.
 * @kernel iov_iter_get_pages2
 */
export function iovIterGetPages2(
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
      return extractUser(i, out, size, maxpages, 0);
    case ITER_BVEC:
      return getBvecPages(i, out, size, maxpages);
    case ITER_BVECQ:
      return referenced(i, out, extractBvecq(i, out, size, maxpages));
    case ITER_FOLIOQ:
      return referenced(i, out, extractFolioq(i, out, size, maxpages));
    case ITER_XARRAY:
      return referenced(i, out, extractXarray(i, out, size, maxpages));
    case ITER_CHAIN:
      return fromChain(i, out, size, maxpages, iovIterGetPages2);
    case ITER_KVEC:
    case ITER_DISCARD:
      return -EFAULT;
    default:
      return unknownType(i);
  }
}

/**
 * The same with an array that the call allocates: as many pages as it takes. Nothing is left to free
 * when it fails. @kernel iov_iter_get_pages_alloc2
 */
export function iovIterGetPagesAlloc2(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
): number | Errno {
  if (i.machine.faults.hit('kmalloc')) return -ENOMEM;
  const size = iovIterGetPages2(i, out, maxsize, Number.MAX_SAFE_INTEGER);
  if (size <= 0) out.pages.length = 0;
  return size;
}

/** The first bio_vec only, referenced; it is not looked behind an empty one. */
function getBvecPages(
  i: IovIter,
  out: ExtractedPages,
  maxsize: number,
  maxpages: number,
): number | Errno {
  const bv = i.bvec[i.seg];
  const at = bv.phys + i.iovOffset;
  const len = Math.min(maxsize, bv.len - i.iovOffset);
  out.offset0 = offsetInPage(at);
  const want = wantPages(len === 0 ? 0 : out.offset0, len, maxpages);
  if (want === 0) {
    i.machine.warn('WARN_ON(!n): no page to get');
    return -ENOMEM;
  }
  if ((bv.flags & BVEC_NO_PAGE) !== 0) return -EFAULT;
  const first = physToPfn(physAddr(at));
  for (let k = 0; k < want; k++) out.pages.push(pfn(first + k));
  const size = Math.min(len, want * PAGE_SIZE - out.offset0);
  i.count -= size;
  i.iovOffset += size;
  if (i.iovOffset === bv.len) {
    i.iovOffset = 0;
    i.seg++;
    i.nrSegs--;
  }
  return referenced(i, out, size);
}

/** Takes a reference on every page that may have one. */
function referenced(i: IovIter, out: ExtractedPages, size: number | Errno): number | Errno {
  if (size <= 0) return size;
  const { machine } = i;
  for (const page of out.pages) {
    if (!machine.pages.has(page, PG_SLAB)) machine.getPage(page, 'iov_iter_get_pages');
  }
  return size;
}
