/**
 * `conform`: self-check, known answers, then random cases, until all are done, time is up, or somebody
 * interrupts; whatever was found by then is reported. The result is the same however many threads did it.
 * @module
 */
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { ITERATORS } from '../case/iterator-case.ts';
import { PLAIN_SEED } from '../case/odds.ts';
import { CORPUS, campaignNames } from '../case/scenarios.ts';
import { Candidates, type Discovery, distinct } from '../judge/findings.ts';
import { OF_PROGRAMS } from '../judge/occurrences.ts';
import type { Tally } from '../judge/tally.ts';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
import { isSupported } from '../vectors/known-answers.ts';
import { Answer, type AnswerData, type SourceCounts } from './answer.ts';
import type { AxisMeter } from './axes.ts';
import type { Corpus } from './corpus.ts';
import { type Doer, describeHang, type Hang, Here } from './doer.ts';
import type { SidesOf } from './harness.ts';
import {
  type CampaignPlan,
  jobsOf,
  type PlacedJob,
  selfCheckJob,
  sourcesOf,
  unitsOf,
  workOf,
} from './jobs.ts';
import type { Checkpoint, Journal } from './journal.ts';
import { Threads, WORKER } from './threads.ts';

export interface ConformOptions extends CampaignPlan {
  /** A run of so many cases of all algorithms must have drawn every value of every axis. */
  readonly wholeAt: number;
  /** Seconds that everything together may take; the number of cases still holds. */
  readonly time: number;
  /** Stop at the first finding. */
  readonly bail: boolean;
  /** Every case at every stage of a conversion; else a part of them, where the sides say so. */
  readonly halfConverted?: boolean;
  /** Threads. The result does not depend on it. */
  readonly workers: number;
  /** Seconds that one case may take. */
  readonly caseTime: number;
  /** Subjects from elsewhere, which have been admitted; absent: none. */
  readonly subject?: SubjectSpec | undefined;
}

/** Told about progress now and then; `stopped` ends the run at the next case. */
export interface Monitor {
  readonly progress: (phase: string, done: number, all: number) => void;
  readonly stopped: () => boolean;
  /** Shown everything that is known so far, as often as `progress` is told. */
  readonly look?: (sight: Sight) => void;
  /** What it goes on from, and is told of what was put together. */
  readonly journal?: Journal | undefined;
  /** Keeps what reaches something new. Its cases are those of the plan. */
  readonly corpus?: Corpus | undefined;
}

/** A campaign while it runs. */
export interface Sight {
  readonly phase: string;
  /** Units of the phase, and how many it has. */
  readonly done: number;
  readonly all: number;
  /** Cases and trials that were put together so far. */
  readonly passed: number;
  readonly failed: number;
  /** How often each value of each axis was drawn; it goes on changing. */
  readonly axes: ReadonlyMap<string, number>;
  /** The first failure of each kind, some of them still large. */
  readonly kinds: () => readonly Discovery[];
}

export interface ConformResult {
  readonly options: ConformOptions;
  /** Checks that no canary rings, cases in which two runs of one API differed: the harness is wrong. */
  readonly selfCheck: { readonly cases: number; readonly differences: readonly string[] };
  /** How often each value of each axis was drawn. */
  readonly axes: AxisMeter;
  /** Values that no case of a whole default run had: the generator is wrong. */
  readonly undrawn: readonly string[];
  readonly bySource: Map<string, SourceCounts>;
  /** Trials of vectors and checksums. */
  readonly vectors: Tally;
  /** Random cases. */
  readonly cases: Tally;
  /** The first failure of each kind: what the parts of a campaign are put together from. */
  readonly kinds: readonly Discovery[];
  /** What is reported of them. */
  readonly discoveries: readonly Discovery[];
  readonly interrupted: boolean;
  /** Vectors, checksums and random cases of this shard that never had their turn. */
  readonly unreached: ReturnType<typeof workOf>;
  readonly durationMs: number;
  /** Processor time of the random cases alone: what other load on the machine cannot change. */
  readonly casesCpuMs: number;
}

