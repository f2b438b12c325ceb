/**
 * A shard of mutants: each has its own campaign anyway, so a shard is some of them.
 * @module
 */
import { z } from 'zod';
import {
  chooseMutants,
  type MutantsResult,
  runMutants,
  type TrialResult,
} from '../mutants/mutants.ts';
import type { MutantsCampaign } from './campaign.ts';
import { count, name, unpack } from './pack.ts';

const schema: z.ZodType<readonly TrialResult[]> = z.array(
  z.strictObject({
    id: name,
    outcome: z.enum(['killed', 'other', 'survived', 'unreached', 'broken']),
    checks: z.array(name),
    cases: count,
    ms: count,
    detail: z.string(),
  }),
);

/** What a choice by identifiers leaves open. */
const ANY = { classes: [], side: null, dir: null, sample: 0 } as const;

/** @returns null when it was stopped before its end */
export async function runMutantsShard(
  { seed, ids, shards, secondsPerMutant }: MutantsCampaign,
  index: number,
  workers: number,
  signal: AbortSignal,
): Promise<readonly TrialResult[] | null> {
  const own = ids.filter((_, k) => k % shards === index - 1);
  const options = { ...ANY, ids: own, secondsPerMutant, workers, seed };
  const { results, interrupted } = await runMutants(options, () => {}, signal);
  return interrupted ? null : results;
}

/** Shards as they come in. */
export class MutantsMerge {
  private readonly campaign: MutantsCampaign;
  private readonly results = new Map<string, TrialResult>();

  constructor(campaign: MutantsCampaign) {
    this.campaign = campaign;
  }

  add(index: number, packed: unknown): void {
    for (const one of unpack(packed, schema, `shard ${index}`)) this.results.set(one.id, one);
  }

  /** In the order of the list of mutants, as one machine has them. */
  result(ms: number): MutantsResult {
    const { ids } = this.campaign;
    const { mutants, impossible } = chooseMutants({ ...ANY, ids });
    const results = mutants.flatMap(({ id }) => {
      const one = this.results.get(id);
      return one === undefined ? [] : [one];
    });
    return { mutants, impossible, results, interrupted: results.length < mutants.length, ms };
  }
}
