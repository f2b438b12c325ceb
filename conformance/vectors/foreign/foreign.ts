/**
 * A folder of collections of tests on all sides, counted by file and by what the tests look for.
 * @module
 */
import { judgeVectors, type SideResult } from '../judge-vectors.ts';
import type { Monitor } from '../rig.ts';
import { readFolder } from './folder.ts';
import type { ForeignSet } from './target.ts';

/** One file, or prompts with their answers. */
export interface FileResult {
  readonly path: string;
  readonly format: ForeignSet['format'];
  /** The kernel's name, or that of the file where the kernel has no such thing. */
  readonly alg: string;
  readonly tests: number;
  passed: number;
  failed: number;
  /** Tests that were not run, by the reason. */
  readonly omitted: Record<string, number>;
}

/** All vectors with one flag, of which one may have several, or without any. */
export interface FlagResult {
  readonly flag: string;
  vectors: number;
  passed: number;
  failed: number;
}

export interface ForeignResult {
  readonly files: readonly FileResult[];
  readonly flags: readonly FlagResult[];
  readonly sides: readonly SideResult[];
  readonly failures: readonly string[];
  /** Operations that were run. */
  readonly runs: number;
  readonly interrupted: boolean;
}

/** Who says what becomes of vectors: all sides, or a program that is asked. */
export type Judge = typeof judgeVectors;

const NO_FLAG = '(none)';

/**
 * Runs all vectors of a folder, or those of one algorithm.
 * @throws ForeignError naming the file, and the field where it is one, that cannot be read
 */
export async function runFolder(
  folder: string,
  alg: string | null,
  monitor: Monitor,
  judge: Judge = judgeVectors,
): Promise<ForeignResult> {
  const sets = readFolder(folder);
  const files = new Map(sets.map((set) => [set.path, fileOf(set, alg)]));
  const flags = new Map<string, FlagResult>();
  const failures: string[] = [];
  let runs = 0;
  const vectors = sets
    .flatMap((set) => set.vectors)
    .filter((vector) => alg === null || vector.alg === alg);
  const sides = await judge(vectors, monitor, (vector, outcome) => {
    const file = files.get(vector.source);
    if (file === undefined) return;
    runs += outcome?.runs ?? 0;
    if (outcome === null) {
      leaveOut(file, 'no such driver', 1);
      return;
    }
    const names = vector.flags.length > 0 ? vector.flags : [NO_FLAG];
    const counted = [file, ...names.map((flag) => flagIn(flags, flag))];
    for (const counts of counted) {
      if (outcome.problem === null) counts.passed++;
      else counts.failed++;
    }
    if (outcome.problem !== null) failures.push(`${vector.id}: ${outcome.problem}`);
  });
  const byName = [...flags.values()].sort((a, b) => (a.flag < b.flag ? -1 : 1));
  const about = { sides, failures, runs, interrupted: monitor.stopped() };
  return { files: [...files.values()], flags: byName, ...about };
}

function fileOf(set: ForeignSet, alg: string | null): FileResult {
  const { path, format, read, omitted, vectors } = set;
  const name = vectors[0]?.alg ?? set.algorithm;
  const counts = { path, format, alg: name, tests: read, passed: 0, failed: 0 };
  const file: FileResult = { ...counts, omitted: Object.fromEntries(omitted) };
  const others = alg === null ? 0 : vectors.filter((vector) => vector.alg !== alg).length;
  if (others > 0) leaveOut(file, `not of ${alg}`, others);
  return file;
}

function leaveOut({ omitted }: FileResult, reason: string, count: number): void {
  omitted[reason] = (omitted[reason] ?? 0) + count;
}

function flagIn(flags: Map<string, FlagResult>, flag: string): FlagResult {
  const counts = flags.get(flag) ?? { flag, vectors: 0, passed: 0, failed: 0 };
  counts.vectors++;
  flags.set(flag, counts);
  return counts;
}
