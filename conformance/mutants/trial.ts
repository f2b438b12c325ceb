/**
 * One mutant's trial: cases in the mutated copy, in a process of its own, until an expected check and
 * the comparison of the output have fired, or until its time is up.
 * @module
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ended, runNode } from '../terminal/run-node.ts';
import { mutatedCopy } from './apply.ts';
import type { Bag, Hunt, Shot } from './prey.ts';
import type { Edit, Mutant } from './schema.ts';

/** `killed`: by an expected check; `other`: by another; `broken`: the copy does not run at all. */
export type Outcome = 'killed' | 'other' | 'survived' | 'unreached' | 'broken';

export interface TrialResult {
  readonly id: string;
  readonly outcome: Outcome;
  /** Checks that fired. */
  readonly checks: readonly string[];
  /** Cases until the first check that was expected fired; all of them for a survivor. */
  readonly cases: number;
  readonly ms: number;
  /** What was seen first, or why nothing was. */
  readonly detail: string;
}

export interface TrialOptions {
  /** The compiled tree, and the folder of its package. */
  readonly dist: string;
  readonly root: string;
  /** Processor time for the cases of a mutant. */
  readonly seconds: number;
  readonly seed: number;
  readonly signal?: AbortSignal;
}

/** Cases at most: far more than kill any mutant that dies at all. */
const CASES = 100_000;
/** A process is given up after so long, however slow the machine is. */
const LIMIT_MS = 300_000;

/** Checks that fired in a process, and when; null for one that could not even begin. */
interface Seen {
  readonly shots: readonly Shot[];
  readonly cases: number;
  /** Why nothing is known: the process broke down. */
  readonly broken: string | null;
}

/** Runs one mutant. Never throws for what the mutant does. */
export async function runMutant(mutant: Mutant, options: TrialOptions): Promise<TrialResult> {
  const started = performance.now();
  const done = (outcome: Outcome, { shots, cases }: Omit<Seen, 'broken'>, detail: string) => ({
    id: mutant.id,
    outcome,
    checks: shots.map(({ check }) => check),
    cases,
    ms: Math.round(performance.now() - started),
    detail,
  });
  let copy: ReturnType<typeof mutatedCopy>;
  try {
    copy = mutatedCopy(options.dist, options.root, mutant.edits);
  } catch (error) {
    return done('broken', NOTHING, error instanceof Error ? error.message : String(error));
  }
  const coverage = join(copy.dist, '..', 'coverage');
  try {
    const seen = await hunted(copy.dist, mutant, options, {});
    if (seen.broken !== null) return done('broken', seen, seen.broken);
    if (seen.shots.length > 0) {
      const [shot] = [...seen.shots.filter(({ check }) => mutant.expect.includes(check)), null];
      const { cases, detail } = shot ?? seen.shots[0];
      return done(shot === null ? 'other' : 'killed', { ...seen, cases }, detail);
    }
    // Nobody saw it: once more, to see what ran.
    await hunted(copy.dist, mutant, options, { NODE_V8_COVERAGE: coverage });
    return mutant.edits.some((edit) => wasReached(copy.dist, coverage, edit))
      ? done('survived', seen, 'no check fired')
      : done('unreached', seen, 'the mutated code never ran');
  } finally {
    rmSync(coverage, { recursive: true, force: true });
    copy.remove();
  }
}

const NOTHING: Seen = { shots: [], cases: 0, broken: null };

function broken(why: string): Seen {
  return { ...NOTHING, broken: why };
}

type Environment = Readonly<Record<string, string>>;

/** Cases without shrinking, in a process of the copy. */
async function hunted(
  dist: string,
  mutant: Mutant,
  { seed, seconds, signal }: TrialOptions,
  env: Environment,
): Promise<Seen> {
  const { alg: algs = [], expect: wanted, side } = mutant;
  const hunt: Hunt = { seed, seconds, cases: CASES, algs, wanted, self: side === 'harness' };
  const args = [join(dist, 'conformance/mutants/hunt.js'), JSON.stringify(hunt)];
  const run = await runNode(args, { env, signal, limitMs: LIMIT_MS });
  const bag = parsed<Bag>(run.stdout);
  return bag === null ? broken(firstError(run)) : { ...bag, broken: null };
}

function firstError({ code, stderr }: Ended): string {
  const lines = stderr.trim().split('\n');
  return lines.find((text) => /error/i.test(text)) ?? `exit ${code}`;
}

function parsed<T>(stdout: string): T | null {
  try {
    return JSON.parse(stdout) as T;
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
