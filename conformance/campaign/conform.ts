/**
 * `conform`: self-check, known answers, then random cases, until all are done, time is up, or somebody
 * interrupts; whatever was found by then is reported.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import type { Case } from '../case/case.ts';
import { CaseGenerator, drawnAlgorithms } from '../case/generate.ts';
import { Findings } from '../judge/findings.ts';
import { judgeTrial, type Trial } from '../judge/judge.ts';
import type { Expectation, Observation } from '../judge/observe.ts';
import { Tally } from '../judge/tally.ts';
import { type ChecksumPlan, checksumPlans } from '../vectors/checksums.ts';
import { checksumTrial, isSupported, vectorTrials } from '../vectors/known-answers.ts';
import { sampledVectors } from '../vectors/vectors.ts';
import { AxisMeter } from './axes.ts';
import { Harness, type SidesOf } from './harness.ts';

export interface ConformOptions {
  readonly seed: number;
  readonly cases: number;
  /** A run of so many cases of all algorithms must have drawn every value of every axis. */
  readonly wholeAt: number;
  /** Seconds of random cases; the number of cases still holds. */
  readonly time: number;
  readonly algs: readonly string[];
  /** Stop at the first finding. */
  readonly bail: boolean;
  /** Known answers may be left out for a pure campaign. */
  readonly vectors: boolean;
}

/** Told about progress now and then; `stopped` ends the run at the next case. */
export interface Monitor {
  readonly progress: (phase: string, done: number, all: number) => void;
  /** Told before each case; `random` is false for known answers. */
  readonly running: (random: boolean, index: number) => void;
  readonly stopped: () => boolean;
}

export interface SourceCounts {
  vectors: number;
  trials: number;
  failed: number;
  /** Vectors of algorithms that are not modelled. */
  skipped: number;
}

export interface ConformResult {
  readonly options: ConformOptions;
  /** Cases in which two runs of one API differed; anything but 0 means that the harness is wrong. */
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
  readonly findings: Findings;
  readonly interrupted: boolean;
  readonly durationMs: number;
  /** Processor time of the random cases alone: what other load on the machine cannot change. */
  readonly casesCpuMs: number;
}

/** What a run without options draws. */
export const DEFAULT_CASES = 20_000;
export const DEFAULT_SEED = 1;

/** Cases that the self-check runs twice: as many as there are to run, within these. */
const SELF_CHECK_CASES = [16, 256] as const;
/** How often the event loop gets its turn, for signals: milliseconds. */
const YIELD_MS = 50;

/** Runs everything. @param sidesOf both APIs, legacy first. */
export async function conform(
  sidesOf: SidesOf,
  options: ConformOptions,
  monitor: Monitor,
): Promise<ConformResult> {
  const started = performance.now();
  const run = new Run(new Harness(sidesOf), options, monitor);
  const selfCheck = checkSelf(sidesOf, options);
  if (options.vectors && selfCheck.differences.length === 0) {
    await run.vectorPhase();
    await run.checksumPhase();
  }
  const before = process.cpuUsage();
  if (selfCheck.differences.length === 0) await run.casePhase();
  return {
    options,
    selfCheck,
    axes: run.axes,
    undrawn: isWhole(options, run) ? run.axes.undrawn() : [],
    bySource: run.bySource,
    vectors: run.vectors,
    cases: run.cases,
    findings: run.findings,
    interrupted: monitor.stopped(),
    durationMs: performance.now() - started,
    casesCpuMs: cpuMs(process.cpuUsage(before)),
  };
}

class Run {
  readonly bySource = new Map<string, SourceCounts>();
  readonly vectors = new Tally();
  readonly cases = new Tally();
  readonly axes = new AxisMeter();
  readonly findings: Findings;
  private readonly harness: Harness;
  private readonly options: ConformOptions;
  private readonly monitor: Monitor;
  private yielded = performance.now();

  constructor(harness: Harness, options: ConformOptions, monitor: Monitor) {
    this.harness = harness;
    this.options = options;
    this.monitor = monitor;
    this.findings = new Findings((c) => harness.judge(c));
  }

  async vectorPhase(): Promise<void> {
    const vectors = sampledVectors();
    for (const [i, vector] of vectors.entries()) {
      const source = this.source(vector.source);
      if (!this.wanted(vector.alg)) {
        source.skipped++;
        this.vectors.total.skipped++;
        continue;
      }
      source.vectors++;
      this.monitor.running(false, i);
      for (const { c, known } of vectorTrials(vector, i)) {
        if (!this.record(this.vectors, this.harness.run(c, known), known)) source.failed++;
        source.trials++;
      }
      if (await this.pause('vectors', i + 1, vectors.length)) return;
    }
  }

  async checksumPhase(): Promise<void> {
    for (const plan of checksumPlans().filter(({ alg }) => isSupported(alg))) {
      const source = this.source(`kernel checksum: ${plan.name}`);
      if (!this.wanted(plan.alg)) {
        source.skipped += plan.cases;
        this.vectors.total.skipped += plan.cases;
        continue;
      }
      if (await this.checksum(plan, source)) return;
    }
  }

