/**
 * `sg2iter conform`: the main job.
 * @module
 */
import type { Command } from 'commander';
import {
  type ConformOptions,
  type ConformResult,
  conform,
  DEFAULT_CASES,
  DEFAULT_SEED,
  selectAlgorithms,
} from '../campaign/conform.ts';
import { Watchdog } from '../campaign/watchdog.ts';
import { conformJson, conformText } from '../report/conform-report.ts';
import { allSides } from '../subjects/sides.ts';
import {
  EXIT_FINDINGS,
  EXIT_INTERRUPTED,
  EXIT_SELF_CHECK,
  UsageError,
  wholeNumber,
} from '../terminal/exit.ts';
import { ProgressLine } from '../terminal/progress.ts';

const MOST = 2 ** 32 - 1;

interface Flags {
  readonly seed: number;
  readonly cases: number;
  readonly time?: number;
  readonly alg?: string[];
  readonly bail?: boolean;
  readonly vectors: boolean;
  readonly json?: boolean;
}

export function registerConform(program: Command): void {
  program
    .command('conform')
    .description('both APIs and the library over the same memory: known answers, then random cases')
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, MOST), DEFAULT_SEED)
    .option('--cases <n>', 'random cases', wholeNumber('--cases', 0, MOST), DEFAULT_CASES)
    .option('--time <s>', 'seconds of random cases at most', wholeNumber('--time', 0, 1e6))
    .option('--alg <name...>', 'only these, as sg2iter algorithms names them')
    .option('--bail', 'stop at the first finding')
    .option('--no-vectors', 'random cases only')
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const algs = selectAlgorithms(flags.alg ?? []);
  if (typeof algs === 'string') {
    throw new UsageError(`--alg: unknown algorithm '${algs}'; see 'sg2iter algorithms'`);
  }
  const { seed, cases, time = Number.POSITIVE_INFINITY, bail = false, vectors } = flags;
  const wholeAt = DEFAULT_CASES;
  const options: ConformOptions = { seed, cases, wholeAt, time, algs, bail, vectors };
  let stopped = false;
  process.once('SIGINT', () => {
    stopped = true;
  });
  const progress = new ProgressLine();
  const watchdog = new Watchdog(seed, algs);
  const result = await conform(allSides, options, {
    progress: (phase, done, all) => progress.show(phase, done, all),
    running: (random, index) => watchdog.at(random, index),
    stopped: () => stopped,
  });
  await watchdog.stop();
  progress.clear();
  console.log(
    flags.json === true
      ? JSON.stringify(conformJson(result), null, 2)
      : conformText(result).join('\n'),
  );
  process.exitCode = exitCodeOf(result);
}

/** What a run comes to, the worst first. */
export function exitCodeOf(result: ConformResult): number {
  const { selfCheck, undrawn, findings, vectors, interrupted } = result;
  if (selfCheck.differences.length > 0 || undrawn.length > 0) return EXIT_SELF_CHECK;
  if (findings.discoveries.some(({ finding }) => finding.check === 'SELF')) return EXIT_SELF_CHECK;
  if (findings.discoveries.length > 0 || vectors.total.failed > 0) return EXIT_FINDINGS;
  return interrupted ? EXIT_INTERRUPTED : 0;
}
