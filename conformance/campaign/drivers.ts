/**
 * Every driver of an algorithm beside its first, generic one: the same cases with each of them, accelerated
 * ones, devices, templates over any choice of children behind cryptd, and what runs later as a whole.
 *
 * Verified: every rule of the judge for each driver, and on each API that result, output and IV are those
 * of the first driver. Not verified: what two transforms make up by themselves, which cannot be alike;
 * programs and faults.
 * C: crypto/testmgr.c test_skcipher_vs_generic_impl (6.1), the idea
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { ENGINES } from '../../src/crypto/dma-engines.ts';
import { errnoName } from '../../src/errno.ts';
import { type Driver, driversOf, mixedDriversOf } from '../algorithms/drivers.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { describeCase, judgeTrial, type Trial, type Violation } from '../judge/judge.ts';
import type { Observation } from '../judge/observe.ts';
import type { Monitor } from './conform.ts';
import { Harness, type SidesOf } from './harness.ts';
import { encodeToken } from './replay.ts';

/** What a driver is, beside the first one of its algorithm. */
export const GROUPS = [
  'generic',
  'accelerated',
  'device',
  'over children behind cryptd',
  'behind cryptd',
  'behind pcrypt',
] as const;
export type Group = (typeof GROUPS)[number];

/** One driver. */
export interface DriverResult {
  readonly alg: string;
  readonly driver: string;
  readonly group: Group;
  cases: number;
  /** Answers of one API that were compared with those of the first driver there. */
  compared: number;
  /** Cases in which something was wrong. */
  failed: number;
}

interface DriverFinding extends Violation {
  readonly summary: string;
  readonly token: string;
}

export interface DriverReport {
  readonly drivers: DriverResult[];
  readonly findings: DriverFinding[];
}

/** Runs `cases` cases of each algorithm with each of its drivers. */
export async function compareDrivers(
  sidesOf: SidesOf,
  algs: readonly string[],
  plan: { readonly seed: number; readonly cases: number },
  { progress, stopped }: Monitor,
): Promise<DriverReport> {
  const report: DriverReport = { drivers: [], findings: [] };
  const harness = new Harness(sidesOf);
  for (const [at, alg] of algs.entries()) {
    progress('algorithms', at, algs.length);
    // Cases about iterators have a name among the algorithms, and no driver.
    if (driversOf(alg).length === 0) continue;
    const drivers = [...driversOf(alg), ...mixedDriversOf(alg)];
    const rows = drivers.map((driver, i) => resultOf(driver, i));
    report.drivers.push(...rows);
    const generator = new CaseGenerator([alg]);
    for (let i = 0; i < plan.cases; i++) {
      // Signals get their turn.
      await setImmediate();
      if (stopped()) return report;
      const c = plainCase(generator.at(plan.seed, i * driversOf(alg).length));
      compareCase(harness, c, drivers, rows, report);
    }
  }
  return report;
}

function resultOf({ alg, driver }: Driver, index: number): DriverResult {
  return { alg, driver, group: groupOf(driver, index), cases: 0, compared: 0, failed: 0 };
}

function groupOf(driver: string, index: number): Group {
  if (index === 0) return 'generic';
  if (driver.startsWith('cryptd(')) return 'behind cryptd';
  if (driver.startsWith('pcrypt(')) return 'behind pcrypt';
  if (driver.includes('cryptd(')) return 'over children behind cryptd';
  return ENGINES.some(({ name }) => driver.endsWith(name)) ? 'device' : 'accelerated';
}

/** One request, without faults, and no state that only soft hashes hand out. */
function plainCase({ program: _program, short: _short, ...c }: Case): Case {
  const { failing: _failing, again: _again, ...context } = c.context;
  const hash = { ...c.hash, reimport: false };
  return { ...c, hash, context: { ...context, fault: 0 } };
}

function compareCase(
  harness: Harness,
  c: Case,
  drivers: readonly Driver[],
  rows: readonly DriverResult[],
  { findings }: DriverReport,
): void {
  let first: Trial | null = null;
  for (const [i, { driver, async }] of drivers.entries()) {
    const own = { ...c, driver, async };
    const trial = harness.run(own);
    const row = rows[i];
    row.cases++;
    const violations = judgeTrial(trial);
    for (const observation of trial.observations) {
      const of = first?.observations.find(({ subject }) => subject === observation.subject);
      const different = of === undefined ? null : unlike(trial, observation, of);
      if (of !== undefined && different !== undefined) row.compared++;
      if (different) violations.push(different);
    }
    first ??= trial;
    const [violation] = violations;
    if (violation === undefined) continue;
    row.failed++;
    const summary = `${violation.subject}: ${describeCase(own)}: ${violation.detail}`;
    findings.push({ ...violation, summary, token: encodeToken(own) });
  }
}

/**
 * What one API answers otherwise than with the first driver.
 * @returns null for nothing, undefined where the answer is made up by the transform
 */
export function unlike(
  { expected, leaks }: Pick<Trial, 'expected' | 'leaks'>,
  found: Observation,
  first: Observation,
): Violation | null | undefined {
  const { subject } = found;
  const parts = ['setkey', 'setauthsize', 'result'] as const;
  const part = parts.find((name) => found[name] !== first[name]);
  if (part !== undefined) {
    const [a, b] = [found[part], first[part]].map(errnoName);
    return { check: 'RET', subject, detail: `${part} ${a}, ${b} with the first driver` };
  }
  if (expected.completed !== null) return undefined;
  if (found.result !== 0 || found.setkey !== 0 || found.setauthsize !== 0) return null;
  const isLeaked = (leak: string): boolean =>
    found.joined && leaks.some(({ part: p }) => p === leak);
  if (Buffer.compare(found.output, first.output) !== 0) {
    return { check: 'OUT', subject, detail: 'other bytes than with the first driver' };
  }
  if (!isLeaked('iv') && Buffer.compare(found.iv, first.iv) !== 0) {
    return { check: 'IV', subject, detail: 'another IV than with the first driver' };
  }
  return null;
}
