/**
 * Memory of a process, as callers lend it to a request: taken through an iterator that was imported, described by
 * what came of it, and given back. Each of the three ways has its way back.
 * - `extract`: every page is pinned, in the table of a scatterlist or as bio_vecs.
 *   C: lib/scatterlist.c extract_iter_to_sg, crypto/af_alg.c af_alg_make_sg
 * - `map`: every page is held once for each run of bytes in it, by a reference in 6.1, by a pin since 6.5.
 *   C: block/blk-map.c bio_map_user_iov
 * - `copy`: nothing is held; pages of the caller stand in for those of the process. A kernel fills with zeros
 *   what is only written to; here it stays unwritten, so that whoever reads it is seen.
 *   C: block/blk-map.c bio_copy_user_iov, bio_uncopy_user
 * @module
 */
import {
  type PinnedVecs,
  pinUserMemory,
  unpinUserMemory,
} from '../../converted/front/user-memory.ts';
import { copyFromIter, copyToIter } from '../../converted/iter/copy.ts';
import { type ExtractedPages, iovIterExtractPages } from '../../converted/iter/extract.ts';
import { importIovec, importUbuf } from '../../converted/iter/import.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterCopy,
  iovIterCount,
} from '../../converted/iter/iov-iter.ts';
import { iovIterGetPages2 } from '../../converted/iter/pages.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { iovIterNpages } from '../../converted/iter/query.ts';
import { sgAlloc, sgInitTable, sgPage } from '../../legacy/lists/scatterlist.ts';
import {
  type ExtractedRun,
  extractIterToSg,
  sgReleaseExtracted,
} from '../../legacy/lists/sg-bridge.ts';
import { SgTable } from '../../legacy/lists/sg-table.ts';
import { assert } from '../../src/assert.ts';
import { EFAULT, ENOMEM, type Errno } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { pageAddress } from '../../src/machine/machine.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from '../../src/machine/phys-mem.ts';
import { SHADOW_INIT, SHADOW_REDZONE } from '../../src/machine/shadow.ts';
import { offsetInPage, PAGE_SIZE, type Pfn, physAddr } from '../../src/units.ts';
import type { Caller } from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import { type Placed, sliceRuns } from '../case/placed.ts';
import { Refused } from './submit.ts';

/** Segments for which a caller brings an array. @kernel UIO_FASTIOV */
const FAST_SEGS = 8;
/** `struct iovec` on a 64-bit machine. */
const IOVEC_SIZE = 16;
const HALF = 2 ** 32;
/** More pages than a case has. */
const ALL_PAGES = 1 << 16;

/** Neighbours in a list that are memory of a process. */
export interface UserRange {
  readonly memory: CaseMemory;
  readonly segments: readonly Placed[];
  /** The request writes to it. */
  readonly write: boolean;
  /** The request does nothing but write to it. */
  readonly fresh: boolean;
  /** Lent to an API of scatterlists. */
  readonly lists: boolean;
}

/** What a caller took, until it gives it back. */
export interface Loan {
  /** What stands in the list of the request, byte for byte. */
  readonly placed: readonly Placed[];
  /** Pages of the caller that stand in for those of the process. */
  readonly bounce: readonly Pfn[];
  /** Brings `bytes` home, from byte `skip` on. Absent: the request wrote to the memory itself. */
  bring?(skip: number, bytes: Uint8Array): Errno;
  release(): void;
}

/** Takes a range. @throws Refused where something could not be had; then nothing is held. */
export const TAKERS: Readonly<Record<Caller, (range: UserRange) => Loan>> = {
  extract: (range) => (range.lists ? extractedToSg(range) : extractedToVecs(range)),
  map: mapped,
  copy: copied,
};

