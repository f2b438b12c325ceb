/**
 * Goal: slab objects never overlap, are aligned, surrounded by red zones, and freed ones stay traps.
 * Method: random allocations and frees against a list of live ranges; limits by hand.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { PAGE_SIZE, type VirtAddr, virtAddr } from '../units.ts';
import { must, readKernel, writeKernel } from './access.ts';
import { linearToPhys, virtToPage } from './address.ts';
import { Machine } from './machine.ts';
import { PHYS_BASE } from './phys-mem.ts';

let machine: Machine;

beforeEach(() => {
  machine = new Machine({ memory: 8 << 20 });
});

function write(address: VirtAddr, offset: number, len: number): void {
  writeKernel(machine, virtAddr(address + offset), new Uint8Array(len));
}

test('objects of all sizes are apart, usable to the last byte, and trapped beyond', () => {
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.nat(9000)), {
    minLength: 1,
    maxLength: 30,
  });
  fc.assert(
    fc.property(sizes, fc.nat(), (list, seed) => {
      machine.reset(seed);
      const objects = list.map((size) => ({ size, at: must(machine.slab.kmalloc(size, 'test')) }));
      for (const { size, at } of objects) {
        if (size > 0) write(at, 0, size);
        expect(() => write(at, -1, 1)).toThrow('red zone');
        expect(() => write(at, size, 1)).toThrow('red zone');
        expect(at % 8).toBe(0);
        expect(machine.slab.ksize(at)).toBeGreaterThanOrEqual(size);
      }
      const sorted = objects.toSorted((a, b) => a.at - b.at);
      for (let i = 1; i < sorted.length; i++)
        expect(sorted[i].at - sorted[i - 1].at - sorted[i - 1].size).toBeGreaterThanOrEqual(16);
      for (const { at } of objects) machine.slab.kfree(at);
      expect(machine.ledger.holdings()).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test.each([8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384])(
  'an object of %i bytes is aligned to its size, up to a page',
  (size) => {
    for (let i = 0; i < 4; i++)
      expect(must(machine.slab.kmalloc(size, 'test')) % Math.min(size, PAGE_SIZE)).toBe(0);
  },
);

test('a freed object is a trap until 64 others of its class were freed, then it is reused', () => {
  const first = must(machine.slab.kmalloc(100, 'test'));
  write(first, 0, 100);
  machine.slab.kfree(first);
  for (let i = 0; i < 64; i++) {
    const other = must(machine.slab.kmalloc(100, 'test'));
    expect(other).not.toBe(first);
    machine.slab.kfree(other);
    expect(() => write(first, 0, 1)).toThrow('freed object');
  }
  expect(must(machine.slab.kmalloc(120, 'test'))).toBe(first);
  expect(() => readKernel(machine, first, new Uint8Array(1))).toThrow('uninitialised');
  write(first, 0, 120);
});

test('a large object is a folio of its own that goes back to the page allocator', () => {
  const object = must(machine.slab.kmalloc(3 * PAGE_SIZE, 'test'));
  write(object, 0, 3 * PAGE_SIZE);
  expect(() => machine.getPage(virtToPage(object), 'test')).toThrow('slab');
  machine.slab.kfree(object);
  expect(() => write(object, 0, 1)).toThrow('free page');
  expect(() => machine.slab.kfree(object)).toThrow('double free');
  expect(machine.ledger.holdings()).toEqual([]);
});

test('thousands of short-lived objects of every size fit into a small machine', () => {
  for (const checks of [true, false]) {
    const small = new Machine({ memory: 8 << 20, checks });
    let served = 0;
    for (let i = 0; i < 5000; i++) {
      const object = small.slab.kmalloc((i * 37) % 20_000, 'test');
      if (object === null) break;
      small.slab.kfree(object);
      served++;
    }
    expect(served).toBe(5000);
    expect(small.ledger.holdings()).toEqual([]);
  }
});

test('an injected fault, exhausted memory and more than 4 MiB give null', () => {
  machine.faults.arm([{ point: 'kmalloc', nth: 2 }]);
  expect(machine.slab.kmalloc(8, 'test')).not.toBeNull();
  expect(machine.slab.kmalloc(8, 'test')).toBeNull();
  machine.faults.arm([{ point: 'page-alloc', nth: 1 }]);
  expect(machine.slab.kmalloc(512, 'test')).toBeNull();
  machine.faults.arm([]);
  expect(machine.slab.kmalloc(5 << 20, 'test')).toBeNull();
  while (machine.slab.kmalloc(100_000, 'test') !== null);
  expect(machine.slab.kmalloc(100_000, 'test')).toBeNull();
});

test('kfree_sensitive overwrites all that could be used, and traps as kfree does', () => {
  for (const size of [20, 3 * PAGE_SIZE]) {
    const object = must(machine.slab.kmalloc(size, 'test'));
    const at = linearToPhys(object) - PHYS_BASE;
    const capacity = machine.slab.ksize(object);
    writeKernel(machine, object, new Uint8Array(size).fill(0x5a));
    machine.slab.kfreeSensitive(object);
    const rest = machine.mem.u8.subarray(at, at + capacity);
    expect([capacity >= size, rest.every((byte) => byte === 0)]).toEqual([true, true]);
    expect(() => write(object, 0, 1)).toThrow('free');
    expect(() => machine.slab.kfreeSensitive(object)).toThrow('double free');
  }
});

test('what is left names its owner', () => {
  const object = must(machine.slab.kmalloc(10, 'request'));
  expect(machine.ledger.holdings().map((h) => `${h.kind} ${h.who}`)).toEqual(['slab request']);
  machine.slab.kfree(object);
  expect(() => machine.slab.kfree(virtAddr(0))).toThrow('invalid address');
});
