/**
 * Programs of requests on one or more transforms: submitted together, behind each other, by completions,
 * with request objects that are used again, and messages in parts. What the caller does is the same for
 * every API.
 *
 * Verified by the rules of the judge, from what is recorded here.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EINPROGRESS, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type Case, type MISUSES, type Program, submittedWith } from '../case/case.ts';
import type { Happening, Misuse } from '../judge/observe.ts';
import { type CallerWatch, isLent } from './caller-watch.ts';
import { faultsOf, isAccepted, planOf, STEP_BUDGET, Submission } from './submit.ts';

/** A request object: submits request `number`, whose result goes to `submission`. */
export interface Slot {
  submit(number: number, submission: Submission): Errno;
  /** What comes next of a message in parts, once the call before went well. @returns null at its end */
  next?(number: number, submission: Submission): Errno | null;
  /** Takes down what the request object tells, before it is used again or freed. */
  finish?(number: number): void;
  /** Fills the object in for a text that is one byte shorter: a fault while it is in flight. */
  refill?(number: number): void;
  free(): void;
}

/** One of several requests that are submitted in one call. */
export interface Joined {
  readonly number: number;
  readonly slot: Slot;
  readonly submission: Submission;
}

/** What a caller can do to the transform of a request. */
export interface Transform {
  newSlot(submission: Submission): Slot;
  /** Submits requests in one call; their results go to their submissions. Absent: one by one. */
  batch?(requests: readonly Joined[]): void;
  rekey(): void;
  free(): void;
}

/** A submission that is waited for by nobody, and hears its own completions. */
class Posted extends Submission {
  private readonly hear: (err: Errno) => void;

  constructor(machine: Machine, c: Case, number: number, hear: (err: Errno) => void) {
    super(machine, c, number);
    this.hear = hear;
  }

  /** True from an answer that promises a completion to that completion. */
  get isInFlight(): boolean {
    return isAccepted(this.ret) && this.completions.every((err) => err === -EINPROGRESS);
  }

  protected override heard(err: Errno): void {
    this.hear(err);
  }

  override run(operation: () => Errno): Errno {
    this.completions = [];
    return this.submit(operation);
  }
}

/** Who makes the requests of a program, each by its number. */
export interface Callers {
  /** Takes what it needs for a request, once. @returns 0, or why it is not submitted */
  begin(number: number): Errno;
  /** Runs again behind a request that is over. */
  home(number: number, submission: Submission): void;
  /** Told of a misuse, and of the request that it was done to. */
  misused(words: string, of: number): void;
}

/** What became of a program. */
export interface ProgramRecord {
  readonly submissions: readonly Submission[];
  /** Answers and completions, in the order in which they came. */
  readonly history: readonly Happening[];
  /** Whether the caller broke the contract, and what the API called it. */
  readonly misuse: Misuse;
}

/** Runs a program until nothing is left to do, and frees its request objects. */
export class ProgramRun {
  private readonly machine: Machine;
  private readonly program: Program;
  private readonly cases: readonly Case[];
  private readonly transforms: readonly Transform[];
  private readonly watch: CallerWatch;
  private readonly submissions: Posted[];
  private readonly slots: Slot[] = [];
  /** How many requests still need the slot of each request; shared by those that share it. */
  private readonly needs: { left: number }[] = [];
  /** How many calls of each request came before the one that is in flight. */
  private readonly steps: number[];
  /** The last call of each request that was completed, -1 for none. */
  private readonly completed: number[];
  private readonly history: Happening[] = [];
  private misused: Misuse = { happened: false, named: null };
  private readonly callers: Callers;
  /** Requests that are over and whose results are still to be brought home. */
  private readonly away = new Set<number>();

  /**
   * @param cases each request as a case of its own
   * @param transforms that of each request
   * @param callers of the requests
   */
  constructor(
    machine: Machine,
    program: Program,
    cases: readonly Case[],
    transforms: readonly Transform[],
    watch: CallerWatch,
    callers: Callers,
  ) {
    this.callers = callers;
    this.machine = machine;
    this.program = program;
    this.cases = cases;
    this.transforms = transforms;
    this.watch = watch;
    this.steps = cases.map(() => 0);
    this.completed = cases.map(() => -1);
    this.submissions = cases.map(
      (c, number) => new Posted(machine, c, number, (err) => this.hear(number, err)),
    );
    for (const [number, submission] of this.submissions.entries()) {
      const further = program.requests[number - 1];
      const from = further?.reuse === true ? further.of : -1;
      const need = this.needs[from] ?? { left: 0 };
      need.left++;
      this.needs.push(need);
      this.slots.push(this.slots[from] ?? transforms[number].newSlot(submission));
    }
  }

  run(): ProgramRecord {
    const { machine, program } = this;
    const { context } = this.cases[0];
    const { failing } = context;
    machine.faults.arm(failing === undefined ? faultsOf(context) : planOf(context, failing));
    // A completion may not sleep: what it submits has its memory before.
    for (const [i, { when }] of program.requests.entries()) {
      if (when === 'callback') this.callers.begin(i + 1);
    }
    this.submitWith(0);
    for (const [i, { when, steps, cpu, batch }] of program.requests.entries()) {
      if (when === 'callback' || batch === true) continue;
      for (let step = 0; step < steps; step++) machine.scheduler.runOne();
      if (when === 'settled') machine.scheduler.drain(STEP_BUDGET);
      machine.context.cpu = cpu;
      this.goHome();
      this.submitWith(i + 1);
    }
    this.goHome();
    // Whatever was accepted completes once faults stop: LIVE. Only callers copy from a process, and to it.
    if (failing?.point !== 'user-copy') machine.faults.arm([]);
    machine.scheduler.drain(STEP_BUDGET);
    machine.context.cpu = 0;
    for (const [number, submission] of this.submissions.entries()) {
      this.callers.home(number, submission);
    }
    machine.faults.arm([]);
    if (!program.freeEarly) for (const slot of new Set(this.slots)) slot.free();
    return { submissions: this.submissions, history: this.history, misuse: this.misused };
  }

