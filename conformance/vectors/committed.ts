/**
 * The committed vectors, counted by source.
 * @module
 */
import { judgeVectors, type Outcome, type SideResult } from './judge-vectors.ts';
import { loadVectors, vectorSources, wycheproofVectors } from './load.ts';
import type { Monitor } from './rig.ts';

/** What became of the vectors of one source. */
export interface SourceResult {
  readonly source: string;
  vectors: number;
  /** Operations that were run. */
  runs: number;
  passed: number;
  failed: number;
  /** Vectors of algorithms that one of the two APIs does not offer. */
  skipped: number;
}

/** What became of the vectors of one algorithm on both APIs. */
export interface AlgorithmResult {
  passed: number;
  failed: number;
  skipped: number;
}

export interface CommittedResult {
  readonly sources: readonly SourceResult[];
  readonly algorithms: ReadonlyMap<string, AlgorithmResult>;
  readonly sides: readonly SideResult[];
  readonly failures: readonly string[];
  readonly interrupted: boolean;
}

/** Runs all vectors, or those of one algorithm. */
export async function runCommitted(
  alg: string | null,
  monitor: Monitor,
  judge: typeof judgeVectors = judgeVectors,
): Promise<CommittedResult> {
  const { vectors: attacks, sources: others } = wycheproofVectors();
  const vectors = [...loadVectors(), ...attacks].filter(
    (vector) => alg === null || vector.alg === alg,
  );
  const sources = new Map(
    [...vectorSources(), ...others].map(({ name: source }): [string, SourceResult] => [
      source,
      { source, vectors: 0, runs: 0, passed: 0, failed: 0, skipped: 0 },
    ]),
  );
  const algorithms = new Map<string, AlgorithmResult>();
  const failures: string[] = [];
  const sides = await judge(vectors, monitor, ({ id, source, alg: name }, outcome) => {
    const counts = sources.get(source);
    if (counts === undefined) return;
    counts.vectors++;
    counts.runs += outcome?.runs ?? 0;
    const known = algorithms.get(name) ?? { passed: 0, failed: 0, skipped: 0 };
    algorithms.set(name, known);
    const what = verdictOf(outcome);
    counts[what]++;
    known[what]++;
    if (what === 'failed') failures.push(`${id}: ${outcome?.problem}`);
  });
  const ran = [...sources.values()].filter((counts) => counts.vectors > 0);
  return { sources: ran, algorithms, sides, failures, interrupted: monitor.stopped() };
}

function verdictOf(outcome: Outcome | null): keyof AlgorithmResult {
  if (outcome === null) return 'skipped';
  return outcome.problem === null ? 'passed' : 'failed';
}
