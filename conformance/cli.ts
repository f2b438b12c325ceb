#!/usr/bin/env node
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

process.exitCode = await main(process.argv.slice(2));
