/**
 * Operations of a template in stages, over children that may be asynchronous.
 *
 * A stage that a child accepts ends the run; the child's completion goes on with the next stage. A
 * continuation may run in softirq context, so it never hands on MAY_SLEEP; what else it hands on
 * differs between templates.
 *
 * Not modelled: the -EINPROGRESS notice of a backlogged child is passed to the caller in every template.
 * In 6.1 authenc, authencesn and rfc7539 swallow it in some of their stages.
 * C: the `*_done` functions of crypto/gcm.c, xts.c, authenc.c and others (6.1)
 * @module
 */
import { KernelBug } from '../src/assert.ts';
import { CRYPTO_TFM_REQ_MAY_BACKLOG, CRYPTO_TFM_REQ_MAY_SLEEP } from '../src/crypto/algorithm.ts';
import { REQ_BACKLOGGED } from '../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, type Errno } from '../src/errno.ts';
import type { AeadRequest } from './aead.ts';
import type { AhashRequest } from './ahash.ts';
import type { SkcipherRequest } from './skcipher.ts';
import { cryptoTfmRequestComplete } from './tfm.ts';

/** One stage: a call of a child, or work on its result. @kernel none: a body of a `*_done` function */
export type Stage = () => Errno;

/** Continuations of cts and xts keep this flag. @kernel none: a mask in their `*_done` functions */
const KEEP_BACKLOG = CRYPTO_TFM_REQ_MAY_BACKLOG;
/** Continuations of lrw and rfc7539 keep all but MAY_SLEEP. @kernel none: see above */
export const KEEP_ALL_BUT_SLEEP: number = ~CRYPTO_TFM_REQ_MAY_SLEEP;

/** The part of a request context that knows where its operation is. @kernel none: the call chain of C */
export class StageContext {
  readonly req: SkcipherRequest | AeadRequest | AhashRequest;
  /** Flags for the children. */
  flags = 0;
  /** What a continuation keeps of the flags. */
  protected readonly kept: number;
  private stages: readonly Stage[] = [];
  private at = 0;

  constructor(req: SkcipherRequest | AeadRequest | AhashRequest, kept: number = KEEP_BACKLOG) {
    this.req = req;
    this.kept = kept;
  }

  /** Runs an operation from its first stage. */
  start(stages: readonly Stage[]): Errno {
    this.flags = this.req.flags;
    this.stages = stages;
    this.at = 0;
    const result = this.run();
    if (!isPending(result)) this.release();
    return result;
  }

  /** Goes on after the completion of a child. */
  resume(err: Errno): void {
    const { req } = this;
    if (err === -EINPROGRESS) {
      if (req.life === REQ_BACKLOGGED) cryptoTfmRequestComplete(req.tfm, req, err);
      return;
    }
    this.flags &= this.kept;
    const result = err === 0 ? this.run() : err;
    if (isPending(result)) return;
    this.release();
    cryptoTfmRequestComplete(req.tfm, req, result);
  }

  /** Undoes what the operation holds, when it is over and whatever came of it. */
  protected release(): void {}

  private run(): Errno {
    while (this.at < this.stages.length) {
      const err = this.stages[this.at++]();
      if (err !== 0) return err;
    }
    return 0;
  }
}

/** Completion callback of every child request; its data is the stage context. @kernel none: a `*_done` function */
export function stageDone(data: unknown, err: Errno): void {
  if (!(data instanceof StageContext)) throw new KernelBug('completion data of another template');
  data.resume(err);
}

function isPending(err: Errno): boolean {
  return err === -EINPROGRESS || err === -EBUSY;
}
