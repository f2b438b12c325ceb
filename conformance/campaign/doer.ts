/**
 * Who does jobs: this thread, or threads of its own that are watched.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { AnswerData } from './answer.ts';
import type { SidesOf } from './harness.ts';
import type { CampaignPlan } from './jobs.ts';
import { type Assignment, Laboratory } from './laboratory.ts';

/** A unit of a job that never ended, and the side that was running. */
export interface Hang {
  readonly number: number;
  readonly subject: string;
  readonly seconds: number;
  /** True where its thread has ended instead. */
  readonly isDead?: true;
}

/** What is said of it. */
export function describeHang({ seconds, isDead }: Hang): string {
  return isDead === true
    ? 'does not end: its thread has ended instead'
    : `does not end: no answer for ${seconds} s`;
}

export interface Doer {
  /** How many jobs it does at once. */
  readonly lanes: number;
  /** Does a job; a unit that never ends takes the job with it. */
  work(assignment: Assignment): Promise<AnswerData | Hang>;
  close(): Promise<void>;
}

/** How often the event loop gets its turn, for signals: milliseconds. */
const YIELD_MS = 50;

/** Does jobs in this thread, where nobody can end a case that never ends. */
export class Here implements Doer {
  readonly lanes = 1;
  private readonly laboratory: Laboratory;
  private readonly stopped: () => boolean;

  constructor(sidesOf: SidesOf, plan: CampaignPlan, bail: boolean, stopped: () => boolean) {
    this.laboratory = new Laboratory(sidesOf, plan, bail);
    this.stopped = stopped;
  }

  async work(assignment: Assignment): Promise<AnswerData> {
    const clerk = { begins: () => {}, runs: () => {}, stopped: this.stopped };
    const steps = this.laboratory.work(assignment, clerk);
    let yielded = performance.now();
    for (let step = steps.next(); ; step = steps.next()) {
      if (step.done === true) return step.value;
      if (performance.now() - yielded < YIELD_MS) continue;
      await setImmediate();
      yielded = performance.now();
    }
  }

  async close(): Promise<void> {}
}
