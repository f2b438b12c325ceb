/**
 * Every call that can fail, made to fail: for a few cases of each driver and each API, the first call of
 * each fault point, the second, and so on, until the operation goes through without meeting the fault.
 *
 * Verified: every rule of the judge each time, so the errno, the ledgers, what was written, and the same
 * operation once more on the transform (STATE). Not verified: two faults in one operation, and programs.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { FAULT_POINTS, type FaultPoint } from '../../src/machine/fault.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import { bytesLength, type Case, isData, type Segment } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { coverLayout } from '../case/generate-layout.ts';
import { describeCase, judgeTrial, type Violation } from '../judge/judge.ts';
import { isSuccessful } from '../subjects/reference.ts';
import type { Monitor } from './conform.ts';
import { Harness, type SidesOf } from './harness.ts';
import { encodeToken } from './replay.ts';

/** Cases that are looked at to find those of one driver; each operation comes every few of them. */
const TRIED = 400;
/** Long enough for several segments that end inside of a block. */
const SHORTEST = 33;
const LONGEST = 700;
/** Bytes that a converted walk gathers at once: short messages take several steps. */
const GATHER = 64;
/** No operation makes so many calls of one kind. */
const MOST_CALLS = 2000;

interface FailureFinding extends Violation {
  readonly summary: string;
  readonly token: string;
}

/** How many calls of each point were made to fail. */
export type PointCounts = Record<FaultPoint, number>;

/** The injection points of one driver, by subject. */
export interface DriverFailures {
  readonly driver: string;
  readonly kind: string;
  readonly cases: number;
  readonly points: Record<string, PointCounts>;
}

export interface FailureReport {
  readonly drivers: DriverFailures[];
  readonly findings: FailureFinding[];
  /** Runs with a fault, those included that met none any more. */
  runs: number;
}

/** Makes every call of every driver of `algs` fail. */
export async function failEvery(
  sidesOf: SidesOf,
  algs: readonly string[],
  seed: number,
  { progress, stopped }: Monitor,
): Promise<FailureReport> {
  const report: FailureReport = { drivers: [], findings: [], runs: 0 };
  const harness = new Harness(sidesOf);
  for (const [i, alg] of algs.entries()) {
    progress('algorithms', i, algs.length);
    for (const { driver, kind } of driversOf(alg)) {
      // Signals get their turn.
      await setImmediate();
      if (stopped()) return report;
      const cases = casesOf(alg, driver, seed);
      const row: DriverFailures = { driver, kind, cases: cases.length, points: {} };
      for (const c of cases)
        for (const point of FAULT_POINTS) failAt(harness, c, point, row, report);
      report.drivers.push(row);
    }
  }
  return report;
}

/** Call 1, 2, .. of a point, until no side meets it. */
function failAt(
  harness: Harness,
  c: Case,
  point: FaultPoint,
  row: DriverFailures,
  report: FailureReport,
): void {
  for (let nth = 1; nth < MOST_CALLS; nth++) {
    const failing = { ...c, context: { ...c.context, failing: { point, nth } } };
    const trial = harness.run(failing);
    report.runs++;
    let struck = 0;
    for (const { subject, struck: count } of trial.observations) {
      row.points[subject] ??= noPoints();
      row.points[subject][point] += count;
      struck += count;
    }
    const [violation] = judgeTrial(trial);
    if (violation !== undefined) {
      const at = `${point} ${nth}`;
      const summary = `${violation.subject}: ${describeCase(c)}, ${at}: ${violation.detail}`;
      report.findings.push({ ...violation, summary, token: encodeToken(failing) });
    }
    if (struck === 0) return;
  }
}

function noPoints(): PointCounts {
  return { kmalloc: 0, 'page-alloc': 0, 'user-copy': 0, gup: 0, 'dma-map': 0, queue: 0, device: 0 };
}

/** For each operation of a driver one case as drawn, and one whose lists leave nothing aligned. */
function casesOf(alg: string, driver: string, seed: number): Case[] {
  const generator = new CaseGenerator([alg]);
  const count = driversOf(alg).length;
  const at = driversOf(alg).findIndex((candidate) => candidate.driver === driver);
  const found = new Map<string, Case>();
  for (let i = 0; i < TRIED; i++) {
    const c = plainCase(generator.at(seed, i * count + at));
    const key = `${c.op} ${c.hash.final}`;
    if (!found.has(key) && isUsable(c)) found.set(key, c);
  }
  return [...found.values()].flatMap((c) => (isData(c) ? [c] : [c, scattered(c)]));
}

function plainCase({ program: _program, short: _short, invalid: _invalid, ...c }: Case): Case {
  const { forbidWeak } = c.context;
  const context = { sleep: true, backlog: true, atomic: false, reuse: false, fault: 0, forbidWeak };
  const again = isAgain(c) ? ({ again: true } as const) : {};
  // Lists that were to be refused need not cover what a right request reads and writes.
  return coverLayout({ ...c, context: { ...context, gather: GATHER, ...again } });
}

/** False for a stream that goes on from one request to the next. */
function isAgain({ alg }: Case): boolean {
  const row = algorithmOf(alg);
  return !(row?.kind === 'skcipher' && row.streams === true);
}

function isUsable(c: Case): boolean {
  const len = bytesLength(c.text);
  if (len > LONGEST || (!isData(c) && len < SHORTEST)) return false;
  return isSuccessful(c);
}

/** User memory, pages and vmalloc memory, cut inside of blocks and across pages. */
function scattered(c: Case): Case {
  const segments: Segment[] = [
    { kind: 'user', offset: 4091, len: 13 },
    { kind: 'page', offset: 3, len: 6 },
    { kind: 'vmalloc', offset: 4095, len: 0 },
  ];
  const dst = c.kind === 'ahash' ? [] : segments;
  return coverLayout({ ...c, layout: { inplace: 'no', src: segments, dst, chain: 2 } });
}
