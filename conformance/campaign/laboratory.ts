/**
 * Where jobs are done: one harness, which runs the units of a job and judges them.
 * @module
 */

import type { Machine } from '../../src/machine/machine.ts';
import type { Case } from '../case/case.ts';
import { shrinkCase } from '../case/shrink.ts';
import { whereOf } from '../explain/where.ts';
import type { Failure } from '../judge/findings.ts';
import { judgeTrial, type Trial, type Violation } from '../judge/judge.ts';
import type { Expectation, Observation } from '../judge/observe.ts';
import type { Side } from '../subjects/machine-subject.ts';
import type { ChecksumPlan } from '../vectors/checksums.ts';
import { Answer } from './answer.ts';
import { deafChecks } from './canaries.ts';
import { Harness, type SidesOf, untilSilent } from './harness.ts';
import {
  type CampaignPlan,
  checksumSource,
  type Job,
  plansOf,
  skippedOf,
  type Unit,
  unitsOf,
} from './jobs.ts';

/** What a laboratory is told, and whom it asks, between two units. */
export interface Clerk {
  /** Told before unit `number` of a job begins. */
  readonly begins: (number: number) => void;
  /** Told before a side runs. */
  readonly runs: (side: number) => void;
  /** True when the job must end with what it has. */
  readonly stopped: () => boolean;
}

/** A job, without the units that are known never to end. */
export interface Assignment {
  readonly job: Job;
  readonly skip: readonly number[];
}

export class Laboratory {
  private readonly plan: CampaignPlan;
  private readonly sidesOf: SidesOf;
  private readonly harness: Harness;
  /** A job ends behind its first failure. */
  private readonly bail: boolean;

  constructor(sidesOf: SidesOf, plan: CampaignPlan, bail: boolean) {
    this.sidesOf = sidesOf;
    this.plan = plan;
    this.bail = bail;
    this.harness = new Harness(sidesOf);
  }

  /** Does a job; it yields between units. What it answers depends on the job alone. */
  *work({ job, skip }: Assignment, clerk: Clerk): Generator<undefined, Answer> {
    const answer = new Answer();
    this.harness.begin(clerk.runs);
    if (job.phase === 'shrinking') {
      this.shrink(job, answer, clerk);
      return answer;
    }
    if (job.phase === 'replay') {
      clerk.begins(0);
      const seen = untilSilent(() => this.harness.run(job.c));
      answer.replayed =
        'check' in seen
          ? { observations: [], violations: [seen] }
          : { observations: seen.observations, violations: judgeTrial(seen) };
      return answer;
    }
    for (const [source, count] of skippedOf(this.plan, job)) {
      answer.source(source).skipped += count;
      answer.vectors.total.skipped += count;
    }
    const twice =
      job.phase === 'self-check'
        ? new Harness(
            (machine) => [...this.ownSides(machine), ...this.ownSides(machine)],
            this.harness.hasForeign,
          )
        : null;
    twice?.begin(clerk.runs);
    if (twice !== null && skip.length === 0) answer.differences.push(...deafChecks());
    const folds = job.phase === 'checksums' ? new Folds(plansOf()[job.from]) : null;
    let number = -1;
    for (const unit of unitsOf(this.plan, job)) {
      number++;
      if (clerk.stopped() || (this.bail && answer.failures.length > 0)) {
        answer.isCut = true;
        return answer;
      }
      if (skip.includes(number)) continue;
      clerk.begins(number);
      if (twice !== null) checkTwice(twice, unit.c, job.from + number, answer);
      else {
        const trial = untilSilent(() => this.harness.run(unit.c, unit.known));
        if ('check' in trial) {
          (unit.source === '' ? answer.cases : answer.vectors).addHang(unit.c);
          const order = [job.number, number] as const;
          answer.failures.push({ c: unit.c, violation: trial, shrinkable: false, order });
          answer.isCut = true;
          return answer;
        }
        folds?.add(number, trial);
        record(answer, unit, trial, [job.number, number]);
      }
      yield;
    }
    if (folds !== null && number >= 0 && skip.length === 0) folds.judge(answer);
    return answer;
  }

