#!/usr/bin/env node
/**
 * The command line. Results go to stdout, progress and errors to stderr.
 * Exit codes: 0 fine, 1 findings, 2 usage or bad input, 3 environment missing, 4 self-check failed,
 * 130 interrupted.
 * @module
 */
import { Command, CommanderError } from 'commander';
import { registerAlgorithms } from './commands/algorithms.ts';
import { registerBench } from './commands/bench.ts';
import { registerConform } from './commands/conform.ts';
import { EXIT_USAGE, UsageError } from './commands/exit.ts';
import { registerReplay } from './commands/replay.ts';

const program = new Command('sg2iter')
  .description('Moves crypto from scatterlists to iov_iter, and proves that nothing changed.')
  .exitOverride()
  .configureOutput({ outputError: () => {} });

registerConform(program);
registerReplay(program);
registerAlgorithms(program);
registerBench(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Bad input is one line; anything unexpected keeps its stack. @returns the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    console.error(`sg2iter: ${error.message.replace(/^error: /, '')}`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    console.error(`sg2iter: ${error.message}`);
    return error.exitCode;
  }
  throw error;
}
