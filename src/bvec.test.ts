/**
 * Goal: bio_vec lists describe exactly the bytes that were put in, merge what may be merged, and slice.
 * Method: every list against the flat sequence of its addresses.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BVEC_NO_PAGE,
  BVEC_READONLY,
  BvecList,
  bvecAppend,
  bvecAppendMerged,
  bvecClear,
  bvecCopy,
  bvecEntries,
  bvecMergeable,
  bvecSlice,
} from './bvec.ts';
import { physAddr } from './units.ts';

const entry = fc.record({
  at: fc.nat(40).map((n) => 0x1_0000_0000 + n * 4),
  len: fc.nat(3).map((n) => n * 4),
  flags: fc.constantFrom(0, 0, BVEC_READONLY, BVEC_NO_PAGE),
});
const entries = fc.array(entry, { maxLength: 40 });

/** One element per byte: its address and flags. */
function flat(list: BvecList): string[] {
  return bvecEntries(list).flatMap(({ phys, len, flags }) =>
    Array.from({ length: len }, (_, i) => `${phys + i}/${flags}`),
  );
}

test('appending keeps every byte in order, merged or not, and drops empty ranges', () => {
  fc.assert(
    fc.property(entries, (ranges) => {
      const plain = new BvecList(1);
      const merged = new BvecList(1);
      for (const { at, len, flags } of ranges) {
        bvecAppend(plain, physAddr(at), len, flags);
        bvecAppendMerged(merged, physAddr(at), len, flags);
      }
      const bytes = ranges.flatMap(({ at, len, flags }) =>
        Array.from({ length: len }, (_, i) => `${at + i}/${flags}`),
      );
      expect(flat(plain)).toEqual(bytes);
      expect(flat(merged)).toEqual(bytes);
      expect([plain.size, merged.size]).toEqual([bytes.length, bytes.length]);
      expect(plain.nr).toBe(ranges.filter(({ len }) => len > 0).length);
      for (const { len } of bvecEntries(merged)) expect(len).toBeGreaterThan(0);
      for (let i = 1; i < merged.nr; i++) {
        const { phys, len, flags } = bvecEntries(merged)[i];
        expect(bvecMergeable(merged, i - 1, phys, len, flags)).toBe(false);
      }
    }),
  );
});

test('a slice is the slice of the flat bytes, and a copy is the whole', () => {
  fc.assert(
    fc.property(entries, fc.nat(), fc.nat(), (ranges, a, b) => {
      const list = new BvecList();
      for (const { at, len, flags } of ranges) bvecAppend(list, physAddr(at), len, flags);
      const skip = a % (list.size + 1);
      const len = b % (list.size - skip + 1);
      const slice = new BvecList(1);
      bvecSlice(slice, list, skip, len);
      expect(flat(slice)).toEqual(flat(list).slice(skip, skip + len));
      const copy = new BvecList(1);
      bvecAppend(copy, physAddr(1), 1, 0);
      bvecCopy(copy, list);
      expect(bvecEntries(copy)).toEqual(bvecEntries(list));
      bvecClear(copy);
      expect([copy.nr, copy.size]).toEqual([0, 0]);
    }),
  );
});

test('ranges with different flags, a gap, or a length beyond 32 bits stay apart', () => {
  const list = new BvecList();
  bvecAppendMerged(list, physAddr(0x1000), 16, 0);
  bvecAppendMerged(list, physAddr(0x1010), 16, BVEC_READONLY);
  bvecAppendMerged(list, physAddr(0x1021), 16, BVEC_READONLY);
  bvecAppendMerged(list, physAddr(0x1031), 16, BVEC_READONLY);
  expect(list.nr).toBe(3);
  bvecAppendMerged(list, physAddr(0x2000), 0xffffffff, 0);
  bvecAppendMerged(list, physAddr(0x2000 + 0xffffffff), 1, 0);
  expect(list.nr).toBe(5);
});

test('lengths beyond 32 bits or below zero, and slices beyond the end, are bugs', () => {
  const list = new BvecList();
  expect(() => bvecAppend(list, physAddr(0), 2 ** 32, 0)).toThrow('bio_vec length');
  expect(() => bvecAppend(list, physAddr(0), -1, 0)).toThrow('bio_vec length');
  bvecAppend(list, physAddr(0), 8, 0);
  expect(() => bvecSlice(new BvecList(), list, 4, 5)).toThrow('slice inside the list');
});
