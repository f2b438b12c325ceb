/**
 * What submitting a request has in common on both sides: the callback, the context, and letting
 * asynchronous work run until the request is done.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import {
  type AlgKind,
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import type { CryptoRegistry } from '../../src/crypto/registry.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno, errnoName } from '../../src/errno.ts';
import type { Fault } from '../../src/machine/fault.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { TYPE_OF } from '../algorithms/row.ts';
import type { Case } from '../case/case.ts';

/** Steps of asynchronous work that one request may take: LIVE. */
export const STEP_BUDGET = 10_000;

/** One submission: what it returned and what its callback was called with. */
export class Submission {
  readonly machine: Machine;
  /** Of its request in a program; 0 where there is one request. */
  readonly number: number;
  readonly flags: number;
  /** Must be registered with the submission itself as its data. */
  readonly complete: CryptoCompletion;
  ret: Errno = 0;
  completions: Errno[] = [];
  /** Called when the request is over: at a final completion, or behind an answer that promises none. */
  over: ((result: Errno) => void) | null = null;
  /** Called behind an answer that promises a final completion which has not come. */
  accepted: (() => void) | null = null;
  /** Called first at each completion, by whoever traces. */
  seen: ((err: Errno) => void) | null = null;
  /** The result, once there is one. */
  get result(): Errno {
    return isAccepted(this.ret) ? (this.completions.at(-1) ?? this.ret) : this.ret;
  }

  /** Number of the last call: a message in parts goes on in the completion of its last one. */
  private callNumber = 0;
  private readonly atomic: boolean;
  /** Null where the faults of the case are not those of a submission. */
  private readonly plan: readonly Fault[] | null;

  constructor(machine: Machine, { context }: Pick<Case, 'context'>, number: number = 0) {
    this.machine = machine;
    this.number = number;
    this.atomic = context.atomic;
    this.plan = context.failing === undefined ? faultsOf(context) : null;
    this.flags =
      (context.sleep ? CRYPTO_TFM_REQ_MAY_SLEEP : 0) |
      (context.backlog ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0);
    this.complete = (data, err) => {
      if (data !== this) throw new KernelBug('completion with the data of another request');
      this.seen?.(err);
      this.completions.push(err);
      if (err !== -EINPROGRESS) this.over?.(err);
      this.heard(err);
    };
  }

  /** Submits and waits. @returns the final result. */
  run(operation: () => Errno): Errno {
    const { machine } = this;
    this.completions = [];
    if (this.plan !== null) machine.faults.arm(this.plan);
    this.submit(operation);
    // Whatever was queued runs, also after a synchronous answer: a late callback must be seen.
    machine.scheduler.drain(STEP_BUDGET);
    if (this.plan !== null) machine.faults.arm([]);
    return this.result;
  }

  /**
   * Submits several at once, in the context of the first, and waits for nothing.
   * @param operation submits all of them. @returns the answer of each
   */
  static together(all: readonly Submission[], operation: () => readonly Errno[]): void {
    const [{ machine, atomic }] = all;
    for (const submission of all) submission.completions = [];
    if (atomic) machine.context.enterAtomic();
    const answers = operation();
    if (atomic) machine.context.leaveAtomic();
    for (const [i, submission] of all.entries()) {
      submission.ret = answers[i];
      if (!isAccepted(answers[i])) submission.over?.(answers[i]);
    }
  }

  /** Called behind each completion. */
  protected heard(_err: Errno): void {}

  /** Submits in the context of the case, and waits for nothing. @returns the answer. */
  protected submit(operation: () => Errno): Errno {
    const { context } = this.machine;
    const call = ++this.callNumber;
    if (this.atomic) context.enterAtomic();
    const answer = operation();
    if (this.atomic) context.leaveAtomic();
    // A completion that came before the answer may have gone on with the next call.
    if (call === this.callNumber) this.ret = answer;
    if (!isAccepted(answer)) this.over?.(answer);
    else this.accepted?.();
    return answer;
  }
}

/** What a caller could not get, and so does without: an expected failure, and no fault of the API. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly errno: Errno;

  constructor(errno: Errno) {
    super(errnoName(errno));
    this.errno = errno;
  }
}

/** What was asked for. @throws Refused with -ENOMEM when there was none. */
export function granted<T>(value: T | null): T {
  if (value === null) throw new Refused(-ENOMEM);
  return value;
}

/** Does what a caller does, until something is refused. @returns the errno of what was. */
export function attempt<T>(work: () => T): T | Refused {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
}

/** True for the answers that promise a callback. */
export function isAccepted(ret: Errno): boolean {
  return ret === -EINPROGRESS || ret === -EBUSY;
}

/** The allocations that a case lets fail. */
export function faultsOf({ fault: nth }: Case['context']): readonly Fault[] {
  if (nth === 0) return [];
  return [
    { point: 'kmalloc', nth },
    { point: 'page-alloc', nth },
  ];
}

/** A page that a caller cannot have stays away: what comes short up to it is followed by a refusal. */
export function planOf({ caller }: Case['context'], failing: Fault): readonly Fault[] {
  const isPin = caller !== undefined && failing.point === 'gup';
  return isPin ? [failing, { ...failing, nth: failing.nth + 1 }] : [failing];
}

/** The lengths of the updates that a case asks for, cut to the message; the rest is left over. */
export function updateLengths({ hash }: Case, total: number): number[] {
  const lengths: number[] = [];
  let left = total;
  for (const wanted of hash.updates) {
    const len = Math.min(wanted, left);
    lengths.push(len);
    left -= len;
  }
  return lengths;
}

export function isAsync({ flags }: CryptoAlg): boolean {
  return (flags & CRYPTO_ALG_ASYNC) !== 0;
}

/** True when a registry has, or builds, a driver of this name and kind. */
export function hasDriver(
  registry: Pick<CryptoRegistry<CryptoAlg>, 'find'>,
  driver: string,
  kind: AlgKind,
): boolean {
  return typeof registry.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK) !== 'number';
}