  async casePhase(): Promise<void> {
    const { seed, cases, time, algs } = this.options;
    const generator = new CaseGenerator(algs);
    const end = performance.now() + time * 1000;
    for (let i = 0; i < cases && performance.now() < end; i++) {
      this.monitor.running(true, i);
      const c = generator.at(seed, i);
      this.axes.add(c);
      this.record(this.cases, this.harness.run(c), {});
      if (await this.pause('cases', i + 1, cases)) return;
    }
  }

  private async checksum(plan: ChecksumPlan, source: SourceCounts): Promise<boolean> {
    const folds = new Map<string, ReturnType<ChecksumPlan['startFold']>>();
    for (let i = 0; i < plan.cases; i++) {
      const input = plan.caseAt(i);
      this.monitor.running(false, i);
      const trial = this.harness.run(checksumTrial(plan, input, i));
      source.vectors++;
      source.trials++;
      if (!this.record(this.vectors, trial, {})) source.failed++;
      // A subject that declines a case has no checksum; the cases that it ran were compared one by one.
      for (const { subject } of trial.absent ?? []) folds.delete(subject);
      for (const { subject, output } of trial.observations) {
        const fold = i === 0 ? plan.startFold() : folds.get(subject);
        if (fold === undefined) continue;
        folds.set(subject, fold);
        const cut = output.length - input.tagLen;
        fold.add(i, { output: output.subarray(0, cut), tag: output.subarray(cut) });
      }
      if (await this.pause(plan.name, i + 1, plan.cases)) return true;
    }
    for (const [, fold] of folds) {
      if (fold.digest() === plan.expected) continue;
      source.failed++;
      this.vectors.addFailure();
    }
    return false;
  }

  /** Counts a trial. @returns true when no rule was broken. */
  private record(tally: Tally, trial: Trial, known: Partial<Expectation>): boolean {
    const violations = judgeTrial(trial);
    tally.add(trial, violations);
    const [first] = violations;
    // What a vector knows cannot be shrunk: the reference does not know it.
    const shrinkable = known.output === undefined || agrees(trial, known);
    if (first !== undefined) this.findings.add(trial.c, first, shrinkable);
    return first === undefined;
  }

  private wanted(alg: string): boolean {
    return isSupported(alg) && this.options.algs.includes(alg);
  }

  private source(name: string): SourceCounts {
    let counts = this.bySource.get(name);
    if (counts === undefined) {
      counts = { vectors: 0, trials: 0, failed: 0, skipped: 0 };
      this.bySource.set(name, counts);
    }
    return counts;
  }

  /** Reports progress and lets signals in. @returns true when the run must end. */
  private async pause(phase: string, done: number, all: number): Promise<boolean> {
    if (this.options.bail && this.findings.discoveries.length > 0) return true;
    const now = performance.now();
    if (now - this.yielded < YIELD_MS) return false;
    this.yielded = now;
    this.monitor.progress(phase, done, all);
    await setImmediate();
    return this.monitor.stopped();
  }
}

/** True for a run that must have met every value of every axis. */
function isWhole({ algs, wholeAt }: ConformOptions, { cases }: Run): boolean {
  const drawn = cases.total.passed + cases.total.failed;
  return drawn >= wholeAt && algs.length === drawnAlgorithms().length;
}

function cpuMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

/** The algorithms that `names` select. @returns null when one of them is unknown. */
export function selectAlgorithms(names: readonly string[]): readonly string[] | string {
  const known = drawnAlgorithms();
  if (names.length === 0) return known;
  return names.find((name) => !known.includes(name)) ?? names;
}

function agrees({ c, expected }: Trial, known: Partial<Expectation>): boolean {
  return c.tag === null && expected.output !== null && known.result === 0;
}

/** Runs each API twice on the same cases: any difference is the harness's own. */
function checkSelf(
  sidesOf: SidesOf,
  { seed, algs, cases }: ConformOptions,
): ConformResult['selfCheck'] {
  const harness = new Harness((machine) => [...sidesOf(machine), ...sidesOf(machine)]);
  const generator = new CaseGenerator(algs);
  const differences: string[] = [];
  const [least, most] = SELF_CHECK_CASES;
  const count = Math.min(Math.max(cases, least), most);
  for (let i = 0; i < count; i++) {
    const c: Case = generator.at(seed, i);
    const { observations } = harness.run(c);
    const half = observations.length / 2;
    observations.slice(0, half).forEach((first, k) => {
      if (visible(first) === visible(observations[half + k])) return;
      differences.push(`case ${i}: ${first.subject}: ${c.driver} ${c.op}`);
    });
  }
  return { cases: count, differences };
}

function visible(observation: Observation): string {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  return JSON.stringify({
    ...observation,
    output: hex(observation.output),
    iv: hex(observation.iv),
  });
}
