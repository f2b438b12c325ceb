/**
 * The page allocator: folios of 2^order frames, with references and pins, and the memory of a device.
 *
 * Frames are handed out in an order drawn from the seed, so that nothing is physically contiguous by
 * luck, and a freed frame is not handed out again before the scan comes round: a quarantine.
 * C: mm/page_alloc.c, mm/gup.c (6.1)
 * @module
 */
import { assert } from '../assert.ts';
import type { Prng } from '../prng.ts';
import { PAGE_SIZE, type Pfn, type PhysAddr, pfn, physAddr } from '../units.ts';
import { type Context, GFP_KERNEL, type Gfp } from './context.ts';
import type { FaultPlan } from './fault.ts';
import type { KasanTags } from './kasan.ts';
import type { Ledger } from './ledger.ts';
import {
  getPage,
  MAX_ORDER,
  type PageMap,
  PG_ALLOCATED,
  PG_READONLY,
  pinPage,
  putPageTestzero,
  unpinPageTestzero,
} from './page.ts';
import { PFN_BASE, PHYS_BASE, type PhysMem } from './phys-mem.ts';
import { SHADOW_FREE, SHADOW_INIT, SHADOW_UNINIT, type Shadow } from './shadow.ts';

/** The parts of a machine that allocators stand on. */
export interface AllocatorParts {
  readonly mem: PhysMem;
  readonly shadow: Shadow;
  /** Null on a machine without tags. */
  readonly kasan: KasanTags | null;
  readonly pages: PageMap;
  readonly ledger: Ledger;
  readonly faults: FaultPlan;
  readonly context: Context;
  /** Shadow and ledger are kept. */
  readonly checks: boolean;
}

export class PageAllocator implements AllocatorParts {
  readonly mem: PhysMem;
  readonly shadow: Shadow;
  readonly kasan: KasanTags | null;
  readonly pages: PageMap;
  readonly ledger: Ledger;
  readonly faults: FaultPlan;
  readonly context: Context;
  readonly checks: boolean;
  /** First frame index of the device region. */
  readonly deviceFrame: number;
  /** A page of zeros that nobody may write. @kernel ZERO_PAGE */
  readonly zeroPage: PhysAddr;
  /** Frame indices in allocation order are `(scanned * stride + start) mod frames`. */
  private scanned = 0;
  private start = 0;
  private stride = 1;
  private readonly ordered: boolean;
  private deviceNext = 0;
  /** Frames handed out since the last reset, each once. */
  private readonly touched: Int32Array;
  private readonly isTouched: Uint8Array;
  private touchedCount = 0;
  /** The byte that memory holds which was allocated and never written. Not 0; another after each reset. */
  garbage = 0;

  /**
   * @param deviceFrame index of the first frame that has no struct page.
   * @param ordered frames come in the order of their addresses, not the seed's.
   */
  constructor(parts: AllocatorParts, deviceFrame: number, ordered: boolean) {
    this.ordered = ordered;
    this.mem = parts.mem;
    this.shadow = parts.shadow;
    this.kasan = parts.kasan;
    this.pages = parts.pages;
    this.ledger = parts.ledger;
    this.faults = parts.faults;
    this.context = parts.context;
    this.checks = parts.checks;
    this.deviceFrame = deviceFrame;
    this.touched = new Int32Array(this.mem.frames);
    this.isTouched = new Uint8Array(this.mem.frames);
    this.zeroPage = this.reserveZeroPage();
  }

  /** Takes everything back; what was touched is forgotten, the rest costs nothing. */
  reset(prng: Prng): void {
    for (let i = 0; i < this.touchedCount; i++) this.forget(this.touched[i]);
    this.touchedCount = 0;
    this.scanned = 0;
    const start = prng.below(this.mem.frames);
    const stride = prng.below(this.mem.frames) | 1;
    this.start = this.ordered ? 0 : start;
    this.stride = this.ordered ? 1 : stride;
    this.garbage = prng.between(1, 255);
    this.deviceNext = 0;
  }

  /**
   * Allocates 2^order physically contiguous pages as one folio with one reference, filled with
   * garbage and marked uninitialised.
   * @returns the first page, or null when memory is exhausted or a fault is injected.
   * @throws KernelBug where `gfp` may sleep and the caller must not.
   * @kernel alloc_pages
   */
  allocPages(order: number, who: string, gfp: Gfp = GFP_KERNEL): Pfn | null {
    this.context.mightAlloc(gfp, who);
    return this.faults.hit('page-alloc') ? null : this.take(order, who);
  }

  /** As `allocPages`, and no call that is made to fail. */
  take(order: number, who: string): Pfn | null {
    assert(order >= 0 && order <= MAX_ORDER, 'page order');
    const first = order === 0 ? this.scanSingle() : this.scanRun(1 << order);
    if (first < 0) return null;
    const count = 1 << order;
    for (let i = first; i < first + count; i++) {
      this.pages.flags[i] = PG_ALLOCATED;
      this.pages.head[i] = first;
    }
    this.pages.refcount[first] = 1;
    this.pages.order[first] = order;
    this.handOut(first, count);
    this.kasan?.markPages(first, count, this.kasan.random());
    const page = pfn(first + PFN_BASE);
    if (this.checks) this.ledger.take('page', page, who);
    return page;
  }

