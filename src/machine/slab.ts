/**
 * The slab allocator: small kernel objects in the linear map, with red zones and delayed reuse.
 *
 * Slab pages never carry references: `getPage` on one is a `KernelBug`. Objects are aligned to 8
 * bytes; the bytes between objects are red zone. A freed object waits in quarantine until many more
 * of its size were freed, so a use after free is seen and a long-lived machine does not fill up.
 * C: mm/slub.c, mm/kasan/common.c (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';
import { PAGE_SHIFT, PAGE_SIZE, type PhysAddr, physAddr, type VirtAddr } from '../units.ts';
import { LINEAR_BASE, linearToPhys, physToLinear } from './address.ts';
import type { Machine } from './machine.ts';
import { PG_SLAB } from './page.ts';
import { PHYS_BASE, pfnToPhys } from './phys-mem.ts';
import { SHADOW_FREED_OBJECT, SHADOW_REDZONE, SHADOW_UNINIT } from './shadow.ts';

/** Red zone between two objects, bytes. */
const GAP = 16;
/** Freed objects of one size that are kept back from reuse. */
const QUARANTINE = 64;
/** Objects above this size get pages of their own. */
const LARGE = PAGE_SIZE / 2;

interface SlabObject {
  readonly at: PhysAddr;
  size: number;
  freed: boolean;
}

export class SlabAllocator {
  private readonly machine: Machine;
  /** Objects by physical address, freed ones included, so that a double free is named as one. */
  private readonly objects = new Map<number, SlabObject>();
  /** Freed objects by slot size, oldest first. */
  private readonly quarantine = new Map<number, SlabObject[]>();
  private cursor = 0;
  private room = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  reset(): void {
    this.objects.clear();
    this.quarantine.clear();
    this.cursor = 0;
    this.room = 0;
  }

  /** @returns the linear-map address of `size` uninitialised bytes, or null. @kernel kmalloc */
  kmalloc(size: number, who: string): VirtAddr | null {
    const { machine } = this;
    if (machine.faults.hit('kmalloc')) return null;
    const object = this.reuse(size) ?? this.carve(size);
    if (object === null) return null;
    if (machine.checks) {
      machine.shadow.mark(object.at - PHYS_BASE, slotOf(size) - GAP, SHADOW_REDZONE);
      machine.shadow.mark(object.at - PHYS_BASE, size, SHADOW_UNINIT);
      machine.ledger.take('slab', object.at, who);
    }
    return physToLinear(object.at);
  }

  /** @throws KernelBug on a double free or an address that is no object. @kernel kfree */
  kfree(address: VirtAddr): void {
    const object = address < LINEAR_BASE ? undefined : this.objects.get(linearToPhys(address));
    if (object === undefined) throw new KernelBug('kfree of an invalid address', { address });
    if (object.freed) throw new KernelBug('double free', { address });
    object.freed = true;
    const slot = slotOf(object.size);
    const waiting = this.quarantine.get(slot);
    if (waiting === undefined) this.quarantine.set(slot, [object]);
    else waiting.push(object);
    if (!this.machine.checks) return;
    this.machine.shadow.mark(object.at - PHYS_BASE, object.size, SHADOW_FREED_OBJECT);
    this.machine.ledger.drop('slab', object.at);
  }

  private reuse(size: number): SlabObject | null {
    const waiting = this.quarantine.get(slotOf(size));
    if (waiting === undefined || waiting.length <= QUARANTINE) return null;
    const object = waiting.shift() ?? null;
    if (object !== null) {
      object.size = size;
      object.freed = false;
    }
    return object;
  }

  private carve(size: number): SlabObject | null {
    const slot = slotOf(size);
    if (slot > this.room && !this.refill(slot)) return null;
    const object = { at: physAddr(this.cursor), size, freed: false };
    this.cursor += slot;
    this.room -= slot;
    this.objects.set(object.at, object);
    return object;
  }

  private refill(slot: number): boolean {
    const pages = Math.ceil((slot + GAP) / PAGE_SIZE);
    const order = slot > LARGE ? Math.ceil(Math.log2(pages)) : 0;
    const page = this.machine.allocPages(order, 'slab');
    if (page === null) return false;
    const { machine } = this;
    for (let i = 0; i < 1 << order; i++)
      machine.pages.flags[machine.pages.index(page) + i] |= PG_SLAB;
    // Slab pages belong to the allocator and live until the next reset.
    if (machine.checks) machine.ledger.drop('page', page);
    const bytes = 1 << (order + PAGE_SHIFT);
    const start = pfnToPhys(page);
    if (machine.checks) machine.shadow.mark(start - PHYS_BASE, bytes, SHADOW_REDZONE);
    this.cursor = start + GAP;
    this.room = bytes - GAP;
    return true;
  }
}

/** Bytes that an object takes with its alignment and its red zone. */
function slotOf(size: number): number {
  return Math.ceil(Math.max(size, 1) / 8) * 8 + GAP;
}
