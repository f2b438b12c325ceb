/**
 * skcipher_walk as Linux has it since 6.14, where recorded walks of 7.2 and 7.3 come from: no stop at
 * page ends, only a limit of a page per step, and an entry that is used up is left by the next step.
 *
 * Not modelled: memory that cannot be allocated, and hard interrupts.
 * C: crypto/skcipher.c, include/crypto/scatterwalk.h (7.3, without HIGHMEM)
 * @module
 */

import { type Scatterlist, sgNext } from '../../../legacy/lists/scatterlist.ts';
import { ScatterWalk, scatterwalkPhys } from '../../../legacy/walk/scatterwalk.ts';
import { KernelOops } from '../../../src/assert.ts';
import { EINVAL, type Errno } from '../../../src/errno.ts';
import { must } from '../../../src/machine/access.ts';
import type { Machine } from '../../../src/machine/machine.ts';
import { pfnToPhys, physToPfn } from '../../../src/machine/phys-mem.ts';
import { type PhysAddr, physAddr } from '../../../src/units.ts';
import { PAGE_SIZE } from '../text/case.ts';
import { type Series, since } from './model.ts';

/** Does a release have this walk? */
export function walksAnew(series: Series): boolean {
  return since(series, [6, 14]);
}

/** What a walk is told about its request. */
export interface WalkRequest {
  readonly src: Scatterlist | null;
  readonly dst: Scatterlist | null;
  /** Bytes to skip in both lists. */
  readonly assoc: number;
  readonly total: number;
  readonly iv: Uint8Array;
  readonly ivsize: number;
  readonly blocksize: number;
  readonly stride: number;
  readonly alignmask: number;
}

const FAST = 'F';
const DIFF = 'D';
const COPY = 'C';
const SLOW = 'S';
type Kind = typeof FAST | typeof DIFF | typeof COPY | typeof SLOW;

/** One walk; `nbytes` is 0 when it is over. */
export class Walk7 {
  nbytes = 0;
  total = 0;
  src: PhysAddr = physAddr(0);
  dst: PhysAddr = physAddr(0);
  iv: Uint8Array;
  kind: Kind = FAST;
  private readonly machine: Machine;
  private readonly request: WalkRequest;
  private readonly in = new ScatterWalk();
  private readonly out = new ScatterWalk();
  /** A page for copied and slow steps. */
  private bounce: PhysAddr | null = null;

  constructor(machine: Machine, request: WalkRequest) {
    this.machine = machine;
    this.request = request;
    this.iv = request.iv;
  }

  /** Was the IV copied because it is misaligned? */
  get ivCopied(): boolean {
    return this.iv !== this.request.iv;
  }

  /** @returns 0 or a negative errno; then `nbytes` is 0. @kernel skcipher_walk_virt, skcipher_walk_aead_common */
  start(): Errno {
    const { src, dst, assoc, total, alignmask, ivsize } = this.request;
    this.total = total;
    if (total === 0) return 0;
    startAt(this.in, src, assoc);
    startAt(this.out, dst, assoc);
    if ((this.iv.byteOffset & alignmask) !== 0) this.iv = this.iv.slice(0, ivsize);
    return this.next();
  }

  /** Ends a step of which `res` bytes were left, or the walk. @kernel skcipher_walk_done */
  done(res: number): Errno {
    let n = this.nbytes;
    if (n === 0) return this.finish(res);
    let err = res;
    let total = 0;
    if (res >= 0) {
      n -= res;
      total = this.total - n;
    }
    if (this.kind === SLOW) {
      if (res > 0) {
        err = -EINVAL;
        total = 0;
      } else {
        this.toList(this.dst, n);
      }
    } else {
      if (this.kind === COPY) this.machine.copy(scatterwalkPhys(this.out), this.dst, n);
      this.in.offset += n;
      this.out.offset += n;
    }
    if (err > 0) err = 0;
    this.total = total;
    this.nbytes = 0;
    return total > 0 ? this.next() : this.finish(err);
  }

  /** @kernel skcipher_walk_next */
  private next(): Errno {
    const { stride, blocksize, alignmask } = this.request;
    const bsize = Math.min(stride, Math.max(this.total, blocksize));
    const n = clamp(this.out, clamp(this.in, this.total));
    this.kind = FAST;
    if (n < bsize) return this.total < blocksize ? this.done(-EINVAL) : this.slow(bsize);
    this.nbytes = n;
    if (((this.in.offset | this.out.offset) & alignmask) !== 0) {
      this.kind = COPY;
      this.src = this.page();
      this.dst = this.src;
      this.machine.copy(this.src, scatterwalkPhys(this.in), n);
      return 0;
    }
    this.src = scatterwalkPhys(this.in);
    this.dst = scatterwalkPhys(this.out);
    if (this.src !== this.dst) this.kind = DIFF;
    return 0;
  }

  /** Gathers one block. @kernel skcipher_next_slow */
  private slow(bsize: number): Errno {
    const buffer = this.page();
    for (let done = 0; done < bsize; ) {
      const n = clamp(this.in, bsize - done);
      if (n > 0) this.machine.copy(physAddr(buffer + done), scatterwalkPhys(this.in), n);
      this.in.offset += n;
      done += n;
    }
    this.src = buffer;
    this.dst = buffer;
    this.nbytes = bsize;
    this.kind = SLOW;
    return 0;
  }

  /** @kernel memcpy_to_scatterwalk */
  private toList(from: PhysAddr, length: number): void {
    for (let done = 0; done < length; ) {
      const n = clamp(this.out, length - done);
      if (n > 0) this.machine.copy(scatterwalkPhys(this.out), physAddr(from + done), n);
      this.out.offset += n;
      done += n;
    }
  }

  private page(): PhysAddr {
    this.bounce ??= pfnToPhys(must(this.machine.allocPages(0, 'skcipher_walk')));
    return this.bounce;
  }

  private finish(err: Errno): Errno {
    if (this.ivCopied) this.request.iv.set(this.iv);
    this.iv = this.request.iv;
    if (this.bounce !== null) this.machine.freePages(physToPfn(this.bounce));
    this.bounce = null;
    return err;
  }
}

/** @throws KernelOops where the list is too short. @kernel scatterwalk_start_at_pos */
function startAt(walk: ScatterWalk, first: Scatterlist | null, pos: number): void {
  let sg = entry(first);
  let left = pos;
  while (left > sg.length) {
    left -= sg.length;
    sg = entry(sgNext(sg));
  }
  walk.sg = sg;
  walk.offset = sg.offset + left;
}

/** Leaves an entry that is used up, at most one. @kernel scatterwalk_clamp */
function clamp(walk: ScatterWalk, nbytes: number): number {
  let sg = entry(walk.sg);
  if (walk.offset >= sg.offset + sg.length) {
    sg = entry(sgNext(sg));
    walk.sg = sg;
    walk.offset = sg.offset;
  }
  return Math.min(nbytes, sg.offset + sg.length - walk.offset, PAGE_SIZE);
}

function entry(sg: Scatterlist | null): Scatterlist {
  if (sg === null) throw new KernelOops('scatterwalk: the list is too short');
  return sg;
}
