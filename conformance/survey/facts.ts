/**
 * What one source file says, before any judgement. Plain data: it crosses thread borders.
 * Lines count from 1. `fn` is the enclosing function, or one of the two constants below.
 */

/** Enclosing "function" of evidence at file scope. */
export const FILE_SCOPE = '#file';
/** Enclosing "function" of evidence in the body of a macro. */
export const MACRO_SCOPE = '#macro';

/** Where a call stands: in parsed code, in a macro body, or inside a parse error. */
export type Place = 'code' | 'macro' | 'error';

/** What happens to the result of a call: `tested` for zero, `compared` with a value, or kept. */
export type ResultUse = 'ignored' | 'tested' | 'compared' | 'kept';

/** A live call of a catalogued name. */
export interface CallFact {
  readonly name: string;
  readonly line: number;
  readonly fn: string;
  readonly args: readonly string[];
  readonly place: Place;
  readonly use: ResultUse;
  /** Whether the call is inside a loop of its function. */
  readonly looped: boolean;
}

/** A catalogued name that is used as a value, such as a callback. */
export interface RefFact {
  readonly name: string;
  readonly line: number;
  readonly fn: string;
}

/** A use of `struct <name>`. */
export interface TypeFact {
  readonly name: string;
  readonly line: number;
  readonly fn: string;
}

/** A local list that is not a pointer: it lives on the stack. */
export interface LocalListFact {
  readonly name: string;
  readonly line: number;
  readonly fn: string;
}

/** A use of `->src` or `->dst` of a request, or of a member that holds a list. */
export interface MemberFact {
  readonly text: string;
  readonly line: number;
  readonly fn: string;
  /** Whether it is indexed like an array. */
  readonly indexed: boolean;
}

/** An access to a field of one list entry. */
export interface EntryFieldFact {
  readonly base: string;
  readonly field: string;
  readonly line: number;
  readonly fn: string;
  readonly write: boolean;
  /** `request`: it may be a request's; `own`: made in this file; `parameter`: handed in. */
  readonly origin: 'request' | 'own' | 'parameter' | 'unknown';
}

/** A comparison of a source with a destination. */
export interface ComparisonFact {
  readonly left: string;
  readonly right: string;
  readonly line: number;
  readonly fn: string;
  /** `identity`: source first; `reversed`: destination first; `first-address`: two `sg_virt`. */
  readonly kind: 'identity' | 'reversed' | 'first-address';
}

/** Types of algorithms; the last six take no lists. */
export type AlgorithmType =
  | 'skcipher'
  | 'aead'
  | 'ahash'
  | 'akcipher'
  | 'kpp'
  | 'acomp'
  | 'shash'
  | 'cipher'
  | 'comp'
  | 'scomp'
  | 'rng'
  | 'unknown';

/** A statically initialised algorithm. */
export interface AlgorithmFact {
  readonly type: AlgorithmType;
  readonly name: string;
  readonly driver: string;
  readonly line: number;
  /** Line of `CRYPTO_ALG_ASYNC` in its own initialiser, or 0. */
  readonly asyncFlagLine: number;
  /** Whether it is only reachable through a wrapper made at run time. */
  readonly internal: boolean;
}

/** How a file shows that requests may complete later. */
export type AsyncKind =
  | 'flag-static'
  | 'flag-assigned'
  | 'flag-defaults'
  | 'returns-inprogress'
  | 'queues'
  | 'completes'
  | 'inherits'
  | 'runtime';

/** One sighting of asynchrony. */
export interface AsyncFact {
  readonly kind: AsyncKind;
  readonly line: number;
  readonly fn: string;
}

/** A function of this file that is handed to a `*_request_set_callback`. */
export interface CallbackFact {
  readonly name: string;
  readonly line: number;
  /** Names of all functions that it calls. */
  readonly calls: readonly string[];
}

/** A loop that ends when a list entry is NULL, not when a byte count is used up. */
export interface OpenLoopFact {
  readonly line: number;
  readonly fn: string;
  readonly variable: string;
}

/** A place that the grammar could not parse. */
export interface ParseErrorFact {
  readonly line: number;
  readonly what: string;
}

/** A function that has a list parameter or result: used to report names not yet catalogued. */
export interface ListFunctionFact {
  readonly name: string;
  readonly line: number;
}

/** Everything that one file says. */
export interface FileFacts {
  readonly path: string;
  readonly lines: number;
  /** SHA-256 of the bytes, shortened. */
  readonly hash: string;
  /** Names of the functions that are defined here. */
  readonly functions: readonly string[];
  readonly calls: readonly CallFact[];
  readonly refs: readonly RefFact[];
  readonly types: readonly TypeFact[];
  readonly localLists: readonly LocalListFact[];
  readonly requestMembers: readonly MemberFact[];
  readonly typeMembers: readonly MemberFact[];
  readonly entryFields: readonly EntryFieldFact[];
  readonly comparisons: readonly ComparisonFact[];
  readonly algorithms: readonly AlgorithmFact[];
  readonly async: readonly AsyncFact[];
  readonly openLoops: readonly OpenLoopFact[];
  readonly callbacks: readonly CallbackFact[];
  readonly errors: readonly ParseErrorFact[];
  readonly listFunctions: readonly ListFunctionFact[];
  /** Whether the file defines a `struct crypto_template`. */
  readonly definesTemplate: boolean;
  /** Catalogued calls that the token scan found and the parser did not, and the reverse. */
  readonly scanMismatches: readonly string[];
}
