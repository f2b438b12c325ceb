/**
 * The bridges between a scatterlist and the other descriptions of memory, each in one place.
 *
 * What is lost: a list cannot describe memory without struct page, nor say that memory must not be
 * written; a bio_vec list has no entries of length 0, no END marks and no DMA fields.
 * C: lib/scatterlist.c extract_iter_to_sg (6.5), and ours
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  BVEC_NO_PAGE,
  BVEC_READONLY,
  type BvecList,
  bvecAppendMerged,
  bvecLen,
  bvecPhys,
} from '../../src/bvec.ts';
import { EFAULT, EINVAL, EMSGSIZE, EOPNOTSUPP, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PG_DIRTY } from '../../src/machine/page.ts';
import { physToPfn } from '../../src/machine/phys-mem.ts';
import { offsetInPage, type Pfn, pagesSpanned, pfn } from '../../src/units.ts';
import { type Scatterlist, sgInitTable, sgNext, sgPage, sgPhys, sgSetPage } from './scatterlist.ts';
import type { SgTable } from './sg-table.ts';

/**
 * Appends the first `len` bytes of a scatterlist to a list of bio_vecs, merging what is contiguous.
 * @returns 0; -EINVAL when the list is shorter, and then nothing is appended.
 * @kernel none: a converted caller's lowering of a list that it still has
 */
export function sgToBvec(sg: Scatterlist | null, len: number, list: BvecList): Errno {
  let left = len;
  for (let at = sg; at !== null && left > 0; at = sgNext(at)) left -= at.length;
  if (left > 0) return -EINVAL;
  left = len;
  for (let at = sg; at !== null && left > 0; at = sgNext(at)) {
    const part = Math.min(at.length, left);
    bvecAppendMerged(list, sgPhys(at), part, 0);
    left -= part;
  }
  return 0;
}

/**
 * Describes a list of bio_vecs in `table`, one entry each, with an END mark.
 * @returns the entries; -EOPNOTSUPP for memory without struct page, -EINVAL for an empty list, -EFAULT
 *   for memory that must not be written when `write`, -EMSGSIZE when the table is too short. Then the
 *   table is untouched.
 * @kernel none: the shim of a driver that knows scatterlists only
 */
export function bvecToSg(list: BvecList, write: boolean, table: Scatterlist[]): number | Errno {
  if (list.nr === 0) return -EINVAL;
  for (let i = 0; i < list.nr; i++) {
    if ((list.flags[i] & BVEC_NO_PAGE) !== 0) return -EOPNOTSUPP;
    if (write && (list.flags[i] & BVEC_READONLY) !== 0) return -EFAULT;
  }
  if (list.nr > table.length) return -EMSGSIZE;
  sgInitTable(table, list.nr);
  for (let i = 0; i < list.nr; i++) {
    const at = bvecPhys(list, i);
    sgSetPage(table[i], physToPfn(at), bvecLen(list, i), offsetInPage(at));
  }
  return list.nr;
}

/** A run of bytes in consecutive pages that was taken from an iterator. @kernel none: what an extraction step gives */
export interface ExtractedRun {
  readonly page: Pfn;
  readonly offset: number;
  readonly len: number;
}

/**
 * Appends extracted runs to a table, behind the `table.nents` entries that it has, at most `sgMax` of
 * them in this call; empty runs are dropped. The caller has extracted the runs from its iterator, and pinned them if
 * that iterator was backed by user memory.
 *
 * It sets no END mark and does not touch `origNents`. The cleanup contract: `nents` says what is
 * filled, and the caller gives exactly those entries to `sgReleaseExtracted` when nobody uses them any
 * more, whatever came of the operation.
 * @returns bytes appended: fewer than there are when `sgMax` entries are filled.
 * @kernel extract_iter_to_sg
 */
export function extractIterToSg(
  runs: readonly ExtractedRun[],
  maxsize: number,
  table: SgTable,
  sgMax: number,
): number {
  const last = table.nents + sgMax;
  let done = 0;
  for (const { page, offset, len } of runs) {
    const part = Math.min(len, maxsize - done);
    if (part === 0) continue;
    if (table.nents >= last) break;
    const sg = table.sgl?.table[table.sgl.index + table.nents];
    if (sg === undefined) throw new KernelBug('extraction behind the array', { sgMax });
    sgSetPage(sg, page, part, offset);
    table.nents++;
    done += part;
  }
  return done;
}

/**
 * Gives back what an extraction took: unpins the pages of the first `nents` entries, as dirty ones
 * when the memory was written.
 * @throws KernelBug for more entries than were filled: it would unpin somebody else's pages.
 * @kernel none: the loops of af_alg_free_sg and netfs_cleanup_buffers
 */
export function sgReleaseExtracted(
  machine: Machine,
  table: SgTable,
  nents: number,
  dirty: boolean,
): void {
  if (nents > table.nents)
    throw new KernelBug('unpin of entries that were not extracted', { nents });
  for (let i = 0; i < nents; i++) {
    const sg = table.sgl?.table[table.sgl.index + i];
    if (sg === undefined) throw new KernelBug('release behind the array', { nents });
    const first = sgPage(sg);
    for (let p = 0; p < pagesSpanned(sg.offset, sg.length); p++) {
      const page = pfn(first + p);
      if (dirty) machine.pages.set(page, PG_DIRTY);
      machine.unpinPage(page);
    }
  }
  table.nents -= nents;
}
