/**
 * `sg2iter fleet`: one campaign on many machines.
 * @module
 */
import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { DEFAULT_CASES, DEFAULT_SEED, selectAlgorithms } from '../campaign/conform.ts';
import { buildOf } from '../fleet/build.ts';
import { type FleetCampaign, JOBS, KERNEL, MOST_SHARDS, sizeOf } from '../fleet/campaign.ts';
import {
  type Collected,
  cancel,
  collect,
  type Status,
  statusOf,
  submit,
} from '../fleet/campaigns.ts';
import { type Line, openLine } from '../fleet/engine.ts';
import { work } from '../fleet/work.ts';
import { chooseMutants } from '../mutants/mutants.ts';
import { reportOf } from '../report/conform-report.ts';
import { allSides, withStages } from '../subjects/sides.ts';
import { EXIT_INTERRUPTED, UsageError, wholeNumber } from '../terminal/exit.ts';
import { withInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { printCertificates } from './certify.ts';
import { exitCodeOf } from './conform.ts';
import { printMutants } from './mutants.ts';
import { isJsonRun, type Reporting, reporterOf, withReporter } from './reporting.ts';
import { printStructural } from './structural.ts';

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
  readonly job: string;
  readonly cases: number;
  readonly seed: number;
  readonly shards: number;
  readonly alg?: string[];
  readonly vectors: boolean;
  readonly id?: string[];
  readonly class?: string[];
  readonly timePerMutant: number;
  readonly kernel: string;
  readonly campaign: number;
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
    .option('--job <kind>', `what is done: ${JOBS.join(', ')}`, 'conform')
    .option('--cases <n>', 'random cases', wholeNumber('--cases', 0, MOST), DEFAULT_CASES)
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, MOST), DEFAULT_SEED)
    .option('--shards <n>', 'parts', wholeNumber('--shards', 1, MOST_SHARDS), 40)
    .option('--alg <name...>', 'only these, as sg2iter algorithms names them')
    .option('--no-vectors', 'random cases only')
    .option('--id <id...>', 'mutants: only these')
    .option('--class <class...>', 'mutants: only these classes of bugs')
    .option(
      '--time-per-mutant <s>',
      'mutants: processor seconds of cases, for one that nobody kills',
      wholeNumber('--time-per-mutant', 1, 3600),
      10,
    )
    .option('--kernel <name>', 'certify: 6.1, 6.12, 7.2, source:<series>', '6.1')
    .option(
      '--campaign <n>',
      'certify: cases of conform on top',
      wholeNumber('--campaign', 0, MOST),
      2000,
    )
    .action(runSubmit);
  part(fleet, 'work', 'do shards until somebody ends it')
    .option('--once', 'end when no shard is left')
    .option(
      '--workers <n>',
      'threads, or processes of mutants',
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
  withReporter(part(fleet, 'collect', 'the report of a campaign, as its command prints it')).action(
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

async function runSubmit(flags: SubmitFlags, command: Command): Promise<void> {
  for (const [flag, job] of Object.entries(OWN_FLAGS)) {
    if (command.getOptionValueSource(flag) === 'cli' && !job.includes(flags.job)) {
      throw new UsageError(`--${dashed(flag)}: not with --job ${flags.job}`);
    }
  }
  const campaign = campaignOf(flags);
  const { build, shards } = campaign;
  const added = await over(flags, (line) => submit(line, campaign));
  console.log(`${flags.name}: ${added} of ${shards} shards handed in, build ${build}`);
}

/** Flags of some jobs only. */
const OWN_FLAGS: Readonly<Record<string, readonly string[]>> = {
  cases: ['conform', 'structural', 'certify'],
  alg: ['conform'],
  vectors: ['conform'],
  id: ['mutants'],
  class: ['mutants'],
  timePerMutant: ['mutants'],
  kernel: ['certify'],
  campaign: ['certify'],
};

function dashed(flag: string): string {
  return flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** @throws UsageError naming the option. */
function campaignOf(flags: SubmitFlags): FleetCampaign {
  const { job, cases, seed, shards, campaign, kernel } = flags;
  const common = { build: buildOf(), seed, shards };
  switch (job) {
    case 'conform': {
      const { alg = [], vectors } = flags;
      const algs = selectAlgorithms(alg);
      if (typeof algs === 'string') {
        throw new UsageError(`--alg: unknown algorithm '${algs}'; see 'sg2iter algorithms'`);
      }
      return { job, ...common, cases, algs: alg.length === 0 ? [] : algs, vectors };
    }
    case 'structural':
      return { job, ...common, cases };
    case 'mutants': {
      const { id = [], class: classes = [], timePerMutant: secondsPerMutant } = flags;
      const choice = { ids: id, classes, side: null, dir: null, sample: 0 };
      const ids = chooseMutants(choice).mutants.map((mutant) => mutant.id);
      if (shards > ids.length) {
        throw new UsageError(`--shards: ${shards}, and there are ${ids.length} mutants`);
      }
      return { job, ...common, ids, secondsPerMutant };
    }
    case 'certify':
      if (!KERNEL.test(kernel)) {
        throw new UsageError(`--kernel: '${kernel}' is not 6.1, 6.12, 7.2 or source:<series>`);
      }
      return { job, ...common, kernel, cases, campaign };
    default:
      throw new UsageError(`--job: '${job}' is none of ${JOBS.join(', ')}`);
  }
}

async function runWork(flags: WorkFlags): Promise<void> {
  const { once = false, workers, takeover } = flags;
  const line = new ProgressLine();
  await withInterrupt(async (signal) => {
    const options = {
      once,
      workers,
      takeover,
      sidesOf: withStages(allSides, /* halfConverted */ false),
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
  const { campaign, waiting, active, done, failed, of, count, perSecond, failures } = status;
  const { job, seed, build, shards } = campaign;
  return [
    `${job}: seed ${seed}, ${sizeOf(campaign).all} ${of}, build ${build}`,
    `${done} of ${shards} shards done, ${active} running, ${waiting} waiting, ${failed} failed`,
    `about ${count} ${of}; ${perSecond} a second of late`,
    ...failures,
  ];
}

async function runCollect(flags: Flags & Reporting): Promise<void> {
  const reporter = reporterOf(flags);
  const collected = await over(flags, collect);
  switch (collected.job) {
    case 'conform': {
      const report = reportOf(collected.result);
      console.log(reporter(report));
      process.exitCode = exitCodeOf(report);
      return;
    }
    case 'structural':
      printStructural(collected.result, isJson(flags, collected), collected.interrupted);
      return;
    case 'mutants':
      printMutants(collected.result, isJson(flags, collected));
      return;
    case 'certify':
      process.exitCode = printCertificates([collected.result], isJson(flags, collected));
      return;
    default:
      collected satisfies never;
  }
}

function isJson(flags: Reporting, { job }: Collected): boolean {
  return isJsonRun(`a campaign of ${job}`, job, job, flags);
}

async function runCancel(flags: Flags): Promise<void> {
  const shards = await over(flags, cancel);
  console.log(`${flags.name}: ${shards} shards removed`);
}
