/**
 * extract_iter_to_sg() over iterators of the converted API: what each kind hands over, by the loops of
 * lib/scatterlist.c, appended by the bridge of the legacy API.
 *
 * As in the kernel, nothing looks at `count`: with a maxsize above it user memory is consumed and 0 is
 * the answer, and the other kinds go on behind the end (FINDINGS.md, section 2).
 * @module
 */

import { type ExtractedPages, iovIterExtractPages } from '../../../converted/iter/extract.ts';
import { folioqNrSlots } from '../../../converted/iter/folio-queue.ts';
import { type IovIter, iovIterCount } from '../../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../../converted/iter/position.ts';
import { sgAlloc, sgInitTable, sgPage } from '../../../legacy/lists/scatterlist.ts';
import { type ExtractedRun, extractIterToSg } from '../../../legacy/lists/sg-bridge.ts';
import { SgTable } from '../../../legacy/lists/sg-table.ts';
import { EIO } from '../../../src/errno.ts';
import { linearToPhys } from '../../../src/machine/address.ts';
import { physToPfn } from '../../../src/machine/phys-mem.ts';
import { offsetInPage, pfn, physAddr } from '../../../src/units.ts';
import { ARENA_PAGES, type IterKind, PAGE_SIZE, type Segment } from '../text/case.ts';
import type { Arena } from './arena.ts';
import { isUser } from './iter-kinds.ts';

/** Entries that the module's table has. */
const MAX_SG_ENTRIES = 60;

/** What a table is filled from. */
export interface ToSg {
  readonly iter: IovIter;
  readonly kind: IterKind;
  /** What the case names: a bio_vec of the kernel keeps the page that it was given. */
  readonly segments: readonly Segment[];
  readonly arena: Arena;
  /** Up to 6.12 the position in an xarray does not advance from folio to folio. */
  readonly standing: boolean;
}

/** Extracts and describes what came: ` = BYTES nentsN ENTRY...`. */
export function toSgText(x: ToSg, maxsize: number, entries: number): string {
  const sgMax = Math.min(entries, MAX_SG_ENTRIES);
  const table = new SgTable();
  const array = sgAlloc(MAX_SG_ENTRIES + 4);
  sgInitTable(array, array.length);
  [table.sgl] = array;
  const bytes = maxsize === 0 || sgMax === 0 ? 0 : extract(x, maxsize, table, sgMax);
  const texts = array.slice(0, table.nents).map((sg) => {
    const index = isUser(x.kind) ? 'p' : `${x.arena.pageIndex(sgPage(sg))}`;
    if (isUser(x.kind)) x.arena.machine.unpinPage(sgPage(sg));
    return ` ${index}+${sg.offset}:${sg.length}`;
  });
  return ` = ${bytes} nents${table.nents}${texts.join('')}`;
}

function extract(x: ToSg, maxsize: number, table: SgTable, sgMax: number): number {
  if (isUser(x.kind)) return extractUser(x, maxsize, table, sgMax);
  if (x.kind === 'discard') return -EIO;
  const bytes = extractIterToSg(runsOf(x), maxsize, table, sgMax);
  if (x.kind === 'folioq') advanceFolioq(x.iter, bytes);
  else iovIterAdvance(x.iter, Math.min(bytes, iovIterCount(x.iter)));
  return bytes;
}

/** @kernel extract_user_to_sg */
function extractUser(x: ToSg, maxsize: number, table: SgTable, sgMax: number): number {
  let done = 0;
  for (let left = maxsize; left > 0 && table.nents < sgMax; ) {
    const out: ExtractedPages = { pages: [], offset0: 0 };
    const got = iovIterExtractPages(x.iter, out, left, sgMax - table.nents);
    if (got <= 0) {
      giveBack(x, table);
      return got;
    }
    extractIterToSg(pageRuns(out, got), got, table, sgMax);
    left -= got;
    done += got;
  }
  return done;
}

