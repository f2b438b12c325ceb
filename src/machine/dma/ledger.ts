/**
 * The DMA ledger: what is mapped for which device, and who owns the bytes while it is.
 *
 * Checked, as `CONFIG_DMA_API_DEBUG` does: unmapping what was not mapped, or with another size,
 * direction or entry count; two mappings through which a device may write the same byte. Checked
 * beyond it, byte by byte: CPU accesses while the device owns the memory, device accesses outside a
 * mapping, against its direction, or after the CPU took the memory back; where caches are not coherent,
 * writes of the CPU beside a mapping whose last or first line they share. Not checked: what is read there.
 * C: kernel/dma/debug.c (6.1)
 * @module
 */
import { KernelBug } from '../../assert.ts';
import { type DmaAddr, dmaAddr, type PhysAddr } from '../../units.ts';

/** Directions (include/linux/dma-direction.h). */
export const DMA_BIDIRECTIONAL = 0;
export const DMA_TO_DEVICE = 1;
export const DMA_FROM_DEVICE = 2;
export type DmaDirection = typeof DMA_BIDIRECTIONAL | typeof DMA_TO_DEVICE | typeof DMA_FROM_DEVICE;

/** The device that a mapping belongs to: its identity and its name. */
export interface DmaOwner {
  readonly name: string;
  /** Bytes of a cache line that a write-back or an invalidation takes along; 0 for coherent caches. */
  readonly cacheLine: number;
}

/** How the memory was mapped, and so must be unmapped. */
export type DmaMappingKind = 'single' | 'list';

/** One mapping: runs of memory and where the device sees each. Concatenated, they are its bytes. */
export class DmaMapping {
  readonly device: DmaOwner;
  readonly kind: DmaMappingKind;
  readonly dir: DmaDirection;
  readonly phys: Float64Array;
  readonly dma: Float64Array;
  readonly len: Uint32Array;
  readonly size: number;
  /** The device addresses that an IOMMU set aside; no bytes with direct mapping. */
  readonly iova: DmaAddr;
  readonly iovaSize: number;
  /** 1 for each byte that a sync gave back to the CPU; null while the device owns all. */
  cpuOwned: Uint8Array | null = null;

  constructor(
    device: DmaOwner,
    kind: DmaMappingKind,
    dir: DmaDirection,
    runs: { readonly phys: Float64Array; readonly dma: Float64Array; readonly len: Uint32Array },
    iova: DmaAddr,
    iovaSize: number,
  ) {
    this.device = device;
    this.kind = kind;
    this.dir = dir;
    this.phys = runs.phys;
    this.dma = runs.dma;
    this.len = runs.len;
    this.size = runs.len.reduce((sum, len) => sum + len, 0);
    this.iova = iova;
    this.iovaSize = iovaSize;
  }

  /** Where the device sees the first byte. A mapping is named by it. */
  get address(): DmaAddr {
    return dmaAddr(this.dma[0]);
  }
}

export class DmaLedger {
  /** Every mapping of every device, oldest first. */
  readonly mappings: DmaMapping[] = [];
  /** How often a device got memory for reading that it had for writing, or the other way round. */
  opposed = 0;

  reset(): void {
    this.mappings.length = 0;
    this.opposed = 0;
  }

  /** @throws KernelBug when a device could write one byte through two mappings. */
  enter(mapping: DmaMapping): void {
    if (mapping.dir !== DMA_TO_DEVICE) {
      for (const other of this.mappings) {
        if (other.dir === DMA_TO_DEVICE || !overlap(mapping, other)) continue;
        throw new KernelBug("cacheline tracking EEXIST, overlapping mappings aren't supported", {
          device: mapping.device.name,
          other: other.device.name,
          address: mapping.address,
        });
      }
    }
    if (this.mappings.some((other) => areOpposed(mapping, other))) this.opposed++;
    this.mappings.push(mapping);
  }

  /**
   * Removes the mapping at `address`.
   * @param size bytes, or entries of a list.
   * @throws KernelBug unless it was mapped by this device with the same kind, size and direction.
   */
  leave(
    device: DmaOwner,
    address: DmaAddr,
    kind: DmaMappingKind,
    size: number,
    dir: DmaDirection,
  ): DmaMapping {
    const candidates = this.mappings.filter((m) => m.device === device && m.address === address);
    const exact = candidates.find((m) => mismatch(m, kind, size, dir) === null);
    const mapping = exact ?? candidates[0];
    if (mapping === undefined) {
      throw new KernelBug('device driver tries to free DMA memory it has not allocated', {
        device: device.name,
        address,
      });
    }
    const wrong = mismatch(mapping, kind, size, dir);
    if (wrong !== null) {
      throw new KernelBug(`device driver frees DMA ${wrong}`, {
        device: device.name,
        address,
        size,
        dir,
      });
    }
    this.mappings.splice(this.mappings.indexOf(mapping), 1);
    return mapping;
  }

