/**
 * What it costs to walk an iterator of each type, against a plain loop over typed arrays that does the
 * same: visit every segment and know its address and length.
 *
 * "position" moves over all segments (`iovIterAdvance`), "lower" turns them into bio_vecs
 * (`iovIterLower`, with its plain loop appending to the same list). User memory is never lowered; it
 * is extracted first, which is measured as such nowhere: it is page-table work, not walking.
 * @module
 */

import {
  Bvecq,
  bvecqAppend,
  FolioQueue,
  folioqAppend,
  folioqLink,
  type IovIter,
  ITER_SOURCE,
  iovIterAdvance,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCopy,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterLower,
  iovIterUbuf,
  iovIterXarray,
} from '../converted/index.ts';
import { folioqNrSlots } from '../converted/iter/folio-queue.ts';
import { iovIterAssign } from '../converted/iter/iov-iter.ts';
import { assert } from '../src/assert.ts';
import { BvecList, bvecAppendMerged, bvecClear } from '../src/bvec.ts';
import {
  AddressSpace,
  Machine,
  must,
  PAGE_SIZE,
  PageCache,
  type Pfn,
  pageAddress,
  pageToVirt,
  pfn,
  physAddr,
  userAddr,
} from '../src/machine/index.ts';
import type { Job, Way, WayKind } from './way.ts';

/** Segments of each iterator, a page each: not adjacent, so that nothing merges. */
const SEGMENTS = 64;
/** Walks that one batch of a way does: a walk alone is too short to time. */
const WALKS = 64;

/** What the walks are compared with. */
const PLAIN = 'plain loop';
/** Iterator types, as the walks name them. User memory has only a position. */
const KERNEL_TYPES = ['BVEC', 'KVEC', 'FOLIOQ', 'XARRAY', 'BVECQ', 'chain'] as const;
const USER_TYPES = ['UBUF', 'IOVEC'] as const;

/** Times of a walk are given per segment. */
interface Walk {
  readonly id: string;
  readonly what: string;
  readonly jobs: readonly Job[];
}

/** @see module */
export const WALKS_OF_ITERATORS: readonly Walk[] = [
  {
    id: 'walk-position',
    what: 'move over all segments, checks off',
    jobs: jobs(false, 'position', [...KERNEL_TYPES, ...USER_TYPES]),
  },
  {
    id: 'walk-lower',
    what: 'lower into bio_vecs, checks off',
    jobs: jobs(false, 'lower', KERNEL_TYPES),
  },
  {
    id: 'walk-lower-checked',
    what: 'lower into bio_vecs, checks on',
    jobs: jobs(true, 'lower', KERNEL_TYPES),
  },
];

function jobs(checks: boolean, walk: 'position' | 'lower', types: readonly string[]): Job[] {
  const job = (type: string, kind: WayKind): Job => ({
    id: type,
    what: type,
    kind,
    make: () => {
      const fixture = new Fixture(new Machine({ checks }));
      return walk === 'position' ? fixture.position(type) : fixture.lower(type);
    },
  });
  return [job(PLAIN, 'plain'), ...types.map((type) => job(type, 'converted'))];
}

/** The same pages behind iterators of every type. */
class Fixture {
  private readonly machine: Machine;
  private readonly pages: readonly Pfn[];
  /** What the plain loops walk. */
  private readonly phys: Float64Array;
  private readonly len: Uint32Array;
  private sink = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    // Every second page of one folio: apart from each other, in order.
    const first = must(machine.allocPages(7, 'bench'));
    this.pages = Array.from({ length: SEGMENTS }, (_, k) => pfn(first + 2 * k));
    this.phys = Float64Array.from(this.pages, (page) => pageAddress(page, 0));
    this.len = new Uint32Array(SEGMENTS).fill(PAGE_SIZE);
  }

  position(type: string): Way {
    if (type === PLAIN) {
      return this.way(() => {
        const { phys, len } = this;
        let sum = 0;
        for (let k = 0; k < SEGMENTS; k++) sum += phys[k] + len[k];
        this.sink = sum;
      });
    }
    const from = this.iterator(type);
    const to = iovIterCopy(from);
    return this.way(() => {
      iovIterAssign(to, from);
      iovIterAdvance(to, to.count);
    });
  }

  lower(type: string): Way {
    const list = new BvecList(SEGMENTS, this.machine.mem);
    if (type === PLAIN) {
      const { phys, len } = this;
      return this.way(() => {
        bvecClear(list);
        for (let k = 0; k < SEGMENTS; k++) bvecAppendMerged(list, physAddr(phys[k]), len[k], 0);
      });
    }
    const from = this.iterator(type);
    return this.way(() => {
      bvecClear(list);
      const err = iovIterLower(list, from, from.count);
      assert(err === 0 && list.size === from.count, 'lowering covers every byte');
    });
  }

  private iterator(type: string): IovIter<'source'> {
    const all = [...this.kernelIterators(), ...this.userIterators()];
    const found = all.find(([name]) => name === type);
    assert(found !== undefined, 'type of an iterator');
    // XARRAY is walked under the RCU lock, under which nothing can be built; it is held for good.
    this.machine.context.rcuReadLock();
    return found[1];
  }

  private kernelIterators(): [string, IovIter<'source'>][] {
    const { machine, pages } = this;
    const total = SEGMENTS * PAGE_SIZE;
    const bvecs = pages.map((page) => ({ phys: pageAddress(page, 0), len: PAGE_SIZE, flags: 0 }));
    const kvecs = pages.map((page) => ({ base: pageToVirt(page), len: PAGE_SIZE }));
    const bvec = iovIterBvec(machine, ITER_SOURCE, bvecs, SEGMENTS, total);
    const parts = bvecs.map((bv) => iovIterBvec(machine, ITER_SOURCE, [bv], 1, PAGE_SIZE));
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

  private way(walk: () => void): Way {
    return {
      items: SEGMENTS * WALKS,
      all: () => {
        for (let i = 0; i < WALKS; i++) walk();
      },
      digest: () => 'a walk has no output',
      wipe: () => {
        assert(this.sink >= 0, 'the loop was not optimised away');
      },
    };
  }
}
