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
import { offAbort, onAbort } from './abort.ts';
import { CryptoError } from './errors.ts';
import type { PagePool } from './pool.ts';

/** Bytes that may be worked on in one turn of the event loop: one to three milliseconds. */
const TURN_BYTES = 1 << 20;
/** What an operation costs beside its bytes, as bytes. */
const OPERATION_BYTES = 4096;

/** What runs: it uses the pages of its job and ends it, at once or later. An error that it throws ends it. */
export type Work<T> = (job: Job<T>) => void;

/** Who accepted an operation, and waits for its end before he frees what it uses. */
export interface Acceptor {
  left(): void;
}

/** An operation that waits or runs. */
export class Job<T = unknown> {
  readonly bytes: number;
  /** Lent from its beginning to its end. */
  readonly pages: PhysAddr[] = [];
  readonly #executor: Executor;
  readonly #work: Work<T>;
  readonly #signal: AbortSignal | undefined;
  readonly #acceptor: Acceptor;
  #resolve: (result: T) => void = ignored;
  #reject: (error: unknown) => void = ignored;
  #abort: (() => void) | null = null;
  #dropped = false;
  #ended = false;

  constructor(
    executor: Executor,
    bytes: number,
    signal: AbortSignal | undefined,
    work: Work<T>,
    acceptor: Acceptor,
  ) {
    this.#executor = executor;
    this.bytes = bytes;
    this.#signal = signal;
    this.#work = work;
    this.#acceptor = acceptor;
  }

  /** Set by an abort: what has not begun never runs, and what runs must not write to its caller. */
  get dropped(): boolean {
    return this.#dropped;
  }

  /** The promise of the operation, which aborts with the signal. Called once. */
  promise(): Promise<T> {
    const signal = this.#signal;
    if (signal !== undefined) {
      this.#abort = () => {
        this.#dropped = true;
        this.#reject(signal.reason);
      };
      onAbort(signal, this.#abort);
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Runs what has its pages. */
  begin(): void {
    try {
      this.#work(this);
    } catch (error) {
      this.failed(error);
    }
  }

  /** Ends the operation. What it wrote into its pages is zero afterwards. */
  done(result: T): void {
    this.#end();
    this.#resolve(result);
  }

  /** Ends the operation with an error. */
  failed(error: unknown): void {
    if (this.#ended) throw error;
    this.#end();
    this.#reject(error);
  }

  /** Takes back what has not begun. */
  forget(): void {
    this.#ended = true;
    this.#acceptor.left();
  }

  #end(): void {
    this.#ended = true;
    if (this.#abort !== null && this.#signal !== undefined) offAbort(this.#signal, this.#abort);
    this.#executor.ended(this);
    this.#acceptor.left();
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
   * has not begun never runs, what runs goes to its end unseen. `acceptor` hears once of the end.
   * Rejects with CryptoError ENOMEM for more bytes than there are.
   */
  run<T>(
    bytes: number,
    signal: AbortSignal | undefined,
    work: Work<T>,
    acceptor: Acceptor,
  ): Promise<T> {
    const refusal = this.#refusal(bytes, signal);
    if (refusal !== null) {
      acceptor.left();
      return Promise.reject(refusal.error);
    }
    const job = new Job(this, bytes, signal, work, acceptor);
    const promise = job.promise();
    this.#waiting.push(job as Job);
    this.#pump();
    return promise;
  }

  /** Gives back what a job was lent. */
  ended({ pages, bytes }: { readonly pages: PhysAddr[]; readonly bytes: number }): void {
    this.#pool.give(pages, bytes);
    this.#running--;
    this.#pump();
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
      if (job.dropped) {
        this.#head++;
        job.forget();
        continue;
      }
      const count = Math.ceil(job.bytes / PAGE_SIZE);
      const enough = this.#pool.take(count, job.pages);
      // Without a page that will come back, waiting would be for ever: the operation says ENOMEM.
      if (!enough && this.#running > 0) break;
      this.#head++;
      this.#turnBytes += job.bytes + OPERATION_BYTES;
      this.#nextTurn();
      this.#running++;
      if (enough) job.begin();
      else job.failed(new CryptoError(-ENOMEM, 'memory of the machine'));
    }
    this.#pumping = false;
    if (this.#head < this.#waiting.length) return;
    this.#waiting = [];
    this.#head = 0;
    if (this.#running > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Why an operation cannot be accepted. */
  #refusal(bytes: number, signal: AbortSignal | undefined): { readonly error: unknown } | null {
    if (signal?.aborted === true) return { error: signal.reason };
    if (Math.ceil(bytes / PAGE_SIZE) <= this.#pool.capacity) return null;
    const most = `at most ${this.largest} bytes at once`;
    const what = `${bytes} bytes in one operation, ${most} (createCrypto memory)`;
    return { error: new CryptoError(-ENOMEM, what) };
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

function ignored(): void {}
