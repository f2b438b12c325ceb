/**
 * Jobs spread over one thread per core, in which one that never ends is given up.
 *
 * A worker is a module that calls {@link serveJobs}. Node 20 starts no thread from TypeScript, so
 * code that runs from its source does the same work in this thread, where nobody watches it.
 * @module
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { UsageError } from '../terminal/exit.ts';

/** Beyond this many threads memory grows and nothing else does. */
const THREADS_MAX = 8;

/** Says what a job is at, so that one that never ends can be named. */
export type Tell = (what: string) => void;

/** The work of one thread. */
export type Work<Job, Answer> = (job: Job, tell: Tell) => Answer | Promise<Answer>;

/** How a kind of job is done. */
export interface Crew<Job, Answer> {
  /** The compiled module that serves such jobs: `new URL('./worker.js', import.meta.url)`. */
  readonly worker: URL;
  /** The same work in this thread. */
  readonly work: Work<Job, Answer>;
  /** How long a worker may be silent, in milliseconds. */
  readonly silenceMs: number;
  /** Hears what the workers are at. */
  readonly tell: Tell;
}

/** What a worker says about the job that it has. */
type Message<Answer> =
  | { readonly at: string }
  | { readonly answer: Answer }
  | { readonly failure: string; readonly exitCode: number };

/**
 * Does all jobs and hands each answer to `take`, in the order in which they are done.
 * @throws UsageError of a job, or one that names what a silent worker was at; the reason of `signal`.
 */
export async function runJobs<Job, Answer>(
  crew: Crew<Job, Answer>,
  jobs: readonly Job[],
  take: (answer: Answer, job: Job) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (!existsSync(crew.worker)) {
    for (const job of jobs) {
      signal?.throwIfAborted();
      take(await crew.work(job, crew.tell), job);
    }
    return;
  }
  const threads = Math.min(availableParallelism(), THREADS_MAX, jobs.length);
  let next = 0;
  const workers = Array.from({ length: threads }, () => new Worker(crew.worker));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < jobs.length) {
          const job = jobs[next++];
          take(await askWorker(worker, crew, job, signal), job);
        }
      }),
    );
  } finally {
    await Promise.all(workers.map((w) => w.terminate()));
  }
}

function askWorker<Job, Answer>(
  worker: Worker,
  { silenceMs, tell }: Crew<Job, Answer>,
  job: Job,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let at = 'a job';
    const settle = (end: () => void): void => {
      clearTimeout(timer);
      worker.off('message', hear);
      worker.off('error', fail);
      signal?.removeEventListener('abort', stop);
      end();
    };
    const fail = (error: unknown): void => settle(() => reject(error));
    const stop = (): void => fail(signal?.reason);
    const silent = (): void =>
      fail(new UsageError(`${at}: not done after ${Math.round(silenceMs / 1000)} s, given up`));
    const hear = (message: Message<Answer>): void => {
      timer.refresh();
      if ('at' in message) {
        at = message.at;
        tell(at);
      } else if ('answer' in message) settle(() => resolve(message.answer));
      else fail(new UsageError(message.failure, message.exitCode));
    };
    const timer = setTimeout(silent, silenceMs);
    if (signal?.aborted === true) {
      stop();
      return;
    }
    signal?.addEventListener('abort', stop, { once: true });
    worker.on('error', fail);
    worker.on('message', hear);
    worker.postMessage(job);
  });
}

/** Serves jobs when this thread is a worker. A UsageError crosses to the main thread as one. */
export function serveJobs<Job, Answer>(work: Work<Job, Answer>): void {
  const port = parentPort;
  if (isMainThread || port === null) return;
  const send = (message: Message<Answer>): void => port.postMessage(message);
  port.on('message', async (job: Job) => {
    try {
      send({ answer: await work(job, (at) => send({ at })) });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      send({ failure: error.message, exitCode: error.exitCode });
    }
  });
}
