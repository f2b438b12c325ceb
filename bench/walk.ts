/**
 * What it costs to walk an iterator of each type, against a plain loop over typed arrays that does the
 * same: visit every segment and know its address and length.
 *
 * "position" moves over all segments (`iovIterAdvance`), "lower" turns them into bio_vecs
 * (`iovIterLower`, with its plain loop appending to the same list). User memory is never lowered; it
 * is extracted first, which is measured as such nowhere: it is page-table work, not walking.
 * @module
 */
import { Bvecq, bvecqAppend } from '../converted/iter/bvecq.ts';
import {
  FolioQueue,
  folioqAppend,
  folioqLink,
  folioqNrSlots,
} from '../converted/iter/folio-queue.ts';
import {
  type IovIter,
  ITER_SOURCE,
  iovIterAssign,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCopy,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterUbuf,
  iovIterXarray,
} from '../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../converted/iter/position.ts';
import { iovIterLower } from '../converted/lower/lower.ts';
import { assert } from '../src/assert.ts';
import { BvecList, bvecAppendMerged, bvecClear } from '../src/bvec.ts';
import { must } from '../src/machine/access.ts';
import { pageToVirt } from '../src/machine/address.ts';
import { Machine, pageAddress } from '../src/machine/machine.ts';
import { PageCache } from '../src/machine/page-cache.ts';
import { AddressSpace } from '../src/machine/user.ts';
import { PAGE_SIZE, type Pfn, pfn, physAddr, userAddr } from '../src/units.ts';
import { type Measurement, measure, type Way } from './harness.ts';

/** Segments of each iterator, a page each: not adjacent, so that nothing merges. */
const SEGMENTS = 64;
/** Walks that one request of a way does: a walk alone is too short to time. */
const WALKS = 64;

/** One row: cost per segment and ratio to the plain loop of its group. */
export interface WalkRow {
  readonly walk: string;
  readonly type: string;
  readonly checks: boolean;
  readonly nsPerSegment: number;
  readonly ratio: number;
}

/** Measures every type with checks off, then the lowering with checks on. */
export function benchWalks(rounds: number): WalkRow[] {
  const off = new Fixture(new Machine({ checks: false }));
  const on = new Fixture(new Machine({ checks: true }));
  return [
    ...group('position', false, off.positionWays(), rounds),
    ...group('lower', false, off.lowerWays(), rounds),
    ...group('lower', true, on.lowerWays(), rounds),
  ];
}

function group(walk: string, checks: boolean, ways: readonly Way[], rounds: number): WalkRow[] {
  const rows = measure(ways, 1, rounds);
  const perSegment = ({ cpuNs }: Measurement): number => cpuNs / (SEGMENTS * WALKS);
  const plain = perSegment(rows[0]);
  return rows.map((row) => ({
    walk,
    type: row.way,
    checks,
    nsPerSegment: perSegment(row),
    ratio: perSegment(row) / plain,
  }));
}

