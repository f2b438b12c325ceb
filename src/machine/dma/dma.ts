/**
 * DMA: devices that see memory directly or through an IOMMU, mapping, unmapping and syncing.
 *
 * Everything works on physical ranges, so that both a scatterlist and a bio_vec list are mapped by
 * the same code; device memory without struct page is mapped too, where a list says so.
 * C: kernel/dma/mapping.c dma_map_phys (7.3), kernel/dma/direct.c, drivers/iommu/dma-iommu.c (6.1)
 * @module
 */

import { assert, KernelBug } from '../../assert.ts';
import { BVEC_NO_PAGE, BvecList, bvecAppend, bvecLen, bvecPhys } from '../../bvec.ts';
import { EINVAL, EIO, ENOMEM, type Errno } from '../../errno.ts';
import { type DmaAddr, dmaAddr, type PhysAddr, physAddr, type VirtAddr } from '../../units.ts';
import { isVmallocAddr } from '../address.ts';
import { PHYS_BASE, physToPfn } from '../phys-mem.ts';
import { translateKernel } from '../translate.ts';
import type { DmaDevice } from './device.ts';
import {
  allocIova,
  type DmaSegments,
  dmaSegmentsAppend,
  dmaSegmentsClear,
  finaliseRuns,
  iovaLayout,
} from './iommu.ts';
import {
  bytesBefore,
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  type DmaDirection,
  DmaMapping,
  type DmaMappingKind,
  runAt,
} from './ledger.ts';

/** Not normal memory: no struct page, must not be mapped into the kernel. */
export const DMA_ATTR_MMIO = 0x400;
/** What a failed mapping gives; no valid address. */
export const DMA_MAPPING_ERROR: DmaAddr = dmaAddr(Number.MAX_SAFE_INTEGER);

/**
 * Maps one physical range.
 * @returns the device address, or DMA_MAPPING_ERROR: no mask, no bytes, out of reach, no room, RAM
 *   given as MMIO, an injected fault.
 * @throws KernelBug for memory without struct page that is not given as MMIO, for memory that is not
 *   allocated or not to be written, and for a second mapping for writing. @kernel dma_map_phys
 */
export function dmaMapPhys(
  device: DmaDevice,
  phys: PhysAddr,
  size: number,
  dir: DmaDirection,
  attrs = 0,
): DmaAddr {
  const { machine } = device;
  const mmio = (attrs & DMA_ATTR_MMIO) !== 0;
  const hasPage = machine.pages.valid(physToPfn(phys));
  if (mmio && hasPage) {
    machine.warn('dma_map_resource: pfn_valid');
    return DMA_MAPPING_ERROR;
  }
  if (!mmio && !hasPage) {
    throw new KernelBug('dma_map_phys of memory without struct page as normal memory', { phys });
  }
  const runs = new BvecList(1);
  bvecAppend(runs, phys, size, mmio ? BVEC_NO_PAGE : 0);
  const mapping = mapRuns(device, 'single', runs, dir, null);
  return typeof mapping === 'number' ? DMA_MAPPING_ERROR : mapping.address;
}

/** @throws KernelBug unless this range was mapped so. @kernel dma_unmap_phys */
export function dmaUnmapPhys(
  device: DmaDevice,
  addr: DmaAddr,
  size: number,
  dir: DmaDirection,
): void {
  unmap(device, addr, 'single', size, dir);
}

/**
 * Maps kernel memory by virtual address: a tagged pointer is checked here, and only here.
 * @returns DMA_MAPPING_ERROR also for vmalloc memory, with a warning. @kernel dma_map_single
 */
export function dmaMapSingle(
  device: DmaDevice,
  address: VirtAddr,
  size: number,
  dir: DmaDirection,
): DmaAddr {
  if (isVmallocAddr(address)) {
    device.machine.warn('rejecting DMA map of vmalloc memory');
    return DMA_MAPPING_ERROR;
  }
  return dmaMapPhys(device, translateKernel(device.machine, address, size), size, dir);
}

