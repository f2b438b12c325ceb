/**
 * What a recipe is: one small caller, written four ways over the same memory. All four give the same bytes.
 * @module
 */
import { assert } from '../../src/assert.ts';
import type { Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { VirtAddr } from '../../src/units.ts';

/** Memory of the linear map that the caller has. */
export interface Buffer {
  readonly base: VirtAddr;
  readonly len: number;
}

/** What a caller works on: `buffers` are where its message lies, in order. */
export interface Given {
  readonly machine: Machine;
  readonly buffers: readonly Buffer[];
}

/** The bytes that the caller wants: a digest, a ciphertext, a part of its message. */
export type Caller = (given: Given) => Uint8Array;

/** Why a caller cannot be written in a way. */
export interface NoWay {
  readonly cannot: string;
}

/** One caller four ways: as it is, and what to type instead. */
export interface Recipe {
  /** The keys of the survey's plan that it answers. */
  readonly keys: readonly string[];
  readonly title: string;
  /** Where a kernel has such a caller. */
  readonly who: string;
  /** What it gives is what its own memory holds then. */
  readonly writes?: true;
  readonly scatterlist: Caller;
  readonly iovIter: Caller | NoWay;
  readonly bioVec: Caller | NoWay;
  readonly library: Caller | NoWay;
}

/** Bytes of all buffers. */
export function lengthOf(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, { len }) => sum + len, 0);
}

/** An operation that a recipe does not expect to fail. */
export function done(err: Errno): void {
  assert(err === 0, 'a recipe does what succeeds');
}

/** A transform that a recipe needs. */
export function found<T extends object>(tfm: T | Errno): T {
  assert(typeof tfm !== 'number', 'a recipe asks for what is there');
  return tfm;
}
