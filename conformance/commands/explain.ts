/**
 * `sg2iter explain`: one case step by step, both sides next to each other.
 * @module
 */
import type { Command } from 'commander';
import { DEFAULT_CASE_TIME } from '../campaign/conform.ts';
import { replayCase } from '../campaign/replay-case.ts';
import { explainCase } from '../explain/explain.ts';
import { explainJson } from '../explain/json.ts';
import { explainHtml } from '../explain/page.ts';
import { explainText } from '../explain/text.ts';
import { allSides } from '../subjects/sides.ts';
import { painter } from '../terminal/colour.ts';
import { EXIT_FINDINGS, EXIT_SELF_CHECK, UsageError, wholeNumber } from '../terminal/exit.ts';
import { writePage } from './page-file.ts';
import { caseOf } from './replay.ts';

interface Flags {
  readonly json?: boolean;
  readonly all?: boolean;
  readonly side?: string | null;
  readonly html?: string;
  readonly caseTime: number;
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
    .option('--html <file>', 'a page to step through in a browser; it needs no network')
    .option(
      '--case-time <s>',
      'seconds after which a case never ends',
      wholeNumber('--case-time', 1, 1e6),
      DEFAULT_CASE_TIME,
    )
    .option('--json', 'one JSON object on stdout')
    .action(run);
}

async function run(
  word: string,
  { json, all = false, side = null, html, caseTime }: Flags,
): Promise<void> {
  const c = caseOf(word);
  if (c.program !== undefined)
    throw new UsageError('program: only cases of one request are explained');
  // Under the watchdog first: what never ends cannot be told to its end.
  const { violations } = await replayCase(c, allSides, caseTime);
  const hung = violations.find(({ check }) => check === 'HANG');
  if (hung !== undefined) {
    console.log(`HANG ${hung.subject}: ${hung.detail}`);
    process.exitCode = EXIT_FINDINGS;
    return;
  }
  const explanation = explainCase(c);
  const heads = (list: typeof violations): string =>
    list
      .map(({ check, subject, detail }) => `${check} ${subject}: ${detail.split('\n')[0]}`)
      .join();
  if (heads(violations) !== heads(explanation.violations)) {
    throw new UsageError(
      'explain: traced, the case ended otherwise than untraced',
      EXIT_SELF_CHECK,
    );
  }
  const names = explanation.sides.map(({ name }) => name);
  if (side !== null && !names.includes(side)) {
    throw new UsageError(`--side: '${side}' did not run this case; ${names.join(', ')} did`);
  }
  if (html !== undefined) writePage(html, explainHtml(explanation, side));
  if (json === true) console.log(JSON.stringify(explainJson(explanation), null, 2));
  else {
    const paint = painter(process.stdout, process.env);
    console.log(explainText(explanation, { all, side }, paint).join('\n'));
  }
  if (explanation.violations.length > 0) process.exitCode = EXIT_FINDINGS;
}
