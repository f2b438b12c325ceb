/**
 * Tables: scatterlists that the library allocates, in chunks linked to each other.
 *
 * Entries are 24 bytes, as on the kernel that the model is certified against (64 bit, no
 * NEED_SG_DMA_LENGTH), so a page holds 170.
 * C: lib/scatterlist.c (6.1)
 * @module
 */
import { KernelOops } from '../../src/assert.ts';
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PAGE_SHIFT, PAGE_SIZE, type Pfn, type VirtAddr } from '../../src/units.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgChainPtr,
  sgInitTable,
  sgIsLast,
  sgMarkEnd,
  sgNext,
  sgPage,
  sgPhys,
  sgSetPage,
} from './scatterlist.ts';

/** sizeof(struct scatterlist) of the certified kernel. */
export const SCATTERLIST_SIZE = 24;
/** Slots of a chunk that fills a page. */
export const SG_MAX_SINGLE_ALLOC: number = Math.floor(PAGE_SIZE / SCATTERLIST_SIZE);
/** Longest entry that `sg_alloc_table_from_pages` makes: UINT_MAX rounded down to a page. */
const SG_MAX_SEGMENT = 0xfffff000;

/** @kernel sg_table */
export class SgTable {
  sgl: Scatterlist | null = null;
  /** Entries in use: CPU entries, or DMA entries while the table is mapped. */
  nents = 0;
  /** CPU entries. Walks by the CPU must use this one. */
  origNents = 0;
  /** Memory of each chunk. */
  readonly chunks: Map<readonly Scatterlist[], VirtAddr> = new Map();
}

/** A table that grows. @kernel sg_append_table */
export class SgAppendTable {
  readonly sgt: SgTable = new SgTable();
  /** The last entry in use. */
  prv: Scatterlist | null = null;
  /** Slots of all chunks that hold entries. */
  totalNents = 0;
}

/**
 * Allocates `nents` empty entries; on failure nothing is left.
 * @returns 0, -EINVAL for 0 entries, -ENOMEM. @kernel sg_alloc_table
 */
export function sgAllocTable(machine: Machine, table: SgTable, nents: number): Errno {
  const err = __sgAllocTable(machine, table, nents, SG_MAX_SINGLE_ALLOC);
  if (err !== 0) sgFreeTable(machine, table);
  return err;
}

/** Frees the chunks of a table, which it finds through `origNents` and the links. @kernel sg_free_table */
export function sgFreeTable(machine: Machine, table: SgTable): void {
  __sgFreeTable(machine, table, table.origNents);
}

/** @kernel sg_free_append_table */
export function sgFreeAppendTable(machine: Machine, table: SgAppendTable): void {
  __sgFreeTable(machine, table.sgt, table.totalNents);
}

/**
 * Describes `size` bytes at `offset` of the first page; consecutive frames share an entry.
 * @returns 0 or -ENOMEM. @kernel sg_alloc_table_from_pages
 */
export function sgAllocTableFromPages(
  machine: Machine,
  sgt: SgTable,
  pages: readonly Pfn[],
  offset: number,
  size: number,
): Errno {
  return sgAllocTableFromPagesSegment(machine, sgt, pages, offset, size, SG_MAX_SEGMENT);
}

/**
 * The same with entries of at most `maxSegment` bytes, rounded down to pages.
 * @returns 0, -ENOMEM, -EINVAL with a warning below one page.
 * @kernel sg_alloc_table_from_pages_segment
 */
export function sgAllocTableFromPagesSegment(
  machine: Machine,
  sgt: SgTable,
  pages: readonly Pfn[],
  offset: number,
  size: number,
  maxSegment: number,
): Errno {
  const append = new SgAppendTable();
  const err = sgAllocAppendTableFromPages(machine, append, pages, offset, size, maxSegment, 0);
  if (err !== 0) {
    sgFreeAppendTable(machine, append);
    return err;
  }
  sgt.sgl = append.sgt.sgl;
  sgt.nents = append.sgt.nents;
  sgt.origNents = append.sgt.origNents;
  for (const [chunk, memory] of append.sgt.chunks) sgt.chunks.set(chunk, memory);
  if (append.totalNents !== sgt.origNents) machine.warn('WARN_ON(total_nents != orig_nents)');
  return 0;
}

