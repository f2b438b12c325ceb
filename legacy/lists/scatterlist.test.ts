/**
 * Goal: lists, tables, copies and splits do what the library does, and give back what they took.
 * Method: laws over random lists against a flat array of bytes, and the boundaries one by one.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EINVAL, ENOMEM } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE, pfn, virtAddr } from '../../src/units.ts';
import { bytesAt, cutList, pattern, place } from '../testing.ts';
import { memcpySglist, scatterwalkFfwd, scatterwalkMapAndCopy } from '../walk/scatterwalk.ts';
import {
  type Scatterlist,
  sgAlloc,
  sgChain,
  sgInitTable,
  sgIsLast,
  sgNents,
  sgNentsForLen,
  sgNext,
  sgSetBuf,
  sgSetPage,
} from './scatterlist.ts';
import {
  SG_MITER_FROM_SG,
  sgCopyFromBuffer,
  sgCopyToBuffer,
  sgMiterNext,
  sgMiterSkip,
  sgMiterStart,
  sgMiterStop,
  sgPcopyFromBuffer,
  sgPcopyToBuffer,
  sgZeroBuffer,
} from './sg-mapping-iter.ts';
import { sgSplit, sgSplitFixed, sgSplitFree } from './sg-split.ts';
import {
  SG_MAX_SINGLE_ALLOC,
  SgAppendTable,
  SgTable,
  sgAllocAppendTableFromPages,
  sgAllocTable,
  sgAllocTableFromPages,
  sgFreeAppendTable,
  sgFreeTable,
  sglAllocOrder,
  sglFreeOrder,
} from './sg-table.ts';

const machine = new Machine({ seed: 5, memory: 16 * 1024 * 1024 });

/** The bytes of a list, one entry after the other. */
function flat(sg: Scatterlist | null): number[] {
  const bytes: number[] = [];
  for (let at = sg; at !== null; at = sgNext(at)) {
    const address = (at.pageLink >>> 2) * 4096 + at.offset;
    bytes.push(...bytesAt(machine, 2 ** 47 + address, at.length));
  }
  return bytes;
}

const CUTS = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 });

test('copies from any byte on give exactly the bytes of the list', () => {
  fc.assert(
    fc.property(CUTS, fc.nat(60), fc.nat(60), (cuts, skip, len) => {
      machine.reset(5);
      const sg = cutList(machine, place(machine, pattern(50)), 50, cuts);
      const buf = new Uint8Array(len);
      const expected = [...pattern(50).slice(skip, skip + len)];
      const copied = sgPcopyToBuffer(machine, sg, sgNents(sg), buf, skip);
      expect([...buf.subarray(0, copied)]).toEqual(expected);
      const walked = new Uint8Array(expected.length);
      scatterwalkMapAndCopy(machine, walked, sg, skip, expected.length, 0);
      expect([...walked]).toEqual(expected);
      expect(sgZeroBuffer(machine, sg, sgNents(sg), len, skip)).toBe(copied);
      expect(
        flat(sg)
          .slice(skip, skip + len)
          .every((byte) => byte === 0),
      ).toBe(true);
      expect(sgPcopyFromBuffer(machine, sg, sgNents(sg), buf, skip)).toBe(copied);
      expect(flat(sg)).toEqual([...pattern(50)]);
      expect(machine.ledger.count('kmap')).toBe(0);
    }),
    { seed: 5, numRuns: 300 },
  );
});

test('copying whole lists, from a buffer and from another list', () => {
  fc.assert(
    fc.property(CUTS, CUTS, fc.nat(50), (a, b, len) => {
      machine.reset(6);
      const src = cutList(machine, place(machine, pattern(50)), 50, a);
      const dst = cutList(machine, place(machine, new Uint8Array(50)), 50, b);
      memcpySglist(machine, dst, src, len);
      const expected = pattern(50);
      expected.fill(0, len);
      expect(flat(dst)).toEqual([...expected]);
      expect(sgCopyFromBuffer(machine, dst, sgNents(dst), pattern(50))).toBe(50);
      const back = new Uint8Array(60);
      expect(sgCopyToBuffer(machine, dst, sgNents(dst), back)).toBe(50);
      expect([...back.subarray(0, 50)]).toEqual([...pattern(50)]);
      // Identical memory is no copy at all.
      memcpySglist(machine, dst, dst, 50);
      expect(flat(dst)).toEqual([...pattern(50)]);
    }),
    { seed: 6, numRuns: 200 },
  );
  memcpySglist(machine, null, null, 0);
});

test('the list behind the first bytes has the rest of them', () => {
  fc.assert(
    fc.property(CUTS, fc.nat(50), (cuts, len) => {
      machine.reset(7);
      const sg = cutList(machine, place(machine, pattern(50)), 50, cuts);
      const rest = scatterwalkFfwd(sgAlloc(2)[0], sg, len);
      expect(flat(rest)).toEqual([...pattern(50).slice(len)]);
      const nents = sgNentsForLen(sg, len);
      let total = 0;
      let at: Scatterlist | null = sg;
      for (let i = 0; i < nents && at !== null; i++, at = sgNext(at)) total += at.length;
      expect(total).toBeGreaterThanOrEqual(len);
    }),
    { seed: 7, numRuns: 200 },
  );
  expect(sgNentsForLen(cutList(machine, place(machine, pattern(5)), 5, []), 6)).toBe(-EINVAL);
});