  /** What somebody else has written may answer as it likes; that it is no bug of the harness is known. */
  private ownSides(machine: Machine): readonly Side[] {
    return this.sidesOf(machine).filter(({ isForeign }) => isForeign !== true);
  }

  private shrink(
    { c, violation }: Extract<Job, { phase: 'shrinking' }>,
    answer: Answer,
    { begins, stopped }: Clerk,
  ): void {
    let number = 0;
    const judge = (smaller: Case): readonly Violation[] => {
      if (stopped()) return [];
      begins(number++);
      const violations = untilSilent(() => this.harness.judge(smaller));
      return 'check' in violations ? [] : violations;
    };
    const small = shrinkCase(c, violation, judge);
    const same = ({ check, subject }: Violation): boolean =>
      check === violation.check && subject === violation.subject;
    const again = small === c ? violation : this.harness.judge(small).find(same);
    const told = again ?? violation;
    answer.small = { c: small, violation: told, where: whereOf(small, told) };
  }
}

/** Counts a trial, and keeps what it broke. */
function record(
  answer: Answer,
  { known, source, scenario, isFirst }: Unit,
  trial: Trial,
  order: Failure['order'],
): void {
  const violations = judgeTrial(trial);
  const isKnown = source !== '';
  (isKnown ? answer.vectors : answer.cases).add(trial, violations);
  if (isKnown) {
    const counts = answer.source(source);
    if (isFirst) counts.vectors++;
    counts.trials++;
    if (violations.length > 0) counts.failed++;
  } else {
    answer.axes.add(trial.c, scenario);
    answer.axes.saw(trial);
  }
  const [violation] = violations;
  if (violation === undefined) return;
  // What a vector knows cannot be shrunk: the reference does not know it.
  const shrinkable = known.output === undefined || agrees(trial, known);
  answer.failures.push({ c: trial.c, violation, shrinkable, order });
}

function agrees({ c, expected }: Trial, known: Partial<Expectation>): boolean {
  return c.tag === null && expected.output !== null && known.result === 0;
}

/** The checksums of all sides over one plan: each must be the constant. */
class Folds {
  private readonly plan: ChecksumPlan;
  private readonly folds = new Map<string, ReturnType<ChecksumPlan['startFold']>>();
  private cases = 0;

  constructor(plan: ChecksumPlan) {
    this.plan = plan;
  }

  add(index: number, { observations, absent = [] }: Trial): void {
    const { tagLen } = this.plan.caseAt(index);
    this.cases++;
    // A subject that declines a case has no checksum; the cases that it ran were compared one by one.
    for (const { subject } of absent) this.folds.delete(subject);
    for (const { subject, output } of observations) {
      const fold = index === 0 ? this.plan.startFold() : this.folds.get(subject);
      if (fold === undefined) continue;
      this.folds.set(subject, fold);
      const cut = output.length - tagLen;
      fold.add(index, { output: output.subarray(0, cut), tag: output.subarray(cut) });
    }
  }

  judge(answer: Answer): void {
    if (this.cases < this.plan.cases) return;
    for (const fold of this.folds.values()) {
      if (fold.digest() === this.plan.expected) continue;
      answer.source(checksumSource(this.plan.name)).failed++;
      answer.vectors.addFailure();
    }
  }
}

/** Runs each API twice on one case: any difference is the harness's own. */
function checkTwice(harness: Harness, c: Case, index: number, answer: Answer): void {
  const { observations } = twiceOf(harness, c);
  const half = observations.length / 2;
  answer.selfChecked++;
  observations.slice(0, half).forEach((first, k) => {
    if (visible(first) === visible(observations[half + k])) return;
    const what = `${first.subject}: ${c.driver} ${c.op}`;
    answer.differences.push(`case ${index}: one API, run twice, gave two answers: ${what}`);
  });
}

/** Both runs in one trial: the harness has each API twice, but iterators of each type once. */
function twiceOf(harness: Harness, c: Case): Pick<Trial, 'observations'> {
  const trial = harness.run(c);
  if (c.iterator === undefined) return trial;
  return { observations: [...trial.observations, ...harness.run(c).observations] };
}

function visible(observation: Observation): string {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return JSON.stringify({
    ...observation,
    output: hex(observation.output),
    iv: hex(observation.iv),
  });
}
