/**
 * What a run of mutants says: survivors first, then class by check.
 * @module
 */
import { verdictLine } from '../terminal/colour.ts';
import { table } from '../terminal/table.ts';
import type { MutantsResult } from './mutants.ts';
import { bugOf, type Mutant, type MutantSet } from './schema.ts';
import type { Outcome, TrialResult } from './trial.ts';

/** Version of the JSON output. */
const SCHEMA_VERSION = 1;

interface Row extends TrialResult {
  readonly mutant: Mutant;
}

function rowsOf({ mutants, results }: MutantsResult): Row[] {
  const byId = new Map(mutants.map((mutant) => [mutant.id, mutant]));
  return results.flatMap((result) => {
    const mutant = byId.get(result.id);
    return mutant === undefined ? [] : [{ ...result, mutant }];
  });
}

/** The object that `--json` prints. */
export function mutantsJson(run: MutantsResult): Record<string, unknown> {
  const rows = rowsOf(run);
  const count = (outcome: Outcome): number => rows.filter((row) => row.outcome === outcome).length;
  return {
    schemaVersion: SCHEMA_VERSION,
    total: rows.length,
    killed: count('killed') + count('other'),
    killedByExpected: count('killed'),
    survivors: count('survived'),
    neverExecuted: count('unreached'),
    broken: count('broken'),
    medianCasesToKill: medianCases(rows),
    byClass: Object.fromEntries(
      classesOf(rows).map((name) => {
        const own = rows.filter(({ mutant }) => mutant.class === name);
        return [name, { bugs: bugsIn(own), ...countsOf(own) }];
      }),
    ),
    impossible: run.impossible,
    interrupted: run.interrupted,
    durationMs: run.ms,
    mutants: rows.map(({ mutant, ...result }) => ({ ...mutant, ...result })),
  };
}

/** The lines that people read; the last one has the totals. */
export function mutantsText(run: MutantsResult): string[] {
  const rows = rowsOf(run);
  const lines: string[] = [];
  for (const { outcome, mutant, detail, cases } of rows) {
    if (outcome === 'killed') continue;
    lines.push(`${outcome.toUpperCase()} ${mutant.id} (${mutant.side}): ${mutant.effect}`);
    lines.push(`  ${detail}; ${cases} cases; expected ${mutant.expect.join(', ')}`);
    for (const { file, from } of mutant.edits)
      lines.push(`  ${file}: ${from.split('\n')[0].trim()}`);
  }
  if (lines.length > 0) lines.push('');
  const checks = [...new Set(rows.flatMap((row) => row.checks))].sort();
  const cells = [...classesOf(rows), null].map((name) => {
    const own = rows.filter(({ mutant }) => name === null || mutant.class === name);
    const { total, killed, byOutput } = countsOf(own);
    const fired = checks.map((check) => own.filter((row) => row.checks.includes(check)).length);
    const counts = [bugsIn(own), total, byOutput, killed].map(String);
    return [name ?? 'all', ...counts, ...fired.map(dash)];
  });
  lines.push(...table(['class', 'bugs', 'mutants', 'by output', 'killed', ...checks], cells));
  const killed = rows.filter(isKilled).length;
  lines.push(
    '',
    `median ${medianCases(rows)} cases to a kill; ${(run.ms / 1000).toFixed(0)} s` +
      `${run.interrupted ? '; interrupted: the figures are those up to then' : ''}`,
    '',
    verdictLine(
      `${killed} passed, ${rows.length - killed} failed, 0 skipped`,
      killed === rows.length,
    ),
  );
  return lines;
}

/** The lines of `--list`: mutants, then the bugs that have none, those first that cannot be written. */
export function mutantsList({ mutants, impossible }: MutantSet): string[] {
  const bugs = new Set(mutants.filter(isOfTheCatalogue).map(bugOf));
  const left = impossible.map((entry) => ({ ...entry, isAlone: !bugs.has(entry.bug) }));
  const design = left.filter(({ why }) => why === 'by design');
  const lacking = left.filter(({ why }) => why === 'not modelled');
  const line = ({ bug, side, reason, isAlone }: (typeof left)[number]): string =>
    `  ${bug} ${side}${isAlone ? ', no mutant at all' : ''}: ${reason}`;
  return [
    ...mutants.map(({ id, effect }) => `${id}: ${effect}`),
    '',
    'cannot be written, because of how a side is made:',
    ...design.map(line),
    '',
    'not modelled, so that no case would reach them:',
    ...lacking.map(line),
    '',
    `${mutants.length} mutants of ${bugs.size} bugs; ${design.length} times no place for one by design, ` +
      `${lacking.length} times not modelled`,
  ];
}

function isKilled({ outcome }: Row): boolean {
  return outcome === 'killed' || outcome === 'other';
}

function countsOf(rows: readonly Row[]): { total: number; killed: number; byOutput: number } {
  const killed = rows.filter(isKilled);
  const byOutput = killed.filter(({ checks }) => checks.includes('OUT')).length;
  return { total: rows.length, killed: killed.length, byOutput };
}

/** Bugs of the catalogue among them. */
function bugsIn(rows: readonly Row[]): number {
  return new Set(rows.flatMap(({ mutant }) => (isOfTheCatalogue(mutant) ? [bugOf(mutant)] : [])))
    .size;
}

/** False for the faults that were made up for the harness. */
function isOfTheCatalogue({ id }: Mutant): boolean {
  return /^[A-Z][0-9]{3}-/.test(id);
}

function classesOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.map(({ mutant }) => mutant.class))].sort();
}

function medianCases(rows: readonly Row[]): number {
  const cases = rows.filter(isKilled).map((row) => row.cases);
  cases.sort((a, b) => a - b);
  return cases[Math.floor(cases.length / 2)] ?? 0;
}

function dash(count: number): string {
  return count === 0 ? '-' : String(count);
}
