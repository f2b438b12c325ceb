/**
 * A certification: the same cases on a real kernel, in the golden data and on the models, compared by
 * the contract.
 * @module
 */
import { askAfalg } from './afalg.ts';
import { runCampaign } from './campaign.ts';
import { countAxes } from './cases/axes.ts';
import { generateCases } from './cases/generate.ts';
import { namedCases } from './cases/named.ts';
import {
  type Comparison,
  compareGolden,
  compareModel,
  type KernelViews,
  viewsOf,
} from './contract/compare.ts';
import { differences } from './contract/contract.ts';
import { type Golden, goldenKernel, readGolden } from './contract/golden.ts';
import { ownFolder } from './kernel/cache.ts';
import { type RunProgress, type RunReport, runCases } from './kernel/drive.ts';
import type { Kernel } from './kernel/kernel.ts';
import { launcherOf } from './kernel/launch.ts';
import type { ModelSubject } from './models/model.ts';
import type { TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** What certification says; `differing` over all comparisons plus `crashes` decide. */
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
  /** Cases whose answer changed with the contents of freed memory. */
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
  readonly models: readonly ModelSubject[];
  readonly scratch: string;
  readonly hangMs: number;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Bytes left in freed memory in the first run, and in the second look at what differs. */
const POISON = 0xa5;
const OTHER_POISON = 0x3c;

/** Random cases first: those named cases that take the kernel down come last. */
function casesOf(options: CertifyOptions): TextCase[] {
  return options.own === null
    ? [...generateCases(options.seed, options.cases), ...namedCases()]
    : [...options.own];
}

/** Is the certificate clean? */
export function isClean({ comparisons, crashes, alarms }: Certificate): boolean {
  return crashes.length + alarms.length === 0 && comparisons.every((c) => c.differing === 0);
}

/** Certifies on a running kernel. */
export async function certifyKernel(kernel: Kernel, options: CertifyOptions): Promise<Certificate> {
  const cases = casesOf(options);
  const start = performance.now();
  const run = await runOn(kernel, cases, options, POISON);
  const seconds = (performance.now() - start) / 1000;
  const answered = cases.slice(0, run.results.length);
  const golden = options.own === null ? goldenFor(kernel.release, options.seed) : null;
  const first: KernelViews = { release: kernel.release, views: viewsOf(answered, run.results) };
  const suspects = suspectIds(answered, first, golden, options.models);
  const unstable = await unstableIds(kernel, answered, run.results, suspects, options);
  const views = new Map(first.views);
  for (const id of unstable) views.set(id, null);
  const seen: KernelViews = { release: kernel.release, views };
  const campaign = await campaignOn(kernel, options, run.interrupted);
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
    comparisons: [...compareAll(answered, seen, golden, options), ...campaign],
    ...sortCrashes(run.results),
    alarms: run.alarms,
    unstable,
    interrupted: run.interrupted,
    answers: options.own === null ? [] : run.results,
  };
}

/** Asks AF_ALG and the module of one kernel. */
export async function certifyAfalg(kernel: Kernel, options: CertifyOptions): Promise<Certificate> {
  const start = performance.now();
  const { hangMs, onProgress, signal } = options;
  const run = { hangMs, afalg: true, poison: POISON, onProgress, signal };
  const launch = launcherOf(kernel, options.scratch);
  const opinion = await askAfalg(launch, casesOf(options), run);
  const { cases, answered, comparison, report } = opinion;
  const seconds = (performance.now() - start) / 1000;
  return {
    mode: 'afalg',
    kernel: kernel.name,
    release: kernel.release,
    origin: kernel.origin,
    seed: options.seed,
    cases: cases.length,
    answered,
    boots: report.boots,
    seconds,
    casesPerSecond: answered / seconds,
    axes: countAxes(cases),
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

function goldenFor(release: string, seed: number): KernelViews | null {
  const golden = readGolden(ownFolder('golden'));
  const kernel = goldenKernel(golden, release);
  if (kernel === null) return null;
  if (golden.set.seed === seed) return kernel;
  // Random cases of another seed have the same names.
  return { ...kernel, views: new Map([...kernel.views].filter(([id]) => !/^r\d+$/.test(id))) };
}

function compareAll(
  cases: readonly TextCase[],
  seen: KernelViews,
  golden: KernelViews | null,
  { models }: CertifyOptions,
): Comparison[] {
  return [
    ...(golden === null ? [] : [compareGolden(cases, golden, seen)]),
    ...models.map((model) => compareModel(cases, model, seen)),
  ];
}

/** The cases that the models and the reference get from `conform`, on this kernel. */
async function campaignOn(
  kernel: Kernel,
  options: CertifyOptions,
  interrupted: boolean,
): Promise<Comparison[]> {
  if (options.campaign === 0 || options.own !== null || interrupted) return [];
  const { seed, campaign, hangMs, signal } = options;
  const launch = launcherOf(kernel, options.scratch);
  const run = { hangMs, signal, poison: POISON, afalg: false };
  const report = await runCampaign(launch, seed, campaign, run);
  const { differences: found, answered, skipped } = report;
  return [
    {
      what: 'campaign (legacy, converted, reference)',
      compared: answered,
      differing: found.length,
      ids: found.map(({ token }) => token),
      byField: {},
      findings: found.map(({ token, what }) => ({
        id: token,
        fields: [],
        lines: what,
        text: `sg2iter replay ${token}`,
      })),
      left: Object.fromEntries(skipped),
    },
  ];
}

/** Cases that are worth a second look: they differ from somebody. */
function suspectIds(
  cases: readonly TextCase[],
  seen: KernelViews,
  golden: KernelViews | null,
  models: readonly ModelSubject[],
): ReadonlySet<string> {
  const comparisons = [
    ...(golden === null ? [] : [compareGolden(cases, golden, seen)]),
    ...models.map((model) => compareModel(cases, model, seen)),
  ];
  return new Set(comparisons.flatMap(({ ids }) => ids));
}

/** Runs suspects again with other bytes in freed memory: who changes shows uninitialised memory. */
async function unstableIds(
  kernel: Kernel,
  cases: readonly TextCase[],
  results: readonly TextResult[],
  suspects: ReadonlySet<string>,
  options: CertifyOptions,
): Promise<string[]> {
  const again = cases.filter((c, i) => suspects.has(c.id) && results[i].ending !== 'crash');
  if (again.length === 0 || options.signal?.aborted === true) return [];
  const before = viewsOf(cases, results);
  const quiet = { ...options, onProgress: undefined };
  const run = await runOn(kernel, again, quiet, OTHER_POISON);
  return run.results.flatMap((result, i) => {
    const after = viewsOf([again[i]], [result]).get(result.id);
    const first = before.get(result.id);
    return first && after && differences(first, after).length > 0 ? [result.id] : [];
  });
}

function sortCrashes(
  results: readonly TextResult[],
): Pick<Certificate, 'crashes' | 'expectedCrashes'> {
  const all = results.filter((result) => result.ending === 'crash');
  const unexpected = all.filter(({ id }) => !id.startsWith('overrun-'));
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
    unstable: [...kernel.views].filter(([, view]) => view === null).map(([id]) => id),
    interrupted: false,
    answers: [],
  };
}
