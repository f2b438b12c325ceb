/**
 * One crypto API as the harness calls it: transforms and requests over memory that was placed before.
 * Each API has one adapter; whatever drives an API, a case or a law, is written once, over this.
 * @module
 */
import type { AlgKind } from '../../src/crypto/algorithm.ts';
import type { Errno } from '../../src/errno.ts';
import type { Case, Layout } from '../case/case.ts';
import type { CaseMemory } from '../case/memory.ts';
import type { Placed } from '../case/placed.ts';
import type { Submission } from './submit.ts';

/** Where an operation reads and writes. */
export interface Buffers {
  readonly memory: CaseMemory;
  readonly layout: Pick<Layout, 'inplace' | 'chain'>;
  /** AD, text and (decrypt) tag. */
  readonly src: readonly Placed[];
  /** Room for AD, text and (encrypt) tag. */
  readonly dst: readonly Placed[];
  /** True where an iterator that is to be written says that it is a source, or the other way round. */
  readonly isReversed?: boolean;
  /** A list that is handed over with no more than so many bytes; absent: both as they are. */
  readonly limit?: { readonly list: 'src' | 'dst'; readonly bytes: number } | undefined;
  /** Of the request in a program; absent: there is one. */
  readonly number?: number;
}

/** The lists or iterators of an API over some buffers. User memory is pinned. */
export interface Prepared {
  /** The caller takes lists and segment arrays back: whoever touches them later traps. Absent: they stay. */
  takeBack?(): void;
  /** Unpins. */
  release(): void;
  /** Lists and segment arrays of the caller that are not what they were. */
  changes(): string[];
  /** Iterators that do not stand where they stood. */
  moved(): string[];
}

/** One request of a batch. */
export interface BatchItem<P extends Prepared> {
  readonly request: RequestSubject<P>;
  readonly message: CryptMessage<P>;
  readonly submission: Submission;
}

/** A transform of any kind. */
interface SubjectTfm {
  /** CRYPTO_ALG_ASYNC of its algorithm. */
  readonly async: boolean;
  /** With `forbidWeak` under CRYPTO_TFM_REQ_FORBID_WEAK_KEYS. */
  setkey(key: Uint8Array, forbidWeak: boolean): Errno;
  free(): void;
}

/** One message for a cipher or an AEAD. */
export interface CryptMessage<P extends Prepared> {
  readonly enc: boolean;
  readonly at: P;
  /** Ciphers: 0. */
  readonly assoclen: number;
  /** The text without the tag, in both directions. */
  readonly len: number;
  readonly iv: Uint8Array;
}

/** A request object that can be submitted more than once. */
export interface RequestSubject<P extends Prepared> {
  /** Fills the request in and submits it. @returns what the API answers at once. */
  submit(message: CryptMessage<P>, submission: Submission): Errno;
  /** Names lists, length and IV, and submits nothing. Absent where nothing is ever in flight. */
  fill?(message: CryptMessage<P>): void;
  free(): void;
}

export interface SkcipherSubject<P extends Prepared> extends SubjectTfm {
  /** Fills requests of one direction in and submits them in one call. Absent where an API has no batches. */
  batch?(items: readonly BatchItem<P>[]): void;
  request(): RequestSubject<P>;
  /** One request, allocated and freed. @returns its final result. */
  crypt(enc: boolean, at: P, len: number, iv: Uint8Array, submission: Submission): Errno;
}

export interface AeadSubject<P extends Prepared> extends SubjectTfm {
  /** As `SkcipherSubject.batch`. */
  batch?(items: readonly BatchItem<P>[]): void;
  setauthsize(authsize: number): Errno;
  request(): RequestSubject<P>;
  /** `len` is the text without the tag, in both directions. @returns the final result. */
  crypt(
    enc: boolean,
    at: P,
    assoclen: number,
    len: number,
    iv: Uint8Array,
    submission: Submission,
  ): Errno;
}

export interface AhashSubject<P extends Prepared> extends SubjectTfm {
  readonly digestsize: number;
  /** A request that can carry one message after the other. */
  request(submission: Submission): MessageSubject<P>;
}

