/**
 * Goal: a mapped list says where the device finds its bytes, whatever the device joins, and everything
 * that was mapped is unmapped. The bridges lose nothing but what a side cannot say.
 * Method: the device reads through its own addresses and must see the bytes of the list.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BVEC_NO_PAGE, BVEC_READONLY, BvecList, bvecAppend, bvecEntries } from '../../src/bvec.ts';
import { EFAULT, EINVAL, EIO, EMSGSIZE, ENOMEM, EOPNOTSUPP } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { pageToVirt } from '../../src/machine/address.ts';
import { DmaDevice, type DmaDeviceOptions } from '../../src/machine/dma/device.ts';
import { DMA_MAPPING_ERROR } from '../../src/machine/dma/dma.ts';
import { DMA_BIDIRECTIONAL, DMA_FROM_DEVICE, DMA_TO_DEVICE } from '../../src/machine/dma/ledger.ts';
import { Machine } from '../../src/machine/machine.ts';
import { pfn, physAddr } from '../../src/units.ts';
import { cutList, listOf, pattern, type Run } from '../testing.ts';
import { type Scatterlist, sgAlloc, sgInitTable, sgNents, sgNext } from './scatterlist.ts';
import { bvecToSg, extractIterToSg, sgReleaseExtracted, sgToBvec } from './sg-bridge.ts';
import {
  dmaMapSg,
  dmaMapSgtable,
  dmaSyncSgForCpu,
  dmaSyncSgForDevice,
  dmaUnmapSg,
  dmaUnmapSgtable,
  sgDmaAddress,
  sgDmaLen,
} from './sg-dma.ts';
import { SgTable, sgAllocTableFromPages, sgFreeTable } from './sg-table.ts';

const machine = new Machine({ seed: 4, memory: 8 * 1024 * 1024 });

/** Eight contiguous pages of pattern. */
function pages(): number {
  const page = must(machine.allocPages(3, 'test'));
  machine.store(physAddr(page * 4096), pattern(8 * 4096));
  return pageToVirt(page);
}

function device(options: Partial<DmaDeviceOptions> = {}): DmaDevice {
  return new DmaDevice(machine, { name: 'dev', ...options });
}

/** What the device reads in the first `mapped` entries. */
function seen(dev: DmaDevice, sg: Scatterlist, mapped: number): number[] {
  const bytes: number[] = [];
  let at: Scatterlist | null = sg;
  for (let i = 0; i < mapped && at !== null; i++, at = sgNext(at)) {
    bytes.push(...dev.load(physAddr(sgDmaAddress(at)), sgDmaLen(at)));
  }
  return bytes;
}

test('a device sees the bytes of the list, direct or joined', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(7), fc.nat(4095), fc.integer({ min: 1, max: 6000 })), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.boolean(),
      fc.constantFrom(4096, 8192, 65536),
      (parts, iommu, maxSegSize) => {
        machine.reset(4);
        const base = pages();
        const runs: Run[] = parts.map(([page, offset, len]) => {
          const start = page * 4096 + offset;
          return [base + start, Math.min(len, 8 * 4096 - start, maxSegSize)];
        });
        const sg = listOf(machine, runs);
        const dev = device({ iommu, maxSegSize });
        const mapped = dmaMapSg(dev, sg, runs.length, DMA_TO_DEVICE);
        expect(mapped).toBeGreaterThan(0);
        expect(mapped <= runs.length && (iommu || mapped === runs.length)).toBe(true);
        const text = pattern(8 * 4096);
        const expected = runs.flatMap(([at, len]) => [
          ...text.subarray(at - base, at - base + len),
        ]);
        expect(Buffer.compare(Buffer.from(seen(dev, sg, mapped)), Buffer.from(expected))).toBe(0);
        // The entries behind the segments hold nothing.
        const rest = sg.table.slice(mapped);
        expect(rest.every((entry) => sgDmaAddress(entry) === DMA_MAPPING_ERROR)).toBe(true);
        expect(rest.every((entry) => sgDmaLen(entry) === 0)).toBe(true);
        dmaUnmapSg(dev, sg, runs.length, DMA_TO_DEVICE);
        expect(machine.ledger.count('dma')).toBe(0);
      },
    ),
    { seed: 4, numRuns: 100 },
  );
});

