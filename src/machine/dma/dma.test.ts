/**
 * Goal: a device sees exactly the bytes that were mapped, in segments within its limits, and every
 * broken rule of the DMA API is a named bug.
 * Method: random lists through direct mapping and random IOMMUs against the flat bytes and against a
 * joining rule stated on addresses; each rule kept once and broken once.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { BVEC_NO_PAGE, BvecList, bvecAppend, bvecLen, bvecPhys } from '../../bvec.ts';
import { EINVAL, EIO, ENOMEM } from '../../errno.ts';
import { dmaAddr, PAGE_SIZE, type PhysAddr, physAddr } from '../../units.ts';
import { must } from '../access.ts';
import { linearToPhys } from '../address.ts';
import { Machine, pageAddress } from '../machine.ts';
import { PG_READONLY } from '../page.ts';
import { DmaDevice } from './device.ts';
import {
  DMA_ATTR_MMIO,
  DMA_MAPPING_ERROR,
  dmaMapPhys,
  dmaMappingError,
  dmaMapRuns,
  dmaMapSingle,
  dmaSyncForCpu,
  dmaSyncForDevice,
  dmaUnmapPhys,
  dmaUnmapRuns,
} from './dma.ts';
import { DmaSegments } from './iommu.ts';
import { DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE } from './ledger.ts';

let machine: Machine;
let device: DmaDevice;

beforeEach(() => {
  machine = new Machine({ memory: 4 << 20 });
  device = new DmaDevice(machine, { name: 'engine' });
});

/** A page of initialised memory. */
function page(value = 1): PhysAddr {
  const at = pageAddress(must(machine.allocPages(0, 'test')), 0);
  machine.fill(at, PAGE_SIZE, value);
  return at;
}

function list(...runs: readonly (readonly [number, number])[]): BvecList {
  const result = new BvecList();
  for (const [at, len] of runs) bvecAppend(result, physAddr(at), len, 0);
  return result;
}

const run = fc.record({
  page: fc.nat(15),
  offset: fc.constantFrom(0, 0, 0, 16, 512, 2048, 4000),
  len: fc.constantFrom(1, 16, 96, 512, 2048, 4096, 8192, 10_000),
});

const limits = fc.record({
  iommu: fc.boolean(),
  granule: fc.constantFrom(512, 4096, 16384),
  segBoundaryMask: fc.constantFrom(0x7fff, 0xffff, 0xffffffff),
  maxSegSize: fc.constantFrom(10_000, 16384, 65536),
});

test('the segments of a list are its bytes, in order, joined where the rule says', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 12 }), limits, (entries, options) => {
      machine.reset(3);
      const own = new DmaDevice(machine, { name: 'random', ...options });
      const folio = pageAddress(must(machine.allocPages(5, 'test')), 0);
      machine.store(
        folio,
        new Uint8Array(32 * PAGE_SIZE).map((_, i) => i % 251),
      );
      const runs = new BvecList();
      for (const { page: p, offset, len } of entries)
        bvecAppend(runs, physAddr(folio + p * PAGE_SIZE + offset), len, 0);
      const segments = new DmaSegments();
      expect(dmaMapRuns(own, runs, DMA_TO_DEVICE, segments)).toBe(0);

      const flat: number[] = [];
      for (let i = 0; i < runs.nr; i++)
        flat.push(...machine.load(bvecPhys(runs, i), bvecLen(runs, i)));
      const seen: number[] = [];
      for (let i = 0; i < segments.nr; i++) {
        seen.push(...own.load(physAddr(segments.addr[i]), segments.len[i]));
        if (own.iommu) expect(segments.len[i]).toBeLessThanOrEqual(own.maxSegSize);
      }
      expect(seen).toEqual(flat);
      expect(Array.from(segments.addr.subarray(0, segments.nr))).toEqual(expectedStarts(own));
      dmaUnmapRuns(own, dmaAddr(segments.addr[0]), runs.nr, DMA_TO_DEVICE);
      expect(machine.ledger.count('dma')).toBe(0);
    }),
    { numRuns: 150 },
  );
});