  /**
   * Drops the reference that `allocPages` gave. Others may hold the folio longer than its owner.
   * @throws KernelBug when its owner gave it back before. @kernel free_pages
   */
  freePages(page: Pfn): void {
    if (this.checks) this.ledger.drop('page', this.pages.headOf(page));
    if (putPageTestzero(this.pages, page)) this.release(page);
  }

  /** @kernel get_page */
  getPage(page: Pfn, who: string): void {
    getPage(this.pages, page);
    if (this.checks) this.ledger.take('reference', this.pages.headOf(page), who);
  }

  /** @kernel put_page: returns what `getPage` took. */
  putPage(page: Pfn): void {
    if (this.checks) this.ledger.drop('reference', this.pages.headOf(page));
    if (putPageTestzero(this.pages, page)) this.release(page);
  }

  /** @kernel pin_user_pages for one page. */
  pinPage(page: Pfn, who: string): void {
    pinPage(this.pages, page);
    if (this.checks) this.ledger.take('pin', page, who);
  }

  /** @kernel unpin_user_page */
  unpinPage(page: Pfn): void {
    const last = unpinPageTestzero(this.pages, page);
    if (this.checks) this.ledger.drop('pin', page);
    if (last) this.release(page);
  }

  /** Hands out device memory: physical addresses without struct page. @returns null when full. */
  allocDevice(len: number): PhysAddr | null {
    const count = Math.ceil(len / PAGE_SIZE);
    const first = this.deviceFrame + this.deviceNext;
    if ((first + count) * PAGE_SIZE > this.mem.u8.length) return null;
    this.deviceNext += count;
    this.handOut(first, count);
    return physAddr(PHYS_BASE + first * PAGE_SIZE);
  }

  /** Takes the last frame of memory out of the allocator for good; `reset` does not bring it back. */
  private reserveZeroPage(): PhysAddr {
    const index = this.deviceFrame - 1;
    this.pages.flags[index] = PG_ALLOCATED | PG_READONLY;
    this.pages.refcount[index] = 1;
    if (this.checks) this.shadow.mark(index * PAGE_SIZE, PAGE_SIZE, SHADOW_INIT);
    return physAddr(PHYS_BASE + index * PAGE_SIZE);
  }

  private scanSingle(): number {
    const mask = this.mem.frames - 1;
    for (let tries = 0; tries < this.mem.frames; tries++) {
      const index = (Math.imul(this.scanned++, this.stride) + this.start) & mask;
      if (index < this.deviceFrame && this.pages.flags[index] === 0) return index;
    }
    return -1;
  }

  private scanRun(count: number): number {
    const mask = this.mem.frames - 1;
    for (let tries = 0; tries < this.mem.frames; tries++) {
      const index = (Math.imul(this.scanned++, this.stride) + this.start) & mask & ~(count - 1);
      if (index + count > this.deviceFrame) continue;
      let free = true;
      for (let i = index; i < index + count && free; i++) free = this.pages.flags[i] === 0;
      if (free) return index;
    }
    return -1;
  }

  /** Makes frames accessible and, so that runs can be compared, their contents those of the seed. */
  private handOut(first: number, count: number): void {
    for (let i = first; i < first + count; i++) {
      if (this.isTouched[i] !== 0) continue;
      this.isTouched[i] = 1;
      this.touched[this.touchedCount++] = i;
    }
    if (!this.checks) return;
    this.mem.fill(physAddr(PHYS_BASE + first * PAGE_SIZE), count * PAGE_SIZE, this.garbage);
    this.shadow.mark(first * PAGE_SIZE, count * PAGE_SIZE, SHADOW_UNINIT);
  }

  /** Frees a folio. */
  private release(page: Pfn): void {
    const first = this.pages.headOf(page) - PFN_BASE;
    const count = 1 << this.pages.order[first];
    for (let i = first; i < first + count; i++) {
      this.pages.flags[i] = 0;
      this.pages.head[i] = i;
    }
    this.pages.order[first] = 0;
    this.kasan?.freePages(first, count);
    if (this.checks) this.shadow.mark(first * PAGE_SIZE, count * PAGE_SIZE, SHADOW_FREE);
  }

  private forget(index: number): void {
    this.isTouched[index] = 0;
    if (index < this.deviceFrame) {
      this.pages.flags[index] = 0;
      this.pages.refcount[index] = 0;
      this.pages.pincount[index] = 0;
      this.pages.order[index] = 0;
      this.pages.head[index] = index;
    }
    this.kasan?.forget(index);
    if (this.checks) this.shadow.mark(index * PAGE_SIZE, PAGE_SIZE, SHADOW_FREE);
  }
}
