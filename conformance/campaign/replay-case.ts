/**
 * One case again, in a thread that is watched: a case that never ends is a finding here too.
 * @module
 */
import { existsSync } from 'node:fs';
import type { Case } from '../case/case.ts';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
import type { Replayed } from './answer.ts';
import { type Doer, describeHang, Here } from './doer.ts';
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

/**
 * @param seconds how long the case may run, where there is compiled output for a thread
 * @param subject subjects from elsewhere that are among the sides
 */
export async function replayCase(
  c: Case,
  sidesOf: SidesOf,
  seconds: number,
  worker: URL = WORKER,
  subject?: SubjectSpec,
): Promise<Replayed> {
  const given = { plan: NO_PLAN, bail: false, subject, halfConverted: true };
  const doer: Doer = existsSync(worker)
    ? new Threads(1, seconds, given, () => false, worker)
    : new Here(sidesOf, NO_PLAN, false, () => false);
  try {
    const answer = await doer.work({ job: { phase: 'replay', c }, skip: [] });
    if (!('number' in answer)) return answer.replayed ?? { observations: [], violations: [] };
    const violation = { subject: answer.subject, detail: describeHang(answer) };
    return { observations: [], violations: [{ check: 'HANG', ...violation }] };
  } finally {
    await doer.close();
  }
}
