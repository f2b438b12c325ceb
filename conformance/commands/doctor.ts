/**
 * `sg2iter doctor`: what certification needs on this machine.
 * @module
 */
import type { Command } from 'commander';
import { doctor, firstObstacle } from '../linux/certify.ts';
import { EXIT_ENVIRONMENT } from '../terminal/exit.ts';

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check what certify needs on this machine')
    .option('--json', 'as JSON', false)
    .action(run);
}

async function run({ json }: { readonly json: boolean }): Promise<void> {
  const checks = await doctor();
  const text = checks.map(({ name, ok, answer }) => `${ok ? 'ok  ' : '--  '} ${name}: ${answer}`);
  console.log(json ? JSON.stringify(checks, null, 2) : text.join('\n'));
  const obstacle = firstObstacle(checks);
  if (obstacle === null) return;
  console.error(`sg2iter: no kernel can run here: ${obstacle}`);
  process.exitCode = EXIT_ENVIRONMENT;
}
