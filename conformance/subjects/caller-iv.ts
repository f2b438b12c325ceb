/**
 * The IV of a caller: on its heap, where it stays, or on its stack, which is gone when the request is over
 * and the caller returns. Whoever touches it then meets memory that is not there any more.
 *
 * Verified: that nobody copies from, cuts or writes a range of it later. Not verified: single bytes, which
 * read as undefined there and are written in vain.
 * @module
 */

/** What an error says that comes of memory which is gone. */
const GONE = /detached ArrayBuffer/;

export class CallerIv {
  /** What the API gets. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  private readonly isOnStack: boolean;
  private last: Uint8Array | null = null;

  constructor(iv: Uint8Array, isOnStack: boolean) {
    this.bytes = new Uint8Array(iv);
    this.isOnStack = isOnStack;
  }

  /** The IV as it is, or as it was when the caller returned. */
  get value(): Uint8Array {
    return this.last ?? this.bytes;
  }

  /** The request is over. */
  readonly leave = (): void => {
    if (!this.isOnStack || this.last !== null) return;
    this.last = this.bytes.slice();
    structuredClone(this.bytes.buffer, { transfer: [this.bytes.buffer] });
  };
}

/** What a touch of an IV that is gone is called; null for any other error. */
export function touchOfGone(error: unknown): string | null {
  return error instanceof TypeError && GONE.test(error.message)
    ? 'touched the IV of a request that is over, on the stack of a caller who has returned'
    : null;
}
