/**
 * How an IOMMU lays a list of runs out in device addresses, and which of them become one segment.
 * C: drivers/iommu/dma-iommu.c iommu_dma_map_sg, __finalise_sg, drivers/iommu/iova.c (6.1)
 * @module
 */
import { type BvecList, bvecLen, bvecPhys } from '../../bvec.ts';
import { type DmaAddr, dmaAddr } from '../../units.ts';
import type { DmaDevice } from './device.ts';
import type { DmaMapping } from './ledger.ts';

/** Segments as a device reads them: first to `nr` - 1 are valid. */
export class DmaSegments {
  addr: Float64Array = new Float64Array(16);
  len: Uint32Array = new Uint32Array(16);
  nr = 0;
}

export function dmaSegmentsClear(segments: DmaSegments): void {
  segments.nr = 0;
}

export function dmaSegmentsAppend(segments: DmaSegments, addr: number, len: number): void {
  if (segments.nr === segments.addr.length) {
    const addrs = new Float64Array(segments.nr * 2);
    const lens = new Uint32Array(segments.nr * 2);
    addrs.set(segments.addr);
    lens.set(segments.len);
    segments.addr = addrs;
    segments.len = lens;
  }
  segments.addr[segments.nr] = addr;
  segments.len[segments.nr] = len;
  segments.nr++;
}

/** Device address space of each run before it is placed. */
export interface IovaLayout {
  /** Offset of a run in its first granule. */
  readonly offset: Float64Array;
  /** Whole granules of a run, with the padding that keeps the next one off a segment boundary. */
  readonly length: Float64Array;
  readonly total: number;
}

/** Rounds every run to granules and pads where the next run would cross a segment boundary. */
export function iovaLayout(device: DmaDevice, runs: BvecList): IovaLayout {
  const offset = new Float64Array(runs.nr);
  const length = new Float64Array(runs.nr);
  const boundary = device.segBoundaryMask + 1;
  let total = 0;
  for (let i = 0; i < runs.nr; i++) {
    offset[i] = bvecPhys(runs, i) % device.granule;
    length[i] = Math.ceil((offset[i] + bvecLen(runs, i)) / device.granule) * device.granule;
    const pad = (boundary - (total % boundary)) % boundary;
    if (pad > 0 && pad < length[i] - 1) {
      length[i - 1] += pad;
      total += pad;
    }
    total += length[i];
  }
  return { offset, length, total };
}

/**
 * Joins runs that lie one behind the other in device addresses. A run joins the segment before it
 * when that segment ended on a granule, the run begins on one, the address is not at a segment
 * boundary, and the sum is not longer than the device takes. `max - cur` is unsigned as in C: behind
 * a run that is already too long everything is joined.
 * @kernel __finalise_sg
 */
export function finaliseRuns(
  device: DmaDevice,
  runs: BvecList,
  layout: IovaLayout,
  base: DmaAddr,
  segments: DmaSegments,
): void {
  dmaSegmentsClear(segments);
  const boundary = device.segBoundaryMask + 1;
  let at: number = base;
  let current = 0;
  for (let i = 0; i < runs.nr; i++) {
    const len = bvecLen(runs, i);
    const room = (device.maxSegSize - current) >>> 0;
    if (current > 0 && layout.offset[i] === 0 && at % boundary !== 0 && room >= len) {
      current += len;
      segments.len[segments.nr - 1] = current;
    } else {
      current = len;
      dmaSegmentsAppend(segments, at + layout.offset[i], len);
    }
    at += layout.length[i];
    if (len + layout.offset[i] < layout.length[i]) current = 0;
  }
}

/**
 * Takes the highest free device addresses, aligned to their size rounded up to a power of two, so
 * that a short mapping never lies across a segment boundary. The first granule is never given out.
 * @returns null when there is no room below the device's mask and 4 GiB. @kernel alloc_iova
 */
export function allocIova(
  device: DmaDevice,
  mappings: readonly DmaMapping[],
  size: number,
): DmaAddr | null {
  const alignment = 2 ** Math.ceil(Math.log2(Math.max(size, device.granule)));
  const limit = Math.min(device.dmaMask ?? 0, 0xffffffff) + 1;
  const taken = mappings
    .filter((mapping) => mapping.device === device && mapping.iovaSize > 0)
    .sort((a, b) => b.iova - a.iova);
  let end = limit;
  for (const mapping of taken) {
    const start = Math.floor((end - size) / alignment) * alignment;
    if (start >= mapping.iova + mapping.iovaSize) return dmaAddr(start);
    end = Math.min(end, mapping.iova);
  }
  const start = Math.floor((end - size) / alignment) * alignment;
  return start >= device.granule ? dmaAddr(start) : null;
}
