/**
 * Measures a bench: each way in a process of its own, the processes taking turns, one sample each, in
 * another order every round.
 *
 * Two ways in one process would see each other's call sites and heap. All are started and warm before
 * the first round, so that a change of the machine's load hits all of them.
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Bench } from './catalogue.ts';
import type { Hello } from './child.ts';
import { type Sample, type Summary, summarise } from './statistics.ts';
import type { Job, WayKind } from './way.ts';

/** One way, measured. */
export interface Row extends Summary, Omit<Hello, 'digest'> {
  readonly way: string;
  readonly what: string;
  readonly kind: WayKind;
}

/** A bench, measured. */
export interface Result {
  readonly id: string;
  readonly what: string;
  readonly group: Bench['group'];
  readonly bytes: number;
  readonly rows: readonly Row[];
}

interface Runner {
  readonly job: Job;
  readonly child: ChildProcess;
  readonly hello: Hello;
  readonly samples: Sample[];
}

/**
 * Runs the ways in `only`. @returns null when it was stopped before its last round.
 * @throws Error when a way fails or computes something else than the others.
 */
export async function measure(
  bench: Bench,
  rounds: number,
  only: (job: Job) => boolean,
  stopped: () => boolean,
): Promise<Result | null> {
  const runners: Runner[] = [];
  try {
    for (const job of bench.jobs.filter(only)) {
      if (stopped()) return null;
      runners.push(await start(bench, job));
    }
    checkEqual(bench, runners);
    for (let round = 0; round < rounds; round++) {
      if (stopped()) return null;
      for (let j = 0; j < runners.length; j++) {
        const runner = runners[(j + round) % runners.length];
        runner.child.send('sample');
        runner.samples.push(await answer<Sample>(bench, runner.job, runner.child));
      }
    }
  } finally {
    for (const { child } of runners) child.kill('SIGKILL');
  }
  const { id, what, group, bytes } = bench;
  return { id, what, group, bytes, rows: runners.map(rowOf) };
}

async function start(bench: Bench, job: Job): Promise<Runner> {
  const script = fileURLToPath(new URL('./run.js', import.meta.url));
  const child = fork(script, ['--child', bench.id, job.id], {
    execArgv: ['--single-threaded-gc', '--expose-gc'],
  });
  const hello = await answer<Hello>(bench, job, child);
  return { job, child, hello, samples: [] };
}

/** The next message of a child. Its shape is ours: parent and child are one program. */
async function answer<T>(bench: Bench, { id }: Job, child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const failed = once(child, 'exit', { signal: ended.signal }).then(() => {
    throw new Error(`${bench.id}, ${id}: its process ended`);
  });
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal: ended.signal }),
      failed,
    ]);
    return message;
  } finally {
    ended.abort();
    failed.catch(() => {});
  }
}

function checkEqual(bench: Bench, runners: readonly Runner[]): void {
  const [first] = runners;
  for (const { job, hello } of runners) {
    if (hello.digest === first.hello.digest) continue;
    throw new Error(`${bench.id}: ${job.what} computes something else than ${first.job.what}`);
  }
}

function rowOf({ job, hello, samples }: Runner): Row {
  const { firstNs, heapBytes, bufferBytes, settled } = hello;
  return {
    way: job.id,
    what: job.what,
    kind: job.kind,
    ...summarise(samples),
    firstNs,
    heapBytes,
    bufferBytes,
    settled,
  };
}
