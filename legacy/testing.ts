/**
 * Small helpers of the tests in this folder: bytes in the machine, lists over them, one call that
 * runs a request to its end.
 * @module
 */

import type { CryptoAsyncRequest } from '../src/crypto/queue.ts';
import { CryptoWait, cryptoReqDone, cryptoWaitReq } from '../src/crypto/wait.ts';
import type { Errno } from '../src/errno.ts';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import type { Machine } from '../src/machine/machine.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import { type Scatterlist, sgAlloc, sgInitTable, sgSetBuf } from './lists/scatterlist.ts';

/** A part of a buffer: address and length. @kernel none: test helper */
export type Run = readonly [at: number, len: number];

/** A list over runs of the linear map. @kernel none: test helper */
export function listOf(machine: Machine, runs: readonly Run[]): Scatterlist {
  const table = sgAlloc(runs.length);
  sgInitTable(table, runs.length);
  for (const [i, [at, len]] of runs.entries()) sgSetBuf(machine, table[i], virtAddr(at), len);
  return table[0];
}

/** Cuts a buffer at the given lengths; the rest is the last entry. @kernel none: test helper */
export function cutList(
  machine: Machine,
  at: VirtAddr,
  len: number,
  cuts: readonly number[],
): Scatterlist {
  const runs: Run[] = [];
  let done = 0;
  for (const cut of cuts) {
    const part = Math.min(cut, len - done);
    runs.push([at + done, part]);
    done += part;
  }
  runs.push([at + done, len - done]);
  return listOf(machine, runs);
}

/** A slab object that holds `bytes`. @kernel none: test helper */
export function place(machine: Machine, bytes: Uint8Array): VirtAddr {
  const at = must(machine.slab.kmalloc(Math.max(bytes.length, 1), 'test'));
  writeKernel(machine, at, bytes);
  return at;
}

/** @kernel none: test helper */
export function bytesAt(machine: Machine, at: number, len: number): Uint8Array {
  const bytes = new Uint8Array(len);
  readKernel(machine, virtAddr(at), bytes);
  return bytes;
}

/** Bytes that differ from place to place. @kernel none: test helper */
export function pattern(len: number): Uint8Array {
  return Uint8Array.from({ length: len }, (_, i) => i * 7 + (i >> 8) + 1);
}

/** Submits and waits as a caller who sleeps does. @kernel none: test helper */
export function settle<R extends CryptoAsyncRequest>(
  machine: Machine,
  req: R,
  submit: (req: R) => Errno,
): Errno {
  const wait = new CryptoWait();
  req.complete = cryptoReqDone;
  req.data = wait;
  return cryptoWaitReq(machine, submit(req), wait);
}
