/**
 * An observation: everything about one operation that could be seen from the outside.
 * @module
 */
import type { Errno } from '../../src/errno.ts';

/** What a subject under test shows. */
export interface Observation {
  readonly subject: string;
  /** Results of setkey and setauthsize; 0 when they were not called. */
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  /** What the submission returned. */
  readonly ret: Errno;
  /** What the callback was called with, in order. */
  readonly completions: readonly Errno[];
  /** The final result: `ret`, or the last completion. */
  readonly result: Errno;
  /** Text and tag of the destination, or the digest. Empty when nothing was to be written. */
  readonly output: Uint8Array;
  /** The request's IV buffer afterwards. */
  readonly iv: Uint8Array;
  /** Bytes changed outside the permitted ranges, described. */
  readonly stray: readonly string[];
  /** The same for the source of an operation that is not in place. */
  readonly source: readonly string[];
  /** References, pins and allocations that were not returned. */
  readonly leaks: readonly string[];
  /** Lists and iterators of the caller that were changed. */
  readonly form: readonly string[];
  readonly iterators: readonly string[];
  /** A broken contract: the kernel would have crashed or corrupted memory. */
  readonly trap: string | null;
  readonly warnings: readonly string[];
}

/** What an independent implementation says must come out. */
export interface Expectation {
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly result: Errno;
  /** Text and tag, or the digest; null where nothing is promised. */
  readonly output: Uint8Array | null;
  /** null where kernels differ. */
  readonly iv: Uint8Array | null;
}

/** The bytes of a case as every subject gets them. */
export interface CaseInput {
  readonly key: Uint8Array | null;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  /** Plaintext, ciphertext or message. */
  readonly text: Uint8Array;
  /** AEAD decrypt: the tag as it is presented. */
  readonly tag: Uint8Array;
}
