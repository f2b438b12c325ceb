/**
 * Goal: physical memory behaves as one flat byte array, and every written frame is on the dirty list.
 * Method: random stores, fills and overlapping copies against a plain Uint8Array.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KernelBug } from '../assert.ts';
import { PAGE_SIZE, physAddr } from '../units.ts';
import { PFN_BASE, PHYS_BASE, PhysMem, pfnToPhys, physToPfn } from './phys-mem.ts';

const SIZE = 65536;

const operation = fc.record({
  kind: fc.constantFrom('store', 'fill', 'copy'),
  dst: fc.nat(SIZE),
  src: fc.nat(SIZE),
  len: fc.nat(3 * PAGE_SIZE),
  value: fc.nat(255),
});

test('stores, fills and copies equal those of one byte array, and their frames are dirty', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 20 }), (operations) => {
      const mem = new PhysMem(SIZE);
      const model = new Uint8Array(SIZE);
      const written = new Set<number>();
      for (const op of operations) {
        const len = Math.min(op.len, SIZE - op.dst, SIZE - op.src);
        const at = physAddr(PHYS_BASE + op.dst);
        if (op.kind === 'store') {
          const bytes = new Uint8Array(len).fill(op.value);
          mem.store(at, bytes);
          model.set(bytes, op.dst);
        } else if (op.kind === 'fill') {
          mem.fill(at, len, op.value);
          model.fill(op.value, op.dst, op.dst + len);
        } else {
          mem.copy(at, physAddr(PHYS_BASE + op.src), len);
          model.copyWithin(op.dst, op.src, op.src + len);
        }
        for (let i = op.dst; i < op.dst + len; i++) written.add(Math.floor(i / PAGE_SIZE));
      }
      expect(mem.buffer.compare(model)).toBe(0);
      expect(new Set(mem.dirtyList.subarray(0, mem.dirtyCount))).toEqual(written);
      expect(mem.dirtyCount).toBe(written.size);
      mem.clearDirty();
      expect(mem.dirty.every((mark) => mark === 0)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('a loaded view shows the memory itself', () => {
  const mem = new PhysMem(SIZE);
  const view = mem.load(physAddr(PHYS_BASE + 5), 3);
  mem.store(physAddr(PHYS_BASE + 6), Uint8Array.of(9));
  expect([...view]).toEqual([0, 9, 0]);
});

test('frame numbers and addresses convert exactly at the top of 4 GiB', () => {
  const top = physAddr(PHYS_BASE + 2 ** 32 - 1);
  expect(physToPfn(top)).toBe(PFN_BASE + 2 ** 20 - 1);
  expect(pfnToPhys(physToPfn(top))).toBe(PHYS_BASE + 2 ** 32 - PAGE_SIZE);
});

test.each([0, 4096, 65535, 3 * 65536])('memory of %i bytes is refused', (bytes) => {
  expect(() => new PhysMem(bytes)).toThrow(KernelBug);
});
