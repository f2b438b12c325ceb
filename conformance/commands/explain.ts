/**
 * `sg2iter explain`: one case step by step, both sides next to each other.
 * @module
 */
import type { Command } from 'commander';
import { explainCase } from '../explain/explain.ts';
import { explainJson } from '../explain/json.ts';
import { explainText } from '../explain/text.ts';
import { painter } from '../terminal/colour.ts';
import { EXIT_FINDINGS, UsageError } from '../terminal/exit.ts';
import { caseOf } from './replay.ts';

interface Flags {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly side?: string;
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('one case step by step: what each side did, and where they part')
    .argument(
      '<token|file|->',
      'what a finding printed, a file with a case or token, or standard input',
    )
    .option('--all', 'every step, of setting keys and of set-up too')
    .option('--side <name>', 'the side in the second column: converted or lib')
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

function run(word: string, { json, all = false, side }: Flags): void {
  const explanation = explainCase(caseOf(word));
  const names = explanation.sides.map(({ name }) => name);
  if (side !== undefined && !names.includes(side)) {
    throw new UsageError(`--side: '${side}' did not run this case; ${names.join(', ')} did`);
  }
  if (json === true) console.log(JSON.stringify(explainJson(explanation), null, 2));
  else {
    const paint = painter(process.stdout, process.env);
    console.log(explainText(explanation, { all, side: side ?? null }, paint).join('\n'));
  }
  if (explanation.violations.length > 0) process.exitCode = EXIT_FINDINGS;
}
