/**
 * The command line. Results go to stdout, progress and errors to stderr.
 * Exit codes: 0 fine, 1 findings, 2 usage or bad input, 3 environment missing, 4 self-check failed,
 * 70 internal error, 130 interrupted.
 * @module
 */
import { Command, CommanderError } from 'commander';
import { EXIT_INTERNAL, EXIT_USAGE, UsageError } from '../terminal/exit.ts';
import { packageVersion } from '../terminal/version.ts';
import { registerCommands } from './register.ts';

/** Runs one command. @returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command('sg2iter')
    .description('Moves crypto from scatterlists to iov_iter, and proves that nothing changed.')
    .version(packageVersion())
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeErr: () => {} });
  registerCommands(program);
  process.exitCode = 0;
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    return report(error);
  }
  return process.exitCode;
}

/**
 * Bad input is one line. Anything else is a fault of the program: it keeps its stack, and its exit code is
 * never that of a finding.
 * @returns the exit code.
 */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') {
      console.error("sg2iter: no command, or an unknown one; see 'sg2iter --help'");
      return EXIT_USAGE;
    }
    // A suggestion comes on a second line.
    console.error(`sg2iter: ${error.message.replace(/^error: /, '').replaceAll('\n', ' ')}`);
    return EXIT_USAGE;
  }
  if (error instanceof UsageError) {
    console.error(`sg2iter: ${error.message}`);
    return error.exitCode;
  }
  console.error(
    `sg2iter: internal error: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
  );
  return EXIT_INTERNAL;
}
