/**
 * What the promise front door is asked about a case, and what it answers: plain data that a thread can be sent.
 * @module
 */
import type { Errno } from '../../../src/errno.ts';
import type { Fault } from '../../../src/machine/fault.ts';

export interface FrontQuestion {
  readonly kind: 'skcipher' | 'aead' | 'ahash';
  readonly driver: string;
  readonly enc: boolean;
  /** null: none is given, which hashes allow. */
  readonly key: Uint8Array | null;
  readonly authsize: number;
  readonly iv: Uint8Array;
  readonly ad: Uint8Array;
  readonly text: Uint8Array;
  /** What is verified; empty elsewhere. */
  readonly tag: Uint8Array;
  /** Where the associated data end that stand in front of the text in each list, and how both are cut. */
  readonly src: readonly number[];
  readonly dst: readonly number[];
  readonly inplace: 'no' | 'same' | 'twin';
  /** A message in parts: lengths of all but the last; null for one call. */
  readonly updates: readonly number[] | null;
  /** Calls that fail once the operation has begun. */
  readonly faults: readonly Fault[];
  /** Bytes of one gathered step; 0 for as many as by itself. */
  readonly gather: number;
  /** The same once more behind it. */
  readonly again: boolean;
  /** Seed of what stands where the result goes. */
  readonly seed: number;
}

/** What came of one operation. */
export interface FrontResult {
  readonly ret: Errno;
  /** Text and tag, or the digest; empty after a failure. */
  readonly output: Uint8Array;
  /** The IV to go on with; the caller's own where none is told. */
  readonly iv: Uint8Array;
  /** Arrays of the caller that were changed and must not be, in words. */
  readonly changed: readonly string[];
}

export interface FrontAnswer {
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  /** null: there was no transform. */
  readonly result: FrontResult | null;
  readonly again: FrontResult | null;
  /** What its machine holds more, or less, than before. */
  readonly leaks: readonly string[];
  readonly warnings: readonly string[];
  /** A broken contract, or an error that is none of its own. */
  readonly trap: string | null;
}
