/**
 * Cases of the structural tier: lists, and what is done with positions in them. No bytes lie behind the
 * addresses, so a case costs nothing but the lists, and addresses reach to the end of what a list can name.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';

/** A range of memory by its offset from the first byte. */
export interface Piece {
  readonly offset: number;
  readonly len: number;
}

export const MOVES = ['advance', 'revert', 'truncate', 'reexpand', 'save', 'restore'] as const;

/** A change of the position; `amount` is cut to what the move may take. */
export interface Move {
  readonly what: (typeof MOVES)[number];
  readonly amount: number;
}

export interface StructureCase {
  readonly src: readonly Piece[];
  /** Other memory, the same memory cut elsewhere, or the same memory a little further on. */
  readonly dst: readonly Piece[];
  /** Slots of one table; 0 for one table of all entries. */
  readonly chunk: number;
  /** Entries of one part of a chain of iterators. */
  readonly part: number;
  /** A range of the source; now and then one that ends behind it. */
  readonly skip: number;
  readonly len: number;
  readonly moves: readonly Move[];
}

/** Where entries lie: low, and round the borders of 31 and of 32 bits. */
const BASES: readonly number[] = [0, 2 ** 20, 2 ** 31 - 2 ** 17, 2 ** 32 - 2 ** 18];
/** They lie within so many bytes: often adjacent, now and then the same twice. */
const WINDOW = 2 ** 17;
const COUNTS: readonly number[] = [1, 1, 2, 3, 4, 8, 8, 40];
const LENGTHS: readonly number[] = [2, 17, 65, 300, 3 * PAGE_SIZE];
const MOST_MOVES = 6;

/** Draws cases; it keeps only the generator's own state. */
export class StructureGenerator {
  private readonly prng = new Prng(0);

  /** Case `number` of `seed`: the same at every time, in every order. */
  at(seed: number, number: number): StructureCase {
    const { prng } = this;
    prng.reseed((seed * 0x9e3779b1 + number * 0x85ebca77) % 2 ** 48);
    // Neighbouring seeds give neighbouring first numbers.
    for (let i = 0; i < 4; i++) prng.u32();
    const base = prng.pick(BASES);
    const src = pieces(prng, base);
    const total = sizeOf(src);
    const skip = prng.below(total + 1);
    const past = prng.oneIn(16) ? prng.between(1, PAGE_SIZE) : 0;
    return {
      src,
      dst: prng.oneIn(3) ? pieces(prng, base) : related(prng, src),
      chunk: prng.oneIn(2) ? prng.between(2, 5) : 0,
      part: prng.between(1, 4),
      skip,
      len: past > 0 ? total - skip + past : prng.below(total - skip + 1),
      moves: Array.from({ length: prng.below(MOST_MOVES + 1) }, () => ({
        what: prng.pick(MOVES),
        amount: prng.oneIn(4) ? prng.below(4) : prng.below(total + 2),
      })),
    };
  }
}

export function sizeOf(list: readonly Piece[]): number {
  let size = 0;
  for (const { len } of list) size += len;
  return size;
}

function pieces(prng: Prng, base: number): Piece[] {
  const list: Piece[] = [];
  let end = base + prng.below(WINDOW / 2);
  for (let left = prng.pick(COUNTS); left > 0; left--) {
    const len = prng.oneIn(6) ? 0 : prng.below(prng.pick(LENGTHS));
    const isNext = prng.oneIn(3) && end + len <= base + WINDOW;
    const offset = isNext ? end : base + prng.below(WINDOW - len);
    list.push({ offset, len });
    end = offset + len;
  }
  return list;
}

/** The memory of a list cut at other places, as it is or from one of its first bytes on. */
function related(prng: Prng, list: readonly Piece[]): Piece[] {
  const out: Piece[] = [];
  let skip = prng.oneIn(2) ? 0 : prng.below(sizeOf(list) + 1);
  for (const { offset, len } of list) {
    const from = Math.min(skip, len);
    skip -= from;
    const cut = from + prng.below(len - from + 1);
    if (cut > from) out.push({ offset: offset + from, len: cut - from });
    if (len > cut) out.push({ offset: offset + cut, len: len - cut });
  }
  return out;
}
