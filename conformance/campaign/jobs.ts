/**
 * A campaign in pieces: jobs that any thread or any shard can do, each of them a row of units, and a
 * unit is one case. The pieces do not depend on how many do them, so neither does the result.
 * @module
 */
import type { Case } from '../case/case.ts';
import { CampaignCases, drawsNothing } from '../case/scenarios.ts';
import type { Violation } from '../judge/judge.ts';
import type { Expectation } from '../judge/observe.ts';
import { checksumPlans } from '../vectors/checksums.ts';
import { checksumTrial, isSupported, vectorTrials } from '../vectors/known-answers.ts';
import { sampledVectors } from '../vectors/vectors.ts';

/** Part `index`, from 1, of `count` equal parts. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** True when number `k`, from 0, of things that are dealt out in turn belongs to a part. */
export function isDealtTo({ index, count }: Shard, k: number): boolean {
  return k % count === index - 1;
}

/** What the pieces are cut from. */
export interface CampaignPlan {
  readonly seed: number;
  readonly cases: number;
  readonly algs: readonly string[];
  /** Known answers may be left out for a pure campaign. */
  readonly vectors: boolean;
  readonly shard: Shard;
  /** Every random case is a program of requests with a call that may fail. */
  readonly programs?: boolean | undefined;
  /** Some random cases are made from these. */
  readonly corpus?: KeptCases | undefined;
}

/** A corpus as it was when the campaign began. */
export interface KeptCases {
  readonly cases: readonly Case[];
  /** Names them. */
  readonly digest: string;
}

/**
 * One piece: units `from` to `to` of a phase; a checksum is one piece, number `from` of the plans. Its
 * `number` is its place in the whole campaign.
 */
export type Job =
  | {
      readonly number: number;
      readonly phase: 'self-check' | 'vectors' | 'checksums' | 'cases';
      readonly from: number;
      readonly to: number;
    }
  /** Makes a found case small. */
  | { readonly phase: 'shrinking'; readonly c: Case; readonly violation: Violation }
  /** Runs one case, and says all that was seen. */
  | { readonly phase: 'replay'; readonly c: Case };

/** A job that has a place in the campaign. */
export type PlacedJob = Extract<Job, { readonly number: number }>;

/** One case to run. */
export interface Unit {
  readonly c: Case;
  readonly known: Partial<Expectation>;
  /** Where a known answer comes from; empty for random cases. */
  readonly source: string;
  /** Whose lists these are; empty for those of nobody. */
  readonly scenario: string;
  /** True for the first unit of a vector: a vector has one for each direction and layout. */
  readonly isFirst: boolean;
}

/** Cases that the self-check runs twice: one for so many that there are to run, within these. */
const SELF_CHECK_SHARE = 4;
const SELF_CHECK_CASES = [16, 256] as const;
/** Random cases of one job: a fifth of a second of work. */
const CASES_AT_ONCE = 256;
/** The same for vectors, each of which is some twenty cases. */
const VECTORS_AT_ONCE = 16;

/** Drawn once in a thread. */
let plansMade: ReturnType<typeof checksumPlans> | undefined;

/** The kernel's checksums. */
export function plansOf(): ReturnType<typeof checksumPlans> {
  plansMade ??= checksumPlans();
  return plansMade;
}

/** The self-check comes first, for what follows stands on it; every shard has its own. */
export function selfCheckJob({ cases, algs }: CampaignPlan): PlacedJob {
  const [least, most] = SELF_CHECK_CASES;
  const to = drawsNothing(algs)
    ? 0
    : Math.min(Math.max(Math.ceil(cases / SELF_CHECK_SHARE), least), most);
  return { number: -1, phase: 'self-check', from: 0, to };
}

/** The jobs of one shard, in the order in which their results are put together. */
export function* jobsOf(plan: CampaignPlan): Generator<PlacedJob> {
  const { index, count } = plan.shard;
  let number = 0;
  for (const piece of pieces(plan)) {
    if (number % count === index - 1) yield { ...piece, number };
    number++;
  }
}

interface Piece {
  readonly phase: 'vectors' | 'checksums' | 'cases';
  readonly from: number;
  readonly to: number;
}

