/**
 * Goal: the shards of a campaign come to what one machine comes to, findings too, in whatever order and
 * however often they are handed in; what is altered on the way is refused.
 * Method: the same small campaign whole and in parts, over sides of which one is spoiled.
 */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { Canary, spoilLast } from '../campaign/canary.ts';
import { type ConformResult, conform } from '../campaign/conform.ts';
import type { SidesOf } from '../campaign/harness.ts';
import { reportOf } from '../report/conform-report.ts';
import { bothSides } from '../subjects/sides.ts';
import type { ConformCampaign } from './campaign.ts';
import { ConformMerge, optionsOf, packResult, wholeOf } from './conform-shard.ts';

const CAMPAIGN: ConformCampaign = {
  job: 'conform',
  build: 'test',
  seed: 5,
  cases: 300,
  algs: ['ctr(aes)', 'md5'],
  vectors: true,
  shards: 3,
};
const QUIET = { progress: () => {}, stopped: () => false };

/** An API whose last byte is wrong. */
const spoiled: SidesOf = (machine) => {
  const [legacy, converted] = bothSides(machine);
  return [legacy, new Canary(converted, spoilLast)];
};

/** Everything but how long it took. */
function lasting(result: ConformResult): string {
  const { durationMs, casesPerSecond, casesCpuMs, peakRssMib, ...rest } = reportOf(result);
  return JSON.stringify(rest);
}

let whole: ConformResult;
let shards: readonly string[];

beforeAll(async () => {
  whole = await conform(spoiled, wholeOf(CAMPAIGN), QUIET);
  const packed: string[] = [];
  for (let index = 1; index <= CAMPAIGN.shards; index++) {
    const options = optionsOf(CAMPAIGN, index, 1);
    packed.push(packResult(await conform(spoiled, options, QUIET)));
  }
  shards = packed;
}, 60_000);

test('shards come to the whole, in any order and however often', () => {
  expect(whole.kinds.length).toBe(20);
  expect(whole.discoveries.length).toBeGreaterThan(1);
  const index = fc.integer({ min: 1, max: CAMPAIGN.shards });
  fc.assert(
    fc.property(fc.array(index, { maxLength: 8 }), fc.boolean(), (handed, isBackward) => {
      const merge = new ConformMerge(CAMPAIGN);
      const all = isBackward ? [3, 2, 1] : [1, 2, 3];
      for (const i of [...handed, ...all]) merge.add(i, shards[i - 1]);
      expect(lasting(merge.result(0))).toBe(lasting(whole));
    }),
    { seed: 1, numRuns: 20 },
  );
});

test('what a missing shard had to do is unreached, and the rest is counted', () => {
  const merge = new ConformMerge(CAMPAIGN);
  merge.add(1, shards[0]);
  merge.add(3, shards[2]);
  const { interrupted, unreached, cases } = merge.result(0);
  expect(interrupted).toBe(true);
  expect(unreached.cases).toBeGreaterThan(0);
  expect(unreached.cases + cases.total.passed + cases.total.failed).toBe(CAMPAIGN.cases);
});

test('a result that was altered on the way is refused by the name of its shard', () => {
  const [shard] = shards;
  const wrong: unknown[] = [null, 7, '', `${shard.slice(0, 40)}AAAA${shard.slice(44)}`];
  wrong.push(shard.slice(0, -40), 'A'.repeat(2 << 20));
  for (const packed of wrong) {
    expect(() => new ConformMerge(CAMPAIGN).add(2, packed)).toThrow(/^shard 2: /);
  }
});