/** Where segments begin, from the device addresses of the runs alone. */
function expectedStarts(own: DmaDevice): number[] {
  const { dma, len } = machine.dma.mappings[0];
  const starts: number[] = [];
  let length = 0;
  for (let i = 0; i < dma.length; i++) {
    const adjacent = i > 0 && dma[i - 1] + len[i - 1] === dma[i] && dma[i] % own.granule === 0;
    const boundary = dma[i] % (own.segBoundaryMask + 1) === 0;
    if (own.iommu && adjacent && !boundary && length + len[i] <= own.maxSegSize) {
      length += len[i];
    } else {
      starts.push(dma[i]);
      length = len[i];
    }
  }
  return starts;
}

test('an IOMMU joins scattered pages into one segment, direct mapping does not', () => {
  const pages = [page(1), page(2), page(3)];
  const segments = new DmaSegments();
  const runs = list([pages[0] + 96, 4000], [pages[1], 4096], [pages[2], 10]);
  const iommu = new DmaDevice(machine, { name: 'iommu', iommu: true });
  expect(dmaMapRuns(iommu, runs, DMA_BIDIRECTIONAL, segments)).toBe(0);
  expect([segments.nr, segments.len[0]]).toEqual([1, 8106]);
  iommu.store(physAddr(segments.addr[0] + 3990), new Uint8Array(20).fill(9));
  expect(() => dmaUnmapRuns(iommu, dmaAddr(segments.addr[0]), 1, DMA_BIDIRECTIONAL)).toThrow(
    'device driver frees DMA sg list with different entry count',
  );
  dmaUnmapRuns(iommu, dmaAddr(segments.addr[0]), 3, DMA_BIDIRECTIONAL);
  expect([...machine.load(physAddr(pages[0] + 4085), 11)]).toEqual([1, ...Array(10).fill(9)]);
  expect([...machine.load(pages[1], 11)]).toEqual([...Array(10).fill(9), 2]);
  expect(dmaMapRuns(device, runs, DMA_TO_DEVICE, segments)).toBe(0);
  expect(segments.nr).toBe(3);
});

test('a segment boundary and the longest segment end a segment', () => {
  const pages = [page(), page(), page(), page()];
  const runs = list(...pages.map((at) => [at, 4096] as const));
  const segments = new DmaSegments();
  for (const [options, nr] of [
    [{ segBoundaryMask: 0x1fff }, 2],
    [{ maxSegSize: 8192 }, 2],
    [{ maxSegSize: 8191 }, 4],
    [{}, 1],
  ] as const) {
    const own = new DmaDevice(machine, { name: 'own', iommu: true, ...options });
    expect(dmaMapRuns(own, runs, DMA_TO_DEVICE, segments)).toBe(0);
    expect(segments.nr).toBe(nr);
    dmaUnmapRuns(own, dmaAddr(segments.addr[0]), 4, DMA_TO_DEVICE);
  }
});

test('behind a run that is longer than the device takes, everything is joined, as in C', () => {
  const folio = pageAddress(must(machine.allocPages(2, 'test')), 0);
  const own = new DmaDevice(machine, { name: 'own', iommu: true, maxSegSize: 4096 });
  const segments = new DmaSegments();
  dmaMapRuns(own, list([folio, 8192], [page(), 4096]), DMA_FROM_DEVICE, segments);
  expect([segments.nr, segments.len[0]]).toEqual([1, 12288]);
  expect(machine.warnings[0]).toMatch('longer than device claims to support');
});

test.each([false, true])('unmapping must name what was mapped (iommu %s)', (iommu) => {
  const own = new DmaDevice(machine, { name: 'own', iommu });
  const at = page();
  const addr = dmaMapPhys(own, at, 64, DMA_TO_DEVICE);
  expect(dmaMappingError(addr)).toBe(0);
  expect(() => dmaUnmapPhys(own, dmaAddr(addr + 1), 64, DMA_TO_DEVICE)).toThrow('not allocated');
  expect(() => dmaUnmapPhys(device, addr, 64, DMA_TO_DEVICE)).toThrow('not allocated');
  expect(() => dmaUnmapPhys(own, addr, 63, DMA_TO_DEVICE)).toThrow('different size');
  expect(() => dmaUnmapPhys(own, addr, 64, DMA_FROM_DEVICE)).toThrow('different direction');
  expect(() => dmaUnmapRuns(own, addr, 1, DMA_TO_DEVICE)).toThrow('wrong function');
  expect(machine.ledger.holdings().filter((h) => h.kind === 'dma')).toEqual([
    { kind: 'dma', id: addr, who: 'own', count: 1 },
  ]);
  dmaUnmapPhys(own, addr, 64, DMA_TO_DEVICE);
  expect(() => dmaUnmapPhys(own, addr, 64, DMA_TO_DEVICE)).toThrow('not allocated');
});

