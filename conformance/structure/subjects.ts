/**
 * What the structural tier is about: the lists of both APIs, by their own functions.
 * @module
 */
import {
  type IovIter,
  ITER_SOURCE,
  iovIterBvec,
  iovIterBvecList,
  iovIterChain,
  iovIterReexpand,
  iovIterTruncate,
} from '../../converted/iter/iov-iter.ts';
import {
  type IovIterState,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from '../../converted/iter/position.ts';
import { iovIterLower } from '../../converted/lower/lower.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgNext,
  sgSetPage,
} from '../../legacy/lists/scatterlist.ts';
import { sgToBvec } from '../../legacy/lists/sg-bridge.ts';
import {
  ScatterWalk,
  scatterwalkAdvance,
  scatterwalkClamp,
  scatterwalkDone,
  scatterwalkFfwd,
  scatterwalkPhys,
  scatterwalkStart,
} from '../../legacy/walk/scatterwalk.ts';
import { type BioVec, BvecList, bvecClear, bvecFill, bvecLen, bvecPhys } from '../../src/bvec.ts';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PHYS_BASE, physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, physAddr } from '../../src/units.ts';
import type { Move, Piece } from './draw.ts';
import { join } from './flat.ts';

/** A scatterlist of some pieces, in tables of `chunk` slots. Of no pieces: none. */
export function scatterlistOf(pieces: readonly Piece[], chunk: number): Scatterlist | null {
  const room = chunk < 2 || pieces.length <= chunk ? pieces.length : chunk - 1;
  let first: Scatterlist | null = null;
  let previous: Scatterlist[] | null = null;
  for (let at = 0; at < pieces.length; at += room) {
    const count = Math.min(room, pieces.length - at);
    const table = sgAlloc(count + (at + room < pieces.length ? 1 : 0));
    sgInitTable(table, table.length);
    for (let i = 0; i < count; i++) {
      const { offset, len } = pieces[at + i];
      const phys = physAddr(PHYS_BASE + offset);
      sgSetPage(table[i], physToPfn(phys), len, offsetInPage(phys));
    }
    if (previous !== null) sgChain(previous[0], previous.length, table[0]);
    previous = table;
    first ??= table[0];
  }
  return first;
}

/** A part of a scatterlist as a walk meets it, which must have it. */
export function walkRanges(sg: Scatterlist | null, skip: number, len: number): number[] {
  const out: number[] = [];
  if (len === 0) return out;
  const walk = new ScatterWalk();
  scatterwalkStart(walk, scatterwalkFfwd(sgAlloc(2)[0], sg, skip));
  for (let left = len; left > 0; ) {
    const part = scatterwalkClamp(walk, left);
    if (part > 0) join(out, scatterwalkPhys(walk) - PHYS_BASE, part);
    scatterwalkAdvance(walk, part);
    left -= part;
    scatterwalkDone(walk, left);
  }
  return out;
}

/** The lengths of the entries as `sg_next` meets them. */
export function lengthsOf(sg: Scatterlist | null): number[] {
  const out: number[] = [];
  for (let at = sg; at !== null; at = sgNext(at)) out.push(at.length);
  return out;
}

/** Lists that are used again and again. */
export class Lowering {
  private readonly list = new BvecList(64);

  /** A part of a scatterlist as a list of bio_vecs. @returns what refuses it, else null */
  bridged(sg: Scatterlist | null, skip: number, len: number, out: number[]): Errno {
    bvecClear(this.list);
    const rest = len === 0 ? sg : scatterwalkFfwd(sgAlloc(2)[0], sg, skip);
    return this.told(sgToBvec(rest, len, this.list), out);
  }

  /** The next `len` bytes of an iterator. */
  lowered(iter: IovIter, len: number, out: number[]): Errno {
    bvecClear(this.list);
    return this.told(iovIterLower(this.list, iter, len), out);
  }

  private told(err: Errno, out: number[]): Errno {
    const { list } = this;
    out.length = 0;
    for (let k = 0; k < list.nr; k++) join(out, bvecPhys(list, k) - PHYS_BASE, bvecLen(list, k));
    return err;
  }
}

/** A list that its caller keeps. */
export function filled(list: BvecList, pieces: readonly Piece[]): void {
  bvecFill(list, vecsOf(pieces), pieces.length);
}

function vecsOf(pieces: readonly Piece[]): BioVec[] {
  const vecs: BioVec[] = [];
  for (const { offset, len } of pieces) {
    vecs.push({ phys: physAddr(PHYS_BASE + offset), len, flags: 0 });
  }
  return vecs;
}

/** One iterator of each shape over the same pieces. */
export interface Shapes {
  readonly array: IovIter;
  readonly list: IovIter;
  readonly chain: IovIter;
}

/** @param part entries of one part of the chain; @param kept the list that one of them is over */
export function shapesOf(
  machine: Machine,
  pieces: readonly Piece[],
  part: number,
  kept: BvecList,
): Shapes {
  const vecs = vecsOf(pieces);
  const over = (some: readonly BioVec[]): IovIter<'source'> => {
    let count = 0;
    for (const { len } of some) count += len;
    return iovIterBvec(machine, ITER_SOURCE, some, some.length, count);
  };
  const array = over(vecs);
  const parts: IovIter<'source'>[] = [];
  for (let at = 0; at < vecs.length; at += part) parts.push(over(vecs.slice(at, at + part)));
  return {
    array,
    list: iovIterBvecList(machine, ITER_SOURCE, kept),
    chain: iovIterChain(machine, ITER_SOURCE, parts, array.count),
  };
}

/** Moves an iterator. @returns the saved position */
export function moved(
  iter: IovIter,
  what: Move['what'],
  amount: number,
  saved: IovIterState,
): IovIterState {
  switch (what) {
    case 'advance':
      iovIterAdvance(iter, amount);
      return saved;
    case 'revert':
      iovIterRevert(iter, amount);
      return saved;
    case 'truncate':
      iovIterTruncate(iter, amount);
      return saved;
    case 'reexpand':
      iovIterReexpand(iter, amount);
      return saved;
    case 'save':
      return iovIterSaveState(iter);
    case 'restore':
      iovIterRestore(iter, saved);
      return saved;
  }
}
