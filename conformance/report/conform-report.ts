/**
 * The report of a conformance run, made from its result.
 * @module
 */
import { ALGORITHMS } from '../algorithms.ts';
import type { ConformResult } from '../campaign/conform.ts';
import { oddsOf } from '../case/odds.ts';
import { CHECKS } from '../judge/judge.ts';
import { rulesBroken } from '../judge/review-rules.ts';
import type { Tally } from '../judge/tally.ts';
import { packageVersion } from '../terminal/version.ts';
import {
  type AlgorithmReport,
  type CheckCount,
  type ConformReport,
  type FindingReport,
  SCHEMA_VERSION,
  type SubjectReport,
} from './schema.ts';

/** Peak resident memory of this process, MiB. */
function peakRssMib(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** The object that `--json` prints, and that everything else that is printed is made from. */
export function reportOf(result: ConformResult): ConformReport {
  const { vectors, cases, selfCheck, casesCpuMs } = result;
  const random = cases.total.passed + cases.total.failed;
  const { seed, algs, time, caseTime, shard, wholeAt, bail, subject, ...options } = result.options;
  return {
    schemaVersion: SCHEMA_VERSION,
    program: {
      version: packageVersion(),
      node: process.versions.node,
      openssl: process.versions.openssl,
      platform: `${process.platform} ${process.arch}`,
    },
    seed,
    odds: oddsOf(seed),
    options: {
      cases: options.cases,
      algs,
      vectors: options.vectors,
      ...(options.programs === true ? { programs: true } : {}),
      ...(options.corpus === undefined ? {} : { corpus: options.corpus.digest }),
      shard,
      wholeAt,
      bail,
      time: Number.isFinite(time) ? time : null,
      caseTime,
      ...(subject === undefined ? {} : { subject }),
    },
    selfCheck: { ...selfCheck, undrawn: result.undrawn },
    axes: Object.fromEntries(result.axes.hits),
    vectors: { ...vectors.total, bySource: Object.fromEntries(result.bySource) },
    cases: { ...cases.total },
    byAlgorithm: algorithmsOf(result),
    byCheck: checksOf([vectors.byCheck, cases.byCheck]),
    subjects: subjectsOf(result),
    findings: findingsOf(result),
    interrupted: result.interrupted,
    unreached: { ...result.unreached },
    durationMs: Math.round(result.durationMs),
    casesPerSecond: casesCpuMs === 0 ? 0 : Math.round((random * 1000) / casesCpuMs),
    casesCpuMs: Math.round(casesCpuMs),
    peakRssMib: peakRssMib(),
  };
}

/** What is reported, each with all the kinds of failure that came down to it. */
function findingsOf({ discoveries, kinds }: ConformResult): FindingReport[] {
  return discoveries.map(({ finding, c, violation, where }) => {
    const { signature, token, check, alg, layout, summary } = finding;
    const { subject, detail, request } = violation;
    const met = kinds
      .filter((one) => one.finding.signature === signature)
      .map((one) => ({ kind: one.kind, order: one.finding.order }));
    const rules = rulesBroken(c, violation).map(({ id }) => id);
    return {
      ...{ signature, token, met, check, subject, alg, layout, detail },
      ...(rules.length === 0 ? {} : { rules }),
      ...(request === undefined ? {} : { request }),
      ...(where.length === 0 ? {} : { where }),
      summary,
    };
  });
}

function algorithmsOf({ vectors, cases }: ConformResult): Record<string, AlgorithmReport> {
  const rows: Record<string, AlgorithmReport> = {};
  for (const { name } of ALGORITHMS) {
    const known = countsOf(vectors, name);
    const random = countsOf(cases, name);
    if (known === null && random === null) continue;
    const sum = (of: (counts: NonNullable<typeof known>) => number): number =>
      (known === null ? 0 : of(known)) + (random === null ? 0 : of(random));
    rows[name] = {
      passed: sum(({ passed }) => passed),
      failed: sum(({ failed }) => failed),
      skipped: sum(({ skipped }) => skipped),
      randomCases: random === null ? 0 : random.passed + random.failed,
      onBothSides: sum(({ compared }) => compared),
      checks: checksOf([vectors.matrix.get(name) ?? [], cases.matrix.get(name) ?? []]),
    };
  }
  return rows;
}

function countsOf(
  { byAlgorithm }: Tally,
  name: string,
): { passed: number; failed: number; skipped: number; compared: number } | null {
  return byAlgorithm.get(name) ?? null;
}

/** Counts of checks put together, in the order of the checks. */
function checksOf(
  tallies: readonly Iterable<readonly [string, CheckCount]>[],
): Record<string, CheckCount> {
  const sums = new Map<string, CheckCount>();
  for (const tally of tallies) {
    for (const [check, { checked, failed }] of tally) {
      const before = sums.get(check) ?? { checked: 0, failed: 0 };
      sums.set(check, { checked: before.checked + checked, failed: before.failed + failed });
    }
  }
  return Object.fromEntries(
    CHECKS.flatMap((check) => {
      const sum = sums.get(check);
      return sum === undefined ? [] : [[check, sum]];
    }),
  );
}

function subjectsOf({ vectors, cases }: ConformResult): Record<string, SubjectReport> {
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
  return byName(
    Object.fromEntries(
      Object.entries(rows).map(([name, { ran, declined }]) => [
        name,
        { ran, declined: byName(declined) },
      ]),
    ),
  );
}

/** A record with its names sorted. */
export function byName<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
