/**
 * Operations of a template in steps, over children that may be asynchronous.
 *
 * The steps of a template are constants. A step that a child accepts ends the run; the child's
 * completion goes on with the next step. A continuation may run in softirq context, so it never hands on
 * MAY_SLEEP; what else it hands on differs between templates.
 *
 * The -EINPROGRESS notice of a backlogged child is the caller's, who waits for one of his own. authenc,
 * authencesn and rfc7539 swallow it in some of their steps: then he hears of the end alone. (cts does so in
 * its last step, when nobody waits for one any more.)
 * C: the `*_done` functions of crypto/gcm.c, xts.c, authenc.c and others (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { CRYPTO_TFM_REQ_MAY_BACKLOG, CRYPTO_TFM_REQ_MAY_SLEEP } from '../src/crypto/algorithm.ts';
import { REQ_BACKLOGGED, REQ_IN_FLIGHT, REQ_SUBMITTED } from '../src/crypto/queue.ts';
import { EINPROGRESS, type Errno } from '../src/errno.ts';
import { type VirtAddr, virtAddr } from '../src/units.ts';
import type { AeadRequest } from './aead.ts';
import type { AhashRequest } from './ahash.ts';
import type { AkcipherRequest } from './akcipher.ts';
import type { SkcipherRequest } from './skcipher.ts';
import { cryptoTfmRequestComplete, isPending } from './tfm.ts';

/** A request that a template can serve or make. @kernel none: crypto_async_request */
export type StepRequest = SkcipherRequest | AeadRequest | AhashRequest | AkcipherRequest;

/** One step: a call of a child, or work on its result. @kernel none: a body of a `*_done` function */
export type Step<R extends StepRequest> = (req: R) => Errno;

/** Most continuations keep this flag. @kernel none: a mask in their `*_done` functions */
export const KEEP_BACKLOG: number = CRYPTO_TFM_REQ_MAY_BACKLOG;
/** Continuations of lrw and rfc7539 keep all but MAY_SLEEP. @kernel none: see above */
export const KEEP_ALL_BUT_SLEEP: number = ~CRYPTO_TFM_REQ_MAY_SLEEP;

/** What every step finds in its request, whatever the kind. @kernel none: the request context of each template */
export abstract class StepState {
  /** Machine memory of the operation, `own` bytes of its template. */
  readonly own: VirtAddr;
  /** Requests of the children, in their order; null for a child that takes none. */
  children: readonly (StepRequest | null)[] = [];
  /** Flags for the children of the running step. */
  flags = 0;
  /** The direction, for steps that both have in common. */
  enc = true;

  constructor(own: VirtAddr) {
    this.own = own;
  }

  /** An address in the own memory. */
  ownAt(offset: number): VirtAddr {
    return virtAddr(this.own + offset);
  }

  /** Runs steps until one does not answer 0. @returns its answer, or 0 at the end. */
  abstract goOn(): Errno;

  /** Goes on after the completion of a child. */
  abstract resume(err: Errno): void;
}

/** What a template keeps of one operation. @kernel none: the request context of each template */
export class StepContext<R extends StepRequest = StepRequest> extends StepState {
  readonly req: R;
  /** What a continuation keeps of the flags. */
  private readonly keeps: number;
  /** True for a step whose notice nobody hears. */
  swallows: (step: Step<R>, enc: boolean) => boolean = () => false;
  private steps: readonly Step<R>[] = [];
  private at = 0;
  /** True once a child was completed: what the caller was answered came of that one. */
  private isResumed = false;

  constructor(req: R, own: VirtAddr, keeps: number) {
    super(own);
    this.req = req;
    this.keeps = keeps;
  }

  /** Runs an operation from its first step. */
  start(steps: readonly Step<R>[], enc: boolean): Errno {
    this.flags = this.req.flags;
    this.enc = enc;
    this.steps = steps;
    this.at = 0;
    this.isResumed = false;
    const { flags } = this;
    const result = this.goOn();
    // What was accepted may be over, and freed with this.
    if (!isPending(result, flags)) this.release();
    return result;
  }

  resume(err: Errno): void {
    const { req } = this;
    if (err === -EINPROGRESS) {
      const isHeard = !this.swallows(this.steps[this.at - 1], this.enc);
      // Before his answer is there, the caller waits for the notice of the child that it comes of.
      const isWaiting = req.life === REQ_SUBMITTED ? !this.isResumed : req.life === REQ_BACKLOGGED;
      if (isWaiting && isHeard) cryptoTfmRequestComplete(req.tfm, req, err);
      return;
    }
    this.isResumed = true;
    this.flags &= this.keeps;
    const { flags } = this;
    const result = err === 0 ? this.goOn() : err;
    if (isPending(result, flags)) return;
    this.release();
    // A notice that was swallowed, here or below, is not made up for.
    if (req.life === REQ_BACKLOGGED) req.life = REQ_IN_FLIGHT;
    cryptoTfmRequestComplete(req.tfm, req, result);
  }

  goOn(): Errno {
    while (this.at < this.steps.length) {
      const err = this.steps[this.at++](this.req);
      if (err !== 0) return err;
    }
    return 0;
  }

  /** Undoes what the operation holds, when it is over and whatever came of it. */
  protected release(): void {}
}

/**
 * The context of a request, of the kind that its template makes.
 * @throws KernelBug for a request of something else. @kernel none: skcipher_request_ctx and its like
 */
export function stepContext<X extends StepState>(
  req: StepRequest,
  kind: abstract new (...args: never) => X,
): X {
  if (!(req.ctx instanceof kind)) throw new KernelBug('request of another transform');
  return req.ctx;
}

/** Runs an operation from its first step. @returns as a driver. @kernel none: the encrypt and decrypt functions of a template */
export function stepsStart<R extends StepRequest>(
  req: R,
  steps: readonly Step<R>[],
  enc: boolean,
): Errno {
  if (!(req.ctx instanceof StepContext)) throw new KernelBug('request of another transform');
  return req.ctx.start(steps, enc);
}

/** Completion callback of every child request; its data is the context. @kernel none: a `*_done` function */
export function stepDone(data: unknown, err: Errno): void {
  if (!(data instanceof StepState)) throw new KernelBug('completion data of another template');
  data.resume(err);
}
