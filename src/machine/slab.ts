/**
 * The slab allocator: small kernel objects in the linear map, with red zones and delayed reuse.
 *
 * Sizes are rounded up to the kernel's classes; a class that is a power of two is aligned to itself,
 * as kmalloc promises (Documentation/core-api/memory-allocation.rst). Slab pages never carry
 * references: `getPage` on one is a `KernelBug`. With checks on, the bytes round an object are red
 * zone, and a freed object waits until many more of its class were freed, so that a use after free
 * is seen and a long-lived machine does not fill up. Objects above half a page are folios of their
 * own, which go back to the page allocator.
 * C: mm/slub.c, mm/slab_common.c, mm/kasan/common.c (6.1)
 * @module
 */
import { assert, KernelBug } from '../assert.ts';
import {
  PAGE_SHIFT,
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  physAddr,
  type VirtAddr,
} from '../units.ts';
import { kasanSetTag, kasanTag, LINEAR_BASE, linearToPhys, physToLinear } from './address.ts';
import { GFP_ATOMIC, GFP_KERNEL, type Gfp } from './context.ts';
import { KASAN_GRANULE_SIZE, KASAN_TAG_INVALID, KASAN_TAG_MATCH_ALL } from './kasan.ts';
import { MAX_ORDER, PG_SLAB } from './page.ts';
import type { PageAllocator } from './page-alloc.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from './phys-mem.ts';
import { SHADOW_FREED_OBJECT, SHADOW_REDZONE, SHADOW_UNINIT } from './shadow.ts';

/** Least distance of two objects with checks on, bytes. */
const GAP = 16;
/** Freed objects of one class that are kept back from reuse with checks on. */
const QUARANTINE = 64;
/** Sizes of small objects (mm/slab_common.c kmalloc_info). */
const CLASSES: readonly number[] = [8, 16, 32, 64, 96, 128, 192, 256, 512, 1024, 2048];
const SMALL_MAX = 2048;

/** One object. Records of freed objects stay, so that a double free is named as one. */
interface SlabObject {
  readonly at: PhysAddr;
  /** Its class, or the folio's bytes for a large object. */
  readonly capacity: number;
  /** Bytes asked for. */
  size: number;
  freed: boolean;
}

/** The rest of the page that objects of one class are cut from. */
interface Slab {
  cursor: number;
  end: number;
}

export class SlabAllocator {
  private readonly pageAlloc: PageAllocator;
  /** Objects by physical address. */
  private readonly objects = new Map<number, SlabObject>();
  /** Freed objects by class, oldest first. */
  private readonly quarantine = new Map<number, SlabObject[]>();
  private readonly slabs = new Map<number, Slab>();
  private readonly gap: number;
  /** What its objects are in the ledger. */
  private readonly kind: 'slab' | 'key';

  /** @param kind `key`: objects with slabs of their own, which no call that is made to fail takes away */
  constructor(pageAlloc: PageAllocator, kind: 'slab' | 'key' = 'slab') {
    this.pageAlloc = pageAlloc;
    this.kind = kind;
    this.gap = pageAlloc.checks ? GAP : 0;
  }

  reset(): void {
    this.objects.clear();
    this.quarantine.clear();
    this.slabs.clear();
  }

  /**
   * @returns the linear-map address of `size` uninitialised bytes, or null.
   * @throws KernelBug where `gfp` may sleep and the caller must not. @kernel kmalloc
   */
  kmalloc(size: number, who: string, gfp: Gfp = GFP_KERNEL): VirtAddr | null {
    const { pageAlloc } = this;
    pageAlloc.context.mightAlloc(gfp, who);
    if (this.kind === 'slab' && pageAlloc.faults.hit('kmalloc')) return null;
    const object = size > SMALL_MAX ? this.allocLarge(size) : this.allocSmall(size);
    if (object === null) return null;
    if (pageAlloc.checks) {
      pageAlloc.shadow.mark(object.at - PHYS_BASE, object.capacity, SHADOW_REDZONE);
      pageAlloc.shadow.mark(object.at - PHYS_BASE, size, SHADOW_UNINIT);
      pageAlloc.ledger.take(this.kind, object.at, who);
    }
    return kasanSetTag(physToLinear(object.at), this.tagObject(object));
  }

