/** Gathers the facts of a tree: files in batches, batches over all cores. */
import { type Crew, runJobs } from '../campaign/pool.ts';
import { UsageError } from '../terminal/exit.ts';
import { type AssemblyFacts, type Batch, type BatchResult, workOnBatch } from './batch.ts';
import type { FileFacts } from './facts.ts';

/** Facts of a whole tree, sorted by path. */
export interface TreeFacts {
  readonly facts: FileFacts[];
  readonly assembly: AssemblyFacts[];
  readonly headers: FileFacts[];
  readonly sources: number;
  readonly candidates: number;
  readonly bytes: number;
}

/** Called with files done, files in all, and the file that is parsed now. */
export type Progress = (done: number, all: number, at: string) => void;

/** Files of one batch: a tree has 600 batches, so that the progress moves. */
const BATCH = 100;

/** The largest file of the kernel takes 1 s on a busy machine; limits keep any other below 30. */
const SILENCE_MS = 120_000;

/** Extracts the facts of `paths` below `root`. Rejects with a UsageError on unusable input. */
export async function gatherFacts(
  root: string,
  paths: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<TreeFacts> {
  const batches: Batch[] = [];
  for (let i = 0; i < paths.length; i += BATCH)
    batches.push({ root, paths: paths.slice(i, i + BATCH) });
  const all: BatchResult[] = [];
  let done = 0;
  const crew: Crew<Batch, BatchResult> = {
    worker: new URL('./worker.js', import.meta.url),
    work: workOnBatch,
    silenceMs: SILENCE_MS,
    tell: (at) => progress(done, paths.length, at),
  };
  const take = (result: BatchResult, batch: Batch): void => {
    if (result.defect !== null) throw new UsageError(`${root}/${result.defect}`);
    all.push(result);
    done += batch.paths.length;
    progress(done, paths.length, '');
  };
  await runJobs(crew, batches, take, signal);
  return merge(all, paths.length);
}

function merge(results: readonly BatchResult[], sources: number): TreeFacts {
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
  return {
    facts: results.flatMap((r) => r.facts).sort(byPath),
    assembly: results.flatMap((r) => r.assembly).sort(byPath),
    headers: results.flatMap((r) => r.headers).sort(byPath),
    sources,
    candidates: results.reduce((sum, r) => sum + r.candidates, 0),
    bytes: results.reduce((sum, r) => sum + r.bytes, 0),
  };
}
