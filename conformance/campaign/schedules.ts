/**
 * Every order in which the asynchronous work of a few requests can run: one request on each processor,
 * all submitted together, and each choice between ready queues taken in turn.
 *
 * Of one and two requests also with the work that runs before a submission has returned: at each acceptance
 * either the submission returns, or one of the ready queues runs, until nothing is left.
 *
 * A program with too many orders is known for all orders with few preemptions, and its line says how few. A
 * preemption is a choice of another queue where the one that ran last has more to do, or of work before a
 * submission returns.
 *
 * Verified: every rule of the judge in every order, LIVE at its end. Not verified: orders between steps of
 * one queue, which is first in first out, more requests than there are processors, and work before the
 * submissions of three and four requests return, of which there are too many orders.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { EINPROGRESS } from '../../src/errno.ts';
import { NR_CPUS } from '../../src/machine/context.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { bytesLength, type Case, isData, type Program } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { coverLayout } from '../case/generate-layout.ts';
import { describeCase, type Violation } from '../judge/judge.ts';
import type { Side } from '../subjects/machine-subject.ts';
import { isSuccessful } from '../subjects/reference.ts';
import type { Monitor } from './conform.ts';
import { Harness, type SidesOf } from './harness.ts';
import { everyOrder } from './orders.ts';
import { encodeToken } from './replay.ts';

/**
 * Orders of one program that are looked at, which is all of four requests to an engine (some 5,000 for
 * `sgdma`, 6,000 for `linedma`); a template of many steps has more, and is reported.
 */
const MOST_ORDERS = 10_000;
/** Most requests of which completions before the return of a submission are looked at. */
const MOST_EARLY = 2;
/** Orders of one program with such work that are looked at: all of one request, and of two to most drivers. */
const MOST_EARLY_ORDERS = 2000;
/** Cases that are looked at to find one for a driver. */
const TRIED = 2000;

/** A broken rule, and the order that shows it: which of the ready queues ran, at each choice. */
interface ScheduleFinding extends Violation {
  readonly summary: string;
  readonly token: string;
  readonly order: readonly number[];
}

export interface ScheduleReport {
  /** Orders that were run, over all drivers and sides, by requests in flight. */
  readonly explored: Record<number, number>;
  /** The same where work may run before a submission returns. */
  readonly early: Record<number, number>;
  /** Drivers that were asked for. */
  drivers: number;
  /** Programs with more orders than are looked at, and which of theirs all were. */
  readonly cut: string[];
  readonly findings: ScheduleFinding[];
}

/** Runs every order of 1 to 4 requests on every asynchronous driver of `algs`. */
export async function exploreSchedules(
  sidesOf: SidesOf,
  algs: readonly string[],
  seed: number,
  { progress, stopped }: Monitor,
): Promise<ScheduleReport> {
  const report: ScheduleReport = { explored: {}, early: {}, drivers: 0, cut: [], findings: [] };
  for (let depth = 1; depth <= NR_CPUS; depth++) report.explored[depth] = 0;
  for (let depth = 1; depth <= MOST_EARLY; depth++) report.early[depth] = 0;
  const explorers = explorersOf(sidesOf);
  for (const [i, alg] of algs.entries()) {
    progress('algorithms', i, algs.length);
    for (const { driver, async } of driversOf(alg)) {
      const c = async ? plainCase(alg, driver, seed, explorers) : null;
      if (c === null) continue;
      report.drivers++;
      // Signals get their turn.
      await setImmediate();
      for (let depth = 1; depth <= NR_CPUS; depth++) {
        if (stopped()) return report;
        const together = atOnce(c, depth);
        for (const explorer of explorers) {
          explorer.explore(together, depth, report, report.explored);
          if (depth > MOST_EARLY) continue;
          explorer.explore(whileSubmitted(together), depth, report, report.early);
        }
      }
    }
  }
  return report;
}

/** One for each side: what one API chooses between, another may not have. */
function explorersOf(sidesOf: SidesOf): Explorer[] {
  const explorers: Explorer[] = [];
  for (let at = 0; ; at++) {
    let side: Side | undefined;
    const harness = new Harness((machine) => {
      side = sidesOf(machine)[at];
      return side === undefined ? [] : [side];
    });
    if (side === undefined) return explorers;
    explorers.push(new Explorer(harness, side));
  }
}

