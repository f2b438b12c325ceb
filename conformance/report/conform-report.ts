/**
 * The report of a conformance run: tables for people, one JSON object for machines.
 * @module
 */

import { ALGORITHMS } from '../algorithms.ts';
import type { ConformResult } from '../campaign/conform.ts';
import type { Discovery } from '../judge/findings.ts';
import { CHECKS } from '../judge/judge.ts';
import type { Counts } from '../judge/tally.ts';
import { table } from '../terminal/table.ts';
import { drawCase } from './picture.ts';

/** Version of the JSON output. */
const SCHEMA_VERSION = 2;
/** How many findings are listed one by one. */
const LISTED = 5;

/** One algorithm in the JSON output. */
interface AlgorithmRow extends Counts {
  readonly randomCases: number;
  /** Trials and cases that ran on both APIs; the rest ran on one, against the reference. */
  readonly onBothSides: number;
}

const NO_ROW: AlgorithmRow = {
  passed: 0,
  failed: 0,
  skipped: 0,
  randomCases: 0,
  onBothSides: 0,
};

/** Peak resident memory of this process, MiB. */
export function peakRssMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** The object that `--json` prints. */
export function conformJson(result: ConformResult): Record<string, unknown> {
  const { options, vectors, cases, selfCheck, durationMs, casesCpuMs } = result;
  const both = [vectors, cases];
  const byAlgorithm: Record<string, AlgorithmRow> = {};
  const byCheck: Record<string, { checked: number; failed: number }> = {};
  for (const tally of both) {
    for (const [alg, counts] of tally.byAlgorithm) {
      const sum = byAlgorithm[alg] ?? NO_ROW;
      byAlgorithm[alg] = {
        passed: sum.passed + counts.passed,
        failed: sum.failed + counts.failed,
        skipped: 0,
        randomCases: sum.randomCases + (tally === cases ? counts.passed + counts.failed : 0),
        onBothSides: sum.onBothSides + counts.compared,
      };
    }
    for (const [check, counts] of tally.byCheck) {
      const sum = byCheck[check] ?? { checked: 0, failed: 0 };
      sum.checked += counts.checked;
      sum.failed += counts.failed;
      byCheck[check] = sum;
    }
  }
  return {
    schemaVersion: SCHEMA_VERSION,
    seed: options.seed,
    selfCheck: { ...selfCheck, undrawn: result.undrawn },
    axes: Object.fromEntries(result.axes.hits),
    vectors: { ...vectors.total, bySource: Object.fromEntries(result.bySource) },
    cases: { ...cases.total },
    byAlgorithm: Object.fromEntries(tableOrder(byAlgorithm).map((alg) => [alg, byAlgorithm[alg]])),
    byCheck,
    subjects: subjectsOf(result),
    findings: result.discoveries.map(({ finding }) => finding),
    interrupted: result.interrupted,
    unreached: result.unreached,
    durationMs: Math.round(durationMs),
    casesPerSecond: rate(result),
    casesCpuMs: Math.round(casesCpuMs),
    peakRssMib: peakRssMib(),
  };
}

/** The lines that people read; the last one has the totals. */
export function conformText(result: ConformResult): string[] {
  const { selfCheck, options, vectors, cases, discoveries } = result;
  if (selfCheck.differences.length > 0) {
    return [
      'self-check failed: one API, run twice on one case, gave two answers',
      ...selfCheck.differences.slice(0, LISTED),
    ];
  }
  const part =
    options.shard.count === 1 ? '' : `; part ${options.shard.index} of ${options.shard.count}`;
  const lines = [
    `seed ${options.seed}${part}; self-check: ${selfCheck.cases} cases run twice, equal`,
  ];
  if (result.bySource.size > 0) lines.push('', ...sourceTable(result));
  lines.push('', ...matrixTable(result));
  lines.push('', ...subjectTable(result));
  lines.push(
    '',
    `${cases.total.passed + cases.total.failed} random cases, ${rate(result)} a second of processor time, ` +
      `all checks on; ${(result.durationMs / 1000).toFixed(1)} s in all; peak memory ${peakRssMib()} MiB`,
  );
  if (result.undrawn.length > 0) {
    lines.push(`SELF: the generator never drew ${result.undrawn.join('; ')}`);
  }
  if (cases.total.passed + cases.total.failed + vectors.total.passed + vectors.total.failed === 0) {
    lines.push('SELF: nothing ran, and that shows nothing');
  }
  lines.push(...unreachedLines(result));
  lines.push(...findingLines(discoveries));
  const passed = vectors.total.passed + cases.total.passed;
  const failed = vectors.total.failed + cases.total.failed;
  const skipped = vectors.total.skipped + cases.total.skipped;
  lines.push('', `${passed} passed, ${failed} failed, ${skipped} skipped`);
  return lines;
}

