/**
 * Mapping a scatterlist for a device.
 *
 * A mapping leaves its result in the list: the first entries get (dma_address, dma_length) of the
 * segments that the device sees, which an IOMMU may have joined, so they do not belong to the entry
 * that holds them. Whoever reads `length` behind a mapping reads the wrong list.
 * C: kernel/dma/mapping.c, include/linux/dma-mapping.h (6.1)
 *
 * Modelled with NEED_SG_DMA_LENGTH: a DMA length of its own. The certified kernel has no such field, and
 * `sg_dma_len` is `length` there. An entry of length 0 gets no DMA entry and a warning, where the direct
 * mapping of 6.1 gives it one: such lists are forbidden.
 * @module
 */
import { KernelBug, KernelOops } from '../../src/assert.ts';
import { BvecList, bvecAppend } from '../../src/bvec.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import type { DmaDevice } from '../../src/machine/dma/device.ts';
import {
  DMA_MAPPING_ERROR,
  dmaMapRuns,
  dmaSyncForCpu,
  dmaSyncForDevice,
  dmaUnmapRuns,
} from '../../src/machine/dma/dma.ts';
import { DmaSegments } from '../../src/machine/dma/iommu.ts';
import type { DmaDirection } from '../../src/machine/dma/ledger.ts';
import { type DmaAddr, dmaAddr } from '../../src/units.ts';
import { type Scatterlist, sgNext, sgPhys } from './scatterlist.ts';
import type { SgTable } from './sg-table.ts';

/** @kernel sg_dma_address */
export function sgDmaAddress(sg: Scatterlist): DmaAddr {
  return sg.dmaAddress;
}

/**
 * Bytes of the segment in this entry.
 * @throws KernelBug where no mapping has filled it: a kernel has what stood there before.
 * @kernel sg_dma_len
 */
export function sgDmaLen(sg: Scatterlist): number {
  if (sg.dmaLength === 0 && sg.length > 0) {
    throw new KernelBug('sg_dma_len of an entry that no DMA mapping has filled', {
      length: sg.length,
    });
  }
  return sg.dmaLength;
}

/**
 * Maps `nents` entries.
 * @returns how many entries hold a segment; 0 on any failure, never an errno.
 * @kernel dma_map_sg
 */
export function dmaMapSg(
  device: DmaDevice,
  sg: Scatterlist,
  nents: number,
  dir: DmaDirection,
): number {
  const mapped = mapEntries(device, sg, nents, dir);
  return Math.max(mapped, 0);
}

/**
 * Unmaps a list. `nents` are the entries that were mapped, not what mapping returned.
 * @throws KernelBug for another number. @kernel dma_unmap_sg
 */
export function dmaUnmapSg(
  device: DmaDevice,
  sg: Scatterlist,
  nents: number,
  dir: DmaDirection,
): void {
  const entries = entriesOf(sg, nents).filter(({ length }) => length > 0);
  dmaUnmapRuns(device, sg.dmaAddress, entries.length, dir);
}

/**
 * Maps the `origNents` entries of a table and leaves the number of segments in `nents`.
 * @returns 0, -EINVAL, -ENOMEM or -EIO. @kernel dma_map_sgtable
 */
export function dmaMapSgtable(device: DmaDevice, sgt: SgTable, dir: DmaDirection): Errno {
  if (sgt.sgl === null) return -EINVAL;
  const mapped = mapEntries(device, sgt.sgl, sgt.origNents, dir);
  if (mapped < 0) return mapped;
  sgt.nents = mapped;
  return 0;
}

/** @kernel dma_unmap_sgtable */
export function dmaUnmapSgtable(device: DmaDevice, sgt: SgTable, dir: DmaDirection): void {
  if (sgt.sgl === null) throw new KernelOops('dma_unmap_sgtable of an empty table');
  dmaUnmapSg(device, sgt.sgl, sgt.origNents, dir);
}

/** Gives a mapped list to the CPU. `nents` as for unmapping. @kernel dma_sync_sg_for_cpu */
export function dmaSyncSgForCpu(
  device: DmaDevice,
  sg: Scatterlist,
  nents: number,
  dir: DmaDirection,
): void {
  for (const { dmaAddress, dmaLength } of segmentsOf(sg, nents)) {
    dmaSyncForCpu(device, dmaAddress, dmaLength, dir);
  }
}

/** Gives a mapped list back to the device. @kernel dma_sync_sg_for_device */
export function dmaSyncSgForDevice(
  device: DmaDevice,
  sg: Scatterlist,
  nents: number,
  dir: DmaDirection,
): void {
  for (const { dmaAddress, dmaLength } of segmentsOf(sg, nents)) {
    dmaSyncForDevice(device, dmaAddress, dmaLength, dir);
  }
}

/** @returns segments, or the negative errno that dma_map_sg hides. */
function mapEntries(
  device: DmaDevice,
  sg: Scatterlist,
  nents: number,
  dir: DmaDirection,
): number | Errno {
  const entries = entriesOf(sg, nents);
  const runs = new BvecList(Math.max(nents, 1));
  for (const entry of entries) bvecAppend(runs, sgPhys(entry), entry.length, 0);
  if (runs.nr < nents) device.machine.warn('empty entry in a list for a device');
  const segments = new DmaSegments();
  const err = dmaMapRuns(device, runs, dir, segments);
  if (err !== 0) return err;
  for (const entry of entries) {
    entry.dmaAddress = DMA_MAPPING_ERROR;
    entry.dmaLength = 0;
  }
  for (let i = 0; i < segments.nr; i++) {
    entries[i].dmaAddress = dmaAddr(segments.addr[i]);
    entries[i].dmaLength = segments.len[i];
  }
  return segments.nr;
}

function entriesOf(sg: Scatterlist, nents: number): Scatterlist[] {
  const entries: Scatterlist[] = [];
  let at: Scatterlist | null = sg;
  for (let i = 0; i < nents; i++) {
    if (at === null) throw new KernelOops('for_each_sg behind the list', { nents });
    entries.push(at);
    if (i + 1 < nents) at = sgNext(at);
  }
  return entries;
}

/** The mapped segments; all entries that were mapped must be named. */
function segmentsOf(sg: Scatterlist, nents: number): Scatterlist[] {
  const entries = entriesOf(sg, nents);
  const segments = entries.filter(({ dmaLength }) => dmaLength > 0);
  const bytes = entries.reduce((sum, { length }) => sum + length, 0);
  const mapped = segments.reduce((sum, { dmaLength }) => sum + dmaLength, 0);
  if (bytes !== mapped) {
    throw new KernelBug('DMA sync with another number of entries than was mapped', { nents });
  }
  return segments;
}
