/**
 * Layouts: where the segments of a case lie, and how long they are. Offsets and lengths prefer what lies
 * at a border.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import {
  type Case,
  type Layout,
  listLength,
  MEMORY_KINDS,
  type MemoryKind,
  overlapOf,
  type Segment,
  sourceLength,
  targetLength,
} from './case.ts';
import type { Dice } from './odds.ts';
import { withoutLost } from './shared.ts';

/** Lists of so many segments are drawn on purpose; a case has no more than the second. */
const MANY = 33;
const MOST_SEGMENTS = 64;

/** A layout for the lengths of a case. */
export function randomLayout(prng: Dice, c: Case): Layout {
  const source = sourceLength(c);
  const target = targetLength(c);
  const chain = prng.is('chain') ? prng.between(2, 4) : 0;
  const isApart = c.kind === 'ahash' || !prng.is('inplace');
  const inplace = isApart ? 'no' : prng.oneIn(2) ? 'same' : 'twin';
  if (inplace !== 'no') {
    const room = Math.max(source, target) + randomTail(prng);
    const src = randomSegments(prng, room);
    const dst = inplace === 'twin' ? randomSegments(prng, room) : [];
    return { inplace, src, dst, chain };
  }
  const src = randomSegments(prng, source + randomTail(prng));
  const dst = c.kind === 'ahash' ? [] : randomSegments(prng, target + randomTail(prng));
  return { inplace, src, dst, chain };
}

/** The layout with some segments of the destination in the memory of the source, where they can be. */
export function partlyInPlace(prng: Prng, { src, dst, ...layout }: Layout): Layout {
  const total = listLength(src);
  let at = 0;
  const shared = dst.map((segment): Segment => {
    const { len } = segment;
    at += len;
    const isShared = len > 0 && at <= total && prng.oneIn(2);
    return isShared ? { kind: 'page', offset: 0, len, shares: 'source' } : segment;
  });
  return { ...layout, src, dst: shared };
}

/** Two lists over one memory, of which the destination begins behind the source: a case that is refused. */
export function overlapping(prng: Dice, c: Case): Layout {
  const shift = overlapOf(c);
  const room = Math.max(sourceLength(c), targetLength(c) + shift) + randomTail(prng);
  const src = randomSegments(prng, room);
  return { ...c.layout, inplace: 'twin', src, dst: randomSegments(prng, room - shift) };
}

/** A list may be longer than the data; the bytes behind must stay as they are. */
function randomTail(prng: Dice): number {
  return prng.is('tail') ? prng.below(40) : 0;
}

function randomSegments(prng: Dice, total: number): Segment[] {
  if (total > 0 && prng.is('many')) return manySegments(prng, total);
  const segments: Segment[] = [];
  let left = total;
  const most = prng.pick([1, 1, 2, 3, 4, 8]);
  while (left > 0 || segments.length === 0) {
    const last = segments.length >= most - 1 || prng.oneIn(6);
    const len = last ? left : prng.is('empty') ? 0 : randomPart(prng, left);
    segments.push(randomSegment(prng, segments.length, len));
    left -= len;
    if (segments.length >= most) break;
  }
  const end = segments.length - 1;
  if (left > 0) segments[end] = { ...segments[end], len: segments[end].len + left };
  if (prng.oneIn(16)) segments.push(randomSegment(prng, segments.length, 0));
  return segments;
}

/** More segments than a table of 32 slots has, where there are so many bytes. */
function manySegments(prng: Dice, total: number): Segment[] {
  const most = prng.between(MANY, MOST_SEGMENTS);
  const about = Math.max(1, Math.floor((2 * total) / most));
  const segments: Segment[] = [];
  let left = total;
  while (left > 0) {
    const isLast = segments.length === MOST_SEGMENTS - 1;
    const len = isLast ? left : Math.min(left, prng.between(1, about));
    segments.push(randomSegment(prng, segments.length, len));
    left -= len;
  }
  return segments;
}

function randomSegment(prng: Dice, index: number, len: number): Segment {
  return { kind: randomKind(prng, index), offset: randomOffset(prng), len };
}

function randomPart(prng: Dice, left: number): number {
  if (left === 0) return 0;
  if (prng.oneIn(3)) return Math.min(left, prng.pick([1, 4, 15, 16, 17, 20, 32, 64]));
  return prng.between(1, left);
}

function randomKind(prng: Dice, index: number): MemoryKind {
  if (!prng.is('memory')) return 'page';
  const kind = prng.pick(MEMORY_KINDS);
  return kind === 'next' && index === 0 ? 'page' : kind;
}

function randomOffset(prng: Dice): number {
  if (prng.is('high')) return prng.between(PAGE_SIZE - 128, PAGE_SIZE - 1);
  return prng.oneIn(2) ? prng.below(32) : prng.oneIn(2) ? 0 : prng.below(PAGE_SIZE);
}

/** The layout made long enough for its case: the last segment takes what is missing. */
export function coverLayout(c: Case): Case {
  const source = sourceLength(c);
  const target = targetLength(c);
  const { layout } = c;
  const shift = overlapOf(c);
  const room = layout.inplace === 'no' ? source : Math.max(source, target + shift);
  const src = cover(layout.src, room);
  if (layout.inplace === 'same' || c.kind === 'ahash') {
    return withoutLost({ ...c, layout: { ...layout, src } });
  }
  const total = listLength(src);
  const isApart = layout.inplace === 'no';
  const dst = isApart ? cover(layout.dst, target) : exact(layout.dst, total - shift);
  return withoutLost({ ...c, layout: { ...layout, src, dst } });
}

function cover(segments: readonly Segment[], need: number): Segment[] {
  const list =
    segments.length === 0 ? [{ kind: 'page' as const, offset: 0, len: 0 }] : [...segments];
  if (list[0].kind === 'next') list[0] = { ...list[0], kind: 'page' };
  const total = listLength(list);
  const end = list.length - 1;
  if (total < need) list[end] = { ...list[end], len: list[end].len + need - total };
  return list;
}

/** Lengths that add up to exactly `total`. */
function exact(segments: readonly Segment[], total: number): Segment[] {
  const list: Segment[] = [];
  let left = total;
  for (const segment of cover(segments, total)) {
    const len = Math.min(segment.len, left);
    list.push({ ...segment, len });
    left -= len;
  }
  return list;
}

/** The layout without empty segments, but that a list has one. */
export function withoutEmpty({ src, dst, ...layout }: Layout): Layout {
  return { ...layout, src: filled(src), dst: filled(dst) };
}

/** The segments that are not empty, or one that is. */
function filled(segments: readonly Segment[]): Segment[] {
  const kept = segments.filter(({ len }) => len > 0);
  return cover(kept.length > 0 ? kept : segments.slice(0, 1), 0);
}
