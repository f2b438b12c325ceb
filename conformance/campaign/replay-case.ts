/**
 * One case again, in a thread that is watched: a case that never ends is a finding here too.
 * @module
 */
import { existsSync } from 'node:fs';
import type { Case } from '../case/case.ts';
import type { Replayed } from './answer.ts';
import { type Doer, Here } from './doer.ts';
import type { SidesOf } from './harness.ts';
import type { CampaignPlan } from './jobs.ts';
import { Threads, WORKER } from './threads.ts';

/** A thread wants a campaign; this one has no cases of its own. */
const NO_PLAN: CampaignPlan = {
  seed: 0,
  cases: 0,
  algs: [],
  vectors: false,
  shard: { index: 1, count: 1 },
};

/** @param seconds how long the case may run, where there is compiled output for a thread */
export async function replayCase(
  c: Case,
  sidesOf: SidesOf,
  seconds: number,
  worker: URL = WORKER,
): Promise<Replayed> {
  const doer: Doer = existsSync(worker)
    ? new Threads(1, seconds, { plan: NO_PLAN, bail: false }, () => false, worker)
    : new Here(sidesOf, NO_PLAN, false, () => false);
  try {
    const answer = await doer.work({ job: { phase: 'replay', c }, skip: [] });
    if (!('number' in answer)) return answer.replayed ?? { observations: [], violations: [] };
    const { subject } = answer;
    const detail = `does not end: no answer for ${seconds} s`;
    return { observations: [], violations: [{ check: 'HANG', subject, detail }] };
  } finally {
    await doer.close();
  }
}