class Explorer {
  private readonly harness: Harness;
  private readonly side: Side;

  constructor(harness: Harness, side: Side) {
    this.harness = harness;
    this.side = side;
  }

  /** True where a request is accepted and ended later. */
  isLater(c: Case): boolean {
    if (this.side.declines?.(c) != null) return true;
    return this.harness.run(c).observations.every(({ ret }) => ret === -EINPROGRESS);
  }

  /** Each order once, until one breaks a rule. */
  explore(c: Case, depth: number, report: ScheduleReport, counted: Record<number, number>): void {
    if (this.side.declines?.(c) != null) return;
    const { scheduler } = this.harness.memory.machine;
    const most = c.context.early === true ? MOST_EARLY_ORDERS : MOST_ORDERS;
    const cut = everyOrder(most, (choose, order) => {
      scheduler.choose = choose;
      const violations = this.harness.judge(c);
      scheduler.choose = null;
      counted[depth]++;
      this.record(c, order, violations, report);
      return violations.length > 0;
    });
    if (cut === null) return;
    report.cut.push(`${this.side.name}: ${describeCase(c)}${whenOf(c)}: ${wordsOf(cut)}`);
  }

  private record(
    c: Case,
    order: readonly number[],
    [violation]: readonly Violation[],
    { findings }: ScheduleReport,
  ): void {
    if (violation === undefined) return;
    const summary = `${violation.subject}: ${describeCase(c)}: ${violation.detail}`;
    findings.push({ ...violation, summary, token: encodeToken(c), order: [...order] });
  }
}

/**
 * An undisturbed case of a driver that succeeds, on each side by work that runs later where there is such
 * a case: an engine may do one at once that does not fit. null where none was drawn.
 */
function plainCase(
  alg: string,
  driver: string,
  seed: number,
  explorers: readonly Explorer[],
): Case | null {
  let first: Case | null = null;
  for (const c of successful(alg, driver, seed)) {
    if (explorers.every((explorer) => explorer.isLater(c))) return c;
    first ??= c;
  }
  return first;
}

/** Undisturbed cases of a driver that succeed. */
function* successful(alg: string, driver: string, seed: number): Generator<Case> {
  const generator = new CaseGenerator([alg]);
  for (let i = 0; i < TRIED; i++) {
    const c = generator.at(seed, i);
    if (c.driver !== driver || isData(c) || c.context.fault > 0 || c.context.atomic) continue;
    if (bytesLength(c.text) === 0 || bytesLength(c.text) > 600) continue;
    const hash = { final: 'digest', updates: [], reimport: false } as const;
    const { program: _program, short: _short, invalid: _invalid, ...alone } = c;
    const { context } = c;
    const undisturbed = { reuse: false, failing: undefined, again: undefined, early: undefined };
    const plain = coverLayout({ ...alone, hash, context: { ...context, ...undisturbed } });
    if (isSuccessful(plain)) yield plain;
  }
}

/** What a cut program is known for. */
function wordsOf(preemptions: number): string {
  if (preemptions < 0) return 'not all orders without a preemption';
  return `all orders with at most ${preemptions} preemptions`;
}

function whenOf({ context }: Case): string {
  return context.early === true ? ', with work before a submission returns' : '';
}

/** The same with work that may run before a submission returns, and with requests that are freed when they are over. */
function whileSubmitted(c: Case): Case {
  const context = { ...c.context, early: true as const };
  if (c.program === undefined) return { ...c, context };
  return { ...c, context, program: { ...c.program, freeEarly: true } };
}

/** `depth` requests in flight at once, each with a message of its own, each on a processor of its own. */
function atOnce(c: Case, depth: number): Case {
  if (depth === 1) return c;
  const { op, iv, ad, tamper, layout, seed } = c;
  const requests: Program['requests'] = Array.from({ length: depth - 1 }, (_, i) => ({
    ...{ when: 'now', steps: 0, of: 0, reuse: false, backlog: false },
    ...{ cpu: i + 1, op, iv, ad, tamper, layout, tfm: 0, tag: null, room: 0, hash: c.hash },
    text: { seed: (seed + i + 1) % 2 ** 32, len: bytesLength(c.text) },
  }));
  return { ...c, program: { transforms: [], queue: 0, freeEarly: false, misuse: null, requests } };
}
