/**
 * Segments in memory: where each lies, in physically contiguous pieces, and how they are cut.
 * @module
 */
import { assert } from '../../src/assert.ts';
import {
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import type { MemoryKind } from './case.ts';

/** A segment in memory. Exactly one of `virt` and `user` is an address. */
export interface Placed {
  readonly kind: Exclude<MemoryKind, 'next'>;
  readonly len: number;
  /** Kernel virtual address, or null for user memory. */
  readonly virt: VirtAddr | null;
  readonly user: UserAddr | null;
  /** First struct page and offset in its folio; null for virtually mapped memory. */
  readonly page: Pfn | null;
  readonly offset: number;
  /** Physically contiguous pieces, in order; the lengths add up to `len`. */
  readonly runs: readonly Run[];
}

export interface Run {
  readonly phys: PhysAddr;
  readonly len: number;
}

/** The bytes of `placed` that begin at `skip`, `len` of them, as runs. */
export function sliceRuns(placed: readonly Placed[], skip: number, len: number): Run[] {
  const out: Run[] = [];
  let before = skip;
  let left = len;
  for (const { runs } of placed) {
    for (const run of runs) {
      if (before >= run.len) {
        before -= run.len;
        continue;
      }
      const take = Math.min(run.len - before, left);
      if (take > 0) out.push({ phys: physAddr(run.phys + before), len: take });
      before = 0;
      left -= take;
    }
  }
  assert(left === 0, 'slice inside the placed segments');
  return out;
}

/** The memory of some segments cut at other places: a second list over the same bytes. */
export function resplit(placed: readonly Placed[], lengths: readonly number[]): Placed[] {
  const out: Placed[] = [];
  let at = 0;
  for (const len of lengths) {
    if (len === 0) out.push(...emptyAt(placed, at));
    else out.push(...slicePlaced(placed, at, len));
    at += len;
  }
  return out;
}

/** The `len` bytes that begin at `skip`, as segments; empty segments are left out. */
export function slicePlaced(placed: readonly Placed[], skip: number, len: number): Placed[] {
  const out: Placed[] = [];
  let before = skip;
  let left = len;
  for (const segment of placed) {
    if (left === 0) break;
    if (before >= segment.len) {
      before -= segment.len;
      continue;
    }
    const take = Math.min(segment.len - before, left);
    out.push(piece(segment, before, take));
    before = 0;
    left -= take;
  }
  assert(left === 0, 'slice inside the placed segments');
  return out;
}

/** One allocation, of which neighbouring segments are parts. */
export interface Region {
  readonly kind: Exclude<MemoryKind, 'next'>;
  readonly virt: VirtAddr | null;
  readonly user: UserAddr | null;
  readonly page: Pfn | null;
  /** Physical address of each page from the page of the start on, or one contiguous range. */
  readonly base: PhysAddr;
  readonly pages: readonly PhysAddr[];
  /** Offset of the region's first byte from `base`. */
  readonly start: number;
}

/** The part of a region that begins `at` bytes behind its start. */
export function cutRegion(region: Region, at: number, len: number): Placed {
  const { kind, page, base, pages } = region;
  const from = region.start + at;
  const virt = region.virt === null ? null : virtAddr(region.virt + at);
  const user = region.user === null ? null : userAddr(region.user + at);
  if (pages.length === 0) {
    const runs = len === 0 ? [] : [{ phys: physAddr(base + from), len }];
    return inItsPage({ kind, len, virt, user, page, offset: from, runs });
  }
  const runs: Run[] = [];
  for (let done = 0; done < len; ) {
    const position = from + done;
    const inPage = position % PAGE_SIZE;
    const take = Math.min(len - done, PAGE_SIZE - inPage);
    runs.push({ phys: physAddr(pages[Math.floor(position / PAGE_SIZE)] + inPage), len: take });
    done += take;
  }
  return { kind, len, virt, user, page, offset: from, runs };
}

/** An empty segment at byte `at`: an entry that describes nothing. */
function emptyAt(placed: readonly Placed[], at: number): Placed[] {
  const [first] = placed;
  if (first === undefined) return [];
  const [holder] = at === 0 ? [first] : slicePlaced(placed, at - 1, 1);
  return [piece(holder ?? first, 0, 0)];
}

function piece(placed: Placed, at: number, len: number): Placed {
  return inItsPage({
    ...placed,
    len,
    virt: placed.virt === null ? null : virtAddr(placed.virt + at),
    user: placed.user === null ? null : userAddr(placed.user + at),
    offset: placed.offset + at,
    runs: sliceRuns([placed], at, len),
  });
}

/**
 * An empty segment at the same address, told from the page in which it lies. Told from the head of a
 * folio, at a page boundary of it, sg_miter passes over the entry behind it: no caller in the tree makes
 * such an entry, and what comes of one is a finding about kernels.
 * C: lib/scatterlist.c sg_miter_get_next_page (6.1 to 7.3)
 */
function inItsPage(placed: Placed): Placed {
  const { page, len, offset } = placed;
  if (page === null || len > 0 || offset < PAGE_SIZE) return placed;
  return {
    ...placed,
    page: pfn(page + Math.floor(offset / PAGE_SIZE)),
    offset: offset % PAGE_SIZE,
  };
}