function giveBack({ arena }: ToSg, table: SgTable): void {
  while (table.nents > 0) {
    const sg = table.sgl?.table[table.sgl.index + --table.nents];
    if (sg !== undefined) arena.machine.unpinPage(sgPage(sg));
  }
}

function pageRuns({ pages, offset0 }: ExtractedPages, bytes: number): ExtractedRun[] {
  let left = bytes;
  let offset = offset0;
  return pages.map((page) => {
    const len = Math.min(left, PAGE_SIZE - offset);
    const run = { page, offset, len };
    left -= len;
    offset = 0;
    return run;
  });
}

/** Everything from the position on, whatever `count` says. */
function runsOf(x: ToSg): ExtractedRun[] {
  const { iter } = x;
  switch (x.kind) {
    case 'bvec':
      return bvecRuns(x);
    case 'kvec':
      return kvecRuns(iter);
    case 'xarray':
      return xarrayRuns(x);
    default:
      return folioqRuns(iter);
  }
}

/** The page stays the one of its entry, however far the offset goes. @kernel extract_bvec_to_sg */
function bvecRuns({ iter, arena, segments }: ToSg): ExtractedRun[] {
  return segments.slice(iter.seg).flatMap(({ page, offset, length }, i) => {
    const skip = i === 0 ? iter.iovOffset : 0;
    const run = { page: pfn(arena.page + page), offset: offset + skip, len: length - skip };
    return skip < length ? [run] : [];
  });
}

function kvecRuns({ kvec, seg, iovOffset }: IovIter): ExtractedRun[] {
  return kvec.slice(seg).flatMap(({ base, len }, i) => {
    const skip = i === 0 ? iovOffset : 0;
    return skip < len ? pagesOf(linearToPhys(base) + skip, len - skip) : [];
  });
}

/** @kernel the inner loop of extract_kvec_to_sg */
function pagesOf(start: number, length: number): ExtractedRun[] {
  const runs: ExtractedRun[] = [];
  for (let done = 0; done < length; ) {
    const at = physAddr(start + done);
    const len = Math.min(length - done, PAGE_SIZE - offsetInPage(at));
    runs.push({ page: physToPfn(at), offset: offsetInPage(at), len });
    done += len;
  }
  return runs;
}

function xarrayRuns({ iter, arena, standing }: ToSg): ExtractedRun[] {
  const start = iter.xarrayStart + iter.iovOffset;
  const first = Math.floor(start / PAGE_SIZE);
  return Array.from({ length: ARENA_PAGES - first }, (_, i) => {
    const offset = i === 0 || standing ? start % PAGE_SIZE : 0;
    return { page: pfn(arena.page + first + i), offset, len: PAGE_SIZE - offset };
  });
}

function folioqRuns(iter: IovIter): ExtractedRun[] {
  const runs: ExtractedRun[] = [];
  let offset = iter.iovOffset;
  let slot = iter.seg;
  for (let q = iter.folioq; q !== null; q = q.next, slot = 0) {
    for (; slot < folioqNrSlots(q); slot++, offset = 0) {
      const folio = q.folios[slot];
      if (folio === undefined || folio === null) return runs;
      if (offset < PAGE_SIZE) runs.push({ page: folio.page, offset, len: PAGE_SIZE - offset });
    }
  }
  return runs;
}

/** The iterator goes on by what was taken, and `count` goes below 0. @kernel extract_folioq_to_sg */
function advanceFolioq(iter: IovIter, bytes: number): void {
  let left = bytes + iter.iovOffset;
  let q = iter.folioq;
  while (q !== null && left >= PAGE_SIZE) {
    left -= PAGE_SIZE;
    iter.seg++;
    if (iter.seg >= folioqNrSlots(q)) {
      if (q.next === null) break;
      q = q.next;
      iter.seg = 0;
    }
  }
  iter.folioq = q;
  iter.iovOffset = left;
  iter.count -= bytes;
}
