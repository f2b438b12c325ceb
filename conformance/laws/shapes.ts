/**
 * The layouts over which laws compare: named ones, and random cuts into pieces that are mostly shorter
 * than a block. A law samples, it does not exhaust: the campaign runs for longer.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { Layout, MemoryKind, Segment } from '../case/case.ts';
import { fitLengths, LAYOUTS } from '../case/layout.ts';

/** Texts longer than the converted walk gathers at once, and than any page of the old one. */
export const LONG: number = 1 << 16;

/** Pieces of a random cut. */
const PIECES = 6;

/** Kinds of memory that a piece may lie in; ordinary pages more often than the rest. */
const KINDS: readonly MemoryKind[] = ['page', 'page', 'next', 'slab', 'cache', 'vmalloc', 'user'];

/** One piece for the source and one for the destination: what other layouts are compared with. */
export function plainLayout(source: number, target: number | null): Layout {
  const piece = (len: number): Segment[] => [{ kind: 'page', offset: 0, len }];
  return { inplace: 'no', src: piece(source), dst: target === null ? [] : piece(target), chain: 0 };
}

/** `named` of the named layouts, then each way of placing once, cut at random. */
export function sampleLayouts(
  prng: Prng,
  source: number,
  target: number | null,
  named: number,
): Layout[] {
  const layouts = Array.from({ length: named }, () =>
    fitLengths(prng.pick(LAYOUTS), source, target),
  );
  const ways = target === null ? (['no'] as const) : (['no', 'same', 'twin'] as const);
  return [...layouts, ...ways.map((way) => randomLayout(prng, way, source, target))];
}

/** A layout whose lists are cut at random. */
export function randomLayout(
  prng: Prng,
  inplace: Layout['inplace'],
  source: number,
  target: number | null,
): Layout {
  const chain = prng.oneIn(3) ? prng.between(2, 4) : 0;
  if (inplace === 'no') {
    const dst = target === null ? [] : randomCut(prng, target);
    return { inplace, src: randomCut(prng, source), dst, chain };
  }
  const room = Math.max(source, target ?? 0);
  const dst = inplace === 'twin' ? randomCut(prng, room) : [];
  return { inplace, src: randomCut(prng, room), dst, chain };
}

/** The same layout with empty segments in front, behind, and between, one or two at a place. */
export function withEmpties(prng: Prng, layout: Layout): Layout {
  const { src, dst } = layout;
  return {
    ...layout,
    src: sprinkle(prng, src),
    dst: dst.length === 0 ? dst : sprinkle(prng, dst),
  };
}

function randomCut(prng: Prng, total: number): Segment[] {
  const segments: Segment[] = [];
  let left = total;
  for (let i = 0; left > 0 || i === 0; i++) {
    const len = i === PIECES - 1 ? left : Math.min(left, prng.between(1, 1 + total / 3));
    const kind = i === 0 ? 'page' : prng.pick(KINDS);
    const offset = prng.oneIn(3) ? PAGE_SIZE - prng.between(1, 20) : prng.below(70);
    segments.push({ kind, offset, len: Math.floor(len) });
    left -= Math.floor(len);
  }
  return segments;
}

/** Empty segments; the first and the last place always get some. */
function sprinkle(prng: Prng, segments: readonly Segment[]): Segment[] {
  const out: Segment[] = [];
  const add = (): void => {
    for (let n = prng.between(1, 2); n > 0; n--) {
      out.push({ kind: prng.pick(KINDS.filter((kind) => kind !== 'next')), offset: 9, len: 0 });
    }
  };
  for (const [i, segment] of segments.entries()) {
    // A segment that follows another in one allocation cannot be parted from it.
    if (i === 0 || (segment.kind !== 'next' && prng.oneIn(2))) add();
    out.push(segment);
  }
  add();
  return out;
}
