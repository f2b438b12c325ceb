/**
 * A report as test results: suites of tests that passed, failed or were skipped, which is what every
 * format of a test runner says in its own way.
 * @module
 */
import { againLines } from './again.ts';
import { brokenRuleLines } from './rules.ts';
import type { ConformReport, FindingReport } from './schema.ts';
import { trialsOf, unreachedOf } from './text.ts';

export interface TestResult {
  readonly name: string;
  readonly ok: boolean;
  /** Why there is no result; null where there is one. */
  readonly skipped: string | null;
  /** What was counted, and what went wrong: lines. */
  readonly details: readonly string[];
}

export interface SuiteResult {
  readonly name: string;
  readonly tests: readonly TestResult[];
}

/** Every suite that has a test. */
export function resultsOf(report: ConformReport): SuiteResult[] {
  const suites = [
    { name: 'run', tests: runTests(report) },
    { name: 'known answers', tests: sourceTests(report) },
    { name: 'algorithms', tests: algorithmTests(report) },
  ];
  return suites.filter(({ tests }) => tests.length > 0);
}

/** The lines that say what a finding is and how to see it again. */
export function findingDetails(
  { signature, summary, token, where = [], rules = [] }: FindingReport,
  { options }: Pick<ConformReport, 'options'>,
): string[] {
  const again = againLines(token, options.subject);
  return [signature, summary, ...where, ...brokenRuleLines(rules), ...again];
}

function test(name: string, ok: boolean, details: readonly string[]): TestResult {
  return { name, ok, skipped: null, details };
}

/** Whether the run itself is worth anything. */
function runTests(report: ConformReport): TestResult[] {
  const { selfCheck, interrupted } = report;
  const left = unreachedOf(report);
  const tests = [
    test(
      'every check rings, and one API, run twice, answers alike',
      selfCheck.differences.length === 0,
      [`${selfCheck.cases} cases`, ...selfCheck.differences],
    ),
    test('every value of every axis was drawn', selfCheck.undrawn.length === 0, selfCheck.undrawn),
    test('something ran', trialsOf(report) > 0, []),
  ];
  const all = 'everything had its turn';
  if (left === null || interrupted) return [...tests, test(all, !interrupted, [left ?? 'yes'])];
  return [...tests, { name: all, ok: true, skipped: left, details: [] }];
}

function sourceTests({ vectors: { bySource } }: ConformReport): TestResult[] {
  return Object.entries(bySource).map(([name, { vectors, trials, failed }]) => ({
    ...test(name, failed === 0, [`${vectors} vectors, ${trials} trials, ${failed} failed`]),
    skipped: trials === 0 && failed === 0 ? 'algorithm not selected or not modelled' : null,
  }));
}

function algorithmTests(report: ConformReport): TestResult[] {
  const { byAlgorithm, findings } = report;
  return Object.entries(byAlgorithm).map(([name, { passed, failed, onBothSides }]) => {
    const found = findings.filter(({ alg }) => alg === name);
    return test(name, failed === 0, [
      `${passed + failed} trials, ${onBothSides} on both sides, ${failed} failed`,
      ...found.flatMap((finding) => findingDetails(finding, report)),
    ]);
  });
}
