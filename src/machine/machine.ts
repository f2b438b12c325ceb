/**
 * The simulated computer: memory with its shadow, the memory map, the page allocator, the ledger, the
 * execution context and the scheduler. A `Machine` is the checked view of its memory: every access
 * goes through the shadow, and every write through the permissions of the page.
 *
 * With `checks` off (bench, library use) accesses cost nothing beyond the copy.
 * @module
 */
import { KernelBug } from '../assert.ts';
import { fillSeeded, Prng } from '../prng.ts';
import type { ByteMemory } from '../provider/provider.ts';
import { PAGE_SHIFT, PAGE_SIZE, type Pfn, type PhysAddr, physAddr } from '../units.ts';
import { Context, GFP_KERNEL, type Gfp } from './context.ts';
import { DmaLedger } from './dma/ledger.ts';
import { FaultPlan } from './fault.ts';
import { KasanTags } from './kasan.ts';
import { Ledger } from './ledger.ts';
import { PageMap, PG_READONLY } from './page.ts';
import { type AllocatorParts, PageAllocator } from './page-alloc.ts';
import { PHYS_BASE, PhysMem, pfnToPhys } from './phys-mem.ts';
import { Scheduler } from './scheduler.ts';
import { Shadow } from './shadow.ts';
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
  /**
   * Frames in the order of their addresses instead of the seed's: pages taken together are one run of
   * memory. For library use, where nothing has to be found out about pages apart. Default false.
   */
  readonly ordered?: boolean;
  /** Seed of frame order, initial garbage and scheduling. Default 1. */
  readonly seed?: number;
}

const DEFAULT_MEMORY = 64 * 1024 * 1024;
/** They stay in the second-level cache. */
const GATHER = 65536;
/** @kernel CRYPTD_MAX_CPU_QLEN */
const QUEUE_LENGTH = 1000;
/** The last sixteenth of memory belongs to a device: physical addresses without struct page. */
const DEVICE_FRACTION = 16;

export class Machine implements ByteMemory, AllocatorParts {
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
  readonly pageAlloc: PageAllocator;
  readonly slab: SlabAllocator;
  /** What transforms keep of their keys, apart from all other objects. */
  readonly keys: SlabAllocator;
  readonly vmalloc: VmallocArea;
  /** Conditions that a kernel would WARN about, in order. A conformance run with one fails. */
  readonly warnings: string[] = [];
  readonly checks: boolean;
  /** Counts resets: what remembers work across operations asks it whether that work is still there. */
  epoch = 0;
  /** First frame index of the device region. */
  readonly deviceFrame: number;
  /** A page of zeros that nobody may write: padding for whoever needs some. @kernel ZERO_PAGE */
  readonly zeroPage: PhysAddr;
  /**
   * Bytes that one step of a converted walk gathers at most; a step takes at least one of its units.
   * A campaign makes it small, so that a short message takes many steps. Default 64 KiB.
   */
  gather: number = GATHER;
  /**
   * Requests that a software queue holds before its backlog begins. A campaign makes it small, so that
   * a few requests fill one. Default 1000. @kernel cryptd_max_cpu_qlen
   */
  queueLength: number = QUEUE_LENGTH;
  /**
   * Frames that the kernel sees through a mapping of one page at a time, 1 for each; null: all memory is
   * mapped for good. An access over the end of such a page is one through a pointer that was kept.
   * @kernel CONFIG_HIGHMEM
   */
  high: Uint8Array | null = null;
  /**
   * Arrays of callers that are views of memory of the machine, as IVs are, and where they begin. In C they are
   * pointers: what lies behind their end is not the caller's.
   */
  readonly lent: Map<Uint8Array, PhysAddr> = new Map();
  private readonly prng: Prng;
  /** What the machine calls random, apart from the order of frames. */
  private readonly entropy: Prng = new Prng(0);

  constructor(options: MachineOptions = {}) {
    this.mem = new PhysMem(options.memory ?? DEFAULT_MEMORY);
    this.mem.tracking = options.checks ?? true;
    this.shadow = new Shadow(this.mem.u8.length);
    this.deviceFrame = this.mem.frames - this.mem.frames / DEVICE_FRACTION;
    this.pages = new PageMap(this.deviceFrame);
    this.checks = options.checks ?? true;
    this.kasan = options.tags === true ? new KasanTags(this.mem.u8.length) : null;
    this.scheduler = new Scheduler(this.context, options.automatic ?? false);
    this.pageAlloc = new PageAllocator(this, this.deviceFrame, options.ordered ?? false);
    this.slab = new SlabAllocator(this.pageAlloc);
    this.keys = new SlabAllocator(this.pageAlloc, 'key');
    this.vmalloc = new VmallocArea(this.pageAlloc);
    this.prng = new Prng(0);
    this.zeroPage = this.pageAlloc.zeroPage;
    this.reset(options.seed ?? 1);
  }

  /**
   * Back to an empty machine: nothing allocated, nothing held, frames handed out in the order of
   * `seed`. Costs as much as was touched since the last reset, not as much as there is memory.
   */
  reset(seed: number): void {
    this.epoch++;
    this.high = null;
    this.prng.reseed(seed);
    this.entropy.reseed(seed);
    this.pageAlloc.reset(this.prng);
    this.pages.anyReadonly = false;
    this.mem.clearDirty();
    this.kasan?.reset(seed);
    this.ledger.reset();
    this.dma.reset();
    this.context.reset();
    this.scheduler.reset(this.prng.u32());
    this.faults.reset();
    this.slab.reset();
    this.keys.reset();
    this.lent.clear();
    this.vmalloc.reset();
    this.warnings.length = 0;
  }