test('an IOMMU joins whole pages, but not over a boundary nor above the longest segment', () => {
  machine.reset(4);
  const base = pages();
  const sg = cutList(machine, base as ReturnType<typeof pageToVirt>, 4 * 4096, [4096, 4096, 4096]);
  const joined = (options: Partial<DmaDeviceOptions>) => {
    const dev = device({ iommu: true, ...options });
    const mapped = dmaMapSg(dev, sg, 4, DMA_BIDIRECTIONAL);
    const lengths = sg.table.slice(0, mapped).map(sgDmaLen);
    dmaUnmapSg(dev, sg, 4, DMA_BIDIRECTIONAL);
    return lengths;
  };
  expect(joined({})).toEqual([16384]);
  expect(joined({ maxSegSize: 8192 })).toEqual([8192, 8192]);
  expect(joined({ segBoundaryMask: 8191 })).toEqual([8192, 8192]);
  expect(joined({ iommu: false })).toEqual([4096, 4096, 4096, 4096]);
});

test('failures: 0 from dma_map_sg, the errno from dma_map_sgtable', () => {
  machine.reset(4);
  const base = pages();
  const sg = listOf(machine, [[base, 64]]);
  expect(dmaMapSg(device({ dmaMask: 0xffff }), sg, 1, DMA_TO_DEVICE)).toBe(0);
  const sgt = new SgTable();
  expect(dmaMapSgtable(device(), sgt, DMA_TO_DEVICE)).toBe(-EINVAL);
  const first = pfn((base - 2 ** 47) / 4096);
  sgAllocTableFromPages(machine, sgt, [first, pfn(first + 2)], 0, 8192);
  expect(dmaMapSgtable(device({ dmaMask: 0xffff }), sgt, DMA_TO_DEVICE)).toBe(-EIO);
  machine.faults.arm([{ point: 'dma-map', nth: 1 }]);
  expect(dmaMapSgtable(device({ iommu: true }), sgt, DMA_TO_DEVICE)).toBe(-ENOMEM);
  machine.faults.arm([]);
  const dev = device({ iommu: true });
  expect(dmaMapSgtable(dev, sgt, DMA_TO_DEVICE)).toBe(0);
  expect([sgt.nents, sgt.origNents]).toEqual([1, 2]);
  dmaUnmapSgtable(dev, sgt, DMA_TO_DEVICE);
  sgFreeTable(machine, sgt);
  expect(machine.ledger.count('dma') + machine.ledger.count('slab')).toBe(0);
});

test('between two syncs the device may not touch the list', () => {
  machine.reset(4);
  const sg = cutList(machine, pages() as ReturnType<typeof pageToVirt>, 8192, [4096]);
  for (const iommu of [false, true]) {
    const dev = device({ iommu });
    const mapped = dmaMapSg(dev, sg, 2, DMA_FROM_DEVICE);
    dmaSyncSgForCpu(dev, sg, 2, DMA_FROM_DEVICE);
    expect(() => dev.store(physAddr(sgDmaAddress(sg)), new Uint8Array(16))).toThrow();
    dmaSyncSgForDevice(dev, sg, 2, DMA_FROM_DEVICE);
    dev.store(physAddr(sgDmaAddress(sg)), new Uint8Array(16));
    expect(mapped).toBe(iommu ? 1 : 2);
    dmaUnmapSg(dev, sg, 2, DMA_FROM_DEVICE);
  }
});

test('an empty entry is mapped by nobody and warned about', () => {
  machine.reset(4);
  const dev = device();
  const sg = cutList(machine, pages() as ReturnType<typeof pageToVirt>, 64, [32, 0]);
  expect(dmaMapSg(dev, sg, 3, DMA_TO_DEVICE)).toBe(2);
  expect(machine.warnings).toEqual(['empty entry in a list for a device']);
  dmaUnmapSg(dev, sg, 3, DMA_TO_DEVICE);
});

