/**
 * The arena of a text case in the simulated machine: contents, lists over it, and the report of
 * what changed where. It answers exactly as `module/arena.c` does.
 * @module
 */
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgMarkEnd,
  sgSetPage,
} from '../../../legacy/lists/scatterlist.ts';
import { must, writeKernel } from '../../../src/machine/access.ts';
import { pageToVirt } from '../../../src/machine/address.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { PHYS_BASE, pfnToPhys, physToPfn } from '../../../src/machine/phys-mem.ts';
import {
  offsetInPage,
  type Pfn,
  type PhysAddr,
  pfn,
  type VirtAddr,
  virtAddr,
} from '../../../src/units.ts';
import {
  ARENA_PAGES,
  arenaBytes,
  PAGE_SIZE,
  type Segment,
  segmentStart,
  type TextCase,
} from '../text/case.ts';
import { Backings } from './backing.ts';

/** Log2 of its pages. */
export const ARENA_ORDER = 7;
const ARENA_SIZE = ARENA_PAGES * PAGE_SIZE;

/** Physically contiguous pages of a machine, what lies behind some of them, and a picture of them. */
export class Arena {
  readonly machine: Machine;
  readonly page: Pfn;
  readonly backings: Backings;
  private before: Uint8Array = new Uint8Array(0);
  private references: readonly number[] = [];
  /** Bytes of the case in use. */
  private length = 0;

  /** @param page contiguous pages of the caller's; without it the arena has its own. */
  constructor(machine: Machine, page: Pfn = must(machine.allocPages(ARENA_ORDER, 'arena'))) {
    this.machine = machine;
    this.page = page;
    this.backings = new Backings(machine);
    writeKernel(machine, this.address(0), new Uint8Array(ARENA_SIZE));
  }

  get start(): PhysAddr {
    return pfnToPhys(this.page);
  }

  /** Kernel address of an arena offset. */
  address(offset: number): VirtAddr {
    return virtAddr(pageToVirt(this.page) + offset);
  }

  /** Contents and memories of a case; what lies beyond its pages stays as it is. */
  fill(c: TextCase): void {
    this.length = c.pages * PAGE_SIZE;
    writeKernel(this.machine, this.address(0), arenaBytes(c));
    this.backings.take(c.backings);
    this.backings.exchange(this.bytes(), /* load */ true);
    this.references = this.countReferences();
    this.snapshot();
  }

  /** Gives the memories of the case back. @returns references that were not, as `PAGE:N`. */
  release(): string | null {
    const now = this.countReferences();
    const lost = now.flatMap((n, i) =>
      n === this.references[i] ? [] : [`${i}:${n - this.references[i]}`],
    );
    this.backings.release();
    return lost.length === 0 ? null : lost.join(' ');
  }

  /** Changes bytes between two operations. */
  edit(change: (bytes: Uint8Array) => void): void {
    const bytes = this.bytes();
    this.backings.exchange(bytes, /* load */ false);
    change(bytes);
    this.backings.exchange(bytes, /* load */ true);
  }

  /** References of every page of the case; those of the arena's own folio are counted once. */
  private countReferences(): number[] {
    const { pages } = this.machine;
    return Array.from({ length: ARENA_PAGES }, (_, i) => {
      const page = this.backings.page(i) ?? (i === 0 ? this.page : null);
      return page === null ? 0 : pages.refcount[pages.index(pages.headOf(page))];
    });
  }

  /** The bytes themselves: writing here is not seen by any check. */
  bytes(): Uint8Array {
    const offset = this.start - PHYS_BASE;
    return this.machine.mem.u8.subarray(offset, offset + ARENA_SIZE);
  }

  /** What `stray` calls changed is changed since here. */
  snapshot(): void {
    this.backings.exchange(this.bytes(), /* load */ false);
    this.before = this.bytes().slice(0, this.length);
  }

  /** Bytes of a list in list order, as hex. */
  read(segments: readonly Segment[]): string {
    const bytes = this.bytes();
    this.backings.exchange(bytes, /* load */ false);
    return segments
      .map((s) => bytes.subarray(segmentStart(s), segmentStart(s) + s.length))
      .map((part) => Buffer.from(part).toString('hex'))
      .join('');
  }

