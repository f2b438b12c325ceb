/**
 * The odds of a seed: how often a case differs from a plain one, and in what. Campaigns of different seeds so
 * look in different places, where one set of odds would look in the same one for ever (swarm testing). The
 * default seed has the plain odds, with which a default run meets every value of every axis.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { mixed } from './mixed.ts';

/** One case, segment or draw in so many. */
const PLAIN = {
  /** In place; of those half have one list. */
  inplace: 2,
  chain: 4,
  /** A list is longer than the data. */
  tail: 4,
  /** More than 32 segments. */
  many: 32,
  empty: 8,
  /** Other memory than pages. */
  memory: 2,
  /** Offsets at the end of a page. */
  high: 4,
  atomic: 8,
  reuse: 8,
  /** Allocations that fail. */
  fault: 16,
  /** A machine that gathers little at once. */
  gather: 2,
  tamper: 4,
  /** Texts of about a page, and of more than is gathered at once. */
  page: 16,
  long: 128,
  /** Texts of a length that is refused. */
  unfit: 8,
  /** Lists that are too short, and lists that are wrong otherwise. */
  short: 40,
  invalid: 40,
  /** Several requests: on an asynchronous driver, and on another. */
  program: 16,
  syncProgram: 96,
  /** A call that fails, and the same once more. */
  failing: 24,
  again: 16,
  /** Apart, but that some segments of the destination are the source's. */
  partly: 12,
  /** User memory that is lent for the request alone. */
  caller: 12,
};

export type Odds = Readonly<typeof PLAIN>;

/** The seed of a run that asks for none. */
export const PLAIN_SEED = 1;
/** Sets the draw of the odds apart from those of cases. */
const SWARM = 0x5ea12;
/** What plain odds are multiplied by: half of them stay. */
const FACTORS: readonly number[] = [0.5, 1, 1, 2];
/** Nothing is drawn always: its opposite must occur. */
const LEAST = 2;

let known: { readonly seed: number; readonly odds: Odds } = { seed: PLAIN_SEED, odds: PLAIN };

/** The odds of a campaign: the same at every time. */
export function oddsOf(seed: number): Odds {
  if (known.seed === seed) return known.odds;
  const prng = new Prng(mixed(seed, SWARM));
  const odds = { ...PLAIN };
  if (seed !== PLAIN_SEED) {
    for (const name of Object.keys(odds) as (keyof typeof odds)[]) {
      odds[name] = Math.max(LEAST, Math.round(odds[name] * prng.pick(FACTORS)));
    }
  }
  known = { seed, odds };
  return odds;
}

/** What of the odds of a seed is not plain: `chain 1 in 2, tail 1 in 8`; empty where all are. */
export function describeOdds(odds: Readonly<Record<string, number>>): string {
  const plain: Readonly<Record<string, number>> = PLAIN;
  const other = Object.entries(odds).filter(([name, rarity]) => plain[name] !== rarity);
  return other.map(([name, rarity]) => `${name} 1 in ${rarity}`).join(', ');
}

/** A generator of numbers that knows the odds. */
export class Dice extends Prng {
  odds: Odds = PLAIN;

  /** True once in as many times as the odds of this name say. */
  is(name: keyof Odds): boolean {
    return this.oneIn(this.odds[name]);
  }
}
