/**
 * Hashes whose running state is bytes in the layout of the kernel's generic driver on a little-endian
 * 64-bit machine: to copy, export or import such a state is to copy bytes.
 * @module
 */
import { assert } from '../../../assert.ts';
import type { Errno } from '../../../errno.ts';
import type { PhysAddr } from '../../../units.ts';
import type { ByteMemory, HashState } from '../../provider.ts';

/** One running state, and the ways to look at it. Words are little-endian. */
export class StateBytes {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;

  constructor(size: number) {
    const buffer = new ArrayBuffer((size + 7) & ~7);
    this.bytes = new Uint8Array(buffer, 0, size);
    this.words = new Uint32Array(buffer);
    this.view = new DataView(buffer);
  }
}

/** A hash, with its key where it has one, as functions on a state. */
export interface StateHash {
  /** Bytes of a state. @kernel statesize */
  readonly stateSize: number;
  /** Makes a message begin in a state of zeros. */
  start(state: StateBytes): void;
  update(state: StateBytes, bytes: Uint8Array): void;
  /** Writes the digest. The state may be spoilt. */
  finish(state: StateBytes, out: Uint8Array): void;
  /** Why there is no digest; absent: there always is one. */
  finalError?(state: StateBytes): Errno;
}

class Running implements HashState {
  readonly stateSize: number;
  readonly #hash: StateHash;
  readonly #state: StateBytes;

  constructor(hash: StateHash, state: StateBytes) {
    this.#hash = hash;
    this.#state = state;
    this.stateSize = hash.stateSize;
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.#hash.update(this.#state, mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    this.#hash.update(this.#state, bytes);
  }

  finalError(): Errno {
    return this.#hash.finalError?.(this.#state) ?? 0;
  }

  digest(out: Uint8Array): void {
    this.#hash.finish(this.#state, out);
  }

  clone(): HashState {
    const copy = new StateBytes(this.stateSize);
    copy.bytes.set(this.#state.bytes);
    return new Running(this.#hash, copy);
  }

  exportState(out: Uint8Array): void {
    assert(out.length === this.stateSize, 'room for exactly one exported state');
    out.set(this.#state.bytes);
  }

  importState(from: Uint8Array): void {
    assert(from.length === this.stateSize, 'one exported state');
    this.#state.bytes.set(from);
  }
}

/** The beginning of a message. */
export function startHash(hash: StateHash): HashState {
  const state = new StateBytes(hash.stateSize);
  hash.start(state);
  return new Running(hash, state);
}

/** Adds `amount` to the 64-bit count at byte `at`. Counts stay below 2^53. */
export function addCount(state: StateBytes, at: number, amount: number): void {
  const { view } = state;
  const low = view.getUint32(at, true) + amount;
  view.setUint32(at, low, true);
  if (low >= 0x100000000) {
    view.setUint32(at + 4, view.getUint32(at + 4, true) + Math.floor(low / 0x100000000), true);
  }
}

/**
 * Hands `input` behind the `fill` bytes that wait in the `size` bytes at `at` of the state to `absorb`
 * in whole blocks; what is left waits there, behind it zeros, where a kernel may have stale bytes.
 * @returns the bytes that wait afterwards; `keepLast` lets a whole last block wait.
 */
export function feedState(
  state: StateBytes,
  at: number,
  size: number,
  fill: number,
  input: Uint8Array,
  absorb: (text: DataView, from: number, to: number) => void,
  keepLast: boolean = false,
): number {
  const { bytes, view } = state;
  let off = 0;
  let waits = fill;
  if (waits > 0) {
    off = Math.min(size - waits, input.length);
    bytes.set(input.subarray(0, off), at + waits);
    waits += off;
    if (waits < size || (keepLast && off === input.length)) return waits;
    absorb(view, at, at + size);
    bytes.fill(0, at, at + size);
  }
  const left = input.length - off;
  waits = keepLast && left > 0 && left % size === 0 ? size : left % size;
  const end = input.length - waits;
  if (end > off) {
    absorb(new DataView(input.buffer, input.byteOffset, input.length), off, end);
  }
  bytes.set(input.subarray(end), at);
  return waits;
}
