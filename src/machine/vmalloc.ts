/**
 * The vmalloc area: virtually contiguous, physically scattered, with a guard page behind each area.
 * Kernel stacks (VMAP_STACK) live here too, which is why a stack buffer must never be in a list.
 * C: mm/vmalloc.c (6.1)
 * @module
 */
import { KernelBug, KernelOops } from '../assert.ts';
import {
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type VirtAddr,
  virtAddr,
} from '../units.ts';
import { kasanResetTag, kasanSetTag, VMALLOC_BASE } from './address.ts';
import { KASAN_GRANULE_SIZE, KASAN_TAG_INVALID, KASAN_TAG_MATCH_ALL } from './kasan.ts';
import { PG_VMALLOC } from './page.ts';
import type { PageAllocator } from './page-alloc.ts';
import { PFN_BASE, PHYS_BASE, pfnToPhys } from './phys-mem.ts';
import { SHADOW_REDZONE } from './shadow.ts';

/** Pages of the area. */
const AREA_PAGES = 65536;

interface Area {
  readonly first: number;
  readonly pages: readonly Pfn[];
  /** False for vmap: the pages belong to the caller. */
  readonly owned: boolean;
}

export class VmallocArea {
  private readonly pageAlloc: PageAllocator;
  /** Frame number of each page of the area, 0 when unmapped. */
  private readonly table = new Int32Array(AREA_PAGES);
  private readonly areas = new Map<number, Area>();
  private next = 1;

  constructor(pageAlloc: PageAllocator) {
    this.pageAlloc = pageAlloc;
  }

  reset(): void {
    for (const area of this.areas.values()) {
      this.table.fill(0, area.first, area.first + area.pages.length);
    }
    this.areas.clear();
    this.next = 1;
  }

  /**
   * Allocates `size` bytes, page by page; what follows them in the last page is red zone.
   * @returns null when memory or the area is exhausted, and for no bytes. @kernel vmalloc
   */
  alloc(size: number, who: string): VirtAddr | null {
    const { pageAlloc } = this;
    const pages: Pfn[] = [];
    for (let left = size; left > 0; left -= PAGE_SIZE) {
      const page = pageAlloc.allocPages(0, who);
      if (page === null) break;
      pageAlloc.pages.set(page, PG_VMALLOC);
      pages.push(page);
      if (pageAlloc.checks && left < PAGE_SIZE) {
        const end = pfnToPhys(page) - PHYS_BASE + left;
        pageAlloc.shadow.mark(end, PAGE_SIZE - left, SHADOW_REDZONE);
      }
    }
    const tag = this.tagPages(pages, size);
    const complete = pages.length * PAGE_SIZE >= size;
    const address = complete ? this.map(pages, true, who) : null;
    if (address === null) for (const page of pages) pageAlloc.freePages(page);
    return address === null ? null : kasanSetTag(address, tag);
  }

  /** Maps pages of the caller contiguously. @returns null when there is no room. @kernel vmap */
  vmap(pages: readonly Pfn[]): VirtAddr | null {
    return this.map(pages, false, 'vmap');
  }

  /** @throws KernelBug when `address` is not the start of an area. @kernel vfree, vunmap */
  free(address: VirtAddr): void {
    const first = (kasanResetTag(address) - VMALLOC_BASE) / PAGE_SIZE;
    const area = this.areas.get(first);
    if (area === undefined) throw new KernelBug('vfree of an invalid address', { address });
    this.areas.delete(first);
    this.table.fill(0, first, first + area.pages.length);
    if (this.pageAlloc.checks) this.pageAlloc.ledger.drop('vmalloc', kasanResetTag(address));
    if (area.owned) for (const page of area.pages) this.pageAlloc.freePages(page);
  }

  /** @kernel vmalloc_to_page, plus the offset. @throws KernelOops when not mapped. */
  translate(address: number): PhysAddr {
    const offset = kasanResetTag(virtAddr(address)) - VMALLOC_BASE;
    const page = Math.floor(offset / PAGE_SIZE);
    const frame = page >= 0 && page < AREA_PAGES ? this.table[page] : 0;
    if (frame === 0) throw new KernelOops('access to an unmapped vmalloc address', { address });
    return physAddr(pfnToPhys(pfn(frame)) + offset - page * PAGE_SIZE);
  }

  /** Gives all pages of an area one tag. @kernel kasan_unpoison_vmalloc */
  private tagPages(pages: readonly Pfn[], size: number): number {
    const { kasan } = this.pageAlloc;
    if (kasan === null) return KASAN_TAG_MATCH_ALL;
    const tag = kasan.random();
    for (const page of pages) kasan.markPages(page - PFN_BASE, 1, tag);
    const rest = pages.length * PAGE_SIZE - size;
    const granules = Math.floor(rest / KASAN_GRANULE_SIZE) * KASAN_GRANULE_SIZE;
    if (rest > 0 && pages.length > 0) {
      const end = pfnToPhys(pages[pages.length - 1]) - PHYS_BASE + PAGE_SIZE;
      kasan.mark(end - granules, granules, KASAN_TAG_INVALID);
    }
    return tag;
  }

  private map(pages: readonly Pfn[], owned: boolean, who: string): VirtAddr | null {
    if (pages.length === 0) return null;
    const first = this.findRoom(pages.length + 1);
    if (first === null) return null;
    for (let i = 0; i < pages.length; i++) this.table[first + i] = pages[i];
    this.next = first + pages.length + 1; // one guard page
    this.areas.set(first, { first, pages, owned });
    const address = virtAddr(VMALLOC_BASE + first * PAGE_SIZE);
    if (this.pageAlloc.checks) this.pageAlloc.ledger.take('vmalloc', address, who);
    return address;
  }

  /** The next run of unmapped pages, going round once: an address is reused as late as possible. */
  private findRoom(count: number): number | null {
    let run = 0;
    for (let tries = 0, page = this.next; tries < 2 * AREA_PAGES; tries++, page++) {
      if (page >= AREA_PAGES) {
        page = 1;
        run = 0;
      }
      run = this.table[page] === 0 ? run + 1 : 0;
      if (run === count) return page - count + 1;
    }
    return null;
  }
}
