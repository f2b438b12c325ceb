/**
 * struct page: references, pins, flags and compound pages, as arrays indexed by frame.
 *
 * A page is named by its frame number (`Pfn`); there are no page objects, because pinning through
 * objects costs four times as much.
 * C: include/linux/mm.h, mm/gup.c (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';
import { type Pfn, pfn } from '../units.ts';
import { PFN_BASE } from './phys-mem.ts';

export const PG_ALLOCATED = 1;
export const PG_SLAB = 2;
export const PG_DIRTY = 4;
/** Anonymous user memory. */
export const PG_ANON = 32;
/** Owned by the page cache. */
export const PG_PAGECACHE = 64;
/** Nobody in the current request may write to it: a read-only mapping or somebody else's page. */
export const PG_READONLY = 128;
/** Mapped by vmalloc. */
export const PG_VMALLOC = 256;

/** Largest order of a folio, 4 MiB (include/linux/mmzone.h, 6.1: MAX_ORDER - 1). */
export const MAX_ORDER = 10;

/** A pin of a single page is this many references (include/linux/mm.h GUP_PIN_COUNTING_BIAS). */
export const GUP_PIN_COUNTING_BIAS = 1024;

/** The memory map: the state of every frame that has a struct page. */
export class PageMap {
  /** Whether any page was made read-only since the last reset, the page of zeros apart. */
  anyReadonly = false;
  readonly frames: number;
  readonly refcount: Int32Array;
  readonly flags: Uint16Array;
  /** Frame index of the head of a compound page; the page itself when it is single. */
  readonly head: Int32Array;
  readonly order: Uint8Array;
  /** Exact pins of a large folio, kept at its head. */
  readonly pincount: Int32Array;

  constructor(frames: number) {
    this.frames = frames;
    this.refcount = new Int32Array(frames);
    this.flags = new Uint16Array(frames);
    this.head = new Int32Array(frames);
    this.order = new Uint8Array(frames);
    this.pincount = new Int32Array(frames);
    // A page that was never allocated is its own head: it must not share the counters of frame 0.
    for (let i = 0; i < frames; i++) this.head[i] = i;
  }

  /** @kernel pfn_valid: false for device memory. */
  valid(page: Pfn): boolean {
    const index = page - PFN_BASE;
    return index >= 0 && index < this.frames;
  }

  /** The frame index of a page. @throws KernelBug when it has no struct page. */
  index(page: Pfn): number {
    const index = page - PFN_BASE;
    if (index < 0 || index >= this.frames) throw new KernelBug('no struct page', { pfn: page });
    return index;
  }

  has(page: Pfn, flag: number): boolean {
    return (this.flags[this.index(page)] & flag) !== 0;
  }

  set(page: Pfn, flag: number): void {
    this.flags[this.index(page)] |= flag;
    if ((flag & PG_READONLY) !== 0) this.anyReadonly = true;
  }

  clear(page: Pfn, flag: number): void {
    this.flags[this.index(page)] &= ~flag;
  }

  /** @kernel compound_head */
  headOf(page: Pfn): Pfn {
    return pfn(this.head[this.index(page)] + PFN_BASE);
  }

  /** Number of pages of the folio that holds `page`. @kernel compound_nr */
  folioPages(page: Pfn): number {
    return 1 << this.order[this.head[this.index(page)]];
  }
}

/** Takes a reference. @throws KernelBug on slab and on free pages. */
export function getPage(pages: PageMap, page: Pfn): void {
  const head = pages.head[pages.index(page)];
  if ((pages.flags[head] & PG_SLAB) !== 0) {
    throw new KernelBug('get_page on a slab page', { pfn: page });
  }
  if (pages.refcount[head] <= 0) throw new KernelBug('get_page on a free page', { pfn: page });
  pages.refcount[head]++;
}

/** Drops a reference. @returns true when it was the last one and the page must be freed. */
export function putPageTestzero(pages: PageMap, page: Pfn): boolean {
  const head = pages.head[pages.index(page)];
  if (pages.refcount[head] <= 0) throw new KernelBug('put_page underflow', { pfn: page });
  return --pages.refcount[head] === 0;
}

/** Pins a page (FOLL_PIN): a biased reference, exact on large folios. */
export function pinPage(pages: PageMap, page: Pfn): void {
  const head = pages.head[pages.index(page)];
  if ((pages.flags[head] & PG_SLAB) !== 0) {
    throw new KernelBug('pin of a slab page', { pfn: page });
  }
  if (pages.refcount[head] <= 0) throw new KernelBug('pin of a free page', { pfn: page });
  if (pages.order[head] > 0) {
    pages.refcount[head]++;
    pages.pincount[head]++;
  } else {
    pages.refcount[head] += GUP_PIN_COUNTING_BIAS;
  }
}

/** Undoes `pinPage`. @returns true when the page must be freed. @throws KernelBug when not pinned. */
export function unpinPageTestzero(pages: PageMap, page: Pfn): boolean {
  const head = pages.head[pages.index(page)];
  const large = pages.order[head] > 0;
  const pinned = large ? pages.pincount[head] : pages.refcount[head] - GUP_PIN_COUNTING_BIAS + 1;
  if (pinned <= 0) throw new KernelBug('unpin of a page that is not pinned', { pfn: page });
  if (large) {
    pages.pincount[head]--;
    pages.refcount[head]--;
  } else {
    pages.refcount[head] -= GUP_PIN_COUNTING_BIAS;
  }
  return pages.refcount[head] === 0;
}

/** @kernel page_maybe_dma_pinned */
export function pageMaybeDmaPinned(pages: PageMap, page: Pfn): boolean {
  const head = pages.head[pages.index(page)];
  return pages.order[head] > 0
    ? pages.pincount[head] > 0
    : pages.refcount[head] >= GUP_PIN_COUNTING_BIAS;
}
