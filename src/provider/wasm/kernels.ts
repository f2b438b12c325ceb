/**
 * The wasm kernels over one physical memory, and the scratch that all engines of that memory share.
 *
 * An engine is synchronous and expects nothing in scratch, so engines cannot meet in it; what the last one
 * left is there until somebody wipes it. Text, key stream
 * and frames lie at different offsets in their pages: copies at a distance of 1 to 15 modulo 4096 are
 * ten times slower on AMD.
 * @module
 */
import { type BvecList, bvecRows } from '../../bvec.ts';
import type { PhysMem } from '../../machine/phys-mem.ts';
import { KERNELS } from './kernels-bytes.ts';

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
};

/** See kernels.wat. Addresses are offsets in the memory. */
interface Exports {
  gather(rows: number, skip: number, to: number, len: number): void;
  scatter(rows: number, skip: number, from: number, len: number): void;
  advance(cursor: number, len: number): void;
  xor(to: number, from: number, len: number): void;
  counters(job: number, n: number, to: number): void;
  gcmCounters(job: number, n: number, to: number): void;
  stream(job: number, n: number, text: number): void;
  gcm(job: number, n: number, text: number, tables: number, open: number): void;
  unitIvs(to: number, iv: number, n: number): void;
  tweaks(to: number, first: number, units: number, blocks: number): void;
}

/** Bytes that are gathered at once: they stay in the second-level cache. */
export const CHUNK = 65536;
/**
 * Bytes that a cipher object gets at once. The result of an update is a new buffer: of 64 KiB in four
 * results CTR takes 24 us. How many it takes in larger ones depends on what the heap was used for before.
 */
export const PIECE = 16384;
/** Associated data that fits in front of the text. */
export const AD_ROOM = 4096;
/** Operations of a batch. */
export const MAX_JOBS = 256;
/** Bytes of a job; its words are in kernels.wat. */
export const JOB_BYTES = 64;
/** Data units of a chunk, at most: of 16 bytes each. */
const MAX_UNITS: number = CHUNK / 16;

const SLACK = 128;
const TEXT_OFFSET = 512;
const STREAM_OFFSET = 1536;
const PAGE = 4096;
const BLOCK = 16;
/** Where the IV lies in a job. */
const JOB_IV = 16;
const CURSOR_BYTES = 8;

/** The kernels of one memory. */
export class Kernels {
  readonly mem: PhysMem;
  readonly x: Exports;
  /** Offsets of the scratch. */
  readonly text: number;
  readonly stream: number;
  readonly units: number;
  readonly jobs: number;
  /** Two cursors, (rows, skip) each: source and destination. */
  readonly cursors: number;
  private readonly at: number;
  private readonly savedIv: number;
  private readonly streamViews: (Uint8Array | undefined)[] = [];
  private readonly unitViews: (Uint8Array | undefined)[] = [];
  private textView: Uint8Array;
  /** Tables that were given back. */
  private readonly unusedTables: number[] = [];

  constructor(mem: PhysMem, at: number) {
    this.mem = mem;
    this.at = at;
    this.x = new WebAssembly.Instance(compiled(), { machine: { memory: mem.wasm } }).exports;
    const page = (offset: number): number => Math.ceil(offset / PAGE) * PAGE;
    this.text = page(at) + AD_ROOM + TEXT_OFFSET;
    this.stream = page(this.text + CHUNK + SLACK) + STREAM_OFFSET;
    this.units = page(this.stream + CHUNK + SLACK);
    this.jobs = this.units + (MAX_UNITS + 1) * BLOCK;
    this.cursors = this.jobs + MAX_JOBS * JOB_BYTES;
    this.savedIv = this.cursors + 2 * CURSOR_BYTES;
    this.textView = new Uint8Array(mem.wasm.buffer, this.text, 0);
  }

  /** The first `len` bytes of the text. The last view is kept: a new one costs 25 ns. */
  textOf(len: number): Uint8Array {
    if (this.textView.length !== len) {
      this.textView = new Uint8Array(this.mem.wasm.buffer, this.text, len);
    }
    return this.textView;
  }

  /** The first `blocks` blocks of the key stream. One view is kept for each number. */
  streamOf(blocks: number): Uint8Array {
    const kept = this.streamViews[blocks];
    if (kept !== undefined) return kept;
    const view = new Uint8Array(this.mem.wasm.buffer, this.stream, blocks * BLOCK);
    this.streamViews[blocks] = view;
    return view;
  }

  /** The IVs of the first `n` data units. */
  unitsOf(n: number): Uint8Array {
    const kept = this.unitViews[n];
    if (kept !== undefined) return kept;
    const view = new Uint8Array(this.mem.wasm.buffer, this.units, n * BLOCK);
    this.unitViews[n] = view;
    return view;
  }

  /** The IV of the first data unit. */
  setUnitIv(iv: Uint8Array): void {
    const { raw } = this.mem;
    for (let i = 0; i < BLOCK; i++) raw[this.units + i] = iv[i];
  }

  /** Keeps the IV of unit `n` while the others are overwritten by tweaks. */
  saveUnitIv(n: number): void {
    this.mem.raw.copyWithin(this.savedIv, this.units + n * BLOCK, this.units + (n + 1) * BLOCK);
  }

  /** Makes the kept IV that of the first data unit. */
  restoreUnitIv(): void {
    this.mem.raw.copyWithin(this.units, this.savedIv, this.savedIv + BLOCK);
  }

