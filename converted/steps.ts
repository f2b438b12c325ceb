/**
 * Operations of a template in steps, over children that may be asynchronous.
 *
 * The steps of a template are constants. A step makes lists and runs a child on them; a child that
 * answers -EINPROGRESS ends the run, and its completion goes on with the next step. Nothing is made per
 * operation: children, lists and buffers are made with the request and used again.
 *
 * A continuation may run in softirq context, so it never hands on MAY_SLEEP; what else it hands on
 * differs between templates.
 * C: the `*_done` functions of crypto/gcm.c, xts.c, authenc.c and others (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { CRYPTO_TFM_REQ_MAY_SLEEP } from '../src/crypto/algorithm.ts';
import { REQ_BACKLOGGED, REQ_SUBMITTED } from '../src/crypto/queue.ts';
import { EINPROGRESS, type Errno } from '../src/errno.ts';
import { GFP_ATOMIC } from '../src/machine/context.ts';
import { listClear, newList, type OpList } from './lower/list.ts';
import { type CryptoOp, isPending, NO_IV, opComplete } from './op.ts';

/** One step: a call of a child, or work on its result. @kernel none: a body of a `*_done` function */
export type Step<O extends CryptoOp> = (op: O) => Errno;

/** Continuations of lrw and rfc7539 keep all but MAY_SLEEP. @kernel none: a mask in their `*_done` functions */
export const KEEP_ALL_BUT_SLEEP: number = ~CRYPTO_TFM_REQ_MAY_SLEEP;

/** Longest IV that a child takes, and the state of a stream cipher. */
const MAX_IV = 32;

/** What a template keeps of one operation. @kernel none: the request context of each template */
export class StepContext<O extends CryptoOp = CryptoOp> {
  readonly op: O;
  /** Operations of the children, in their order, null for a cipher; each step sets their lists. */
  children: readonly (CryptoOp | null)[] = [];
  /** Flags for the children of the running step. */
  flags = 0;
  /** For the IV that a step gives to a child. */
  readonly iv: Uint8Array = new Uint8Array(MAX_IV);
  /** What a continuation keeps of the flags. */
  readonly keeps: number;
  steps: readonly Step<O>[] = [];
  at = 0;
  /** True once a child was completed: what the caller was answered came of that one. */
  isResumed = false;
  /** Lists that the running step has made: `parts` and its relatives. */
  private readonly lists: OpList[] = [];
  private used = 0;

  constructor(op: O, keeps: number) {
    this.op = op;
    this.keeps = keeps;
  }

  /** An empty list, which lives until the next step begins. */
  list(): OpList {
    if (this.used === this.lists.length) {
      const { machine, policy } = this.op.tfm.api;
      this.lists.push(newList(machine, policy, 4));
    }
    const list = this.lists[this.used++];
    listClear(list);
    return list;
  }

  /** Runs steps until one does not answer 0. @returns its answer, or 0 at the end. */
  goOn(): Errno {
    while (this.at < this.steps.length) {
      this.used = 0;
      const err = this.steps[this.at++](this.op);
      if (err !== 0) return err;
    }
    return 0;
  }
}

/** @throws KernelBug for an operation of something else. @kernel none: crypto_aead_ctx of a request */
export function stepContext<O extends CryptoOp>(op: O): StepContext<O> {
  if (!(op.ctx instanceof StepContext)) throw new KernelBug('operation of another template');
  return op.ctx;
}

/** The IV of a child: these bytes one behind the other, then zeros. It lives until the next is made. @kernel none: the memcpys of each template */
export function childIv(
  op: CryptoOp,
  first: Uint8Array,
  second: Uint8Array = NO_IV,
  third: Uint8Array = NO_IV,
): Uint8Array {
  const { iv } = stepContext(op);
  iv.fill(0).set(first);
  iv.set(second, first.length);
  iv.set(third, first.length + second.length);
  return iv;
}

/** Runs an operation from its first step. @returns as a driver. @kernel none */
export function stepsStart<O extends CryptoOp>(op: O, steps: readonly Step<O>[]): Errno {
  const rctx = stepContext(op);
  rctx.flags = op.flags;
  rctx.steps = steps;
  rctx.at = 0;
  rctx.isResumed = false;
  return rctx.goOn();
}

/** Completion of every child; its data is the context of the parent. @kernel none: a `*_done` function */
export function stepDone(data: unknown, err: Errno): void {
  if (!(data instanceof StepContext)) throw new KernelBug('completion data of another template');
  const rctx: StepContext = data;
  const { op } = rctx;
  if (err === -EINPROGRESS) {
    // Before his answer is there, the caller waits for the notice of the child that it comes of.
    const isWaiting = op.life === REQ_SUBMITTED ? !rctx.isResumed : op.life === REQ_BACKLOGGED;
    if (isWaiting) opComplete(op, err);
    return;
  }
  rctx.isResumed = true;
  op.walk.gfp = GFP_ATOMIC;
  rctx.flags &= rctx.keeps;
  const { flags } = rctx;
  const result = err === 0 ? rctx.goOn() : err;
  // What a child has accepted may be over, and freed with this.
  if (!isPending(result, flags)) opComplete(op, result);
}