test('two mappings for writing must not share a byte; for reading they may', () => {
  const at = page();
  const write = dmaMapPhys(device, at, 64, DMA_FROM_DEVICE);
  expect(() => dmaMapPhys(device, physAddr(at + 63), 10, DMA_BIDIRECTIONAL)).toThrow('overlapping');
  const beside = dmaMapPhys(device, physAddr(at + 64), 10, DMA_BIDIRECTIONAL);
  const read = dmaMapPhys(device, at, 64, DMA_TO_DEVICE);
  expect(read).toBe(write);
  device.store(physAddr(write), new Uint8Array(64));
  device.load(physAddr(read), 64);
  dmaUnmapPhys(device, read, 64, DMA_TO_DEVICE);
  dmaUnmapPhys(device, beside, 10, DMA_BIDIRECTIONAL);
  dmaUnmapPhys(device, write, 64, DMA_FROM_DEVICE);
  expect(machine.ledger.count('dma')).toBe(0);
});

test('a device reaches its mappings only, byte by byte, and in their direction', () => {
  const at = page();
  const addr = dmaMapPhys(device, physAddr(at + 8), 16, DMA_FROM_DEVICE);
  device.store(physAddr(addr), new Uint8Array(16).fill(7));
  for (const outside of [addr - 1, addr + 16])
    expect(() => device.store(physAddr(outside), Uint8Array.of(1))).toThrow('outside its mappings');
  expect(() => device.store(physAddr(addr + 8), new Uint8Array(9))).toThrow('outside its mappings');
  expect(() => device.load(physAddr(addr), 1)).toThrow('against the direction');
  dmaUnmapPhys(device, addr, 16, DMA_FROM_DEVICE);
  expect(() => device.store(physAddr(addr), Uint8Array.of(1))).toThrow('outside its mappings');
  expect([...machine.load(physAddr(at + 7), 2)]).toEqual([1, 7]);
  const read = dmaMapPhys(device, at, 4, DMA_TO_DEVICE);
  expect(() => device.store(physAddr(read), Uint8Array.of(1))).toThrow('against the direction');
});

test('the CPU keeps off mapped memory, except that it may read what the device only reads', () => {
  const at = page();
  const out = page();
  const read = dmaMapPhys(device, at, 16, DMA_TO_DEVICE);
  const write = dmaMapPhys(device, out, 16, DMA_FROM_DEVICE);
  machine.load(at, 16);
  machine.copy(physAddr(at + 100), at, 16);
  machine.store(physAddr(at + 16), Uint8Array.of(1));
  const owned = 'CPU access to memory that a device owns';
  expect(() => machine.store(physAddr(at + 15), Uint8Array.of(1, 2))).toThrow(owned);
  expect(() => machine.fill(at, 1, 0)).toThrow(owned);
  expect(() => machine.load(physAddr(out + 15), 1)).toThrow(owned);
  expect(() => machine.copy(at, physAddr(at + 100), 1)).toThrow(owned);
  expect(() => machine.copy(physAddr(at + 100), out, 1)).toThrow(owned);
  dmaUnmapPhys(device, read, 16, DMA_TO_DEVICE);
  dmaUnmapPhys(device, write, 16, DMA_FROM_DEVICE);
  machine.store(at, machine.load(out, 16));
});

