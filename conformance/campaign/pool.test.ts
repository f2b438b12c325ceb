/**
 * Goal: jobs are done over threads as they are in one, and no job can hang or hide a failure.
 * Method: a worker in plain JavaScript that speaks the protocol, and the same work in this thread.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { UsageError } from '../terminal/exit.ts';
import { type Crew, runJobs } from './pool.ts';

const WORKER = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', (job) => {
  parentPort.postMessage({ at: 'job ' + job });
  if (job === 'silent') return;
  if (job === 'bad') parentPort.postMessage({ failure: 'a.c: bad', exitCode: 2 });
  else if (job === 'crash') throw new Error('broken');
  else parentPort.postMessage({ answer: job * 2 });
});
`;

let folder: string;
let told: string[];
const kinds = ['threads', 'this thread'] as const;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-pool-'));
  writeFileSync(join(folder, 'worker.mjs'), WORKER);
});

afterAll(() => rmSync(folder, { recursive: true }));

function crewOf(kind: (typeof kinds)[number], silenceMs = 60_000): Crew<number | string, number> {
  told = [];
  return {
    worker: pathToFileURL(join(folder, kind === 'threads' ? 'worker.mjs' : 'none.mjs')),
    silenceMs,
    tell: (at) => told.push(at),
    work: (job, tell) => {
      tell(`job ${job}`);
      if (job === 'bad') throw new UsageError('a.c: bad');
      return Number(job) * 2;
    },
  };
}

test.each(kinds)('every job is answered once, in %s', async (kind) => {
  const jobs = Array.from({ length: 40 }, (_, i) => i);
  const answers = new Map<number | string, number>();
  await runJobs(crewOf(kind), jobs, (answer, job) => answers.set(job, answer));
  expect([...answers].sort(([a], [b]) => Number(a) - Number(b))).toEqual(
    jobs.map((job) => [job, job * 2]),
  );
  expect(told).toHaveLength(40);
});

test.each(kinds)('no job needs no thread, in %s', async (kind) => {
  await runJobs(crewOf(kind), [], () => expect.unreachable());
  expect(told).toEqual([]);
});

test.each(kinds)('bad input of a job ends the run as bad input, in %s', async (kind) => {
  const run = runJobs(crewOf(kind), [1, 'bad', 2], () => undefined);
  await expect(run).rejects.toThrow(new UsageError('a.c: bad'));
});

test.each(kinds)('an interrupt ends the run with its reason, in %s', async (kind) => {
  const controller = new AbortController();
  controller.abort(new Error('stop'));
  const run = runJobs(crewOf(kind), [1], () => expect.unreachable(), controller.signal);
  await expect(run).rejects.toThrow('stop');
});

test('a worker that falls silent is given up, with the name of what it was at', async () => {
  const run = runJobs(crewOf('threads', 1000), ['silent'], () => expect.unreachable());
  await expect(run).rejects.toThrow(new UsageError('job silent: not done after 1 s, given up'));
});

test('a worker that crashes rejects the run', async () => {
  const run = runJobs(crewOf('threads'), ['crash'], () => expect.unreachable());
  await expect(run).rejects.toThrow('broken');
});
