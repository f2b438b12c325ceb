/**
 * `mutants`: every mutant through its own campaign, on all cores, and what that says of the judge.
 * @module
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';
import { type Impossible, type Mutant, type MutantSet, readMutants } from './schema.ts';
import { runMutant, type TrialResult } from './trial.ts';

export type { TrialResult } from './trial.ts';

export interface MutantsOptions {
  readonly ids: readonly string[];
  readonly classes: readonly string[];
  readonly side: string | null;
  /** A folder with more mutants. */
  readonly dir: string | null;
  /** How many of what the others leave, spread evenly; 0 for all. */
  readonly sample: number;
  readonly secondsPerMutant: number;
  readonly workers: number;
  readonly seed: number;
}

export interface MutantsResult {
  readonly mutants: readonly Mutant[];
  readonly impossible: readonly Impossible[];
  readonly results: readonly TrialResult[];
  readonly interrupted: boolean;
  readonly ms: number;
}

/** Runs what the options choose. @param progress told after each mutant */
export async function runMutants(
  options: MutantsOptions,
  progress: (done: number, all: number, last: TrialResult) => void,
  signal: AbortSignal,
): Promise<MutantsResult> {
  const started = performance.now();
  const { dist, root } = compiledTree();
  const { mutants, impossible } = chooseMutants(options);
  const results: TrialResult[] = [];
  const queue = [...mutants];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (signal.aborted) return;
      const trial = { dist, root, seconds: options.secondsPerMutant, seed: options.seed, signal };
      const result = await runMutant(next, trial);
      if (signal.aborted) return;
      results.push(result);
      progress(results.length, mutants.length, result);
    }
  };
  const workers = Math.min(options.workers, availableParallelism(), Math.max(1, mutants.length));
  await Promise.all(Array.from({ length: workers }, worker));
  const order = new Map(mutants.map(({ id }, k) => [id, k]));
  results.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  const ms = Math.round(performance.now() - started);
  return { mutants, impossible, results, interrupted: signal.aborted, ms };
}

/**
 * Mutants of the project and of `--dir`, and the bugs that have none.
 * @throws UsageError for a choice that leaves no mutant
 */
export function chooseMutants({
  ids,
  classes,
  side,
  dir,
  sample,
}: Omit<MutantsOptions, 'secondsPerMutant' | 'workers' | 'seed'>): MutantSet {
  const own = readMutants(dataFolder());
  const more = dir === null ? { mutants: [], impossible: [] } : readMutants(dir);
  const all = [...own.mutants, ...more.mutants];
  for (const id of ids) {
    if (!all.some((mutant) => mutant.id === id)) throw new UsageError(`--id: no mutant ${id}`);
  }
  const mutants = all.filter(
    (mutant) =>
      (ids.length === 0 || ids.includes(mutant.id)) &&
      (classes.length === 0 || classes.includes(mutant.class)) &&
      (side === null || mutant.side === side),
  );
  if (mutants.length === 0) throw new UsageError('no mutant is left by --id, --class and --side');
  return { mutants: sample === 0 ? mutants : spread(mutants, sample), impossible: own.impossible };
}

/** So many of a list, evenly spread; all of a list that is no longer. */
export function spread<T>(list: readonly T[], count: number): T[] {
  const part = (k: number): number => Math.floor((k * count) / list.length);
  return count >= list.length ? [...list] : list.filter((_, k) => part(k + 1) > part(k));
}

/** The compiled tree that this file belongs to, or the one of its project when it runs from source. */
export function compiledTree(): { dist: string; root: string } {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) {
      const dist = join(folder, 'dist');
      if (existsSync(join(dist, 'conformance/cli.js'))) return { dist, root: folder };
    }
    if (dirname(folder) === folder) break;
  }
  throw new UsageError('mutants: no compiled tree; run npm run build', EXIT_ENVIRONMENT);
}

/** Where the project's own mutants lie. */
function dataFolder(): string {
  return join(compiledTree().root, 'conformance/mutants/data');
}
