/**
 * Spreads the files over one thread per core; from source (no compiled output) it stays in one.
 *
 * The module is its own worker: started as a thread it answers batches, and exports nothing else.
 */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { UsageError } from '../terminal/exit.ts';
import { type AssemblyFacts, type BatchResult, surveyBatch } from './batch.ts';
import type { FileFacts } from './facts.ts';
import { type CGrammar, loadGrammar } from './grammar.ts';

/** Facts of a whole tree, sorted by path. */
export interface TreeFacts {
  readonly facts: FileFacts[];
  readonly assembly: AssemblyFacts[];
  readonly headers: FileFacts[];
  readonly sources: number;
  readonly candidates: number;
  readonly bytes: number;
}

/** Called with files done and files in all. */
export type Progress = (done: number, all: number) => void;

const BATCH = 400;
const MAX_THREADS = 8;
const WORKER_ROLE = 'sg2iter-survey';

/** Extracts the facts of `paths` below `root`. Rejects with a UsageError on unusable input. */
export async function surveyFiles(
  root: string,
  paths: readonly string[],
  progress: Progress,
  signal?: AbortSignal,
): Promise<TreeFacts> {
  const batches: string[][] = [];
  for (let i = 0; i < paths.length; i += BATCH) batches.push(paths.slice(i, i + BATCH));
  const compiled = fileURLToPath(import.meta.url).endsWith('.js');
  const threads = Math.min(availableParallelism(), MAX_THREADS, batches.length);
  const all: BatchResult[] = [];
  let done = 0;
  const take = (result: BatchResult, size: number): void => {
    if (result.defect !== null) throw new UsageError(`${root}/${result.defect}`);
    all.push(result);
    done += size;
    progress(done, paths.length);
  };
  if (compiled && threads > 1) await runThreads(root, batches, threads, take, signal);
  else await runHere(root, batches, take, signal);
  return merge(all, paths.length);
}

type Take = (result: BatchResult, size: number) => void;

async function runHere(
  root: string,
  batches: readonly string[][],
  take: Take,
  signal?: AbortSignal,
): Promise<void> {
  const grammar = await loadGrammar();
  for (const batch of batches) {
    signal?.throwIfAborted();
    take(surveyBatch(grammar, root, batch), batch.length);
  }
}

async function runThreads(
  root: string,
  batches: readonly string[][],
  threads: number,
  take: Take,
  signal?: AbortSignal,
): Promise<void> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL(import.meta.url), { workerData: WORKER_ROLE }),
  );
  let next = 0;
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < batches.length) {
          const batch = batches[next++];
          take(await ask(worker, root, batch, signal), batch.length);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((w) => w.terminate()));
  }
}

interface Answer {
  readonly result?: BatchResult;
  readonly failure?: { readonly message: string; readonly exitCode: number };
}

function ask(
  worker: Worker,
  root: string,
  batch: string[],
  signal?: AbortSignal,
): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    worker.once('error', reject);
    worker.once('message', (answer: Answer) => {
      worker.removeListener('error', reject);
      signal?.removeEventListener('abort', stop);
      if (answer.result !== undefined) resolve(answer.result);
      else reject(new UsageError(answer.failure?.message ?? 'worker', answer.failure?.exitCode));
    });
    worker.postMessage({ root, batch });
  });
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

function serve(): void {
  let grammar: Promise<CGrammar> | null = null;
  parentPort?.on('message', async ({ root, batch }: { root: string; batch: string[] }) => {
    grammar ??= loadGrammar();
    try {
      parentPort?.postMessage({ result: surveyBatch(await grammar, root, batch) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      parentPort?.postMessage({ failure: { message: error.message, exitCode: error.exitCode } });
    }
  });
}

if (!isMainThread && workerData === WORKER_ROLE) serve();
