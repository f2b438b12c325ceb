/**
 * Makes golden data anew from one kernel. Every case runs twice, with different memory sizes and
 * different bytes in freed memory: an answer that changes shows uninitialised memory and is marked.
 * @module
 */

import { runCases } from '../kernel/drive.ts';
import type { Kernel, Progress } from '../kernel/kernel.ts';
import { launcherOf } from '../kernel/launch.ts';
import { EnvironmentError } from '../kernel/run-program.ts';
import { isUnsettled, unsettled, type View, viewOf } from './contract.ts';
import {
  type Golden,
  type GoldenCases,
  type GoldenKernel,
  goldenAsked,
  readGolden,
  writeGolden,
} from './golden.ts';

/** Byte left in freed memory, and memory of the guest relative to the usual, of the two runs. */
const RUNS = [
  { poison: 0xa5, memoryMiB: 0 },
  { poison: 0x3c, memoryMiB: 128 },
] as const;

/** What an update did. */
export interface GoldenUpdate {
  readonly release: string;
  readonly cases: number;
  readonly unstable: readonly string[];
  readonly bytes: number;
  /** Kernels whose data were about other cases and are gone. */
  readonly dropped: readonly string[];
}

/** Runs the golden cases on a kernel and rewrites the folder. */
export async function updateGolden(
  folder: string,
  set: GoldenCases,
  kernel: Kernel,
  options: { readonly scratch: string; readonly hangMs: number; readonly progress: Progress },
): Promise<GoldenUpdate> {
  const cases = goldenAsked(set);
  const runs: View[][] = [];
  for (const [i, { poison, memoryMiB }] of RUNS.entries()) {
    options.progress(`${kernel.release}: run ${i + 1} of ${RUNS.length}, ${cases.length} cases`);
    const guest = { ...kernel, memoryMiB: kernel.memoryMiB + memoryMiB };
    const run = { hangMs: options.hangMs, poison, afalg: false };
    const report = await runCases(launcherOf(guest, options.scratch), cases, run);
    if (report.interrupted) throw new EnvironmentError('interrupted, golden data unchanged');
    runs.push(report.results.map((result, n) => viewOf(cases[n], result)));
  }
  const [first, second] = runs;
  const views = new Map(cases.map(({ id }, i) => [id, unsettled(first[i], second[i])]));
  const old = otherKernels(folder, set, kernel.release);
  const kernels = [...old.kept, { release: kernel.release, views }];
  return {
    release: kernel.release,
    cases: cases.length,
    unstable: [...views].filter(([, view]) => isUnsettled(view)).map(([id]) => id),
    bytes: writeGolden(folder, set, kernels),
    dropped: old.dropped,
  };
}

function seriesOf(release: string): string {
  return release.split('.').slice(0, 2).join('.');
}

/** Data of the other series, if they are about the same set. */
function otherKernels(
  folder: string,
  set: GoldenCases,
  release: string,
): { readonly kept: readonly GoldenKernel[]; readonly dropped: readonly string[] } {
  let golden: Golden;
  try {
    golden = readGolden(folder);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { kept: [], dropped: [error.message] };
  }
  const kernels = golden.kernels.filter((k) => seriesOf(k.release) !== seriesOf(release));
  return JSON.stringify(golden.set) === JSON.stringify(set)
    ? { kept: kernels, dropped: [] }
    : { kept: [], dropped: kernels.map((k) => k.release) };
}