/** @returns 0 or -ENOMEM. @kernel dma_mapping_error */
export function dmaMappingError(addr: DmaAddr): Errno {
  return addr === DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

/**
 * Maps a list of runs and says as which segments the device sees them. Direct mapping gives one
 * segment per run; an IOMMU joins runs (`finaliseRuns`). Runs marked BVEC_NO_PAGE are mapped as MMIO.
 * @returns 0; -EINVAL for an empty list or no mask; -EIO when a run is out of reach; -ENOMEM when the
 *   IOMMU has no room. On failure nothing stays mapped.
 * @throws KernelBug as `dmaMapPhys`. @kernel __dma_map_sg_attrs, without the scatterlist
 */
export function dmaMapRuns(
  device: DmaDevice,
  runs: BvecList,
  dir: DmaDirection,
  segments: DmaSegments,
): Errno {
  dmaSegmentsClear(segments);
  const mapping = mapRuns(device, 'list', runs, dir, segments);
  if (typeof mapping === 'number') dmaSegmentsClear(segments);
  return typeof mapping === 'number' ? mapping : 0;
}

/**
 * Unmaps a list.
 * @param first address of the first segment.
 * @param nents runs that were mapped, not the segments that came of them.
 * @throws KernelBug unless such a list was mapped. @kernel dma_unmap_sg_attrs
 */
export function dmaUnmapRuns(
  device: DmaDevice,
  first: DmaAddr,
  nents: number,
  dir: DmaDirection,
): void {
  unmap(device, first, 'list', nents, dir);
}

/** Gives mapped bytes to the CPU until the next sync for the device. @kernel dma_sync_single_for_cpu */
export function dmaSyncForCpu(
  device: DmaDevice,
  addr: DmaAddr,
  size: number,
  dir: DmaDirection,
): void {
  sync(device, addr, size, dir, 1);
}

/** Gives mapped bytes back to the device. @kernel dma_sync_single_for_device */
export function dmaSyncForDevice(
  device: DmaDevice,
  addr: DmaAddr,
  size: number,
  dir: DmaDirection,
): void {
  sync(device, addr, size, dir, 0);
}

function sync(
  device: DmaDevice,
  addr: DmaAddr,
  size: number,
  dir: DmaDirection,
  owner: number,
): void {
  const mapping = device.machine.dma.find(device, addr, [dir]);
  if (mapping === null) {
    throw new KernelBug('device driver tries to sync DMA memory it has not allocated', { addr });
  }
  const run = runAt(mapping, addr);
  const start = bytesBefore(mapping, run) + addr - mapping.dma[run];
  if (start + size > mapping.size) {
    throw new KernelBug('device driver syncs DMA memory outside allocated range', { addr, size });
  }
  if (mapping.dir !== dir) {
    throw new KernelBug('device driver syncs DMA memory with different direction', { addr, dir });
  }
  if (!device.machine.pages.valid(physToPfn(physAddr(mapping.phys[run])))) {
    throw new KernelBug('sync of memory without struct page', { addr });
  }
  mapping.cpuOwned ??= new Uint8Array(mapping.size);
  mapping.cpuOwned.fill(owner, start, start + size);
}

function mapRuns(
  device: DmaDevice,
  kind: DmaMappingKind,
  runs: BvecList,
  dir: DmaDirection,
  segments: DmaSegments | null,
): DmaMapping | Errno {
  const { machine } = device;
  const valid = dir === DMA_BIDIRECTIONAL || dir === DMA_TO_DEVICE || dir === DMA_FROM_DEVICE;
  assert(valid, 'valid_dma_direction(dir)');
  if (device.dmaMask === null) {
    machine.warn('dma_map: !dev->dma_mask');
    return -EINVAL;
  }
  if (runs.nr === 0) {
    machine.warn('dma_map: no bytes');
    return -EINVAL;
  }
  if (machine.checks) checkRuns(device, runs, dir, kind);
  const mapping = device.iommu
    ? mapThroughIommu(device, kind, runs, dir, segments)
    : mapDirect(device, kind, runs, dir, segments);
  if (typeof mapping === 'number') return mapping;
  machine.dma.enter(mapping);
  if (machine.checks) machine.ledger.take('dma', mapping.address, device.name);
  return mapping;
}

function mapDirect(
  device: DmaDevice,
  kind: DmaMappingKind,
  runs: BvecList,
  dir: DmaDirection,
  segments: DmaSegments | null,
): DmaMapping | Errno {
  const dma = new Float64Array(runs.nr);
  for (let i = 0; i < runs.nr; i++) {
    if (device.machine.faults.hit('dma-map')) return -EIO;
    dma[i] = bvecPhys(runs, i) - device.busOffset;
    if (dma[i] < 0 || dma[i] + bvecLen(runs, i) - 1 > (device.dmaMask ?? 0)) {
      device.machine.warn('DMA addr overflow');
      return -EIO;
    }
    if (segments !== null) dmaSegmentsAppend(segments, dma[i], bvecLen(runs, i));
  }
  return new DmaMapping(device, kind, dir, copyRuns(runs, dma), dmaAddr(0), 0);
}

function mapThroughIommu(
  device: DmaDevice,
  kind: DmaMappingKind,
  runs: BvecList,
  dir: DmaDirection,
  segments: DmaSegments | null,
): DmaMapping | Errno {
  const { machine } = device;
  const layout = iovaLayout(device, runs);
  const base = machine.faults.hit('dma-map')
    ? null
    : allocIova(device, machine.dma.mappings, layout.total);
  if (base === null) return -ENOMEM;
  const dma = new Float64Array(runs.nr);
  let at: number = base;
  for (let i = 0; i < runs.nr; i++) {
    dma[i] = at + layout.offset[i];
    at += layout.length[i];
  }
  if (segments !== null) finaliseRuns(device, runs, layout, base, segments);
  return new DmaMapping(device, kind, dir, copyRuns(runs, dma), base, layout.total);
}

/** Harness-only: a kernel finds these when the device has done its damage. */
function checkRuns(
  device: DmaDevice,
  runs: BvecList,
  dir: DmaDirection,
  kind: DmaMappingKind,
): void {
  const { machine } = device;
  for (let i = 0; i < runs.nr; i++) {
    const at = bvecPhys(runs, i);
    const len = bvecLen(runs, i);
    const marked = (runs.flags[i] & BVEC_NO_PAGE) !== 0;
    if (machine.pages.valid(physToPfn(at)) === marked) {
      throw new KernelBug('BVEC_NO_PAGE does not agree with the memory map', { phys: at });
    }
    if (kind === 'list' && len > device.maxSegSize) {
      machine.warn('mapping sg segment longer than device claims to support');
    }
    machine.shadow.checkAllocated(at - PHYS_BASE, len);
    if (dir !== DMA_TO_DEVICE && !machine.writable(at, len)) {
      throw new KernelBug('DMA mapping for writing of memory that the request does not own', {
        at,
        len,
      });
    }
  }
}

function unmap(
  device: DmaDevice,
  addr: DmaAddr,
  kind: DmaMappingKind,
  size: number,
  dir: DmaDirection,
): void {
  const { machine } = device;
  machine.dma.leave(device, addr, kind, size, dir);
  if (machine.checks) machine.ledger.drop('dma', addr);
}

function copyRuns(
  runs: BvecList,
  dma: Float64Array,
): { phys: Float64Array; dma: Float64Array; len: Uint32Array } {
  const phys = new Float64Array(runs.nr);
  const len = new Uint32Array(runs.nr);
  for (let i = 0; i < runs.nr; i++) {
    phys[i] = bvecPhys(runs, i);
    len[i] = bvecLen(runs, i);
  }
  return { phys, dma, len };
}
