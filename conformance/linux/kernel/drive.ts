/**
 * Runs cases on a kernel and survives its crashes and hangs: after an incomplete boot the next
 * cases run one by one until the one that does not come back is known. It is answered with
 * `crash REASON`, and the rest goes on in a new boot.
 * @module
 */

import { formatCase, type TextCase } from '../text/case.ts';
import { emptyResult, parseResults, type TextResult } from '../text/result.ts';
import type { Boot, BootOptions, Launcher } from './launch.ts';
import { EnvironmentError } from './run-program.ts';

/** Bytes of cases between two flushes: some 300 cases, 2 MB of answers. */
const CHUNK_BYTES = 65536;
/** Cases per boot: 90 MB of answers, below the longest string of the language by far. */
const CASES_PER_BOOT = 20_000;
/** Average size of an answer, for the progress only: the file is not parsed while it grows. */
const ANSWER_BYTES = 4500;
/** Cases tried one by one after an incomplete boot: more than one chunk holds. */
const ALONE = 400;

/** What a run reports while it goes on. */
export interface RunProgress {
  readonly done: number;
  readonly total: number;
  readonly boots: number;
}

/** How to run. Milliseconds. */
export interface RunOptions {
  readonly hangMs: number;
  readonly poison: number;
  readonly afalg: boolean;
  readonly onProgress?: ((progress: RunProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Answers in the order of the cases; fewer than cases only if interrupted. */
export interface RunReport {
  readonly results: readonly TextResult[];
  readonly boots: number;
  /** What the checkers of the kernel said, near which case: KASAN, UBSAN, BUG. */
  readonly alarms: readonly string[];
  readonly interrupted: boolean;
}

/** Lines of the kernel log that are findings, whatever the answers say. A WARN is not one of them. */
const ALARM = /BUG: |UBSAN: |kernel BUG at/;

/** State of a run between boots. */
interface Run {
  readonly cases: readonly TextCase[];
  readonly results: TextResult[];
  readonly alarms: string[];
  alone: boolean;
  boots: number;
}

/**
 * Runs all cases, in as many boots as it takes.
 * @throws EnvironmentError if the kernel does not come up at all.
 */
export async function runCases(
  launch: Launcher,
  cases: readonly TextCase[],
  options: RunOptions,
): Promise<RunReport> {
  const run: Run = { cases, results: [], alarms: [], alone: false, boots: 0 };
  let interrupted = false;
  while (run.results.length < cases.length && !interrupted) {
    const first = run.results.length;
    const list = cases.slice(first, first + (run.alone ? ALONE : CASES_PER_BOOT));
    const boot = await launch(list.map(formatCase).join(''), bootOptions(run, options));
    run.boots += 1;
    interrupted = boot.interrupted;
    const { results, started } = parseResults(boot.text);
    accept(run, list, results);
    if (interrupted) break;
    // Without a start no case is to blame.
    if (!started)
      throw new EnvironmentError(`the kernel did not start: ${boot.failure ?? 'no answer'}`);
    settle(run, boot);
    options.onProgress?.({ done: run.results.length, total: cases.length, boots: run.boots });
  }
  const { results, alarms, boots } = run;
  return { results, alarms, boots, interrupted };
}

function bootOptions(run: Run, options: RunOptions): BootOptions {
  const before = run.results.length;
  const total = run.cases.length;
  return {
    chunkBytes: run.alone ? 1 : CHUNK_BYTES,
    hangMs: options.hangMs,
    poison: options.poison,
    afalg: options.afalg,
    signal: options.signal,
    onBytes: (bytes) => {
      const done = Math.min(total, before + Math.floor(bytes / ANSWER_BYTES));
      options.onProgress?.({ done, total, boots: run.boots + 1 });
    },
  };
}

/** Takes over answers, which come in the order of the cases. */
function accept(run: Run, list: readonly TextCase[], results: readonly TextResult[]): void {
  for (const [i, result] of results.entries()) {
    if (result.id !== list[i]?.id)
      throw new EnvironmentError(`answer ${result.id} where ${list[i]?.id ?? 'none'} was expected`);
    // The log of a chunk comes after its last case.
    for (const line of result.log)
      if (ALARM.test(line)) run.alarms.push(`${line}, at or before ${result.id}`);
    // Messages of a chunk belong to a case only if it was alone in it.
    run.results.push(run.alone ? result : { ...result, log: [] });
  }
}

/** Decides how the next boot goes, and names the case that did not come back. */
function settle(run: Run, boot: Boot): void {
  if (boot.failure === null) {
    run.alone = false;
    return;
  }
  if (run.alone && run.results.length < run.cases.length) {
    const { id } = run.cases[run.results.length];
    run.results.push(emptyResult(id, 'crash', boot.failure));
  }
  // With few cases left, one boot per crash instead of two.
  run.alone = !run.alone || run.cases.length - run.results.length <= ALONE;
}
