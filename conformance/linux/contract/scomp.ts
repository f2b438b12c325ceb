/**
 * What the synchronous compressors of later kernels ask of lists. They write into the first entry of the
 * destination, and copy a source that is not in their first entry to a page of their own.
 * C: crypto/scompress.c (7.2)
 * @module
 */
import { type Series, since } from '../models/model.ts';
import {
  type DataCase,
  PAGE_SIZE,
  type Segment,
  segmentStart,
  type TextCase,
} from '../text/case.ts';

/** Series from which on the page is one; the buffer before it had 128 KiB, and longer sources were refused. */
const SCRATCH_OF_A_PAGE: Series = [7, 2];

/** A compressor of the synchronous kind, which deflate and zstd are no more. */
export function isScomp({ algorithm }: DataCase): boolean {
  return /^(842|lz4|lz4hc|lzo|lzo-rle)$/.test(algorithm);
}

/** Bytes of the first entry of a list: where memory has no neighbour an entry ends with its page. */
export function firstEntry({ backings }: DataCase, [segment]: readonly Segment[]): number {
  if (segment === undefined) return 0;
  const memoryOf = (page: number): string => {
    const i = backings.findIndex(({ first, count }) => page >= first && page < first + count);
    if (i < 0) return 'arena';
    return backings[i].kind === 'kmalloc' ? `object ${i}` : `page ${page}`;
  };
  const start = segmentStart(segment);
  let end = start;
  for (let page = Math.floor(start / PAGE_SIZE); end < start + segment.length; page++) {
    if (memoryOf(page) !== memoryOf(Math.floor(start / PAGE_SIZE))) break;
    end = Math.min(start + segment.length, (page + 1) * PAGE_SIZE);
  }
  return end - start;
}

/**
 * Does a kernel copy the source behind the page that it has for it (FINDINGS.md, section 12)? What lies
 * there is lost, so nobody may ask it.
 */
export function overflowsScratch(c: TextCase, series: Series): c is DataCase {
  if (c.op !== 'acomp' || !isScomp(c) || !since(series, SCRATCH_OF_A_PAGE)) return false;
  const isCopied = c.length > PAGE_SIZE && c.length > firstEntry(c, c.src);
  return isCopied && c.room > 0 && c.room <= firstEntry(c, c.dst ?? c.src);
}
