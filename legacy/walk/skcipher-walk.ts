/**
 * skcipher_walk: source and destination lists as steps of linear bytes.
 *
 * A step is fast (the bytes where they lie), slow (exactly one stride gathered in a bounce buffer,
 * because an entry or a page ends inside it) or a copy (through an aligned page, because an offset is
 * misaligned). Slow and copied steps show the driver one buffer for both sides.
 * C: crypto/skcipher.c, include/crypto/internal/skcipher.h (6.1)
 * @module
 */

import { KernelBug, KernelOops } from '../../src/assert.ts';
import { CRYPTO_TFM_REQ_MAY_SLEEP } from '../../src/crypto/algorithm.ts';
import type { StepRecorder } from '../../src/crypto/recorder.ts';
import { EDEADLK, EINVAL, ENOMEM, type Errno } from '../../src/errno.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { GFP_ATOMIC, GFP_KERNEL, type Gfp } from '../../src/machine/context.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { pfnToPhys, physToPfn } from '../../src/machine/phys-mem.ts';
import {
  offsetInPage,
  PAGE_SIZE,
  type PhysAddr,
  physAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import type { AeadRequest } from '../aead.ts';
import type { SkcipherRequest } from '../skcipher.ts';
import {
  SCATTERWALK_FROM_SG,
  SCATTERWALK_SKIP,
  SCATTERWALK_TO_SG,
  ScatterWalk,
  scatterwalkAdvance,
  scatterwalkClamp,
  scatterwalkCopychunks,
  scatterwalkDone,
  scatterwalkPhys,
  scatterwalkStart,
} from './scatterwalk.ts';

const SKCIPHER_WALK_PHYS = 1;
const SKCIPHER_WALK_SLOW = 2;
const SKCIPHER_WALK_COPY = 4;
const SKCIPHER_WALK_DIFF = 8;
const SKCIPHER_WALK_SLEEP = 16;

/** Alignment that kmalloc gives, minus 1 (crypto_tfm_ctx_alignment). */
const KMALLOC_MASK = 7;
/** sizeof(struct skcipher_walk_buffer) without its bytes. */
const WALK_BUFFER_SIZE = 48;
const NOWHERE: PhysAddr = physAddr(0);
const NO_BUFFER: VirtAddr = virtAddr(0);
const NO_IV = new Uint8Array(0);

/** A bounced step of an asynchronous walk, written back by `skcipherWalkComplete`. */
interface WalkBuffer {
  readonly memory: VirtAddr;
  /** Where the result goes. */
  readonly dst: ScatterWalk;
  readonly len: number;
  /** The bytes: behind this structure for a slow step, in a bounce page for a copied one. */
  readonly data: PhysAddr;
  readonly copied: boolean;
}

/**
 * A walk. The driver reads `nbytes`, `total`, `src`, `dst` and `iv` and calls `skcipherWalkDone` after
 * each step until `nbytes` is 0.
 * @kernel skcipher_walk
 */
export class SkcipherWalk {
  readonly machine: Machine;
  readonly recorder: StepRecorder | null;
  readonly in: ScatterWalk = new ScatterWalk();
  readonly out: ScatterWalk = new ScatterWalk();
  /** Bytes of this step; 0 when the walk is over. */
  nbytes = 0;
  /** Bytes left, those of this step included. */
  total = 0;
  /** Where this step's source bytes are; valid for `nbytes`. */
  src: PhysAddr = NOWHERE;
  /** Where this step's result goes: `src` itself, or bytes that do not overlap it. */
  dst: PhysAddr = NOWHERE;
  /** The chaining value to use: `oiv`, or an aligned copy of it that is written back at the end. */
  iv: Uint8Array = NO_IV;
  oiv: Uint8Array = NO_IV;
  ivsize = 0;
  blocksize = 0;
  stride = 0;
  alignmask = 0;
  flags = 0;
  /** Bounce page of copied steps, 0 when there is none. */
  page: PhysAddr = NOWHERE;
  /** Bounce buffer of slow steps and home of a copied IV, 0 when there is none. */
  buffer: VirtAddr = NO_BUFFER;
  /** Steps of an asynchronous walk that wait for their result. */
  readonly buffers: WalkBuffer[] = [];

  constructor(machine: Machine, recorder: StepRecorder | null) {
    this.machine = machine;
    this.recorder = recorder;
  }
}

/**
 * Starts a walk over `req.cryptlen` bytes. With `atomic` only the first step may sleep.
 * @returns 0 or a negative errno; then `nbytes` is 0.
 * @kernel skcipher_walk_virt
 */
export function skcipherWalkVirt(walk: SkcipherWalk, req: SkcipherRequest, atomic: boolean): Errno {
  walk.flags = 0;
  const err = skcipherWalkSkcipher(walk, req);
  if (atomic) walk.flags &= ~SKCIPHER_WALK_SLEEP;
  return err;
}

/**
 * Starts a walk for a device: steps are collected, their results are written back by
 * `skcipherWalkComplete`, and until then all bounce memory stays allocated.
 * @kernel skcipher_walk_async
 */
export function skcipherWalkAsync(walk: SkcipherWalk, req: SkcipherRequest): Errno {
  walk.flags = SKCIPHER_WALK_PHYS;
  walk.buffers.length = 0;
  return skcipherWalkSkcipher(walk, req);
}

/**
 * Ends an asynchronous walk: writes bounced steps and a copied IV back unless `err`, and frees.
 * Full bounce pages are freed only without error, as in the kernel.
 * @kernel skcipher_walk_complete
 */
export function skcipherWalkComplete(walk: SkcipherWalk, err: Errno): void {
  const { machine } = walk;
  for (const { memory, dst, len, data, copied } of walk.buffers) {
    if (err === 0) {
      scatterwalkCopychunks(machine, data, dst, len, SCATTERWALK_TO_SG);
      if (copied && offsetInPage(data) + len + walk.stride > PAGE_SIZE) {
        machine.freePages(physToPfn(data));
      }
    }
    machine.slab.kfree(memory);
  }
  walk.buffers.length = 0;
  if (err === 0 && walk.iv !== walk.oiv) walk.oiv.set(walk.iv);
  release(walk);
}

function skcipherWalkSkcipher(walk: SkcipherWalk, req: SkcipherRequest): Errno {
  const { alg } = req.tfm;
  walk.total = req.cryptlen;
  walk.nbytes = 0;
  setIv(walk, req.iv, alg.ivsize);
  if (walk.total === 0) return 0;
  scatterwalkStart(walk.in, req.src);
  scatterwalkStart(walk.out, req.dst);
  if ((req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) !== 0) walk.flags |= SKCIPHER_WALK_SLEEP;
  walk.blocksize = alg.blocksize;
  walk.stride = alg.walksize;
  walk.alignmask = alg.alignmask;
  return skcipherWalkFirst(walk);
}

/** Walks the text of an encryption: `cryptlen` bytes behind the associated data. @kernel skcipher_walk_aead_encrypt */
export function skcipherWalkAeadEncrypt(
  walk: SkcipherWalk,
  req: AeadRequest,
  atomic: boolean,
): Errno {
  walk.total = req.cryptlen;
  return skcipherWalkAeadCommon(walk, req, atomic);
}

/** Walks the text of a decryption, without the tag. @kernel skcipher_walk_aead_decrypt */
export function skcipherWalkAeadDecrypt(
  walk: SkcipherWalk,
  req: AeadRequest,
  atomic: boolean,
): Errno {
  walk.total = req.cryptlen - req.tfm.authsize;
  return skcipherWalkAeadCommon(walk, req, atomic);
}

/**
 * Ends a step of which `err` bytes were left unprocessed, or the walk with a negative errno, and
 * prepares the next step.
 * @returns 0; -EINVAL when bytes are left that no block can take.
 * @kernel skcipher_walk_done
 */
export function skcipherWalkDone(walk: SkcipherWalk, err: number): Errno {
  let n = walk.nbytes;
  let nbytes = 0;
  let result = err;
  if (n === 0) return skcipherWalkFinish(walk, result);
  if (walk.recorder !== null) walk.recorder.step(n, kindOf(walk), err);
  if (err >= 0) {
    n -= err;
    nbytes = walk.total - n;
  }
  if ((walk.flags & SKCIPHER_WALK_COPY) !== 0) {
    // An asynchronous walk has moved on from this part of the page, or left the page: what is copied
    // here is not the step.
    if (walk.page === NOWHERE) throw new KernelOops('skcipher_walk_done: memcpy from a NULL page');
    if (n > 0) walk.machine.copy(scatterwalkPhys(walk.out), walk.page, n);
  } else if ((walk.flags & SKCIPHER_WALK_SLOW) !== 0) {
    if (err > 0) {
      // A block that the driver could not finish: the message is no multiple of the block.
      result = -EINVAL;
      nbytes = 0;
    } else {
      // The source was advanced when the block was gathered.
      const out = isPhys(walk) ? SCATTERWALK_SKIP : SCATTERWALK_TO_SG;
      scatterwalkCopychunks(walk.machine, walk.dst, walk.out, n, out);
      n = 0;
    }
  }
  if (result > 0) result = 0;
  walk.total = nbytes;
  walk.nbytes = 0;
  scatterwalkAdvance(walk.in, n);
  scatterwalkAdvance(walk.out, n);
  scatterwalkDone(walk.in, nbytes);
  scatterwalkDone(walk.out, nbytes);
  if (nbytes === 0) return skcipherWalkFinish(walk, result);
  // crypto_yield
  if ((walk.flags & SKCIPHER_WALK_SLEEP) !== 0)
    walk.machine.context.mightSleep('skcipher_walk_done');
  return skcipherWalkNext(walk);
}

function skcipherWalkAeadCommon(walk: SkcipherWalk, req: AeadRequest, atomic: boolean): Errno {
  const { alg } = req.tfm;
  walk.nbytes = 0;
  setIv(walk, req.iv, alg.ivsize);
  if (walk.total === 0) return 0;
  scatterwalkStart(walk.in, req.src);
  scatterwalkStart(walk.out, req.dst);
  scatterwalkCopychunks(walk.machine, NOWHERE, walk.in, req.assoclen, SCATTERWALK_SKIP);
  scatterwalkCopychunks(walk.machine, NOWHERE, walk.out, req.assoclen, SCATTERWALK_SKIP);
  scatterwalkDone(walk.in, walk.total);
  scatterwalkDone(walk.out, walk.total);
  walk.flags = (req.flags & CRYPTO_TFM_REQ_MAY_SLEEP) === 0 ? 0 : SKCIPHER_WALK_SLEEP;
  walk.blocksize = alg.blocksize;
  walk.stride = alg.chunksize;
  walk.alignmask = alg.alignmask;
  const err = skcipherWalkFirst(walk);
  if (atomic) walk.flags &= ~SKCIPHER_WALK_SLEEP;
  return err;
}

/** In C the IV is a pointer: what the caller has behind its `ivsize` bytes is not the walk's. */
function setIv(walk: SkcipherWalk, iv: Uint8Array, ivsize: number): void {
  walk.machine.checkLent(iv, ivsize);
  walk.iv = iv.length === ivsize ? iv : iv.subarray(0, ivsize);
  walk.oiv = walk.iv;
  walk.ivsize = ivsize;
}

function skcipherWalkFirst(walk: SkcipherWalk): Errno {
  if (walk.machine.context.hardirq > 0) {
    walk.machine.warn('WARN_ON_ONCE(in_hardirq())');
    return -EDEADLK;
  }
  walk.buffer = NO_BUFFER;
  walk.page = NOWHERE;
  if ((walk.iv.byteOffset & walk.alignmask) !== 0) {
    const err = skcipherCopyIv(walk);
    if (err !== 0) return err;
  }
  return skcipherWalkNext(walk);
}

function skcipherWalkNext(walk: SkcipherWalk): Errno {
  walk.flags &= SKCIPHER_WALK_SLEEP | SKCIPHER_WALK_PHYS;
  const bsize = Math.min(walk.stride, Math.max(walk.total, walk.blocksize));
  const n = scatterwalkClamp(walk.out, scatterwalkClamp(walk.in, walk.total));
  if (n < bsize) {
    if (walk.total < walk.blocksize) return skcipherWalkDone(walk, -EINVAL);
    return skcipherNextSlow(walk, bsize);
  }
  if (((walk.in.offset | walk.out.offset) & walk.alignmask) !== 0) {
    if (walk.page === NOWHERE && !takePage(walk)) return skcipherNextSlow(walk, bsize);
    walk.nbytes = Math.min(n, PAGE_SIZE - offsetInPage(walk.page));
    walk.flags |= SKCIPHER_WALK_COPY;
    walk.machine.copy(walk.page, scatterwalkPhys(walk.in), walk.nbytes);
    walk.src = walk.page;
    walk.dst = walk.page;
    return isPhys(walk) ? queueCopy(walk) : 0;
  }
  walk.nbytes = n;
  walk.src = scatterwalkPhys(walk.in);
  walk.dst = scatterwalkPhys(walk.out);
  if (walk.src !== walk.dst) walk.flags |= SKCIPHER_WALK_DIFF;
  return 0;
}

function skcipherNextSlow(walk: SkcipherWalk, bsize: number): Errno {
  const { alignmask, machine } = walk;
  const phys = isPhys(walk);
  let start: PhysAddr = walk.page;
  if (phys || (walk.buffer === NO_BUFFER && walk.page === NOWHERE)) {
    const head = phys ? WALK_BUFFER_SIZE : 0;
    const spare = (alignmask & ~KMALLOC_MASK) + ((bsize - 1) & ~(alignmask | KMALLOC_MASK));
    const memory = allocate(walk, head + bsize + spare);
    if (memory === null) return skcipherWalkDone(walk, -ENOMEM);
    machine.fill(linearToPhys(memory), head + bsize + spare, 0); // kzalloc
    start = physAddr(linearToPhys(memory) + head);
    if (phys) {
      const data = skcipherGetSpot(alignUp(start, alignmask), bsize);
      queueWrite(walk, memory, data, bsize, /* copied */ false);
    } else {
      walk.buffer = memory;
    }
  } else if (walk.buffer !== NO_BUFFER) {
    start = linearToPhys(walk.buffer);
  }
  walk.dst = skcipherGetSpot(alignUp(start, alignmask), bsize);
  walk.src = walk.dst;
  scatterwalkCopychunks(machine, walk.src, walk.in, bsize, SCATTERWALK_FROM_SG);
  walk.nbytes = bsize;
  walk.flags |= SKCIPHER_WALK_SLOW;
  return 0;
}

/** Keeps a copied step of an asynchronous walk, and the rest of its page for the next one. */
function queueCopy(walk: SkcipherWalk): Errno {
  const memory = allocate(walk, WALK_BUFFER_SIZE);
  if (memory === null) return -ENOMEM;
  queueWrite(walk, memory, walk.page, walk.nbytes, /* copied */ true);
  const full = offsetInPage(walk.page) + walk.nbytes + walk.stride > PAGE_SIZE;
  walk.page = full ? NOWHERE : physAddr(walk.page + walk.nbytes);
  return 0;
}

function queueWrite(
  walk: SkcipherWalk,
  memory: VirtAddr,
  data: PhysAddr,
  len: number,
  copied: boolean,
): void {
  const dst = new ScatterWalk();
  dst.sg = walk.out.sg;
  dst.offset = walk.out.offset;
  walk.buffers.push({ memory, dst, len, data, copied });
}

/** Copies a misaligned IV; it shares the bounce buffer, so that a later slow step allocates nothing. */
function skcipherCopyIv(walk: SkcipherWalk): Errno {
  const { alignmask, stride, ivsize } = walk;
  // An asynchronous walk allocates the IV alone and then writes it behind a stride.
  if (isPhys(walk)) throw new KernelBug('skcipher_copy_iv: write behind the buffer');
  const size =
    (alignmask & ~KMALLOC_MASK) +
    alignUp(physAddr(stride), alignmask) +
    ivsize +
    ((stride - 1) & ~(alignmask | KMALLOC_MASK));
  const buffer = allocate(walk, size);
  if (buffer === null) return -ENOMEM;
  walk.buffer = buffer;
  walk.iv = walk.oiv.slice(0, ivsize);
  return 0;
}

function skcipherWalkFinish(walk: SkcipherWalk, err: Errno): Errno {
  if (isPhys(walk)) return err;
  if (walk.iv !== walk.oiv) walk.oiv.set(walk.iv);
  release(walk);
  return err;
}

function release(walk: SkcipherWalk): void {
  walk.iv = walk.oiv;
  if (walk.buffer !== NO_BUFFER) {
    walk.machine.slab.kfree(walk.buffer);
    walk.buffer = NO_BUFFER;
  }
  if (walk.page !== NOWHERE) {
    walk.machine.freePages(physToPfn(walk.page));
    walk.page = NOWHERE;
  }
}

function isPhys(walk: SkcipherWalk): boolean {
  return (walk.flags & SKCIPHER_WALK_PHYS) !== 0;
}

/** The first place of `len` bytes at or behind `start` that does not straddle a page. */
function skcipherGetSpot(start: PhysAddr, len: number): PhysAddr {
  const endPage = Math.floor((start + len - 1) / PAGE_SIZE) * PAGE_SIZE;
  return physAddr(Math.max(start, endPage));
}

function alignUp(at: PhysAddr, alignmask: number): PhysAddr {
  const step = alignmask + 1;
  return physAddr(Math.ceil(at / step) * step);
}

/** @kernel skcipher_walk_gfp */
function walkGfp(walk: SkcipherWalk): Gfp {
  return (walk.flags & SKCIPHER_WALK_SLEEP) === 0 ? GFP_ATOMIC : GFP_KERNEL;
}

function allocate(walk: SkcipherWalk, size: number): VirtAddr | null {
  return walk.machine.slab.kmalloc(size, 'skcipher_walk', walkGfp(walk));
}

function takePage(walk: SkcipherWalk): boolean {
  const page = walk.machine.allocPages(0, 'skcipher_walk', walkGfp(walk));
  if (page === null) return false;
  walk.page = pfnToPhys(page);
  return true;
}

function kindOf(walk: SkcipherWalk): 'I' | 'D' | 'B' | 'C' {
  if ((walk.flags & SKCIPHER_WALK_SLOW) !== 0) return 'B';
  if ((walk.flags & SKCIPHER_WALK_COPY) !== 0) return 'C';
  return (walk.flags & SKCIPHER_WALK_DIFF) === 0 ? 'I' : 'D';
}
