/**
 * A report for people: tables, and the findings with their pictures.
 * @module
 */
import { describeOdds, PLAIN_SEED } from '../case/odds.ts';
import { CHECKS, RULES } from '../judge/judge.ts';
import { OCCURRENCES } from '../judge/occurrences.ts';
import { paintOutput, verdictLine } from '../terminal/colour.ts';
import { table } from '../terminal/table.ts';
import { againLines, pictureLines } from './again.ts';
import { brokenRuleLines } from './rules.ts';
import type { ConformReport, FindingReport } from './schema.ts';

/** How many findings are listed one by one. */
const LISTED = 5;

/** The lines that people read; the last one has the totals. */
export function textOf(report: ConformReport): string[] {
  const { selfCheck, options, vectors, cases, seed } = report;
  if (selfCheck.differences.length > 0) {
    return [
      'self-check failed: nothing that this harness says can be believed',
      ...selfCheck.differences.slice(0, LISTED),
    ];
  }
  const { index, count } = options.shard;
  const part = count === 1 ? '' : `; part ${index} of ${count}`;
  const lines = [
    `seed ${seed}${part}; self-check: every check rings, ${selfCheck.cases} cases run twice, equal`,
  ];
  const odds = describeOdds(report.odds);
  if (odds !== '') lines.push(`odds of this seed: ${odds}; the others as for seed ${PLAIN_SEED}`);
  if (Object.keys(vectors.bySource).length > 0) lines.push('', ...sourceTable(report));
  lines.push('', ...matrixTable(report));
  lines.push('', ...subjectTable(report), '', ...programTable(report));
  lines.push(
    '',
    `${cases.passed + cases.failed} random cases, ${report.casesPerSecond} a second of processor time, ` +
      `all checks on; ${(report.durationMs / 1000).toFixed(1)} s in all; peak memory ${report.peakRssMib} MiB`,
  );
  if (selfCheck.undrawn.length > 0) {
    lines.push(`SELF: the generator never drew ${selfCheck.undrawn.join('; ')}`);
  }
  if (trialsOf(report) === 0) lines.push('SELF: nothing ran, and that shows nothing');
  if (isIdle(report)) lines.push('SELF: the subject from elsewhere ran nothing');
  const left = unreachedOf(report);
  if (left !== null) lines.push(left);
  lines.push(...findingLines(report));
  const isGood = report.findings.length === 0 && vectors.failed + cases.failed === 0;
  lines.push('', verdictLine(totalsOf(report), isGood));
  return lines;
}

/** Trials of known answers, and random cases. */
export function trialsOf({ vectors, cases }: ConformReport): number {
  return vectors.passed + vectors.failed + cases.passed + cases.failed;
}

/** True where a subject from elsewhere was asked for and none has run a case. */
export function isIdle({ options, subjects, findings }: ConformReport): boolean {
  if (options.subject === undefined || findings.length > 0) return false;
  const theirs = Object.entries(subjects).filter(
    ([name]) => !/^(legacy|converted|lib$|iov_iter )/.test(name),
  );
  return theirs.every(([, { ran }]) => ran === 0);
}

/** One line: passed, failed, skipped. */
export function totalsOf({ vectors, cases }: ConformReport): string {
  const passed = vectors.passed + cases.passed;
  const failed = vectors.failed + cases.failed;
  return `${passed} passed, ${failed} failed, ${vectors.skipped + cases.skipped} skipped`;
}

/** What had no turn, and why; null when everything had. */
export function unreachedOf(report: ConformReport): string | null {
  const { unreached, interrupted, findings, options } = report;
  const left = Object.entries(unreached).filter(([, count]) => count > 0);
  const what = left
    .map(([phase, count]) => `${count} ${phase === 'cases' ? 'random cases' : phase}`)
    .join(', ');
  if (interrupted) return `interrupted before ${what === '' ? 'the end' : what}`;
  if (what === '') return null;
  if (options.bail && findings.length > 0) return `ended at the first finding before ${what}`;
  const isHung = findings.some(({ check }) => check === 'HANG');
  return `${isHung ? 'given up' : 'time was up'} before ${what}`;
}

/** What came about where cases have more requests than one. */
function programTable({ axes }: ConformReport): string[] {
  const rows = OCCURRENCES.map((name) => [name, String(axes[name] ?? 0)]);
  return table(['came about', 'cases'], rows);
}

/** Who ran how much, and why not more: what an approach cannot do has a line. */
function subjectTable({ subjects }: ConformReport): string[] {
  const rows = Object.entries(subjects).flatMap(([name, { ran, declined }]) => [
    [name, String(ran), ''],
    ...Object.entries(declined).map(([reason, n]) => ['', `not ${n}`, reason]),
  ]);
  return table(['subject', 'trials', 'why not'], rows);
}

function sourceTable({ vectors: { bySource } }: ConformReport): string[] {
  const rows = Object.entries(bySource).map(([name, counts]) => [
    name,
    String(counts.vectors),
    String(counts.trials),
    String(counts.failed),
    counts.skipped === 0 ? '0' : `${counts.skipped} (algorithm not selected or not modelled)`,
  ]);
  return table(['known answers', 'vectors', 'trials', 'failed', 'skipped'], rows);
}

/**
 * Algorithm times check: how often it was checked, with the failures behind a slash. In front, how many
 * trials ran on both APIs; the others ran on the only one that has the driver, against the reference.
 */
function matrixTable({ byAlgorithm }: ConformReport): string[] {
  const rows = Object.entries(byAlgorithm).map(([alg, { onBothSides, checks }]) => {
    const cells = CHECKS.map((check) => {
      const { checked, failed } = checks[check] ?? { checked: 0, failed: 0 };
      if (checked === 0) return failed === 0 ? '-' : `-/${failed}`;
      return failed === 0 ? String(checked) : `${checked}/${failed}`;
    });
    return [alg, String(onBothSides), ...cells];
  });
  return table(['algorithm', 'both sides', ...CHECKS], rows);
}

function findingLines({ findings, options }: ConformReport): string[] {
  const [first] = findings;
  if (first === undefined) return ['', paintOutput('green', 'no findings')];
  const lines = ['', `${findings.length} findings; the first, as small as it gets:`];
  lines.push(paintOutput('red', `  ${first.signature}`), `  ${first.summary}`);
  lines.push(...pictureLines(first.token, first).map((line) => `    ${line}`));
  lines.push(...(first.where ?? []).map((line) => `    ${line}`));
  lines.push(...brokenRuleLines(first.rules ?? []).map((line) => `  ${line}`));
  lines.push(...againLines(first.token, options.subject).map((line) => `  ${line}`));
  for (const finding of findings.slice(1, LISTED)) {
    lines.push('', paintOutput('red', `  ${finding.signature}`), `  ${finding.summary}`);
    lines.push(...(finding.where ?? []).map((line) => `    ${line}`));
    lines.push(...brokenRuleLines(finding.rules ?? []).map((line) => `  ${line}`));
    lines.push(...againLines(finding.token, options.subject).map((line) => `  ${line}`));
  }
  const more = findings.length - LISTED;
  if (more > 0) lines.push('', `  ${more} more in --json`);
  return [...lines, '', ...legend(findings)];
}

/** What the checks that fired look at. */
function legend(findings: readonly FindingReport[]): string[] {
  const fired = new Set(findings.map(({ check }) => check));
  const lines = RULES.filter(({ check }) => fired.has(check)).map(
    ({ check, verifies }) => `  ${check.padEnd(5)} ${verifies}`,
  );
  if (fired.has('HANG')) lines.push('  HANG  every case ends');
  return ['what these checks verify:', ...lines];
}
