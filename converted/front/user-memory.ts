/**
 * What a caller of the core with user memory must do: extract, which pins, submit bio_vecs, and unpin
 * after completion, whatever the outcome. The core itself never takes a reference or a pin.
 * @module
 */
import type { BioVec } from '../../src/bvec.ts';
import { EFAULT, type Errno } from '../../src/errno.ts';
import { type Machine, pageAddress } from '../../src/machine/machine.ts';
import { PG_DIRTY } from '../../src/machine/page.ts';
import { MAX_RW_COUNT, PAGE_SIZE, type Pfn } from '../../src/units.ts';
import { type ExtractedPages, iovIterExtractPages } from '../iter/extract.ts';
import type { IovIter } from '../iter/iov-iter.ts';
import { iovIterExtractWillPin } from '../iter/query.ts';

/** Pages of one extraction; a bound on scratch, not on what can be pinned. */
const PAGES_AT_ONCE = 256;

/** Memory as bio_vecs, and which pages are pinned. @kernel none, netfs_extract_user_iter returns an iterator */
export interface PinnedVecs {
  readonly bvec: BioVec[];
  readonly pages: Pfn[];
}

/**
 * Extracts all that an iterator has left, of any type but DISCARD, and moves it to its end. One bio_vec
 * per page: neighbours are merged when they are lowered. Only user pages are pinned.
 * @returns 0; or an error of the extraction, and then nothing stays pinned. @kernel none
 */
export function pinUserMemory(i: IovIter, out: PinnedVecs): Errno {
  const some: ExtractedPages = { pages: [], offset0: 0 };
  while (i.count > 0) {
    const pins = iovIterExtractWillPin(i);
    const got = iovIterExtractPages(i, some, MAX_RW_COUNT, PAGES_AT_ONCE);
    if (got <= 0) {
      unpinUserMemory(i.machine, out, false);
      return got === 0 ? -EFAULT : got;
    }
    let offset = some.offset0;
    let left = got;
    for (const page of some.pages) {
      const len = Math.min(PAGE_SIZE - offset, left);
      out.bvec.push({ phys: pageAddress(page, offset), len, flags: 0 });
      if (pins) out.pages.push(page);
      left -= len;
      offset = 0;
    }
  }
  return 0;
}

/** @kernel unpin_user_pages_dirty_lock */
export function unpinUserPagesDirtyLock(
  machine: Machine,
  pages: readonly Pfn[],
  makeDirty: boolean,
): void {
  for (const page of pages) {
    if (makeDirty) machine.pages.set(page, PG_DIRTY);
    machine.unpinPage(page);
  }
}

/** Undoes `pinUserMemory`. @param written the pages may have been written to. @kernel none */
export function unpinUserMemory(machine: Machine, pinned: PinnedVecs, written: boolean): void {
  unpinUserPagesDirtyLock(machine, pinned.pages, written);
  pinned.pages.length = 0;
  pinned.bvec.length = 0;
}
