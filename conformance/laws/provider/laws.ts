/**
 * What the laws of the byte kernels share: a memory with alarms, deterministic bytes, comparison.
 *
 * A law is a function that throws; the test files run the same laws on every provider.
 * @module
 */

import type { ByteMemory } from '../../../src/provider/provider.ts';
import { type PhysAddr, physAddr } from '../../../src/units.ts';

/** A sentence about a provider, and the check of it. */
export interface Law {
  readonly name: string;
  check(): void;
}

const FREE = 0xa5;

/**
 * A memory that rings when a kernel breaks the contract of {@link ByteMemory}: an access of no bytes
 * or out of bounds, a view that was written to, a view that is used after a store (it is scrambled).
 */
export class LawMemory implements ByteMemory {
  readonly bytes: Uint8Array;
  #lent: { view: Uint8Array; at: number }[] = [];

  constructor(size: number) {
    this.bytes = new Uint8Array(size).fill(FREE);
  }

  load(at: PhysAddr, len: number): Uint8Array {
    this.#checkRange(at, len);
    const view = this.bytes.slice(at, at + len);
    this.#lent.push({ view, at });
    return view;
  }

  store(at: PhysAddr, bytes: Uint8Array): void {
    this.#checkRange(at, bytes.length);
    const copy = bytes.slice();
    this.takeBack();
    this.bytes.set(copy, at);
  }

  /** Writes as somebody else would, between two calls of a kernel. */
  put(at: PhysAddr, bytes: Uint8Array): void {
    this.takeBack();
    this.bytes.set(bytes, at);
  }

  /** Ends the life of all views, as a store does. */
  takeBack(): void {
    for (const { view, at } of this.#lent) {
      same(view, this.bytes.subarray(at, at + view.length), 'a kernel wrote to a view');
      view.fill(FREE);
    }
    this.#lent = [];
  }

  #checkRange(at: number, len: number): void {
    if (len <= 0) throw new Error(`access of ${len} bytes`);
    if (at < 0 || at + len > this.bytes.length) throw new Error(`access of ${len} bytes at ${at}`);
  }
}

/** Bytes that depend on `seed` and look random: a linear congruential generator, high bits. */
export function sampleBytes(len: number, seed: number): Uint8Array {
  const out = new Uint8Array(len);
  let state = (Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) | 0;
  for (let i = 0; i < len; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    out[i] = state >>> 23;
  }
  return out;
}

/** @throws Error with the first difference. */
export function same(actual: Uint8Array, expected: Uint8Array, what: string): void {
  if (Buffer.compare(actual, expected) === 0) return;
  const length = Math.min(actual.length, expected.length);
  let at = 0;
  while (at < length && actual[at] === expected[at]) at++;
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(at, at + 16)).toString('hex');
  const sizes = `${actual.length} and ${expected.length} bytes`;
  throw new Error(`${what}: differ at ${at} (${sizes}): ${hex(actual)}, expected ${hex(expected)}`);
}

/** Cuts `len` bytes into runs, multiples of `unit` but for the last; every fourth run is empty. */
export function cutRuns(len: number, unit: number, seed: number): number[] {
  const sizes = sampleBytes(64, seed);
  const runs: number[] = [];
  let left = len;
  for (let i = 0; left > 0; i++) {
    const size = i % 4 === 3 ? 0 : Math.min(left, unit * (1 + (sizes[i % 64] % 13) ** 3));
    runs.push(size);
    left -= size;
  }
  runs.push(0);
  return runs;
}

/** How a kernel treats one run of a message. */
export type RunStep = (mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number) => void;

/**
 * Passes `text` through `step` in `runs`, in place or to a disjoint place, at odd addresses, and
 * checks that no byte outside the destination changed. Returns the destination.
 */
export function throughRuns(
  text: Uint8Array,
  runs: readonly number[],
  inPlace: boolean,
  step: RunStep,
): Uint8Array {
  const at = 3;
  const to = inPlace ? at : at + text.length + 6;
  const mem = new LawMemory(to + text.length + 5);
  mem.bytes.set(text, at);
  let off = 0;
  for (const len of runs) {
    step(mem, physAddr(at + off), physAddr(to + off), len);
    off += len;
  }
  mem.takeBack();
  const out = mem.bytes.slice(to, to + text.length);
  const expected = new Uint8Array(mem.bytes.length).fill(FREE);
  expected.set(text, at);
  expected.set(out, to);
  same(mem.bytes, expected, 'memory outside the destination');
  return out;
}