test('a walk through links of any shape sees the same entries', () => {
  machine.reset(8);
  const at = place(machine, pattern(24));
  for (const shape of [[24], [8, 16], [1, 1, 22], [5, 5, 5, 9]]) {
    let list: Scatterlist | null = null;
    let end = 24;
    for (const len of [...shape].reverse()) {
      const table = sgAlloc(list === null ? 1 : 2);
      sgInitTable(table, table.length);
      end -= len;
      sgSetBuf(machine, table[0], virtAddr(at + end), len);
      if (list !== null) sgChain(table[0], 2, list);
      list = table[0];
    }
    expect(sgNents(list)).toBe(shape.length);
    expect(flat(list)).toEqual([...pattern(24)]);
  }
});

test('tables of every size around a chunk are chained, counted and freed', () => {
  machine.reset(9);
  const one = SG_MAX_SINGLE_ALLOC;
  for (const nents of [1, one - 1, one, one + 1, 2 * one - 1, 2 * one, 3 * one]) {
    const table = new SgTable();
    expect(sgAllocTable(machine, table, nents)).toBe(0);
    expect([table.nents, table.origNents, sgNents(table.sgl)]).toEqual([nents, nents, nents]);
    sgFreeTable(machine, table);
    expect(table.sgl).toBeNull();
    expect(machine.ledger.count('slab')).toBe(0);
  }
  expect(sgAllocTable(machine, new SgTable(), 0)).toBe(-EINVAL);
});

test('a failed allocation leaves nothing behind, whichever chunk fails', () => {
  // The last slot of the last chunk is counted: it links to nothing.
  for (const [nth, counted] of [
    [1, 0],
    [2, SG_MAX_SINGLE_ALLOC],
    [3, 2 * SG_MAX_SINGLE_ALLOC - 1],
  ]) {
    machine.reset(10);
    machine.faults.arm([{ point: 'kmalloc', nth }]);
    const table = new SgTable();
    expect(sgAllocTable(machine, table, 3 * SG_MAX_SINGLE_ALLOC)).toBe(-ENOMEM);
    expect([table.nents, table.origNents]).toEqual([counted, counted]);
    expect(machine.faults.exhausted()).toBe(true);
    expect(machine.ledger.count('slab')).toBe(0);
  }
});

test('pages appended in parts make the entries of one call', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 }),
      fc.nat(8),
      (order, cut) => {
        machine.reset(11);
        const first = must(machine.allocPages(4, 'test'));
        const pages = order.map((i) => pfn(first + i));
        const whole = new SgTable();
        const size = pages.length * 4096;
        expect(sgAllocTableFromPages(machine, whole, pages, 0, size)).toBe(0);
        const append = new SgAppendTable();
        const head = pages.slice(0, Math.min(cut, pages.length));
        const tail = pages.slice(head.length);
        const max = 0xfffff000;
        const add = (part: typeof pages, left: number) =>
          sgAllocAppendTableFromPages(machine, append, part, 0, part.length * 4096, max, left);
        if (head.length > 0) expect(add(head, tail.length)).toBe(0);
        if (tail.length > 0) expect(add(tail, 0)).toBe(0);
        const shapes = [whole, append.sgt].map(({ sgl }) => {
          const entries: string[] = [];
          for (let sg = sgl; sg !== null; sg = sgNext(sg)) {
            entries.push(`${sg.pageLink >>> 2} ${sg.offset} ${sg.length}`);
          }
          return entries;
        });
        expect(shapes[1]).toEqual(shapes[0]);
        expect(append.sgt.nents).toBe(whole.nents);
        sgFreeTable(machine, whole);
        sgFreeAppendTable(machine, append);
        expect(machine.ledger.count('slab')).toBe(0);
      },
    ),
    { seed: 11, numRuns: 200 },
  );
});

test('an append behind an entry refuses an offset, and a failed one takes its bytes back', () => {
  machine.reset(12);
  const first = must(machine.allocPages(3, 'test'));
  const append = new SgAppendTable();
  const max = 0xfffff000;
  sgAllocAppendTableFromPages(machine, append, [first], 0, 4096, max, 2);
  expect(sgAllocAppendTableFromPages(machine, append, [pfn(first + 1)], 8, 100, max, 0)).toBe(
    -EINVAL,
  );
  expect(machine.warnings).toEqual(['WARN_ON(offset)']);
  machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  const more = [1, 3, 5, 7].map((i) => pfn(first + i));
  expect(sgAllocAppendTableFromPages(machine, append, more, 0, 4 * 4096, max, 0)).toBe(-ENOMEM);
  expect(append.prv?.length).toBe(4096);
  sgFreeAppendTable(machine, append);
  expect(machine.ledger.count('slab')).toBe(0);
});

