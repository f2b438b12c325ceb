/**
 * Goal: lowering merges what lies together, and only what may be used in the same way.
 * Method: neighbours in memory with and without flags of their own.
 */
import { expect, test } from 'vitest';
import { type BioVec, BVEC_NO_PAGE, BVEC_READONLY, BvecList, bvecEntries } from '../../src/bvec.ts';
import { must } from '../../src/machine/access.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { physAddr } from '../../src/units.ts';
import { ITER_SOURCE, iovIterBvec } from '../iter/iov-iter.ts';
import { iovIterLower } from './lower.ts';

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
