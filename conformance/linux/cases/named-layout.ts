/**
 * The named layouts: how one buffer may be described by a scatterlist. The first nine are those of
 * the kernel's own tests (crypto/testmgr.c default configurations), the rest is what they leave out.
 * @module
 */
import { PAGE_SIZE, type Segment } from '../text/case.ts';

/** Builds a list of exactly `total` bytes (plus what the name says) in 4 pages from page `base`. */
interface NamedLayout {
  readonly name: string;
  readonly build: (total: number, base: number) => Segment[];
}

/** Segments of the given lengths, the last one taking the rest, each at its own page and offset. */
function pieces(
  total: number,
  base: number,
  parts: readonly (readonly [length: number, page: number, offset: number])[],
): Segment[] {
  const segments: Segment[] = [];
  let left = total;
  for (const [i, [wanted, page, offset]] of parts.entries()) {
    const length = i === parts.length - 1 ? left : Math.min(wanted, left);
    if (length > 0) segments.push({ page: base + page, offset, length });
    left -= length;
  }
  return segments.length === 0 ? [{ page: base, offset: 0, length: 0 }] : segments;
}

/** Equal pieces with a gap between them. */
function comb(total: number, base: number, teeth: number, gap: number): Segment[] {
  const segments: Segment[] = [];
  const size = Math.max(1, Math.floor(total / teeth));
  let at = 0;
  for (let left = total; left > 0; ) {
    const length = segments.length === teeth - 1 ? left : Math.min(size, left);
    segments.push({ page: base + Math.floor(at / PAGE_SIZE), offset: at % PAGE_SIZE, length });
    at += length + gap;
    left -= length;
  }
  return segments.length === 0 ? [{ page: base, offset: 0, length: 0 }] : segments;
}

function chained(segments: readonly Segment[]): Segment[] {
  return segments.map((segment, i) => (i === 0 ? segment : { ...segment, newTable: true }));
}

function withTail(segments: readonly Segment[], base: number, marked: boolean): Segment[] {
  const tail: Segment = { page: base + 3, offset: 4000, length: 20 };
  const last = segments.length - 1;
  const list = segments.map((s, i) => (marked && i === last ? { ...s, endMark: true } : s));
  return [...list, tail];
}

const half = (total: number): number => Math.floor(total / 2);
const share = (total: number, percent: number): number => Math.floor((total * percent) / 100);

/** Every layout, by name. */
export const LAYOUTS: readonly NamedLayout[] = [
  { name: 'one', build: (n, b) => pieces(n, b, [[n, 0, 0]]) },
  { name: 'one-unaligned', build: (n, b) => pieces(n, b, [[n, 0, 1]]) },
  {
    name: 'two-even',
    build: (n, b) =>
      pieces(n, b, [
        [half(n), 0, 0],
        [n, 2, 0],
      ]),
  },
  {
    name: 'three-misaligned',
    build: (n, b) =>
      pieces(n, b, [
        [share(n, 19), 0, 33],
        [share(n, 33), 1, 7],
        [n, 2, 18],
      ]),
  },
  {
    name: 'crossing-page',
    build: (n, b) =>
      pieces(n, b, [
        [share(n, 75), 0, PAGE_SIZE - 32],
        [n, 2, PAGE_SIZE - 7],
      ]),
  },
  {
    name: 'first-byte-alone',
    build: (n, b) =>
      pieces(n, b, [
        [1, 0, 4095],
        [n, 1, 8],
      ]),
  },
  {
    name: 'last-byte-alone',
    build: (n, b) =>
      pieces(n, b, [
        [n - 1, 0, 16],
        [n, 3, 4095],
      ]),
  },
  { name: 'chained', build: (n, b) => chained(comb(n, b, 3, 5)) },
  { name: 'chained-every-entry', build: (n, b) => chained(comb(n, b, 9, 0)) },
  { name: 'comb', build: (n, b) => comb(n, b, 16, 3) },
  { name: 'abutting', build: (n, b) => comb(n, b, 4, 0) },
  { name: 'longer-list', build: (n, b) => withTail(comb(n, b, 2, 1), b, false) },
  { name: 'early-end-mark', build: (n, b) => withTail(comb(n, b, 2, 1), b, true) },
  { name: 'offset-above-page', build: (n, b) => pieces(n, b, [[n, 0, PAGE_SIZE + 5]]) },
];

/** Where an empty entry stands in a list of others. */
export const EMPTY_PLACES = ['first', 'middle', 'last', 'two-in-middle'] as const;

/** 10-byte-wise cut list of `total` bytes with empty entries at a place. */
export function layoutWithEmpty(
  place: (typeof EMPTY_PLACES)[number],
  total: number,
  base: number,
): Segment[] {
  const empty: Segment = { page: base + 3, offset: 64, length: 0 };
  const [head, ...rest] = pieces(total, base, [
    [Math.min(total, 10), 0, 0],
    [total, 1, 30],
  ]);
  if (place === 'first') return [empty, head, ...rest];
  if (place === 'last') return [head, ...rest, empty];
  const between = place === 'middle' ? [empty] : [empty, { ...empty, offset: 128 }];
  return [head, ...between, ...rest];
}
