/**
 * Known answers of an implementation of any kind: a program that reads questions and writes answers, as the
 * servers of ACVP are asked. Nothing of memory is in it: text is bytes.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { errnoName } from '../../src/errno.ts';
import { Program } from '../subjects/foreign/program.ts';
import { type Answer, questionOf, refusalIn, toHex } from '../subjects/foreign/question.ts';
import { type Outcome, type SideResult, trialsOf } from './judge-vectors.ts';
import type { Monitor, Trial } from './rig.ts';
import type { Vector } from './vector.ts';

const NAME = 'subject';
/** Vectors that are asked before the first is answered. */
const WINDOW = 64;
/** Seconds without an answer. */
const PATIENCE = 10;

/**
 * Asks a program all vectors. @param command for a shell
 * @throws SubjectError when it ends, keeps silent, or answers something else
 */
export async function judgeByPipe<V extends Vector>(
  command: string,
  vectors: readonly V[],
  monitor: Monitor,
  done: (vector: V, outcome: Outcome | null) => void,
): Promise<SideResult[]> {
  const program = new Program(NAME, command, PATIENCE);
  const side: SideResult = { side: NAME, passed: 0, failed: 0, absent: {} };
  try {
    for (let at = 0; at < vectors.length && !monitor.stopped(); at += WINDOW) {
      // Signals get their turn.
      await setImmediate();
      monitor.progress('vectors', at, vectors.length);
      const some = vectors.slice(at, at + WINDOW);
      const outcomes = askVectors(program, some);
      for (const [i, outcome] of outcomes.entries()) {
        const [{ absent, problem }] = outcome.sides;
        if (absent !== null) side.absent[absent] = (side.absent[absent] ?? 0) + 1;
        else if (problem === null) side.passed++;
        else side.failed++;
        done(some[i], absent === null ? outcome : null);
      }
    }
  } finally {
    program.close();
  }
  return [side];
}

/** All trials of some vectors, asked at once. */
function askVectors(program: Program, vectors: readonly Vector[]): Outcome[] {
  const trials = vectors.map((vector) => trialsOf(vector, vector.kind));
  const answers = program.ask(trials.flat().map(questionOf));
  return trials.map((own) => outcomeOf(own, answers.splice(0, own.length)));
}

function outcomeOf(trials: readonly Trial[], answers: readonly Answer[]): Outcome {
  const absent = answers.find((answer) => 'absent' in answer)?.absent ?? null;
  const problems = trials.map((trial, i) => problemOf(trial, answers[i]));
  const problem = problems.find((text) => text !== null) ?? null;
  return { runs: trials.length, problem, sides: [{ side: NAME, problem, absent }] };
}

/** What is wrong with an answer; null for nothing, and for no answer. */
function problemOf({ op, answer }: Trial, given: Answer): string | null {
  if ('absent' in given) return null;
  const wanted = answer.result === 0 ? null : errnoName(answer.result);
  const refusal = refusalIn(given);
  const { mayRefuse = 0 } = answer;
  const isRight = refusal === wanted || (mayRefuse !== 0 && refusal === errnoName(mayRefuse));
  if (refusal !== null) return isRight ? null : `${op}: gave ${refusal}`;
  if (!('output' in given)) return null;
  if (wanted !== null) return `${op}: gave ${given.output.slice(0, 16)}, not ${wanted}`;
  const output = Uint8Array.from(Buffer.from(given.output, 'hex'));
  const right = answer.completed?.(output) ?? answer.output;
  if (right === null || Buffer.compare(output, right) === 0) return null;
  return `${op}: gave ${given.output.slice(0, 16)}, not ${toHex(right).slice(0, 16)}`;
}
