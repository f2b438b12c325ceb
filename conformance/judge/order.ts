/**
 * The order of what happens to several requests, by a model of the queue that they wait in.
 *
 * The model is the kernel's promise: one queue for each processor, first in first out, which all
 * transforms share; what comes when it is full is refused, or waits behind it and is told when it has
 * moved up. Where templates over cryptd put requests of their own into it, nobody outside can say how
 * full it is.
 *
 * A request may be told and called before its submission has returned. What it is answered then must be what
 * the queue said when the request came, and no other answer than -EINPROGRESS or -EBUSY.
 * C: crypto/algapi.c crypto_enqueue_request, crypto/cryptd.c, kernel/padata.c (6.1)
 * @module
 */
import { EBUSY, EINPROGRESS, ENOSPC, type Errno, errnoName } from '../../src/errno.ts';
import { type Case, requestCase } from '../case/case.ts';
import type { Happening } from './observe.ts';

/**
 * Templates of 6.1 that swallow the -EINPROGRESS notice of a child in some of their steps.
 * C: crypto/authenc.c authenc_request_complete, authencesn.c authenc_esn_request_complete,
 * chacha20poly1305.c async_done_continue (6.1)
 */
const SWALLOWS = /\b(?:authenc|authencesn|rfc7539|rfc7539esp)\(/;

/** True for a driver in which such a template is. */
export function swallowsNotices(driver: string): boolean {
  return SWALLOWS.test(driver);
}

/** Requests that a queue of the machine holds by itself: more than any program has. */
const UNLIMITED = 1000;

/** The first answer or call that may not come where it came. */
export interface OutOfOrder {
  /** Its place in the history. */
  readonly at: number;
  readonly request: number;
  readonly detail: string;
}

/**
 * @param joined the API is that of 6.1, whose templates may swallow the notice of a child
 * @returns where the order is wrong, or null.
 */
export function firstOutOfOrder(
  c: Case,
  history: readonly Happening[],
  joined: boolean = false,
): OutOfOrder | null {
  const order = new Order(c, joined);
  for (const [at, happening] of history.entries()) {
    const detail = order.next(happening);
    if (detail !== null) return { at, request: happening.request, detail };
  }
  return null;
}

/** A request that was accepted and not completed. */
interface Waiting {
  readonly request: number;
  readonly cpu: number;
  backlogged: boolean;
  /** While its submission has not returned: nobody knows yet whether it waits in the backlog. */
  open: Open | null;
}

/** A submission that has not returned. */
interface Open {
  /** Requests before it in its queue. */
  readonly length: number;
  /** It was told that it has left the backlog, and it was completed. */
  isTold: boolean;
  isOver: boolean;
}

class Order {
  private readonly c: Case;
  private readonly joined: boolean;
  private readonly limit: number;
  /** The driver of each request. */
  private readonly drivers: readonly string[];
  /** False where others than the caller queue requests. */
  private readonly isLengthKnown: boolean;
  /** Places in a queue that were made to fail and have not been met yet. */
  private refusals: number;
  private readonly answered = new Set<string>();
  /** Submissions that work may run before the end of, by call. */
  private readonly submitted = new Map<string, Open>();
  /** In the order in which they were accepted. */
  private readonly waiting: Waiting[] = [];

  constructor(c: Case, joined: boolean) {
    this.c = c;
    this.joined = joined;
    this.limit = c.program?.queue || UNLIMITED;
    this.refusals = c.context.failing?.point === 'queue' ? 1 : 0;
    const transforms = [c, ...(c.program?.transforms ?? [])];
    this.drivers = [0, ...(c.program?.requests ?? []).map(({ tfm }) => tfm)].map(
      (tfm) => transforms[tfm].driver,
    );
    this.isLengthKnown = transforms.every(
      ({ driver }) => isQueued(driver) || !driver.includes('cryptd('),
    );
  }

  next(happening: Happening): string | null {
    if (happening.what === 'submit') this.submit(happening);
    return happening.what === 'answer'
      ? this.answer(happening)
      : happening.what === 'call'
        ? this.call(happening)
        : null;
  }

  private submit({ request, step, cpu }: Happening): void {
    const open = { length: this.lengthOn(cpu), isTold: false, isOver: false };
    this.submitted.set(`${request}:${step}`, open);
    this.waiting.push({ request, cpu, backlogged: false, open });
  }

  private answer({ request, step, err, cpu }: Happening): string | null {
    const call = `${request}:${step}`;
    if (this.answered.has(call)) return 'answered twice';
    this.answered.add(call);
    const open = this.submitted.get(call);
    const isJudged = isQueued(this.drivers[request]) && this.isLengthKnown;
    const wrong = isJudged
      ? this.wrongAnswer(request, err, open?.length ?? this.lengthOn(cpu))
      : null;
    const isAccepted = err === -EINPROGRESS || err === -EBUSY;
    if (open !== undefined) return wrong ?? this.returned(request, open, err, isAccepted);
    if (isAccepted) {
      this.waiting.push({ request, cpu, backlogged: err === -EBUSY, open: null });
    }
    return wrong;
  }

  /** The answer to a submission before whose end work could run. */
  private returned(request: number, open: Open, err: Errno, isAccepted: boolean): string | null {
    if (open.isOver && !isAccepted) return `called, and answered ${errnoName(err)}`;
    if (open.isTold && err !== -EBUSY) return 'told that it left a backlog, in which it is not';
    const isUntold = err === -EBUSY && !open.isTold;
    if (open.isOver) {
      return isUntold && !this.mayBeUntold(request) ? 'completed before it left the backlog' : null;
    }
    const at = this.waiting.findIndex((other) => other.open === open);
    if (!isAccepted) this.waiting.splice(at, 1);
    else Object.assign(this.waiting[at], { backlogged: isUntold, open: null });
    return null;
  }

  /** A queue gives three answers; any other was given before it was asked. */
  private wrongAnswer(request: number, err: Errno, length: number): string | null {
    if (err !== -EINPROGRESS && err !== -EBUSY && err !== -ENOSPC) return null;
    const { backlog } = requestCase(this.c, request).context;
    const right = length < this.limit ? -EINPROGRESS : backlog ? -EBUSY : -ENOSPC;
    if (err === right) return null;
    if (err === -ENOSPC && this.refusals-- > 0) return null;
    const state = `${length} of ${this.limit} queued`;
    return `answered ${errnoName(err)} instead of ${errnoName(right)} with ${state}`;
  }

  /** Requests in the queue of a processor. */
  private lengthOn(cpu: number): number {
    return this.waiting.filter((other) => this.isBehind(other, cpu)).length;
  }

  private call({ request, err }: Happening): string | null {
    const at = this.waiting.findIndex((other) => other.request === request);
    const found = this.waiting[at];
    if (found === undefined) return `called with ${errnoName(err)} and is not in flight`;
    if (err === -EINPROGRESS) return this.notice(found);
    if (found.backlogged && !this.mayBeUntold(request))
      return 'completed before it left the backlog';
    if (found.open !== null) found.open.isOver = true;
    this.waiting.splice(at, 1);
    const earlier = this.waiting.slice(0, at).find((other) => this.mustPrecede(other, found));
    return earlier === undefined ? null : `completed before request ${earlier.request}`;
  }

  private mayBeUntold(request: number): boolean {
    return this.joined && swallowsNotices(this.drivers[request]);
  }

  private notice(found: Waiting): string | null {
    const { open } = found;
    const isWaiting = open === null ? found.backlogged : !open.isTold;
    if (!isWaiting) return 'told that it left a backlog, in which it is not';
    found.backlogged = false;
    if (open !== null) open.isTold = true;
    if (!isQueued(this.drivers[found.request])) return null;
    const earlier = this.waiting
      .slice(0, this.waiting.indexOf(found))
      .find((other) => other.backlogged && this.isBehind(other, found.cpu));
    return earlier === undefined ? null : `left the backlog before request ${earlier.request}`;
  }

  private mustPrecede(earlier: Waiting, later: Waiting): boolean {
    const driver = this.drivers[later.request];
    if (driver.startsWith('pcrypt(')) return this.drivers[earlier.request] === driver;
    return isQueued(driver) && this.isBehind(earlier, later.cpu);
  }

  /** True for a request in the queue of a processor. */
  private isBehind({ request, cpu }: Waiting, of: number): boolean {
    return cpu === of && isQueued(this.drivers[request]);
  }
}

function isQueued(driver: string): boolean {
  return driver.startsWith('cryptd(');
}
