/**
 * What became of the vectors, as text and as JSON.
 * @module
 */
import { verdictLine } from '../terminal/colour.ts';
import { table } from '../terminal/table.ts';
import type { CommittedResult } from './committed.ts';
import type { ForeignResult } from './foreign/foreign.ts';
import type { SideResult as SideCounts } from './judge-vectors.ts';
import { SIDE_NAMES, TRIAL_LAYOUTS } from './rig.ts';
import type { NameResult, SideResult, TableResult } from './testmgr/run.ts';

/** A run, ready to be shown. */
export interface Report {
  readonly text: readonly string[];
  readonly json: unknown;
  readonly failed: number;
  readonly interrupted: boolean;
}

const WAYS = `${TRIAL_LAYOUTS} layouts, both APIs over generic and accelerated drivers, the library`;

export function committedReport({
  sources,
  algorithms,
  sides,
  failures,
  interrupted,
}: CommittedResult): Report {
  const cells = sources.map(({ source, vectors, runs, passed, failed, skipped }) => [
    source,
    ...[vectors, runs, passed, failed, skipped].map(String),
  ]);
  const sum = (of: 'passed' | 'failed' | 'skipped' | 'runs') =>
    sources.reduce((total, counts) => total + counts[of], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const text = [
    ...failures,
    ...table(['source', 'vectors', 'operations', 'passed', 'failed', 'skipped'], cells),
    '',
    `${sum('runs')} operations: ${waysOf(sides).ways}`,
    ...sides.flatMap(sideLines),
    closing(total, interrupted),
  ];
  const about = { schemaVersion: 1, interrupted, layouts: waysOf(sides).layouts, total };
  const json = {
    ...about,
    sources,
    byAlgorithm: Object.fromEntries(algorithms),
    sides,
    failures,
  };
  return { text, json, failed: total.failed, interrupted };
}

/** A program that was asked has no layouts. */
function waysOf(sides: readonly SideCounts[]): { readonly ways: string; readonly layouts: number } {
  return sides.length === 1
    ? { ways: 'asked of a program, as bytes', layouts: 0 }
    : { ways: WAYS, layouts: TRIAL_LAYOUTS };
}

/** What became of a folder of collections: by file, by what was left out, and by flag. */
export function foreignReport(result: ForeignResult): Report {
  const { files, flags, sides, failures, runs, interrupted } = result;
  const sum = (of: (file: ForeignResult['files'][number]) => number) =>
    files.reduce((n, file) => n + of(file), 0);
  const total = {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ omitted }) => Object.values(omitted).reduce((n, count) => n + count, 0)),
  };
  const reasons = new Map<string, number>();
  for (const [reason, n] of files.flatMap(({ omitted }) => Object.entries(omitted))) {
    reasons.set(reason, (reasons.get(reason) ?? 0) + n);
  }
  const rows = (counts: readonly { readonly passed: number; readonly failed: number }[]) =>
    counts.map(({ passed, failed }) => [String(passed), String(failed)]);
  const byFile = rows(files);
  const byFlag = rows(flags);
  const text = [
    ...failures,
    ...table(
      ['file', 'format', 'algorithm', 'tests', 'passed', 'failed'],
      files.map((f, i) => [f.path, f.format, f.alg, String(f.tests), ...byFile[i]]),
    ),
    '',
    ...table(
      ['flag', 'vectors', 'passed', 'failed'],
      flags.map((f, i) => [f.flag, String(f.vectors), ...byFlag[i]]),
    ),
    '',
    ...[...reasons].map(([reason, n]) => `${n} not run: ${reason}`),
    `${runs} operations: ${waysOf(sides).ways}`,
    ...sides.flatMap(sideLines),
    closing(total, interrupted),
  ];
  const about = { schemaVersion: 1, interrupted, layouts: waysOf(sides).layouts, total };
  const json = { ...about, files, flags, sides, failures };
  return { text, json, failed: total.failed, interrupted };
}

