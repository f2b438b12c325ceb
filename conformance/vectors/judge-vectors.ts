/**
 * Vectors on all sides, in every layout, over both providers: what each side says of each.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { EBADMSG, EINVAL } from '../../src/errno.ts';
import type { Case } from '../case/case.ts';
import { type Monitor, SIDE_NAMES, type SideName, type Trial, VectorRig } from './rig.ts';
import type { Vector } from './vector.ts';

/** What became of the vectors on one side. */
export interface SideResult {
  /** A {@link SideName}, or a program that was asked. */
  readonly side: string;
  passed: number;
  failed: number;
  /** Vectors that it did not do, by the reason. */
  readonly absent: Record<string, number>;
}

/** A vector on all sides. */
export interface Outcome {
  readonly runs: number;
  /** What is wrong on the first side where something is; null for nothing. */
  readonly problem: string | null;
  readonly sides: readonly SideOutcome[];
}

interface SideOutcome {
  readonly side: string;
  readonly problem: string | null;
  readonly absent: string | null;
}

/** Without one of these there is nothing to compare. */
const APIS: readonly SideName[] = ['legacy', 'converted'];
const NOTHING = new Uint8Array(0);
/** Vectors between two looks at the clock and the signals. */
const BATCH = 16;

/**
 * Runs vectors one after the other, until the monitor says stop.
 * @param done told what became of each; null: one of the two APIs does not have the algorithm
 */
export async function judgeVectors<V extends Vector>(
  vectors: readonly V[],
  monitor: Monitor,
  done: (vector: V, outcome: Outcome | null) => void,
): Promise<SideResult[]> {
  const rig = new VectorRig();
  const sides = noResults();
  for (const [i, vector] of vectors.entries()) {
    if (i % BATCH === 0) {
      await setImmediate();
      if (monitor.stopped()) break;
      monitor.progress('vectors', i, vectors.length);
    }
    const outcome = isOffered(rig, vector) ? judgeVector(rig, vector) : null;
    if (outcome !== null) countSides(sides, outcome);
    done(vector, outcome);
  }
  return sides;
}

/** True where both APIs have the algorithm. */
function isOffered(rig: VectorRig, { alg, kind }: Vector): boolean {
  return APIS.every((side) => rig.offers(side, alg, kind));
}

function noResults(): SideResult[] {
  return SIDE_NAMES.map((side) => ({ side, passed: 0, failed: 0, absent: {} }));
}

function countSides(counts: readonly SideResult[], outcome: Outcome): void {
  for (const [i, { problem, absent }] of outcome.sides.entries()) {
    const of = counts[i];
    if (absent !== null) of.absent[absent] = (of.absent[absent] ?? 0) + 1;
    else if (problem === null) of.passed++;
    else of.failed++;
  }
}

/** The first problem of a vector in any layout on one of the sides, or null. */
export function problemWith(rig: VectorRig, vector: Vector): string | null {
  return judgeVector(rig, vector).problem;
}

/** All directions and layouts of a vector on each side, up to the first problem there. */
function judgeVector(rig: VectorRig, vector: Vector): Outcome {
  let runs = 0;
  const trials = trialsOf(vector, vector.kind);
  const sides = SIDE_NAMES.map((side): SideOutcome => {
    for (const trial of trials) {
      const result = rig.run(trial, side);
      runs += result.runs;
      if (result.problem !== null || result.absent !== null) return result;
    }
    return { side, problem: null, absent: null };
  });
  const bad = sides.find(({ problem }) => problem !== null);
  return { runs, problem: bad === undefined ? null : `${bad.side}, ${bad.problem}`, sides };
}

/** The operations of a vector, in either direction, and what must come of them. */
export function trialsOf(vector: Vector, kind: Case['kind']): Trial[] {
  const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));
  const { alg, expect } = vector;
  const tag = bytes(vector.tag);
  const keyed = kind !== 'ahash' || vector.key !== '';
  const about = {
    ...{ alg, kind, key: keyed ? bytes(vector.key) : null, iv: bytes(vector.iv) },
    ...{ ad: bytes(vector.ad), authsize: tag.length, forbidWeak: false, room: 0 },
  };
  const fine = { setkey: 0, setauthsize: 0, result: 0, iv: null };
  const sealed = bytes(vector.output + vector.tag);
  const plain = bytes(vector.input);
  if (kind === 'ahash') {
    const answer = { ...fine, output: null, completed: digestLike(sealed, expect !== 'invalid') };
    return [{ ...about, op: 'digest', text: plain, tag: NOTHING, answer }];
  }
  if (kind === 'kpp') {
    const result = expect === 'invalid' ? -EINVAL : 0;
    const room = Math.max(plain.length, sealed.length);
    // A point that is acceptable may be on no curve.
    const mayRefuse = expect === 'acceptable' ? { mayRefuse: -EINVAL } : {};
    const answer = { ...fine, ...mayRefuse, result, output: result === 0 ? sealed : null };
    return [{ ...about, op: 'agree', text: plain, tag: NOTHING, room, answer }];
  }
  // Key wrap makes its IV.
  const made = alg.startsWith('kw(') ? about.iv : null;
  const trials: Trial[] = [];
  if (expect === 'valid') {
    const answer = { ...fine, output: sealed, iv: made };
    trials.push({ ...about, op: 'encrypt', text: plain, tag: NOTHING, answer });
  }
  const invalid = expect === 'invalid';
  const answer = { ...fine, result: invalid ? -EBADMSG : 0, output: invalid ? null : plain };
  trials.push({ ...about, op: 'decrypt', text: bytes(vector.output), tag, answer });
  return trials;
}

/** What a digest must be that begins with these bytes, or that must not. */
function digestLike(bytes: Uint8Array, wanted: boolean): (found: Uint8Array) => Uint8Array {
  return (found) => {
    const isLike = Buffer.compare(found.subarray(0, bytes.length), bytes) === 0;
    if (isLike === wanted) return found;
    return wanted ? bytes : NOTHING;
  };
}
