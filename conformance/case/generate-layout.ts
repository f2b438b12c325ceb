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
  MEMORY_KINDS,
  type MemoryKind,
  type Segment,
  sourceLength,
  targetLength,
} from './case.ts';

/** Lists of so many segments are drawn on purpose; a case has no more than the second. */
const MANY = 33;
const MOST_SEGMENTS = 64;

/** A layout for the lengths of a case. */
export function randomLayout(prng: Prng, c: Case): Layout {
  const source = sourceLength(c);
  const target = targetLength(c);
  const chain = prng.oneIn(4) ? prng.between(2, 4) : 0;
  const inplace = c.kind === 'ahash' || prng.oneIn(2) ? 'no' : prng.oneIn(2) ? 'same' : 'twin';
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

/** A list may be longer than the data; the bytes behind must stay as they are. */
function randomTail(prng: Prng): number {
  return prng.oneIn(4) ? prng.below(40) : 0;
}

function randomSegments(prng: Prng, total: number): Segment[] {
  if (total > 0 && prng.oneIn(32)) return manySegments(prng, total);
  const segments: Segment[] = [];
  let left = total;
  const most = prng.pick([1, 1, 2, 3, 4, 8]);
  while (left > 0 || segments.length === 0) {
    const last = segments.length >= most - 1 || prng.oneIn(6);
    const len = last ? left : prng.oneIn(8) ? 0 : randomPart(prng, left);
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
function manySegments(prng: Prng, total: number): Segment[] {
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

function randomSegment(prng: Prng, index: number, len: number): Segment {
  return { kind: randomKind(prng, index), offset: randomOffset(prng), len };
}

function randomPart(prng: Prng, left: number): number {
  if (left === 0) return 0;
  if (prng.oneIn(3)) return Math.min(left, prng.pick([1, 4, 15, 16, 17, 20, 32, 64]));
  return prng.between(1, left);
}

function randomKind(prng: Prng, index: number): MemoryKind {
  if (prng.oneIn(2)) return 'page';
  const kind = prng.pick(MEMORY_KINDS);
  return kind === 'next' && index === 0 ? 'page' : kind;
}

function randomOffset(prng: Prng): number {
  if (prng.oneIn(4)) return prng.between(PAGE_SIZE - 128, PAGE_SIZE - 1);
  return prng.oneIn(2) ? prng.below(32) : prng.oneIn(2) ? 0 : prng.below(PAGE_SIZE);
}

/** The layout made long enough for its case: the last segment takes what is missing. */
export function coverLayout(c: Case): Case {
  const source = sourceLength(c);
  const target = targetLength(c);
  const { layout } = c;
  const room = layout.inplace === 'no' ? source : Math.max(source, target);
  const src = cover(layout.src, room);
  if (layout.inplace === 'same' || c.kind === 'ahash') return { ...c, layout: { ...layout, src } };
  const total = src.reduce((sum, { len }) => sum + len, 0);
  const dst = layout.inplace === 'no' ? cover(layout.dst, target) : exact(layout.dst, total);
  return { ...c, layout: { ...layout, src, dst } };
}

function cover(segments: readonly Segment[], need: number): Segment[] {
  const list =
    segments.length === 0 ? [{ kind: 'page' as const, offset: 0, len: 0 }] : [...segments];
  if (list[0].kind === 'next') list[0] = { ...list[0], kind: 'page' };
  const total = list.reduce((sum, { len }) => sum + len, 0);
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