test('list to bio_vecs and back keeps the bytes, drops empty entries and merges neighbours', () => {
  machine.reset(4);
  const base = pages();
  const sg = listOf(machine, [
    [base, 100],
    [base + 100, 0],
    [base + 100, 50],
    [base + 9000, 10],
  ]);
  const bvecs = new BvecList();
  expect(sgToBvec(sg, 155, bvecs)).toBe(0);
  expect(bvecEntries(bvecs).map(({ len }) => len)).toEqual([150, 5]);
  const table = sgAlloc(4);
  expect(bvecToSg(bvecs, true, table)).toBe(2);
  expect(sgNents(table[0])).toBe(2);
  const again = new BvecList();
  expect(sgToBvec(table[0], 155, again)).toBe(0);
  expect(bvecEntries(again)).toEqual(bvecEntries(bvecs));
  expect(sgToBvec(sg, 161, new BvecList())).toBe(-EINVAL);
});

test('what a list cannot say is refused: no struct page, no permission, too many', () => {
  machine.reset(4);
  const table = sgAlloc(1);
  const list = new BvecList();
  expect(bvecToSg(list, false, table)).toBe(-EINVAL);
  bvecAppend(list, must(machine.allocDevice(64)), 64, BVEC_NO_PAGE);
  expect(bvecToSg(list, false, table)).toBe(-EOPNOTSUPP);
  const readonly = new BvecList();
  bvecAppend(readonly, physAddr(pages() - 2 ** 47), 64, BVEC_READONLY);
  expect(bvecToSg(readonly, true, table)).toBe(-EFAULT);
  expect(bvecToSg(readonly, false, table)).toBe(1);
  bvecAppend(readonly, physAddr(pages() - 2 ** 47), 64, 0);
  expect(bvecToSg(readonly, false, table)).toBe(-EMSGSIZE);
});

test('a run that begins late in its page gives back every page that it touches', () => {
  machine.reset(4);
  const page = must(machine.allocPages(1, 'user'));
  const pages = [page, pfn(page + 1)];
  for (const taken of pages) machine.pinPage(taken, 'extract');
  const sgt = new SgTable();
  const table = sgAlloc(1);
  sgInitTable(table, 1);
  sgt.sgl = table[0];
  expect(extractIterToSg([{ page, offset: 100, len: 4096 }], 4096, sgt, 1)).toBe(4096);
  sgReleaseExtracted(machine, sgt, 1, false);
  expect(machine.ledger.count('pin')).toBe(0);
});

test('an extraction appends, drops empty runs, stops at its limits and sets no END mark', () => {
  machine.reset(4);
  const taken = [1, 2, 3].map(() => must(machine.allocPages(0, 'user')));
  const runs = [
    { page: taken[0], offset: 100, len: 3996 },
    { page: taken[1], offset: 0, len: 0 },
    { page: taken[1], offset: 0, len: 4096 },
    { page: taken[2], offset: 0, len: 4096 },
  ];
  const sgt = new SgTable();
  const table = sgAlloc(3);
  sgInitTable(table, 3);
  sgt.sgl = table[0];
  for (const { page, len } of runs) if (len > 0) machine.pinPage(page, 'extract');
  expect(extractIterToSg(runs, 10000, sgt, 0)).toBe(0);
  expect(extractIterToSg(runs.slice(0, 1), 10000, sgt, 3)).toBe(3996);
  // The bound counts what one call adds, not what the table holds.
  expect(extractIterToSg(runs.slice(1), 6000, sgt, 1)).toBe(4096);
  expect([sgt.nents, sgt.origNents]).toEqual([2, 0]);
  expect(extractIterToSg(runs.slice(3), 1904, sgt, 1)).toBe(1904);
  expect(table.map(({ length }) => length)).toEqual([3996, 4096, 1904]);
  // The mark on the last slot was the caller's.
  expect(sgNents(table[0])).toBe(3);
  sgReleaseExtracted(machine, sgt, 3, true);
  expect(machine.ledger.count('pin')).toBe(0);
  expect(sgt.nents).toBe(0);
});
