/**
 * What every operation of the promise front door does: place data in user memory, pin it, submit, wait
 * for completion, give everything back.
 * @module
 */
import type { CryptoCompletion } from '../../src/crypto/queue.ts';
import { EBUSY, EINPROGRESS, ENOMEM, type Errno, errnoName } from '../../src/errno.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { type AddressSpace, copyFromUser, copyToUser } from '../../src/machine/user.ts';
import { type UserAddr, userAddr } from '../../src/units.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterUbuf,
} from '../iter/iov-iter.ts';
import { type PinnedVecs, pinUserMemory, unpinUserMemory } from './user-memory.ts';

/** An error of the API: a negative errno with its name. @kernel none */
export class CryptoError extends Error {
  override readonly name: string = 'CryptoError';
  /** Negative, as the kernel returns it. */
  readonly errno: Errno;
  /** The name of the errno, `EBADMSG`. */
  readonly code: string;

  constructor(errno: Errno, what: string) {
    super(`${what}: ${errnoName(errno)}`);
    this.errno = errno;
    this.code = errnoName(errno);
  }
}

/** One part of a request in user memory, as both directions. @kernel none */
export interface Part {
  readonly at: UserAddr;
  readonly len: number;
  readonly source: IovIter<'source'>;
  readonly dest: IovIter<'dest'>;
}

/** The data of one request: one mapping, pinned until `release`. @kernel none */
export class PinnedBuffer {
  readonly parts: Part[] = [];
  readonly #machine: Machine;
  readonly #mm: AddressSpace;
  readonly #start: UserAddr;
  readonly #size: number;
  readonly #pinned: PinnedVecs[] = [];

  constructor(machine: Machine, mm: AddressSpace, parts: readonly (readonly Uint8Array[])[]) {
    this.#machine = machine;
    this.#mm = mm;
    const lengths = parts.map((list) => list.reduce((sum, piece) => sum + piece.length, 0));
    this.#size = lengths.reduce((sum, len) => sum + len, 0);
    if (this.#size > machine.mem.u8.length) throw new CryptoError(-ENOMEM, 'memory of the machine');
    this.#start = mm.mmap(this.#size, true, false);
    let at = this.#start;
    for (let k = 0; k < parts.length; k++) {
      this.#add(at, lengths[k], parts[k]);
      at = userAddr(at + lengths[k]);
    }
  }

  read(part: Part): Uint8Array {
    const data = new Uint8Array(part.len);
    copyFromUser(this.#machine, this.#mm, data, part.at);
    return data;
  }

  release(): void {
    for (const pinned of this.#pinned) unpinUserMemory(this.#machine, pinned, true);
    this.#mm.munmap(this.#start, this.#size);
  }

  #add(start: UserAddr, len: number, list: readonly Uint8Array[]): void {
    let at = start;
    for (const piece of list) {
      if (copyToUser(this.#machine, this.#mm, at, piece) > 0) this.#fail(-ENOMEM);
      at = userAddr(at + piece.length);
    }
    const pinned: PinnedVecs = { bvec: [], pages: [] };
    const user = iovIterUbuf(this.#machine, this.#mm, ITER_DEST, start, len);
    const err = pinUserMemory(user, pinned);
    if (err !== 0) this.#fail(err);
    this.#pinned.push(pinned);
    const { bvec } = pinned;
    const source = iovIterBvec(this.#machine, ITER_SOURCE, bvec, bvec.length, len);
    const dest = iovIterBvec(this.#machine, ITER_DEST, bvec, bvec.length, len);
    this.parts.push({ at: start, len, source, dest });
  }

  #fail(err: Errno): never {
    this.release();
    throw new CryptoError(err, 'memory of the machine');
  }
}

/**
 * Submits and waits. A request in flight cannot be taken back: an abort rejects at once, and the memory
 * is released when the request completes. @kernel none
 */
export function settle<T>(
  buffer: PinnedBuffer,
  signal: AbortSignal | undefined,
  free: () => void,
  submit: (complete: CryptoCompletion) => Errno,
  result: () => T,
  what: string,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason);
    const finish = (err: Errno): void => {
      signal?.removeEventListener('abort', abort);
      if (err === 0) resolve(result());
      else reject(new CryptoError(err, what));
      free();
      buffer.release();
    };
    if (signal?.aborted === true) {
      abort();
      free();
      buffer.release();
      return;
    }
    const err = submit((_data, done) => {
      if (done !== -EINPROGRESS) finish(done);
    });
    if (err === -EINPROGRESS || err === -EBUSY) signal?.addEventListener('abort', abort);
    else finish(err);
  });
}
