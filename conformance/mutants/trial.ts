/**
 * One mutant's trial: the campaign of the mutated copy, in a process of its own, until its first
 * findings or until its time is up.
 * @module
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_FINDINGS, EXIT_SELF_CHECK } from '../terminal/exit.ts';
import { mutatedCopy } from './apply.ts';
import type { Edit, Mutant } from './schema.ts';

/** `killed`: by an expected check; `other`: by another; `broken`: the copy does not run at all. */
export type Outcome = 'killed' | 'other' | 'survived' | 'unreached' | 'broken';

export interface TrialResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** Checks that fired. */
  readonly checks: readonly string[];
  /** Trials until the first finding; all of them for a survivor. */
  readonly cases: number;
  readonly ms: number;
  /** The first finding, or why there is none. */
  readonly detail: string;
}

export interface TrialOptions {
  /** The compiled tree, and the folder of its package. */
  readonly dist: string;
  readonly root: string;
  readonly seconds: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Far more than any time allows. */
const CASES = 4_000_000_000;
/** Cases for an expected check that was not the first to fire: so many, and a multiple of the first. */
const MORE = 500;
const MORE_TIMES = 20;
/** Seconds that one case may take: no case of a sound copy takes a tenth of one. */
const CASE_SECONDS = 10;
/** How much longer than its time a campaign may take before it counts as one that never ends. */
const GRACE_MS = 20_000;

interface Report {
  readonly findings: readonly { readonly check: string; readonly summary: string }[];
  readonly selfCheck: { readonly differences: readonly string[] };
  readonly vectors: { readonly passed: number; readonly failed: number };
  readonly cases: { readonly passed: number; readonly failed: number };
}

/** Runs one mutant. Never throws for what the mutant does. */
export async function runMutant(mutant: Mutant, options: TrialOptions): Promise<TrialResult> {
  const started = performance.now();
  const result = (outcome: Outcome, checks: readonly string[], cases: number, detail: string) => ({
    id: mutant.id,
    outcome,
    checks,
    cases,
    ms: Math.round(performance.now() - started),
    detail,
  });
  let copy: ReturnType<typeof mutatedCopy>;
  try {
    copy = mutatedCopy(options.dist, options.root, mutant.edits);
  } catch (error) {
    return result('broken', [], 0, error instanceof Error ? error.message : String(error));
  }
  const coverage = join(copy.dist, '..', 'coverage');
  try {
    const run = await campaign(copy.dist, mutant, options, coverage, ['--bail']);
    if (run.hung) return judged(mutant, ['HANG', 'LIVE'], 0, 'the campaign never ended', result);
    const report = parsed(run.stdout);
    if (report === null) {
      const line = run.stderr
        .trim()
        .split('\n')
        .find((text) => /Error|error/.test(text));
      return result('broken', [], 0, line ?? `exit ${run.code}`);
    }
    if (run.code === EXIT_SELF_CHECK) {
      return judged(mutant, ['SELF'], 0, report.selfCheck.differences[0] ?? '', result);
    }
    const cases =
      report.vectors.passed + report.vectors.failed + report.cases.passed + report.cases.failed;
    if (run.code === EXIT_FINDINGS || report.findings.length > 0) {
      const checks = new Set(report.findings.map(({ check }) => check));
      if (!mutant.expect.some((check) => checks.has(check))) {
        // Another check was first: the expected one gets some more cases.
        const more = ['--cases', String(MORE + MORE_TIMES * cases)];
        const again = await campaign(copy.dist, mutant, options, coverage, more);
        for (const { check } of parsed(again.stdout)?.findings ?? []) checks.add(check);
      }
      return judged(mutant, [...checks], cases, report.findings[0]?.summary ?? '', result);
    }
    const reached = mutant.edits.some((edit) => wasReached(copy.dist, coverage, edit));
    return reached
      ? result('survived', [], cases, 'no check fired')
      : result('unreached', [], cases, 'the mutated code never ran');
  } finally {
    rmSync(coverage, { recursive: true, force: true });
    copy.remove();
  }
}

type Result = (
  outcome: Outcome,
  checks: readonly string[],
  cases: number,
  detail: string,
) => TrialResult;

function judged(
  { expect }: Mutant,
  checks: readonly string[],
  cases: number,
  detail: string,
  result: Result,
): TrialResult {
  const expected = checks.some((check) => expect.includes(check));
  return result(expected ? 'killed' : 'other', checks, cases, detail);
}

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly hung: boolean;
}

function campaign(
  dist: string,
  mutant: Mutant,
  { seconds, seed, signal }: TrialOptions,
  coverage: string,
  more: readonly string[],
): Promise<Ended> {
  const args = [join(dist, 'conformance/cli.js'), 'conform', '--json', '--no-vectors'];
  args.push('--workers', '1', '--case-time', String(CASE_SECONDS));
  args.push('--time', String(seconds), '--cases', String(CASES), '--seed', String(seed), ...more);
  if (mutant.alg !== undefined) args.push('--alg', ...mutant.alg);
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_V8_COVERAGE: coverage },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let hung = false;
    const timer = setTimeout(
      () => {
        hung = true;
        child.kill('SIGKILL');
      },
      seconds * 1000 + GRACE_MS,
    );
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr = (stderr + data.toString()).slice(-4000)));
    child.on('error', () => {});
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr, hung });
    });
  });
}

function parsed(stdout: string): Report | null {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return null;
  }
}

interface CoverageFile {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly ranges: readonly {
        readonly startOffset: number;
        readonly endOffset: number;
        readonly count: number;
      }[];
    }[];
  }[];
}

/** Whether the innermost range round an edit ran at least once, as V8 counted. */
function wasReached(dist: string, coverage: string, { file, to, from }: Edit): boolean {
  const path = join(dist, file);
  const text = readFileSync(path, 'utf8');
  const at = to === '' ? -1 : text.indexOf(to);
  for (const name of readdirSync(coverage)) {
    const { result } = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as CoverageFile;
    const script = result.find(({ url }) => url.startsWith('file:') && fileURLToPath(url) === path);
    if (script === undefined) continue;
    // Without a text to look for (something was deleted), the file counts as a whole.
    if (at < 0) return script.functions.some(({ ranges }) => ranges[0].count > 0) && from !== '';
    let smallest = Number.POSITIVE_INFINITY;
    let count = 0;
    for (const { ranges } of script.functions) {
      for (const range of ranges) {
        const size = range.endOffset - range.startOffset;
        if (range.startOffset > at || range.endOffset < at + to.length || size > smallest) continue;
        smallest = size;
        count = range.count;
      }
    }
    if (count > 0) return true;
  }
  return false;
}
