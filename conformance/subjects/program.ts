/**
 * Programs of requests on one transform: submitted together, behind each other, by completions, with
 * request objects that are used again. What the caller does is the same for every API.
 *
 * Verified by the rules of the judge, from what is recorded here. Not done: requests on several
 * transforms, and hashes in parts.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EINPROGRESS, type Errno } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import type { Case, Program } from '../case/case.ts';
import type { Happening, Misuse } from '../judge/observe.ts';
import { faultsOf, isAccepted, STEP_BUDGET, Submission } from './submit.ts';

/** A request object: submits request `number`, whose result goes to `submission`. */
export interface Slot {
  submit(number: number, submission: Submission): Errno;
  free(): void;
}

/** What a caller who breaks the contract does, on one transform. */
export interface Misusable {
  rekey(): void;
  free(): void;
}

/** A submission that is waited for by nobody, and hears its own completions. */
class Posted extends Submission {
  private readonly hear: (err: Errno) => void;

  constructor(machine: Machine, c: Case, hear: (err: Errno) => void) {
    super(machine, c);
    this.hear = hear;
  }

  protected override heard(err: Errno): void {
    this.hear(err);
  }

  override run(operation: () => Errno): Errno {
    return this.submit(operation);
  }
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
  private readonly misusable: Misusable;
  private readonly submissions: Posted[];
  private readonly slots: Slot[] = [];
  /** How many requests still need the slot of each request; shared by those that share it. */
  private readonly needs: { left: number }[] = [];
  private readonly history: Happening[] = [];
  private misused: Misuse = { happened: false, named: null };

  /** @param cases each request as a case of its own */
  constructor(
    machine: Machine,
    program: Program,
    cases: readonly Case[],
    newSlot: (submission: Submission) => Slot,
    misusable: Misusable,
  ) {
    this.machine = machine;
    this.program = program;
    this.cases = cases;
    this.misusable = misusable;
    this.submissions = cases.map(
      (c, number) => new Posted(machine, c, (err) => this.hear(number, err)),
    );
    for (const [number, submission] of this.submissions.entries()) {
      const further = program.requests[number - 1];
      const from = further?.reuse === true ? further.of : -1;
      const need = this.needs[from] ?? { left: 0 };
      need.left++;
      this.needs.push(need);
      this.slots.push(this.slots[from] ?? newSlot(submission));
    }
  }

  run(): ProgramRecord {
    const { machine, program } = this;
    machine.faults.arm(faultsOf(this.cases[0].context));
    this.submit(0);
    for (const [i, { when, steps, cpu }] of program.requests.entries()) {
      if (when === 'callback') continue;
      for (let step = 0; step < steps; step++) machine.scheduler.runOne();
      if (when === 'settled') machine.scheduler.drain(STEP_BUDGET);
      machine.context.cpu = cpu;
      this.submit(i + 1);
    }
    machine.scheduler.drain(STEP_BUDGET);
    machine.faults.arm([]);
    machine.context.cpu = 0;
    if (!program.freeEarly) for (const slot of new Set(this.slots)) slot.free();
    return { submissions: this.submissions, history: this.history, misuse: this.misused };
  }

  private submit(number: number): void {
    const submission = this.submissions[number];
    const { cpu } = this.machine.context;
    const err = this.slots[number].submit(number, submission);
    this.history.push({ what: 'answer', request: number, err, cpu });
    this.misuse(number);
    if (!isAccepted(err)) this.done(number);
  }

  private hear(number: number, err: Errno): void {
    const { cpu } = this.machine.context;
    this.history.push({ what: 'call', request: number, err, cpu });
    if (err !== -EINPROGRESS) this.done(number);
  }

  /** Behind the last that is heard of a request: its object is free, and others may follow. */
  private done(number: number): void {
    const { program, needs, slots } = this;
    if (--needs[number].left === 0 && program.freeEarly) slots[number].free();
    for (const [i, { when, of }] of program.requests.entries()) {
      if (when === 'callback' && of === number) this.submit(i + 1);
    }
  }

  /** A check of the API throws before anything is done, so that the program goes on. */
  private misuse(number: number): void {
    const { misuse } = this.program;
    const isPending = this.submissions.some(
      ({ ret, completions }) => isAccepted(ret) && !completions.some((err) => err !== -EINPROGRESS),
    );
    if (misuse === null || misuse.after !== number || !isPending) return;
    this.misused = { happened: true, named: null };
    try {
      this.misusable[misuse.what]();
    } catch (error) {
      if (!(error instanceof KernelBug)) throw error;
      this.misused = { happened: true, named: error.message };
    }
  }
}