/** How much of what a job takes at once. */
const AT_ONCE = { vectors: VECTORS_AT_ONCE, checksums: 1, cases: CASES_AT_ONCE } as const;

function* pieces(plan: CampaignPlan): Generator<Piece> {
  for (const phase of phasesOf(plan)) {
    const all = sizeOf(plan, phase);
    const most = AT_ONCE[phase];
    for (let from = 0; from < all; from += most) {
      yield { phase, from, to: Math.min(all, from + most) };
    }
  }
}

function phasesOf({ vectors }: CampaignPlan): readonly Piece['phase'][] {
  return vectors ? ['vectors', 'checksums', 'cases'] : ['cases'];
}

/** How much of each phase one shard has to do: vectors, checksums, random cases. */
export function workOf(plan: CampaignPlan): Record<Piece['phase'], number> {
  const { index, count } = plan.shard;
  const work = { vectors: 0, checksums: 0, cases: 0 };
  let number = 0;
  for (const phase of phasesOf(plan)) {
    const all = sizeOf(plan, phase);
    const jobs = Math.ceil(all / AT_ONCE[phase]);
    // The first of its numbers that is this shard's, counted from the first of the phase.
    const first = (((index - 1 - number) % count) + count) % count;
    const own = first < jobs ? Math.floor((jobs - 1 - first) / count) + 1 : 0;
    const hasLast = own > 0 && (jobs - 1 - first) % count === 0;
    work[phase] = own * AT_ONCE[phase] - (hasLast ? jobs * AT_ONCE[phase] - all : 0);
    number += jobs;
  }
  return work;
}

/** How much there is to do in each phase, over all shards: what progress is measured with. */
export function sizeOf({ cases }: CampaignPlan, phase: PlacedJob['phase']): number {
  if (phase === 'vectors') return sampledVectors().length;
  return phase === 'checksums' ? plansOf().length : cases;
}

/** Where known answers come from, in the order of the campaign. */
export function sourcesOf(): readonly string[] {
  const vectors = sampledVectors().map(({ source }) => source);
  return [...new Set([...vectors, ...plansOf().map(({ name }) => checksumSource(name))])];
}

/** What a kernel's checksum is called where known answers are counted. */
export function checksumSource(name: string): string {
  return `kernel checksum: ${name}`;
}

/** The units of a job, in their order. */
export function* unitsOf(
  { seed, algs, programs, corpus }: CampaignPlan,
  job: PlacedJob,
): Generator<Unit> {
  if (job.phase === 'checksums') {
    const plan = plansOf()[job.from];
    const source = checksumSource(plan.name);
    if (!isWanted(algs, plan.alg)) return;
    for (let i = 0; i < plan.cases; i++) {
      yield {
        c: checksumTrial(plan, plan.caseAt(i), i),
        known: {},
        source,
        scenario: '',
        isFirst: true,
      };
    }
    return;
  }
  const cases = new CampaignCases(algs, programs, corpus?.cases);
  for (let i = job.from; i < job.to; i++) {
    if (job.phase !== 'vectors') {
      yield { ...cases.at(seed, i), known: {}, source: '', isFirst: true };
      continue;
    }
    const vector = sampledVectors()[i];
    if (!isWanted(algs, vector.alg)) continue;
    let isFirst = true;
    for (const { c, known } of vectorTrials(vector, i)) {
      yield { c, known, source: vector.source, scenario: '', isFirst };
      isFirst = false;
    }
  }
}

/** Known answers of a job that are of algorithms nobody asked for, as often as they come, by source. */
export function* skippedOf(
  { algs }: CampaignPlan,
  job: PlacedJob,
): Generator<readonly [string, number]> {
  if (job.phase === 'checksums') {
    const { name, alg, cases } = plansOf()[job.from];
    if (isSupported(alg) && !algs.includes(alg)) yield [checksumSource(name), cases];
  }
  if (job.phase !== 'vectors') return;
  for (const { alg, source } of sampledVectors().slice(job.from, job.to)) {
    if (!isWanted(algs, alg)) yield [source, 1];
  }
}

function isWanted(algs: readonly string[], alg: string): boolean {
  return isSupported(alg) && algs.includes(alg);
}
