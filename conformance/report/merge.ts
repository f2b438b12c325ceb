/**
 * Parts of one campaign put together: the report that one run of the whole would have given.
 * @module
 */
import { ALGORITHMS } from '../algorithms.ts';
import { undrawnOf } from '../campaign/conform.ts';
import { sourcesOf } from '../campaign/jobs.ts';
import { MOST_KINDS } from '../judge/findings.ts';
import { CHECKS } from '../judge/judge.ts';
import { UsageError } from '../terminal/exit.ts';
import { byName } from './conform-report.ts';
import type {
  AlgorithmReport,
  CheckCount,
  ConformReport,
  FindingReport,
  MetReport,
  SourceReport,
  SubjectReport,
} from './schema.ts';

/** A report, and the file that it was read from. */
export interface NamedReport {
  readonly file: string;
  readonly report: ConformReport;
}

/** @throws UsageError naming the file and what does not fit, or the part that is missing. */
export function mergeReports(parts: readonly NamedReport[]): ConformReport {
  const reports = inOrder(parts);
  const [first] = reports;
  const sum = (of: (report: ConformReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const most = (of: (report: ConformReport) => number): number => Math.max(...reports.map(of));
  const counts = (
    of: (report: ConformReport) => ConformReport['cases'],
  ): ConformReport['cases'] => ({
    passed: sum((report) => of(report).passed),
    failed: sum((report) => of(report).failed),
    skipped: sum((report) => of(report).skipped),
  });
  const cases = counts((report) => report.cases);
  const axes = fold(
    reports.map((report) => report.axes),
    add,
  );
  const casesCpuMs = sum((report) => report.casesCpuMs);
  const options = { ...first.options, shard: { index: 1, count: 1 } };
  return {
    ...first,
    options,
    selfCheck: {
      cases: most((report) => report.selfCheck.cases),
      differences: [...new Set(reports.flatMap((report) => report.selfCheck.differences))],
      undrawn: undrawnOf(options, cases.passed + cases.failed, axes),
    },
    axes,
    vectors: {
      ...counts((report) => report.vectors),
      bySource: fold(
        reports.map((report) => report.vectors.bySource),
        addSource,
        sourcesOf(),
      ),
    },
    cases,
    byAlgorithm: fold(
      reports.map((report) => report.byAlgorithm),
      addAlgorithm,
      ALGORITHMS.map(({ name }) => name),
    ),
    byCheck: fold(
      reports.map((report) => report.byCheck),
      addCheck,
      CHECKS,
    ),
    subjects: byName(
      fold(
        reports.map((report) => report.subjects),
        addSubject,
      ),
    ),
    findings: mergeFindings(reports.flatMap((report) => report.findings)),
    interrupted: reports.some((report) => report.interrupted),
    unreached: {
      vectors: sum((report) => report.unreached.vectors),
      checksums: sum((report) => report.unreached.checksums),
      cases: sum((report) => report.unreached.cases),
    },
    // Parts may have run at the same time: what they took together.
    durationMs: sum((report) => report.durationMs),
    casesCpuMs,
    casesPerSecond:
      casesCpuMs === 0 ? 0 : Math.round(((cases.passed + cases.failed) * 1000) / casesCpuMs),
    peakRssMib: most((report) => report.peakRssMib),
  };
}

/** The parts by number; each once, all of one campaign. */
function inOrder(parts: readonly NamedReport[]): readonly [ConformReport, ...ConformReport[]] {
  const [first] = parts;
  const byIndex = new Map<number, ConformReport>();
  for (const { file, report } of parts) {
    for (const field of DECIDING) {
      if (same(field(report), field(first.report))) continue;
      throw new UsageError(`${file}: not a part of the campaign of ${first.file}`);
    }
    const { index } = report.options.shard;
    if (byIndex.has(index)) throw new UsageError(`${file}: part ${index} is given twice`);
    byIndex.set(index, report);
  }
  const { count } = first.report.options.shard;
  const all: ConformReport[] = [];
  for (let index = 1; index <= count; index++) {
    const report = byIndex.get(index);
    if (report === undefined) throw new UsageError(`part ${index} of ${count} is missing`);
    all.push(report);
  }
  const [head = first.report, ...rest] = all;
  return [head, ...rest];
}

/** What decides the result of a campaign, whoever runs it. */
const DECIDING: readonly ((report: ConformReport) => unknown)[] = [
  ({ program: { version } }) => version,
  ({ seed }) => seed,
  ({ options: { cases, algs, vectors, programs, wholeAt } }) => [
    ...[cases, algs, vectors, programs === true, wholeAt],
  ],
  ({ options: { subject } }) => subject ?? null,
  ({ options: { corpus } }) => corpus ?? null,
  ({ options: { shard } }) => shard.count,
];

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Records put together. @param order of the names; those that it lacks come behind, as they occur */
function fold<T>(
  records: readonly Readonly<Record<string, T>>[],
  together: (a: T, b: T) => T,
  order: readonly string[] = [],
): Record<string, T> {
  const folded = new Map<string, T>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      const before = folded.get(name);
      folded.set(name, before === undefined ? value : together(before, value));
    }
  }
  const names = new Set([...order, ...folded.keys()]);
  const entries = [...names].flatMap((name) => {
    const value = folded.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

const add = (a: number, b: number): number => a + b;

const addCheck = (a: CheckCount, b: CheckCount): CheckCount => ({
  checked: a.checked + b.checked,
  failed: a.failed + b.failed,
});

const addSource = (a: SourceReport, b: SourceReport): SourceReport => ({
  vectors: a.vectors + b.vectors,
  trials: a.trials + b.trials,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

const addSubject = (a: SubjectReport, b: SubjectReport): SubjectReport => ({
  ran: a.ran + b.ran,
  declined: byName(fold([a.declined, b.declined], add)),
});

const addAlgorithm = (a: AlgorithmReport, b: AlgorithmReport): AlgorithmReport => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  randomCases: a.randomCases + b.randomCases,
  onBothSides: a.onBothSides + b.onBothSides,
  checks: fold([a.checks, b.checks], addCheck, CHECKS),
});

/** Of each kind of failure the one that the campaign met first, as a single run keeps it. */
function mergeFindings(findings: readonly FindingReport[]): FindingReport[] {
  const entries = findings
    .flatMap((finding) => finding.met.map((met) => ({ finding, met })))
    .sort(({ met: a }, { met: b }) => byOrder(a, b));
  const kinds = new Set<string>();
  const merged = new Map<string, FindingReport>();
  for (const { finding, met } of entries) {
    if (kinds.has(met.kind) || kinds.size >= MOST_KINDS) continue;
    kinds.add(met.kind);
    const before = merged.get(finding.signature);
    const list = before === undefined ? [met] : [...before.met, met];
    merged.set(finding.signature, { ...(before ?? finding), met: list });
  }
  return [...merged.values()];
}

function byOrder({ order: a }: MetReport, { order: b }: MetReport): number {
  return a[0] - b[0] || a[1] - b[1];
}
