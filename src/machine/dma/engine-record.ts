/**
 * What a driver of an engine keeps for one job: its context record in memory of its own, and the buffer
 * through which a job goes whose lists the device cannot take.
 * @module
 */

import { ENOMEM, type Errno } from '../../errno.ts';
import { type DmaAddr, type VirtAddr, virtAddr } from '../../units.ts';
import { readKernel, writeKernel } from '../access.ts';
import { GFP_ATOMIC } from '../context.ts';
import type { DmaDevice } from './device.ts';
import { dmaMappingError, dmaMapSingle, dmaSyncForCpu, dmaUnmapPhys } from './dma.ts';
import { ENGINE_CONTEXT, ENGINE_IV, ENGINE_KEY, ENGINE_RESULT } from './engine.ts';
import { DmaSegments, dmaSegmentsAppend } from './iommu.ts';
import { DMA_BIDIRECTIONAL } from './ledger.ts';

/** Smallest object that is aligned to a cache line by itself. */
const LEAST = 64;

/** Memory of the driver that the device reads and writes. */
export class EngineMemory {
  readonly device: DmaDevice;
  readonly at: VirtAddr;
  readonly size: number;
  readonly address: DmaAddr;

  constructor(device: DmaDevice, at: VirtAddr, size: number, address: DmaAddr) {
    this.device = device;
    this.at = at;
    this.size = size;
    this.address = address;
  }
}

/** Takes memory for `fill`, and maps it behind that. @returns -ENOMEM without memory or mapping. */
export function engineMemory(
  device: DmaDevice,
  len: number,
  fill: (at: VirtAddr) => void,
): EngineMemory | Errno {
  const { machine } = device;
  // A power of two: then no line of it is anybody else's.
  const size = 2 ** Math.ceil(Math.log2(Math.max(len, LEAST)));
  const at = machine.slab.kmalloc(size, device.name, GFP_ATOMIC);
  if (at === null) return -ENOMEM;
  fill(at);
  const address = dmaMapSingle(device, at, size, DMA_BIDIRECTIONAL);
  if (dmaMappingError(address) === 0) return new EngineMemory(device, at, size, address);
  machine.slab.kfreeSensitive(at);
  return -ENOMEM;
}

/** Gives the memory to the CPU, which may read it until it is closed. */
export function engineMemorySync({ device, address, size }: EngineMemory): void {
  dmaSyncForCpu(device, address, size, DMA_BIDIRECTIONAL);
}

/** Bytes of memory that was given to the CPU. */
export function engineMemoryRead(
  { device, at }: EngineMemory,
  from: number,
  out: Uint8Array,
): void {
  readKernel(device.machine, virtAddr(at + from), out);
}

/** Unmaps, wipes and frees. */
export function engineMemoryClose({ device, at, address, size }: EngineMemory): void {
  dmaUnmapPhys(device, address, size, DMA_BIDIRECTIONAL);
  device.machine.slab.kfreeSensitive(at);
}

/** A context record with key, IV and the tag that a decryption brings. */
export function engineRecord(
  device: DmaDevice,
  key: Uint8Array,
  iv: Uint8Array,
  tag: Uint8Array,
): EngineMemory | Errno {
  const { machine } = device;
  return engineMemory(device, ENGINE_CONTEXT, (at) => {
    const record = new Uint8Array(ENGINE_CONTEXT);
    record.set(key, ENGINE_KEY);
    record.set(iv, ENGINE_IV);
    record.set(tag, ENGINE_RESULT);
    writeKernel(machine, at, record);
  });
}

/** All of such memory as one segment. */
export function engineMemorySegments({ address, size }: EngineMemory): DmaSegments {
  const segments = new DmaSegments();
  dmaSegmentsAppend(segments, address, size);
  return segments;
}
