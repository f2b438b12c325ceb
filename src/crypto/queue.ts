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
/** Its driver has it and has not answered. It may be completed before that, from another processor. */
export const REQ_SUBMITTED = 3;
/** The same, and it was told that it has left the backlog. */
export const REQ_TOLD = 4;

/**
 * The part that every request has. A request is its driver's from its submission until an answer that is
 * neither -EINPROGRESS nor -EBUSY, or until its final completion; whoever touches it in between breaks the
 * contract. The completion may come before such an answer has returned: then the request is the caller's
 * again, and who still has to return must not touch it.
 * @kernel crypto_async_request
 */
export class CryptoAsyncRequest {
  complete: CryptoCompletion | null = null;
  data: unknown = null;
  flags = 0;
  /** The account of the harness, as `round`: no member of the request in C, so that it outlives it. */
  life: number = REQ_IDLE;
  /** Number of its last submission. */
  round = 0;
}

/** The account of a request, which stays when the request is freed. */
const ACCOUNT: ReadonlySet<string> = new Set(['life', 'round']);

/** A prototype with a trap for every field that an object of its kind had. */
interface Gone {
  readonly traps: object;
  readonly fields: Set<string>;
}

/** By the prototype that it stands before, and what was freed. */
const GONE = new Map<object | null, Map<string, Gone>>();

function goneOf(kind: object | null, what: string): Gone {
  let kinds = GONE.get(kind);
  if (kinds === undefined) {
    kinds = new Map();
    GONE.set(kind, kinds);
  }
  let gone = kinds.get(what);
  if (gone === undefined) {
    gone = { traps: Object.create(kind), fields: new Set() };
    kinds.set(what, gone);
  }
  return gone;
}

function addTrap({ traps, fields }: Gone, what: string, field: string): void {
  fields.add(field);
  const touched = (): never => {
    throw new KernelBug(`${what} touched after it was freed`, { field });
  };
  Object.defineProperty(traps, field, { get: touched, set: touched });
}

/**
 * From here on every touch of a request, of an operation in one, or of a table that was lent with it, is a
 * trap: it was freed. The fields are taken away, and traps stand behind them: a trap in the place of each field
 * costs four times as much (3.6 us for an operation).
 * @param what it is in words
 * @kernel none: what KASAN says of a freed object
 */
export function cryptoRequestGone(freed: object, what: string = 'request'): void {
  const gone = goneOf(Object.getPrototypeOf(freed), what);
  for (const field of Object.keys(freed)) {
    if (ACCOUNT.has(field)) continue;
    if (!gone.fields.has(field)) addTrap(gone, what, field);
    Reflect.deleteProperty(freed, field);
  }
  Object.setPrototypeOf(freed, gone.traps);
}

/** How an operation under these request flags may allocate. @kernel skcipher_walk_gfp */
export function reqGfp(flags: number): Gfp {
  return (flags & CRYPTO_TFM_REQ_MAY_SLEEP) === 0 ? GFP_ATOMIC : GFP_KERNEL;
}

/** Must be called first by every submission. @throws KernelBug when the request is in flight. */
export function cryptoRequestStart(req: CryptoAsyncRequest): void {
  if (req.life !== REQ_IDLE) throw new KernelBug('request submitted while it is in flight');
}

/** True while the driver that has the request has neither answered nor completed it. */
export function isRequestOpen({ life }: Pick<CryptoAsyncRequest, 'life'>): boolean {
  return life === REQ_SUBMITTED || life === REQ_TOLD;
}

/** The driver gets the request. @returns the number of the submission. */
export function cryptoRequestSubmitted(req: CryptoAsyncRequest): number {
  req.life = REQ_SUBMITTED;
  return ++req.round;
}

/**
 * Takes what the driver answered to submission `round`: what it accepted is in flight from now on, or over
 * already, and then nothing of the request is touched.
 * @returns true when the request is the caller's again with this answer, and no callback will come
 * @throws KernelBug where it was called back and answered as if it had not been.
 */
export function cryptoRequestAnswered(req: CryptoAsyncRequest, round: number, err: Errno): boolean {
  const isOpen = req.round === round && isRequestOpen(req);
  const isQueued = err === -EBUSY && (!isOpen || (req.flags & CRYPTO_TFM_REQ_MAY_BACKLOG) !== 0);
  if (err !== -EINPROGRESS && !isQueued) {
    if (!isOpen || req.life === REQ_TOLD) throw new KernelBug('request called back and refused');
    req.life = REQ_IDLE;
    return true;
  }
  if (!isOpen) return false;
  const isTold = req.life === REQ_TOLD;
  if (isTold && !isQueued) throw new KernelBug('-EINPROGRESS notice without backlog');
  req.life = isQueued && !isTold ? REQ_BACKLOGGED : REQ_IN_FLIGHT;
  return false;
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
    const isSubmitted = req.life === REQ_SUBMITTED;
    if (!isSubmitted && req.life !== REQ_BACKLOGGED) {
      throw new KernelBug('-EINPROGRESS notice without backlog');
    }
    req.life = isSubmitted ? REQ_TOLD : REQ_IN_FLIGHT;
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
