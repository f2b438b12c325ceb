/**
 * Physical memory: one fixed buffer of 4096-byte frames, with the list of frames written since the
 * last reset.
 *
 * The buffer is that of a `WebAssembly.Memory`, so that small wasm kernels can walk lists of
 * (address, length) in place; it never grows, because growing detaches every view. Behind the last
 * frame lies an area of the kernels' own, which no physical address names: rows of lists, scratch,
 * tables. Shadow, ledger and image do not see it.
 * @module
 */
import { assert } from '../assert.ts';
import type { ByteMemory } from '../provider/provider.ts';
import { PAGE_SHIFT, PAGE_SIZE, type Pfn, type PhysAddr, pfn, physAddr } from '../units.ts';

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
};

/** The memory object that wasm kernels import. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

const WASM_PAGE = 65536;
/** A memory of wasm ends at 4 GiB. */
const WASM_MAX_PAGES = 65536;
/** The area behind the frames: half as large as they, within these bounds. Untouched pages cost nothing. */
const AREA_MIN = 1024 * 1024;
const AREA_MAX = 64 * 1024 * 1024;
/** Alignment of what is taken from the area: a cache line. */
const LINE = 64;
const ROW_BYTES = 8;

/** Where physical memory begins. 4 GiB, so that arithmetic in 32 bits fails at once. */
export const PHYS_BASE = 0x1_0000_0000;
/** The first frame number of physical memory. */
export const PFN_BASE: number = PHYS_BASE / PAGE_SIZE;

/** The bytes of the machine. Unchecked: `Machine` is the checked view of the same memory. */
export class PhysMem implements ByteMemory {
  /** Number of frames; a power of two. */
  readonly frames: number;
  /**
   * The frames. In a memory of 4 GiB the last ones are missing, because the area takes their place: no
   * page and no device memory lies there.
   */
  readonly u8: Uint8Array;
  readonly wasm: WasmMemory;
  /** All bytes, those of the area included. An address is an offset. */
  readonly raw: Uint8Array;
  /** The same as 32-bit words. */
  readonly words: Uint32Array;
  /** Whether written frames are listed. Only who compares memory needs it: it costs 10 ns a write. */
  tracking = true;
  private areaAt: number;
  /** Room for rows that was given back, by capacity. */
  private readonly unusedRows = new Map<number, number[]>();
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
    const area = Math.min(AREA_MAX, Math.max(AREA_MIN, bytes / 2));
    const all = Math.min(WASM_MAX_PAGES, pages + area / WASM_PAGE);
    this.wasm = new WebAssembly.Memory({ initial: all, maximum: all });
    const { buffer } = this.wasm;
    this.frames = bytes / PAGE_SIZE;
    this.areaAt = buffer.byteLength - area;
    this.raw = new Uint8Array(buffer);
    this.words = new Uint32Array(buffer);
    this.u8 = new Uint8Array(buffer, 0, this.areaAt);
    this.buffer = Buffer.from(buffer, 0, this.areaAt);
    this.dirty = new Uint8Array(this.frames);
    this.dirtyList = new Int32Array(this.frames);
  }

  /** Takes `bytes` of the area for good. @returns their offset, or -1 when it is used up. */
  area(bytes: number): number {
    const at = this.areaAt;
    const end = at + Math.ceil(bytes / LINE) * LINE;
    if (end > this.raw.length) return -1;
    this.areaAt = end;
    return at;
  }

  /** Room in the area for rows of a list. @returns its offset, or -1. */
  takeRows(capacity: number): number {
    return this.unusedRows.get(capacity)?.pop() ?? this.area(capacity * ROW_BYTES);
  }

  /** Gives back what `takeRows` gave for this capacity. */
  giveRows(at: number, capacity: number): void {
    const unused = this.unusedRows.get(capacity);
    if (unused === undefined) this.unusedRows.set(capacity, [at]);
    else unused.push(at);
  }

  load(at: PhysAddr, len: number): Uint8Array {
    return new Uint8Array(this.wasm.buffer, at - PHYS_BASE, len);
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
    if (len === 0 || !this.tracking) return;
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
