/**
 * The simulated computer: memory with its shadow, the memory map, the page allocator, the ledger, the
 * execution context and the scheduler. A `Machine` is the checked view of its memory: every access
 * goes through the shadow, and every write through the permissions of the page.
 *
 * With `checks` off (bench, library use) accesses cost nothing beyond the copy.
 * @module
 */
import { assert, KernelBug } from '../assert.ts';
import { Prng } from '../prng.ts';
import type { ByteMemory } from '../provider/provider.ts';
import { PAGE_SHIFT, PAGE_SIZE, type Pfn, type PhysAddr, pfn, physAddr } from '../units.ts';
import { Context } from './context.ts';
import { DmaLedger } from './dma/ledger.ts';
import { FaultPlan } from './fault.ts';
import { KasanTags } from './kasan.ts';
import { Ledger } from './ledger.ts';
import {
  getPage,
  MAX_ORDER,
  PageMap,
  PG_ALLOCATED,
  PG_READONLY,
  pinPage,
  putPageTestzero,
  unpinPageTestzero,
} from './page.ts';
import { PFN_BASE, PHYS_BASE, PhysMem, pfnToPhys } from './phys-mem.ts';
import { Scheduler } from './scheduler.ts';
import { SHADOW_FREE, SHADOW_INIT, SHADOW_UNINIT, Shadow } from './shadow.ts';
import { SlabAllocator } from './slab.ts';
import { VmallocArea } from './vmalloc.ts';

/** How a machine is built. */
export interface MachineOptions {
  /** Bytes of physical memory, a power of two. Default 64 MiB; untouched pages cost nothing. */
  readonly memory?: number;
  /** Shadow checks, permissions and ledger on. Default true. */
  readonly checks?: boolean;
  /** Queued work runs in microtasks (library use) instead of being pumped. Default false. */
  readonly automatic?: boolean;
  /** KASAN tags in pointers and memory on. Default false. */
  readonly tags?: boolean;
  /** Seed of frame order, initial garbage and scheduling. Default 1. */
  readonly seed?: number;
}

const DEFAULT_MEMORY = 64 * 1024 * 1024;
/** The last sixteenth of memory belongs to a device: physical addresses without struct page. */
const DEVICE_FRACTION = 16;

export class Machine implements ByteMemory {
  readonly mem: PhysMem;
  readonly shadow: Shadow;
  /** Null unless built with `tags`. */
  readonly kasan: KasanTags | null;
  readonly pages: PageMap;
  readonly ledger: Ledger = new Ledger();
  /** What devices have mapped. */
  readonly dma: DmaLedger = new DmaLedger();
  readonly context: Context = new Context();
  readonly scheduler: Scheduler;
  readonly faults: FaultPlan = new FaultPlan();
  readonly slab: SlabAllocator;
  readonly vmalloc: VmallocArea;
  /** Conditions that a kernel would WARN about, in order. A conformance run with one fails. */
  readonly warnings: string[] = [];
  readonly checks: boolean;
  /** First frame index of the device region. */
  readonly deviceFrame: number;
  /** A page of zeros that nobody may write: padding for whoever needs some. @kernel ZERO_PAGE */
  readonly zeroPage: PhysAddr;
  private readonly prng: Prng;
  /** Frame indices in allocation order are `(scanned * stride + start) mod frames`. */
  private scanned = 0;
  private start = 0;
  private stride = 1;
  private deviceNext = 0;
  /** Frames handed out since the last reset, each once. */
  private readonly touched: Int32Array;
  private readonly isTouched: Uint8Array;
  private touchedCount = 0;
  /** What memory holds that was allocated and never written. */
  private garbage = 0;

  constructor(options: MachineOptions = {}) {
    this.mem = new PhysMem(options.memory ?? DEFAULT_MEMORY);
    this.shadow = new Shadow(this.mem.u8.length);
    this.deviceFrame = this.mem.frames - this.mem.frames / DEVICE_FRACTION;
    this.pages = new PageMap(this.deviceFrame);
    this.checks = options.checks ?? true;
    this.kasan = options.tags === true ? new KasanTags(this.mem.u8.length) : null;
    this.scheduler = new Scheduler(this.context, options.automatic ?? false);
    this.slab = new SlabAllocator(this);
    this.vmalloc = new VmallocArea(this);
    this.touched = new Int32Array(this.mem.frames);
    this.isTouched = new Uint8Array(this.mem.frames);
    this.prng = new Prng(0);
    this.zeroPage = this.reserveZeroPage();
    this.reset(options.seed ?? 1);
  }

