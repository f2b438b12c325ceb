/**
 * The iterators of one operation: each kind of memory through the iterator type that its owner would
 * use, mixed in a chain where the kinds mix. User memory is extracted and pinned here, by the caller
 * of the API, and released here whatever came of the request.
 * @module
 */

import { type ExtractedPages, iovIterExtractPages } from '../../converted/iter/extract.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterChain,
  iovIterCopy,
  iovIterCount,
  iovIterKvec,
  iovIterTruncate,
  iovIterUbuf,
  type Kvec,
} from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import { assert } from '../../src/assert.ts';
import type { BioVec } from '../../src/bvec.ts';
import { cryptoRequestGone } from '../../src/crypto/queue.ts';
import { pageAddress } from '../../src/machine/machine.ts';
import type { Pfn } from '../../src/units.ts';
import type { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';
import type { Buffers, Prepared } from './api.ts';
import { runsOf } from './loans.ts';
import { Refused } from './submit.ts';

/** Pages that one extraction may give. */
const MOST_PAGES = 64;

type Group =
  | { readonly type: 'bvec'; readonly segs: BioVec[] }
  | { readonly type: 'kvec'; readonly segs: Kvec[] };

/** Where an operation reads and writes, whoever made the iterators. */
export interface IterPair extends Prepared {
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
}

export class Iterators implements IterPair {
  readonly src: IovIter<'source'>;
  readonly dst: IovIter<'dest'>;
  /** True where one of them is handed over as the other. */
  readonly isReversed: boolean;
  private readonly memory: CaseMemory;
  private readonly pinned: Pfn[] = [];
  private readonly groups: Group[] = [];
  private readonly positions: string;
  /** Address and length of every segment, as they were. */
  private readonly before: readonly number[];
  /** What was changed until the arrays were taken back; null while they are lent. */
  private kept: { readonly moved: string[]; readonly changes: string[] } | null = null;

  constructor({ memory, layout, src, dst, limit, isReversed = false }: Buffers) {
    this.memory = memory;
    this.isReversed = isReversed;
    const inplace = layout.inplace !== 'no';
    // Memory that is also the destination is pinned once, for writing.
    const extracted = new Map<Placed, BioVec[]>();
    const source = this.group(src, inplace, extracted);
    this.src = this.iterator(ITER_SOURCE, source);
    this.dst = this.iterator(ITER_DEST, this.group(dst, true, extracted));
    if (limit !== undefined) iovIterTruncate(this[limit.list], limit.bytes);
    this.positions = positionOf(this.src) + positionOf(this.dst);
    this.before = this.numbers();
  }

  takeBack(): void {
    this.kept = { moved: this.moved(), changes: this.changes() };
    // Memory that is both source and target has its entries in both.
    const segs = new Set<object>(this.groups.flatMap((group): readonly object[] => group.segs));
    for (const seg of segs) cryptoRequestGone(seg, 'segment array of a caller');
  }

  /** The iterators that do not stand where they stood. */
  moved(): string[] {
    if (this.kept !== null) return this.kept.moved;
    const now = positionOf(this.src) + positionOf(this.dst);
    return now === this.positions ? [] : [`iterators moved: ${this.positions} to ${now}`];
  }

  /** Segment arrays that were written to. */
  changes(): string[] {
    if (this.kept !== null) return this.kept.changes;
    const now = this.numbers();
    const same = now.length === this.before.length && now.every((n, i) => n === this.before[i]);
    return same ? [] : ['a segment array was changed'];
  }

  /** Unpins what was extracted. */
  release(): void {
    for (const page of this.pinned) this.memory.machine.unpinPage(page);
  }

  private numbers(): number[] {
    const list: number[] = [];
    for (const { type, segs } of this.groups) {
      for (const seg of segs) list.push('phys' in seg ? seg.phys : seg.base, seg.len);
      list.push(type === 'kvec' ? 1 : 0);
    }
    return list;
  }

  /** Neighbouring segments of one iterator type, together. */
  private group(
    placed: readonly Placed[],
    write: boolean,
    extracted: Map<Placed, BioVec[]>,
  ): Group[] {
    const groups: Group[] = [];
    for (const segment of placed) {
      if (segment.kind === 'slab' || segment.kind === 'vmalloc') {
        const kvec = { base: virtOf(segment), len: segment.len };
        const last = groups.at(-1);
        if (last?.type === 'kvec') last.segs.push(kvec);
        else groups.push({ type: 'kvec', segs: [kvec] });
        continue;
      }
      const bvecs = segment.user === null ? [bvecOf(segment)] : this.pin(segment, write, extracted);
      const last = groups.at(-1);
      if (last?.type === 'bvec') last.segs.push(...bvecs);
      else groups.push({ type: 'bvec', segs: [...bvecs] });
    }
    this.groups.push(...groups);
    return groups;
  }

  private iterator<D extends 'source' | 'dest'>(
    direction: D,
    groups: readonly Group[],
  ): IovIter<D> {
    const { machine } = this.memory;
    const parts = groups.map((group) => {
      const count = group.segs.reduce((sum, { len }) => sum + len, 0);
      return group.type === 'kvec'
        ? iovIterKvec(machine, direction, group.segs, group.segs.length, count)
        : iovIterBvec(machine, direction, group.segs, group.segs.length, count);
    });
    const [only] = parts;
    if (only !== undefined && parts.length === 1) return only;
    const total = parts.reduce((sum, part) => sum + iovIterCount(part), 0);
    return iovIterChain(machine, direction, parts, total);
  }

  /** What every caller with user memory does before it submits: extract, which pins. */
  private pin(segment: Placed, write: boolean, extracted: Map<Placed, BioVec[]>): BioVec[] {
    const known = extracted.get(segment);
    if (known !== undefined) return known;
    const { machine, mm } = this.memory;
    const { user, len } = segment;
    assert(user !== null, 'user segment');
    // Pinning for writing is asked for by the direction of the iterator.
    const iter = iovIterUbuf(machine, mm, write ? ITER_DEST : ITER_SOURCE, user, len);
    const bvecs: BioVec[] = [];
    while (iovIterCount(iter) > 0) {
      const out: ExtractedPages = { pages: [], offset0: 0 };
      const got = iovIterExtractPages(iter, out, len, MOST_PAGES);
      if (got < 0) {
        this.release();
        throw new Refused(got);
      }
      assert(got > 0, 'an extraction makes progress');
      this.pinned.push(...out.pages);
      for (const run of runsOf(out, got)) {
        bvecs.push({ phys: pageAddress(run.page, run.offset), len: run.len, flags: 0 });
      }
    }
    extracted.set(segment, bvecs);
    return bvecs;
  }
}

function bvecOf({ page, offset, len }: Placed): BioVec {
  assert(page !== null, 'memory with a struct page');
  return { phys: pageAddress(page, offset), len, flags: 0 };
}

function virtOf({ virt }: Placed): Kvec['base'] {
  assert(virt !== null, 'kernel virtual memory');
  return virt;
}

function positionOf({ seg, iovOffset, count, nrSegs }: IovIter): string {
  return `[${seg}+${iovOffset} count ${count} segs ${nrSegs}]`;
}

/** The same iterator, `skip` bytes further on. */
export function behind<D extends 'source' | 'dest'>(iter: IovIter<D>, skip: number): IovIter<D> {
  const copy = iovIterCopy(iter);
  iovIterAdvance(copy, skip);
  return copy;
}