/**
 * Appends pages, into the last entry as far as they continue it. `leftPages` says how many will
 * follow in later calls; with 0 the list gets its END mark.
 * @returns 0, -ENOMEM, -EINVAL with a warning for an offset behind an entry.
 * @kernel sg_alloc_append_table_from_pages
 */
export function sgAllocAppendTableFromPages(
  machine: Machine,
  append: SgAppendTable,
  pages: readonly Pfn[],
  offset: number,
  size: number,
  maxSegment: number,
  leftPages: number,
): Errno {
  const segment = Math.floor(maxSegment / PAGE_SIZE) * PAGE_SIZE;
  if (segment < PAGE_SIZE) {
    machine.warn('WARN_ON(max_segment < PAGE_SIZE)');
    return -EINVAL;
  }
  const { prv } = append;
  const prvLength = prv === null ? 0 : prv.length;
  if (prv !== null && offset !== 0) {
    machine.warn('WARN_ON(offset)');
    return -EINVAL;
  }
  const merged = prv === null ? 0 : extendEntry(prv, pages, segment);
  const rest = pages.slice(merged);
  let sg = prv;
  if (rest.length > 0) {
    const runs = runsOf(rest, segment);
    let skip = offset;
    let left = size;
    let at = 0;
    for (const [i, run] of runs.entries()) {
      const next = getNextSg(machine, append, sg, runs.length - i + leftPages);
      if (next === null) {
        if (prv !== null) prv.length = prvLength;
        return -ENOMEM;
      }
      const chunkSize = run * PAGE_SIZE - skip;
      sgSetPage(next, rest[at], Math.min(left, chunkSize), skip);
      left -= chunkSize;
      skip = 0;
      at += run;
      sg = next;
    }
    append.sgt.nents += runs.length;
    append.sgt.origNents = append.sgt.nents;
    append.prv = sg;
  }
  if (leftPages === 0 && sg !== null) sgMarkEnd(sg);
  return 0;
}

/**
 * A list of fresh pages of 2^order for `length` bytes; `chainable` keeps a slot for a later link.
 * @returns the list and its entries, or null without memory.
 * @throws KernelBug for no bytes and no spare slot: `sg_init_table` of an empty array.
 * @kernel sgl_alloc_order
 */
export function sglAllocOrder(
  machine: Machine,
  length: number,
  order: number,
  chainable: boolean,
): Scatterlist[] | null {
  const unit = PAGE_SIZE * 2 ** order;
  const nents = Math.ceil(length / unit);
  const slots = nents + (chainable ? 1 : 0);
  const sgl = sgAlloc(slots);
  sgInitTable(sgl, slots);
  for (let i = 0; i < nents; i++) {
    const page = machine.allocPages(order, 'sgl_alloc_order');
    if (page === null) {
      sglFreeOrder(machine, sgl);
      return null;
    }
    sgSetPage(sgl[i], page, Math.min(length - i * unit, unit), 0);
  }
  return sgl;
}

/** Frees the pages of such a list. @kernel sgl_free_order */
export function sglFreeOrder(machine: Machine, sgl: readonly Scatterlist[]): void {
  for (const sg of sgl) if (sgPage(sg) !== 0) machine.freePages(sgPage(sg));
}