function sideLines({ side, passed, failed, absent }: SideCounts): string[] {
  const rest = Object.entries(absent).map(([reason, n]) => `  ${n} not compared: ${reason}`);
  return [`${side}: ${passed} passed, ${failed} failed`, ...rest];
}

export function testmgrReport({ rows, runs, interrupted }: TableResult): Report {
  const names = {
    total: rows.length,
    legacy: rows.filter(({ legacy }) => legacy.offered).length,
    converted: rows.filter(({ converted }) => converted.offered).length,
    lib: rows.filter(({ lib }) => lib.offered).length,
  };
  const sum = (count: (row: NameResult) => number) =>
    rows.reduce((total, row) => total + count(row), 0);
  const vectors = vectorCounts(rows);
  const kinds = [...new Set(rows.map(({ kind }) => kind))].filter((kind) => kind !== 'null');
  const byTest = Object.fromEntries(
    kinds.map((kind) => [kind, vectorCounts(rows.filter((row) => row.kind === kind))]),
  );
  const failures = rows.flatMap((row) =>
    SIDE_NAMES.flatMap((side) =>
      row[side].failures.map((failure) => `${side}: ${row.name}: ${failure}`),
    ),
  );
  const failed = sum((row) => Math.max(...SIDE_NAMES.map((side) => row[side].failed)));
  const passed = sum((row) => Math.min(row.legacy.passed, row.converted.passed));
  const cells = rows.map((row) => [
    row.name,
    row.kind,
    String(row.vectors),
    verdict(row, row.legacy),
    verdict(row, row.converted),
    verdict(row, row.lib),
    row.reason,
  ]);
  const text = [
    ...failures,
    ...table(['name', 'test', 'vectors', 'legacy', 'converted', 'lib', 'why not'], cells),
    '',
    `names: ${names.total}, legacy ${names.legacy}, converted ${names.converted}, lib ${names.lib}`,
    ...Object.entries({ vectors, ...byTest }).map(
      ([what, n]) =>
        `${what}: ${n.total}, ${SIDE_NAMES.map((side) => `${side} ${counts(n[side])}`).join(', ')}`,
    ),
    `${runs} operations: ${WAYS}`,
    closing({ passed, failed, skipped: vectors.total - passed - failed }, interrupted),
  ];
  const json = {
    schemaVersion: 1,
    interrupted,
    layouts: TRIAL_LAYOUTS,
    names,
    vectors,
    byTest,
    rows,
  };
  return { text, json, failed, interrupted };
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

interface VectorCounts {
  readonly total: number;
  readonly legacy: Counts;
  readonly converted: Counts;
  readonly lib: Counts;
}

function vectorCounts(rows: readonly NameResult[]): VectorCounts {
  const sum = (count: (row: NameResult) => number) =>
    rows.reduce((total, row) => total + count(row), 0);
  const of = (side: 'legacy' | 'converted' | 'lib') => ({
    passed: sum((row) => row[side].passed),
    failed: sum((row) => row[side].failed),
  });
  return {
    total: sum((row) => row.vectors),
    legacy: of('legacy'),
    converted: of('converted'),
    lib: of('lib'),
  };
}

/** What one cell says: all of them, some of them, or not at all. */
function verdict({ vectors }: NameResult, { offered, passed, failed }: SideResult): string {
  if (!offered) return '-';
  if (failed > 0) return `${failed} failed`;
  return vectors === 0 ? 'offered' : `${passed} passed`;
}

function counts({ passed, failed }: Counts): string {
  return `${passed} passed and ${failed} failed`;
}

function closing(
  total: { readonly passed: number; readonly failed: number; readonly skipped: number },
  interrupted: boolean,
): string {
  const { passed, failed, skipped } = total;
  const end = interrupted ? ', interrupted' : '';
  return verdictLine(`${passed} passed, ${failed} failed, ${skipped} skipped${end}`, failed === 0);
}
