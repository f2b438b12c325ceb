/**
 * What an API answered to a case.
 * @module
 */
import type { Errno } from '../../src/errno.ts';
import type { Happening, Held, Misuse, Observation } from '../judge/observe.ts';

/** What an API answered. */
export interface Outcome {
  /** CRYPTO_ALG_ASYNC of the transform. */
  readonly async: boolean;
  readonly setkey: Errno;
  readonly setauthsize: Errno;
  readonly ret: Errno;
  readonly completions: readonly Errno[];
  readonly iv: Uint8Array;
  /** Hashes only. */
  readonly digest: Uint8Array;
  /** The length that a request tells whose result is as long as it turns out; 0 elsewhere. */
  readonly length: number;
  readonly form: readonly string[];
  readonly iterators: readonly string[];
  /** What the caller changed while this request was in flight; absent: nothing. */
  readonly callerFault?: string | undefined;
  /** True where a fault came before there was a transform to set a key on. */
  readonly unasked?: true | undefined;
  /** Checks for which it shows nothing; absent: none. */
  readonly unseen?: readonly string[] | undefined;
  /** What came of the same once more; absent where it was not asked for, or there was no transform. */
  readonly later?: Outcome | undefined;
  /** What the caller held of user memory; absent: none. */
  readonly held?: Held | undefined;
  /** What the caller answers, where that is not what the request came to. */
  readonly failed?: Errno | undefined;
  /** What was seen on a machine of the side's own; absent: it has none. */
  readonly elsewhere?: Pick<Observation, 'leaks' | 'warnings'> | undefined;
}

/** What came of a program: the outcome of each request, and of all. */
export interface ProgramOutcome {
  readonly outcomes: readonly Outcome[];
  readonly history: readonly Happening[];
  readonly misuse: Misuse;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * An outcome that is filled in as more is known. One class: put together from parts, one outcome in ten had a
 * hidden class of its own, and whoever read it was slow.
 */
export class OutcomeRecord implements Outcome {
  async = false;
  setkey: Errno = 0;
  setauthsize: Errno = 0;
  ret: Errno;
  completions: readonly Errno[] = [];
  iv: Uint8Array = NOTHING;
  digest: Uint8Array = NOTHING;
  length = 0;
  form: readonly string[] = [];
  iterators: readonly string[] = [];
  callerFault: string | undefined = undefined;
  unasked: true | undefined = undefined;
  unseen: readonly string[] | undefined = undefined;
  later: Outcome | undefined = undefined;
  held: Held | undefined = undefined;
  failed: Errno | undefined = undefined;
  elsewhere: Outcome['elsewhere'] = undefined;

  constructor(ret: Errno) {
    this.ret = ret;
  }
}

/** The outcome where setauthsize is refused: nothing was submitted. */
export function tagRefused(setkey: Errno, setauthsize: Errno): OutcomeRecord {
  const outcome = new OutcomeRecord(setauthsize);
  outcome.setkey = setkey;
  outcome.setauthsize = setauthsize;
  return outcome;
}

/** The outcome of an operation of which nothing more is known than what it returned. */
export function refused(ret: Errno): Outcome {
  return new OutcomeRecord(ret);
}
