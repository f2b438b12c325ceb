/**
 * `sg2iter conform`: the main job.
 * @module
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import {
  type ConformOptions,
  conformInThreads,
  DEFAULT_CASE_TIME,
  DEFAULT_CASES,
  DEFAULT_SEED,
  selectAlgorithms,
} from '../campaign/conform.ts';
import { Corpus, CorpusError } from '../campaign/corpus.ts';
import type { Shard } from '../campaign/jobs.ts';
import { Journal, JournalError } from '../campaign/journal.ts';
import { drawsNothing } from '../case/scenarios.ts';
import { reportOf } from '../report/conform-report.ts';
import { allRuleLines, allRules } from '../report/rules.ts';
import { type ConformReport, reportJsonSchema } from '../report/schema.ts';
import { isIdle, trialsOf } from '../report/text.ts';
import { withStages } from '../subjects/sides.ts';
import {
  EXIT_FINDINGS,
  EXIT_INTERRUPTED,
  EXIT_SELF_CHECK,
  EXIT_USAGE,
  UsageError,
  wholeNumber,
} from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { type LiveFlags, onlookersOf, refuseLive, withLive } from './conform-live.ts';
import { runDrivers } from './drivers.ts';
import { runFailures } from './failures.ts';
import { type Reporting, reporterOf, withReporter } from './reporting.ts';
import { runSchedules } from './schedules.ts';
import { shardOption } from './shard.ts';
import { runStructural } from './structural.ts';
import {
  admittedOf,
  refuseSubjects,
  type SubjectFlags,
  specOf,
  withSubjects,
} from './subject-options.ts';

const MOST = 2 ** 32 - 1;
const MOST_TIME = 1e6;
/** Beyond this many threads memory grows and nothing else does, unless somebody asks for them. */
const MOST_BY_ITSELF = 8;
const MOST_WORKERS = 256;

interface Flags extends Reporting, LiveFlags, SubjectFlags {
  readonly seed: number;
  readonly cases: number;
  readonly time?: number;
  readonly caseTime: number;
  readonly workers: number;
  readonly shard: ConformOptions['shard'];
  readonly alg?: string[];
  readonly bail?: boolean;
  readonly halfConverted?: boolean;
  readonly stream?: string;
  readonly resume?: string;
  readonly corpus?: string;
  readonly vectors: boolean;
  readonly programs?: boolean;
  readonly schema?: boolean;
  readonly rules?: boolean;
  readonly schedules?: string;
  readonly faults?: string;
  readonly drivers?: string;
  readonly tier?: string;
}

export function registerConform(program: Command): void {
  const command = program
    .command('conform')
    .description('both APIs and the library over the same memory: known answers, then random cases')
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, MOST), DEFAULT_SEED)
    .option('--cases <n>', 'random cases', wholeNumber('--cases', 0, MOST), DEFAULT_CASES)
    .option('--time <s>', 'seconds of the whole run at most', wholeNumber('--time', 1, MOST_TIME))
    .option(
      '--case-time <s>',
      'seconds after which a case never ends',
      wholeNumber('--case-time', 1, MOST_TIME),
      DEFAULT_CASE_TIME,
    )
    .option(
      '--workers <n>',
      'threads; the result is the same for any number',
      wholeNumber('--workers', 1, MOST_WORKERS),
      Math.min(availableParallelism(), MOST_BY_ITSELF),
    )
    .addOption(shardOption())
    .option('--alg <name...>', 'only these, as sg2iter algorithms names them')
    .option(
      '--half-converted',
      'every case at every stage of a conversion, not a sixteenth of them',
    )
    .option('--stream <file>', 'what happens, as it happens: one JSON object a line')
    .option('--resume <file>', 'goes on where the run of that stream was interrupted')
    .option('--corpus <folder>', 'draws from the cases in it, and keeps what reaches something new')
    .option('--bail', 'stop at the first finding')
    .option('--no-vectors', 'random cases only')
    .option('--programs', 'only programs of requests with faults: random cases, and nothing else')
    .option('--schedules <which>', 'exhaustive: every order of 1 to 4 requests, and nothing else')
    .option('--faults <which>', 'every: each call that can fail is made to fail, and nothing else')
    .option('--drivers <which>', 'every: each driver beside the generic one, and nothing else')
    .option('--tier <which>', 'structural: lists and positions without bytes, and nothing else')
    .option('--schema', 'print the JSON schema of the report, and run nothing')
    .option(
      '--rules',
      'print what reviewers ask for, with sources and who checks it, and run nothing',
    );
  withReporter(withLive(withSubjects(command))).action(run);
}