  /**
   * Changes the size of an object: in place while it fits, else by moving it. The old pointer of a
   * moved object is dead, and so is its tag.
   * @returns the address, or null when memory is exhausted; the object then stays as it is.
   * @throws KernelBug for a freed or invalid object. @kernel krealloc
   */
  krealloc(address: VirtAddr, size: number, who: string): VirtAddr | null {
    assert(size > 0, 'krealloc to no bytes frees, say so with kfree');
    const object = this.lookup(address, 'krealloc of an invalid address');
    this.checkPointer(object, address, 'krealloc of a freed object');
    if (size <= object.capacity) {
      this.resize(object, size);
      return address;
    }
    const moved = this.kmalloc(size, who);
    if (moved === null) return null;
    const { mem, shadow, checks } = this.pageAlloc;
    const to = linearToPhys(moved);
    if (checks) shadow.copy(to - PHYS_BASE, object.at - PHYS_BASE, object.size);
    mem.copy(to, object.at, object.size);
    this.kfree(address);
    return moved;
  }

  /** @throws KernelBug on a double free or an address that is no object. @kernel kfree */
  kfree(address: VirtAddr): void {
    const object = this.lookup(address, 'kfree of an invalid address');
    this.checkPointer(object, address, 'double free');
    object.freed = true;
    const { pageAlloc } = this;
    pageAlloc.kasan?.mark(object.at - PHYS_BASE, Math.max(object.size, 1), KASAN_TAG_INVALID);
    if (pageAlloc.checks) pageAlloc.ledger.drop(this.kind, object.at);
    if (object.capacity > SMALL_MAX) {
      this.freeLarge(object);
      return;
    }
    const waiting = this.quarantine.get(object.capacity);
    if (waiting === undefined) this.quarantine.set(object.capacity, [object]);
    else waiting.push(object);
    if (pageAlloc.checks) {
      pageAlloc.shadow.mark(object.at - PHYS_BASE, object.size, SHADOW_FREED_OBJECT);
    }
  }

  /** Overwrites the object, all that `ksize` tells, and frees it. @throws as `kfree`. @kernel kfree_sensitive */
  kfreeSensitive(address: VirtAddr): void {
    const object = this.lookup(address, 'kfree of an invalid address');
    this.checkPointer(object, address, 'double free');
    this.pageAlloc.mem.fill(object.at, object.capacity, 0);
    this.kfree(address);
  }

  /** Bytes that may be used at `address`. @kernel ksize */
  ksize(address: VirtAddr): number {
    return this.lookup(address, 'ksize of an invalid address').capacity;
  }

  /** @throws KernelBug when the object is freed, or has a new owner with another tag. */
  private checkPointer(object: SlabObject, address: VirtAddr, condition: string): void {
    if (object.freed) throw new KernelBug(condition, { address });
    const { kasan } = this.pageAlloc;
    const tag = kasanTag(address);
    if (kasan === null || tag === KASAN_TAG_MATCH_ALL) return;
    const memoryTag = kasan.memoryTag(object.at - PHYS_BASE);
    if (tag === memoryTag) return;
    throw new KernelBug('KASAN: double-free or invalid-free', { pointerTag: tag, memoryTag });
  }

  /** A new tag for an object. A large one is not slab: pointers made from its pages get it too. */
  private tagObject(object: SlabObject): number {
    const { kasan } = this.pageAlloc;
    if (kasan === null) return KASAN_TAG_MATCH_ALL;
    const offset = object.at - PHYS_BASE;
    const tag = kasan.random();
    kasan.mark(offset, Math.max(object.size, 1), tag);
    if (object.capacity > SMALL_MAX) {
      const pages =
        Math.ceil((offset + object.capacity) / PAGE_SIZE) - Math.floor(offset / PAGE_SIZE);
      kasan.setPageTag(Math.floor(offset / PAGE_SIZE), pages, tag);
    }
    return tag;
  }

  /** Moves the end of an object: what it gains is uninitialised, what it loses is red zone. */
  private resize(object: SlabObject, size: number): void {
    const { checks, kasan, shadow } = this.pageAlloc;
    const offset = object.at - PHYS_BASE;
    if (checks && size > object.size) {
      shadow.mark(offset + object.size, size - object.size, SHADOW_UNINIT);
    } else if (checks) {
      shadow.mark(offset + size, object.size - size, SHADOW_REDZONE);
    }
    if (kasan !== null) {
      const tag = kasan.memoryTag(offset);
      kasan.mark(offset, object.size, KASAN_TAG_INVALID);
      kasan.mark(offset, Math.max(size, 1), tag);
    }
    object.size = size;
  }

