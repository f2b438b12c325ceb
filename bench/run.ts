/**
 * `sg2iter bench`: the old API and the new one, raw node:crypto on contiguous bytes, and what a user
 * would do otherwise, on the same bytes. The same program is the process of one way (`--child`).
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import {
  EXIT_FINDINGS,
  EXIT_INTERRUPTED,
  EXIT_USAGE,
  UsageError,
  wholeNumber,
} from '../conformance/terminal/exit.ts';
import { ProgressLine } from '../conformance/terminal/progress.ts';
import { BENCHES, type Bench } from './catalogue.ts';
import { serve } from './child.ts';
import { benchesOf, type Results } from './figures.ts';
import { measure, type Result } from './measure.ts';
import {
  comparisonText,
  json,
  soakJson,
  soakLines,
  targetJson,
  targetLines,
  text,
} from './report.ts';
import { SOAK_ENGINES, type SoakRow, soak } from './soak.ts';
import { TARGETS } from './targets.ts';
import type { Job } from './way.ts';

const ROUNDS = 15;
const MOST_ROUNDS = 10_000;
/** Runs of which a target takes the best. */
const TARGET_RUNS = 3;
const MOST_SOAK = 1_000_000_000;
const SOAK_SEED = 1;

interface Flags {
  readonly rounds: number;
  readonly workload?: string[];
  readonly way?: string[];
  readonly growth?: boolean;
  readonly compare?: boolean;
  readonly targets?: boolean;
  readonly soak?: number;
  readonly json?: boolean;
}

/** Whether Ctrl-C was pressed: the bench that runs is given up, those before it are kept. */
let stopped = false;

const [, , first, childBench, childWay] = process.argv;
if (first === '--child' && childBench !== undefined && childWay !== undefined) {
  await serve(childBench, childWay);
} else {
  await main();
}

async function main(): Promise<void> {
  const program = new Command('sg2iter bench')
    .description('what the old and the new API cost, on the same memory, in the same run')
    .option('--rounds <n>', 'samples of every way', wholeNumber('--rounds', 1, MOST_ROUNDS), ROUNDS)
    .option('--workload <id...>', 'only these benches')
    .option('--way <id...>', 'only these ways')
    .option('--growth', 'also growth in segments to 10^5 and in bytes to 1 GiB')
    .option('--compare', 'the front door against node:crypto, WebCrypto and noble, only')
    .option('--targets', 'what is measured against the targets of the project; always exits 0')
    .option(
      '--soak <requests>',
      'every engine against one-shot node:crypto, so many requests each',
      wholeNumber('--soak', 1, MOST_SOAK),
    )
    .option('--json', 'one JSON object on stdout')
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  try {
    program.parse();
    await run(program.opts());
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof UsageError)) throw error;
    if (error.exitCode !== 0) console.error(`sg2iter: ${error.message.replace('error: ', '')}`);
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
}

async function run(flags: Flags): Promise<void> {
  process.once('SIGINT', stop).once('SIGTERM', stop);
  if (flags.targets === true) return runTargets(flags);
  if (flags.soak !== undefined) return runSoak(flags.soak, flags);
  const benches = chosen(flags);
  const results = await runAll(benches, flags);
  if (flags.json === true) {
    console.log(JSON.stringify({ ...json(results, flags.rounds), interrupted: stopped }, null, 2));
  } else {
    const lines = flags.compare === true ? comparisonText : text;
    for (const line of lines(results, flags.rounds)) console.log(line);
    if (stopped) console.log('interrupted: the benches above are complete');
  }
  if (stopped) process.exitCode = EXIT_INTERRUPTED;
}

async function runTargets({ rounds, json: asJson }: Flags): Promise<void> {
  const needed = new Set(TARGETS.flatMap(({ metric }) => benchesOf(metric)));
  const benches = BENCHES.filter(({ id }) => needed.has(id));
  const runs: Results[] = [];
  for (let i = 0; i < TARGET_RUNS && !stopped; i++) runs.push(await runAll(benches, { rounds }));
  if (asJson === true) console.log(JSON.stringify(targetJson(runs, rounds), null, 2));
  else for (const line of targetLines(runs, rounds)) console.log(line);
  if (stopped) process.exitCode = EXIT_INTERRUPTED;
}

async function runSoak(requests: number, { json: asJson }: Flags): Promise<void> {
  const rows: SoakRow[] = [];
  const progress = new ProgressLine();
  for (const engine of SOAK_ENGINES) {
    if (stopped) break;
    progress.show('engines', rows.length, SOAK_ENGINES.length);
    rows.push(soak(engine, requests, SOAK_SEED));
    await setImmediate();
  }
  progress.clear();
  if (asJson === true) console.log(JSON.stringify(soakJson(rows), null, 2));
  else for (const line of soakLines(rows)) console.log(line);
  if (rows.some(({ differences }) => differences > 0)) process.exitCode = EXIT_FINDINGS;
  if (stopped) process.exitCode = EXIT_INTERRUPTED;
}

async function runAll(benches: readonly Bench[], { rounds, way }: Flags): Promise<Results> {
  const results = new Map<string, Result>();
  const progress = new ProgressLine();
  const only = ({ id }: Job): boolean => way?.includes(id) ?? true;
  for (const [i, bench] of benches.entries()) {
    if (stopped) break;
    if (!bench.jobs.some(only)) continue;
    progress.show('benches', i, benches.length);
    const result = await measure(bench, rounds, only, () => stopped);
    if (result !== null) results.set(bench.id, result);
  }
  progress.clear();
  return results;
}

/** @throws UsageError for a name that does not exist. */
function chosen({ workload, way, growth, compare }: Flags): Bench[] {
  const offered = BENCHES.filter(({ group }) => {
    if (compare === true || group === 'compared') return compare === true && group === 'compared';
    return group !== 'growth' || growth === true;
  });
  check(
    '--workload',
    workload,
    offered.map(({ id }) => id),
  );
  const benches = offered.filter(({ id }) => workload?.includes(id) ?? true);
  const ways = benches.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  check('--way', way, [...new Set(ways)]);
  return benches;
}

function check(
  option: string,
  given: readonly string[] | undefined,
  known: readonly string[],
): void {
  const unknown = given?.find((id) => !known.includes(id));
  if (unknown === undefined) return;
  throw new UsageError(`${option}: unknown '${unknown}'; known: ${known.join(', ')}`);
}

function stop(): void {
  stopped = true;
}
