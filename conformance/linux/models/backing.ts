/**
 * Other memory behind pages of the arena, as `module/backing.c`: kmalloc objects, vmalloc areas, page
 * cache, pinned user memory, pages allocated one by one. Bytes go there before an operation and come
 * back for the report.
 * @module
 */
import { KernelBug } from '../../../src/assert.ts';
import { must } from '../../../src/machine/access.ts';
import { virtToPage } from '../../../src/machine/address.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { PageCache } from '../../../src/machine/page-cache.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from '../../../src/machine/phys-mem.ts';
import { AddressSpace } from '../../../src/machine/user.ts';
import { type Pfn, pfn, type UserAddr, userAddr, type VirtAddr } from '../../../src/units.ts';
import { ARENA_PAGES, type Backing, PAGE_SIZE } from '../text/case.ts';

/** One memory of a case. `virt` and `user` are the addresses of its first byte, if it has such. */
export interface Held {
  readonly backing: Backing;
  readonly pages: readonly Pfn[];
  readonly virt: VirtAddr | null;
  readonly user: UserAddr | null;
}

/** What lies behind the pages of one arena. */
export class Backings {
  readonly machine: Machine;
  readonly mm: AddressSpace;
  private readonly cache: PageCache;
  private readonly owner: (Held | null)[] = new Array<Held | null>(ARENA_PAGES).fill(null);
  private held: Held[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
    this.mm = new AddressSpace(machine);
    this.cache = new PageCache(machine);
  }

  /** Puts memories behind their pages. */
  take(backings: readonly Backing[]): void {
    for (const backing of backings) {
      const held = this.allocate(backing);
      this.held.push(held);
      this.owner.fill(held, backing.first, backing.first + backing.count);
    }
  }

  /** Gives everything back: the arena's own pages are behind all of it again. */
  release(): void {
    const { machine } = this;
    for (const { backing, pages, virt, user } of this.held) {
      if (backing.kind === 'kmalloc' && virt !== null) machine.slab.kfree(virt);
      else if (backing.kind === 'vmalloc' && virt !== null) machine.vmalloc.free(virt);
      else if (backing.kind === 'high') for (const page of pages) machine.freePages(page);
      else if (user !== null) for (const page of pages) machine.unpinPage(page);
    }
    this.cache.truncate();
    this.mm.exit();
    this.held = [];
    this.owner.fill(null);
  }

  /** The memory behind a page of the arena, null for the arena's own. */
  at(index: number): Held | null {
    return this.owner[index];
  }

  /** The page behind a page of the arena, or null for the arena's own. */
  page(index: number): Pfn | null {
    const held = this.owner[index];
    return held === null ? null : held.pages[index - held.backing.first];
  }

  /** Is the next page of the arena the next page of memory? */
  joined(index: number): boolean {
    const held = this.owner[index];
    if (index + 1 >= ARENA_PAGES || held !== this.owner[index + 1]) return false;
    return held === null || held.backing.kind === 'kmalloc';
  }

  /** Copies the pages of all memories from (`load`) or to the arena's bytes. */
  exchange(arena: Uint8Array, load: boolean): void {
    const { mem } = this.machine;
    for (const { backing, pages } of this.held) {
      for (const [i, page] of pages.entries()) {
        const at = (backing.first + i) * PAGE_SIZE;
        const there = pfnToPhys(page) - PHYS_BASE;
        if (load) this.machine.store(pfnToPhys(page), arena.subarray(at, at + PAGE_SIZE));
        else arena.set(mem.u8.subarray(there, there + PAGE_SIZE), at);
      }
    }
  }

  private allocate(backing: Backing): Held {
    const { machine } = this;
    const { kind, first, count } = backing;
    const range = Array.from({ length: count }, (_, i) => i);
    switch (kind) {
      case 'kmalloc': {
        // Sizes that are no power of two are not aligned to a page.
        const size = PAGE_SIZE << Math.ceil(Math.log2(count));
        const virt = must(machine.slab.kmalloc(size, 'backing'));
        const head = virtToPage(virt);
        return { backing, pages: range.map((i) => pfn(head + i)), virt, user: null };
      }
      case 'vmalloc': {
        const virt = must(machine.vmalloc.alloc(count * PAGE_SIZE, 'backing'));
        const pages = range.map((i) => physToPfn(machine.vmalloc.translate(virt + i * PAGE_SIZE)));
        return { backing, pages, virt, user: null };
      }
      case 'cache': {
        const pages = range.map((i) => must(this.cache.add(first + i, 0, false)).page);
        return { backing, pages, virt: null, user: null };
      }
      case 'user': {
        const user = this.mm.mmap(count * PAGE_SIZE, /* write */ true, /* populate */ true);
        const pages = range.map((i) => this.pin(userAddr(user + i * PAGE_SIZE)));
        return { backing, pages, virt: null, user };
      }
      case 'high': {
        const pages = range.map(() => must(machine.allocPages(0, 'backing')));
        return { backing, pages, virt: null, user: null };
      }
    }
  }

  private pin(at: UserAddr): Pfn {
    const phys = this.mm.translate(at, /* write */ true, /* nofault */ false);
    if (phys === null) throw new KernelBug('user memory of a case cannot be pinned');
    const page = physToPfn(phys);
    this.machine.pinPage(page, 'backing');
    return page;
  }
}
