/**
 * Random layouts. Segments ascend and do not overlap, because partial overlap of source and
 * destination is undefined. Empty entries are put between others on request only: what hashes do
 * with them is a class of its own. An empty list is one empty segment.
 * @module
 */
import type { Prng } from '../../../src/prng.ts';
import { PAGE_SIZE, type Segment } from '../text/case.ts';

/** True in `percent` of 100 draws. */
export function chance(draw: Prng, percent: number): boolean {
  return draw.below(100) < percent;
}

/** Lengths round which block and page handling changes. */
const EDGES = [1, 7, 15, 16, 17, 31, 32, 33, 64] as const;

/** A segment from an arena offset. Some get the preceding page and an offset above a page. */
function segmentAt(draw: Prng, at: number, length: number, firstPage: number): Segment {
  const page = Math.floor(at / PAGE_SIZE);
  const back = page > firstPage && chance(draw, 6) ? 1 : 0;
  return { page: page - back, offset: (at % PAGE_SIZE) + back * PAGE_SIZE, length };
}

/** A list of `total` bytes in `pages` pages from page `base`. */
export function randomLayout(draw: Prng, total: number, base: number, pages: number): Segment[] {
  const segments: Segment[] = [];
  const end = (base + pages) * PAGE_SIZE;
  const count = draw.pick([1, 1, 2, 3, 5, 9]);
  let at = base * PAGE_SIZE + draw.below(64);
  let left = total;
  for (let i = 0; i < count && left > 0; i++) {
    const last = i === count - 1;
    const some = chance(draw, 50) ? draw.between(1, left) : Math.min(left, draw.pick(EDGES));
    const length = last ? left : some;
    const gap = draw.pick([0, 0, 1, 3, 16, draw.below(200)]);
    if (at + gap + left <= end) at += gap;
    const newTable = segments.length > 0 && chance(draw, 20);
    segments.push({ ...segmentAt(draw, at, length, base), ...(newTable ? { newTable } : {}) });
    at += length;
    left -= length;
  }
  if (segments.length === 0) return [{ page: base, offset: 0, length: 0 }];
  return chance(draw, 12) ? withTail(draw, segments, at, end) : segments;
}

/** More memory behind the data, sometimes behind an early end mark: nobody may touch it. */
function withTail(draw: Prng, segments: readonly Segment[], at: number, end: number): Segment[] {
  const length = Math.min(end - at, draw.between(1, 40));
  if (length <= 0) return [...segments];
  const tail: Segment = { page: Math.floor(at / PAGE_SIZE), offset: at % PAGE_SIZE, length };
  if (!chance(draw, 50)) return [...segments, tail];
  return segments
    .map((s, i) => (i < segments.length - 1 ? s : { ...s, endMark: true }))
    .concat(tail);
}

/** The same bytes in the same order, cut at other places. */
export function splitDifferently(draw: Prng, segments: readonly Segment[]): Segment[] {
  return segments.flatMap((segment) => {
    if (segment.length < 2 || chance(draw, 30)) return [segment];
    const length = draw.between(1, segment.length - 1);
    const { endMark, ...first } = segment;
    const rest = { page: segment.page, offset: segment.offset + length };
    return [
      { ...first, length },
      { ...rest, length: segment.length - length, ...(endMark === true ? { endMark } : {}) },
    ];
  });
}

/** The same list with one or two empty entries in it, anywhere. */
export function withEmpty(draw: Prng, segments: readonly Segment[]): Segment[] {
  const list = [...segments];
  for (let n = draw.between(1, 2); n > 0; n--) {
    const at = draw.below(list.length + 1);
    const page = (list[at] ?? list[list.length - 1]).page;
    // Behind an early end mark nobody looks.
    list.splice(at, 0, { page, offset: draw.below(PAGE_SIZE), length: 0 });
  }
  return list;
}