/** What a run without options draws. */
export const DEFAULT_CASES = 20_000;
export const DEFAULT_SEED: number = PLAIN_SEED;
export const DEFAULT_CASE_TIME = 60;

/** Of a run whose time is bounded the known answers get no more than this part. */
const KNOWN_PART = 0.5;
/** After so many cases that never end a run goes no further: each costs its time and a thread. */
const MOST_HANGS = 3;

/** Runs everything in this thread, over sides of one's own. @param sidesOf all sides, the first is what the others are compared with */
export function conform(
  sidesOf: SidesOf,
  options: ConformOptions,
  monitor: Monitor,
): Promise<ConformResult> {
  const stopped = stopOf(options, monitor);
  const here = new Here(sidesOf, options, options.bail, stopped);
  return new Campaign(options, monitor, here, stopped).run();
}

/** The same in threads that are watched; without compiled output in this thread. */
export function conformInThreads(
  sidesOf: SidesOf,
  options: ConformOptions,
  monitor: Monitor,
  worker: URL = WORKER,
): Promise<ConformResult> {
  if (!existsSync(worker)) {
    return conform(sidesOf, options, monitor);
  }
  const stopped = stopOf(options, monitor);
  const { workers, caseTime } = options;
  const { seed, cases, algs, vectors, shard, programs, corpus } = options;
  const { bail, subject, halfConverted = false } = options;
  const plan = { seed, cases, algs, vectors, shard, programs, corpus };
  const given = { plan, bail, subject, halfConverted };
  const threads = new Threads(workers, caseTime, given, stopped, worker);
  return new Campaign(options, monitor, threads, stopped).run();
}

/** True when nothing more may begin. */
function stopOf({ time }: ConformOptions, { stopped }: Monitor): () => boolean {
  const end = performance.now() + time * 1000;
  return () => stopped() || performance.now() >= end;
}

class Campaign {
  private readonly options: ConformOptions;
  private readonly monitor: Monitor;
  private readonly doer: Doer;
  private readonly stopped: () => boolean;
  private readonly total = new Answer();
  private readonly candidates = new Candidates();
  private readonly jobs: Generator<PlacedJob>;
  /** Answers that wait for those of earlier jobs. */
  private readonly early = new Map<
    number,
    { readonly job: PlacedJob; readonly answer: AnswerData }
  >();
  private readonly work: ReturnType<typeof workOf>;
  private readonly unreached: ReturnType<typeof workOf>;
  private handed = 0;
  private folded = 0;
  private hangs = 0;
  private bailed = false;
  /** True once a job was put together that had been ended before its last unit. */
  private wasCut = false;
  /** Number of the job behind the last one that was put together whole. */
  private nextNumber = 0;
  private readonly started: number = performance.now();
  private casesFrom: NodeJS.CpuUsage | null = null;
  private readonly from: Checkpoint | null;

  constructor(options: ConformOptions, monitor: Monitor, doer: Doer, stopped: () => boolean) {
    this.options = options;
    this.monitor = monitor;
    this.doer = doer;
    this.stopped = stopped;
    this.jobs = jobsOf(options);
    this.work = workOf(options);
    const from = monitor.journal?.from ?? null;
    this.from = from;
    this.unreached = from === null ? workOf(options) : { ...from.unreached };
    if (from === null) return;
    this.nextNumber = from.next;
    this.total.add({ ...from.total, selfChecked: 0, differences: [] });
    for (const failure of from.failures) this.candidates.add(failure);
  }

  async run(): Promise<ConformResult> {
    try {
      const first = await this.answer(selfCheckJob(this.options));
      this.total.add(first);
      for (const failure of first.failures) this.candidates.add(failure);
      if (this.total.differences.length === 0) {
        await Promise.all(Array.from({ length: this.doer.lanes }, () => this.lane()));
        if (!this.wasCut) this.monitor.journal?.checkpoint(this.checkpoint());
        // What the last jobs broke has still to be made small.
        await Promise.all(Array.from({ length: this.doer.lanes }, () => this.shrinkAll()));
      }
      return this.result();
    } finally {
      await this.doer.close();
    }
  }

