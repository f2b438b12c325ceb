/**
 * `sg2iter export`: cases in the form of the kernel's own tests.
 * @module
 */
import type { Command } from 'commander';
import { readCase } from '../campaign/read-case.ts';
import { type Case, CaseError, isData } from '../case/case.ts';
import { writeKunit } from '../export/kunit.ts';
import { SUITES, unexportable } from '../export/suite.ts';
import { writeTestmgr } from '../export/testmgr.ts';
import { type Written, writeVectors } from '../export/vectors.ts';
import { checkBuilt, doctor, firstObstacle, type KunitRun, runKunit } from '../linux/certify.ts';
import { EXIT_ENVIRONMENT, EXIT_FINDINGS, UsageError } from '../terminal/exit.ts';

const NAMES = [...SUITES.keys()].join(', ');

interface Flags {
  readonly suite?: string;
  readonly out: string;
  readonly run?: string;
  readonly json?: boolean;
}

export function registerExport(program: Command): void {
  const command = program.command('export').description("cases in the kernel's own language");
  command
    .command('kunit')
    .description('C for KUnit, Kconfig and Makefile: builds inside a tree or beside it')
    .argument('[token|file...]', 'what findings printed, or files with a case or token')
    .option('--suite <name>', `cases by the name of a suite: ${NAMES}`)
    .requiredOption('--out <folder>', 'where the files go; made if it is not there')
    .option('--run <kernel>', 'build it and boot: source:<series>, tree:<path>; prints KTAP')
    .option('--json', 'one JSON object on stdout')
    .action(kunit);
  asCollection(
    command,
    'testmgr',
    "vectors and layouts for the kernel's own test table",
    writeTestmgr,
  );
  asCollection(
    command,
    'vectors',
    'known answers in the schema of Project Wycheproof',
    writeVectors,
  );
}

/** A form in which cases are known answers. */
function asCollection(
  command: Command,
  name: string,
  description: string,
  write: (cases: readonly Case[], folder: string) => Written,
): void {
  command
    .command(name)
    .description(description)
    .argument('[token|file...]', 'what findings printed, or files with a case or token')
    .option('--suite <name>', `cases by the name of a suite: ${NAMES}`)
    .requiredOption('--out <folder>', 'where the files go; made if it is not there')
    .option('--json', 'one JSON object on stdout')
    .action((words: readonly string[], { suite, out, json }: Flags) => {
      const cases = [...words.map((word) => caseOf(word, inCollection)), ...suiteOf(suite)];
      if (cases.length === 0)
        throw new UsageError(`export ${name}: no case; name some, or --suite smoke`);
      const { files, tests, omitted } = onDisk(out, () => write(cases, out));
      if (json === true) {
        const about = { schemaVersion: 1, cases: cases.length, tests, omitted, folder: out, files };
        console.log(JSON.stringify(about, null, 2));
        return;
      }
      console.log(`${tests} tests of ${cases.length} cases in ${out}: ${files.join(', ')}`);
      for (const [reason, n] of Object.entries(omitted)) console.log(`${n} not: ${reason}`);
    });
}

async function kunit(words: readonly string[], { suite, out, run, json }: Flags): Promise<void> {
  const cases = [...words.map((word) => caseOf(word, inKunit)), ...suiteOf(suite)];
  if (cases.length === 0)
    throw new UsageError('export kunit: no case; name some, or --suite smoke');
  if (run !== undefined) checkBuilt(run, '--run');
  const { files, tests, omitted } = onDisk(out, () => writeKunit(cases, out));
  const ran = run === undefined ? null : await booted(run, out);
  if (json === true) {
    const about = { schemaVersion: 1, cases: cases.length, tests, folder: out, files, omitted };
    console.log(JSON.stringify(ran === null ? about : { ...about, run: ran }, null, 2));
  } else if (ran === null) {
    console.log(`${cases.length} cases in ${out}: ${files.join(', ')}`);
    for (const [reason, n] of Object.entries(omitted)) console.log(`${n} not: ${reason}`);
    console.log(`build: make -C <kernel tree or build folder> M=$(realpath ${out}) modules`);
  } else {
    console.log(ran.ktap);
    console.log(runLines(ran, tests).join('\n'));
  }
  if (ran !== null && (ran.failed.length > 0 || ran.death !== null)) {
    process.exitCode = EXIT_FINDINGS;
  }
}

/** The suite in a kernel that is built and booted for it. */
async function booted(kernel: string, folder: string): Promise<KunitRun> {
  const obstacle = firstObstacle(await doctor());
  if (obstacle !== null) throw new UsageError(`--run: ${obstacle}`, EXIT_ENVIRONMENT);
  return runKunit(kernel, folder, (text) => console.error(text));
}

function runLines({ release, passed, failed, skipped, death }: KunitRun, tests: number): string[] {
  const left = tests - passed.length - failed.length - skipped.length;
  const lost = death === null ? '' : `, ${left} not run: the kernel went down: ${death.reason}`;
  return [
    ...failed.map(({ name, reasons }) => `${name}: ${reasons.join('; ')}`),
    `Linux ${release}: ${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped${lost}`,
  ];
}

/** Why a case is not for a form, or null. */
type Obstacle = (c: Case) => string | null;

const inKunit: Obstacle = (c) => {
  const reason = unexportable(c);
  return reason === null ? null : `not for KUnit: ${reason}`;
};

/** A collection of known answers counts what is none. */
const inCollection: Obstacle = (c) => {
  if (c.iterator !== undefined) return 'a case about iterators is no known answer';
  if (c.program !== undefined) return 'a program of requests is no known answer';
  if (isData(c)) return `${c.alg}: collections have ciphers, AEADs and hashes`;
  const reason = unexportable(c);
  return reason === null ? null : `no known answer: ${reason}`;
};

function caseOf(word: string, obstacle: Obstacle): Case {
  try {
    const c = readCase(word);
    const reason = obstacle(c);
    if (reason !== null) throw new UsageError(`${word.slice(0, 60)}: ${reason}`);
    return c;
  } catch (error) {
    if (error instanceof CaseError) throw new UsageError(error.message);
    throw error;
  }
}

function suiteOf(name: string | undefined): readonly Case[] {
  if (name === undefined) return [];
  const make = SUITES.get(name);
  if (make === undefined) throw new UsageError(`--suite: no suite '${name}'; there is ${NAMES}`);
  return make();
}

function onDisk<T>(folder: string, write: () => T): T {
  if (folder === '') throw new UsageError('--out: an empty name');
  try {
    return write();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new UsageError(`--out: ${error.message}`);
  }
}