  /**
   * The mapping of `device` that holds a device address: one whose direction is in `wanted` if there
   * is one (in place, two mappings may have one address), else any, else null.
   */
  find(device: DmaOwner, address: number, wanted: readonly DmaDirection[]): DmaMapping | null {
    let other: DmaMapping | null = null;
    for (const mapping of this.mappings) {
      if (mapping.device !== device || runAt(mapping, address) < 0) continue;
      if (wanted.includes(mapping.dir)) return mapping;
      other ??= mapping;
    }
    return other;
  }

  /**
   * A CPU access to physical memory. A mapping for reading may still be read.
   * @throws KernelBug when a device owns one of the bytes.
   */
  checkCpu(at: PhysAddr, len: number, write: boolean): void {
    for (const mapping of this.mappings) {
      if (!write && mapping.dir === DMA_TO_DEVICE) continue;
      let before = 0;
      for (let i = 0; i < mapping.len.length; i++) {
        if (write && sharesLine(mapping, i, at, len)) {
          throw new KernelBug('CPU write to a cache line that a device owns', {
            device: mapping.device.name,
            at,
            len,
          });
        }
        const start = Math.max(at, mapping.phys[i]);
        const end = Math.min(at + len, mapping.phys[i] + mapping.len[i]);
        if (start < end) {
          this.checkOwner(mapping, before + start - mapping.phys[i], end - start, start, write);
        }
        before += mapping.len[i];
      }
    }
  }

  private checkOwner(
    mapping: DmaMapping,
    offset: number,
    len: number,
    at: number,
    write: boolean,
  ): void {
    const owned = mapping.cpuOwned;
    if (owned?.subarray(offset, offset + len).every((mark) => mark === 1)) return;
    throw new KernelBug('CPU access to memory that a device owns', {
      device: mapping.device.name,
      at,
      len,
      write,
    });
  }
}

/** True for a range beside run `i`, in a line that the run has a part of. */
function sharesLine(mapping: DmaMapping, i: number, at: number, len: number): boolean {
  const { cacheLine } = mapping.device;
  if (cacheLine === 0 || mapping.cpuOwned !== null) return false;
  const from = mapping.phys[i];
  const to = from + mapping.len[i];
  const before = Math.floor(from / cacheLine) * cacheLine;
  const behind = Math.ceil(to / cacheLine) * cacheLine;
  return (at < from && at + len > before) || (at + len > to && at < behind);
}

/** The run of a mapping that holds a device address, or -1. */
export function runAt(mapping: DmaMapping, address: number): number {
  for (let i = 0; i < mapping.dma.length; i++) {
    const inside = address - mapping.dma[i];
    if (inside >= 0 && inside < mapping.len[i]) return i;
  }
  return -1;
}

/** Bytes of the mapping before its run `index`. */
export function bytesBefore(mapping: DmaMapping, index: number): number {
  let sum = 0;
  for (let i = 0; i < index; i++) sum += mapping.len[i];
  return sum;
}

/** What is wrong about an unmapping, in the words of the kernel's DMA debugging, or null. */
function mismatch(
  mapping: DmaMapping,
  kind: DmaMappingKind,
  size: number,
  dir: DmaDirection,
): string | null {
  if (mapping.kind !== kind) return 'memory with wrong function';
  if (kind === 'list' && mapping.len.length !== size) return 'sg list with different entry count';
  if (kind === 'single' && mapping.size !== size) return 'memory with different size';
  return mapping.dir === dir ? null : 'memory with different direction';
}

/** True for memory that one device has both ways, by two mappings. */
function areOpposed(a: DmaMapping, b: DmaMapping): boolean {
  return (
    a.device === b.device &&
    a.dir !== b.dir &&
    (a.dir === DMA_TO_DEVICE || b.dir === DMA_TO_DEVICE) &&
    overlap(a, b)
  );
}

function overlap(a: DmaMapping, b: DmaMapping): boolean {
  for (let i = 0; i < a.len.length; i++) {
    for (let j = 0; j < b.len.length; j++) {
      if (a.phys[i] < b.phys[j] + b.len[j] && b.phys[j] < a.phys[i] + a.len[i]) return true;
    }
  }
  return false;
}
