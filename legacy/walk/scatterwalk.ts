/**
 * scatterwalk: a position in a scatterlist, and copies from, to and over a list.
 *
 * 6.1 stops at page boundaries as it does at entry boundaries, and moves over at most one entry at a
 * time, so that an empty entry is a step of length 0.
 * C: crypto/scatterwalk.c, include/crypto/scatterwalk.h (6.1)
 * @module
 */
import { KernelBug, KernelOops } from '../../src/assert.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { PAGE_SIZE, type PhysAddr, physAddr } from '../../src/units.ts';
import {
  type Scatterlist,
  SG_CHAIN,
  sgChain,
  sgInitEntries,
  sgMarkEnd,
  sgNext,
  sgPage,
  sgSetPage,
} from '../lists/scatterlist.ts';

/** Direction of a copy: the last argument of `scatterwalk_copychunks`. */
export const SCATTERWALK_FROM_SG = 0;
export const SCATTERWALK_TO_SG = 1;
/** Moves without touching memory. */
export const SCATTERWALK_SKIP = 2;

/** A private buffer outside the machine, or memory of the machine by address. */
type CopyBuffer = Uint8Array | PhysAddr;

/** A position in a list. `offset` counts from the first page of the entry. @kernel scatter_walk */
export class ScatterWalk {
  sg: Scatterlist | null = null;
  offset = 0;
}

/** Ends the list at `head[num - 1]` or chains it to `sg`. @kernel scatterwalk_crypto_chain */
export function scatterwalkCryptoChain(
  head: Scatterlist,
  sg: Scatterlist | null,
  num: number,
): void {
  if (sg !== null) sgChain(head, num, sg);
  else sgMarkEnd(head);
}

/** Bytes to the end of the entry or of the page, whichever comes first. @kernel scatterwalk_pagelen */
export function scatterwalkPagelen(walk: ScatterWalk): number {
  const sg = entryOf(walk);
  const len = sg.offset + sg.length - walk.offset;
  const rest = PAGE_SIZE - (walk.offset & (PAGE_SIZE - 1));
  return Math.min(len, rest);
}

/** @kernel scatterwalk_clamp */
export function scatterwalkClamp(walk: ScatterWalk, nbytes: number): number {
  const len = scatterwalkPagelen(walk);
  return Math.min(nbytes, len);
}

/** @kernel scatterwalk_advance */
export function scatterwalkAdvance(walk: ScatterWalk, nbytes: number): void {
  walk.offset += nbytes;
}

/** Where the walk stands. @throws KernelOops for an entry without page. @kernel none: page and offset */
export function scatterwalkPhys(walk: ScatterWalk): PhysAddr {
  const link = entryOf(walk).pageLink;
  if (link < 4 || (link & SG_CHAIN) !== 0) throw new KernelOops('entry without a page', { link });
  return physAddr((link >>> 2) * PAGE_SIZE + walk.offset);
}

/** Stands at the start of `sg`. @throws KernelOops for NULL. @kernel scatterwalk_start */
export function scatterwalkStart(walk: ScatterWalk, sg: Scatterlist | null): void {
  if (sg === null) throw new KernelOops('scatterwalk_start(NULL): the list is too short');
  if ((sg.pageLink & SG_CHAIN) !== 0) throw new KernelBug('a link leads to a link');
  walk.sg = sg;
  walk.offset = sg.offset;
}

/** Goes on to the next entry when this one is used up and there is more to do. @kernel scatterwalk_done */
export function scatterwalkDone(walk: ScatterWalk, more: number): void {
  if (more === 0) return;
  const sg = entryOf(walk);
  if (walk.offset >= sg.offset + sg.length) scatterwalkStart(walk, sgNext(sg));
}

/**
 * Copies `nbytes` between a buffer and the list, or skips them, and leaves the walk behind the last
 * byte of its entry. @throws KernelOops when the list is shorter.
 * @kernel scatterwalk_copychunks
 */