  /** The callers of what is over run, one after the other. */
  private goHome(): void {
    for (const number of this.away) this.callers.home(number, this.submissions[number]);
    this.away.clear();
  }

  /** Submits a request and those that are of one submission with it: one by one where there are no batches. */
  private submitWith(number: number): void {
    const { slots, submissions, transforms } = this;
    const numbers = submittedWith(this.program, number);
    const { batch } = transforms[number];
    if (numbers.length === 1 || batch === undefined) {
      for (const one of numbers) this.submit(one);
      return;
    }
    const ready = numbers.filter((one) => this.isReady(one));
    if (ready.length > 0)
      batch(ready.map((one) => ({ number: one, slot: slots[one], submission: submissions[one] })));
    // All of them are in the queue before their caller does anything else.
    for (const one of numbers) this.told(one, this.steps[one], submissions[one].ret);
    for (const one of numbers) this.goOn(one, submissions[one].ret);
  }

  private submit(number: number): void {
    const slot = this.slots[number];
    const submission = this.submissions[number];
    this.call(number, () =>
      this.isReady(number) ? slot.submit(number, submission) : submission.ret,
    );
  }

  /** False where its caller could not have what it needs: that is the answer. */
  private isReady(number: number): boolean {
    const err = this.callers.begin(number);
    if (err !== 0) this.submissions[number].ret = err;
    return err === 0;
  }

  /**
   * Makes the next call of a request, which may be over when its answer comes.
   * @returns false where there was none to make.
   */
  private call(number: number, operation: () => Errno | null): boolean {
    const { history } = this;
    const step = this.steps[number];
    const before = history.length;
    if (this.cases[0].context.early === true) this.record('submit', number, step, 0);
    const err = operation();
    if (err === null) {
      history.length = before;
      return false;
    }
    this.told(number, step, err);
    this.goOn(number, err);
    return true;
  }

  private told(number: number, step: number, err: Errno): void {
    this.record('answer', number, step, err);
    if (isAccepted(err) && this.completed[number] < step) this.watch.begin(number);
  }

  private record(what: Happening['what'], request: number, step: number, err: Errno): void {
    this.history.push({ what, request, step, err, cpu: this.machine.context.cpu });
  }

  private goOn(number: number, err: Errno): void {
    this.misuse(number);
    if (!isAccepted(err)) this.over(number, err);
  }

  private hear(number: number, err: Errno): void {
    const step = this.steps[number];
    this.record('call', number, step, err);
    if (err === -EINPROGRESS) return;
    this.completed[number] = step;
    this.watch.end(number);
    this.over(number, err);
  }

  /** Behind the last that is heard of one call: the next part of the message, or its end. */
  private over(number: number, err: Errno): void {
    const slot = this.slots[number];
    if (err === 0 && slot.next !== undefined) {
      this.steps[number]++;
      const next = (): Errno | null => slot.next?.(number, this.submissions[number]) ?? null;
      if (this.call(number, next)) return;
      this.steps[number]--;
    }
    this.done(number, err);
  }

  /** Behind the last that is heard of a request: its object is free, and others may follow. */
  private done(number: number, err: Errno): void {
    const { program, needs, slots } = this;
    if (this.callers.begin(number) === 0) slots[number].finish?.(number);
    this.watch.over(number, err);
    this.away.add(number);
    if (--needs[number].left === 0 && program.freeEarly) slots[number].free();
    for (const [i, { when, of }] of program.requests.entries()) {
      if (when === 'callback' && of === number) this.submit(i + 1);
    }
  }

  /** A check of the API throws before anything is done, so that the program goes on. */
  private misuse(number: number): void {
    const { misuse } = this.program;
    if (misuse === null || misuse.after !== number || this.misused.happened) return;
    const of = this.victim(number);
    if (of < 0) return;
    let named: string | null = null;
    const seen = this.watch.turn(() => {
      try {
        this.commit(misuse.what, of);
      } catch (error) {
        if (!(error instanceof KernelBug)) throw error;
        named = `${error.message}: request ${of}`;
      }
    });
    this.misused = { happened: true, named: named ?? seen };
    this.callers.misused(`${misuse.what} of request ${of}: ${named ?? seen ?? 'unnoticed'}`, of);
  }

  /** The request itself if it is in flight and has what the misuse is about, or the oldest such; -1 for none. */
  private victim(number: number): number {
    const { misuse } = this.program;
    const fits = (of: number): boolean =>
      this.submissions[of].isInFlight &&
      misuse !== null &&
      (misuse.what !== 'refill' || this.slots[of].refill !== undefined) &&
      (!isLent(misuse.what) || this.watch.lends(of, misuse.what));
    if (fits(number)) return number;
    return this.submissions.findIndex((_, of) => fits(of));
  }

  private commit(what: (typeof MISUSES)[number], of: number): void {
    if (isLent(what)) this.watch.spoil(of, what);
    else if (what === 'release') this.slots[of].free();
    else if (what === 'refill') this.slots[of].refill?.(of);
    else this.transforms[of][what]();
  }
}