  /** Writes a job. @param ivLen bytes of the IV: 12 for a nonce. */
  job(k: number, src: BvecList, dst: BvecList, len: number, iv: Uint8Array, ivLen: number): void {
    const { raw, words } = this.mem;
    const at = this.jobs + JOB_BYTES * k;
    const word = at >>> 2;
    words[word] = bvecRows(src);
    words[word + 1] = bvecRows(dst);
    words[word + 2] = len;
    for (let i = 0; i < ivLen; i++) raw[at + JOB_IV + i] = iv[i];
  }

  /** Writes the rest of a job of an AEAD. */
  aeadJob(k: number, ad: BvecList, adLen: number, tag: BvecList, tagLen: number): void {
    const { words } = this.mem;
    const word = (this.jobs + JOB_BYTES * k) >>> 2;
    words[word + 8] = bvecRows(ad);
    words[word + 9] = adLen;
    words[word + 10] = bvecRows(tag);
    words[word + 11] = tagLen;
  }

  /** What the kernel found out about the tag of a job: 0 when it is right. */
  jobResult(k: number): number {
    return this.mem.words[((this.jobs + JOB_BYTES * k) >>> 2) + 12];
  }

  /** Puts the cursors at the beginning of two lists. */
  begin(src: BvecList, dst: BvecList): void {
    const { words } = this.mem;
    const word = this.cursors >>> 2;
    words[word] = bvecRows(src);
    words[word + 1] = 0;
    words[word + 2] = bvecRows(dst);
    words[word + 3] = 0;
  }

  /** The next `len` bytes of the source, which must not be written: where they lie, or gathered. */
  take(len: number): Uint8Array {
    const { words, wasm } = this.mem;
    const word = this.cursors >>> 2;
    const row = words[word] >>> 2;
    const skip = words[word + 1];
    if (words[row + 1] - skip < len) return this.takeCopy(len);
    this.x.advance(this.cursors, len);
    return new Uint8Array(wasm.buffer, words[row] + skip, len);
  }

  /** The next `len` bytes of the source, gathered at `text`. */
  takeCopy(len: number): Uint8Array {
    const { words } = this.mem;
    const word = this.cursors >>> 2;
    this.x.gather(words[word], words[word + 1], this.text, len);
    this.x.advance(this.cursors, len);
    return this.textOf(len);
  }

  /** Writes the next `len` bytes of the destination. */
  give(bytes: Uint8Array, len: number): void {
    const { raw, words } = this.mem;
    const word = this.cursors >>> 2;
    const row = words[word + 2] >>> 2;
    const skip = words[word + 3];
    if (words[row + 1] - skip < len) {
      raw.set(bytes, this.text);
      this.giveText(len);
      return;
    }
    raw.set(bytes, words[row] + skip);
    this.x.advance(this.cursors + CURSOR_BYTES, len);
  }

  /** Writes the first `len` bytes at `text` to the destination. */
  giveText(len: number): void {
    const { words } = this.mem;
    const word = this.cursors >>> 2;
    this.x.scatter(words[word + 2], words[word + 3], this.text, len);
    this.x.advance(this.cursors + CURSOR_BYTES, len);
  }

  /** Room for the tables of a key. @returns -1 when the memory has none left. */
  takeTables(bytes: number): number {
    return this.unusedTables.pop() ?? this.mem.area(bytes);
  }

  /** Tables are as good as their key: they are zero afterwards. */
  giveTables(at: number, bytes: number): void {
    this.mem.raw.fill(0, at, at + bytes);
    this.unusedTables.push(at);
  }

  /** Zeroes the scratch, 150 KiB. No batch may be open. */
  wipe(): void {
    this.mem.raw.fill(0, this.at, this.at + SCRATCH);
  }
}

/** Bytes of the area that the scratch takes. */
const SCRATCH: number =
  AD_ROOM +
  TEXT_OFFSET +
  STREAM_OFFSET +
  2 * (CHUNK + SLACK) +
  4 * PAGE +
  (MAX_UNITS + 1) * BLOCK +
  MAX_JOBS * JOB_BYTES +
  2 * CURSOR_BYTES +
  BLOCK;

/**
 * Bytes of a buffer that is dropped at once. Results of node:crypto lie in the heap of the C library and die
 * together; glibc then gives the end of that heap back, and every page of the next results is a fault: 16
 * for 64 KiB of CTR, 50 us of 75. A freed block of this size raises the limits above which it does so
 * (`mallopt`, M_MMAP_THRESHOLD, the dynamic adjustment). Nobody writes to it, so it takes no memory.
 */
const DROPPED: number = 16 << 20;

const made = new WeakMap<PhysMem, Kernels | null>();

/** The kernels of a memory, made once. @returns null when its area has no room for their scratch. */
export function kernelsOf(mem: PhysMem): Kernels | null {
  const known = made.get(mem);
  if (known !== undefined) return known;
  const at = mem.area(SCRATCH);
  const kernels = at < 0 ? null : new Kernels(mem, at);
  made.set(mem, kernels);
  return kernels;
}

let module: object | null = null;

function compiled(): object {
  if (module === null) {
    module = new WebAssembly.Module(Buffer.from(KERNELS, 'base64'));
    Buffer.allocUnsafeSlow(DROPPED);
  }
  return module;
}
