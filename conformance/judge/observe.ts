/**
 * An observation: everything about one operation that could be seen from the outside.
 * @module
 */
import { type Errno, errnoName } from '../../src/errno.ts';
import type { Holding, Ledger } from '../../src/machine/ledger.ts';
import type { Case } from '../case/case.ts';

/** The answer to a submission, or a call of a callback, of a request of a program. */
export interface Happening {
  /** `submit` is told where work may run before the answer: in cases that are `early`. Its `err` is 0. */
  readonly what: 'submit' | 'answer' | 'call';
  readonly request: number;
  /** Number of the call, from 0: a message in parts has several. */
  readonly step: number;
  readonly err: Errno;
  /** The processor on which it happened. */
  readonly cpu: number;
}

/** What a caller did who breaks the contract while a request is in flight. */
export interface Misuse {
  readonly happened: boolean;
  /** What the API, or the watch over what was lent, called it; null where nobody said anything. */
  readonly named: string | null;
}

/** A byte that nobody may change, in words, and the request of a program whose lists tell it. */
export interface StrayByte {
  readonly words: string;
  readonly request: number;
}

/** How many pages of a process, and of its own instead, a caller held at a moment of its request. */
export interface HeldAt {
  readonly when: 'taken' | 'in flight' | 'over' | 'released';
  readonly pages: number;
  /** The first page that was held another number of times than it had to be, in words. */
  readonly odd: string | null;
}

/** What the caller of a request did with memory of a process. */
export interface Held {
  readonly moments: readonly HeldAt[];
  /** The request was never over. */
  readonly isPending: boolean;
  /** What of a copy came home; null where nothing was copied. */
  readonly arrival: { readonly isComplete: boolean; readonly isTouched: boolean } | null;
}

/** What a subject under test shows. */
export interface Observation {
  readonly subject: string;
  /** True for the scatterlist API: associated data, text and tag are one list. */
  readonly joined: boolean;
  /** True where drivers of the other API may be below, which promise no more than that one does. */
  readonly partial?: boolean | undefined;
  /** CRYPTO_ALG_ASYNC of the transform that was used; false when there was none. */
  readonly async: boolean;
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
  /** The length that a request tells whose result is as long as it turns out; 0 elsewhere. */
  readonly length: number;
  /** What stood before where such a result may stand; empty elsewhere. */
  readonly before: Uint8Array;
  /** The request's IV buffer afterwards. */
  readonly iv: Uint8Array;
  /** Bytes changed outside the permitted ranges, described. */
  readonly stray: readonly StrayByte[];
  /** The same for the associated data of the destination, and for what lies where the tag was read. */
  readonly touchedAd: readonly string[];
  /** True when the destination's associated data are those of the source. */
  readonly isAdCopied: boolean;
  readonly touchedTag: readonly string[];
  /** The same for the source of an operation that is not in place. */
  readonly source: readonly string[];
  /** References, pins and allocations that were not returned. */
  readonly leaks: readonly string[];
  /** What may not be found any more, and stands in memory that the API gave back. */
  readonly residue: readonly string[];
  /** Who gave memory back with bytes in it, as the kernel does. */
  readonly leftBy: readonly string[];
  /** Lists and iterators of the caller that were changed. */
  readonly form: readonly string[];
  readonly iterators: readonly string[];
  /** A broken contract: the kernel would have crashed or corrupted memory. */
  readonly trap: string | null;
  /** The request of a program in or near whose lists that was; absent where it was in none. */
  readonly trapOf?: number | undefined;
  /** How often a device got memory by two mappings, one for each direction; absent for never. */
  readonly mappedBothWays?: number | undefined;
  readonly warnings: readonly string[];
  /** False when a byte of text or tag of the destination changed. */
  readonly isUntouched: boolean;
  /** True where a fault came before setkey, whose result then is none. */
  readonly unasked: boolean;
  /** True where it ran on a machine of its own. */
  readonly isElsewhere?: true | undefined;
  /** Checks for which this subject shows nothing: mostly none. */
  readonly unseen: readonly string[];
  /** What the caller changed while the request was in flight: what came of it is nobody's promise. */
  readonly callerFault: string | null;
  /** What the caller held of user memory; absent where the case has no such caller, or it got nothing. */
  readonly held?: Held | undefined;
  /** Calls that were made to fail. */
  readonly struck: number;
  /** The same once more on the same transform; null where the case does not ask for it, or none was left. */
  readonly again: Again | null;
  /** What only a case with a program has, unless it trapped. */
  readonly program: ProgramObservation | null;
}

/** What came of an operation that was done once more. */
export interface Again {
  readonly result: Errno;
  /** Text and tag, or the digest. */
  readonly output: Uint8Array;
  readonly iv: Uint8Array;
}

