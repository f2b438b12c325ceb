/**
 * The request queue with backlog, and the completion protocol of asynchronous requests.
 * C: crypto/algapi.c crypto_enqueue_request, include/linux/crypto.h (6.1)
 * @module
 */
import { KernelBug } from '../assert.ts';
import { EBUSY, EINPROGRESS, ENOSPC, type Errno } from '../errno.ts';
import { GFP_ATOMIC, GFP_KERNEL, type Gfp } from '../machine/context.ts';
import { CRYPTO_TFM_REQ_MAY_BACKLOG, CRYPTO_TFM_REQ_MAY_SLEEP } from './algorithm.ts';

/** Called once with the final result, and before that at most once with -EINPROGRESS. */
export type CryptoCompletion = (data: unknown, err: Errno) => void;

/** Where a request is in its life. */
export const REQ_IDLE = 0;
export const REQ_IN_FLIGHT = 1;
export const REQ_BACKLOGGED = 2;

/**
 * The part that every request has. A request is in flight from the moment its submission returned
 * -EINPROGRESS or -EBUSY until its final completion; whoever touches it in between breaks the
 * contract.
 * @kernel crypto_async_request
 */
export class CryptoAsyncRequest {
  complete: CryptoCompletion | null = null;
  data: unknown = null;
  flags = 0;
  life: number = REQ_IDLE;
}

/** How an operation under these request flags may allocate. @kernel skcipher_walk_gfp */
export function reqGfp(flags: number): Gfp {
  return (flags & CRYPTO_TFM_REQ_MAY_SLEEP) === 0 ? GFP_ATOMIC : GFP_KERNEL;
}

/** Must be called first by every submission. @throws KernelBug when the request is in flight. */
export function cryptoRequestStart(req: CryptoAsyncRequest): void {
  if (req.life !== REQ_IDLE) throw new KernelBug('request submitted while it is in flight');
}

/** Marks a request as accepted: its callback will come. @returns -EINPROGRESS or -EBUSY. */
export function cryptoRequestAccepted(req: CryptoAsyncRequest, err: Errno): Errno {
  req.life = err === -EBUSY ? REQ_BACKLOGGED : REQ_IN_FLIGHT;
  return err;
}

/**
 * Calls the callback. -EINPROGRESS says that a backlogged request has left the backlog; everything
 * else is final, and the callback may free or resubmit the request.
 * @throws KernelBug on a second final completion or a notice that nobody waits for.
 * @kernel crypto_request_complete
 */
export function cryptoRequestComplete(req: CryptoAsyncRequest, err: Errno): void {
  if (req.life === REQ_IDLE) throw new KernelBug('completion of a request that is not in flight');
  if (err === -EINPROGRESS) {
    if (req.life !== REQ_BACKLOGGED) throw new KernelBug('-EINPROGRESS notice without backlog');
    req.life = REQ_IN_FLIGHT;
  } else {
    if (req.life === REQ_BACKLOGGED) throw new KernelBug('completion without leaving the backlog');
    req.life = REQ_IDLE;
  }
  if (req.complete === null) throw new KernelBug('completion without a callback');
  req.complete(req.data, err);
}

/** A queue of requests with an unbounded backlog behind `maxQlen`. @kernel crypto_queue */
export class CryptoQueue<R extends CryptoAsyncRequest> {
  /** Whoever owns the queue may change it; what is queued stays. */
  maxQlen: number;
  private readonly list: R[] = [];
  private head = 0;
  /** Index in `list` of the first backlogged request, -1 when there is none. */
  private backlog = -1;

  constructor(maxQlen: number) {
    this.maxQlen = maxQlen;
  }

  get qlen(): number {
    return this.list.length - this.head;
  }

  /**
   * @returns -EINPROGRESS when queued, -EBUSY when queued behind the limit (only with MAY_BACKLOG),
   *   -ENOSPC when refused. @kernel crypto_enqueue_request
   */
  enqueue(req: R): Errno {
    let err = -EINPROGRESS;
    if (this.qlen >= this.maxQlen) {
      if ((req.flags & CRYPTO_TFM_REQ_MAY_BACKLOG) === 0) return -ENOSPC;
      err = -EBUSY;
      if (this.backlog < 0) this.backlog = this.list.length;
    }
    this.list.push(req);
    return err;
  }

  /** The request that leaves the backlog with the next `dequeue`. @kernel crypto_get_backlog */
  getBacklog(): R | null {
    return this.backlog < 0 ? null : this.list[this.backlog];
  }

  /** The oldest request, or null. @kernel crypto_dequeue_request */
  dequeue(): R | null {
    if (this.qlen === 0) return null;
    if (this.backlog >= 0 && ++this.backlog === this.list.length) this.backlog = -1;
    const req = this.list[this.head++];
    this.compact();
    return req;
  }

  private compact(): void {
    if (this.head < 1024 && this.head < this.list.length) return;
    this.list.splice(0, this.head);
    if (this.backlog >= 0) this.backlog -= this.head;
    this.head = 0;
  }
}
