/**
 * Extraction as bio_vecs: physically contiguous ranges inside one folio each.
 * C: lib/iov_iter.c iov_iter_extract_bvecs (7.3)
 * @module
 */
import type { BioVec } from '../../src/bvec.ts';
import { EFAULT, EINVAL, type Errno } from '../../src/errno.ts';
import { type Machine, pageAddress } from '../../src/machine/machine.ts';
import { PAGE_SIZE, type Pfn } from '../../src/units.ts';
import { type ExtractedPages, iovIterExtractPages } from './extract.ts';
import { type IovIter, ITER_CHAIN, ITER_IOVEC, ITER_KVEC, ITER_UBUF } from './iov-iter.ts';
import { iovIterAlignment, iovIterSingleSegCount, orAddresses } from './query.ts';

/**
 * Appends the bio_vecs of one extraction of at most `maxSize` bytes, so that `out` has at most
 * `maxVecs`. User pages are pinned, one pin per page.
 * @param memAlignMask bits that the start and length must not have
 * @returns bytes covered; -EINVAL when not aligned; -EFAULT for nothing at all; -ENOMEM.
 * @kernel iov_iter_extract_bvecs
 */
export function iovIterExtractBvecs(
  i: IovIter,
  out: BioVec[],
  maxSize: number,
  maxVecs: number,
  memAlignMask: number,
): number | Errno {
  if ((alignmentOf(i) & memAlignMask) !== 0) return -EINVAL;
  const some: ExtractedPages = { pages: [], offset0: 0 };
  const size = iovIterExtractPages(i, some, maxSize, maxVecs - out.length);
  if (size <= 0) return size === 0 ? -EFAULT : size;
  let left = size;
  let offset = some.offset0;
  for (let k = 0; k < some.pages.length && left > 0; ) {
    const pages = contiguousPages(i.machine, some.pages, k);
    const len = Math.min(left, pages * PAGE_SIZE - offset);
    out.push({ phys: pageAddress(some.pages[k], offset), len, flags: 0 });
    left -= len;
    offset = 0;
    k += pages;
  }
  return size;
}

/** Pages from `first` on that follow each other in one folio. @kernel get_contig_folio_len */
function contiguousPages(machine: Machine, pages: readonly Pfn[], first: number): number {
  const head = machine.pages.headOf(pages[first]);
  let count = 1;
  while (
    first + count < pages.length &&
    pages[first + count] === pages[first] + count &&
    machine.pages.headOf(pages[first + count]) === head
  ) {
    count++;
  }
  return count;
}

/** Types with addresses are asked about their current segment only. */
function alignmentOf(i: IovIter): number {
  if (i.count === 0) return 0;
  const len = iovIterSingleSegCount(i);
  switch (i.iterType) {
    case ITER_UBUF:
      return orAddresses(i.ubuf + i.iovOffset, i.count);
    case ITER_IOVEC:
      return orAddresses(i.iov[i.seg].base + i.iovOffset, len);
    case ITER_KVEC:
      return orAddresses(i.kvec[i.seg].base + i.iovOffset, len);
    case ITER_CHAIN:
      return iovIterAlignment(i);
    default:
      return iovIterAlignment(i);
  }
}
