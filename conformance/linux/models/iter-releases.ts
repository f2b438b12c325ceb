/**
 * Replicas of what kernels answer where the converted API answers differently on purpose, or as a later
 * release: each is named in the answer that it gave a line to.
 * C: lib/iov_iter.c (6.1, 7.2)
 * @module
 */
import type { ExtractedPages } from '../../../converted/iter/extract.ts';
import {
  type IovIter,
  ITER_BVEC,
  ITER_FOLIOQ,
  ITER_IOVEC,
  ITER_KVEC,
  ITER_XARRAY,
  iovIterCount,
} from '../../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../../converted/iter/position.ts';
import { physToPfn } from '../../../src/machine/phys-mem.ts';
import { offsetInPage, physAddr } from '../../../src/units.ts';
import { PAGE_SIZE } from '../text/case.ts';

/**
 * Pages of a bvec iterator as 7.2 and 7.3 take them: one empty segment is passed, the next one is taken
 * as a piece of no bytes, which ends the extraction; and the offset of a segment in its page is not counted
 * where pages are: 4,096 bytes from there are one page. @kernel iov_iter_extract_bvec_pages
 */
export function extractStopping(
  iter: IovIter,
  out: ExtractedPages,
  wanted: number,
  mostPages: number,
): number {
  const maxsize = Math.min(wanted, iovIterCount(iter));
  if (maxsize === 0 || iter.nrSegs === 0) return 0;
  if (iter.iovOffset === iter.bvec[iter.seg].len) {
    iter.iovOffset = 0;
    iter.nrSegs--;
    iter.seg++;
  }
  const most = Math.min(Math.ceil((iter.iovOffset + maxsize) / PAGE_SIZE), mostPages);
  let [size, k, skip] = [0, iter.seg, iter.iovOffset];
  while (size < maxsize && k < iter.seg + iter.nrSegs) {
    const { phys, len } = iter.bvec[k];
    const at = physAddr(phys + skip);
    const offset = offsetInPage(at);
    if (out.pages.length > 0 && offset !== 0) break;
    if (out.pages.length === 0) out.offset0 = offset;
    const part = Math.min(len - skip, PAGE_SIZE - offset, maxsize - size);
    out.pages.push(physToPfn(at));
    size += part;
    if (out.pages.length >= most || offset + part !== PAGE_SIZE) break;
    skip += part;
    if (skip === len) {
      k++;
      skip = 0;
    }
  }
  iovIterAdvance(iter, size);
  return size;
}

/** What an iterator without bytes left is aligned to, up to 7.2. @kernel iov_iter_alignment */
export function alignmentOfNothing(iter: IovIter): number {
  switch (iter.iterType) {
    case ITER_IOVEC:
    case ITER_KVEC: {
      const segment = (iter.iterType === ITER_IOVEC ? iter.iov : iter.kvec)[iter.seg];
      if (segment === undefined || segment.len === iter.iovOffset) return 0;
      return (segment.base % PAGE_SIZE) + iter.iovOffset;
    }
    case ITER_BVEC: {
      const segment = iter.bvec[iter.seg];
      return segment === undefined ? iter.iovOffset : offsetInPage(segment.phys) + iter.iovOffset;
    }
    case ITER_XARRAY:
      return iter.xarrayStart + iter.iovOffset;
    case ITER_FOLIOQ:
      return iter.iovOffset;
    default:
      return 0;
  }
}