function extractedToSg(range: UserRange): Loan {
  const { machine } = range.memory;
  const iter = imported(range, range.write ? ITER_DEST : ITER_SOURCE);
  const room = iovIterNpages(iter, ALL_PAGES);
  const table = new SgTable();
  const array = sgAlloc(room);
  sgInitTable(array, room);
  [table.sgl] = array;
  while (iovIterCount(iter) > 0) {
    const out: ExtractedPages = { pages: [], offset0: 0 };
    const got = iovIterExtractPages(iter, out, iovIterCount(iter), room - table.nents);
    if (got <= 0) {
      sgReleaseExtracted(machine, table, table.nents, false);
      throw new Refused(got === 0 ? -EFAULT : got);
    }
    const added = extractIterToSg(runsOf(out, got), got, table, room - table.nents);
    assert(added === got, 'a table has room for the pages that were counted');
  }
  // Whoever gives back what it was given, and not what is left of that, gives it back twice when it does so twice.
  const { nents } = table;
  return {
    placed: array
      .slice(0, nents)
      .map((sg) => placedAt({ page: sgPage(sg), offset: sg.offset, len: sg.length })),
    bounce: [],
    release: () => sgReleaseExtracted(machine, table, nents, range.write),
  };
}

function extractedToVecs(range: UserRange): Loan {
  const out: PinnedVecs = { bvec: [], pages: [] };
  const err = pinUserMemory(imported(range, range.write ? ITER_DEST : ITER_SOURCE), out);
  if (err !== 0) throw new Refused(err);
  return {
    placed: out.bvec.map(({ phys, len }) =>
      placedAt({ page: physToPfn(phys), offset: offsetInPage(phys), len }),
    ),
    bounce: [],
    release: () =>
      unpinUserMemory(range.memory.machine, { bvec: [], pages: [...out.pages] }, range.write),
  };
}

function mapped(range: UserRange): Loan {
  const { lists, write } = range;
  const { machine } = range.memory;
  const iter = imported(range, write ? ITER_DEST : ITER_SOURCE);
  const take = lists ? iovIterGetPages2 : iovIterExtractPages;
  const drop = (page: Pfn): void => (lists ? machine.putPage(page) : machine.unpinPage(page));
  const runs: ExtractedRun[] = [];
  while (iovIterCount(iter) > 0) {
    const out: ExtractedPages = { pages: [], offset0: 0 };
    const got = take(iter, out, iovIterCount(iter), ALL_PAGES);
    if (got <= 0) {
      for (const { page } of runs) drop(page);
      throw new Refused(got === 0 ? -EFAULT : got);
    }
    for (const run of runsOf(out, got)) {
      const last = runs.at(-1);
      if (last?.page === run.page && last.offset + last.len === run.offset) {
        // The page is held for the bytes in front already. C: block/bio.c bio_add_hw_page same_page
        drop(run.page);
        runs[runs.length - 1] = { ...last, len: last.len + run.len };
      } else {
        runs.push(run);
      }
    }
  }
  return {
    placed: runs.map(placedAt),
    bounce: [],
    release: () => {
      for (const { page } of runs) drop(page);
    },
  };
}

function copied(range: UserRange): Loan {
  const { memory, segments, write, fresh } = range;
  const { machine } = memory;
  const total = lengthOf(segments);
  const source = fresh ? null : imported(range, ITER_SOURCE);
  const home = write ? imported(range, ITER_DEST) : null;
  const bounce: Pfn[] = [];
  const release = (): void => {
    for (const page of bounce) machine.freePages(page);
  };
  for (let done = 0; done < total; done += PAGE_SIZE) {
    const page = machine.allocPages(0, 'caller');
    if (page === null) {
      release();
      throw new Refused(-ENOMEM);
    }
    bounce.push(page);
  }
  const placed = bounce.map((page, i) =>
    placedAt({ page, offset: 0, len: Math.min(PAGE_SIZE, total - i * PAGE_SIZE) }),
  );
  const { len } = placed[placed.length - 1];
  const end = pageAddress(bounce[bounce.length - 1], len) - PHYS_BASE;
  machine.shadow.mark(end, PAGE_SIZE - len, SHADOW_REDZONE);
  if (source === null) prefill(range, placed);
  const err = source === null ? 0 : copyIn(range, source, placed);
  if (err !== 0) {
    release();
    throw new Refused(err);
  }
  const bring = (skip: number, bytes: Uint8Array): Errno => {
    const to = iovIterCopy(must(home));
    iovIterAdvance(to, skip);
    return copyToIter(bytes, bytes.length, to) < bytes.length ? -EFAULT : 0;
  };
  return { placed, bounce, release, ...(write ? { bring } : {}) };
}

