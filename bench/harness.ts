/**
 * The measuring harness: all ways of one workload interleaved in one process, CPU time per request.
 *
 * Outputs are compared before anything is timed. CPU time of the process is immune to pre-emption on
 * a shared machine; the wall clock is kept beside it. Ratios are of medians, and a ratio whose spread
 * is larger than the difference is marked.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { assert } from '../src/assert.ts';

/** One way to do the work of a workload. */
export interface Way {
  readonly name: string;
  /** Does request `item` of the batch once; the result is in memory afterwards. */
  readonly run: (item: number) => void;
  /** Digest over all outputs of the batch. */
  readonly digest: () => string;
  /** Makes all outputs wrong. */
  readonly wipe: () => void;
}

export interface Measurement {
  readonly way: string;
  /** CPU time per request, nanoseconds. */
  readonly cpuNs: number;
  readonly cpuNsP10: number;
  readonly cpuNsP90: number;
  readonly wallNs: number;
}

/** CPU time that one sample should take, milliseconds. */
const SAMPLE_MS = 5;
const TRIALS = 3;

/** @throws KernelBug unless every way, run twice from wiped memory, gives the digest of the first. */
export function checkEqual(ways: readonly Way[], items: number): void {
  let expected = '';
  for (const way of ways) {
    for (let time = 0; time < 2; time++) {
      way.wipe();
      for (let item = 0; item < items; item++) way.run(item);
      const digest = way.digest();
      if (expected === '') expected = digest;
      assert(digest === expected, `${way.name} computes something else than ${ways[0]?.name}`);
    }
  }
}

/** Times every way `rounds` times, each round in another order. */
export function measure(ways: readonly Way[], items: number, rounds: number): Measurement[] {
  const repetitions = ways.map((way) => calibrate(way, items));
  const cpu: number[][] = ways.map(() => []);
  const wall: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let j = 0; j < ways.length; j++) {
      const at = (j + round) % ways.length;
      const count = repetitions[at] * items;
      const startWall = performance.now();
      const startCpu = cpuNow();
      repeat(ways[at], items, repetitions[at]);
      cpu[at].push(((cpuNow() - startCpu) * 1e6) / count);
      wall[at].push(((performance.now() - startWall) * 1e6) / count);
    }
  }
  return ways.map(({ name }, i) => ({
    way: name,
    cpuNs: quantile(cpu[i], 0.5),
    cpuNsP10: quantile(cpu[i], 0.1),
    cpuNsP90: quantile(cpu[i], 0.9),
    wallNs: quantile(wall[i], 0.5),
  }));
}

/** True when the spreads of two measurements overlap so far that their ratio says nothing. */
export function indistinct(a: Measurement, b: Measurement): boolean {
  const [low, high] = a.cpuNs < b.cpuNs ? [a, b] : [b, a];
  return low.cpuNsP90 > high.cpuNs && high.cpuNsP10 < low.cpuNs;
}

function calibrate(way: Way, items: number): number {
  let repetitions = 1;
  for (let trial = 0; trial < TRIALS; trial++) {
    const start = cpuNow();
    repeat(way, items, repetitions);
    const spent = Math.max(cpuNow() - start, 0.01);
    repetitions = Math.max(1, Math.round((repetitions * SAMPLE_MS) / spent));
  }
  return repetitions;
}

function repeat({ run }: Way, items: number, repetitions: number): void {
  for (let i = 0; i < repetitions; i++) for (let item = 0; item < items; item++) run(item);
}

/** CPU time of this process, milliseconds. */
function cpuNow(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * q)] ?? Number.NaN;
}
