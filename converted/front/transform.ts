/**
 * What every transform of the front door has: its life, and the one way in which a request is run.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno } from '../../src/errno.ts';
import { CryptoError } from './errors.ts';
import type { Acceptor, Executor, Work } from './executor.ts';

/** The instance that transforms belong to. */
export interface Owner {
  readonly executor: Executor;
  /** Called once by each transform that is gone. */
  forget(transform: Transform): void;
}

/**
 * What ciphers, AEADs and hashes have in common: their end.
 * @example
 * const sg = createCrypto();
 * const transforms = [sg.hash('sha256'), sg.skcipher('ctr(aes)', { key: new Uint8Array(16) })];
 * for (const transform of transforms) await transform.close();
 * console.log(transforms.every(({ closed }) => closed));
 */
export abstract class Transform implements Acceptor {
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
   * @example
   * const ctr = createCrypto().skcipher('ctr(aes)', { key: new Uint8Array(16) });
   * const sealed = ctr.encrypt({ iv: new Uint8Array(16), data: new Uint8Array(3) });
   * await ctr.close();
   * console.log((await sealed).data.length);
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

  /** @throws TypeError once `close` was called. */
  protected refuseClosed(): void {
    if (this.#closed) throw new TypeError('operation on a closed transform');
  }

  /** Runs an operation, which `close` waits for. */
  protected run<T>(bytes: number, signal: AbortSignal | undefined, work: Work<T>): Promise<T> {
    this.#pending++;
    return this.owner.executor.run(bytes, signal, work, this);
  }

  /** Counts operations as one from its acceptance to its end, so that `close` can wait for it. */
  protected async counted<T>(operation: () => Promise<T>): Promise<T> {
    this.refuseClosed();
    this.#pending++;
    try {
      return await operation();
    } finally {
      this.left();
    }
  }

  /** An operation that was accepted has ended. */
  left(): void {
    this.#pending--;
    if (this.#closed && this.#pending === 0) this.#end();
  }

  #end(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.free();
    this.owner.forget(this);
    for (const done of this.#waiting.splice(0)) done();
  }
}

/** The completion of requests that go on with `ended`: the notice of a backlogged one is none. */
export function completionOf(ended: (err: Errno) => void): CryptoCompletion {
  return (_data, err) => {
    if (err !== -EINPROGRESS) ended(err);
  };
}

/** Whether the completion will come. Every request may backlog, so -EBUSY means that it was taken. */
export function isSubmitted(err: Errno): boolean {
  return err === -EINPROGRESS || err === -EBUSY;
}

/** A request that exists. @throws CryptoError ENOMEM */
export function allocated<T>(req: T | null): T {
  if (req === null) throw new CryptoError(-ENOMEM, 'request');
  return req;
}