  /**
   * Back to an empty machine: nothing allocated, nothing held, frames handed out in the order of
   * `seed`. Costs as much as was touched since the last reset, not as much as there is memory.
   */
  reset(seed: number): void {
    this.prng.reseed(seed);
    for (let i = 0; i < this.touchedCount; i++) this.forget(this.touched[i]);
    this.touchedCount = 0;
    this.mem.clearDirty();
    this.scanned = 0;
    this.start = this.prng.below(this.mem.frames);
    this.stride = this.prng.below(this.mem.frames) | 1;
    this.garbage = this.prng.between(1, 255);
    this.deviceNext = 0;
    this.kasan?.reset(seed);
    this.ledger.reset();
    this.dma.reset();
    this.context.reset();
    this.scheduler.reset(this.prng.u32());
    this.faults.arm([]);
    this.slab.reset();
    this.vmalloc.reset();
    this.warnings.length = 0;
  }

  /** Records what a kernel would WARN about and goes on. @kernel WARN_ON_ONCE */
  warn(condition: string): void {
    this.warnings.push(condition);
  }

  // ---- the page allocator ------------------------------------------------------------------

  /**
   * Allocates 2^order physically contiguous pages as one folio with one reference, filled with
   * garbage and marked uninitialised.
   * @returns the first page, or null when memory is exhausted or a fault is injected.
   */
  allocPages(order: number, who: string): Pfn | null {
    if (this.faults.hit('page-alloc')) return null;
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
   * @throws KernelBug when its owner gave it back before.
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
    if (first + count > this.mem.frames) return null;
    this.deviceNext += count;
    this.handOut(first, count);
    return physAddr(PHYS_BASE + first * PAGE_SIZE);
  }

  // ---- checked access ----------------------------------------------------------------------

  load(at: PhysAddr, len: number): Uint8Array {
    if (this.checks) {
      this.shadow.checkRead(this.range(at, len), len);
      if (this.dma.mappings.length > 0) this.dma.checkCpu(at, len, false);
    }
    return this.mem.load(at, len);
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    if (this.checks) this.checkWrite(at, bytes.length);
    this.mem.store(at, bytes);
  }

  /** Copies inside memory. Uninitialised bytes may be copied and stay uninitialised. */
  copy(dst: PhysAddr, src: PhysAddr, len: number): void {
    if (this.checks) {
      const from = this.range(src, len);
      this.shadow.checkAllocated(from, len);
      if (this.dma.mappings.length > 0) {
        this.dma.checkCpu(src, len, false);
        this.dma.checkCpu(dst, len, true);
      }
      this.checkPermission(dst, len);
      this.shadow.checkAllocated(this.range(dst, len), len);
      this.shadow.copy(dst - PHYS_BASE, from, len);
    }
    this.mem.copy(dst, src, len);
  }

  fill(at: PhysAddr, len: number, value: number): void {
    if (this.checks) this.checkWrite(at, len);
    this.mem.fill(at, len, value);
  }

  /** The check of `store` alone, for code that writes through its own view. Marks frames dirty. */
  checkWrite(at: PhysAddr, len: number): void {
    this.checkPermission(at, len);
    if (this.dma.mappings.length > 0) this.dma.checkCpu(at, len, true);
    this.shadow.checkWrite(this.range(at, len), len);
    this.mem.markDirty(at - PHYS_BASE, len);
  }

  /** True when every page of the range may be written by a request. */
  writable(at: PhysAddr, len: number): boolean {
    if (len === 0) return true;
    const last = (at - PHYS_BASE + len - 1) >>> PAGE_SHIFT;
    for (let i = (at - PHYS_BASE) >>> PAGE_SHIFT; i <= last && i < this.deviceFrame; i++) {
      if ((this.pages.flags[i] & PG_READONLY) !== 0) return false;
    }
    return true;
  }

  // ---- private -----------------------------------------------------------------------------

  /** Takes the last frame of memory out of the allocator for good; `reset` does not bring it back. */
  private reserveZeroPage(): PhysAddr {
    const index = this.deviceFrame - 1;
    this.pages.flags[index] = PG_ALLOCATED | PG_READONLY;
    this.pages.refcount[index] = 1;
    if (this.checks) this.shadow.mark(index * PAGE_SIZE, PAGE_SIZE, SHADOW_INIT);
    return physAddr(PHYS_BASE + index * PAGE_SIZE);
  }

  private checkPermission(at: PhysAddr, len: number): void {
    if (!this.writable(at, len)) {
      throw new KernelBug('write to memory that the request does not own', { at, len });
    }
  }

  private range(at: PhysAddr, len: number): number {
    const offset = at - PHYS_BASE;
    if (offset < 0 || offset + len > this.mem.u8.length) {
      throw new KernelBug('access outside physical memory', { at, len });
    }
    return offset;
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

  /** Frees a folio. Its frames are not handed out again before the scan comes round: a quarantine. */
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

/** Physical address of byte `offset` of a page's folio. */
export function pageAddress(page: Pfn, offset: number): PhysAddr {
  return physAddr(pfnToPhys(page) + offset);
}
