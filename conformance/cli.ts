#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { main } from './commands/main.ts';
/**
 * The entry point of the command line.
 * @module
 */
import { EXIT_INTERNAL, EXIT_USAGE } from './terminal/exit.ts';

// A reader that has seen enough (`| head`) is no error; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  console.error(`sg2iter: standard output: ${error.code}`);
  process.exit(EXIT_USAGE);
});

// What fails outside of any command, in a callback or a worker, is never a finding either.
process.on('uncaughtException', (error: unknown) => {
  console.error(
    `sg2iter: internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
  );
  process.exit(EXIT_INTERNAL);
});

// The work is wide: a case runs a little of everything, and V8 spent 45 % of the first thousand cases on compiling
// functions with all that they call. With small ones only the compiled code is as fast, and made in half the
// time. The bench has processes of its own, and is not told.
setFlagsFromString('--max-inlined-bytecode-size=100');
setFlagsFromString('--max-inlined-bytecode-size-cumulative=200');

process.exitCode = await main(process.argv.slice(2));
