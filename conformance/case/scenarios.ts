/**
 * Scenarios, and the cases of a campaign, of which a part are theirs.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import { type Case, requestCase } from './case.ts';
import { CaseGenerator, drawnAlgorithms } from './generate.ts';
import { randomWalk } from './generate-walk.ts';
import { ITERATORS } from './iterator-case.ts';
import { mixed } from './mixed.ts';
import { mutated } from './mutate.ts';
import type { Scenario } from './scenario.ts';
import { DISKS } from './scenario-disks.ts';
import { NETWORK } from './scenario-network.ts';
import { RECORDS } from './scenario-records.ts';

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [...DISKS, ...NETWORK, ...RECORDS];

const BY_ALG: ReadonlyMap<string, readonly Scenario[]> = new Map(
  [...new Set(SCENARIOS.flatMap(({ algs }) => algs))].map((alg) => [
    alg,
    SCENARIOS.filter(({ algs }) => algs.includes(alg)),
  ]),
);

/** What the callers of an algorithm do with it. */
export function scenariosOf(alg: string): readonly Scenario[] {
  return BY_ALG.get(alg) ?? [];
}

/** Every so many rounds over the algorithms one has what their callers do. */
const ROUNDS = 4;

/**
 * Every so many rounds one has public keys, where they are few among others: a case of theirs costs as much as
 * two and a half, nearly all of it in powers and points, and has the fewest ways to lie in memory.
 */
const KEY_ROUNDS = 4;
const KEYS: ReadonlySet<Case['kind']> = new Set(['akcipher', 'kpp']);
/** Rounds that no campaign comes to: from there on are the cases that stand in for those of public keys. */
const STAND_IN_ROUND = 2 ** 20;

/** One case in so many is about iterators: on all their types they cost as much as a request. */
const WALKS_EVERY = 8;
/** Sets their draws apart from those of requests. */
const WALKS = 0x17e8;

/** With a corpus one case in so many comes of it, and of these one in so many is as it was kept. */
const KEPT_EVERY = 4;
const AS_IT_IS = 4;
/** Sets these draws apart, too. */
const KEPT = 0xc0e5;
/** Where a meter counts them: what was kept may not stand in for what the generator draws no more. */
export const CORPUS = 'of the corpus';

function isKnownOnly(alg: string): boolean {
  return algorithmOf(alg)?.isKnownOnly === true;
}

/** True when there is nothing to draw from. */
export function drawsNothing(algs: readonly string[]): boolean {
  return algs.every(isKnownOnly);
}

/** What a campaign draws from: the algorithms, and what stands for iterators. */
export function campaignNames(): readonly string[] {
  return [...drawnAlgorithms(), ITERATORS];
}

/** A case of a campaign, and the name of its scenario; empty where it has none. */
export interface CampaignCase {
  readonly c: Case;
  readonly scenario: string;
}

/** The cases of a campaign: iterators, random requests, and in every fourth round those of callers. */
export class CampaignCases {
  private readonly generator: CaseGenerator;
  private readonly prng = new Prng(0);
  private readonly onlyPrograms: boolean;
  /** Every so many cases one is about iterators. */
  private readonly walksEvery: number;
  /** Places in a round of the algorithms that have no public keys; empty where those have every round, too. */
  private readonly keyless: readonly number[];
  private readonly kept: readonly Case[];
  private readonly wanted: (c: Case) => boolean;

  /**
   * @param algs the algorithms to draw from; among them may be what stands for iterators
   * @param onlyPrograms every case is a program of requests: no iterators, and nothing of callers
   * @param corpus cases that some are made from
   */
  constructor(algs: readonly string[], onlyPrograms = false, corpus: readonly Case[] = []) {
    const others = algs.filter((alg) => alg !== ITERATORS && !isKnownOnly(alg));
    this.onlyPrograms = onlyPrograms;
    this.generator = new CaseGenerator(others, onlyPrograms);
    const isAsked = algs.includes(ITERATORS) && !onlyPrograms;
    this.walksEvery = isAsked ? (others.length > 0 ? WALKS_EVERY : 1) : Number.POSITIVE_INFINITY;
    const keyless = [...others.keys()].filter((place) => !hasKeys(others[place]));
    const areFew = (others.length - keyless.length) * KEY_ROUNDS <= others.length;
    this.keyless = areFew && !onlyPrograms ? keyless : [];
    this.wanted = (c) =>
      c.iterator === undefined
        ? others.includes(c.alg) && (c.program !== undefined || !onlyPrograms)
        : isAsked;
    this.kept = corpus.filter(this.wanted);
  }

  /** Case number `index` of campaign `seed`: the same at every time, in every order. */
  at(seed: number, index: number): CampaignCase {
    if (this.kept.length > 0) {
      this.prng.reseed(mixed(seed ^ KEPT, index));
      if (this.prng.oneIn(KEPT_EVERY)) return { c: this.fromCorpus(), scenario: CORPUS };
    }
    if (index % this.walksEvery === this.walksEvery - 1) {
      this.prng.reseed(mixed(seed ^ WALKS, index));
      return { c: randomWalk(this.prng), scenario: '' };
    }
    return this.request(seed, index - Math.floor(index / this.walksEvery));
  }

  /** Which case of the generator has a place: of public keys one after the other, in their rounds. */
  private numberOf(seed: number, index: number): number {
    const { generator, keyless } = this;
    const { algs } = generator;
    const place = index % algs.length;
    if (keyless.length === 0 || !hasKeys(algs[place])) return index;
    const round = Math.floor(index / algs.length);
    if (round % KEY_ROUNDS === 0) return (round / KEY_ROUNDS) * algs.length + place;
    const other = keyless[mixed(seed, index) % keyless.length];
    return (STAND_IN_ROUND + index) * algs.length + other;
  }

  private fromCorpus(): Case {
    const { prng, kept, wanted } = this;
    const c = prng.pick(kept);
    return prng.oneIn(AS_IT_IS) ? c : mutated(prng, c, prng.pick(kept), wanted);
  }

  private request(seed: number, index: number): CampaignCase {
    const { generator, prng } = this;
    const c = generator.at(seed, this.numberOf(seed, index));
    const round = Math.floor(index / generator.algs.length);
    const callers = round % ROUNDS === ROUNDS - 1 ? scenariosOf(c.alg) : [];
    if (callers.length === 0 || this.onlyPrograms) return { c, scenario: '' };
    prng.reseed(c.seed);
    // In turn, so that none is left out by chance; the drivers' own turn would go in step with it.
    const { name, make } = callers[Math.floor(round / ROUNDS) % callers.length];
    return { c: make(prng, withDriver(prng, c)), scenario: name };
  }
}

function hasKeys(alg: string): boolean {
  const row = algorithmOf(alg);
  return row !== null && KEYS.has(row.kind);
}

/** One request on any driver of its algorithm. Some hashes cannot export their state. */
function withDriver(prng: Prng, program: Case): Case {
  const { short: _short, invalid: _invalid, ...c } = requestCase(program, 0);
  const { driver, async } = prng.pick(driversOf(c.alg));
  return { ...c, driver, async, hash: { ...c.hash, reimport: false } };
}
