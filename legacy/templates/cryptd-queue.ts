/**
 * The queue of cryptd and its worker.
 *
 * Requests wait in one queue of 1000 with a backlog behind it. The worker runs one request in task
 * context and completes it with bottom halves disabled.
 * C: crypto/cryptd.c (6.1)
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { CryptoQueue } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, type Errno } from '../../src/errno.ts';
import { WorkQueue } from '../../src/machine/scheduler.ts';
import type { AeadRequest } from '../aead.ts';
import type { AhashRequest } from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
import type { SkcipherRequest } from '../skcipher.ts';
import { type CryptoTfm, cryptoTfmRequestComplete } from '../tfm.ts';

const CRYPTD_MAX_CPU_QLEN = 1000;

type CryptdRequest = SkcipherRequest | AeadRequest | AhashRequest;

/** The private part of a request: what to run when its turn comes. @kernel none: the saved completion */
export class CryptdRequestCtx {
  run: (() => Errno) | null = null;
}

/** @kernel cryptd_queue */
export interface CryptdQueue {
  queue: CryptoQueue<CryptdRequest>;
  readonly work: WorkQueue;
}

/** An empty queue. @kernel none: cryptd_init_queue, the part that cannot fail */
export function newCryptdQueue(): CryptdQueue {
  return { queue: new CryptoQueue(CRYPTD_MAX_CPU_QLEN), work: new WorkQueue('cryptd', 'task') };
}

/**
 * Queues a request of an instance; `run` performs it on the child.
 * @returns -EINPROGRESS, -EBUSY behind the limit with MAY_BACKLOG, -ENOSPC without.
 * @kernel cryptd_enqueue_request
 */
export function cryptdEnqueueRequest(
  cryptd: CryptdQueue,
  req: CryptdRequest,
  run: () => Errno,
): Errno {
  const { api } = req.tfm;
  if (!(req.ctx instanceof CryptdRequestCtx)) throw new KernelBug('request of another transform');
  // A machine that was reset has forgotten its work, and these requests with it.
  const pending = cryptd.work.items.length > 0;
  if (!pending && cryptd.queue.qlen > 0) cryptd.queue = new CryptoQueue(CRYPTD_MAX_CPU_QLEN);
  const err = cryptd.queue.enqueue(req);
  if (err !== -EINPROGRESS && err !== -EBUSY) return err;
  req.ctx.run = run;
  if (!pending) queueWorker(api, cryptd);
  return err;
}

function queueWorker(api: CryptoApi, cryptd: CryptdQueue): void {
  api.machine.scheduler.queueWork(cryptd.work, () => cryptdQueueWorker(api, cryptd));
}

/** Takes one request; the next one gets a work item of its own. @kernel cryptd_queue_worker */
function cryptdQueueWorker(api: CryptoApi, cryptd: CryptdQueue): void {
  const { queue } = cryptd;
  const backlog = queue.getBacklog();
  const req = queue.dequeue();
  if (req === null) return;
  if (queue.qlen > 0) queueWorker(api, cryptd);
  if (backlog !== null) cryptdComplete(api, backlog.tfm, backlog, -EINPROGRESS);
  const { ctx } = req;
  if (!(ctx instanceof CryptdRequestCtx) || ctx.run === null) {
    throw new KernelBug('request of another transform');
  }
  const { run } = ctx;
  ctx.run = null;
  cryptdComplete(api, req.tfm, req, run());
}

/** Completes with bottom halves disabled. */
function cryptdComplete(api: CryptoApi, tfm: CryptoTfm, req: CryptdRequest, err: Errno): void {
  const { context } = api.machine;
  context.localBhDisable();
  try {
    cryptoTfmRequestComplete(tfm, req, err);
  } finally {
    context.localBhEnable();
  }
}
