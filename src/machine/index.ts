/**
 * The simulated machine, for callers that place their own memory.
 * @module
 */

export { KernelBug, KernelOops } from '../assert.ts';
export {
  type DmaAddr,
  dmaAddr,
  MAX_RW_COUNT,
  PAGE_SHIFT,
  PAGE_SIZE,
  type Pfn,
  type PhysAddr,
  pfn,
  physAddr,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../units.ts';
export { must, readKernel, writeKernel } from './access.ts';
export { pageToVirt, physToLinear, virtToPage } from './address.ts';
export { DmaDevice, type DmaDeviceOptions } from './dma/device.ts';
export {
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
} from './dma/dma.ts';
export { DmaSegments } from './dma/iommu.ts';
export {
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  type DmaDirection,
} from './dma/ledger.ts';
export { KernelMemory } from './kernel-memory.ts';
export type { Ledger } from './ledger.ts';
export { Machine, type MachineOptions, pageAddress } from './machine.ts';
export type { PageMap } from './page.ts';
export { type CacheEntry, PageCache } from './page-cache.ts';
export { pfnToPhys, physToPfn } from './phys-mem.ts';
export { type Scheduler, WorkQueue } from './scheduler.ts';
export { kasanPageToVirt, translateKernel } from './translate.ts';
export { AddressSpace, copyFromUser, copyToUser, getUserPagesFast } from './user.ts';
