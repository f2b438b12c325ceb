/**
 * Builds a suite of KUnit for a kernel that has KUnit, boots it, and reads what it says. Debian's prebuilt
 * kernels have none, so the kernel is built: minutes for the first time.
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_FINDINGS, UsageError } from '../../terminal/exit.ts';
import { makeFolder } from '../../terminal/folders.ts';
import { freshCopy, scratchFolder } from '../kernel/cache.ts';
import type { Kernel, Progress } from '../kernel/kernel.ts';
import { type Boot, launcherOf } from '../kernel/launch.ts';
import { prepareSourceKernel, prepareTreeKernel } from '../kernel/prepare-tree.ts';
import { EnvironmentError, runProgram } from '../kernel/run-program.ts';
import { type KunitReport, parseDeath, parseKtap } from './ktap.ts';

/** A suite runs while its module is loaded; nothing is written before it is done. Milliseconds. */
const SUITE_MS = 180_000;
/** The first line of the guest, before it loads the suite. */
const BOOTED = 'start\n';

/** The kernel that ran a suite, and what came of it. */
export interface KunitRun extends KunitReport {
  readonly release: string;
  readonly origin: readonly string[];
}

/**
 * @param name `source:7.3` or `tree:PATH`
 * @param suite folder that `export kunit` has written; nothing is built in it
 * @throws EnvironmentError where the kernel cannot be built or booted, and a finding where the suite does not
 *   compile in it, or runs no case
 */
export async function runKunit(
  name: string,
  suite: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<KunitRun> {
  const kernel = await prepare(name, progress, signal);
  progress(`${name}: suite`);
  const folder = await buildSuite(kernel.folder, suite, signal);
  const guest = join(kernel.folder, 'kunit-init');
  await runProgram('gcc', ['-O2', '-static', '-o', guest, join(ownFolder(), 'init.c')]);
  makeFolder(scratchFolder());
  const module = join(folder, 'sg2iter_kunit.ko');
  const launch = launcherOf({ ...kernel, guest, module }, scratchFolder());
  progress(`${name}: boot`);
  const boot = await launch('', {
    isOrdinary: true,
    chunkBytes: 1,
    hangMs: SUITE_MS,
    poison: 0,
    afalg: false,
    signal,
  });
  return { ...reportOf(name, boot), release: kernel.release, origin: kernel.origin };
}

/**
 * What a boot says of the suite.
 * @throws EnvironmentError where the kernel did not come as far as the suite, a finding where the suite
 *   could not be loaded or ran no case. One that took the kernel down has a report: the case is known.
 */
export function reportOf(
  name: string,
  { text, failure, console }: Pick<Boot, 'text' | 'failure' | 'console'>,
): KunitReport {
  if (failure !== null && !text.startsWith(BOOTED)) {
    throw new EnvironmentError(`${name}: ${failure}`);
  }
  const report = failure === null ? parseKtap(text) : parseDeath(console, failure);
  if (report.passed.length + report.failed.length + report.skipped.length > 0) return report;
  const why = failure === null ? 'the kernel ran no case' : `the suite did not begin: ${failure}`;
  throw new UsageError(`${name}: ${why}`, EXIT_FINDINGS);
}

/**
 * Builds a suite beside its kernel, of which `folder` has the build; the folder of the module.
 * @throws a finding where it does not compile: the kernel did, with the same tools
 */
export async function buildSuite(
  folder: string,
  suite: string,
  signal?: AbortSignal,
): Promise<string> {
  const target = join(folder, 'kunit');
  freshCopy(suite, target);
  // A warning is an error here: what is handed to maintainers compiles without.
  const build = ['-s', '-C', join(folder, 'output'), 'ARCH=um', `M=${target}`, 'KCFLAGS=-Werror'];
  try {
    await runProgram('make', [...build, 'KBUILD_MODPOST_WARN=1', 'modules'], { signal });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || signal?.aborted === true) throw error;
    throw new UsageError(`the suite does not compile: ${error.message}`, EXIT_FINDINGS);
  }
  return target;
}

function prepare(name: string, progress: Progress, signal?: AbortSignal): Promise<Kernel> {
  const extra = readFileSync(join(ownFolder(), 'kunit.config'), 'utf8');
  const options = { kasan: false, extra, progress, signal };
  if (name.startsWith('source:')) return prepareSourceKernel(name.slice(7), options);
  return prepareTreeKernel(name.slice(5), options);
}

/** The files of the guest lie beside the sources; compiled code looks there. */
function ownFolder(): string {
  const beside = fileURLToPath(new URL('./', import.meta.url));
  const source = fileURLToPath(new URL('../../../../conformance/linux/kunit/', import.meta.url));
  return existsSync(join(beside, 'init.c')) ? beside : source;
}