/** A hash request. Every call waits and gives the final result. */
export interface MessageSubject<P extends Prepared> {
  /** The next call is of another submission. */
  rebind(submission: Submission): void;
  /** Names list and length, and submits nothing. Absent where nothing is ever in flight. */
  fill?(at: P, len: number): void;
  init(): Errno;
  /** Adds the `len` bytes of the source that begin at byte `skip`. */
  update(at: P, skip: number, len: number): Errno;
  final(result: Uint8Array): Errno;
  finup(at: P, skip: number, len: number, result: Uint8Array): Errno;
  digest(at: P, len: number, result: Uint8Array): Errno;
  export(): { readonly err: Errno; readonly state: Uint8Array };
  import(state: Uint8Array): Errno;
  free(): void;
}

/** Compression, public keys, key agreement: one list in, a list of another length out. */
export type DataKind = 'acomp' | 'akcipher' | 'kpp';

/** What such a request is asked for; each kind has its own. */
export type DataOperation = Exclude<Case['op'], 'digest'>;

/** A transform of one of these kinds. Compression has no key, and setkey is 0 there. */
export interface DataSubject<P extends Prepared> extends SubjectTfm {
  /** Bytes of the longest result under the key; 0 for compression, which cannot tell. */
  maxSize(): number;
  request(): DataRequest<P>;
  /**
   * One request, allocated and freed: `len` bytes in, and `room` for the result. `verify` has no result:
   * it takes a digest of `room` bytes behind the signature of `len`. `generate` takes nothing.
   * @returns the final result, and the length that the request tells afterwards.
   */
  run(
    operation: DataOperation,
    at: P,
    len: number,
    room: number,
    submission: Submission,
  ): DataAnswer;
}

/** A request object of these kinds that can be submitted more than once. */
export interface DataRequest<P extends Prepared> {
  /** As {@link DataSubject.run}, but that it waits for nothing. */
  submit(operation: DataOperation, at: P, len: number, room: number, submission: Submission): Errno;
  /** The length that it tells behind its completion. */
  length(operation: DataOperation): number;
  free(): void;
}

/** What a request of these kinds answers. */
export interface DataAnswer {
  readonly err: Errno;
  readonly length: number;
}

export interface SubjectApi<P extends Prepared> {
  readonly name: string;
  /** True when associated data, text and tag are one list. */
  readonly joined: boolean;
  /** False where the API has no such driver. */
  offers(driver: string, kind: AlgKind): boolean;
  /** Why this API cannot run a case whose driver it may have; null: it can. Absent: it always can. */
  declines?(c: Case): string | null;
  /** Forgets whatever state a trap left it in. */
  renew(): void;
  /** Told what a caller did wrong to a request in flight. Absent: nobody asks. */
  misused?(words: string, of: number): void;
  prepare(buffers: Buffers): P;
  skcipher(driver: string): SkcipherSubject<P> | Errno;
  aead(driver: string): AeadSubject<P> | Errno;
  ahash(driver: string): AhashSubject<P> | Errno;
}

/** An API that has these kinds too. */
export interface DataApi<P extends Prepared> extends SubjectApi<P> {
  data(driver: string, kind: DataKind): DataSubject<P> | Errno;
}

/** An API that may have them. */
export type AnyApi<P extends Prepared> = SubjectApi<P> & Partial<Pick<DataApi<P>, 'data'>>;

/** One request object for one operation. @returns the final result, and the length that it tells. */
export function runOnce<P extends Prepared>(
  request: DataRequest<P>,
  ...operation: Parameters<DataRequest<P>['submit']>
): DataAnswer {
  const err = request.submit(...operation);
  const length = request.length(operation[0]);
  request.free();
  return { err, length };
}

/** One request object for one message. @returns the final result. */
export function cryptOnce<P extends Prepared>(
  request: RequestSubject<P>,
  message: CryptMessage<P>,
  submission: Submission,
): Errno {
  const err = request.submit(message, submission);
  request.free();
  return err;
}
