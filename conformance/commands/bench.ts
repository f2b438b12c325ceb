/**
 * `sg2iter bench`: starts the benchmark in a process of its own, from compiled output.
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { EXIT_ENVIRONMENT, EXIT_INTERRUPTED, UsageError } from '../terminal/exit.ts';

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description('what the old and the new API cost, on the same memory, in the same run')
    .allowUnknownOption()
    .helpOption(false)
    .argument('[options...]', 'see sg2iter bench --help')
    .action(async (options: string[]) => {
      const script = fileURLToPath(new URL('../../bench/run.js', import.meta.url));
      if (!existsSync(script)) {
        throw new UsageError('bench: not built, run npm run build', EXIT_ENVIRONMENT);
      }
      // The collector's helper threads would be counted as time of whoever runs beside them.
      const child = spawn(process.execPath, ['--single-threaded-gc', script, ...options], {
        stdio: 'inherit',
      });
      process.exitCode = await new Promise<number>((resolve) => {
        child.on('exit', (code) => resolve(code ?? EXIT_INTERRUPTED));
        // Ctrl-C reaches the child too: it ends the run, and this process waits for it.
        process.on('SIGINT', () => child.kill('SIGINT'));
        process.once('SIGTERM', () => child.kill('SIGTERM'));
      });
    });
}
