/**
 * Puts the segments of a case into a machine and watches every byte around them.
 *
 * Whatever kind of memory a segment lies in, only its own bytes are accessible: the rest of its pages
 * is red zone in the shadow and seeded garbage in memory. An image of the memory as it was before
 * the operation shows afterwards what else was written.
 * @module
 */
import { must } from '../../src/machine/access.ts';
import { linearToPhys, pageToVirt } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PageCache } from '../../src/machine/page-cache.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from '../../src/machine/phys-mem.ts';
import { SHADOW_INIT, SHADOW_REDZONE, SHADOW_UNINIT } from '../../src/machine/shadow.ts';
import { AddressSpace } from '../../src/machine/user.ts';
import { fillSeeded } from '../../src/prng.ts';
import {
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  physAddr,
  userAddr,
  virtAddr,
} from '../../src/units.ts';
import type { MemoryKind, Segment } from './case.ts';
import { cutRegion, type Placed, type Region, type Run, sliceRuns } from './placed.ts';

const WATCH_NOTHING = 0;
const WATCH_ALL = 1;
const WATCH_OBJECTS = 2;
/** Red zone on each side of a slab object. */
const SLAB_GAP = 8;

/** Random bytes that fill memory before a case; a multiple of the largest folio used. */
const GARBAGE_LEN = 1 << 16;