  private lookup(address: VirtAddr, condition: string): SlabObject {
    const object = address < LINEAR_BASE ? undefined : this.objects.get(linearToPhys(address));
    if (object === undefined) throw new KernelBug(condition, { address });
    return object;
  }

  private allocSmall(size: number): SlabObject | null {
    const least = this.pageAlloc.kasan === null ? size : Math.max(size, KASAN_GRANULE_SIZE);
    const capacity = CLASSES.find((bytes) => bytes >= least) ?? SMALL_MAX;
    const waiting = this.quarantine.get(capacity);
    if (waiting !== undefined && waiting.length > (this.pageAlloc.checks ? QUARANTINE : 0)) {
      const object = this.pageAlloc.checks ? waiting.shift() : waiting.pop();
      if (object !== undefined) {
        object.size = size;
        object.freed = false;
        return object;
      }
    }
    return this.carve(capacity, size);
  }

  /** Cuts a new object from the class's slab, or from a new slab when that is used up. */
  private carve(capacity: number, size: number): SlabObject | null {
    let slab = this.slabs.get(capacity);
    let start = slab === undefined ? 0 : alignUp(slab.cursor + this.gap, alignmentOf(capacity));
    if (slab === undefined || start + capacity + this.gap > slab.end) {
      const order = alignUp(this.gap, alignmentOf(capacity)) + capacity + this.gap > PAGE_SIZE;
      const page = this.allocSlab(order ? 1 : 0);
      if (page === null) return null;
      const cursor = pfnToPhys(page);
      slab = { cursor, end: cursor + (PAGE_SIZE << (order ? 1 : 0)) };
      this.slabs.set(capacity, slab);
      start = alignUp(cursor + this.gap, alignmentOf(capacity));
    }
    slab.cursor = start + capacity;
    return this.record(start, capacity, size);
  }

  private allocLarge(size: number): SlabObject | null {
    const before = alignUp(this.gap, alignmentOf(size));
    const pages = Math.ceil((before + size + this.gap) / PAGE_SIZE);
    const order = Math.ceil(Math.log2(pages));
    const page = order > MAX_ORDER ? null : this.allocSlab(order);
    if (page === null) return null;
    const capacity = (PAGE_SIZE << order) - before - this.gap;
    return this.record(pfnToPhys(page) + before, capacity, size);
  }

  private freeLarge(object: SlabObject): void {
    const { pageAlloc } = this;
    const page = pageAlloc.pages.headOf(physToPfn(object.at));
    if (pageAlloc.checks) pageAlloc.ledger.take('page', page, 'slab');
    pageAlloc.freePages(page);
  }

  private record(start: number, capacity: number, size: number): SlabObject {
    const object = { at: physAddr(start), capacity, size, freed: false };
    this.objects.set(object.at, object);
    return object;
  }

  /** A folio that is all red zone. It is the allocator's, and no leak of anybody. */
  private allocSlab(order: number): Pfn | null {
    const { pageAlloc } = this;
    // Whoever asked for the object has said whether it may sleep.
    const page =
      this.kind === 'key'
        ? pageAlloc.take(order, 'slab')
        : pageAlloc.allocPages(order, 'slab', GFP_ATOMIC);
    if (page === null) return null;
    const first = pageAlloc.pages.index(page);
    for (let i = first; i < first + (1 << order); i++) pageAlloc.pages.flags[i] |= PG_SLAB;
    pageAlloc.kasan?.markSlab(first, 1 << order);
    if (pageAlloc.checks) {
      pageAlloc.ledger.drop('page', page);
      const bytes = 1 << (order + PAGE_SHIFT);
      pageAlloc.shadow.mark(pfnToPhys(page) - PHYS_BASE, bytes, SHADOW_REDZONE);
    }
    return page;
  }
}

/** Powers of two are aligned to themselves up to a page, everything else to 8 bytes. */
function alignmentOf(size: number): number {
  return Number.isInteger(Math.log2(size)) ? Math.min(size, PAGE_SIZE) : 8;
}

/** Rounds up to a power of two; exact above 2^32, where `&` is not. */
function alignUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
