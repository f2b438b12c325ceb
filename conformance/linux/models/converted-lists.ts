/**
 * Iterators over the memory of a text case: kmalloc and vmalloc memory by its virtual addresses, all
 * other memory by pages (user memory was pinned by its owner), a chain where kinds or tables meet.
 * @module
 */
import {
  type Direction,
  type IovIter,
  iovIterBvec,
  iovIterChain,
  iovIterCopy,
  iovIterCount,
  iovIterKvec,
  type Kvec,
} from '../../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../../converted/iter/position.ts';
import type { BioVec } from '../../../src/bvec.ts';
import { pfnToPhys } from '../../../src/machine/phys-mem.ts';
import { physAddr, virtAddr } from '../../../src/units.ts';
import { PAGE_SIZE, type Segment } from '../text/case.ts';
import type { Arena, Piece } from './arena.ts';

/** Misuse is what some cases are about: it is answered, not thrown. */
const LENIENT = false;

/** A run of neighbours that one iterator describes. */
interface Part {
  readonly bvec: BioVec[];
  readonly kvec: Kvec[];
}

/** An iterator, and how its segments looked when it was made. */
export interface BuiltIter<D extends Direction> {
  readonly iter: IovIter<D>;
  /** Has an operation moved it or written to its segments? */
  readonly changed: () => boolean;
}

/** The segments of a list up to its first end mark, as an iterator. */
export function buildIter<D extends Direction>(
  arena: Arena,
  direction: D,
  segments: readonly Segment[],
): BuiltIter<D> {
  const parts: Part[] = [];
  for (const segment of segments) {
    for (const [i, piece] of arena.pieces(segment).entries())
      append(arena, parts, piece, segment.newTable === true && i === 0);
    if (segment.endMark === true) break;
  }
  const { machine } = arena;
  const iters = parts.map(({ bvec, kvec }) =>
    kvec.length > 0
      ? iovIterKvec(machine, direction, kvec, kvec.length, total(kvec), LENIENT)
      : iovIterBvec(machine, direction, bvec, bvec.length, total(bvec), LENIENT),
  );
  const count = iters.reduce((sum, iter) => sum + iovIterCount(iter), 0);
  const iter =
    iters.length === 1 ? iters[0] : iovIterChain(machine, direction, iters, count, LENIENT);
  const before = stateOf(iter, parts);
  return { iter, changed: () => stateOf(iter, parts) !== before };
}

/** The same iterator, `skip` bytes further on; at its end if it has fewer. */
export function behind<D extends Direction>(iter: IovIter<D>, skip: number): IovIter<D> {
  const copy = iovIterCopy(iter);
  iovIterAdvance(copy, Math.min(skip, iovIterCount(copy)));
  return copy;
}

function total(segments: readonly { readonly len: number }[]): number {
  return segments.reduce((sum, { len }) => sum + len, 0);
}

function append(arena: Arena, parts: Part[], piece: Piece, newPart: boolean): void {
  const { index, page, offset, length: len } = piece;
  const held = arena.backings.at(index);
  const virt = held?.virt ?? null;
  const last = parts.at(-1);
  const fits = last !== undefined && !newPart && last.kvec.length > 0 === (virt !== null);
  const part = fits ? last : { bvec: [], kvec: [] };
  if (!fits) parts.push(part);
  if (held !== null && virt !== null) {
    const base = virtAddr(virt + (index - held.backing.first) * PAGE_SIZE + offset);
    part.kvec.push({ base, len });
  } else part.bvec.push({ phys: physAddr(pfnToPhys(page) + offset), len, flags: 0 });
}

function stateOf(iter: IovIter, parts: readonly Part[]): string {
  const { count, iovOffset, seg, nrSegs } = iter;
  return JSON.stringify([count, iovOffset, seg, nrSegs, parts]);
}