/** Offsets of bytes, the last of them not included. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** The memory of one case, and the picture of it from before the operation. */
export class CaseMemory {
  readonly machine: Machine;
  readonly mm: AddressSpace;
  readonly cache: PageCache;
  /** Memory as it was at the last `sync`; equal to the memory except in dirty frames. */
  readonly image: Buffer;
  private readonly garbage: Uint8Array;
  /** What the machine gathers by itself. */
  private readonly gather: number;
  private readonly queueLength: number;
  /** What is watched in each frame: nothing, all of it, or the slab objects in it. */
  private readonly watched: Uint8Array;
  private readonly watchedList: number[] = [];
  /** Offsets of slab objects with their red zones; the rest of such a page may be the API's. */
  private readonly objects: Span[] = [];
  private cacheIndex = 0;
  private garbageAt = 0;
  /** Of the case. */
  seed = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    this.gather = machine.gather;
    this.queueLength = machine.queueLength;
    this.mm = new AddressSpace(machine);
    this.cache = new PageCache(machine);
    this.image = Buffer.from(new ArrayBuffer(machine.mem.u8.length));
    this.watched = new Uint8Array(machine.mem.frames);
    this.garbage = new Uint8Array(GARBAGE_LEN);
    fillSeeded(this.garbage, 0x5eed);
  }

  /**
   * An empty machine for the case with this seed.
   * @param gather bytes that a walk gathers at once, 0 for as many as a machine does by itself
   * @param queue requests that a queue holds before its backlog, 0 the same
   */
  reset(seed: number, gather = 0, queue = 0): void {
    this.mm.exit();
    this.seed = seed;
    this.cache.truncate();
    this.sync();
    this.machine.reset(seed);
    this.machine.gather = gather === 0 ? this.gather : gather;
    this.machine.queueLength = queue === 0 ? this.queueLength : queue;
    for (const frame of this.watchedList) this.watched[frame] = WATCH_NOTHING;
    this.watchedList.length = 0;
    this.objects.length = 0;
    this.cacheIndex = 0;
    this.garbageAt = (seed * 64) % GARBAGE_LEN;
  }

  /** From here on the pages of the case are mapped one by one: highmem. */
  mapPages(): void {
    const high = new Uint8Array(this.machine.mem.frames);
    for (const frame of this.watchedList) if (this.watched[frame] === WATCH_ALL) high[frame] = 1;
    this.machine.high = high;
  }

  /** Places segments; their bytes are garbage and count as never written. */
  place(segments: readonly Segment[]): Placed[] {
    const placed: Placed[] = [];
    let zeros: Region | null = null;
    for (let i = 0; i < segments.length; ) {
      let end = i + 1;
      if (segments[i].shares === 'zero') {
        zeros ??= this.allocate('page', 0, PAGE_SIZE);
        placed.push(cutRegion(zeros, 0, segments[i].len));
        i = end;
        continue;
      }
      while (end < segments.length && segments[end].kind === 'next') end++;
      this.placeGroup(segments.slice(i, end), placed);
      i = end;
    }
    return placed;
  }

  /** A file of folios of these orders from page `index` on, a multiple of the size of each of them. */
  placeFile(orders: readonly number[], index: number): Placed[] {
    this.cacheIndex = index;
    return this.place(
      orders.map((order) => ({ kind: 'cache', offset: 0, len: PAGE_SIZE << order })),
    );
  }

  /** Writes bytes over segments from byte `skip` on and marks them initialised. */
  write(placed: readonly Placed[], skip: number, bytes: Uint8Array): void {
    let done = 0;
    for (const run of sliceRuns(placed, skip, bytes.length)) {
      const at = run.phys - PHYS_BASE;
      this.machine.mem.u8.set(bytes.subarray(done, done + run.len), at);
      this.machine.mem.markDirty(at, run.len);
      this.machine.shadow.mark(at, run.len, SHADOW_INIT);
      done += run.len;
    }
  }

  /** Reads bytes without any check: what is there is what is observed. */
  read(placed: readonly Placed[], skip: number, len: number): Uint8Array {
    const out = new Uint8Array(len);
    let done = 0;
    for (const run of sliceRuns(placed, skip, len)) {
      const at = run.phys - PHYS_BASE;
      out.set(this.machine.mem.u8.subarray(at, at + run.len), done);
      done += run.len;
    }
    return out;
  }

  /** Makes the image equal to the memory and forgets which frames are dirty. */
  sync(): void {
    const { mem } = this.machine;
    for (let i = 0; i < mem.dirtyCount; i++) {
      const at = mem.dirtyList[i] * PAGE_SIZE;
      mem.buffer.copy(this.image, at, at, at + PAGE_SIZE);
    }
    mem.clearDirty();
  }

  /**
   * Offsets of the first byte in each frame of the case that changed since `sync` and lies outside
   * `permitted`. Frames that the API allocated for itself are its own business.
   */
  strayWrites(permitted: readonly Run[]): number[] {
    const { mem } = this.machine;
    const holes = permitted
      .map(({ phys, len }) => ({ from: phys - PHYS_BASE, to: phys - PHYS_BASE + len }))
      .sort((a, b) => a.from - b.from);
    const stray: number[] = [];
    for (let i = 0; i < mem.dirtyCount; i++) {
      const frame = mem.dirtyList[i];
      const at = this.firstStray(frame, holes);
      if (at >= 0) stray.push(at);
    }
    return stray;
  }

  /** Offset of the first byte of these runs that changed since `sync`; -1 when none did. */
  changedIn(runs: readonly Run[]): number {
    for (const { phys, len } of runs) {
      const from = phys - PHYS_BASE;
      const at = this.firstDifference(from, from + len);
      if (at >= 0) return at;
    }
    return -1;
  }

  /** First difference between memory and image outside the dirty frames; -1 when there is none. */
  silentWrite(): number {
    const { dirty, frames } = this.machine.mem;
    for (let first = 0; first < frames; first++) {
      if (dirty[first] !== 0) continue;
      let end = first + 1;
      while (end < frames && dirty[end] === 0) end++;
      const at = this.firstDifference(first * PAGE_SIZE, end * PAGE_SIZE);
      if (at >= 0) return at;
      first = end;
    }
    return -1;
  }

  private placeGroup(group: readonly Segment[], placed: Placed[]): void {
    const first = group[0];
    const kind = first.kind === 'next' ? 'page' : first.kind;
    let size = 0;
    group.forEach((s, i) => {
      size += (i === 0 ? 0 : s.offset) + s.len;
    });
    const region = this.allocate(kind, first.offset, size);
    let at = 0;
    group.forEach((s, i) => {
      if (i > 0) at += s.offset;
      placed.push(cutRegion(region, at, s.len));
      for (const run of placed[placed.length - 1].runs) {
        this.machine.shadow.mark(run.phys - PHYS_BASE, run.len, SHADOW_UNINIT);
      }
      at += s.len;
    });
  }

  /** Memory of one kind for `size` bytes; all of it is garbage behind a red zone. */
  private allocate(kind: Exclude<MemoryKind, 'next'>, offset: number, size: number): Region {
    switch (kind) {
      case 'page':
      case 'cache':
        return this.allocateFolio(kind, offset, size);
      case 'slab': {
        const shift = offset % 64;
        const virt = virtAddr(must(this.machine.slab.kmalloc(size + shift, 'case')) + shift);
        const base = linearToPhys(virt);
        const page = this.machine.pages.headOf(physToFrame(base));
        const start = base - pfnToPhys(page);
        this.claim(physAddr(base - shift), size + shift, WATCH_OBJECTS);
        this.objects.push({
          from: base - shift - SLAB_GAP - PHYS_BASE,
          to: base + size + SLAB_GAP - PHYS_BASE,
        });
        return { kind, virt, user: null, page, base: pfnToPhys(page), pages: [], start };
      }
      case 'vmalloc': {
        const start = offset % PAGE_SIZE;
        const area = must(this.machine.vmalloc.alloc(Math.max(1, start + size), 'case'));
        const pages = pagesOf(start + size, (i) =>
          this.machine.vmalloc.translate(area + i * PAGE_SIZE),
        );
        for (const at of pages) this.claim(at, PAGE_SIZE, WATCH_ALL);
        const virt = virtAddr(area + start);
        return { kind, virt, user: null, page: null, base: pages[0], pages, start };
      }
      case 'user': {
        const start = offset % PAGE_SIZE;
        const area = this.mm.mmap(Math.max(1, start + size), true, true);
        const pages = pagesOf(start + size, (i) =>
          must(this.mm.translate(userAddr(area + i * PAGE_SIZE), true, true)),
        );
        for (const at of pages) this.claim(at, PAGE_SIZE, WATCH_ALL);
        const user = userAddr(area + start);
        return { kind, virt: null, user, page: null, base: pages[0], pages, start };
      }
    }
  }

  private allocateFolio(kind: 'page' | 'cache', offset: number, size: number): Region {
    const order = Math.ceil(Math.log2(Math.max(1, Math.ceil((offset + size) / PAGE_SIZE))));
    let page: Pfn;
    if (kind === 'page') page = must(this.machine.allocPages(order, 'case'));
    else {
      this.cacheIndex = Math.ceil(this.cacheIndex / (1 << order)) * (1 << order);
      page = must(this.cache.add(this.cacheIndex, order, false)).page;
      this.cacheIndex += 1 << order;
    }
    const base = pfnToPhys(page);
    this.claim(base, PAGE_SIZE << order, WATCH_ALL);
    const virt = virtAddr(pageToVirt(page) + offset);
    return { kind, virt, user: null, page, base, pages: [], start: offset };
  }

  /** Fills a range with garbage, closes it with red zone, and watches its frames. */
  private claim(at: PhysAddr, len: number, watch: number): void {
    const { machine } = this;
    const offset = at - PHYS_BASE;
    for (let done = 0; done < len; ) {
      const take = Math.min(len - done, GARBAGE_LEN - this.garbageAt);
      machine.mem.u8.set(
        this.garbage.subarray(this.garbageAt, this.garbageAt + take),
        offset + done,
      );
      this.garbageAt = (this.garbageAt + take) % GARBAGE_LEN;
      done += take;
    }
    machine.mem.markDirty(offset, len);
    machine.shadow.mark(offset, len, SHADOW_REDZONE);
    for (let frame = Math.floor(offset / PAGE_SIZE); frame * PAGE_SIZE < offset + len; frame++) {
      if (this.watched[frame] !== WATCH_NOTHING) continue;
      this.watched[frame] = watch;
      this.watchedList.push(frame);
    }
  }

  private firstStray(frame: number, holes: readonly Span[]): number {
    const watch = this.watched[frame];
    if (watch === WATCH_NOTHING) return -1;
    const start = frame * PAGE_SIZE;
    const end = start + PAGE_SIZE;
    if (watch === WATCH_ALL) return this.strayIn(start, end, holes);
    for (const { from, to } of this.objects) {
      const at = this.strayIn(Math.max(start, from), Math.min(end, to), holes);
      if (at >= 0) return at;
    }
    return -1;
  }

  /** @param holes by their beginnings */
  private strayIn(start: number, end: number, holes: readonly Span[]): number {
    let at = start;
    // Most frames are as they were; in the others most of what differs may.
    if (!this.differs(at, end)) return -1;
    for (const { from, to } of holes) {
      if (from >= end) break;
      if (to <= start) continue;
      const found = this.firstDifference(at, Math.max(at, from));
      if (found >= 0) return found;
      at = Math.max(at, to);
    }
    return this.firstDifference(at, end);
  }

  private differs(from: number, to: number): boolean {
    return from < to && this.machine.mem.buffer.compare(this.image, from, to, from, to) !== 0;
  }

  private firstDifference(from: number, to: number): number {
    if (!this.differs(from, to)) return -1;
    const { buffer } = this.machine.mem;
    for (let at = from; at < to; at++) if (buffer[at] !== this.image[at]) return at;
    return -1;
  }
}

function physToFrame(at: PhysAddr): Pfn {
  return physToPfn(at);
}

function pagesOf(bytes: number, at: (index: number) => PhysAddr): PhysAddr[] {
  const pages = [at(0)];
  for (let i = 1; i < Math.ceil(bytes / PAGE_SIZE); i++) pages.push(at(i));
  return pages;
}
