/**
 * sg_split as it is, with its faults, and as its comment says.
 *
 * Fault 1: a `skip` equal to the length of an entry keeps that entry, with length 0. Fault 2: when the
 * last output ends inside an entry that others follow, the count of outputs goes below 0, the loop
 * does not stop, and trailing entries are attached with a last length of 0, so that the true last
 * entry is not trimmed. Fault 3: without NEED_SG_DMA_LENGTH `sg_dma_len` is `length`, so clearing it
 * empties all entries but the last of each output.
 * C: lib/sg_split.c (6.1)
 * @module
 */
import { EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { dmaAddr, type VirtAddr } from '../../src/units.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgCopyEntry,
  sgInitEntries,
  sgMarkEnd,
  sgNents,
  sgNext,
  sgPage,
  sgSetPage,
} from './scatterlist.ts';
import { SCATTERLIST_SIZE } from './sg-table.ts';

/** One output: its array, which the caller frees with `sgSplitFree`. @kernel none: an element of out[] */
export interface SgSplitOutput {
  readonly sgl: Scatterlist[];
  readonly memory: VirtAddr;
}

interface Splitter {
  inSg0: Scatterlist | null;
  nents: number;
  skipSg0: number;
  lengthLastSg: number;
}

/**
 * Splits `list` into one output per element of `sizes`, from byte `skip` on, faults included.
 * @returns the outputs, -EINVAL when there is not enough data or nothing selected, -ENOMEM.
 * @kernel sg_split
 */
export function sgSplit(
  machine: Machine,
  list: Scatterlist,
  skip: number,
  sizes: readonly number[],
): SgSplitOutput[] | Errno {
  const splitters = calculateSplit(list, skip, sizes);
  if (typeof splitters === 'number') return splitters;
  const outputs = allocate(
    machine,
    splitters.map(({ nents }) => nents),
  );
  if (typeof outputs === 'number') return outputs;
  for (const [i, split] of splitters.entries()) splitPhys(split, outputs[i].sgl);
  return outputs;
}

/** The same without the faults: exactly the wanted bytes, no empty entries. @kernel none: what sg_split means */
export function sgSplitFixed(
  machine: Machine,
  list: Scatterlist,
  skip: number,
  sizes: readonly number[],
): SgSplitOutput[] | Errno {
  const pieces = cutPieces(list, skip, sizes);
  if (pieces === null) return -EINVAL;
  const outputs = allocate(
    machine,
    pieces.map((piece) => piece.length),
  );
  if (typeof outputs === 'number') return outputs;
  for (const [i, piece] of pieces.entries()) {
    const { sgl } = outputs[i];
    sgInitEntries(sgl[0], sgl.length);
    for (const [j, { sg, at, len }] of piece.entries()) {
      sgSetPage(sgl[j], sgPage(sg), len, sg.offset + at);
    }
  }
  return outputs;
}

/** @kernel none: kfree of an output */
export function sgSplitFree(machine: Machine, output: SgSplitOutput): void {
  machine.slab.kfree(output.memory);
}

function calculateSplit(
  list: Scatterlist,
  skipBytes: number,
  sizes: readonly number[],
): Splitter[] | Errno {
  const splitters = sizes.map(
    (): Splitter => ({ inSg0: null, nents: 0, skipSg0: 0, lengthLastSg: 0 }),
  );
  let left = sizes.length;
  let at = 0;
  let size = sizes[0];
  let skip = skipBytes;
  const nents = sgNents(list);
  let sg: Scatterlist | null = list;
  for (let i = 0; i < nents && sg !== null; i++, sg = sgNext(sg)) {
    if (skip > sg.length) {
      skip -= sg.length; // fault 1: not >=
      continue;
    }
    let len = Math.min(size, sg.length - skip);
    const curr = splitters[at];
    if (curr.inSg0 === null) {
      curr.inSg0 = sg;
      curr.skipSg0 = skip;
    }
    size -= len;
    curr.nents++;
    curr.lengthLastSg = len;
    while (size === 0 && skip + len < sg.length && --left > 0) {
      size = sizes[++at];
      skip += len;
      len = Math.min(size, sg.length - skip);
      splitters[at] = { inSg0: sg, nents: 1, skipSg0: skip, lengthLastSg: len };
      size -= len;
    }
    skip = 0;
    if (size === 0 && --left > 0) size = sizes[++at];
    if (left === 0) break; // fault 2: may have gone below 0
  }
  return size > 0 || splitters[0].inSg0 === null ? -EINVAL : splitters;
}

function splitPhys(split: Splitter, out: readonly Scatterlist[]): void {
  let sg = split.inSg0;
  for (let j = 0; j < split.nents && sg !== null; j++, sg = sgNext(sg)) {
    sgCopyEntry(out[j], sg);
    if (j === 0) {
      out[j].offset += split.skipSg0;
      out[j].length -= split.skipSg0;
    }
    out[j].dmaAddress = dmaAddr(0);
    out[j].dmaLength = 0;
    out[j].length = 0; // fault 3: the same member
  }
  const last = out[split.nents - 1];
  last.length = split.lengthLastSg;
  sgMarkEnd(last);
}

interface Piece {
  readonly sg: Scatterlist;
  readonly at: number;
  readonly len: number;
}

function cutPieces(list: Scatterlist, skip: number, sizes: readonly number[]): Piece[][] | null {
  let sg: Scatterlist | null = list;
  let at = skip;
  const pieces: Piece[][] = [];
  for (const size of sizes) {
    const piece: Piece[] = [];
    let left = size;
    while (left > 0) {
      while (sg !== null && at >= sg.length) {
        at -= sg.length;
        sg = sgNext(sg);
      }
      if (sg === null) return null;
      const len = Math.min(left, sg.length - at);
      piece.push({ sg, at, len });
      at += len;
      left -= len;
    }
    if (piece.length === 0) return null;
    pieces.push(piece);
  }
  return pieces;
}

function allocate(machine: Machine, nents: readonly number[]): SgSplitOutput[] | Errno {
  const outputs: SgSplitOutput[] = [];
  for (const n of nents) {
    const memory = machine.slab.kmalloc(n * SCATTERLIST_SIZE, 'sg_split');
    if (memory === null) {
      for (const output of outputs) sgSplitFree(machine, output);
      return -ENOMEM;
    }
    outputs.push({ sgl: sgAlloc(n), memory });
  }
  return outputs;
}
