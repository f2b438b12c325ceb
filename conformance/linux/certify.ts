/**
 * The front of the room: certifies the models against a kernel that a user names. A kernel that cannot
 * be had or booted is an error with its reason; golden data stand in only where they are asked for.
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Shard } from '../campaign/jobs.ts';
import { UsageError } from '../terminal/exit.ts';
import { drawnAlgorithms } from './cases/requests.ts';
import { goldenKernels, readGolden } from './contract/golden.ts';
import { type GoldenUpdate, updateGolden } from './contract/update-golden.ts';
import { ownFolder, scratchFolder } from './kernel/cache.ts';
import { doctor, firstObstacle } from './kernel/doctor.ts';
import type { Kernel, Progress } from './kernel/kernel.ts';
import { DEBIAN_SERIES, prepareDebianKernel } from './kernel/prepare-debian.ts';
import { prepareQemuKernel, QEMU_SERIES } from './kernel/prepare-qemu.ts';
import {
  checkBuilt,
  prepareSourceKernel,
  prepareTreeKernel,
  type TreeOptions,
} from './kernel/prepare-tree.ts';
import { ptraceRefusal } from './kernel/ptrace.ts';
import { EnvironmentError } from './kernel/run-program.ts';
import { ConvertedModel } from './models/converted.ts';
import { IterModel } from './models/iter.ts';
import { LegacyModel } from './models/legacy.ts';
import { LibModel } from './models/lib.ts';
import { type ModelSubject, remembering } from './models/model.ts';
import { type Certificate, certifyAfalg, certifyGolden, certifyKernel } from './run.ts';
import type { TextCase } from './text/case.ts';
import { CaseSyntaxError, parseCases } from './text/parse.ts';

export { certificateText } from './contract/certificate.ts';
export { ASPECTS } from './contract/contract.ts';
export { isRinging, ruleRows, ruleTable } from './contract/rule-table.ts';
export { addComparisons, addCounts, type Comparison, type Finding } from './contract/tally.ts';
export { doctor, firstObstacle } from './kernel/doctor.ts';
export { checkBuilt } from './kernel/prepare-tree.ts';
export { type KunitRun, runKunit } from './kunit/run-kunit.ts';
export { type Certificate, hasCompared, isClean } from './run.ts';

/** Milliseconds without a new answer after which a kernel hangs: a busy machine may need that long. */
const HANG_MS = 60_000;
/** The random cases of the golden data. */
const GOLDEN_SET = { seed: 1, count: 3000 };

/** What a user asks for. */
export interface CertifyRequest {
  /** `6.1`, `source:7.3`, `tree:PATH`, `qemu:6.1`, `afalg`; null: the default, or every golden kernel. */
  readonly kernel: string | null;
  readonly cases: number;
  readonly seed: number;
  readonly campaign: number;
  /** Which part of all cases; golden data and a file are always whole. */
  readonly shard: Shard;
  /** Cases of a file instead of named and random ones. */
  readonly file: string | null;
  /** Golden data instead of a kernel. */
  readonly golden: boolean;
  /** Builds with memory checks: `source:` and `tree:`. */
  readonly kasan: boolean;
}

/** Where a long certification reports. */
export interface CertifyHooks {
  /** A line before each long step. */
  readonly note: Progress;
  readonly progress: (phase: string, done: number, all: number) => void;
  readonly signal: AbortSignal;
}

const DEFAULT_KERNEL = '6.1';

/** Names that `--kernel` takes. */
export function knownKernels(): readonly string[] {
  return [
    ...Object.keys(DEBIAN_SERIES),
    'source:<series>',
    'tree:<path>',
    ...QEMU_SERIES.map((series) => `qemu:${series}`),
    'afalg',
  ];
}

/**
 * Runs a certification.
 * @throws UsageError naming the option, EnvironmentError where the kernel cannot be had.
 */
export async function certify(
  request: CertifyRequest,
  hooks: CertifyHooks,
): Promise<readonly Certificate[]> {
  checkRequest(request);
  if (request.golden) return certifyGoldens(request.kernel);
  const own = readOwnCases(request.file);
  const kernel = await prepare(request, hooks);
  const options = {
    seed: request.seed,
    cases: request.cases,
    campaign: request.campaign,
    own,
    shard: request.shard,
    models: allModels(),
    scratch: scratchFolder(),
    hangMs: HANG_MS,
    onProgress: (at: { done: number; total: number }) =>
      hooks.progress(`Linux ${kernel.release}`, at.done, at.total),
    signal: hooks.signal,
  };
  const run = request.kernel === 'afalg' ? certifyAfalg : certifyKernel;
  return [await run(kernel, options)];
}