test('a sync moves exactly its bytes between the device and the CPU', () => {
  const at = page();
  const addr = dmaMapPhys(device, at, 64, DMA_BIDIRECTIONAL);
  dmaSyncForCpu(device, dmaAddr(addr + 16), 16, DMA_BIDIRECTIONAL);
  machine.store(physAddr(at + 16), new Uint8Array(16).fill(5));
  expect(() => machine.store(physAddr(at + 15), Uint8Array.of(1))).toThrow('device owns');
  expect(() => machine.load(physAddr(at + 31), 2)).toThrow('device owns');
  expect(() => device.load(physAddr(addr + 10), 10)).toThrow('that the CPU owns');
  device.load(physAddr(addr + 32), 32);
  dmaSyncForDevice(device, addr, 64, DMA_BIDIRECTIONAL);
  expect(device.load(physAddr(addr + 16), 1)[0]).toBe(5);
  expect(() => machine.load(physAddr(at + 16), 1)).toThrow('device owns');
  expect(() => dmaSyncForCpu(device, dmaAddr(addr + 1), 64, DMA_BIDIRECTIONAL)).toThrow(/outside/);
  expect(() => dmaSyncForCpu(device, addr, 1, DMA_TO_DEVICE)).toThrow('different direction');
  expect(() => dmaSyncForCpu(device, dmaAddr(1), 1, DMA_TO_DEVICE)).toThrow('not allocated');
});

test('memory without struct page is mapped as MMIO or in a list that says so, and never synced', () => {
  const at = must(machine.allocDevice(PAGE_SIZE));
  expect(() => dmaMapPhys(device, at, 16, DMA_FROM_DEVICE)).toThrow('without struct page');
  const addr = dmaMapPhys(device, at, 16, DMA_FROM_DEVICE, DMA_ATTR_MMIO);
  device.store(physAddr(addr), new Uint8Array(16));
  expect(() => dmaSyncForCpu(device, addr, 16, DMA_FROM_DEVICE)).toThrow('without struct page');
  dmaUnmapPhys(device, addr, 16, DMA_FROM_DEVICE);
  expect(dmaMapPhys(device, page(), 16, DMA_TO_DEVICE, DMA_ATTR_MMIO)).toBe(DMA_MAPPING_ERROR);
  expect(machine.warnings).toEqual(['dma_map_resource: pfn_valid']);
  const runs = new BvecList();
  bvecAppend(runs, at, 16, 0);
  const segments = new DmaSegments();
  expect(() => dmaMapRuns(device, runs, DMA_TO_DEVICE, segments)).toThrow('BVEC_NO_PAGE');
  runs.flags[0] = BVEC_NO_PAGE;
  expect(dmaMapRuns(device, runs, DMA_TO_DEVICE, segments)).toBe(0);
});

test('what cannot be mapped is refused with the kernel result, and nothing stays mapped', () => {
  const at = page();
  const segments = new DmaSegments();
  const narrow = new DmaDevice(machine, { name: 'narrow', dmaMask: 0xffffffff });
  expect(dmaMapPhys(narrow, at, 16, DMA_TO_DEVICE)).toBe(DMA_MAPPING_ERROR);
  expect(dmaMapRuns(narrow, list([at, 16]), DMA_TO_DEVICE, segments)).toBe(-EIO);
  const shifted = new DmaDevice(machine, { name: 's', dmaMask: 0xffffffff, busOffset: 2 ** 32 });
  expect(dmaMapPhys(shifted, at, 16, DMA_TO_DEVICE)).toBe(at - 2 ** 32);
  dmaUnmapPhys(shifted, dmaAddr(at - 2 ** 32), 16, DMA_TO_DEVICE);
  const unset = new DmaDevice(machine, { name: 'unset', dmaMask: null });
  expect(dmaMapRuns(unset, list([at, 16]), DMA_TO_DEVICE, segments)).toBe(-EINVAL);
  expect(dmaMapPhys(device, at, 0, DMA_TO_DEVICE)).toBe(DMA_MAPPING_ERROR);
  expect(dmaMapRuns(device, list(), DMA_TO_DEVICE, segments)).toBe(-EINVAL);
  const full = new DmaDevice(machine, { name: 'full', iommu: true, dmaMask: 0x3fff });
  expect(dmaMapRuns(full, list([at, 4096], [at, 4096], [at, 4096], [at, 1]), 1, segments)).toBe(
    -ENOMEM,
  );
  expect(segments.nr).toBe(0);
  machine.faults.arm([{ point: 'dma-map', nth: 2 }]);
  expect(dmaMapRuns(device, list([at, 16], [at, 16]), DMA_TO_DEVICE, segments)).toBe(-EIO);
  expect(dmaMappingError(DMA_MAPPING_ERROR)).toBe(-ENOMEM);
  expect([machine.ledger.count('dma'), machine.dma.mappings.length]).toEqual([0, 0]);
});

