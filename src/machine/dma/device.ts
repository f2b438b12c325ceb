/**
 * A device that does DMA: what it can address, and memory as it sees it.
 *
 * Verified on every access of the device: it lies in one mapping, goes in its direction, the CPU has
 * not taken the bytes back, and the memory behind is still allocated. A real IOMMU knows only the
 * first two, and only to the granule.
 * C: struct device in include/linux/device.h, include/linux/dma-mapping.h (6.1)
 * @module
 */
import { assert, KernelBug } from '../../assert.ts';
import type { ByteMemory } from '../../provider/provider.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../../units.ts';
import type { Machine } from '../machine.ts';
import { PHYS_BASE } from '../phys-mem.ts';
import {
  bytesBefore,
  DMA_BIDIRECTIONAL,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  type DmaDirection,
  runAt,
} from './ledger.ts';

const READABLE: readonly DmaDirection[] = [DMA_BIDIRECTIONAL, DMA_TO_DEVICE];
const WRITABLE: readonly DmaDirection[] = [DMA_BIDIRECTIONAL, DMA_FROM_DEVICE];

/** What a device can address, and how it is attached. */
export interface DmaDeviceOptions {
  readonly name: string;
  /** Highest address, 2^n - 1; null when the driver never set it. Default 2^40 - 1. */
  readonly dmaMask?: number | null;
  /** Behind an IOMMU, which scatters and joins. Default false: it sees physical memory. */
  readonly iommu?: boolean;
  /** Bytes that the IOMMU maps at once, a power of two. Default 4096. */
  readonly granule?: number;
  /** A segment must not cross a multiple of this plus 1. Default 2^32 - 1. */
  readonly segBoundaryMask?: number;
  /** Longest segment, bytes. Default 65536. */
  readonly maxSegSize?: number;
  /** Bytes of a cache line where caches are not coherent with the device; default 0, they are. */
  readonly cacheLine?: number;
  /** Physical minus device address without IOMMU. Default 0. */
  readonly busOffset?: number;
}

/**
 * A device. As memory it is addressed by the addresses that mapping gave out; an access must lie in
 * one mapping and go in its direction.
 */
export class DmaDevice implements ByteMemory {
  readonly machine: Machine;
  readonly name: string;
  readonly dmaMask: number | null;
  readonly iommu: boolean;
  readonly granule: number;
  readonly segBoundaryMask: number;
  readonly maxSegSize: number;
  readonly busOffset: number;
  readonly cacheLine: number;

  constructor(machine: Machine, options: DmaDeviceOptions) {
    this.machine = machine;
    this.name = options.name;
    this.dmaMask = options.dmaMask === undefined ? 2 ** 40 - 1 : options.dmaMask;
    this.iommu = options.iommu ?? false;
    this.granule = options.granule ?? PAGE_SIZE;
    this.segBoundaryMask = options.segBoundaryMask ?? 0xffffffff;
    this.maxSegSize = options.maxSegSize ?? 65536;
    this.busOffset = options.busOffset ?? 0;
    this.cacheLine = options.cacheLine ?? 0;
    assert(Number.isInteger(Math.log2(this.granule)), 'IOMMU granule: power of two');
    assert(Number.isInteger(Math.log2(this.segBoundaryMask + 1)), 'segment boundary: 2^n - 1');
    assert(this.maxSegSize > 0 && this.maxSegSize <= 0xffffffff, 'longest segment: 32 bits');
  }

  /** @param at a device address, in the unit that byte kernels take. */
  load(at: PhysAddr, len: number): Uint8Array {
    const { mem, checks, shadow } = this.machine;
    const bytes = new Uint8Array(len);
    for (let done = 0; done < len; ) {
      const { phys, len: part } = this.access(at + done, len - done, false);
      if (checks) shadow.checkRead(phys - PHYS_BASE, part);
      if (part === len) return mem.load(phys, len);
      bytes.set(mem.load(phys, part), done);
      done += part;
    }
    return bytes;
  }

  /** @param at a device address, in the unit that byte kernels take. */
  store(at: PhysAddr, bytes: Uint8Array): void {
    const { mem, checks, shadow } = this.machine;
    for (let done = 0; done < bytes.length; ) {
      const { phys, len: part } = this.access(at + done, bytes.length - done, true);
      if (checks) shadow.checkWrite(phys - PHYS_BASE, part);
      mem.store(phys, bytes.subarray(done, done + part));
      done += part;
    }
  }

  /** The physically contiguous beginning of an access. @throws KernelBug: a DMA fault. */
  private access(address: number, len: number, write: boolean): { phys: PhysAddr; len: number } {
    const wanted = write ? WRITABLE : READABLE;
    const mapping = this.machine.dma.find(this, address, wanted);
    if (mapping === null) this.fault('DMA fault: device access outside its mappings', address);
    if (!wanted.includes(mapping.dir)) {
      this.fault('DMA fault: device access against the direction of the mapping', address);
    }
    const run = runAt(mapping, address);
    const offset = address - mapping.dma[run];
    const part = Math.min(len, mapping.len[run] - offset);
    const before = bytesBefore(mapping, run) + offset;
    if (mapping.cpuOwned?.subarray(before, before + part).some((mark) => mark === 1)) {
      this.fault('device access to memory that the CPU owns', address);
    }
    return { phys: physAddr(mapping.phys[run] + offset), len: part };
  }

  private fault(condition: string, address: number): never {
    throw new KernelBug(condition, { device: this.name, address });
  }
}