/** The same pages behind iterators of every type. */
class Fixture {
  private readonly machine: Machine;
  private readonly pages: readonly Pfn[];
  private readonly plain: BvecList;
  private sink = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    // Every second page of one folio: apart from each other, in order.
    const first = must(machine.allocPages(7, 'bench'));
    this.pages = Array.from({ length: SEGMENTS }, (_, k) => pfn(first + 2 * k));
    this.plain = new BvecList(SEGMENTS);
    for (const page of this.pages) bvecAppendMerged(this.plain, pageAddress(page, 0), PAGE_SIZE, 0);
  }

  positionWays(): Way[] {
    const loop = this.way('plain loop', () => {
      const { phys, len } = this.plain;
      let sum = 0;
      for (let k = 0; k < SEGMENTS; k++) sum += phys[k] + len[k];
      this.sink = sum;
    });
    const walks = [...this.kernelIterators(), ...this.userIterators()].map(([name, from]) => {
      const to = iovIterCopy(from);
      return this.way(name, () => {
        iovIterAssign(to, from);
        iovIterAdvance(to, to.count);
      });
    });
    return [loop, ...walks];
  }

  lowerWays(): Way[] {
    const list = new BvecList(SEGMENTS);
    const { phys, len } = this.plain;
    const loop = this.way('plain loop', () => {
      bvecClear(list);
      for (let k = 0; k < SEGMENTS; k++) bvecAppendMerged(list, physAddr(phys[k]), len[k], 0);
    });
    const walks = this.kernelIterators().map(([name, from]) =>
      this.way(name, () => {
        bvecClear(list);
        const err = iovIterLower(list, from, from.count);
        assert(err === 0 && list.size === from.count, 'lowering covers every byte');
      }),
    );
    return [loop, ...walks];
  }

  /** XARRAY is walked under the RCU lock, which the fixture holds for good. */
  private kernelIterators(): [string, IovIter<'source'>][] {
    const { machine, pages } = this;
    const total = SEGMENTS * PAGE_SIZE;
    const bvecs = pages.map((page) => ({ phys: pageAddress(page, 0), len: PAGE_SIZE, flags: 0 }));
    const kvecs = pages.map((page) => ({ base: pageToVirt(page), len: PAGE_SIZE }));
    const bvec = iovIterBvec(machine, ITER_SOURCE, bvecs, SEGMENTS, total);
    const parts = bvecs.map((bv) => iovIterBvec(machine, ITER_SOURCE, [bv], 1, PAGE_SIZE));
    machine.context.rcuReadLock();
    return [
      ['BVEC', bvec],
      ['KVEC', iovIterKvec(machine, ITER_SOURCE, kvecs, SEGMENTS, total)],
      ['FOLIOQ', this.folioQueue(total)],
      ['XARRAY', this.xarray(total)],
      ['BVECQ', this.bvecQueue(total)],
      ['chain', iovIterChain(machine, ITER_SOURCE, parts, total)],
    ];
  }

  private userIterators(): [string, IovIter<'source'>][] {
    const { machine } = this;
    const mm = new AddressSpace(machine);
    const total = SEGMENTS * PAGE_SIZE;
    const base = mm.mmap(total, true, true);
    const iov = this.pages.map((_, k) => ({
      base: userAddr(base + k * PAGE_SIZE),
      len: PAGE_SIZE,
    }));
    return [
      ['UBUF', iovIterUbuf(machine, mm, ITER_SOURCE, base, total)],
      ['IOVEC', iovIterInit(machine, mm, ITER_SOURCE, iov, SEGMENTS, total)],
    ];
  }

  private folioQueue(total: number): IovIter<'source'> {
    const head = new FolioQueue();
    let tail = head;
    for (const page of this.pages) {
      if (tail.nr === folioqNrSlots(tail)) tail = folioqLink(tail);
      folioqAppend(tail, { page, order: 0 });
    }
    return iovIterFolioQueue(this.machine, ITER_SOURCE, head, 0, 0, total);
  }

  private xarray(total: number): IovIter<'source'> {
    const cache = new PageCache(this.machine);
    for (let index = 0; index < SEGMENTS; index++) must(cache.add(index, 0, false));
    return iovIterXarray(this.machine, ITER_SOURCE, cache, 0, total);
  }

  private bvecQueue(total: number): IovIter<'source'> {
    const head = new Bvecq();
    let tail = head;
    for (const page of this.pages) {
      tail = bvecqAppend(tail, { phys: pageAddress(page, 0), len: PAGE_SIZE, flags: 0 });
    }
    return iovIterBvecQueue(this.machine, ITER_SOURCE, head, 0, 0, total);
  }

  private way(name: string, walk: () => void): Way {
    return {
      name,
      run: () => {
        for (let i = 0; i < WALKS; i++) walk();
      },
      digest: () => String(this.sink > 0),
      wipe: () => {},
    };
  }
}
