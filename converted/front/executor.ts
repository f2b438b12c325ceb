/**
 * When operations run: at once while this turn of the event loop has time and the machine has pages,
 * else in order, later. So timers and I/O of the caller go on while a thousand requests wait, a full
 * machine means waiting and not an error, and an abort takes back what has not begun.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { ENOMEM } from '../../src/errno.ts';
import { PAGE_SIZE, type PhysAddr } from '../../src/units.ts';
import { CryptoError } from './errors.ts';
import type { PagePool } from './pool.ts';

/** Bytes that may be worked on in one turn of the event loop: one to three milliseconds. */
const TURN_BYTES = 1 << 20;
/** What an operation costs beside its bytes, as bytes. */
const OPERATION_BYTES = 4096;

/**
 * What runs: it is lent pages, and calls `done` once, at once or later. An error that it throws is the
 * caller's.
 */
export type Work<T> = (
  pages: readonly PhysAddr[],
  done: (result: T) => void,
  failed: (error: unknown) => void,
) => void;

class Job {
  readonly bytes: number;
  readonly start: (pages: PhysAddr[]) => void;
  /** Set by an abort. */
  dropped = false;

  constructor(bytes: number, start: (pages: PhysAddr[]) => void) {
    this.bytes = bytes;
    this.start = start;
  }
}

export class Executor {
  readonly #pool: PagePool;
  #waiting: Job[] = [];
  #head = 0;
  #turnBytes = 0;
  #turn = false;
  #running = 0;
  #pumping = false;
  #idle: (() => void)[] = [];

  constructor(pool: PagePool) {
    this.#pool = pool;
  }

  /** Bytes of the largest operation that can ever run. */
  get largest(): number {
    return this.#pool.capacity * PAGE_SIZE;
  }

  /**
   * Runs `work` with pages for `bytes` bytes. Rejects with the reason of `signal` when it aborts: what
   * has not begun never runs, what runs goes to its end unseen.
   * @throws CryptoError ENOMEM for more bytes than there are.
   */
  run<T>(bytes: number, signal: AbortSignal | undefined, work: Work<T>): Promise<T> {
    const count = Math.ceil(bytes / PAGE_SIZE);
    if (count > this.#pool.capacity) {
      const most = `at most ${this.largest} bytes at once`;
      throw new CryptoError(
        -ENOMEM,
        `${bytes} bytes in one operation, ${most} (createCrypto memory)`,
      );
    }
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      let job: Job | null = null;
      const abort = (): void => {
        if (job !== null) job.dropped = true;
        reject(signal?.reason);
      };
      if (signal !== undefined) onAbort(signal, abort);
      job = new Job(bytes, (pages) => {
        this.#running++;
        const end = (): void => {
          if (signal !== undefined) offAbort(signal, abort);
          this.#pool.give(pages, bytes);
          this.#running--;
          this.#pump();
        };
        try {
          if (pages.length < count) throw new CryptoError(-ENOMEM, 'memory of the machine');
          work(
            pages,
            (result) => {
              end();
              resolve(result);
            },
            (error) => {
              end();
              reject(error);
            },
          );
        } catch (error) {
          end();
          reject(error);
        }
      });
      this.#waiting.push(job);
      this.#pump();
    });
  }

  /** Resolves when nothing runs or waits. */
  idle(): Promise<void> {
    if (this.#running === 0 && this.#head === this.#waiting.length) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Starts what may start, in order: a large operation is not overtaken for ever by small ones. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#head < this.#waiting.length && this.#turnBytes <= TURN_BYTES) {
      const job = this.#waiting[this.#head];
      const pages: PhysAddr[] = [];
      // Without a page that will come back, waiting would be for ever: the operation says ENOMEM.
      const count = job.dropped ? 0 : Math.ceil(job.bytes / PAGE_SIZE);
      if (!this.#pool.take(count, pages) && this.#running > 0) break;
      this.#head++;
      if (job.dropped) continue;
      this.#turnBytes += job.bytes + OPERATION_BYTES;
      this.#nextTurn();
      job.start(pages);
    }
    this.#pumping = false;
    if (this.#head < this.#waiting.length) return;
    this.#waiting = [];
    this.#head = 0;
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #nextTurn(): void {
    if (this.#turn) return;
    this.#turn = true;
    setImmediate(() => {
      this.#turn = false;
      this.#turnBytes = 0;
      this.#pump();
    });
  }
}

/**
 * What waits for each signal. One listener serves all of them: a thousand requests may share a signal,
 * and an event target warns of the eleventh listener.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

function onAbort(signal: AbortSignal, abort: () => void): void {
  const known = waiting.get(signal) ?? new Set();
  if (known.size === 0) {
    waiting.set(signal, known);
    signal.addEventListener('abort', aborted);
  }
  known.add(abort);
}

function offAbort(signal: AbortSignal, abort: () => void): void {
  const known = waiting.get(signal);
  if (known === undefined || !known.delete(abort) || known.size > 0) return;
  waiting.delete(signal);
  signal.removeEventListener('abort', aborted);
}

function aborted(this: AbortSignal): void {
  const known = waiting.get(this);
  waiting.delete(this);
  this.removeEventListener('abort', aborted);
  for (const abort of known ?? []) abort();
}