/**
 * Fills the pages of the caller. To a kernel all memory of a process is written; what of it is not, for the case,
 * is not in the copy either.
 */
function copyIn(range: UserRange, source: IovIter<'source'>, placed: readonly Placed[]): Errno {
  const { mem, shadow } = range.memory.machine;
  const total = iovIterCount(source);
  const bytes = new Uint8Array(total);
  const ranges = piecesOf(range.segments, placed);
  for (const { from, to, len } of ranges) {
    shadow.copy(to, from, len);
    shadow.mark(from, len, SHADOW_INIT);
  }
  const got = copyFromIter(bytes, total, source);
  let done = 0;
  for (const { from, to, len } of ranges) {
    shadow.copy(from, to, len);
    mem.store(physAddr(PHYS_BASE + to), bytes.subarray(done, done + len));
    done += len;
  }
  return got < total ? -EFAULT : 0;
}

/**
 * What nobody writes stays as it was at home, since what is told of a result may be longer than it. To readers
 * it is not there.
 */
function prefill({ memory, segments }: UserRange, placed: readonly Placed[]): void {
  const { u8 } = memory.machine.mem;
  for (const { from, to, len } of piecesOf(segments, placed)) u8.copyWithin(to, from, from + len);
}

/** The same bytes in two lists, as far as they are contiguous in both: offsets of memory. */
function piecesOf(
  one: readonly Placed[],
  other: readonly Placed[],
): { readonly from: number; readonly to: number; readonly len: number }[] {
  let done = 0;
  return one.flatMap(({ runs }) =>
    runs.flatMap(({ phys, len }) => {
      let from = phys - PHYS_BASE;
      const pieces = sliceRuns(other, done, len).map((run) => {
        const piece = { from, to: run.phys - PHYS_BASE, len: run.len };
        from += run.len;
        return piece;
      });
      done += len;
      return pieces;
    }),
  );
}

/** The iterator that a system call makes of its arguments. */
function imported<D extends Direction>({ memory, segments }: UserRange, direction: D): IovIter<D> {
  const { machine, mm } = memory;
  const [first, ...more] = segments;
  if (more.length === 0) {
    const iter = importUbuf(machine, mm, direction, must(first.user), first.len);
    if (typeof iter === 'number') throw new Refused(iter);
    return iter;
  }
  // A page of the process: no call of the kernel that could be made to fail.
  const page = must(machine.pageAlloc.take(0, 'case'));
  const view = new DataView(new ArrayBuffer(segments.length * IOVEC_SIZE));
  for (const [i, { user, len }] of segments.entries()) {
    const base = must(user);
    view.setUint32(i * IOVEC_SIZE, base % HALF, true);
    view.setUint32(i * IOVEC_SIZE + 4, Math.floor(base / HALF), true);
    view.setUint32(i * IOVEC_SIZE + 8, len, true);
  }
  machine.store(pfnToPhys(page), new Uint8Array(view.buffer));
  const array = mm.mapPages([page], false);
  const made = importIovec(machine, mm, direction, array, segments.length, FAST_SEGS);
  mm.munmap(array, PAGE_SIZE);
  machine.freePages(page);
  if (typeof made === 'number') throw new Refused(made);
  return made.iter;
}

/** Pages of an extraction, as runs of its bytes. */
export function runsOf({ pages, offset0 }: ExtractedPages, bytes: number): ExtractedRun[] {
  let left = bytes;
  let offset = offset0;
  return pages.map((page) => {
    const run = { page, offset, len: Math.min(left, PAGE_SIZE - offset) };
    left -= run.len;
    offset = 0;
    return run;
  });
}

function placedAt({ page, offset, len }: ExtractedRun): Placed {
  const runs = [{ phys: pageAddress(page, offset), len }];
  return { kind: 'user', len, virt: null, user: null, page, offset, runs };
}

export function lengthOf(segments: readonly Pick<Placed, 'len'>[]): number {
  return segments.reduce((sum, { len }) => sum + len, 0);
}
