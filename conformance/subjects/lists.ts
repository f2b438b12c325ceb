/**
 * The scatterlists of one operation, with a picture of every slot from before it. User memory is
 * pinned here, by the caller of the API, for writing where it is a destination.
 * @module
 */
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import { cryptoRequestGone } from '../../src/crypto/queue.ts';
import { EFAULT } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { FOLL_PIN, FOLL_WRITE, getUserPagesFast } from '../../src/machine/user.ts';
import { offsetInPage, type Pfn, pagesSpanned } from '../../src/units.ts';
import type { CaseMemory } from '../case/memory.ts';
import { type Placed, slicePlaced } from '../case/placed.ts';
import type { Buffers, Prepared } from './api.ts';
import { Refused } from './submit.ts';

/** In one case of so many, by its seed, no entry can be written to. */
const LOCKED_RARITY = 8;
/** What a caller has put into an entry; the rest is of a DMA mapping. */
const OWN_FIELDS = ['pageLink', 'offset', 'length', 'chain'] as const;

export class Lists implements Prepared {
  readonly src: Scatterlist | null;
  readonly dst: Scatterlist | null;
  private readonly memory: CaseMemory;
  private readonly source: readonly Placed[];
  private readonly slots: Scatterlist[] = [];
  private readonly before: number[] = [];
  /** What was changed until the lists were taken back; null while they are lent. */
  private kept: string[] | null = null;
  private readonly chain: number;
  private readonly pins: readonly Pfn[];

  constructor(buffers: Buffers) {
    const { memory, layout, src, dst } = buffers;
    this.memory = memory;
    this.source = src;
    this.chain = layout.chain;
    this.pins = pinUserPages(buffers);
    this.src = this.add(src);
    this.dst = layout.inplace === 'same' ? this.src : this.add(dst);
  }

  /** A list over a part of the source; null for no bytes. */
  part(skip: number, len: number): Scatterlist | null {
    return this.add(slicePlaced(this.source, skip, len));
  }

  takeBack(): void {
    this.kept = this.changes();
    for (const slot of this.slots) cryptoRequestGone(slot, 'scatterlist of a caller');
  }

  release(): void {
    for (const page of this.pins) this.memory.machine.unpinPage(page);
  }

  changes(): string[] {
    if (this.kept !== null) return this.kept;
    const changed: string[] = [];
    this.slots.forEach(({ pageLink, offset, length }, i) => {
      const same =
        this.before[3 * i] === pageLink &&
        this.before[3 * i + 1] === offset &&
        this.before[3 * i + 2] === length;
      if (!same) changed.push(`entry ${i} of the caller's lists was changed`);
    });
    return changed;
  }

  moved(): string[] {
    return [];
  }

  /** Builds a list. An empty one has one empty entry, as callers have it; null is for no segments. */
  private add(placed: readonly Placed[]): Scatterlist | null {
    if (placed.length === 0) return null;
    const entries: ListEntry[] = [];
    for (const segment of placed) addEntries(entries, segment);
    if (entries.length === 0) {
      entries.push({ page: physToPfn(this.memory.machine.zeroPage), offset: 0, len: 0 });
    }
    const first = buildTables(entries, this.chain, this.slots);
    for (let i = this.before.length / 3; i < this.slots.length; i++) {
      const { pageLink, offset, length } = this.slots[i];
      this.before.push(pageLink, offset, length);
      if (this.memory.seed % LOCKED_RARITY === 0) lock(this.slots[i]);
    }
    return first;
  }
}

/** Makes a write to what the caller has put into an entry an error where it happens. */
function lock(slot: Scatterlist): void {
  for (const field of OWN_FIELDS) Object.defineProperty(slot, field, { writable: false });
}

/** What a write to an entry that is locked is called; null for any other error. */
export function editOfLocked(error: unknown): string | null {
  if (!(error instanceof TypeError)) return null;
  const [, field = ''] = /read only property '(\w+)'/.exec(error.message) ?? [];
  return OWN_FIELDS.some((own) => own === field)
    ? `wrote ${field} of an entry of the caller's list`
    : null;
}

interface ListEntry {
  readonly page: Pfn;
  readonly offset: number;
  readonly len: number;
}

/** A scatterlist needs one entry for each physically contiguous piece. */
function addEntries(entries: ListEntry[], { page, offset, len, runs }: Placed): void {
  if (page !== null) {
    entries.push({ page, offset, len });
    return;
  }
  for (const run of runs) {
    entries.push({ page: physToPfn(run.phys), offset: offsetInPage(run.phys), len: run.len });
  }
}

/** Fills arrays of at most `chunk` slots, the last of which links to the next array. */
function buildTables(
  entries: readonly ListEntry[],
  chunk: number,
  slots: Scatterlist[],
): Scatterlist {
  const room = chunk < 2 || entries.length <= chunk ? entries.length : chunk - 1;
  let previous: Scatterlist[] | null = null;
  let first: Scatterlist | null = null;
  for (let at = 0; at < entries.length; at += room) {
    const part = entries.slice(at, at + room);
    const table = sgAlloc(part.length + (at + room < entries.length ? 1 : 0));
    sgInitTable(table, table.length);
    for (const [i, { page, len, offset }] of part.entries()) {
      sgSetPage(table[i], page, len, offset);
    }
    if (previous !== null) sgChain(previous[0], previous.length, table[0]);
    previous = table;
    first ??= table[0];
    slots.push(...table);
  }
  return must(first);
}

function pinUserPages({ memory, layout, src, dst }: Buffers): Pfn[] {
  const both = layout.inplace !== 'no';
  const pages: Pfn[] = [];
  pinList(memory, src, both, pages);
  if (!both) pinList(memory, dst, true, pages);
  return pages;
}

/** @throws Refused when not all could be pinned; then none is. */
function pinList(
  { machine, mm }: CaseMemory,
  placed: readonly Placed[],
  write: boolean,
  pages: Pfn[],
): void {
  for (const { user, len } of placed) {
    if (user === null || len === 0) continue;
    const flags = FOLL_PIN | (write ? FOLL_WRITE : 0);
    const wanted = pagesSpanned(user, len);
    const got = getUserPagesFast(machine, mm, user, wanted, flags, pages);
    if (got === wanted) continue;
    for (const page of pages) machine.unpinPage(page);
    throw new Refused(got < 0 ? got : -EFAULT);
  }
}
