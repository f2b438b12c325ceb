/**
 * A program that reads questions and writes answers, asked and waited for in one call: cases are judged
 * one after the other, and so are the cases that a finding is made small by.
 *
 * Two named pipes that do not block on this side; who waits sleeps for microseconds.
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { SubjectError, SubjectSilent } from '../subject-error.ts';
import { type Answer, answerIn } from './question.ts';

const { O_RDWR, O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
/** Bytes without an end of line. */
const LONGEST_LINE = 16 << 20;
const CHUNK = 1 << 16;
/** Milliseconds that a wait begins with, and that it grows to: most answers take less than a tenth of one. */
const NAP = { first: 0.05, last: 2 } as const;
/** Characters of a strange line that are shown. */
const SHOWN = 80;

export class Program {
  private readonly name: string;
  private readonly seconds: number;
  private readonly child: ChildProcess;
  private readonly input: number;
  private readonly output: number;
  private readonly chunk = Buffer.alloc(CHUNK);
  private readonly nap = new Int32Array(new SharedArrayBuffer(4));
  /** What was read of a line whose end has not come. */
  private rest: Buffer[] = [];
  private restLength = 0;
  private lastId = 0;
  private failure: SubjectError | null = null;
  private isClosed = false;

  /**
   * @param command for a shell
   * @param seconds how long it may keep silent
   * @throws SubjectError where there are no named pipes
   */
  constructor(name: string, command: string, seconds: number) {
    this.name = name;
    this.seconds = seconds;
    const folder = mkdtempSync(join(tmpdir(), 'sg2iter-subject-'));
    try {
      const [down, up] = ['down', 'up'].map((pipe) => join(folder, pipe));
      makePipes(down, up);
      // Each end needs its other one to be there when it is opened.
      const both = openSync(down, O_RDWR | O_NONBLOCK);
      const theirInput = openSync(down, O_RDONLY);
      this.input = openSync(down, O_WRONLY | O_NONBLOCK);
      closeSync(both);
      this.output = openSync(up, O_RDONLY | O_NONBLOCK);
      const theirOutput = openSync(up, O_WRONLY);
      // The shell tells how it ended: nobody here waits for a process.
      this.child = spawn('/bin/sh', ['-c', `(${command}\n)\nprintf '\\n{"ended":%d}\\n' $?`], {
        detached: true,
        stdio: [theirInput, theirOutput, 'inherit'],
      });
      this.child.on('error', () => undefined);
      this.child.unref();
      closeSync(theirInput);
      closeSync(theirOutput);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /**
   * The answers to some questions, in their order.
   * @throws SubjectError when it has ended or says something else; SubjectSilent. It must be closed then.
   */
  ask(questions: readonly object[]): Answer[] {
    if (this.failure !== null) throw this.failure;
    const from = this.lastId + 1;
    const lines = questions.map(
      (question) => `${JSON.stringify({ id: ++this.lastId, ...question })}\n`,
    );
    const answers = new Map<number, Answer>();
    try {
      this.exchange(Buffer.from(lines.join('')), (line) => {
        const answer = this.read(line);
        if (answer === null) return false;
        if (answer.id < from || answer.id > this.lastId || answers.has(answer.id)) {
          throw new SubjectError(`not an answer: nothing was asked under id ${answer.id}`);
        }
        answers.set(answer.id, answer);
        return answers.size === questions.length;
      });
    } catch (error) {
      if (error instanceof SubjectError) this.failure = error;
      this.close();
      throw error;
    }
    return questions.map((_, i) => answers.get(from + i) ?? { id: from + i, absent: 'no answer' });
  }

  /** Ends it, and what it has started. */
  close(): void {
    this.failure ??= new SubjectError('closed');
    if (this.isClosed) return;
    this.isClosed = true;
    closeSync(this.input);
    closeSync(this.output);
    const { pid, exitCode, signalCode } = this.child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }

  /** Writes, and reads lines until one is the last. */
  private exchange(bytes: Buffer, isLast: (line: string) => boolean): void {
    let written = 0;
    let since = performance.now();
    let nap: number = NAP.first;
    for (;;) {
      const more = this.write(bytes, written);
      written += more;
      const lines = this.lines();
      for (const line of lines ?? []) if (isLast(line)) return;
      if (more > 0 || lines !== null) {
        since = performance.now();
        nap = NAP.first;
        continue;
      }
      if (performance.now() - since > this.seconds * 1000) {
        throw new SubjectSilent(this.name, this.seconds);
      }
      Atomics.wait(this.nap, 0, 0, nap);
      nap = Math.min(2 * nap, NAP.last);
    }
  }

  /** @returns bytes that were written; what it does not read any more is said by its end. */
  private write(bytes: Buffer, from: number): number {
    if (from === bytes.length) return 0;
    return unlessBlocked(() => writeSync(this.input, bytes, from)) ?? 0;
  }

  /** Whole lines; null where nothing came. @throws SubjectError when it has closed its side */
  private lines(): string[] | null {
    const got = unlessBlocked(() => readSync(this.output, this.chunk));
    if (got === null) return null;
    if (got === 0) throw new SubjectError('closed its output');
    const read = Buffer.from(this.chunk.subarray(0, got));
    const end = read.lastIndexOf(0x0a);
    if (end < 0) {
      this.keep(read);
      return [];
    }
    const text = Buffer.concat([...this.rest, read.subarray(0, end)]).toString();
    this.rest = [];
    this.restLength = 0;
    this.keep(read.subarray(end + 1));
    return text.split('\n').filter((line) => line !== '');
  }

  private keep(bytes: Buffer): void {
    this.rest.push(bytes);
    this.restLength += bytes.length;
    if (this.restLength > LONGEST_LINE) {
      throw new SubjectError(`not an answer: ${LONGEST_LINE} bytes without an end of line`);
    }
  }

  private read(line: string): Answer | null {
    const answer = answerIn(line);
    if (answer !== null) return answer;
    const ended = /^\{"ended":(\d+)\}$/.exec(line);
    throw new SubjectError(
      ended === null ? `not an answer: ${printable(line)}` : `ended with exit code ${ended[1]}`,
    );
  }
}

function makePipes(...paths: readonly string[]): void {
  try {
    execFileSync('mkfifo', paths, { stdio: 'ignore' });
  } catch {
    throw new SubjectError('no named pipes here: mkfifo failed');
  }
}

/** What a call on a pipe gives; null where it would have to wait. @throws nothing for a pipe without reader */
function unlessBlocked(call: () => number): number | null {
  try {
    return call();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EAGAIN' || code === 'EPIPE') return null;
    throw error;
  }
}

/** What can be shown of a line on a terminal. */
function printable(line: string): string {
  return line.slice(0, SHOWN).replaceAll(/[^\x20-\x7e]/g, '?');
}
