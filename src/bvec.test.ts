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
  bvecEntries,
  bvecFill,
  bvecFree,
  bvecLen,
  bvecPhys,
  bvecRows,
  bvecSet,
} from './bvec.ts';
import { PHYS_BASE, PhysMem } from './machine/phys-mem.ts';
import { type PhysAddr, physAddr } from './units.ts';

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
      const runs = bvecEntries(merged);
      for (let i = 1; i < runs.length; i++) {
        const { phys, len, flags } = runs[i - 1];
        expect(phys + len === runs[i].phys && flags === runs[i].flags).toBe(false);
      }
    }),
  );
});

test('bounds and flags of a list are those of its entries, however it was filled', () => {
  fc.assert(
    fc.property(entries, (ranges) => {
      const list = new BvecList(1);
      for (const { at, len, flags } of ranges) bvecAppendMerged(list, physAddr(at), len, flags);
      const bytes = bvecEntries(list);
      const offsets = bytes.map(({ phys }) => phys - PHYS_BASE);
      const ends = bytes.map(({ phys, len }) => phys + len - PHYS_BASE);
      expect(list.low).toBe(Math.min(0x7fffffff, ...offsets));
      expect(list.high).toBe(Math.max(0, ...ends));
      expect(list.marks).toBe(bytes.reduce((marks, { flags }) => marks | flags, 0));
      const plain = ranges.map(({ at, len }) => ({ phys: physAddr(at), len }));
      const filled = new BvecList(1);
      const merged = new BvecList(1);
      bvecFill(filled, plain, plain.length);
      for (const { phys, len } of plain) bvecAppendMerged(merged, phys, len, 0);
      expect(bvecEntries(filled)).toEqual(bvecEntries(merged));
      expect([filled.size, filled.low, filled.high]).toEqual([
        merged.size,
        merged.low,
        merged.high,
      ]);
      bvecClear(list);
      expect([list.nr, list.size, list.high, list.marks]).toEqual([0, 0, 0, 0]);
    }),
  );
});

test('rows for a memory lie behind its last frame, grow there, and are used again', () => {
  const mem = new PhysMem(1 << 16);
  const list = new BvecList(2, mem);
  const first = bvecRows(list);
  expect(first).toBeGreaterThanOrEqual(mem.u8.length);
  for (let k = 0; k < 20; k++) bvecAppend(list, physAddr(PHYS_BASE + 16 * k), 8, k & 1);
  expect(bvecEntries(list).map(({ phys }) => phys - PHYS_BASE)).toEqual(
    Array.from({ length: 20 }, (_, k) => 16 * k),
  );
  const words = new Uint32Array(mem.wasm.buffer, bvecRows(list), 40);
  expect([words[38], words[39]]).toEqual([16 * 19, 8]);
  expect([bvecPhys(list, 19), bvecLen(list, 19)]).toEqual([PHYS_BASE + 16 * 19, 8]);
  bvecFree(list);
  expect(bvecRows(new BvecList(2, mem))).toBe(first);
});

test('rows that no longer fit behind the frames go on in private memory', () => {
  const mem = new PhysMem(1 << 16);
  const list = new BvecList(8, mem);
  const count = 300_000;
  for (let k = 0; k < count; k++) bvecAppend(list, physAddr(PHYS_BASE + (k % 4096)), 1, 0);
  expect(list.mem).toBe(null);
  expect([list.nr, bvecPhys(list, count - 1)]).toEqual([count, PHYS_BASE + ((count - 1) % 4096)]);
});

test('an address outside memory is a bug, and leaves an empty list', () => {
  const mem = new PhysMem(1 << 16);
  for (const list of [new BvecList(2, mem), new BvecList(2)]) {
    bvecSet(list, physAddr(PHYS_BASE + 8), 8);
    for (const at of [PHYS_BASE - 1, PHYS_BASE + list.limit - 7, 0, Number.NaN]) {
      const range = { phys: physAddr(at), len: 8 };
      expect(() => bvecAppend(list, range.phys, 8, 0)).toThrow('access outside physical memory');
      expect(list.nr).toBe(0);
      expect(() => bvecFill(list, [range], 1)).toThrow('access outside physical memory');
      expect([list.nr, list.size]).toEqual([0, 0]);
    }
  }
});

test('ranges with different flags, a gap, or a length beyond 32 bits stay apart', () => {
  const list = new BvecList();
  const at = (offset: number): PhysAddr => physAddr(PHYS_BASE + offset);
  bvecAppendMerged(list, at(0x1000), 16, 0);
  bvecAppendMerged(list, at(0x1010), 16, BVEC_READONLY);
  bvecAppendMerged(list, at(0x1021), 16, BVEC_READONLY);
  bvecAppendMerged(list, at(0x1031), 16, BVEC_READONLY);
  expect(list.nr).toBe(3);
  bvecAppendMerged(list, at(0), 0xffffffff, 0);
  bvecAppendMerged(list, at(0xffffffff), 1, 0);
  expect(list.nr).toBe(5);
});

test('lengths beyond 32 bits or below zero are bugs', () => {
  const list = new BvecList();
  expect(() => bvecAppend(list, physAddr(PHYS_BASE), 2 ** 32, 0)).toThrow('bio_vec length');
  expect(() => bvecAppend(list, physAddr(PHYS_BASE), -1, 0)).toThrow('bio_vec length');
});
