/**
 * The three ways to describe a buffer to a driver, as the lifetimes report compares them.
 *
 * They differ in one thing: what is left of the caller's pointer when the driver gets to work. A
 * scatterlist and a bio_vec have a page and an offset; a pointer made from them has the tag of the
 * page, as `page_address` gives it. An iterator that is lowered late still has the caller's pointer.
 * @module
 */

import { type IovIter, ITER_DEST, iovIterKvec } from '../../converted/iter/iov-iter.ts';
import { iovIterAdvance } from '../../converted/iter/position.ts';
import {
  type LowerPolicy,
  listAt,
  listClear,
  listLen,
  newList,
} from '../../converted/lower/list.ts';
import { iovIterLower } from '../../converted/lower/lower.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitOne,
  sgNext,
  sgPage,
} from '../../legacy/lists/scatterlist.ts';
import { scatterwalkFfwd } from '../../legacy/walk/scatterwalk.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { kasanPageToVirt } from '../../src/machine/translate.ts';
import { offsetInPage, physAddr, type VirtAddr, virtAddr } from '../../src/units.ts';

/** What a driver does its work through: a pointer, and how far it goes. */
export interface Piece {
  readonly address: VirtAddr;
  readonly len: number;
}

/** One buffer, described. */
export interface Description {
  /** Hands the buffer behind its first `skip` bytes to a driver. */
  submit(skip: number): void;
  /** The driver's view of what was submitted. */
  pieces(): Piece[];
  /** What a cleanup that has only the description would free. */
  pointer(): VirtAddr;
}

export type RepresentationName = 'scatterlist' | 'bio_vec, early' | 'iov_iter, late';

export interface Representation {
  readonly name: RepresentationName;
  readonly describe: (machine: Machine, buffer: VirtAddr, len: number) => Description;
}

export const REPRESENTATIONS: readonly Representation[] = [
  { name: 'scatterlist', describe: describeScatterlist },
  { name: 'bio_vec, early', describe: (...args) => describeIterator('early', ...args) },
  { name: 'iov_iter, late', describe: (...args) => describeIterator('late', ...args) },
];

function describeScatterlist(machine: Machine, buffer: VirtAddr, len: number): Description {
  const [sg] = sgAlloc(1) as [Scatterlist];
  const [rest] = sgAlloc(2) as [Scatterlist];
  sgInitOne(machine, sg, buffer, len);
  let submitted: Scatterlist | null = sg;
  const addressOf = (entry: Scatterlist): VirtAddr =>
    virtAddr(kasanPageToVirt(machine, sgPage(entry)) + entry.offset);
  return {
    submit(skip) {
      submitted = scatterwalkFfwd(rest, sg, skip);
    },
    pieces() {
      const pieces: Piece[] = [];
      for (let entry = submitted; entry !== null; entry = sgNext(entry)) {
        pieces.push({ address: addressOf(entry), len: entry.length });
      }
      return pieces;
    },
    pointer: () => addressOf(sg),
  };
}

function describeIterator(
  policy: LowerPolicy,
  machine: Machine,
  buffer: VirtAddr,
  len: number,
): Description {
  const iter: IovIter<'dest'> = iovIterKvec(machine, ITER_DEST, [{ base: buffer, len }], 1, len);
  const list = newList(machine, policy, 16);
  const addressOf = (at: number): VirtAddr => {
    if (policy === 'late') return virtAddr(at);
    const phys = physAddr(at);
    return virtAddr(kasanPageToVirt(machine, physToPfn(phys)) + offsetInPage(at));
  };
  let first = 0;
  return {
    submit(skip) {
      iovIterAdvance(iter, skip);
      listClear(list);
      const err = iovIterLower(list, iter, iter.count);
      if (err !== 0) throw new Error(`lowering failed: ${err}`);
      first = listAt(list, 0) - skip;
    },
    pieces: () =>
      Array.from({ length: list.nr }, (_, i) => ({
        address: addressOf(listAt(list, i)),
        len: listLen(list, i),
      })),
    pointer: () => addressOf(first),
  };
}