function __sgAllocTable(machine: Machine, table: SgTable, nents: number, maxEnts: number): Errno {
  table.sgl = null;
  table.nents = 0;
  table.origNents = 0;
  if (nents === 0) return -EINVAL;
  let prv: Scatterlist[] | null = null;
  for (let left = nents; left > 0; ) {
    const allocSize = Math.min(left, maxEnts);
    const sgSize = left > maxEnts ? allocSize - 1 : allocSize;
    left -= sgSize;
    const sg = sgKmalloc(machine, table, allocSize);
    if (sg === null) {
      // The last slot of the previous chunk stays an entry: it links to nothing.
      if (prv !== null) table.nents = ++table.origNents;
      return -ENOMEM;
    }
    table.origNents += sgSize;
    table.nents = table.origNents;
    if (prv === null) table.sgl = sg[0];
    else sgChain(prv[0], maxEnts, sg[0]);
    prv = sg;
  }
  return 0;
}

function __sgFreeTable(machine: Machine, table: SgTable, entries: number): void {
  let sgl = table.sgl;
  for (let left = entries; left > 0 && sgl !== null; ) {
    const slots: number = Math.min(left, SG_MAX_SINGLE_ALLOC);
    const more = left > SG_MAX_SINGLE_ALLOC;
    const next: Scatterlist | null = more ? sgChainPtr(sgl.table[slots - 1]) : null;
    left -= more ? slots - 1 : slots;
    sgKfree(machine, table, sgl.table);
    sgl = next;
  }
  table.sgl = null;
}

/** Takes pages into the last entry while they continue it. @returns how many. */
function extendEntry(prv: Scatterlist, pages: readonly Pfn[], segment: number): number {
  const next = (sgPhys(prv) + prv.length) / PAGE_SIZE;
  let taken = 0;
  while (taken < pages.length && pages[taken] === Math.floor(next) + taken) {
    if (prv.length + PAGE_SIZE > segment) break;
    prv.length += PAGE_SIZE;
    taken++;
  }
  return taken;
}

/** Lengths, in pages, of the runs of consecutive frames. */
function runsOf(pages: readonly Pfn[], segment: number): number[] {
  const most = segment / PAGE_SIZE;
  const runs = [1];
  for (let i = 1; i < pages.length; i++) {
    const last = runs.length - 1;
    if (runs[last] < most && pages[i] === pages[i - 1] + 1) runs[last]++;
    else runs.push(1);
  }
  return runs;
}

function getNextSg(
  machine: Machine,
  append: SgAppendTable,
  cur: Scatterlist | null,
  needed: number,
): Scatterlist | null {
  let link: Scatterlist | null = null;
  if (cur !== null) {
    link = sgNext(cur);
    if (link === null) throw new KernelOops('sg_is_last(NULL): append behind the END mark');
    // The last slot of a chunk is kept for the link.
    if (!sgIsLast(link) || needed === 1) return link;
  }
  const slots = Math.min(needed, SG_MAX_SINGLE_ALLOC);
  const chunk = sgKmalloc(machine, append.sgt, slots);
  if (chunk === null) return null;
  if (link === null) {
    append.sgt.sgl = chunk[0];
    append.totalNents = slots;
  } else {
    append.totalNents += slots - 1;
    sgChain(link, 1, chunk[0]);
  }
  return chunk[0];
}

/** A chunk with its memory: a page when it fills one. */
function sgKmalloc(machine: Machine, table: SgTable, slots: number): Scatterlist[] | null {
  const size = slots === SG_MAX_SINGLE_ALLOC ? 1 << PAGE_SHIFT : slots * SCATTERLIST_SIZE;
  const memory = machine.slab.kmalloc(size, 'sg_table');
  if (memory === null) return null;
  const chunk = sgAlloc(slots);
  sgInitTable(chunk, slots);
  table.chunks.set(chunk, memory);
  return chunk;
}

function sgKfree(machine: Machine, table: SgTable, chunk: readonly Scatterlist[]): void {
  const memory = table.chunks.get(chunk);
  if (memory === undefined) throw new KernelOops('free of a chunk that is not of this table');
  table.chunks.delete(chunk);
  machine.slab.kfree(memory);
}
