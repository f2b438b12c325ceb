/**
 * What every transform of the front door has: its life, and the one way in which a request is run.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno } from '../../src/errno.ts';
import { CryptoError } from './errors.ts';
import type { Executor } from './executor.ts';

/** The instance that transforms belong to. */
export interface Owner {
  readonly executor: Executor;
  /** Called once by each transform that is gone. */
  forget(transform: Transform): void;
}

/** Base of ciphers, AEADs and hashes. */
export abstract class Transform {
  protected readonly owner: Owner;
  #pending = 0;
  #closed = false;
  #freed = false;
  #waiting: (() => void)[] = [];

  constructor(owner: Owner) {
    this.owner = owner;
  }

  /** True once `close` was called: operations are refused. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Refuses further operations, waits for those that were accepted, and frees the key. May be called
   * again.
   */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#pending === 0) this.#end();
    return this.#freed ? Promise.resolve() : new Promise((done) => this.#waiting.push(done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** As `close`, for `using`: what is in flight ends first, unseen. */
  [Symbol.dispose](): void {
    void this.close();
  }

  /** Frees the transform of the core. */
  protected abstract free(): void;

  /** Counts an operation from its acceptance to its end, so that `close` can wait for it. */
  protected async counted<T>(operation: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TypeError('operation on a closed transform');
    this.#pending++;
    try {
      return await operation();
    } finally {
      this.#pending--;
      if (this.#closed && this.#pending === 0) this.#end();
    }
  }

  #end(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.free();
    this.owner.forget(this);
    for (const done of this.#waiting.splice(0)) done();
  }
}

/**
 * Submits a request and hears of its end, whether it comes at once or later.
 * @param submit gets the completion, and answers as the core does
 */
export function submitted(
  submit: (complete: CryptoCompletion) => Errno,
  ended: (err: Errno) => void,
): void {
  const err = submit((_data, done) => {
    if (done !== -EINPROGRESS) ended(done);
  });
  // Every request of the front door may backlog, so -EBUSY means that it was taken.
  if (err !== -EINPROGRESS && err !== -EBUSY) ended(err);
}

/** A request that exists. @throws CryptoError ENOMEM */
export function allocated<T>(req: T | null): T {
  if (req === null) throw new CryptoError(-ENOMEM, 'request');
  return req;
}
