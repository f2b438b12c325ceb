/**
 * Memory of a caller as a list, as kvecs, and as bio_vecs: what the recipes build.
 * @module
 */
import { iovIterExtractBvecs } from '../../converted/iter/bvecs.ts';
import { type IovIter, iovIterBvec, iovIterKvec } from '../../converted/iter/iov-iter.ts';
import { ITER_SOURCE } from '../../converted/iter/types.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgInitTable,
  sgSetBuf,
} from '../../legacy/lists/scatterlist.ts';
import type { BioVec } from '../../src/bvec.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type Buffer, done, lengthOf } from './recipe.ts';

/** `sg_init_table`, and `sg_set_buf` for each. */
export function listOf(machine: Machine, buffers: readonly Buffer[]): Scatterlist[] {
  const table = sgAlloc(buffers.length);
  sgInitTable(table, buffers.length);
  for (const [i, { base, len }] of buffers.entries()) sgSetBuf(machine, table[i], base, len);
  return table;
}

/** The buffers are kvecs as they are. */
export function kvecIter(machine: Machine, buffers: readonly Buffer[]): IovIter<'source'> {
  return iovIterKvec(machine, ITER_SOURCE, buffers, buffers.length, lengthOf(buffers));
}

/** `bvec_set_virt` for each. */
export function bvecsOf(buffers: readonly Buffer[]): BioVec[] {
  return buffers.map(({ base, len }) => ({ phys: linearToPhys(base), len, flags: 0 }));
}

export function bvecIter(machine: Machine, bvecs: readonly BioVec[]): IovIter<'source'> {
  const len = bvecs.reduce((sum, bvec) => sum + bvec.len, 0);
  return iovIterBvec(machine, ITER_SOURCE, bvecs, bvecs.length, len);
}

const MOST_BVECS = 64;

/** All bytes of an iterator as bio_vecs. An extraction gives what is contiguous; kernel memory is not pinned. */
export function extracted(iter: IovIter<'source'>, len: number): BioVec[] {
  const bvecs: BioVec[] = [];
  for (let at = 0; at < len; ) {
    const size = iovIterExtractBvecs(iter, bvecs, len - at, MOST_BVECS, 0);
    done(Math.min(size, 0));
    at += size;
  }
  return bvecs;
}