  private async lane(): Promise<void> {
    while (!this.isOver()) {
      await this.shrinkAll();
      const job = this.next();
      if (job === null) return;
      const number = this.handed++;
      if (job.phase === 'cases') this.casesFrom ??= process.cpuUsage();
      this.early.set(number, { job, answer: await this.answer(job) });
      this.fold();
      this.tell(job);
    }
  }

  /** The next job that there is time for. */
  private next(): PlacedJob | null {
    const knownMs = this.options.time * 1000 * KNOWN_PART;
    for (;;) {
      const { value: job, done } = this.jobs.next();
      if (done === true) return null;
      if (job.number < (this.from?.next ?? 0)) continue;
      if (job.phase === 'cases' || performance.now() - this.started < knownMs) return job;
    }
  }

  private async shrinkAll(): Promise<void> {
    for (let next = this.candidates.next(); next !== null; next = this.candidates.next()) {
      const { c, violation } = next.failure;
      if (this.stopped()) return;
      const answer = await this.doer.work({ job: { phase: 'shrinking', c, violation }, skip: [] });
      // A smaller case that never ends says nothing of this one, which stays as it is.
      if (!('number' in answer)) next.small = answer.small;
    }
  }

  /** Does a job; a case that never ends is a failure, and the job is done again without it. */
  private async answer(job: PlacedJob): Promise<AnswerData> {
    const skip: number[] = [];
    const hung: Answer = new Answer();
    for (;;) {
      const outcome = await this.doer.work({ job, skip });
      if (!('number' in outcome)) {
        this.hangs += outcome.failures.filter(({ violation }) => violation.check === 'HANG').length;
        if (skip.length === 0) return outcome;
        hung.add(outcome);
        hung.failures.push(...outcome.failures);
        return hung;
      }
      skip.push(outcome.number);
      this.addHang(hung, job, outcome);
      if (++this.hangs >= MOST_HANGS) return hung;
    }
  }

  private addHang(answer: Answer, job: PlacedJob, hang: Hang): void {
    const { number, subject } = hang;
    let at = 0;
    for (const { c, source } of unitsOf(this.options, job)) {
      if (at++ < number) continue;
      const who = c.iterator === undefined ? subject : ITERATORS;
      const detail = describeHang(hang);
      const violation = { check: 'HANG' as const, subject: who, detail };
      // What the self-check met is met again, and counted, as a random case.
      if (job.phase !== 'self-check') (source === '' ? answer.cases : answer.vectors).addHang(c);
      answer.failures.push({ c, violation, shrinkable: false, order: [job.number, number] });
      return;
    }
  }

  /** Puts answers together in the order of their jobs: a run that bails ends behind the first failure. */
  private fold(): void {
    for (;;) {
      const early = this.early.get(this.folded);
      if (early === undefined || this.bailed) return;
      const { job, answer } = early;
      this.early.delete(this.folded++);
      if (answer.isCut && !this.wasCut) {
        this.wasCut = true;
        this.monitor.journal?.checkpoint(this.checkpoint());
      }
      this.total.add(answer);
      this.reach(job, answer);
      if (job.phase === 'cases') this.monitor.corpus?.folded(this.options, job, answer);
      for (const failure of answer.failures) this.candidates.add(failure);
      this.bailed = this.options.bail && answer.failures.length > 0;
      if (this.wasCut) continue;
      this.nextNumber = job.number + 1;
      this.monitor.journal?.folded(job, answer, () => this.checkpoint());
    }
  }

  private checkpoint(): Checkpoint {
    const { selfChecked, differences, bySource, vectors, cases, axes } = this.total;
    return {
      next: this.nextNumber,
      total: { selfChecked, differences, bySource, vectors, cases, axes },
      failures: this.candidates.failures(),
      unreached: this.unreached,
      ...this.spent(),
    };
  }