/** One subject in the JSON output. */
interface SubjectRow {
  readonly ran: number;
  /** Reason, and how many trials were not run for it. */
  readonly declined: Readonly<Record<string, number>>;
}

function subjectsOf({ vectors, cases }: ConformResult): Record<string, SubjectRow> {
  const rows: Record<string, { ran: number; declined: Record<string, number> }> = {};
  for (const { bySubject } of [vectors, cases]) {
    for (const [name, { ran, declined }] of bySubject) {
      const row = rows[name] ?? { ran: 0, declined: {} };
      rows[name] = row;
      row.ran += ran;
      for (const [reason, n] of declined) row.declined[reason] = (row.declined[reason] ?? 0) + n;
    }
  }
  // By name: parts of a campaign meet them in another order than the whole.
  return sorted(
    Object.entries(rows).map(([name, row]) => [
      name,
      { ran: row.ran, declined: sorted(Object.entries(row.declined)) },
    ]),
  );
}

function sorted<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Who ran how much, and why not more: what an approach cannot do has a line. */
function subjectTable(result: ConformResult): string[] {
  const rows = Object.entries(subjectsOf(result)).flatMap(([name, { ran, declined }]) => [
    [name, String(ran), ''],
    ...Object.entries(declined).map(([reason, n]) => ['', `not ${n}`, reason]),
  ]);
  return table(['subject', 'trials', 'why not'], rows);
}

/** Names of algorithms, in the order of the table. */
function tableOrder(met: Readonly<Record<string, unknown>>): string[] {
  return ALGORITHMS.map(({ name }) => name).filter((name) => Object.hasOwn(met, name));
}

/** What there was no time for, and why. */
function unreachedLines({ unreached, interrupted, discoveries, options }: ConformResult): string[] {
  const left = Object.entries(unreached).filter(([, count]) => count > 0);
  const what = left.map(
    ([phase, count]) => `${count} ${phase === 'cases' ? 'random cases' : phase}`,
  );
  if (interrupted) return [`interrupted before ${what.join(', ') || 'the end'}`];
  if (left.length === 0) return [];
  const isHung = discoveries.some(({ finding }) => finding.check === 'HANG');
  if (options.bail && discoveries.length > 0)
    return [`ended at the first finding before ${what.join(', ')}`];
  return [`${isHung ? 'given up' : 'time was up'} before ${what.join(', ')}`];
}

function sourceTable({ bySource }: ConformResult): string[] {
  const rows = [...bySource].map(([name, counts]) => [
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
function matrixTable({ vectors, cases }: ConformResult): string[] {
  const algs = tableOrder(Object.fromEntries([...vectors.matrix, ...cases.matrix]));
  const rows = algs.map((alg) => {
    const cells = CHECKS.map((check) => {
      const a = vectors.matrix.get(alg)?.get(check);
      const b = cases.matrix.get(alg)?.get(check);
      const checked = (a?.checked ?? 0) + (b?.checked ?? 0);
      const failed = (a?.failed ?? 0) + (b?.failed ?? 0);
      if (checked === 0) return failed === 0 ? '-' : `-/${failed}`;
      return failed === 0 ? String(checked) : `${checked}/${failed}`;
    });
    const counts = [vectors, cases].map(({ byAlgorithm }) => byAlgorithm.get(alg));
    const compared = counts.reduce((sum, count) => sum + (count?.compared ?? 0), 0);
    return [alg, String(compared), ...cells];
  });
  return table(['algorithm', 'both sides', ...CHECKS], rows);
}

function findingLines(discoveries: readonly Discovery[]): string[] {
  const [first] = discoveries;
  if (first === undefined) return ['', 'no findings'];
  const lines = ['', `${discoveries.length} findings; the first, as small as it gets:`];
  lines.push(`  ${first.finding.signature}`, `  ${first.finding.summary}`);
  lines.push(...drawCase(first.c, first.violation).map((line) => `    ${line}`));
  lines.push(`  replay: sg2iter replay ${first.finding.token}`);
  for (const { finding } of discoveries.slice(1, LISTED)) {
    lines.push('', `  ${finding.signature}`, `  ${finding.summary}`);
    lines.push(`  replay: sg2iter replay ${finding.token}`);
  }
  const more = discoveries.length - LISTED;
  if (more > 0) lines.push('', `  ${more} more in --json`);
  return lines;
}

function rate({ cases, casesCpuMs }: ConformResult): number {
  const count = cases.total.passed + cases.total.failed;
  return casesCpuMs === 0 ? 0 : Math.round((count * 1000) / casesCpuMs);
}
