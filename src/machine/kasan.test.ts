/**
 * Goal: a tagged pointer reaches its own memory and nothing else, exactly as long as it lives.
 * Method: random allocations, frees and reallocations against a model of owners; what a kernel loses
 * on the way through (page, offset) and through physical addresses, by hand.
 */

import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { PAGE_SIZE, pfn, physAddr, type VirtAddr, virtAddr } from '../units.ts';
import { must, readKernel, writeKernel } from './access.ts';
import { kasanResetTag, kasanTag, linearToPhys, virtToPage } from './address.ts';
import { DmaDevice } from './dma/device.ts';
import { dmaMapSingle } from './dma/dma.ts';
import { DMA_TO_DEVICE } from './dma/ledger.ts';
import { KernelMemory } from './kernel-memory.ts';
import { Machine, pageAddress } from './machine.ts';
import { PFN_BASE } from './phys-mem.ts';
import { kasanPageToVirt, translateKernel } from './translate.ts';

let machine: Machine;

beforeEach(() => {
  machine = new Machine({ memory: 4 << 20, tags: true });
});

function write(address: VirtAddr, offset = 0): void {
  writeKernel(machine, virtAddr(address + offset), Uint8Array.of(1));
}

/** Frees as many objects of one class as the quarantine keeps, so that the oldest is reused. */
function flushQuarantine(size: number): void {
  const objects = Array.from({ length: 64 }, () => must(machine.slab.kmalloc(size, 'flush')));
  for (const object of objects) machine.slab.kfree(object);
}

test('pointers carry a tag of 1 to 14 and reach every byte of their object', () => {
  const tags = new Set<number>();
  for (let i = 0; i < 200; i++) {
    const size = 1 + ((i * 53) % 5000);
    const object = must(machine.slab.kmalloc(size, 'test'));
    tags.add(kasanTag(object));
    writeKernel(machine, object, new Uint8Array(size));
    readKernel(machine, object, new Uint8Array(size));
    machine.slab.kfree(object);
  }
  expect([...tags].sort((a, b) => a - b)).toEqual(Array.from({ length: 14 }, (_, i) => i + 1));
});

