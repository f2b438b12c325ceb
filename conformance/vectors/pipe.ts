/**
 * An implementation of any kind as a subject: a program that reads questions and writes answers, one JSON
 * object a line, as the servers of ACVP ask theirs. Nothing of memory is in it: text is bytes.
 *
 * Question: `{"id":1,"alg":"gcm(aes)","op":"encrypt","key":"00..","iv":"..","ad":"..","text":"..","tag":"",
 * "authsize":16}`, bytes in hex; `key` is null where there is none, `op` is encrypt, decrypt, digest or agree.
 * Answer: `{"id":1,"output":".."}` (text and tag, digest, secret), `{"id":1,"error":"EBADMSG"}`, or
 * `{"id":1,"absent":"why"}` for what it does not do. Answers may come in any order.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { errnoName } from '../../src/errno.ts';
import { type Outcome, type SideResult, trialsOf } from './judge-vectors.ts';
import type { Monitor, Trial } from './rig.ts';
import type { Vector } from './vector.ts';

/** A program that cannot be asked any more. The message is one line. */
export class PipeError extends Error {
  override readonly name = 'PipeError';
}

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const answerSchema = z.union([
  z.object({ id: z.number(), output: hex }),
  z.object({ id: z.number(), error: z.string() }),
  z.object({ id: z.number(), absent: z.string() }),
]);
type Answer = z.infer<typeof answerSchema>;

const NAME = 'subject';
/** Vectors that are asked before the first is answered. */
const WINDOW = 64;
/** Milliseconds without an answer. */
const PATIENCE = 10_000;

/**
 * Asks a program all vectors. @param command for a shell
 * @throws PipeError when it ends, keeps silent, or answers something else
 */
export async function judgeByPipe<V extends Vector>(
  command: string,
  vectors: readonly V[],
  monitor: Monitor,
  done: (vector: V, outcome: Outcome | null) => void,
): Promise<SideResult[]> {
  const program = new Program(command);
  const side: SideResult = { side: NAME, passed: 0, failed: 0, absent: {} };
  try {
    for (let at = 0; at < vectors.length && !monitor.stopped(); at += WINDOW) {
      monitor.progress('vectors', at, vectors.length);
      const some = vectors.slice(at, at + WINDOW);
      const outcomes = await Promise.all(some.map((vector) => askVector(program, vector)));
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

async function askVector(program: Program, vector: Vector): Promise<Outcome> {
  const trials = trialsOf(vector, vector.kind);
  const answers = await Promise.all(trials.map((trial) => program.ask(questionOf(trial))));
  const absent = answers.find((answer) => 'absent' in answer)?.absent ?? null;
  const problems = trials.map((trial, i) => problemOf(trial, answers[i]));
  const problem = problems.find((text) => text !== null) ?? null;
  return { runs: trials.length, problem, sides: [{ side: NAME, problem, absent }] };
}

function questionOf({ alg, op, key, iv, ad, text, tag, authsize }: Trial): object {
  const bytes = { iv: toHex(iv), ad: toHex(ad), text: toHex(text), tag: toHex(tag) };
  return { alg, op, key: key === null ? null : toHex(key), ...bytes, authsize };
}

/** What is wrong with an answer; null for nothing, and for no answer. */
function problemOf({ op, answer }: Trial, given: Answer): string | null {
  if ('absent' in given) return null;
  const wanted = answer.result === 0 ? null : errnoName(answer.result);
  if ('error' in given) return given.error === wanted ? null : `${op}: gave ${given.error}`;
  if (wanted !== null) return `${op}: gave ${given.output.slice(0, 16)}, not ${wanted}`;
  const output = Uint8Array.from(Buffer.from(given.output, 'hex'));
  const right = answer.completed?.(output) ?? answer.output;
  if (right === null || Buffer.compare(output, right) === 0) return null;
  return `${op}: gave ${given.output.slice(0, 16)}, not ${toHex(right).slice(0, 16)}`;
}

/** The program, and the questions that it has not answered. */
class Program {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private timer: NodeJS.Timeout | null = null;
  private failure: PipeError | null = null;

  constructor(command: string) {
    this.child = spawn(command, {
      ...{ shell: true, detached: true },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.child.on('error', (error) => this.fail(error.message));
    this.child.on('close', (code, signal) =>
      this.fail(`ended with ${signal ?? `exit code ${code}`}`),
    );
    // What it does not read any more is said by its end.
    this.child.stdin?.on('error', () => undefined);
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on('line', (line) => this.take(line));
    }
  }

  ask(question: object): Promise<Answer> {
    if (this.failure !== null) return Promise.reject(this.failure);
    const id = ++this.lastId;
    this.child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`);
    this.watch();
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.failure ??= new PipeError('closed');
    this.child.stdin?.end();
    this.kill();
  }

  private take(line: string): void {
    const answer = answerIn(line);
    const asked = answer === null ? undefined : this.waiting.get(answer.id);
    if (answer === null || asked === undefined) {
      this.fail(`not an answer: ${line.slice(0, 80)}`);
      return;
    }
    this.waiting.delete(answer.id);
    asked.resolve(answer);
    this.watch();
  }

  private watch(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fail('no answer for 10 seconds'), PATIENCE);
  }

  private fail(reason: string): void {
    this.failure ??= new PipeError(reason);
    for (const { reject } of this.waiting.values()) reject(this.failure);
    this.waiting.clear();
    if (this.timer !== null) clearTimeout(this.timer);
    this.kill();
  }

  /** The shell, and the program that it has started. */
  private kill(): void {
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid);
    } catch {
      // It has ended by itself.
    }
  }
}

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: PipeError) => void;
}

function answerIn(line: string): Answer | null {
  try {
    return answerSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
