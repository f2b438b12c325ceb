/**
 * `sg2iter mutants`: real bugs put back, one by one; the judge must see each.
 * @module
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { chooseMutants, type MutantsResult, runMutants } from '../mutants/mutants.ts';
import { mutantsJson, mutantsList, mutantsText } from '../mutants/report.ts';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, wholeNumber } from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';

interface Flags {
  readonly id?: string[];
  readonly class?: string[];
  readonly side?: string;
  readonly dir?: string;
  readonly sample: number;
  readonly timePerMutant: number;
  readonly workers: number;
  readonly seed: number;
  readonly list?: boolean;
  readonly json?: boolean;
}

export function registerMutants(program: Command): void {
  program
    .command('mutants')
    .description('real bugs put back one by one: does conform see them?')
    .option('--id <id...>', 'only these')
    .option('--class <class...>', 'only these classes of bugs')
    .option('--side <side>', 'legacy, converted, both or harness')
    .option('--dir <folder>', 'more mutants, as JSON files')
    .option(
      '--sample <n>',
      'so many of them, evenly spread; 0 for all',
      wholeNumber('--sample', 0, 100_000),
      0,
    )
    .option(
      '--time-per-mutant <s>',
      'processor seconds of cases, for one that nobody kills',
      wholeNumber('--time-per-mutant', 1, 3600),
      10,
    )
    .option('--workers <n>', 'processes', wholeNumber('--workers', 1, 1024), availableParallelism())
    .option('--seed <n>', 'seed of the random cases', wholeNumber('--seed', 0, 2 ** 32 - 1), 1)
    .option('--list', 'name them, and the bugs that cannot be written, and run nothing')
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const choice = {
    ids: flags.id ?? [],
    classes: flags.class ?? [],
    side: flags.side ?? null,
    dir: flags.dir ?? null,
    sample: flags.sample,
  };
  if (flags.list === true) {
    const set = chooseMutants(choice);
    console.log(flags.json === true ? JSON.stringify(set, null, 2) : mutantsList(set).join('\n'));
    return;
  }
  const stop = new AbortController();
  const undo = onInterrupt(() => stop.abort());
  const progress = new ProgressLine();
  const result = await runMutants(
    {
      ...choice,
      secondsPerMutant: flags.timePerMutant,
      workers: flags.workers,
      seed: flags.seed,
    },
    (done, all) => progress.show('mutants', done, all),
    stop.signal,
  );
  undo();
  progress.clear();
  printMutants(result, flags.json === true);
}

/** Prints, and sets the exit code. */
export function printMutants(result: MutantsResult, isJson: boolean): void {
  console.log(
    isJson ? JSON.stringify(mutantsJson(result), null, 2) : mutantsText(result).join('\n'),
  );
  const dead = ['killed', 'other'];
  if (result.results.some(({ outcome }) => !dead.includes(outcome))) {
    process.exitCode = EXIT_FINDINGS;
  } else if (result.interrupted) process.exitCode = EXIT_INTERRUPTED;
}
