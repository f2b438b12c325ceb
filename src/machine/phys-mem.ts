/**
 * Physical memory: one fixed buffer of 4096-byte frames, with the list of frames written since the
 * last reset.
 *
 * The buffer is that of a `WebAssembly.Memory`, so that small wasm kernels can walk lists of
 * (address, length) in place; it never grows, because growing detaches every view.
 * @module
 */
import { assert } from '../assert.ts';
import type { ByteMemory } from '../provider/provider.ts';
import { PAGE_SHIFT, PAGE_SIZE, type Pfn, type PhysAddr, pfn, physAddr } from '../units.ts';

declare const WebAssembly: {
  readonly Memory: new (limits: {
    initial: number;
    maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE = 65536;

/** Where physical memory begins. 4 GiB, so that arithmetic in 32 bits fails at once. */
export const PHYS_BASE = 0x1_0000_0000;
/** The first frame number of physical memory. */
export const PFN_BASE: number = PHYS_BASE / PAGE_SIZE;

/** The bytes of the machine. Unchecked: `Machine` is the checked view of the same memory. */
export class PhysMem implements ByteMemory {
  /** Number of frames; a power of two. */
  readonly frames: number;
  readonly u8: Uint8Array;
  /** The same bytes as a Buffer, for `compare`. */
  readonly buffer: Buffer;
  /** 1 for each frame written since `clearDirty`. */
  readonly dirty: Uint8Array;
  /** The frames written since `clearDirty`, in order of first write; `dirtyCount` are valid. */
  readonly dirtyList: Int32Array;
  dirtyCount = 0;

  /** @param bytes a power of two, 64 KiB to 4 GiB. */
  constructor(bytes: number) {
    assert(bytes >= WASM_PAGE && Number.isInteger(Math.log2(bytes)), 'memory size: power of two');
    const pages = bytes / WASM_PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.frames = bytes / PAGE_SIZE;
    this.u8 = new Uint8Array(memory.buffer);
    this.buffer = Buffer.from(memory.buffer);
    this.dirty = new Uint8Array(this.frames);
    this.dirtyList = new Int32Array(this.frames);
  }

  load(at: PhysAddr, len: number): Uint8Array {
    return new Uint8Array(this.u8.buffer, at - PHYS_BASE, len);
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    const offset = at - PHYS_BASE;
    this.u8.set(bytes, offset);
    this.markDirty(offset, bytes.length);
  }

  /** Copies inside physical memory; overlapping ranges behave as `memmove`. */
  copy(dst: PhysAddr, src: PhysAddr, len: number): void {
    const offset = dst - PHYS_BASE;
    this.u8.copyWithin(offset, src - PHYS_BASE, src - PHYS_BASE + len);
    this.markDirty(offset, len);
  }

  fill(at: PhysAddr, len: number, value: number): void {
    const offset = at - PHYS_BASE;
    this.u8.fill(value, offset, offset + len);
    this.markDirty(offset, len);
  }

  /** Every write path ends here: a frame that is not listed is not restored. */
  markDirty(offset: number, len: number): void {
    if (len === 0) return;
    const last = (offset + len - 1) >>> PAGE_SHIFT;
    for (let frame = offset >>> PAGE_SHIFT; frame <= last; frame++) {
      if (this.dirty[frame] !== 0) continue;
      this.dirty[frame] = 1;
      this.dirtyList[this.dirtyCount++] = frame;
    }
  }

  clearDirty(): void {
    for (let i = 0; i < this.dirtyCount; i++) this.dirty[this.dirtyList[i]] = 0;
    this.dirtyCount = 0;
  }
}

/** @returns the frame that holds a physical address. */
export function physToPfn(at: PhysAddr): Pfn {
  return pfn(Math.floor(at / PAGE_SIZE));
}

/** @returns the first physical address of a frame. */
export function pfnToPhys(frame: Pfn): PhysAddr {
  return physAddr(frame * PAGE_SIZE);
}
