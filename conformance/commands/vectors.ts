/**
 * `sg2iter vectors`: known answers in every layout, on both sides.
 * @module
 */
import type { Command } from 'commander';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, UsageError } from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { runForeign, runTestmgr, runVectors } from '../vectors/vectors.ts';

interface Flags {
  readonly testmgr?: string;
  readonly dir?: string;
  readonly subjectCmd?: string;
  readonly alg?: string;
  readonly json?: boolean;
}

export function registerVectors(program: Command): void {
  program
    .command('vectors')
    .description('known answers in every layout, on both sides, over both providers')
    .option('--testmgr <path>', 'the test table of a kernel: an unpacked tree or a tarball')
    .option('--dir <folder>', 'files of Wycheproof, ACVP and Rooterberg, by their flags')
    .option('--subject-cmd <command>', 'a program that is asked instead: JSON lines')
    .option('--alg <name>', 'one algorithm only')
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

async function run({ testmgr, dir, subjectCmd, alg = '', json = false }: Flags): Promise<void> {
  if (testmgr !== undefined && dir !== undefined) throw new UsageError('--dir: not with --testmgr');
  if (testmgr !== undefined && subjectCmd !== undefined) {
    throw new UsageError('--subject-cmd: not with --testmgr');
  }
  const command = subjectCmd ?? null;
  let stopped = false;
  const undo = onInterrupt(() => {
    stopped = true;
  });
  const progress = new ProgressLine();
  const monitor = {
    progress: (phase: string, done: number, all: number) => progress.show(phase, done, all),
    stopped: () => stopped,
  };
  const name = alg === '' ? null : alg;
  const chosen = () => {
    if (dir !== undefined) return runForeign(dir, name, monitor, command);
    return testmgr === undefined
      ? runVectors(name, monitor, command)
      : runTestmgr(testmgr, name, monitor);
  };
  const report = await chosen();

  undo();
  progress.clear();
  console.log(json ? JSON.stringify(report.json, null, 2) : report.text.join('\n'));
  if (report.failed > 0) process.exitCode = EXIT_FINDINGS;
  else if (report.interrupted) process.exitCode = EXIT_INTERRUPTED;
}
