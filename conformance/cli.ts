#!/usr/bin/env node
import { main } from './commands/main.ts';
/**
 * The entry point of the command line.
 * @module
 */
import { EXIT_USAGE } from './terminal/exit.ts';

// A reader that has seen enough (`| head`) is no error; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  console.error(`sg2iter: standard output: ${error.code}`);
  process.exit(EXIT_USAGE);
});

process.exitCode = await main(process.argv.slice(2));