  /** Bytes changed outside of a list, or null. */
  stray(segments: readonly Segment[]): string | null {
    const bytes = this.bytes();
    this.backings.exchange(bytes, /* load */ false);
    if (Buffer.compare(bytes.subarray(0, this.length), this.before) === 0) return null;
    const expected = this.before.slice();
    for (const segment of segments) {
      const at = segmentStart(segment);
      const end = Math.min(at + segment.length, this.length);
      if (end > at) expected.set(bytes.subarray(at, end), at);
    }
    if (Buffer.compare(bytes.subarray(0, this.length), expected) === 0) return null;
    const runs: string[] = [];
    for (let i = 0; i < this.length; i++) {
      const first = i;
      while (i < this.length && bytes[i] !== expected[i]) i++;
      if (i > first) runs.push(`${first}:${i - first}`);
    }
    return runs.length === 0 ? null : runs.join(' ');
  }

  /** `offset` in the arena, or `b` for memory elsewhere. */
  location(at: PhysAddr): string {
    const index = this.pageIndex(physToPfn(at));
    return index < 0 ? 'b' : `${index * PAGE_SIZE + offsetInPage(at)}`;
  }

  /** Index of the page of the arena that a page stands behind, or -1. */
  pageIndex(page: Pfn): number {
    const index = page - this.page;
    if (index >= 0 && index < ARENA_PAGES) return index;
    for (let i = 0; i < ARENA_PAGES; i++) if (this.backings.page(i) === page) return i;
    return -1;
  }

  /** The runs of neighbouring pages that a segment lies in; one, empty, for an empty segment. */
  pieces(segment: Segment): readonly Piece[] {
    const { backings } = this;
    let { page, offset, length: left } = segment;
    while (offset >= PAGE_SIZE && !backings.joined(page)) {
      page++;
      offset -= PAGE_SIZE;
    }
    const pieces: Piece[] = [];
    do {
      let room = PAGE_SIZE;
      while (room < offset + left && backings.joined(page + room / PAGE_SIZE - 1))
        room += PAGE_SIZE;
      const length = Math.min(left, room - offset);
      pieces.push({
        index: page,
        page: backings.page(page) ?? pfn(this.page + page),
        offset,
        length,
      });
      left -= length;
      page += Math.floor((offset + length) / PAGE_SIZE);
      offset = (offset + length) % PAGE_SIZE;
    } while (left > 0);
    return pieces;
  }
}

/** `length` bytes at `offset` (may exceed a page) from a page of memory, the arena's page `index`. */
export interface Piece {
  readonly index: number;
  readonly page: Pfn;
  readonly offset: number;
  readonly length: number;
}

/** The tables of one list, and what their slots held at first. */
export interface BuiltList {
  readonly first: Scatterlist | null;
  readonly slots: readonly Scatterlist[];
  readonly before: readonly number[];
}

function slotState(slots: readonly Scatterlist[]): number[] {
  return slots.flatMap(({ pageLink, offset, length }) => [pageLink, offset, length]);
}

/** Builds the chained tables of a layout. */
export function buildList(arena: Arena, segments: readonly Segment[]): BuiltList {
  const tables: Scatterlist[][] = [];
  const slots: Scatterlist[] = [];
  for (let i = 0; i < segments.length; ) {
    let end = i + 1;
    while (end < segments.length && segments[end].newTable !== true) end++;
    const entries = segments.slice(i, end).map((segment) => arena.pieces(segment));
    const table = sgAlloc(entries.flat().length + (end < segments.length ? 1 : 0));
    sgInitTable(table, table.length);
    let n = 0;
    for (const [k, pieces] of entries.entries()) {
      for (const { page, length, offset } of pieces) sgSetPage(table[n++], page, length, offset);
      if (segments[i + k].endMark === true) sgMarkEnd(table[n - 1]);
    }
    const previous = tables.at(-1);
    if (previous !== undefined) sgChain(previous[0], previous.length, table[0]);
    tables.push(table);
    slots.push(...table);
    i = end;
  }
  return { first: tables[0]?.[0] ?? null, slots, before: slotState(slots) };
}

/** Did an operation write to the entries of its caller? */
export function listChanged(list: BuiltList): boolean {
  return slotState(list.slots).some((value, i) => value !== list.before[i]);
}
