/**
 * An operation: what lies below the iterators. A request is the door, and *has* an operation; drivers,
 * templates and queues see operations only, which name memory by lists of (address, length).
 *
 * A driver answers 0, -EINPROGRESS, -EBUSY or an error, and ends what it accepted with `opComplete`. It
 * counts nothing and marks nothing: the core knows by the answer what is in flight.
 * C: include/linux/crypto.h struct crypto_async_request, crypto/api.c (6.1)
 * @module
 */

import { assert, KernelBug } from '../src/assert.ts';
import { BvecList } from '../src/bvec.ts';
import {
  CRYPTO_TFM_NEED_KEY,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../src/crypto/algorithm.ts';
import {
  CryptoAsyncRequest,
  cryptoRequestAnswered,
  cryptoRequestComplete,
  cryptoRequestGone,
  cryptoRequestStart,
  cryptoRequestSubmitted,
  REQ_IDLE,
  reqGfp,
} from '../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOKEY, type Errno } from '../src/errno.ts';
import { linearToPhys } from '../src/machine/address.ts';
import { GFP_ATOMIC, GFP_KERNEL, type Gfp } from '../src/machine/context.ts';
import { type MemAddr, physAddr, type VirtAddr } from '../src/units.ts';
import type { OpList } from './lower/list.ts';
import { BvecWalk } from './lower/walk.ts';
import type { CryptoTfm } from './tfm.ts';

/** The part that every operation has. @kernel none, crypto_async_request below the lists of the caller */
export class CryptoOp<T extends CryptoTfm = CryptoTfm> extends CryptoAsyncRequest {
  readonly tfm: T;
  /** Machine memory of the operation and of its children, `reqsize` bytes, as lists name it. */
  readonly memory: MemAddr;
  /** What the driver keeps of the operation, made by its `initOp`. @kernel skcipher_request_ctx */
  ctx: unknown = null;
  /** In a batch: what its submission would have returned. */
  answer: Errno = 0;
  /** Number of the last batch that it was in. */
  batch = 0;
  /** The position of a driver in the lists, and its scratch memory while it has one. */
  readonly walk: BvecWalk;

  constructor(tfm: T, memory: MemAddr) {
    super();
    this.tfm = tfm;
    this.memory = memory;
    this.walk = new BvecWalk(tfm.scratch, tfm.api.mem, tfm.api);
  }
}

/** What a driver can do with several operations of one transform at once. @kernel none: request chaining */
export interface OpBatch<O extends CryptoOp> {
  /** Does the first `n` operations, in that order and of one direction, and puts an `answer` into each. */
  run(ops: readonly O[], n: number): void;
}

/** Of an operation in a batch that is prepared, or that must be submitted by itself: no errno. @kernel none */
export const OP_WAITING = 1;
export const OP_ALONE = 2;

/** Memory of operations of one tfm: where it lies, and as lists name it. @kernel none */
export interface OpMemory {
  /** Null for a tfm whose operations need none, on a machine without checks. */
  readonly address: VirtAddr | null;
  readonly at: MemAddr;
  readonly size: number;
}

/** sizeof of an operation of which the driver wants nothing, so that it has a place, too. */
const OP_SIZE = 64;

const NO_MEMORY: OpMemory = { address: null, at: physAddr(0), size: 0 };
/** What an operation has before its owner gives it lists and an IV. Must not be written. */
export const NO_LIST: OpList = new BvecList(0);
export const NO_IV: Uint8Array = new Uint8Array(0);

/** Takes the memory that an operation of `tfm` needs. @returns null when there is none. @kernel none, kmalloc(sizeof + reqsize) */
export function opMemoryAlloc({ api, alg }: CryptoTfm, gfp: Gfp = GFP_KERNEL): OpMemory | null {
  const { machine } = api;
  const size = alg.reqsize ?? 0;
  if (size === 0 && !machine.checks) return NO_MEMORY;
  const address = machine.slab.kmalloc(size || OP_SIZE, alg.driverName, gfp);
  if (address === null) return null;
  // Late lists keep the tag of the pointer.
  return { address, at: api.policy === 'early' ? linearToPhys(address) : address, size };
}

/** @kernel none, kfree_sensitive */
export function opMemoryFree({ api }: CryptoTfm, { address }: OpMemory): void {
  if (address !== null) api.machine.slab.kfreeSensitive(address);
}

/**
 * What ends an operation, and the request that it is of: whoever touches them later traps, on a machine with
 * checks. @throws KernelBug while it is in flight. @kernel none: the request_free of each kind
 */
export function opFree(op: CryptoOp, memory: OpMemory, request: object = op): void {
  if (op.life !== REQ_IDLE) throw new KernelBug('request freed while it is in flight');
  const { tfm } = op;
  opMemoryFree(tfm, memory);
  if (!tfm.api.machine.checks) return;
  cryptoRequestGone(request);
  if (request !== op) cryptoRequestGone(op);
}

/**
 * Carries over what a caller has set, when a request is given to another tfm. Must have room for what
 * its operations need. @kernel none, crypto_request_set_tfm
 */
export function opReplace(op: CryptoOp, old: CryptoOp, memory: OpMemory): void {
  assert(op.tfm.api === old.tfm.api, 'tfm of the same machine');
  assert(
    (op.tfm.alg.reqsize ?? 0) <= memory.size,
    'request with room for the operations of the tfm',
  );
  op.flags = old.flags;
  op.complete = old.complete;
  op.data = old.data;
}

/**
 * What every submission begins with.
 * @returns 0, or -ENOKEY. @throws KernelBug when the operation is in flight. @kernel none
 */
export function opStart(op: CryptoOp): Errno {
  opCheck(op);
  return (op.tfm.flags & CRYPTO_TFM_NEED_KEY) !== 0 ? -ENOKEY : 0;
}

/** `opStart` of what needs no key: a message that goes on. @kernel none */
export function opCheck(op: CryptoOp): void {
  cryptoRequestStart(op);
  op.walk.gfp = reqGfp(op.flags);
  const { tfm } = op;
  tfm.key.read();
  if ((op.flags & CRYPTO_TFM_REQ_MAY_SLEEP) === 0) return;
  tfm.api.machine.context.mightSleep(tfm.alg.driverName);
}

/** True for the answer of a driver that will complete the operation. -EBUSY without MAY_BACKLOG is a refusal. @kernel none */
export function isPending(answer: Errno, flags: number): boolean {
  const backlogged = answer === -EBUSY && (flags & CRYPTO_TFM_REQ_MAY_BACKLOG) !== 0;
  return answer === -EINPROGRESS || backlogged;
}

/** The driver gets the operation. @returns the number of the submission, for `opAnswered`. @kernel none */
export function opSubmitted(op: CryptoOp): number {
  op.tfm.inFlight++;
  return cryptoRequestSubmitted(op);
}

/**
 * Must be the last that a driver does about an operation which it has accepted, before it returns: work may
 * run here, complete it, and let its caller free it. @kernel none: preemption, other processors
 */
export function opAccepted(op: CryptoOp): void {
  // What goes on later does so in a context that nobody promises.
  op.walk.gfp = GFP_ATOMIC;
  op.tfm.api.machine.scheduler.meanwhile();
}

/**
 * Takes a driver's answer to submission `round`: what it accepted is in flight from now on, or over and
 * perhaps freed already. @returns `answer`. @kernel none
 */
export function opAnswered(op: CryptoOp, round: number, answer: Errno): Errno {
  if (cryptoRequestAnswered(op, round, answer)) {
    op.tfm.inFlight--;
    op.walk.release();
  } else if (op.round === round && op.life !== REQ_IDLE) op.walk.gfp = GFP_ATOMIC;
  return answer;
}

/**
 * Ends an operation that its driver accepted, or says with -EINPROGRESS that it has left the backlog:
 * behind the answer of the driver, or in work that runs before it has returned (`opAccepted`).
 * @kernel none, skcipher_request_complete, aead_request_complete, ahash_request_complete
 */
export function opComplete(op: CryptoOp, err: Errno): void {
  if (err !== -EINPROGRESS) {
    op.tfm.inFlight--;
    op.walk.release();
  }
  cryptoRequestComplete(op, err);
}
