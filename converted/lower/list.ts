/**
 * The lists of an operation: physical ones, or late ones, which keep the caller's virtual addresses.
 *
 * An API has lists of one kind only. What lies between the door and the bytes (templates, walks, copies)
 * takes either, through the functions below.
 * @module
 */
import { BvecList, bvecAppend, bvecClear, bvecFree, bvecLen, bvecPhys } from '../../src/bvec.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type MemAddr, memAddr, physAddr } from '../../src/units.ts';

/**
 * When kernel virtual addresses become physical: `early` at submission, so that a list holds physical
 * addresses only; `late` not before the device, so that software keeps tagged addresses, and KASAN
 * keeps seeing whose pointer it was. @kernel none
 */
export type LowerPolicy = 'early' | 'late';

/**
 * A list whose addresses are kernel virtual, tags included, or physical where the caller gave those.
 * Entries are never merged: neighbours in vmalloc are no neighbours in memory. @kernel none
 */
export class LateList {
  at: Float64Array;
  len: Uint32Array;
  flags: Uint8Array;
  nr = 0;
  size = 0;

  constructor(capacity = 16) {
    this.at = new Float64Array(capacity);
    this.len = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
  }
}

/** What an operation names memory with. @kernel none */
export type OpList = BvecList | LateList;

/**
 * An empty list of the kind that an API has. Rows lie where kernels can walk them on a machine without
 * checks only: with checks on every access goes through the machine, entry by entry. @kernel none
 */
export function newList(machine: Machine, policy: LowerPolicy, capacity: number): OpList {
  if (policy === 'late') return new LateList(capacity);
  return new BvecList(capacity, machine.checks ? null : machine.mem);
}

/** Gives back what a list holds. @kernel none */
export function freeList(list: OpList): void {
  if (list instanceof BvecList) bvecFree(list);
}

/** @kernel none */
export function listClear(list: OpList): void {
  if (list instanceof BvecList) {
    bvecClear(list);
    return;
  }
  list.nr = 0;
  list.size = 0;
}

/**
 * Whether an engine can walk a list: its rows lie in the memory of the machine, and it is as long as it is
 * said to be. @kernel none
 */
export function walkable(list: OpList, len: number): list is BvecList {
  return list instanceof BvecList && list.mem !== null && list.size >= len;
}

/** Address of entry `k`, as the memory of the API names it. @kernel none */
export function listAt(list: OpList, k: number): MemAddr {
  return list instanceof BvecList ? bvecPhys(list, k) : memAddr(list.at[k]);
}

/** Bytes of entry `k`. @kernel none */
export function listLen(list: OpList, k: number): number {
  return list instanceof BvecList ? bvecLen(list, k) : list.len[k];
}

/** Appends a range without merging; an empty one appends nothing. @kernel none */
export function listAppend(list: OpList, at: MemAddr, len: number, flags: number): void {
  if (list instanceof BvecList) bvecAppend(list, physAddr(at), len, flags);
  else if (len > 0) lateAppend(list, at, len, flags);
}

/** Appends all of another list, row by row. @kernel none */
export function listAppendAll(list: OpList, other: OpList): void {
  for (let k = 0; k < other.nr; k++) {
    listAppend(list, listAt(other, k), listLen(other, k), other.flags[k]);
  }
}

function lateAppend(list: LateList, at: MemAddr, len: number, flags: number): void {
  if (list.nr === list.at.length) grow(list);
  list.at[list.nr] = at;
  list.len[list.nr] = len;
  list.flags[list.nr] = flags;
  list.nr++;
  list.size += len;
}

function grow(list: LateList): void {
  const capacity = Math.max(8, 2 * list.nr);
  const at = new Float64Array(capacity);
  const len = new Uint32Array(capacity);
  const flags = new Uint8Array(capacity);
  at.set(list.at);
  len.set(list.len);
  flags.set(list.flags);
  list.at = at;
  list.len = len;
  list.flags = flags;
}
