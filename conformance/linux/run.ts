/**
 * A certification: the same cases on a real kernel, in the golden data and on the models, compared by
 * the contract.
 * @module
 */
import { algorithmOf } from '../algorithms.ts';
import { isDealtTo, type Shard } from '../campaign/jobs.ts';
import { askAfalg } from './afalg.ts';
import {
  type CampaignMemory,
  type CampaignPlan,
  compareCampaign,
  planCampaign,
} from './campaign.ts';
import { countAxes } from './cases/axes.ts';
import { generateCases } from './cases/generate.ts';
import { isOverrun, namedCases } from './cases/named.ts';
import { compareGolden, compareModel, type KernelViews, type Memory } from './contract/compare.ts';
import { isUnsettled, unsettled, type View, viewOf } from './contract/contract.ts';
import { equalCases } from './contract/equals.ts';
import { type Golden, goldenAsked, goldenKernel, readGolden } from './contract/golden.ts';
import { isWrittenBehind } from './contract/required.ts';
import { overflowsScratch } from './contract/scomp.ts';
import type { Comparison } from './contract/tally.ts';
import { ownFolder } from './kernel/cache.ts';
import { type RunProgress, type RunReport, runCases } from './kernel/drive.ts';
import type { Kernel } from './kernel/kernel.ts';
import { launcherOf } from './kernel/launch.ts';
import { isLibraryCase, libraryCalls, libraryCases } from './models/lib.ts';
import { type ModelSubject, seriesOf } from './models/model.ts';
import { formatCase, type TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** What certification says; what differs in any comparison, crashes and alarms decide. */
export interface Certificate {
  readonly mode: 'kernel' | 'afalg' | 'golden';
  readonly kernel: string;
  readonly release: string;
  readonly origin: readonly string[];
  readonly seed: number;
  readonly cases: number;
  readonly answered: number;
  readonly boots: number;
  readonly seconds: number;
  readonly casesPerSecond: number;
  readonly axes: Readonly<Record<string, number>>;
  readonly comparisons: readonly Comparison[];
  /** Cases that took the kernel down though nothing said they would. */
  readonly crashes: readonly { readonly id: string; readonly reason: string }[];
  /** What KASAN, UBSAN or BUG said in the kernel log. */
  readonly alarms: readonly string[];
  /** Cases that took it down as the golden data say. */
  readonly expectedCrashes: number;
  /** Cases of which an aspect changed with the contents of freed memory. */
  readonly unstable: readonly string[];
  readonly interrupted: boolean;
  /** With cases of a file: what the kernel answered. */
  readonly answers: readonly TextResult[];
}

/** How a certification runs. */
export interface CertifyOptions {
  readonly seed: number;
  readonly cases: number;
  /** Cases of the conformance campaign on top. */
  readonly campaign: number;
  /** Cases of a file instead of the named and random ones. */
  readonly own: readonly TextCase[] | null;
  /** Which part of all these: random cases and those of the campaign are dealt out, the rest is the first's. */
  readonly shard: Shard;
  readonly models: readonly ModelSubject[];
  readonly scratch: string;
  readonly hangMs: number;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes left in freed memory in the first run, and in the second look at what differs. */
const POISON = 0xa5;
const OTHER_POISON = 0x3c;

/** Random cases, named ones, those of the campaign; what takes the kernel down comes last. */
function casesOf(options: CertifyOptions, campaign: CampaignPlan, { release }: Kernel): TextCase[] {
  const series = seriesOf(release);
  if (options.own !== null) return [...options.own, ...equalCases(options.own, series)];
  const { seed, cases, shard } = options;
  const named = shard.index === 1 ? namedCases() : [];
  const first = [
    ...generateCases(seed, cases).filter((_, k) => isDealtTo(shard, k)),
    ...named.filter((c) => !isOverrun(c)),
  ];
  const put = first.filter((c) => !isOfLibraryAlone(c));
  const asked = campaign.asked.map(({ text }) => text).filter((c) => !isWrittenBehind(c, series));
  const equal = equalCases([...put, ...asked], series);
  // Memory of the kernel that such a case writes over is missed by those behind it.
  const safe = asked.filter((c) => !overflowsScratch(c, series));
  return [...put, ...libraryCases(first, series), ...safe, ...equal, ...named.filter(isOverrun)];
}

/** No kernel has a driver of it, and that each says so is no comparison. */
function isOfLibraryAlone(c: TextCase): boolean {
  return 'algorithm' in c && algorithmOf(c.algorithm)?.isLibraryOnly === true;
}

/** Is the certificate clean? */
export function isClean({ comparisons, crashes, alarms }: Certificate): boolean {
  return crashes.length + alarms.length === 0 && comparisons.every((c) => c.cases.different === 0);
}

/** False where no kernel and no model had anything to say of the same case: that is no certificate. */
export function hasCompared({ comparisons }: Certificate): boolean {
  return comparisons.some(({ cases }) => cases.whole + cases.part + cases.different > 0);
}

/** Certifies on a running kernel. */
export async function certifyKernel(kernel: Kernel, options: CertifyOptions): Promise<Certificate> {
  const { seed, shard, own } = options;
  const plan = planCampaign(seed, own === null ? options.campaign : 0, shard);
  const cases = casesOf(options, plan, kernel);
  const start = performance.now();
  const run = await runOn(kernel, cases, options, POISON);
  const seconds = (performance.now() - start) / 1000;
  const answered = cases.slice(0, run.results.length);
  const golden = options.own === null ? goldenFor(kernel.release, answered) : null;
  const memory: Memories = { models: new Map(), campaign: new Map() };
  const compare = (again: ReadonlyMap<string, TextResult>): readonly Comparison[] =>
    compareAll({ kernel, answered, results: run.results, again, golden, plan, memory }, options);
  const once = compare(new Map());
  const suspects = new Set(once.flatMap(({ ids }) => ids));
  const again = await runAgain(kernel, answered, run.results, suspects, options);
  return {
    mode: 'kernel',
    kernel: kernel.name,
    release: kernel.release,
    origin: kernel.origin,
    seed: options.seed,
    cases: cases.length,
    answered: answered.length,
    boots: run.boots,
    seconds,
    casesPerSecond: answered.length / seconds,
    axes: countAxes(answered),
    comparisons: again.size === 0 ? once : compare(again),
    ...sortCrashes(run.results),
    alarms: run.alarms,
    unstable: [...unsettledViews(answered, run.results, again)]
      .filter(([, view]) => isUnsettled(view))
      .map(([id]) => id),
    interrupted: run.interrupted,
    answers: run.results.slice(0, options.own?.length ?? 0),
  };
}

/** Asks AF_ALG and the module of one kernel. */
export async function certifyAfalg(kernel: Kernel, options: CertifyOptions): Promise<Certificate> {
  const start = performance.now();
  const { hangMs, onProgress, signal } = options;
  const run = { hangMs, afalg: true, poison: POISON, onProgress, signal };
  const launch = launcherOf(kernel, options.scratch);
  const asked = casesOf(options, planCampaign(0, 0, options.shard), kernel);
  const opinion = await askAfalg(launch, asked, run);
  const { cases, answered, axes, comparison, report } = opinion;
  const seconds = (performance.now() - start) / 1000;
  return {
    mode: 'afalg',
    kernel: kernel.name,
    release: kernel.release,
    origin: kernel.origin,
    seed: options.seed,
    cases,
    answered,
    boots: report.boots,
    seconds,
    casesPerSecond: answered / seconds,
    axes,
    comparisons: [comparison],
    ...sortCrashes(report.results),
    alarms: report.alarms,
    unstable: [],
    interrupted: report.interrupted,
    answers: options.own === null ? [] : report.results,
  };
}

function runOn(
  kernel: Kernel,
  cases: readonly TextCase[],
  options: CertifyOptions,
  poison: number,
): Promise<RunReport> {
  const { hangMs, onProgress, signal } = options;
  const run = { hangMs, afalg: false, poison, onProgress, signal };
  return runCases(launcherOf(kernel, options.scratch), cases, run);
}

/** What the golden data say of a kernel of this series, for those cases that they are about. */
function goldenFor(release: string, cases: readonly TextCase[]): KernelViews | null {
  const golden = readGolden(ownFolder('golden'));
  const kernel = goldenKernel(golden, release);
  if (kernel === null) return null;
  // Random cases of another seed, or drawn from other algorithms, have the same names.
  const recorded = new Set(goldenAsked(golden.set).map(formatCase));
  const same = new Set(cases.filter((c) => recorded.has(formatCase(c))).map(({ id }) => id));
  return { ...kernel, views: new Map([...kernel.views].filter(([id]) => same.has(id))) };
}

interface Compared {
  readonly kernel: Kernel;
  readonly answered: readonly TextCase[];
  readonly results: readonly TextResult[];
  /** Second answers of suspects, with other bytes in freed memory. */
  readonly again: ReadonlyMap<string, TextResult>;
  readonly golden: KernelViews | null;
  readonly plan: CampaignPlan;
  readonly memory: Memories;
}

/** What models and harness said already. */
interface Memories {
  readonly models: Map<string, Memory>;
  readonly campaign: CampaignMemory;
}

function memoryOf({ models }: Memories, name: string): Memory {
  const memory = models.get(name) ?? new Map();
  models.set(name, memory);
  return memory;
}

function compareAll(x: Compared, { models }: CertifyOptions): readonly Comparison[] {
  const { release } = x.kernel;
  const { answered, results, again, golden, plan, memory } = x;
  const seen: KernelViews = { release, views: unsettledViews(answered, results, again) };
  const first = new Map(results.map((result) => [result.id, result]));
  const calls = answered.filter(isLibraryCase);
  const equals = new Set(equalCases(answered, seriesOf(release)).map(({ id }) => id));
  const requests = answered.filter((c) => !isLibraryCase(c) && !equals.has(c.id));
  const lib = calls.length === 0 ? [] : models.filter(({ name }) => name === 'lib');
  return [
    ...(golden === null ? [] : [compareGolden(answered, golden, seen)]),
    ...models.map((model) => compareModel(requests, model, seen, memoryOf(memory, model.name))),
    ...lib
      .map(libraryCalls)
      .map((model) => compareModel(calls, model, seen, memoryOf(memory, model.name))),
    ...(plan.asked.length === 0
      ? []
      : compareCampaign(plan, { release, first, again }, memory.campaign)),
  ];
}

/** Views in which every aspect that a second answer has otherwise is marked. */
function unsettledViews(
  cases: readonly TextCase[],
  results: readonly TextResult[],
  again: ReadonlyMap<string, TextResult>,
): Map<string, View> {
  return new Map(
    results.map((result, i) => {
      const view = viewOf(cases[i], result);
      const second = again.get(result.id);
      return [result.id, second === undefined ? view : unsettled(view, viewOf(cases[i], second))];
    }),
  );
}

/** Runs suspects again with other bytes in freed memory: what changes shows uninitialised memory. */
async function runAgain(
  kernel: Kernel,
  cases: readonly TextCase[],
  results: readonly TextResult[],
  suspects: ReadonlySet<string>,
  options: CertifyOptions,
): Promise<ReadonlyMap<string, TextResult>> {
  const suspicious = cases.filter((c, i) => suspects.has(c.id) && results[i].ending !== 'crash');
  if (suspicious.length === 0 || options.signal?.aborted === true) return new Map();
  const quiet = { ...options, onProgress: undefined };
  const run = await runOn(kernel, suspicious, quiet, OTHER_POISON);
  return new Map(run.results.map((result) => [result.id, result]));
}

function sortCrashes(
  results: readonly TextResult[],
): Pick<Certificate, 'crashes' | 'expectedCrashes'> {
  const all = results.filter((result) => result.ending === 'crash');
  const unexpected = all.filter((result) => !isOverrun(result));
  return {
    crashes: unexpected.map(({ id, reason }) => ({ id, reason })),
    expectedCrashes: all.length - unexpected.length,
  };
}

/** Certifies the models against the golden data of one kernel. */
export function certifyGolden(
  golden: Golden,
  kernel: KernelViews,
  models: readonly ModelSubject[],
): Certificate {
  const start = performance.now();
  const comparisons = models.map((model) => compareModel(golden.cases, model, kernel));
  const seconds = (performance.now() - start) / 1000;
  return {
    mode: 'golden',
    kernel: `golden ${kernel.release}`,
    release: kernel.release,
    origin: ['golden data of the repository'],
    seed: golden.set.seed,
    cases: golden.cases.length,
    answered: golden.cases.length,
    boots: 0,
    seconds,
    casesPerSecond: golden.cases.length / seconds,
    axes: countAxes(golden.cases),
    comparisons,
    crashes: [],
    alarms: [],
    expectedCrashes: 0,
    unstable: [...kernel.views].filter(([, view]) => isUnsettled(view)).map(([id]) => id),
    interrupted: false,
    answers: [],
  };
}
