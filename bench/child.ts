/**
 * The process of one way: builds it, runs it cold, checks that it computes the same every time, warms it
 * up, and then gives a sample whenever it is asked for one.
 *
 * CPU time of the process is immune to pre-emption on a shared machine; the wall clock is kept beside it.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { findJob } from './catalogue.ts';
import { quantile, type Sample } from './statistics.ts';
import type { Way } from './way.ts';

/** What a way says of itself when it is warm. */
export interface Hello {
  readonly digest: string;
  /** CPU time of each of the first thousand requests. */
  readonly firstNs: number;
  /** Bytes that a request allocates in the heap of the language. */
  readonly heapBytes: number;
  /** Bytes of buffers outside of it. */
  readonly bufferBytes: number;
  /** False when samples never agreed. */
  readonly settled: boolean;
}

/** CPU time that one sample should take, milliseconds. */
const SAMPLE_MS = 8;
const FIRST = 1000;
const COLD_NS = 5e8;
/** Warm-up: at least so many samples, then until two in a row differ by less than this. */
const WARM_SAMPLES = 12;
const AGREE = 0.05;
const MOST_SAMPLES = 80;
const HEAP_TRIES = 9;
const HEAP_REQUESTS = 64;

/** Serves the parent until it hangs up. */
export async function serve(bench: string, name: string): Promise<void> {
  // Ctrl-C reaches the whole group: the parent decides.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  const way = await findJob(bench, name).make();
  const firstNs = await cold(way);
  const digest = await twice(way);
  const { repetitions, settled } = await warmUp(way);
  const [heapBytes, bufferBytes] = await allocated(way, repetitions);
  let busy = Promise.resolve();
  process.on('message', () => {
    busy = busy.then(async () => {
      process.send?.(await sample(way, repetitions));
    });
  });
  process.send?.({ digest, firstNs, heapBytes, bufferBytes, settled } satisfies Hello);
}

/**
 * Nanoseconds of CPU time for each of the first thousand requests of this process, or for those that
 * half a second is enough for.
 */
async function cold(way: Way): Promise<number> {
  const batches = Math.ceil(FIRST / way.items);
  let sum = 0;
  let count = 0;
  while (count < batches && sum * way.items < COLD_NS) {
    sum += (await sample(way, 1)).cpuNs;
    count++;
  }
  return sum / count;
}

/** @throws Error unless the way gives the same results twice from wiped memory. */
async function twice(way: Way): Promise<string> {
  way.wipe();
  await way.all();
  const first = way.digest();
  way.wipe();
  await way.all();
  if (way.digest() !== first) throw new Error('computes something else the second time');
  return first;
}

async function warmUp(way: Way): Promise<{ repetitions: number; settled: boolean }> {
  let repetitions = 1;
  let last = 0;
  for (let count = 1; count <= MOST_SAMPLES; count++) {
    const { cpuNs } = await sample(way, repetitions);
    const spentMs = Math.max((cpuNs * repetitions * way.items) / 1e6, 0.01);
    repetitions = Math.max(1, Math.round((repetitions * SAMPLE_MS) / spentMs));
    const agrees = Math.abs(cpuNs - last) < AGREE * cpuNs;
    if (count >= WARM_SAMPLES && agrees) return { repetitions, settled: true };
    last = cpuNs;
  }
  return { repetitions, settled: false };
}

/** One sample: the batch, `repetitions` times. */
async function sample({ all, items }: Way, repetitions: number): Promise<Sample> {
  const count = repetitions * items;
  const startWall = performance.now();
  const start = process.cpuUsage();
  const pending = all();
  if (pending === undefined) for (let i = 1; i < repetitions; i++) all();
  else {
    await pending;
    for (let i = 1; i < repetitions; i++) await all();
  }
  const { user, system } = process.cpuUsage(start);
  const wallMs = performance.now() - startWall;
  return { cpuNs: ((user + system) * 1000) / count, wallNs: (wallMs * 1e6) / count };
}

/**
 * Bytes a request, the median of several tries. Few enough requests that no collection comes between:
 * 64 of 5 KB fit into a fresh half of the new space. No more batches than a sample has.
 */
async function allocated(way: Way, repetitions: number): Promise<[heap: number, buffers: number]> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('started without --expose-gc');
  const batches = Math.min(repetitions, Math.ceil(HEAP_REQUESTS / way.items));
  const requests = batches * way.items;
  const heap: number[] = [];
  const buffers: number[] = [];
  for (let i = 0; i < HEAP_TRIES; i++) {
    gc();
    const { heapUsed: start } = process.memoryUsage();
    const before = process.memoryUsage();
    // The answer to the question is an object too: what lies between two of them is not the request's.
    const look = before.heapUsed - start;
    for (let k = 0; k < batches; k++) {
      const pending = way.all();
      if (pending !== undefined) await pending;
    }
    const after = process.memoryUsage();
    heap.push(Math.max(0, after.heapUsed - before.heapUsed - look) / requests);
    buffers.push(Math.max(0, after.arrayBuffers - before.arrayBuffers) / requests);
  }
  return [quantile(heap, 0.5), quantile(buffers, 0.5)];
}
