/**
 * What a hunt is told, and what it brings home.
 * @module
 */

/** What to look for. */
export interface Hunt {
  readonly seed: number;
  /** Processor time for the cases. */
  readonly seconds: number;
  /** Cases at most. */
  readonly cases: number;
  /** Names of algorithms; all when empty. */
  readonly algs: readonly string[];
  readonly wanted: readonly string[];
  /** The harness is looked at first: canaries, and what its generator draws. */
  readonly self: boolean;
}

/** The first time that a check fired. */
export interface Shot {
  readonly check: string;
  /** Cases up to and with this one. */
  readonly cases: number;
  readonly detail: string;
}

export interface Bag {
  readonly cases: number;
  readonly shots: readonly Shot[];
}

/** What the hunting thread says: a check that fired first, or that it has ended. */
export type Message = Shot | 'ended';

/** What it is given. */
export interface Given extends Hunt {
  /** One number: how many cases have ended. */
  readonly ended: Int32Array;
}
