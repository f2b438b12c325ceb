/**
 * Segments of a layout as entries over regions of whole pages, each physically contiguous.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import type { Segment } from '../case/case.ts';

/** Bytes of one region. */
export interface Entry {
  readonly region: number;
  readonly offset: number;
  readonly len: number;
}

/** Offsets of slab objects are below this, as where a case is placed. */
const SLAB_ALIGN = 64;

/**
 * One region for each segment, and the same one for its neighbours of kind `next`. What is virtually
 * contiguous only becomes an entry for each page, as a caller makes them.
 * @param first number of the first region
 * @returns the pages of each region, and the entries
 */
export function entriesOf(
  segments: readonly Segment[],
  first: number,
): { readonly regions: readonly number[]; readonly entries: readonly Entry[] } {
  const regions: number[] = [];
  const entries: Entry[] = [];
  let at = 0;
  let split = false;
  for (const { kind, offset, len } of segments) {
    if (kind === 'next') at += offset;
    else {
      split = kind === 'vmalloc' || kind === 'user';
      at = kind === 'slab' ? offset % SLAB_ALIGN : split ? offset % PAGE_SIZE : offset;
      regions.push(0);
    }
    const region = first + regions.length - 1;
    for (let done = 0; done < len; ) {
      const room = split ? PAGE_SIZE - ((at + done) % PAGE_SIZE) : len;
      const part = Math.min(len - done, room);
      entries.push({ region, offset: at + done, len: part });
      done += part;
    }
    at += len;
    regions[regions.length - 1] = Math.max(1, Math.ceil(at / PAGE_SIZE));
  }
  return { regions, entries };
}

/** The memory of some entries cut at other places. Lengths add up to no more than theirs. */
export function resplitEntries(
  entries: readonly Entry[],
  lengths: readonly number[],
): readonly Entry[] {
  const out: Entry[] = [];
  let k = 0;
  let skip = 0;
  for (const wanted of lengths) {
    for (let left = wanted; left > 0; ) {
      const entry = entries[k];
      assert(entry !== undefined, 'two lists over the same memory');
      const part = Math.min(left, entry.len - skip);
      out.push({ region: entry.region, offset: entry.offset + skip, len: part });
      left -= part;
      skip += part;
      if (skip < entry.len) continue;
      k++;
      skip = 0;
    }
  }
  return out;
}