test('lists of fresh pages hold their bytes, and keep a slot when asked', () => {
  machine.reset(13);
  const sgl = must(sglAllocOrder(machine, 20000, 1, /* chainable */ true));
  expect(sgl.map(({ length }) => length)).toEqual([8192, 8192, 3616, 0]);
  sglFreeOrder(machine, sgl);
  machine.faults.arm([{ point: 'page-alloc', nth: 3 }]);
  expect(sglAllocOrder(machine, 20000, 1, false)).toBeNull();
  expect(machine.ledger.count('page')).toBe(0);
});

test('the mapping iterator steps by pages and gives unused bytes again', () => {
  machine.reset(14);
  const page = must(machine.allocPages(1, 'test'));
  const sg = sgAlloc(1);
  sgInitTable(sg, 1);
  sg[0].pageLink = page * 4 + 2;
  sg[0].offset = 4000;
  sg[0].length = 1000;
  const miter = sgMiterStart(machine, sg[0], 1, SG_MITER_FROM_SG);
  const steps: number[] = [];
  while (sgMiterNext(miter)) {
    steps.push(miter.length);
    if (steps.length === 1) miter.consumed = 16;
  }
  expect(steps).toEqual([96, 80, 904]);
  sgMiterStop(miter);
  const skipping = sgMiterStart(machine, sg[0], 1, SG_MITER_FROM_SG);
  expect(sgMiterSkip(skipping, 1000)).toBe(true);
  expect(sgMiterNext(skipping)).toBe(false);
  expect(sgMiterSkip(sgMiterStart(machine, sg[0], 1, SG_MITER_FROM_SG), 1001)).toBe(false);
});

test('the mapping iterator loses the entry behind an empty one at a page boundary of its folio', () => {
  const stepsOf = (offset: number): number[] => {
    machine.reset(14);
    const page = must(machine.allocPages(2, 'test'));
    const sg = sgAlloc(4);
    sgInitTable(sg, 4);
    for (const [i, [at, length]] of [
      [0, 20],
      [offset, 0],
      [20, 30],
      [50, 40],
    ].entries()) {
      sgSetPage(sg[i], page, length, at);
    }
    const miter = sgMiterStart(machine, sg[0], 4, SG_MITER_FROM_SG);
    const steps: number[] = [];
    while (sgMiterNext(miter)) if (miter.length > 0) steps.push(miter.length);
    sgMiterStop(miter);
    return steps;
  };
  for (const offset of [0, 100, PAGE_SIZE + 1]) expect(stepsOf(offset)).toEqual([20, 30, 40]);
  expect(stepsOf(PAGE_SIZE)).toEqual([20, 40]);
  expect(stepsOf(2 * PAGE_SIZE)).toEqual([20, 40]);
});

test('the corrected split gives exactly the wanted bytes of any list', () => {
  fc.assert(
    fc.property(
      CUTS,
      fc.nat(20),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
      (cuts, skip, sizes) => {
        machine.reset(15);
        const sg = cutList(machine, place(machine, pattern(50)), 50, cuts);
        const parts = sgSplitFixed(machine, sg, skip, sizes);
        const end = skip + sizes.reduce((a, b) => a + b, 0);
        if (typeof parts === 'number') {
          expect([parts, end > 50]).toEqual([-EINVAL, true]);
          return;
        }
        let at = skip;
        for (const [i, part] of parts.entries()) {
          expect(flat(part.sgl[0])).toEqual([...pattern(50).slice(at, at + sizes[i])]);
          expect(part.sgl.every(({ length }) => length > 0)).toBe(true);
          expect(sgIsLast(part.sgl[part.sgl.length - 1])).toBe(true);
          at += sizes[i];
          sgSplitFree(machine, part);
        }
      },
    ),
    { seed: 15, numRuns: 300 },
  );
});

test('the split of the kernel has its three faults', () => {
  machine.reset(16);
  const sg = cutList(machine, place(machine, pattern(40)), 40, [10, 20]);
  const lengths = (skip: number, sizes: number[]) => {
    const parts = sgSplit(machine, sg, skip, sizes);
    if (typeof parts === 'number') return parts;
    return parts.map(({ sgl }) => sgl.map(({ length }) => length));
  };
  // All entries but the last of an output are emptied.
  expect(lengths(0, [5, 20, 15])).toEqual([[5], [0, 15], [0, 10]]);
  // A skip equal to an entry keeps it, empty.
  expect(lengths(10, [20])).toEqual([[0, 20]]);
  // An output that ends inside an entry gets what follows, untrimmed but for the last.
  expect(lengths(0, [5])).toEqual([[0, 0, 0]]);
  expect(lengths(0, [41])).toBe(-EINVAL);
  machine.faults.arm([{ point: 'kmalloc', nth: 2 }]);
  const held = machine.ledger.count('slab');
  expect(sgSplit(machine, sg, 0, [5, 20])).toBe(-ENOMEM);
  expect(machine.ledger.count('slab')).toBe(held);
});
