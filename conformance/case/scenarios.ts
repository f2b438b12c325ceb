/**
 * Scenarios, and the cases of a campaign, of which a part are theirs.
 *
 * Not among them: a destination that shares a part of its memory with the source and not the rest
 * (dm-crypt's AEAD on write, esp over page frags, TLS over a clone, the ccp driver), because a case has one
 * memory or two; GMAC's one zero buffer twice in a list; compression, whose results have no fixed length.
 * @module
 */
import { Prng } from '../../src/prng.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { type Case, requestCase } from './case.ts';
import { CaseGenerator } from './generate.ts';
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

/** A case of a campaign, and the name of its scenario; empty where it has none. */
export interface CampaignCase {
  readonly c: Case;
  readonly scenario: string;
}

/** The cases of a campaign: random ones, and in every fourth round those of callers. */
export class CampaignCases {
  private readonly generator: CaseGenerator;
  private readonly prng = new Prng(0);

  constructor(algs: readonly string[]) {
    this.generator = new CaseGenerator(algs);
  }

  /** Case number `index` of campaign `seed`: the same at every time, in every order. */
  at(seed: number, index: number): CampaignCase {
    const { generator, prng } = this;
    const c = generator.at(seed, index);
    const round = Math.floor(index / generator.algs.length);
    const callers = round % ROUNDS === ROUNDS - 1 ? scenariosOf(c.alg) : [];
    if (callers.length === 0) return { c, scenario: '' };
    prng.reseed(c.seed);
    // In turn, so that none is left out by chance; the drivers' own turn would go in step with it.
    const { name, make } = callers[Math.floor(round / ROUNDS) % callers.length];
    return { c: make(prng, withDriver(prng, c)), scenario: name };
  }
}

/** One request on any driver of its algorithm. Some hashes cannot export their state. */
function withDriver(prng: Prng, program: Case): Case {
  const c = requestCase(program, 0);
  const { driver, async } = prng.pick(driversOf(c.alg));
  return { ...c, driver, async, hash: { ...c.hash, reimport: false } };
}
