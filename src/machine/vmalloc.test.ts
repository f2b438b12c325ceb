/**
 * Goal: vmalloc and vmap memory is contiguous by address only, bounded by traps, and fully returned.
 * Method: random areas written and read back; each limit by hand.
 */

import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { KernelOops } from '../assert.ts';
import { PAGE_SIZE, type Pfn, virtAddr } from '../units.ts';
import { must, readKernel, writeKernel } from './access.ts';
import { isVmallocAddr, linearToPhys } from './address.ts';
import { Machine, pageAddress } from './machine.ts';
import { translateKernel, virtAddrValid } from './translate.ts';

let machine: Machine;

beforeEach(() => {
  machine = new Machine({ memory: 4 << 20 });
});

test('every byte of an area is its own, and the bytes round it are traps', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4 * PAGE_SIZE }), { maxLength: 8 });
  fc.assert(
    fc.property(sizes, fc.nat(), (list, seed) => {
      machine.reset(seed);
      const areas = list.map((size, i) => {
        const at = must(machine.vmalloc.alloc(size, 'test'));
        writeKernel(machine, at, new Uint8Array(size).fill(i + 1));
        return { at, size };
      });
      for (const [i, { at, size }] of areas.entries()) {
        const back = new Uint8Array(size);
        readKernel(machine, at, back);
        expect(back.every((byte) => byte === i + 1)).toBe(true);
        expect(() => readKernel(machine, virtAddr(at + size), new Uint8Array(1))).toThrow();
        expect(() => readKernel(machine, virtAddr(at - 1), new Uint8Array(1))).toThrow();
        expect(isVmallocAddr(at) && !virtAddrValid(machine, at)).toBe(true);
        machine.vmalloc.free(at);
        expect(() => readKernel(machine, at, new Uint8Array(1))).toThrow(KernelOops);
      }
      expect(machine.ledger.holdings()).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('the pages of an area are scattered: page arithmetic on its address is wrong', () => {
  const at = must(machine.vmalloc.alloc(8 * PAGE_SIZE, 'test'));
  let neighbours = 0;
  for (let i = 1; i < 8; i++) {
    const before = translateKernel(machine, virtAddr(at + (i - 1) * PAGE_SIZE));
    if (translateKernel(machine, virtAddr(at + i * PAGE_SIZE)) === before + PAGE_SIZE) neighbours++;
  }
  expect(neighbours).toBeLessThan(7);
  expect(linearToPhys(at)).not.toBe(translateKernel(machine, at));
});

test('vmap shows the pages of the caller and leaves them to him', () => {
  const pages: Pfn[] = [must(machine.allocPages(0, 'a')), must(machine.allocPages(0, 'b'))];
  const at = must(machine.vmalloc.vmap(pages));
  writeKernel(machine, virtAddr(at + PAGE_SIZE - 1), Uint8Array.of(7, 8));
  expect(machine.load(pageAddress(pages[1], 0), 1)[0]).toBe(8);
  machine.vmalloc.free(at);
  expect(machine.load(pageAddress(pages[0], PAGE_SIZE - 1), 1)[0]).toBe(7);
  expect(machine.ledger.count('page')).toBe(2);
});

test('a mapping that is left over is in the ledger', () => {
  must(machine.vmalloc.vmap([must(machine.allocPages(0, 'test'))]));
  expect(machine.ledger.count('vmalloc')).toBe(1);
});

test('freeing twice, or in the middle of an area, is a bug', () => {
  const at = must(machine.vmalloc.alloc(2 * PAGE_SIZE, 'test'));
  expect(() => machine.vmalloc.free(virtAddr(at + PAGE_SIZE))).toThrow('invalid address');
  expect(() => machine.vmalloc.free(virtAddr(at + 1))).toThrow('invalid address');
  machine.vmalloc.free(at);
  expect(() => machine.vmalloc.free(at)).toThrow('invalid address');
});

test('without memory, or for no bytes, there is no area and nothing is kept', () => {
  expect(machine.vmalloc.alloc(0, 'test')).toBeNull();
  machine.faults.arm([{ point: 'page-alloc', nth: 3 }]);
  expect(machine.vmalloc.alloc(5 * PAGE_SIZE, 'test')).toBeNull();
  expect(machine.ledger.holdings()).toEqual([]);
});

test('an address is reused as late as possible', () => {
  const first = must(machine.vmalloc.alloc(1, 'test'));
  machine.vmalloc.free(first);
  for (let i = 0; i < 1000; i++) {
    const at = must(machine.vmalloc.alloc(1, 'test'));
    expect(at).not.toBe(first);
    machine.vmalloc.free(at);
  }
});
