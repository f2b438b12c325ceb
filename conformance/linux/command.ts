/**
 * `sg2iter certify` and `sg2iter doctor`.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  EXIT_ENVIRONMENT,
  EXIT_FINDINGS,
  EXIT_INTERRUPTED,
  UsageError,
  wholeNumber,
} from '../terminal/exit.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { prepareSourceKernel, prepareTreeKernel } from './build-tree.ts';
import { ownFolder } from './cache.ts';
import { certificateText } from './certificate.ts';
import {
  type Certificate,
  type CertifyOptions,
  certifyAfalg,
  certifyKernel,
  isClean,
  replayGolden,
} from './certify.ts';
import { doctor, firstObstacle, scratchFolder } from './doctor.ts';
import { goldenKernel, readGolden } from './golden.ts';
import type { Kernel } from './kernel.ts';
import { type ModelSubject, remembering } from './model.ts';
import { IterModel } from './model-iter.ts';
import { LegacyModel } from './model-legacy.ts';
import { DEBIAN_SERIES, prepareDebianKernel } from './prepare-debian.ts';
import { EnvironmentError } from './run-program.ts';
import type { TextCase } from './text-case.ts';
import { CaseSyntaxError, parseCases } from './text-case-parse.ts';
import { updateGolden } from './update-golden.ts';

/** Seconds without a new answer after which a kernel hangs. */
const HANG_MS = 15_000;
const DEFAULT_CASES = 2000;
const DEFAULT_CAMPAIGN = 2000;
/** The random cases of the golden data. */
const GOLDEN_SET = { seed: 1, count: 5000 };
const MOST = 2 ** 32 - 1;

interface Flags {
  readonly kernel: string;
  readonly cases: number;
  readonly seed: number;
  readonly campaign: number;
  readonly file?: string;
  readonly replay: boolean;
  readonly updateGolden: boolean;
  readonly kasan: boolean;
  readonly json: boolean;
}

/** Adds `certify` to the program. */
export function registerCertify(program: Command): void {
  program
    .command('certify')
    .description('compare the models, golden data and a real kernel over the same cases')
    .option('--kernel <name>', '6.1, 6.12, 7.2, source:<series>, tree:<path>, afalg', '6.1')
    .option('--cases <n>', 'random cases', wholeNumber('--cases', 0, MOST), DEFAULT_CASES)
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, MOST), 1)
    .option(
      '--campaign <n>',
      'cases of conform on top',
      wholeNumber('--campaign', 0, MOST),
      DEFAULT_CAMPAIGN,
    )
    .option('--file <path>', 'cases of a text file instead')
    .option('--replay', 'golden data only, no kernel', false)
    .option('--update-golden', 'write what this kernel answers to the golden data', false)
    .option('--kasan', 'source:, tree: with memory checks', false)
    .option('--json', 'the certificate as JSON', false)
    .action((flags: Flags, command: Command) => {
      const given = (name: keyof Flags): boolean => command.getOptionValueSource(name) === 'cli';
      for (const name of ['cases', 'seed', 'file'] as const) {
        if (flags.replay && given(name)) {
          throw new UsageError(`--${name}: not with --replay, the golden data have their own`);
        }
      }
      return runCertify(flags, given('kernel'));
    });
}

/** Adds `doctor` to the program. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what certify needs on this machine')
    .option('--json', 'as JSON', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const checks = await doctor();
      const text = checks.map(
        ({ name, ok, answer }) => `${ok ? 'ok  ' : '--  '} ${name}: ${answer}`,
      );
      console.log(json ? JSON.stringify(checks, null, 2) : text.join('\n'));
      const obstacle = firstObstacle(checks);
      if (obstacle === null) return;
      console.error(`sg2iter: no kernel can run here: ${obstacle}`);
      process.exitCode = EXIT_ENVIRONMENT;
    });
}

/** Models of both APIs: what one does not have, the other may. */
function allModels(): ModelSubject[] {
  return [new LegacyModel(), new IterModel()];
}

function note(text: string): void {
  console.error(text);
}

function readOwnCases(path: string | undefined): TextCase[] | null {
  if (path === undefined) return null;
  try {
    const cases = parseCases(readFileSync(path, 'utf8'), path);
    if (cases.length === 0) throw new CaseSyntaxError(`${path}: no case in it`);
    return cases;
  } catch (error) {
    if (error instanceof CaseSyntaxError) throw new UsageError(error.message);
    throw new UsageError(`${path}: cannot be read`);
  }
}

async function runCertify(flags: Flags, kernelGiven: boolean): Promise<void> {
  checkFlags(flags);
  const abort = new AbortController();
  const stop = (): void => abort.abort();
  process.once('SIGINT', stop);
  try {
    await certify(flags, kernelGiven, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) process.exitCode = EXIT_INTERRUPTED;
    else if (error instanceof EnvironmentError)
      throw new UsageError(error.message.replaceAll('\n', ' '), EXIT_ENVIRONMENT);
    else throw error;
  } finally {
    process.off('SIGINT', stop);
  }
}

function isPrebuilt(name: string): boolean {
  return Object.hasOwn(DEBIAN_SERIES, name);
}

