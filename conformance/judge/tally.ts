/**
 * Counts of a run: what was tried, what held, per algorithm and per check.
 * @module
 */
import type { Case } from '../case/case.ts';
import { CHECKS, type Check, checksOf, type Trial, type Violation } from './judge.ts';

/** Passed and failed cases; skipped ones were not run, by name and reason elsewhere. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of one algorithm. */
export interface AlgorithmCounts extends Counts {
  /** Cases that ran on more than one API; the rest ran against the reference alone. */
  compared: number;
}

/** How often a check had something to look at, and how often it rang. */
export interface CheckCounts {
  checked: number;
  failed: number;
}

/** What one subject ran, and why it did not run the rest. */
export interface SubjectCounts {
  ran: number;
  readonly declined: Map<string, number>;
}

/** The counts of a tally, without its methods: what crosses from one thread to another. */
export type TallyCounts = Pick<Tally, 'total' | 'byAlgorithm' | 'matrix' | 'bySubject'>;

export class Tally {
  readonly total: Counts = { passed: 0, failed: 0, skipped: 0 };
  readonly byAlgorithm: Map<string, AlgorithmCounts> = new Map();
  readonly byCheck: Map<Check, CheckCounts> = new Map();
  /** Algorithm, then check: how often it was checked. */
  readonly matrix: Map<string, Map<Check, CheckCounts>> = new Map();

  readonly bySubject: Map<string, SubjectCounts> = new Map();

  constructor() {
    for (const check of CHECKS) this.byCheck.set(check, { checked: 0, failed: 0 });
  }

  add({ c, expected, observations, absent = [] }: Trial, violations: readonly Violation[]): void {
    const alg = this.algorithm(c.alg);
    const ran = observations.length > 0;
    const outcome = !ran ? 'skipped' : violations.length === 0 ? 'passed' : 'failed';
    this.total[outcome]++;
    alg[outcome]++;
    if (observations.length > 1) alg.compared++;
    for (const { subject } of observations) this.subject(subject).ran++;
    for (const { subject, reason } of absent) {
      const { declined } = this.subject(subject);
      declined.set(reason, (declined.get(reason) ?? 0) + 1);
    }
    for (const check of ran ? checksOf(c, expected) : []) {
      this.cell(c.alg, check).checked++;
      this.check(check).checked++;
    }
    for (const check of new Set(violations.map((v) => v.check))) {
      if (check === 'HANG') continue;
      this.cell(c.alg, check).failed++;
      this.check(check).failed++;
    }
  }

  /** Counts a case that never ended: no check had anything to look at. */
  addHang(c: Case): void {
    this.total.failed++;
    this.algorithm(c.alg).failed++;
  }

  /** Adds the counts of another tally. */
  merge({ total, byAlgorithm, matrix, bySubject }: TallyCounts): void {
    addCounts(this.total, total);
    for (const [alg, counts] of byAlgorithm) {
      const own = this.algorithm(alg);
      addCounts(own, counts);
      own.compared += counts.compared;
    }
    for (const [name, { ran, declined }] of bySubject) {
      const own = this.subject(name);
      own.ran += ran;
      for (const [reason, count] of declined) {
        own.declined.set(reason, (own.declined.get(reason) ?? 0) + count);
      }
    }
    for (const [alg, row] of matrix) {
      for (const [check, { checked, failed }] of row) {
        for (const own of [this.cell(alg, check), this.check(check)]) {
          own.checked += checked;
          own.failed += failed;
        }
      }
    }
  }

  /** Counts something that failed as a whole, outside any case. */
  addFailure(): void {
    this.total.failed++;
  }

  private subject(name: string): SubjectCounts {
    let counts = this.bySubject.get(name);
    if (counts === undefined) {
      counts = { ran: 0, declined: new Map() };
      this.bySubject.set(name, counts);
    }
    return counts;
  }

  private algorithm(alg: string): AlgorithmCounts {
    let counts = this.byAlgorithm.get(alg);
    if (counts === undefined) {
      counts = { passed: 0, failed: 0, skipped: 0, compared: 0 };
      this.byAlgorithm.set(alg, counts);
    }
    return counts;
  }

  private check(check: Check): CheckCounts {
    let counts = this.byCheck.get(check);
    if (counts === undefined) {
      counts = { checked: 0, failed: 0 };
      this.byCheck.set(check, counts);
    }
    return counts;
  }

  private cell(alg: string, check: Check): CheckCounts {
    let row = this.matrix.get(alg);
    if (row === undefined) {
      row = new Map();
      this.matrix.set(alg, row);
    }
    let cell = row.get(check);
    if (cell === undefined) {
      cell = { checked: 0, failed: 0 };
      row.set(check, cell);
    }
    return cell;
  }
}

function addCounts(own: Counts, { passed, failed, skipped }: Counts): void {
  own.passed += passed;
  own.failed += failed;
  own.skipped += skipped;
}
