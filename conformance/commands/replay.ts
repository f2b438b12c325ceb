/**
 * `sg2iter replay`: one case again, from a token or a file, with everything that can be seen.
 * @module
 */
import type { Command } from 'commander';
import { DEFAULT_CASE_TIME } from '../campaign/conform.ts';
import { readCase } from '../campaign/read-case.ts';
import { replayCase } from '../campaign/replay-case.ts';
import { type Case, CaseError } from '../case/case.ts';
import { describeLayout } from '../case/layout.ts';
import { describeCase } from '../judge/judge.ts';
import { describeResult } from '../judge/observe.ts';
import { rulesBroken } from '../judge/review-rules.ts';
import { drawCase } from '../report/picture.ts';
import { brokenRuleLines } from '../report/rules.ts';
import { withStages } from '../subjects/sides.ts';
import { EXIT_FINDINGS, UsageError, wholeNumber } from '../terminal/exit.ts';
import { admittedOf, type SubjectFlags, specOf, withSubjects } from './subject-options.ts';

export function registerReplay(program: Command): void {
  const command = program
    .command('replay')
    .description('one case again, from a replay token or a JSON file')
    .argument(
      '<token|file|->',
      'what a finding printed, a file with a case or token, or standard input',
    )
    .option(
      '--case-time <s>',
      'seconds after which a case never ends',
      wholeNumber('--case-time', 1, 1e6),
      DEFAULT_CASE_TIME,
    )
    .option('--json', 'one JSON object on stdout')
    .option('--case', 'print the case itself as JSON and do not run it');
  withSubjects(command).action(run);
}

interface Flags extends SubjectFlags {
  readonly json?: boolean;
  readonly case?: boolean;
}

async function run(word: string, flags: Flags): Promise<void> {
  const subject = specOf(flags);
  const { sidesOf } = await admittedOf(subject);
  const c = caseOf(word);
  if (flags.case === true) {
    console.log(JSON.stringify(c, null, 2));
    return;
  }
  const { observations, violations } = await replayCase(
    c,
    withStages(sidesOf, /* halfConverted */ true),
    flags.caseTime,
    undefined,
    subject,
  );
  if (flags.json === true)
    console.log(JSON.stringify({ schemaVersion: 1, case: c, violations }, null, 2));
  else {
    console.log(`${describeCase(c)} ${describeLayout(c.layout)}`);
    console.log(drawCase(c, violations[0] ?? null).join('\n'));
    for (const o of observations) console.log(`${o.subject}: ${describeResult(o)}`);
    for (const { check, subject, detail } of violations) {
      console.log(`${check} ${subject}: ${detail}`);
    }
    const broken = violations.flatMap((violation) => rulesBroken(c, violation));
    const ids = [...new Set(broken.map(({ id }) => id))];
    if (ids.length > 0) console.log(brokenRuleLines(ids).join('\n'));
    console.log(violations.length === 0 ? '1 passed, 0 failed' : '0 passed, 1 failed');
  }
  if (violations.length > 0) process.exitCode = EXIT_FINDINGS;
}

/** The case that a command is given. @throws UsageError whose one line names source and field. */
export function caseOf(word: string): Case {
  try {
    return readCase(word);
  } catch (error) {
    if (error instanceof CaseError) throw new UsageError(error.message);
    throw error;
  }
}