export function scatterwalkCopychunks(
  machine: Machine,
  buf: CopyBuffer,
  walk: ScatterWalk,
  nbytes: number,
  out: number,
): void {
  let done = 0;
  for (;;) {
    const left = nbytes - done;
    const len = scatterwalkClamp(walk, left);
    if (out !== SCATTERWALK_SKIP && len > 0) copyChunk(machine, buf, done, walk, len, out);
    walk.offset += len;
    if (len === left) return;
    done += len;
    scatterwalkDone(walk, 1);
  }
}

/**
 * Copies `nbytes` at byte `start` of the list. With 0 bytes the list may be NULL.
 * @kernel scatterwalk_map_and_copy
 */
export function scatterwalkMapAndCopy(
  machine: Machine,
  buf: CopyBuffer,
  sg: Scatterlist | null,
  start: number,
  nbytes: number,
  out: number,
): void {
  if (nbytes === 0) return;
  const walk = new ScatterWalk();
  let skip = start;
  let at = sg;
  // scatterwalk_ffwd without its two private entries.
  while (skip > 0 && at !== null && at.length <= skip) {
    skip -= at.length;
    at = sgNext(at);
  }
  scatterwalkStart(walk, at);
  walk.offset += skip;
  scatterwalkCopychunks(machine, buf, walk, nbytes, out);
}

/**
 * The list behind its first `len` bytes: `src` itself for 0, an entry of the list (even an empty one,
 * NULL at the end of the list) at an entry boundary, else the two slots at `dst`.
 * @throws KernelOops when the list is shorter than `len`.
 * @kernel scatterwalk_ffwd
 */
export function scatterwalkFfwd(
  dst: Scatterlist,
  src: Scatterlist | null,
  len: number,
): Scatterlist | null {
  let at = src;
  let left = len;
  for (;;) {
    if (left === 0) return at;
    if (at === null) throw new KernelOops('scatterwalk_ffwd: the list is too short', { left });
    if (at.length > left) break;
    left -= at.length;
    at = sgNext(at);
  }
  sgInitEntries(dst, 2);
  sgSetPage(dst, sgPage(at), at.length - left, at.offset + left);
  scatterwalkCryptoChain(dst, sgNext(at), 2);
  return dst;
}

/**
 * Copies `nbytes` from one list to another. The lists describe the same bytes in the same places, or
 * disjoint ones; empty entries are passed. With 0 bytes both may be NULL.
 * @kernel memcpy_sglist
 */
export function memcpySglist(
  machine: Machine,
  dst: Scatterlist | null,
  src: Scatterlist | null,
  nbytes: number,
): void {
  if (nbytes === 0) return;
  const from = new ScatterWalk();
  const to = new ScatterWalk();
  scatterwalkStart(from, src);
  scatterwalkStart(to, dst);
  for (let left = nbytes; left > 0; ) {
    const len = scatterwalkClamp(to, scatterwalkClamp(from, left));
    if (len > 0) {
      const at = scatterwalkPhys(to);
      const source = scatterwalkPhys(from);
      if (at !== source) machine.copy(at, source, len);
    }
    left -= len;
    scatterwalkAdvance(from, len);
    scatterwalkAdvance(to, len);
    scatterwalkDone(from, left);
    scatterwalkDone(to, left);
  }
}

function entryOf(walk: ScatterWalk): Scatterlist {
  if (walk.sg === null) throw new KernelOops('scatterwalk without an entry');
  return walk.sg;
}

function copyChunk(
  machine: Machine,
  buf: CopyBuffer,
  done: number,
  walk: ScatterWalk,
  len: number,
  out: number,
): void {
  const at = scatterwalkPhys(walk);
  if (typeof buf === 'number') {
    const buffer = physAddr(buf + done);
    if (out === SCATTERWALK_FROM_SG) machine.copy(buffer, at, len);
    else machine.copy(at, buffer, len);
  } else if (out === SCATTERWALK_FROM_SG) {
    buf.set(machine.load(at, len), done);
  } else {
    machine.store(at, done === 0 && len === buf.length ? buf : buf.subarray(done, done + len));
  }
}