/** Writes what a kernel answers to the golden cases. @throws as `certify`. */
export async function renewGolden(
  request: CertifyRequest,
  hooks: CertifyHooks,
): Promise<GoldenUpdate> {
  checkRequest(request);
  if (request.golden || request.kernel === 'afalg' || request.file !== null)
    throw new UsageError('--update-golden: needs a kernel and the golden cases');
  const kernel = await prepare(request, hooks);
  const options = { scratch: scratchFolder(), hangMs: HANG_MS, progress: hooks.note };
  const ofApis = drawnAlgorithms().filter(({ isLibraryOnly }) => isLibraryOnly !== true);
  const algorithms = ofApis.map(({ name }) => name);
  return updateGolden(ownFolder('golden'), { ...GOLDEN_SET, algorithms }, kernel, options);
}

/** Models of both APIs: what one does not have, the other may. */
function allModels(): ModelSubject[] {
  return [new LegacyModel(), new ConvertedModel(), new LibModel(), new IterModel()];
}

/** @throws UsageError naming the option. */
function checkRequest({ kernel: name, kasan, shard, file }: CertifyRequest): void {
  if (shard.count > 1 && file !== null) throw new UsageError('--shard: not with --file');
  const kernel = name ?? DEFAULT_KERNEL;
  const built = /^(source:\d+\.\d+|tree:.+)$/.test(kernel);
  const emulated = QEMU_SERIES.some((series) => kernel === `qemu:${series}`);
  if (!built && !emulated && !Object.hasOwn(DEBIAN_SERIES, kernel) && kernel !== 'afalg')
    throw new UsageError(
      `--kernel: unknown kernel '${kernel}'; known: ${knownKernels().join(' ')}`,
    );
  if (built) checkBuilt(kernel, '--kernel');
  if (kasan && !built) throw new UsageError('--kasan: only with source: and tree:');
}

function readOwnCases(path: string | null): TextCase[] | null {
  if (path === null) return null;
  try {
    const cases = parseCases(readFileSync(path, 'utf8'), path);
    if (cases.length === 0) throw new CaseSyntaxError(`${path}: no case in it`);
    return cases;
  } catch (error) {
    if (error instanceof CaseSyntaxError) throw new UsageError(error.message);
    throw new UsageError(`${path}: cannot be read`);
  }
}

function certifyGoldens(name: string | null): Certificate[] {
  const golden = readGolden(ownFolder('golden'));
  const models = allModels().map(remembering);
  return goldenKernels(golden, name).map((kernel) => certifyGolden(golden, kernel, models));
}

async function prepare(request: CertifyRequest, { note, signal }: CertifyHooks): Promise<Kernel> {
  const obstacle = firstObstacle(await doctor());
  if (obstacle !== null) throw new EnvironmentError(obstacle);
  const name = request.kernel ?? DEFAULT_KERNEL;
  const colon = name.indexOf(':');
  const [kind, rest] = [name.slice(0, Math.max(colon, 0)), name.slice(colon + 1)];
  const options = { kasan: request.kasan, progress: note, signal };
  if (kind === 'qemu') return prepareQemuKernel(rest, note);
  const refusal = await ptraceRefusal();
  const series = name === 'afalg' ? DEFAULT_KERNEL : name;
  if (refusal !== null && QEMU_SERIES.includes(series)) {
    note(`ptrace is ${refusal}: ${series} in QEMU`);
    return prepareQemuKernel(series, note);
  }
  const kernel = await prepareProcess(kind, rest, series, options);
  return refusal === null ? kernel : { ...kernel, untraced: true };
}

/** A kernel that is a process of its own. */
function prepareProcess(
  kind: string,
  rest: string,
  series: string,
  options: TreeOptions,
): Promise<Kernel> {
  if (kind === 'source') return prepareSourceKernel(rest, options);
  if (kind === 'tree') return prepareTreeKernel(rest, options);
  return prepareDebianKernel(series, options.progress);
}