  /** Time and processor time of this run, and of those that it goes on from. */
  private spent(): Pick<ConformResult, 'durationMs' | 'casesCpuMs'> {
    const cpu = this.casesFrom === null ? 0 : cpuMs(process.cpuUsage(this.casesFrom));
    return {
      durationMs: performance.now() - this.started + (this.from?.durationMs ?? 0),
      casesCpuMs: cpu + (this.from?.casesCpuMs ?? 0),
    };
  }

  private reach({ phase, from, to }: PlacedJob, { isCut, cases }: AnswerData): void {
    const { passed, failed, skipped } = cases.total;
    if (phase === 'cases') this.unreached.cases -= passed + failed + skipped;
    else if (phase !== 'self-check' && !isCut) this.unreached[phase] -= to - from;
  }

  private isOver(): boolean {
    return this.bailed || this.hangs >= MOST_HANGS || this.stopped();
  }

  private tell(job: PlacedJob): void {
    const { phase } = job;
    const isSelfCheck = phase === 'self-check';
    const all = isSelfCheck ? job.to : this.work[phase];
    const done = isSelfCheck ? job.to : all - this.unreached[phase];
    this.monitor.progress(phase, done, all);
    const { cases, vectors, axes } = this.total;
    this.monitor.look?.({
      ...{ phase, done, all },
      passed: cases.total.passed + vectors.total.passed,
      failed: cases.total.failed + vectors.total.failed,
      axes: axes.hits,
      kinds: () => this.candidates.kinds(),
    });
  }

  private result(): ConformResult {
    const { options, total } = this;
    const { selfChecked, differences, axes, bySource, vectors, cases } = total;
    const kinds = this.candidates.kinds();
    return {
      options,
      selfCheck: { cases: selfChecked, differences },
      axes,
      undrawn: undrawnOf(
        options,
        cases.total.passed + cases.total.failed,
        Object.fromEntries(axes.hits),
      ),
      // In the order of the sources, for which all vectors must be read.
      bySource:
        bySource.size === 0
          ? bySource
          : new Map(sourcesOf().flatMap((name) => entryOf(bySource, name))),
      vectors,
      cases,
      kinds,
      discoveries: distinct(kinds),
      interrupted: this.monitor.stopped(),
      unreached: this.unreached,
      ...this.spent(),
    };
  }
}

/**
 * What a run that must have met every value of every axis has not met. A shard owes nothing: its share
 * of a caller's turns can be none, and what the shards together missed is seen where they are merged.
 * @param drawn random cases
 */
export function undrawnOf(
  {
    algs,
    wholeAt,
    programs,
    shard,
  }: Pick<ConformOptions, 'algs' | 'wholeAt' | 'programs' | 'shard'>,
  drawn: number,
  axes: Readonly<Record<string, number>>,
): readonly string[] {
  // What was made from a corpus counts for none of them.
  const own = drawn - (axes[`scenario: ${CORPUS}`] ?? 0);
  if (shard.count > 1 || own < wholeAt || algs.length < campaignNames().length) return [];
  const met = Object.keys(axes).filter((name) => axes[name] === 0);
  return programs === true ? met.filter((name) => OF_PROGRAMS.includes(name)) : met;
}

/** The counts of a source that was met, for a map. */
function entryOf(
  bySource: ConformResult['bySource'],
  name: string,
): (readonly [string, SourceCounts])[] {
  const counts = bySource.get(name);
  return counts === undefined ? [] : [[name, counts]];
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/** The algorithms that `names` select, each once. @returns the one that is unknown, if one is. */
export function selectAlgorithms(names: readonly string[]): readonly string[] | string {
  const all = campaignNames();
  if (names.length === 0) return all;
  const isKnown = (name: string): boolean => all.includes(name) || isSupported(name);
  return names.find((name) => !isKnown(name)) ?? [...new Set(names)];
}