test('random programs: an access is refused exactly when the memory is not the pointer’s', () => {
  const step = fc.record({
    kind: fc.constantFrom('alloc', 'alloc', 'free', 'access', 'access'),
    which: fc.nat(30),
    size: fc.integer({ min: 1, max: 200 }),
    offset: fc.integer({ min: -40, max: 260 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
      machine.reset(seed);
      const objects: { at: VirtAddr; size: number; live: boolean }[] = [];
      for (const { kind, which, size, offset } of steps) {
        const object = objects[which % Math.max(objects.length, 1)];
        if (kind === 'alloc') {
          objects.push({ at: must(machine.slab.kmalloc(size, 'test')), size, live: true });
        } else if (object === undefined) continue;
        else if (kind === 'free') {
          if (object.live) machine.slab.kfree(object.at);
          else expect(() => machine.slab.kfree(object.at)).toThrow();
          object.live = false;
        } else if (object.live && offset >= 0 && offset < object.size) {
          write(object.at, offset);
        } else {
          // Somebody else's live object may have the same tag by chance: then it is reached.
          const place = kasanResetTag(virtAddr(object.at + offset));
          const owner = objects.find((o) => {
            const start = kasanResetTag(o.at);
            return o.live && place >= start && place < start + o.size;
          });
          if (owner !== undefined && kasanTag(owner.at) === kasanTag(object.at)) continue;
          expect(() => write(object.at, offset)).toThrow(
            /KASAN|red zone|free page|freed object|NULL address|behind the linear map/,
          );
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('memory with a new owner is out of reach for the old pointer, which the shadow cannot see', () => {
  const stale = must(machine.slab.kmalloc(64, 'old'));
  machine.slab.kfree(stale);
  flushQuarantine(64);
  const owner = must(machine.slab.kmalloc(64, 'new'));
  expect(kasanResetTag(owner)).toBe(kasanResetTag(stale));
  expect(kasanTag(owner)).not.toBe(kasanTag(stale));
  writeKernel(machine, owner, new Uint8Array(64));
  expect(() => write(stale)).toThrow(
    `KASAN: invalid-access (pointerTag=${kasanTag(stale)}, memoryTag=${kasanTag(owner)}`,
  );
  expect(() => machine.slab.kfree(stale)).toThrow('KASAN: double-free or invalid-free');
  machine.store(linearToPhys(stale), Uint8Array.of(1));
  write(kasanResetTag(stale));
  machine.slab.kfree(owner);
});

test('krealloc keeps pointer and tag in place, and gives new ones when it moves', () => {
  const object = must(machine.slab.kmalloc(50, 'test'));
  writeKernel(machine, object, new Uint8Array(50).fill(7));
  expect(machine.slab.krealloc(object, 60, 'test')).toBe(object);
  write(object, 59);
  expect(machine.slab.krealloc(object, 20, 'test')).toBe(object);
  expect(() => write(object, 40)).toThrow('KASAN');
  expect(() => machine.store(linearToPhys(virtAddr(object + 20)), Uint8Array.of(1))).toThrow('red');
  const moved = must(machine.slab.krealloc(object, 300, 'test'));
  const bytes = new Uint8Array(20);
  readKernel(machine, moved, bytes);
  expect(bytes.every((byte) => byte === 7)).toBe(true);
  expect(() => write(object)).toThrow('KASAN');
  expect(() => machine.slab.krealloc(object, 10, 'test')).toThrow('krealloc of a freed object');
  machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(machine.slab.krealloc(moved, 3000, 'test')).toBeNull();
  write(moved, 19);
  machine.slab.kfree(moved);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('through page and offset, slab loses its tag, pages and large objects keep theirs', () => {
  const small = must(machine.slab.kmalloc(64, 'test'));
  expect(kasanTag(kasanPageToVirt(machine, virtToPage(small)))).toBe(0);
  const large = must(machine.slab.kmalloc(3 * PAGE_SIZE, 'test'));
  expect(kasanTag(kasanPageToVirt(machine, virtToPage(large)))).toBe(kasanTag(large));
  const page = must(machine.allocPages(1, 'test'));
  const first = kasanPageToVirt(machine, page);
  write(first);
  expect(kasanTag(kasanPageToVirt(machine, pfn(page + 1)))).toBe(kasanTag(first));
  machine.freePages(page);
  expect(() => write(first)).toThrow('KASAN');
  expect(() => machine.store(pageAddress(page, 0), Uint8Array.of(1))).toThrow('free page');
  const device = must(machine.allocDevice(PAGE_SIZE));
  expect(kasanTag(kasanPageToVirt(machine, pfn(device / PAGE_SIZE)))).toBe(0);
});

test('a vmalloc area has one tag over scattered pages, a vmap mapping none', () => {
  const area = must(machine.vmalloc.alloc(2 * PAGE_SIZE + 100, 'test'));
  const bytes = new Uint8Array(2 * PAGE_SIZE + 100);
  writeKernel(machine, area, bytes);
  expect(kasanTag(area)).toBeGreaterThan(0);
  const at = translateKernel(machine, virtAddr(area + PAGE_SIZE));
  expect(machine.vmalloc.translate(area + PAGE_SIZE)).toBe(at);
  const page = pfn(Math.floor(at / PAGE_SIZE));
  expect(kasanTag(kasanPageToVirt(machine, page))).toBe(kasanTag(area));
  expect(() => write(area, 2 * PAGE_SIZE + 112)).toThrow('KASAN');
  expect(() => write(area, 2 * PAGE_SIZE + 100)).toThrow('red zone');
  machine.vmalloc.free(area);
  expect(() => write(area)).toThrow('unmapped vmalloc');
  const mapped = must(machine.vmalloc.vmap([must(machine.allocPages(0, 'test'))]));
  expect(kasanTag(mapped)).toBe(0);
  write(mapped);
});

test('translation alone sees no tag, an announced access and a DMA mapping do', () => {
  const object = must(machine.slab.kmalloc(64, 'test'));
  writeKernel(machine, object, new Uint8Array(64));
  const device = new DmaDevice(machine, { name: 'engine' });
  const wrong = virtAddr(kasanResetTag(object) + (1 + (kasanTag(object) % 14)) * 2 ** 48);
  expect(translateKernel(machine, wrong)).toBe(linearToPhys(object));
  expect(() => translateKernel(machine, wrong, 64)).toThrow('KASAN');
  expect(() => dmaMapSingle(device, wrong, 64, DMA_TO_DEVICE)).toThrow('KASAN');
  dmaMapSingle(device, object, 64, DMA_TO_DEVICE);
});

test('memory addressed either way: virtual accesses see tags and cross scattered pages', () => {
  const memory = new KernelMemory(machine);
  const area = physAddr(must(machine.vmalloc.alloc(3 * PAGE_SIZE, 'test')));
  const object = must(machine.slab.kmalloc(100, 'test'));
  memory.store(
    physAddr(object),
    new Uint8Array(100).map((_, i) => i),
  );
  memory.fill(area, 3 * PAGE_SIZE, 9);
  memory.copy(physAddr(area + PAGE_SIZE - 50), physAddr(object), 100);
  expect([...memory.load(physAddr(area + PAGE_SIZE - 51), 3)]).toEqual([9, 0, 1]);
  expect([...memory.load(physAddr(area + PAGE_SIZE - 1), 2)]).toEqual([49, 50]);
  memory.store(physAddr(area + 2 * PAGE_SIZE - 1), Uint8Array.of(1, 2));
  expect([...memory.load(linearToPhys(object), 2)]).toEqual([0, 1]);
  machine.slab.kfree(object);
  expect(() => memory.load(physAddr(object), 1)).toThrow('KASAN');
  expect(() => memory.load(linearToPhys(object), 1)).toThrow('freed object');
});

test('one seed gives the same tags and the same frames as without tags; a reset clears them', () => {
  const plain = new Machine({ memory: 4 << 20 });
  const tags = (): number[] =>
    Array.from({ length: 20 }, () => kasanTag(must(machine.slab.kmalloc(64, 'test'))));
  machine.reset(5);
  plain.reset(5);
  expect(must(machine.allocPages(0, 'test'))).toBe(must(plain.allocPages(0, 'test')));
  const first = tags();
  const frame = must(machine.allocPages(0, 'test')) - PFN_BASE;
  machine.reset(5);
  expect([machine.kasan?.pageTag(frame), machine.kasan?.memoryTag(frame * PAGE_SIZE)]).toEqual([
    0, 0,
  ]);
  must(machine.allocPages(0, 'test'));
  expect(tags()).toEqual(first);
});