async function run(flags: Flags): Promise<void> {
  const reporter = reporterOf(flags);
  refuseCorpus(flags);
  refuseOthers(flags);
  if (flags.schema === true) {
    console.log(JSON.stringify(reportJsonSchema(), null, 2));
    return;
  }
  if (flags.rules === true) {
    const isJson = flags.json === true || flags.reporter === 'json';
    console.log(isJson ? JSON.stringify(allRules(), null, 2) : allRuleLines().join('\n'));
    return;
  }
  if (flags.tier !== undefined) {
    refuseLive(flags, '--tier');
    refuseSubjects(flags, '--tier');
    const { time = Number.POSITIVE_INFINITY, bail = false } = flags;
    await runStructural(flags.tier, { ...flags, time, bail });
    return;
  }
  const subject = specOf(flags);
  const admitted = await admittedOf(subject);
  const algs = selectAlgorithms(flags.alg ?? admitted.algs ?? []);
  if (typeof algs === 'string') {
    throw new UsageError(`--alg: unknown algorithm '${algs}'; see 'sg2iter algorithms'`);
  }
  if (flags.schedules !== undefined) {
    refuseLive(flags, '--schedules');
    refuseSubjects(flags, '--schedules');
    await runSchedules(flags.schedules, partOf(algs, flags.shard), flags.seed, flags);
    return;
  }
  if (flags.faults !== undefined) {
    refuseSubjects(flags, '--faults');
    await runFailures(flags.faults, partOf(algs, flags.shard), flags.seed, flags);
    return;
  }
  if (flags.drivers !== undefined) {
    refuseLive(flags, '--drivers');
    refuseSubjects(flags, '--drivers');
    const plan = { seed: flags.seed, cases: Math.ceil(flags.cases / algs.length) };
    await runDrivers(flags.drivers, partOf(algs, flags.shard), plan, flags);
    return;
  }
  const { seed, bail = false, programs, time = Number.POSITIVE_INFINITY } = flags;
  const cases = drawsNothing(algs) ? 0 : flags.cases;
  const { caseTime, workers, shard, halfConverted = false } = flags;
  const vectors = flags.vectors && programs !== true;
  const campaign = { seed, cases, algs, vectors, programs, shard, wholeAt: DEFAULT_CASES };
  const corpus = corpusOf(flags);
  const more = { subject, halfConverted, corpus: keptIn(corpus) };
  const options: ConformOptions = { ...campaign, time, caseTime, workers, bail, ...more };
  let stopped = false;
  const { progress, look, end } = await onlookersOf(flags, seed, time);
  const undo = onInterrupt(() => {
    stopped = true;
  });
  const journal = journalOf(flags, options);
  const monitor = { progress, look, stopped: () => stopped, journal, corpus };
  const sidesOf = withStages(admitted.sidesOf, halfConverted);
  const result = await conformInThreads(sidesOf, options, monitor).finally(() => end(stopped));
  undo();
  const report = reportOf(result);
  console.log(reporter(report));
  process.exitCode = exitCodeOf(report);
  if (corpus === undefined) return;
  console.error(`corpus: ${corpus.cases.length} cases before, ${corpus.added} more`);
  if (corpus.broken === null) return;
  console.error(`sg2iter: --corpus: ${corpus.broken}`);
  if (process.exitCode === 0) process.exitCode = EXIT_USAGE;
}

/** Each of these is a run of its own. */
function refuseOthers(flags: Flags): void {
  const modes = ['programs', 'schedules', 'faults', 'drivers', 'tier'] as const;
  const [one, other] = modes.filter((name) => flags[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--${one}: not with --${other}`);
  const told = ['stream', 'resume'] as const;
  const journal = told.find((name) => flags[name] !== undefined);
  if (one === undefined || one === 'programs' || journal === undefined) return;
  throw new UsageError(`--${journal}: not with --${one}`);
}

/** What a run draws from is what was there when it began: one that goes on would find more. */
function refuseCorpus(flags: Flags): void {
  if (flags.corpus === undefined) return;
  const others = ['resume', 'schedules', 'faults', 'drivers', 'tier'] as const;
  const other = others.find((name) => flags[name] !== undefined);
  if (other !== undefined) throw new UsageError(`--corpus: not with --${other}`);
}

/** @throws UsageError whose one line names the folder or the file */
function corpusOf({ corpus }: Flags): Corpus | undefined {
  try {
    return corpus === undefined ? undefined : Corpus.open(corpus);
  } catch (error) {
    if (!(error instanceof CorpusError)) throw error;
    throw new UsageError(`--corpus: ${error.message}`);
  }
}

/** What threads are told of it; nothing of an empty one, which changes nothing. */
function keptIn(corpus: Corpus | undefined): ConformOptions['corpus'] {
  if (corpus === undefined || corpus.cases.length === 0) return undefined;
  return { cases: corpus.cases, digest: corpus.digest };
}

/** @throws UsageError whose one line names the file */
function journalOf({ stream, resume }: Flags, plan: ConformOptions): Journal | undefined {
  if (stream !== undefined && resume !== undefined) {
    throw new UsageError('--stream: --resume goes on in its own file');
  }
  try {
    if (resume !== undefined) return Journal.resume(resume, plan);
    return stream === undefined ? undefined : Journal.begin(stream, plan);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new UsageError(`${resume === undefined ? '--stream' : '--resume'}: ${error.message}`);
  }
}

/** The algorithms of one part of a run that goes through all of them. @throws UsageError where it has none. */
function partOf(algs: readonly string[], { index, count }: Shard): readonly string[] {
  const part = algs.filter((_, i) => i % count === index - 1);
  if (part.length > 0) return part;
  throw new UsageError(`--shard: part ${index} of ${count} has none of ${algs.length} algorithms`);
}

/** What a run comes to, the worst first. */
export function exitCodeOf(report: ConformReport): number {
  const { selfCheck, findings, vectors, interrupted } = report;
  if (selfCheck.differences.length > 0 || selfCheck.undrawn.length > 0) return EXIT_SELF_CHECK;
  if (findings.some(({ check }) => check === 'SELF')) return EXIT_SELF_CHECK;
  if (findings.length > 0 || vectors.failed > 0) return EXIT_FINDINGS;
  if (interrupted) return EXIT_INTERRUPTED;
  return trialsOf(report) === 0 || isIdle(report) ? EXIT_SELF_CHECK : 0;
}