function known(): string {
  return [...Object.keys(DEBIAN_SERIES), 'source:<series>', 'tree:<path>', 'afalg'].join(' ');
}

/** @throws UsageError naming the option. */
function checkFlags({ kernel, kasan, replay, updateGolden: update, file }: Flags): void {
  const own = /^(source:\d+\.\d+|tree:.+)$/.test(kernel);
  if (!own && !isPrebuilt(kernel) && kernel !== 'afalg')
    throw new UsageError(`--kernel: unknown kernel '${kernel}'; known: ${known()}`);
  const tree = /^tree:(.+)$/.exec(kernel)?.[1];
  if (tree !== undefined && !existsSync(join(tree, 'Kbuild')))
    throw new UsageError(`--kernel: ${tree} is not a kernel tree`);
  if (kasan && !own) throw new UsageError('--kasan: only with source: and tree:');
  if (update && (replay || kernel === 'afalg' || file !== undefined))
    throw new UsageError('--update-golden: needs a kernel and the golden cases');
}

async function certify(flags: Flags, kernelGiven: boolean, signal: AbortSignal): Promise<void> {
  const own = readOwnCases(flags.file);
  if (flags.replay) {
    report(replay(flags, kernelGiven, null), flags);
    return;
  }
  const obstacle = firstObstacle(await doctor());
  if (obstacle !== null && own === null && !flags.updateGolden) {
    report(replay(flags, true, obstacle), flags);
    return;
  }
  if (obstacle !== null) throw new EnvironmentError(obstacle);
  const kernel = await kernelOrReason(flags, signal);
  if (typeof kernel === 'string') {
    if (own !== null || flags.updateGolden) throw new EnvironmentError(kernel);
    report(replay(flags, true, kernel), flags);
    return;
  }
  if (flags.updateGolden) await update(kernel);
  else report([await onKernel(kernel, flags, own, signal)], flags);
}

/** A kernel, or in one line why there is none: then golden data stand in. */
async function kernelOrReason(flags: Flags, signal: AbortSignal): Promise<Kernel | string> {
  try {
    return await prepare(flags, signal);
  } catch (error) {
    if (!(error instanceof EnvironmentError) || flags.kernel.startsWith('tree:')) throw error;
    return error.message;
  }
}

function prepare({ kernel, kasan }: Flags, signal: AbortSignal): Promise<Kernel> {
  const options = { kasan, progress: note, signal };
  const [kind, rest] = [
    kernel.slice(0, kernel.indexOf(':')),
    kernel.slice(kernel.indexOf(':') + 1),
  ];
  if (kind === 'source') return prepareSourceKernel(rest, options);
  if (kind === 'tree') return prepareTreeKernel(rest, options);
  return prepareDebianKernel(kernel === 'afalg' ? '6.1' : kernel, note);
}

async function onKernel(
  kernel: Kernel,
  flags: Flags,
  own: readonly TextCase[] | null,
  signal: AbortSignal,
): Promise<Certificate> {
  const progress = new ProgressLine();
  const options: CertifyOptions = {
    seed: flags.seed,
    cases: flags.cases,
    campaign: flags.campaign,
    own,
    models: allModels(),
    scratch: scratchFolder(),
    hangMs: HANG_MS,
    onProgress: ({ done, total }) => progress.show(`Linux ${kernel.release}`, done, total),
    signal,
  };
  try {
    const certifying = flags.kernel === 'afalg' ? certifyAfalg : certifyKernel;
    return await certifying(kernel, options);
  } finally {
    progress.clear();
  }
}

async function update(kernel: Kernel): Promise<void> {
  const folder = ownFolder('golden');
  const options = { scratch: scratchFolder(), hangMs: HANG_MS, progress: note };
  const done = await updateGolden(folder, GOLDEN_SET, kernel, options);
  for (const name of done.dropped) console.log(`dropped: ${name}`);
  console.log(
    `golden data of Linux ${done.release}: ${done.cases} cases, ${done.unstable.length} of them ` +
      `uninitialised memory; ${done.bytes} bytes in all`,
  );
}

/** All golden kernels, or the one that was asked for by its series. */
function replay(flags: Flags, kernelGiven: boolean, why: string | null): Certificate[] {
  const golden = readGolden(ownFolder('golden'));
  const series = /^(?:source:)?(\d+\.\d+)$/.exec(flags.kernel)?.[1];
  const one = kernelGiven && series !== undefined ? goldenKernel(golden, `${series}.0`) : null;
  const kernels = one === null ? golden.kernels : [one];
  const models = allModels().map(remembering);
  return kernels.map((kernel) => replayGolden(golden, kernel, models, why));
}

function report(certificates: readonly Certificate[], { json }: Flags): void {
  if (json) console.log(JSON.stringify(certificates, null, 2));
  else console.log(certificates.map(certificateText).join('\n\n'));
  if (!certificates.every(isClean)) process.exitCode = EXIT_FINDINGS;
  else if (certificates.some((c) => c.interrupted)) process.exitCode = EXIT_INTERRUPTED;
}
