/**
 * The deterministic scheduler: everything asynchronous of the machine runs here.
 *
 * Work is queued in first-in-first-out queues (a workqueue, a softirq, a device ring). Which queue
 * runs next is drawn from the seed, so one seed is one interleaving. In a conformance run the subject
 * pumps the scheduler; in library use a microtask does, so that `await` just works.
 *
 * Work may also run between the acceptance of a request and the return of its submission, as on another
 * processor or in an interrupt: `meanwhile`, where a case asks for it.
 * @module
 */
import { KernelBug } from '../assert.ts';
import { Prng } from '../prng.ts';
import type { Context, Interrupted } from './context.ts';

/** In what context the work of a queue runs. */
export type WorkContext = 'task' | 'softirq';

/** A first-in-first-out queue of work, as a workqueue or a softirq vector. */
export class WorkQueue {
  readonly name: string;
  readonly context: WorkContext;
  /** The processor that its work runs on; null for whichever runs. */
  readonly cpu: number | null;
  readonly items: (() => void)[] = [];
  head = 0;
  /** True while a piece of its work runs: one worker, one device, so that no other piece of it does. */
  isRunning = false;

  constructor(name: string, context: WorkContext, cpu: number | null = null) {
    this.name = name;
    this.context = context;
    this.cpu = cpu;
  }
}

/** Finished items that a queue may carry before they are cut off: a queue may never run empty. */
const COMPACT = 1024;
/** Steps after which a run that has not come to rest is called stuck. */
const DEFAULT_BUDGET = 1_000_000;
/** Most pieces of work that the seed lets run before a submission returns: enough for a whole job of a device. */
const MOST_MEANWHILE = 8;

/**
 * Runs queued work in an order that the seed decides.
 * In conformance nothing runs by itself: the subject submits, then pumps with `drain()`.
 * In library use (`automatic`) a microtask drains, so awaiting a promise is enough.
 */
export class Scheduler {
  private readonly context: Context;
  private readonly prng = new Prng(0);
  private readonly ready: WorkQueue[] = [];
  private readonly automatic: boolean;
  private pumping = false;
  /** Draws what runs before a submission returns, apart from all other order; null: nothing does. */
  private early: Prng | null = null;
  private isMeanwhile = false;
  /**
   * Decides instead of the seed which of `count` branches is taken, 2 or more: the ready queues, and in
   * `meanwhile` before them the return of the submission. `current` is the branch that goes on with what
   * ran last, -1 where that has come to rest. null: the seed does.
   */
  choose: ((count: number, current: number) => number) | null = null;
  /** The queue that ran last. */
  private last: WorkQueue | null = null;

  /** @param automatic true in library use: queued work runs in the next microtask. */
  constructor(context: Context, automatic: boolean) {
    this.context = context;
    this.automatic = automatic;
  }

  /** Forgets queued work and starts the order of another seed. */
  reset(seed: number): void {
    for (const queue of this.ready) {
      queue.items.length = 0;
      queue.head = 0;
    }
    this.ready.length = 0;
    this.last = null;
    this.early = null;
    this.prng.reseed(seed);
  }

  /** From here to the next reset work may run before a submission returns, as `seed` says. */
  runEarly(seed: number): void {
    this.early = new Prng(seed);
  }

  /** Appends work. It never runs inside this call. */
  queueWork(queue: WorkQueue, work: () => void): void {
    if (queue.items.length === 0) this.ready.push(queue);
    queue.items.push(work);
    if (this.automatic && !this.pumping) this.pump();
  }

  /** True when nothing is queued. */
  idle(): boolean {
    return this.ready.length === 0;
  }

  /** Runs one piece of work. @returns false when there was none. */
  runOne(): boolean {
    if (this.ready.length === 0) return false;
    this.run(this.next(this.ready.length));
    return true;
  }

  /**
   * The moment between the acceptance of a request and the return of its submission, in which other
   * processors and interrupts may end it. Must be the last that a queue does about a request which it has
   * accepted: the caller may have freed the request behind it. Not inside of itself.
   * @kernel none: preemption, other processors
   */
  meanwhile(): void {
    const { early, context } = this;
    if (early === null || this.isMeanwhile) return;
    this.isMeanwhile = true;
    let left =
      this.choose !== null ? Infinity : early.oneIn(2) ? 0 : early.between(1, MOST_MEANWHILE);
    const interrupted = context.suspend();
    let ran: WorkQueue | null = null;
    try {
      for (; left > 0; left--) {
        const free = this.ready.filter((queue) => mayRun(queue, interrupted));
        if (free.length === 0) return;
        const branch: number =
          this.choose?.(free.length + 1, branchOf(ran, free)) ?? early.between(1, free.length);
        if (branch === 0) return;
        ran = free[branch - 1];
        this.run(this.ready.indexOf(ran));
      }
    } finally {
      context.resume(interrupted);
      this.isMeanwhile = false;
    }
  }

  /** Runs the first piece of work of a ready queue. */
  private run(at: number): void {
    const queue = this.ready[at];
    const work = queue.items[queue.head++];
    if (queue.head === queue.items.length) {
      queue.items.length = 0;
      queue.head = 0;
      this.ready.splice(at, 1);
    } else if (queue.head >= COMPACT) {
      queue.items.splice(0, queue.head);
      queue.head = 0;
    }
    const { cpu } = this.context;
    if (queue.cpu !== null) this.context.cpu = queue.cpu;
    queue.isRunning = true;
    try {
      if (queue.context === 'softirq') this.runSoftirq(work);
      else work();
    } finally {
      queue.isRunning = false;
    }
    this.context.cpu = cpu;
    this.last = queue;
  }

  private next(count: number): number {
    if (count === 1) return 0;
    if (this.choose === null) return this.prng.below(count);
    return this.choose(count, this.last === null ? -1 : this.ready.indexOf(this.last));
  }

  /**
   * Runs until nothing is left; completions are called from inside.
   * A conformance run must call it after submitting; in library use a microtask does.
   * @throws KernelBug when `budget` steps are not enough.
   */
  drain(budget: number = DEFAULT_BUDGET): void {
    for (let steps = 0; !this.idle(); steps++) {
      if (steps >= budget) throw new KernelBug('watchdog: work never comes to rest', { budget });
      this.runOne();
    }
  }

  /** Drains in a microtask. Work that throws does not take the work behind it along. */
  private pump(): void {
    this.pumping = true;
    queueMicrotask(() => {
      try {
        this.drain();
      } finally {
        this.pumping = false;
        if (!this.idle()) this.pump();
      }
    });
  }

  private runSoftirq(work: () => void): void {
    this.context.softirq++;
    this.context.serving++;
    try {
      work();
    } finally {
      this.context.softirq--;
      this.context.serving--;
    }
  }
}

/** The branch of `meanwhile` that goes on with what ran last, of which null is the submission. */
function branchOf(ran: WorkQueue | null, free: readonly WorkQueue[]): number {
  if (ran === null) return 0;
  const at = free.indexOf(ran);
  return at < 0 ? at : at + 1;
}

/** Whether work of a queue can go on while this context waits: on its own processor only where it can be preempted. */
function mayRun(queue: WorkQueue, interrupted: Interrupted): boolean {
  return !queue.isRunning && !(interrupted.isAtomic && queue.cpu === interrupted.cpu);
}
