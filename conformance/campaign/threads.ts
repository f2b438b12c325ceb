/**
 * Threads that do jobs, and the watchdog over them: an operation that never ends cannot be judged by the
 * thread that runs it, so this thread looks at the number of the running unit, and ends a thread whose
 * number stands still.
 *
 * Verified: endless loops in a walk, a lock that nobody releases. Not verified: which of the two it is.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
import type { AnswerData } from './answer.ts';
import type { Doer, Hang } from './doer.ts';
import type { CampaignPlan } from './jobs.ts';
import type { Assignment } from './laboratory.ts';

/** What a thread is started with. */
export interface ThreadData {
  readonly plan: CampaignPlan;
  readonly bail: boolean;
  /** Subjects from elsewhere. */
  readonly subject?: SubjectSpec | undefined;
  /** Every case at every stage of a conversion, and not a part of them. */
  readonly halfConverted: boolean;
  /** One number: not 0 when every job must end with what it has. */
  readonly stop: SharedArrayBuffer;
  /** {@link SLOT}: what this thread is at. */
  readonly slot: SharedArrayBuffer;
}

/** What is the same for all threads. */
type Given = Pick<ThreadData, 'plan' | 'bail' | 'subject' | 'halfConverted'>;

/** Numbers of a slot: the unit that runs, the side that runs it, and how often either changed. */
export const SLOT = { unit: 0, side: 1, ticks: 2, size: 3 } as const;

/** What a thread says: who its sides are, and what came of its job. */
export type Said = { readonly sides: readonly string[] } | { readonly answer: AnswerData };

/** The thread that runs both APIs. */
export const WORKER: URL = new URL('./worker.js', import.meta.url);

/** How often slots are looked at, milliseconds. */
const LOOK_MS = 100;
/** How long a thread that was asked to end may take, milliseconds. */
const END_MS = 2000;
const INT = 4;

interface Lane {
  worker: Worker;
  slot: Int32Array;
  sides: readonly string[];
  isBusy: boolean;
}

export class Threads implements Doer {
  readonly lanes: number;
  private readonly all: Lane[];
  private readonly stop = new Int32Array(new SharedArrayBuffer(INT));
  private readonly seconds: number;
  private readonly timer: NodeJS.Timeout;
  private readonly given: Given;
  private readonly worker: URL;

  /**
   * @param seconds how long one case may run: the longest takes milliseconds; a loaded machine is slower
   * @param stopped asked several times a second
   * @param worker the compiled module of a thread
   */
  constructor(lanes: number, seconds: number, given: Given, stopped: () => boolean, worker: URL) {
    this.worker = worker;
    this.lanes = lanes;
    this.seconds = seconds;
    this.given = given;
    this.all = Array.from({ length: lanes }, () => this.start());
    this.timer = setInterval(() => {
      if (stopped()) Atomics.store(this.stop, 0, 1);
    }, LOOK_MS);
  }

  async work(assignment: Assignment): Promise<AnswerData | Hang> {
    const lane = this.all.find(({ isBusy }) => !isBusy);
    if (lane === undefined) throw new Error('more jobs at once than threads');
    lane.isBusy = true;
    lane.slot.fill(-1);
    lane.worker.postMessage(assignment);
    try {
      const outcome = await this.outcome(lane);
      if (!('number' in outcome)) return outcome;
      await lane.worker.terminate();
      Object.assign(lane, this.start());
      return outcome;
    } finally {
      lane.isBusy = false;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await Promise.all(this.all.map(ended));
  }

  private start(): Lane {
    const slot = new SharedArrayBuffer(SLOT.size * INT);
    const workerData: ThreadData = {
      ...this.given,
      stop: this.stop.buffer as SharedArrayBuffer,
      slot,
    };
    // What somebody else prints is no part of a report.
    const isForeign = this.given.subject !== undefined;
    const worker = new Worker(this.worker, { workerData, stdout: isForeign });
    if (isForeign) worker.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    return { worker, slot: new Int32Array(slot), sides: [], isBusy: false };
  }

  /** What the thread answers, or that its number stood still. @throws what the thread threw. */
  private outcome(lane: Lane): Promise<AnswerData | Hang> {
    const { worker, slot } = lane;
    return new Promise((resolve, reject) => {
      let ticks = -1;
      let since = performance.now();
      const settle = (end: () => void): void => {
        clearInterval(timer);
        worker.off('message', hear).off('error', fail).off('exit', die);
        end();
      };
      const fail = (error: unknown): void => settle(() => reject(error));
      const hear = (said: Said): void => {
        if ('sides' in said) lane.sides = said.sides;
        else settle(() => resolve(said.answer));
      };
      const give = (isDead: boolean): void => {
        const number = Atomics.load(slot, SLOT.unit);
        // The self-check runs every side twice.
        const side = Atomics.load(slot, SLOT.side) % lane.sides.length;
        const subject = lane.sides[side] ?? 'harness';
        const { seconds } = this;
        settle(() => resolve({ number, subject, seconds, ...(isDead ? { isDead: true } : {}) }));
      };
      const die = (): void => give(true);
      const look = (): void => {
        const now = performance.now();
        const number = Atomics.load(slot, SLOT.unit);
        const moved = Atomics.load(slot, SLOT.ticks);
        if (moved !== ticks || number < 0) {
          ticks = moved;
          since = now;
        }
        if (now - since >= this.seconds * 1000) give(false);
      };
      const timer = setInterval(look, LOOK_MS);
      worker.on('message', hear).on('error', fail).on('exit', die);
    });
  }
}

/** A thread that ends by itself writes what it has counted of its coverage; one that is ended does not. */
async function ended({ worker }: Lane): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => resolve(), END_MS);
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    worker.postMessage(null);
  });
  await worker.terminate();
}