  /** What is random begins as after a reset with that seed; all else of the machine stays. */
  reseed(seed: number): void {
    this.entropy.reseed(seed);
  }

  /** Fills `bytes`: the same since a reset with the same seed. @kernel get_random_bytes */
  getRandomBytes(bytes: Uint8Array): void {
    fillSeeded(bytes, this.entropy.u32());
  }

  /** Records what a kernel would WARN about and goes on. @kernel WARN_ON_ONCE */
  warn(condition: string): void {
    this.warnings.push(condition);
  }

  // ---- doors to the page allocator -----------------------------------------------------------

  /** As `PageAllocator.allocPages`. @kernel alloc_pages */
  allocPages(order: number, who: string, gfp: Gfp = GFP_KERNEL): Pfn | null {
    return this.pageAlloc.allocPages(order, who, gfp);
  }

  /** As `PageAllocator.freePages`. @kernel free_pages */
  freePages(page: Pfn): void {
    this.pageAlloc.freePages(page);
  }

  /** @kernel get_page */
  getPage(page: Pfn, who: string): void {
    this.pageAlloc.getPage(page, who);
  }

  /** @kernel put_page: returns what `getPage` took. */
  putPage(page: Pfn): void {
    this.pageAlloc.putPage(page);
  }

  /** @kernel pin_user_pages for one page. */
  pinPage(page: Pfn, who: string): void {
    this.pageAlloc.pinPage(page, who);
  }

  /** @kernel unpin_user_page */
  unpinPage(page: Pfn): void {
    this.pageAlloc.unpinPage(page);
  }

  /** As `PageAllocator.allocDevice`. */
  allocDevice(len: number): PhysAddr | null {
    return this.pageAlloc.allocDevice(len);
  }

  // ---- checked access ----------------------------------------------------------------------

  load(at: PhysAddr, len: number): Uint8Array {
    if (this.checks) this.checkRead(at, len);
    return this.mem.load(at, len);
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    if (this.checks) this.checkWrite(at, bytes.length);
    this.mem.store(at, bytes);
  }

  /**
   * Copies inside memory. Uninitialised bytes may be copied and stay uninitialised.
   * @throws KernelBug for a range onto itself: this is memcpy, which promises nothing then. Ranges that
   * share a part are let through: authencesn of 6.1.170 copies such, and what comes of it is known.
   */
  copy(dst: PhysAddr, src: PhysAddr, len: number): void {
    if (this.checks) {
      const from = this.range(src, len);
      if (dst === src && len > 0) throw new KernelBug('memcpy of a range onto itself');
      this.shadow.checkAllocated(from, len);
      if (this.high !== null) {
        this.checkMapping(this.high, src, len);
        this.checkMapping(this.high, dst, len);
      }
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

  /** The check of `load` alone, for what is read without a copy of it. */
  checkRead(at: PhysAddr, len: number): void {
    this.shadow.checkRead(this.range(at, len), len);
    if (this.high !== null) this.checkMapping(this.high, at, len);
    if (this.dma.mappings.length > 0) this.dma.checkCpu(at, len, false);
  }

  /**
   * The check of `load` for the first `len` bytes of an array of a caller; nothing for one that is no memory
   * of the machine.
   */
  checkLent(bytes: Uint8Array, len: number): void {
    if (this.lent.size === 0) return;
    const at = this.lent.get(bytes);
    if (at !== undefined) this.checkRead(at, len);
  }

  /** The check of `store` alone, for code that writes through its own view. Marks frames dirty. */
  checkWrite(at: PhysAddr, len: number): void {
    this.checkPermission(at, len);
    if (this.high !== null) this.checkMapping(this.high, at, len);
    if (this.dma.mappings.length > 0) this.dma.checkCpu(at, len, true);
    this.shadow.checkWrite(this.range(at, len), len);
    this.mem.markDirty(at - PHYS_BASE, len);
  }

  /**
   * True when every byte between two offsets may be written, as far as that can be said without a look
   * at the pages: nobody has made a page read-only, and the page of zeros lies elsewhere.
   */
  allWritable(low: number, high: number): boolean {
    if (this.pages.anyReadonly) return false;
    const zero = this.zeroPage - PHYS_BASE;
    return high <= zero || low >= zero + PAGE_SIZE;
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

  private checkPermission(at: PhysAddr, len: number): void {
    if (!this.writable(at, len)) {
      throw new KernelBug('write to memory that the request does not own', { at, len });
    }
  }

  private checkMapping(high: Uint8Array, at: PhysAddr, len: number): void {
    const first = (at - PHYS_BASE) >>> PAGE_SHIFT;
    const last = (at - PHYS_BASE + Math.max(len, 1) - 1) >>> PAGE_SHIFT;
    if (first !== last && high[first] + high[last] > 0) {
      throw new KernelBug('pointer to one page of highmem used for the next', { at, len });
    }
  }

  private range(at: PhysAddr, len: number): number {
    const offset = at - PHYS_BASE;
    if (offset < 0 || offset + len > this.mem.u8.length) {
      throw new KernelBug('access outside physical memory', { at, len });
    }
    return offset;
  }
}

/** Physical address of byte `offset` of a page's folio. */
export function pageAddress(page: Pfn, offset: number): PhysAddr {
  return physAddr(pfnToPhys(page) + offset);
}