test('device addresses are given back and do not overlap while they are held', () => {
  const own = new DmaDevice(machine, { name: 'own', iommu: true, dmaMask: 0x7fff });
  const at = pageOf(2);
  const held: number[] = [];
  for (let addr = map(); addr !== DMA_MAPPING_ERROR; addr = map()) held.push(addr);
  // Eight granules, the first never given out, two taken at a time on an even boundary.
  expect(held).toEqual([0x6000, 0x4000, 0x2000]);
  expect(dmaMapPhys(own, at, 100, DMA_TO_DEVICE)).toBe(0x1000);
  dmaUnmapPhys(own, dmaAddr(0x4000), 5000, DMA_TO_DEVICE);
  expect([map(), map()]).toEqual([0x4000, DMA_MAPPING_ERROR]);

  function map(): number {
    return dmaMapPhys(own, at, 5000, DMA_TO_DEVICE);
  }
});

/** A folio of 2^order initialised pages. */
function pageOf(order: number): PhysAddr {
  const at = pageAddress(must(machine.allocPages(order, 'test')), 0);
  machine.fill(at, PAGE_SIZE << order, 1);
  return at;
}

test('vmalloc memory is rejected, freed and foreign memory is a bug', () => {
  const area = must(machine.vmalloc.alloc(16, 'test'));
  expect(dmaMapSingle(device, area, 16, DMA_TO_DEVICE)).toBe(DMA_MAPPING_ERROR);
  expect(machine.warnings).toEqual(['rejecting DMA map of vmalloc memory']);
  const object = must(machine.slab.kmalloc(64, 'test'));
  const addr = dmaMapSingle(device, object, 64, DMA_FROM_DEVICE);
  expect(addr).toBe(linearToPhys(object));
  expect(() => device.load(physAddr(addr), 1)).toThrow('against the direction');
  dmaUnmapPhys(device, addr, 64, DMA_FROM_DEVICE);
  machine.slab.kfree(object);
  expect(() => dmaMapSingle(device, object, 64, DMA_TO_DEVICE)).toThrow('freed object');
  const foreign = must(machine.allocPages(0, 'file'));
  machine.pages.set(foreign, PG_READONLY);
  const at = pageAddress(foreign, 0);
  expect(() => dmaMapPhys(device, at, 16, DMA_FROM_DEVICE)).toThrow('does not own');
});

test('a device that goes on after its memory was freed is seen', () => {
  const object = must(machine.slab.kmalloc(64, 'test'));
  const addr = dmaMapSingle(device, object, 64, DMA_FROM_DEVICE);
  machine.slab.kfree(object);
  expect(() => device.store(physAddr(addr), Uint8Array.of(1))).toThrow('freed object');
});

test('with checks off a device still works through its mappings', () => {
  machine = new Machine({ memory: 1 << 20, checks: false });
  const own = new DmaDevice(machine, { name: 'own', iommu: true });
  const at = page();
  const addr = dmaMapPhys(own, at, 32, DMA_BIDIRECTIONAL);
  own.store(physAddr(addr), new Uint8Array(32).fill(4));
  expect(machine.load(at, 1)[0]).toBe(4);
  dmaUnmapPhys(own, addr, 32, DMA_BIDIRECTIONAL);
});

test('a machine that is reset has no mappings', () => {
  dmaMapPhys(device, page(), 16, DMA_FROM_DEVICE);
  machine.reset(1);
  machine.store(page(), Uint8Array.of(1));
  expect(machine.dma.mappings.length).toBe(0);
});
