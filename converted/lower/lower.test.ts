/**
 * Goal: lowering merges what lies together, and only what may be used in the same way, in highmem within a page.
 * Method: neighbours in memory with and without flags of their own; a folio with and without highmem.
 */
import { expect, test } from 'vitest';
import {
  type BioVec,
  BVEC_NO_PAGE,
  BVEC_READONLY,
  BvecList,
  bvecEntries,
  bvecSet,
} from '../../src/bvec.ts';
import { must } from '../../src/machine/access.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { PAGE_SIZE, physAddr } from '../../src/units.ts';
import { ITER_SOURCE, iovIterBvec, iovIterBvecList } from '../iter/iov-iter.ts';
import { iovIterList, iovIterLower } from './lower.ts';

test('neighbours are merged when their flags are equal, and not otherwise', () => {
  const machine = new Machine({ memory: 1 << 22 });
  const start = linearToPhys(must(machine.slab.kmalloc(64, 'test')));
  const flags = [0, 0, BVEC_READONLY, BVEC_READONLY, BVEC_NO_PAGE, 0];
  const bvec: BioVec[] = flags.map((flag, k) => ({
    phys: physAddr(start + 10 * k),
    len: 10,
    flags: flag,
  }));
  const list = new BvecList();
  expect(iovIterLower(list, iovIterBvec(machine, ITER_SOURCE, bvec, 6, 60), 60)).toBe(0);
  expect(bvecEntries(list)).toEqual([
    { phys: start, len: 20, flags: 0 },
    { phys: start + 20, len: 20, flags: BVEC_READONLY },
    { phys: start + 40, len: 10, flags: BVEC_NO_PAGE },
    { phys: start + 50, len: 10, flags: 0 },
  ]);
});

test.each(['bio_vecs', 'a list that the caller keeps'])(
  'in highmem an entry lies in one page, else as far as memory goes on: %s',
  (what) => {
    const machine = new Machine({ memory: 1 << 22 });
    const start = physAddr(pageAddress(must(machine.allocPages(2, 'test')), 100));
    const len = 3 * PAGE_SIZE;
    const kept = new BvecList();
    bvecSet(kept, start, len);
    const iter =
      what === 'bio_vecs'
        ? iovIterBvec(machine, ITER_SOURCE, [{ phys: start, len, flags: 0 }], 1, len)
        : iovIterBvecList(machine, ITER_SOURCE, kept);
    const lengths = (): number[] => {
      const list = iovIterList(new BvecList(), iter, len);
      if (!(list instanceof BvecList)) throw new Error('no list');
      return bvecEntries(list).map((entry) => entry.len);
    };
    expect(lengths()).toEqual([len]);
    machine.high = new Uint8Array(machine.mem.frames).fill(1);
    expect(lengths()).toEqual([PAGE_SIZE - 100, PAGE_SIZE, PAGE_SIZE, 100]);
    expect(bvecEntries(kept)).toHaveLength(1);
  },
);
