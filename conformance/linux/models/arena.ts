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
import { PHYS_BASE, pfnToPhys } from '../../../src/machine/phys-mem.ts';
import { type Pfn, type PhysAddr, pfn, type VirtAddr, virtAddr } from '../../../src/units.ts';
import {
  ARENA_PAGES,
  arenaBytes,
  PAGE_SIZE,
  type Segment,
  segmentStart,
  type TextCase,
} from '../text/case.ts';

const ARENA_ORDER = 5;
const ARENA_SIZE = ARENA_PAGES * PAGE_SIZE;

/** 32 physically contiguous pages of a machine, and a picture of them. */
export class Arena {
  readonly machine: Machine;
  readonly page: Pfn;
  private before: Uint8Array = new Uint8Array(0);
  /** Bytes of the case in use. */
  private length = 0;

  /** @param page 32 contiguous pages of the caller's; without it the arena has its own. */
  constructor(machine: Machine, page: Pfn = must(machine.allocPages(ARENA_ORDER, 'arena'))) {
    this.machine = machine;
    this.page = page;
    writeKernel(machine, this.address(0), new Uint8Array(ARENA_SIZE));
  }

  get start(): PhysAddr {
    return pfnToPhys(this.page);
  }

  /** Kernel address of an arena offset. */
  address(offset: number): VirtAddr {
    return virtAddr(pageToVirt(this.page) + offset);
  }

  /** Contents of a case; what lies behind its pages stays as it is. */
  fill(c: TextCase): void {
    this.length = c.pages * PAGE_SIZE;
    writeKernel(this.machine, this.address(0), arenaBytes(c).subarray(0, this.length));
    this.snapshot();
  }

  /** The bytes themselves: writing here is not seen by any check. */
  bytes(): Uint8Array {
    const offset = this.start - PHYS_BASE;
    return this.machine.mem.u8.subarray(offset, offset + ARENA_SIZE);
  }

  /** What `stray` calls changed is changed since here. */
  snapshot(): void {
    this.before = this.bytes().slice(0, this.length);
  }

  /** Bytes of a list in list order, as hex. */
  read(segments: readonly Segment[]): string {
    const bytes = this.bytes();
    return segments
      .map((s) => bytes.subarray(segmentStart(s), segmentStart(s) + s.length))
      .map((part) => Buffer.from(part).toString('hex'))
      .join('');
  }

  /** Bytes changed outside of a list, or null. */
  stray(segments: readonly Segment[]): string | null {
    const bytes = this.bytes();
    if (Buffer.compare(bytes.subarray(0, this.length), this.before) === 0) return null;
    const expected = this.before.slice();
    for (const segment of segments) {
      const at = segmentStart(segment);
      const end = Math.min(at + segment.length, this.length);
      if (end > at) expected.set(bytes.subarray(at, end), at);
    }
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
    const offset = at - this.start;
    return offset >= 0 && offset < ARENA_SIZE ? `${offset}` : 'b';
  }

  /** Index of a page in the arena, or -1. */
  pageIndex(page: Pfn): number {
    const index = page - this.page;
    return index >= 0 && index < ARENA_PAGES ? index : -1;
  }
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
    const table = sgAlloc(end - i + (end < segments.length ? 1 : 0));
    sgInitTable(table, table.length);
    for (const [k, s] of segments.slice(i, end).entries()) {
      sgSetPage(table[k], pfn(arena.page + s.page), s.length, s.offset);
      if (s.endMark === true) sgMarkEnd(table[k]);
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
