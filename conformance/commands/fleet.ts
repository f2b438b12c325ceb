/**
 * `sg2iter fleet`: one campaign on many machines.
 * @module
 */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { DEFAULT_CASES, DEFAULT_SEED, selectAlgorithms } from '../campaign/conform.ts';
import { buildOf } from '../fleet/build.ts';
import { MOST_SHARDS } from '../fleet/campaign.ts';
import { cancel, collect, type Status, statusOf, submit } from '../fleet/campaigns.ts';
import { type Line, openLine } from '../fleet/engine.ts';
import { work } from '../fleet/work.ts';
import { reportOf } from '../report/conform-report.ts';
import { allSides } from '../subjects/sides.ts';
import { EXIT_INTERRUPTED, UsageError, wholeNumber } from '../terminal/exit.ts';
import { withInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { exitCodeOf } from './conform.ts';
import { type Reporting, reporterOf, withReporter } from './reporting.ts';

const MOST = 2 ** 32 - 1;
const MOST_WORKERS = 256;
const MOST_BY_ITSELF = 8;
const MOST_SECONDS = 86_400;

interface Flags {
  readonly redis: string;
  readonly name: string;
  readonly json?: boolean;
}

interface SubmitFlags extends Flags {
  readonly cases: number;
  readonly seed: number;
  readonly shards: number;
  readonly alg?: string[];
  readonly vectors: boolean;
}

interface WorkFlags extends Flags {
  readonly once?: boolean;
  readonly workers: number;
  readonly takeover: number;
}

export function registerFleet(program: Command): void {
  const fleet = program
    .command('fleet')
    .description('one campaign on many machines, over a Redis or Valkey server');
  part(fleet, 'submit', 'hand in a campaign; again, to give failed shards another chance')
    .option('--cases <n>', 'random cases', wholeNumber('--cases', 0, MOST), DEFAULT_CASES)
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, MOST), DEFAULT_SEED)
    .option('--shards <n>', 'parts', wholeNumber('--shards', 1, MOST_SHARDS), 40)
    .option('--alg <name...>', 'only these, as sg2iter algorithms names them')
    .option('--no-vectors', 'random cases only')
    .action(runSubmit);
  part(fleet, 'work', 'do shards until somebody ends it')
    .option('--once', 'end when no shard is left')
    .option(
      '--workers <n>',
      'threads',
      wholeNumber('--workers', 1, MOST_WORKERS),
      Math.min(availableParallelism(), MOST_BY_ITSELF),
    )
    .option(
      '--takeover <s>',
      'seconds of silence after which the shard of a worker is given to another',
      wholeNumber('--takeover', 1, MOST_SECONDS),
      30,
    )
    .action(runWork);
  part(fleet, 'status', 'how far a campaign is')
    .option('--json', 'one JSON object on stdout')
    .action(runStatus);
  withReporter(part(fleet, 'collect', 'the report of a campaign, as conform prints it')).action(
    runCollect,
  );
  part(fleet, 'cancel', 'remove a campaign with all its results').action(runCancel);
}

function part(fleet: Command, name: string, description: string): Command {
  return fleet
    .command(name)
    .description(description)
    .addOption(
      new Option('--redis <url>', 'redis:// or, with TLS, rediss://')
        .env('SG2ITER_REDIS')
        .default('redis://127.0.0.1:6379'),
    )
    .option('--name <name>', 'of the campaign', campaignName, 'conform');
}

/** @throws UsageError for a name that is no key. */
function campaignName(text: string): string {
  if (/^[A-Za-z0-9._-]{1,64}$/.test(text)) return text;
  throw new UsageError(`--name: '${text}' is not 1 to 64 letters, digits, dots, dashes`);
}

/** Runs `action` over an open line. */
async function over<T>(
  { redis, name }: Flags,
  action: (line: Line) => Promise<T>,
  patient: boolean = false,
): Promise<T> {
  const line = await openLine(redis, name, patient);
  try {
    return await action(line);
  } finally {
    await line.close();
  }
}

async function runSubmit(flags: SubmitFlags): Promise<void> {
  const { cases, seed, shards, alg = [], vectors } = flags;
  const algs = selectAlgorithms(alg);
  if (typeof algs === 'string') {
    throw new UsageError(`--alg: unknown algorithm '${algs}'; see 'sg2iter algorithms'`);
  }
  const campaign = {
    build: buildOf(),
    seed,
    cases,
    algs: alg.length === 0 ? [] : algs,
    vectors,
    shards,
  };
  const added = await over(flags, (line) => submit(line, campaign));
  console.log(`${flags.name}: ${added} of ${shards} shards handed in, build ${campaign.build}`);
}

async function runWork(flags: WorkFlags): Promise<void> {
  const { once = false, workers, takeover } = flags;
  const line = new ProgressLine();
  await withInterrupt(async (signal) => {
    const options = {
      once,
      workers,
      takeover,
      sidesOf: allSides,
      signal,
      progress: (done: number, all: number): void => line.show('shards', done, all),
      tell: (text: string): void => console.error(`sg2iter: fleet: ${text}`),
    };
    const done = await over(flags, (open) => work(open, options), true).finally(() => line.clear());
    console.log(`${done} shards done`);
    return signal.aborted ? EXIT_INTERRUPTED : 0;
  });
}

async function runStatus(flags: Flags): Promise<void> {
  const status = await over(flags, statusOf);
  console.log(
    flags.json === true ? JSON.stringify(status, null, 2) : statusText(status).join('\n'),
  );
}

function statusText(status: Status): string[] {
  const { campaign, waiting, active, done, failed, cases, casesPerSecond, failures } = status;
  return [
    `seed ${campaign.seed}, ${campaign.cases} cases, build ${campaign.build}`,
    `${done} of ${campaign.shards} shards done, ${active} running, ${waiting} waiting, ${failed} failed`,
    `about ${cases} cases; ${casesPerSecond} a second of late`,
    ...failures,
  ];
}

async function runCollect(flags: Flags & Reporting): Promise<void> {
  const reporter = reporterOf(flags);
  const report = reportOf(await over(flags, collect));
  console.log(reporter(report));
  process.exitCode = exitCodeOf(report);
}

async function runCancel(flags: Flags): Promise<void> {
  const shards = await over(flags, cancel);
  console.log(`${flags.name}: ${shards} shards removed`);
}
