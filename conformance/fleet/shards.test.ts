/**
 * Goal: whatever a campaign does, its shards come to what one machine comes to, once each, and what is
 * altered on the way is refused.
 * Method: a small run whole and in parts; certificates that are made up, since no kernel is booted here.
 */
import { expect, test } from 'vitest';
import type { Certificate } from '../linux/certify.ts';
import { chooseMutants } from '../mutants/mutants.ts';
import { runStructure } from '../structure/run.ts';
import {
  type CertifyCampaign,
  type MutantsCampaign,
  parseShardJob,
  type StructuralCampaign,
} from './campaign.ts';
import { pack } from './pack.ts';
import { Merge, runShard } from './shards.ts';

const COMMON = { build: 'test', seed: 3, shards: 3 } as const;
const STRUCTURAL: StructuralCampaign = { job: 'structural', ...COMMON, cases: 1000 };
const CERTIFY: CertifyCampaign = {
  ...{ job: 'certify', ...COMMON, shards: 2 },
  ...{ kernel: '6.1', cases: 10, campaign: 4 },
};
const QUIET = { progress: () => {}, stopped: () => false };
const HANDS = { workers: 1, sidesOf: () => [], signal: new AbortController().signal };

test('structural shards come to the whole, in any order and however often', async () => {
  const { cpuMs, ...whole } = await runStructure({ seed: 3, cases: 1000, bail: false }, QUIET);
  const parts = await Promise.all(
    [1, 2, 3].map((index) => runShard({ campaign: STRUCTURAL, index }, HANDS)),
  );
  const merge = new Merge(STRUCTURAL);
  for (const index of [3, 1, 1, 2, 3]) merge.add(index, parts[index - 1]);
  // One case in eight is looked at, counted from the first of a part.
  const { drawn, ...counted } = whole;
  expect(merge.collected(0)).toMatchObject({ job: 'structural', result: counted });
  const open = new Merge(STRUCTURAL);
  open.add(2, parts[1]);
  expect(open.collected(0)).toMatchObject({ interrupted: true, result: { cases: 333 } });
});

test('of a kind of structural difference the first case is kept, and all are counted', () => {
  const shard = {
    seed: 3,
    cases: 10,
    failed: 2,
    deaf: [],
    drawn: { 'an empty entry': 1 },
    cpuMs: 1,
  };
  const finding = { check: 'COUNT', subject: 'sg_nents', detail: '2 for 3', cases: 2 };
  const merge = new Merge(STRUCTURAL);
  merge.add(3, pack({ ...shard, findings: [{ ...finding, number: 700 }] }));
  merge.add(1, pack({ ...shard, findings: [{ ...finding, number: 5 }] }));
  expect(merge.collected(0)).toMatchObject({
    result: {
      ...{ cases: 20, failed: 4, drawn: { 'an empty entry': 2 } },
      findings: [{ ...finding, number: 5, cases: 4 }],
    },
  });
});

test('mutants come back in the order of their list, and one that is missing is said', () => {
  const ids = chooseMutants({
    ids: [],
    classes: ['W'],
    side: null,
    dir: null,
    sample: 4,
  }).mutants.map(({ id }) => id);
  const campaign: MutantsCampaign = {
    job: 'mutants',
    ...COMMON,
    shards: 2,
    ids,
    secondsPerMutant: 1,
  };
  const of = (id: string): object => {
    return { id, outcome: 'killed', checks: ['OUT'], cases: 3, ms: 5, detail: 'x' };
  };
  const merge = new Merge(campaign);
  merge.add(2, pack([of(ids[3]), of(ids[1])]));
  expect(merge.collected(7)).toMatchObject({ result: { interrupted: true, ms: 7 } });
  merge.add(1, pack([of(ids[2]), of(ids[0])]));
  const { result } = merge.collected(7);
  expect(result).toMatchObject({ interrupted: false, results: ids.map(of) });
  expect(() => new Merge(campaign).add(1, pack([{ ...of(ids[0]), outcome: 'fine' }]))).toThrow(
    /^shard 1: 0\.outcome: /,
  );
});

function certificate(release: string, different: number): Certificate {
  const cases = { whole: 5, part: 1, different, not: 2, absent: 0 };
  const finding = { id: 'r1', aspects: ['output' as const], lines: ['x'], text: 'y' };
  return {
    ...{ mode: 'kernel', kernel: 'Debian 6.1', release, origin: ['package'], seed: 3, cases: 8 },
    ...{ answered: 8, boots: 1, seconds: 2, casesPerSecond: 4, axes: { hash: 3 }, crashes: [] },
    comparisons: [
      {
        ...{ what: 'legacy', cases, units: { compared: 9, excused: 1, different } },
        ...{ ids: different > 0 ? ['r1'] : [], byAspect: { output: different } },
        findings: different > 0 ? [finding] : [],
        groups: { md5: cases },
        ...{
          rules: { poison: 1 },
          changes: {},
          asked: { x: 1 },
          omitted: { iv: 2 },
          left: { 'not asked': 2 },
        },
      },
    ],
    ...{ alarms: [], expectedCrashes: 0, unstable: [], interrupted: false, answers: [] },
  };
}

test('certificates of one kernel are added up, and a second kernel among them is refused', () => {
  const merge = new Merge(CERTIFY);
  merge.add(1, pack(certificate('6.1.176', 0)));
  expect(merge.collected(0)).toMatchObject({ result: { interrupted: true } });
  merge.add(2, pack(certificate('6.1.176', 1)));
  const cases = { whole: 10, part: 2, different: 1, not: 4, absent: 0 };
  expect(merge.collected(0)).toMatchObject({
    result: {
      ...{ answered: 16, boots: 2, seconds: 4, casesPerSecond: 4, axes: { hash: 6 } },
      ...{ interrupted: false },
      comparisons: [
        {
          ...{ cases, ids: ['r1'], byAspect: { output: 1 }, groups: { md5: cases } },
          ...{
            rules: { poison: 2 },
            asked: { x: 2 },
            omitted: { iv: 4 },
            left: { 'not asked': 4 },
          },
        },
      ],
    },
  });
  const mixed = new Merge(CERTIFY);
  mixed.add(1, pack(certificate('6.1.176', 0)));
  expect(() => mixed.add(2, pack(certificate('6.1.180', 0)))).toThrow(/^shard 2: was certified on/);
  expect(() => new Merge(CERTIFY).collected(0)).toThrow('no shard is done yet');
});

test.each([
  [{ ...CERTIFY, kernel: 'tree:/etc' }, /kernel/],
  [{ ...CERTIFY, kernel: '--file' }, /kernel/],
  [{ ...STRUCTURAL, job: 'shell' }, /job/],
  [{ ...STRUCTURAL, command: 'true' }, /command/],
])('job data %j are refused', (campaign, field) => {
  expect(() => parseShardJob({ campaign, index: 1 }, 'job data')).toThrow(field);
});