/** What is seen of several requests. */
export interface ProgramObservation {
  /** Requests 1 and up; what belongs to all of them is with the observation of request 0. */
  readonly further: readonly Observation[];
  /** Everything in the order in which it came. */
  readonly history: readonly Happening[];
  readonly misuse: Misuse;
}

/** What an independent implementation says must come out. */
export interface Expectation {
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly result: Errno;
  /**
   * Text and tag, or the digest; null where nothing is promised. A result that is shorter than its room
   * leaves what is behind it.
   */
  readonly output: Uint8Array | null;
  /**
   * Instead of `output` where its first bytes are made up by the transform: what all of it must be,
   * given what was found. null everywhere else.
   */
  readonly completed: ((found: Uint8Array) => Uint8Array) | null;
  /** What the request tells; null where nothing is promised, but that both APIs tell the same. */
  readonly length: number | null;
  /** True for what is refused before it begins: no byte of text or tag may be written. */
  readonly isRefused: boolean;
  /** Another result that is right when both APIs have it: whether it fits is up to the compressor. */
  readonly alternative: Errno | null;
  /** null where nothing is promised. */
  readonly iv: Uint8Array | null;
  /** Why there is no answer at all: the APIs are then compared with each other only. Mostly null. */
  readonly refusal: string | null;
}

/** What must come of compression, a public key or key agreement. */
export type DataResult = Pick<
  Expectation,
  'result' | 'output' | 'completed' | 'length' | 'alternative'
>;

/**
 * Something that the joined layout lets be seen: not compared on a side with joined lists.
 * - `ad`: the associated data of the destination, bytes that no one asked for
 * - `tag`: the place from which the tag was read, in place
 * - `iv`: the IV buffer of the request
 * - `failed`: the text of the destination after a failure
 * - `result`: everything that the operation answers and leaves in the lists
 */
export interface Leak {
  readonly part: 'ad' | 'tag' | 'iv' | 'failed' | 'result';
  readonly reason: string;
  /** `ad` only: what stands there is a copy of the source's, or untouched. */
  readonly copy?: true;
  /** Cases to which it is limited. */
  readonly when?: (
    c: {
      readonly op: Case['op'];
      readonly layout: Pick<Case['layout'], 'inplace'> & Partial<Pick<Case['layout'], 'dst'>>;
      readonly context: Pick<Case['context'], 'fault' | 'failing'>;
    },
    input: Pick<CaseInput, 'key' | 'iv' | 'ad'>,
  ) => boolean;
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

/** One line: return code and completions, for messages. */
export function describeResult({ ret, completions, trap }: Observation): string {
  if (trap !== null) return trap.split('\n')[0] ?? trap;
  const calls = completions.map(errnoName).join(', ');
  return completions.length === 0 ? errnoName(ret) : `${errnoName(ret)} then [${calls}]`;
}

/** A result, and what stays as it was in the rest of its room. */
export function withRest(result: Uint8Array, before: Uint8Array): Uint8Array {
  if (result.length >= before.length) return result;
  return Uint8Array.from([...result, ...before.subarray(result.length)]);
}

/** What a ledger holds more, or less, than at its last mark: one line for each. */
export function notReturned(ledger: Pick<Ledger, 'isAsMarked' | 'marked' | 'holdings'>): string[] {
  if (ledger.isAsMarked) return [];
  const key = ({ kind, id }: Holding): string => `${kind}:${id}`;
  const had = new Map(ledger.marked().map((holding) => [key(holding), holding]));
  const lines: string[] = [];
  for (const holding of ledger.holdings()) {
    const old = had.get(key(holding));
    had.delete(key(holding));
    const more = holding.count - (old?.count ?? 0);
    if (more > 0) lines.push(`${more} ${holding.kind} not returned, taken by ${holding.who}`);
    if (more < 0) lines.push(`${-more} ${holding.kind} of ${holding.who} returned too often`);
  }
  for (const { kind, who } of had.values()) lines.push(`${kind} of ${who} taken away`);
  return lines;
}

/**
 * What is seen of a subject that did nothing at all. Written out: put together from parts, such an object
 * was 1.6 % of a campaign.
 */
export function nothingSeen(subject: string): Observation {
  const nothing = new Uint8Array(0);
  return {
    subject,
    joined: false,
    partial: false,
    async: false,
    setkey: 0,
    setauthsize: 0,
    ret: 0,
    completions: [],
    result: 0,
    length: 0,
    before: nothing,
    output: nothing,
    iv: nothing,
    stray: [],
    touchedAd: [],
    isAdCopied: false,
    touchedTag: [],
    source: [],
    leaks: [],
    residue: [],
    leftBy: [],
    form: [],
    iterators: [],
    trap: null,
    warnings: [],
    isUntouched: true,
    unasked: false,
    callerFault: null,
    unseen: [],
    struck: 0,
    again: null,
    program: null,
  };
}
