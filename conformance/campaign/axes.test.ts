/**
 * Goal: a campaign reaches every value of every axis, compares what it reaches, and says so when it does
 * not.
 * Method: count what a few thousand cases contain; take the cases of one value away, for each value; let
 * one side spoil the last byte of every result, and see which values a failing case had.
 */
import { expect, test } from 'vitest';
import type { Case } from '../case/case.ts';
import { CampaignCases, campaignNames } from '../case/scenarios.ts';
import { exitCodeOf } from '../commands/conform.ts';
import { reportOf } from '../report/conform-report.ts';
import { textOf } from '../report/text.ts';
import { bothSides } from '../subjects/sides.ts';
import { AXIS_VALUES, AxisMeter, MET } from './axes.ts';
import { Canary, spoilLast } from './canary.ts';
import { type ConformOptions, conform } from './conform.ts';
import { Harness } from './harness.ts';

const CASES = 5000;
const campaign = new CampaignCases(campaignNames());
const CAMPAIGN: readonly Case[] = Array.from({ length: CASES }, (_, i) => campaign.at(2, i).c);

function undrawn(cases: readonly Case[]): string[] {
  const meter = new AxisMeter();
  for (const c of cases) meter.add(c);
  return meter.undrawn().filter((name) => !MET.includes(name));
}

/** The first case of each value: a campaign of a few dozen cases that has them all. */
const COVER: readonly Case[] = firstOfEach();

function firstOfEach(): Case[] {
  const unmet = new Set(AXIS_VALUES);
  return CAMPAIGN.filter((c) => {
    const met = [...unmet].filter(({ has }) => has(c));
    for (const value of met) unmet.delete(value);
    return met.length > 0;
  });
}

test('every value of every axis is drawn, a quarter of the default run is enough', () => {
  expect(undrawn(CAMPAIGN)).toEqual([]);
  expect(new Set(AXIS_VALUES.map(({ name }) => name)).size).toBe(AXIS_VALUES.length);
  expect(AXIS_VALUES.length).toBeGreaterThan(70);
});

test('a meter counts a case for exactly the values that it has', () => {
  const meter = new AxisMeter();
  for (const c of CAMPAIGN) meter.add(c);
  const counts = AXIS_VALUES.map(({ name, has }) => [name, CAMPAIGN.filter(has).length]);
  expect(AXIS_VALUES.map(({ name }) => [name, meter.hits.get(name)])).toEqual(counts);
});

test.each(AXIS_VALUES)('a generator that never draws "$name" is seen', ({ name, has }) => {
  expect(undrawn(COVER)).toEqual([]);
  expect(undrawn(COVER.filter((c) => !has(c)))).toContain(name);
});

/** Where no byte comes out, none can be wrong. */
const WITHOUT_RESULT =
  /^operation: verify|^room for the result: none|^list too short: for its tag|^iterator/;

test('a wrong last byte is seen whatever the value of any axis', () => {
  const harness = new Harness((machine) => {
    const [legacy, converted] = bothSides(machine);
    return [legacy, new Canary(converted, spoilLast)];
  });
  const unseen = new Set(AXIS_VALUES.filter(({ name }) => !WITHOUT_RESULT.test(name)));
  for (const c of CAMPAIGN) {
    const news = [...unseen].filter(({ has }) => has(c));
    if (news.length === 0 || harness.judge(c).every(({ check }) => check !== 'OUT')) continue;
    for (const value of news) unseen.delete(value);
  }
  expect([...unseen].map(({ name }) => name)).toEqual([]);
});

const OPTIONS: ConformOptions = {
  seed: 1,
  cases: 20,
  wholeAt: 20,
  time: Number.POSITIVE_INFINITY,
  algs: campaignNames(),
  bail: false,
  vectors: false,
  shard: { index: 1, count: 1 },
  workers: 1,
  caseTime: 60,
};

test('a run that should have drawn everything and did not fails as a fault of the harness', async () => {
  const monitor = { progress: () => {}, stopped: () => false };
  const result = await conform(bothSides, OPTIONS, monitor);
  expect(result.undrawn.length).toBeGreaterThan(3);
  expect(exitCodeOf(reportOf(result))).toBe(4);
  expect(textOf(reportOf(result)).join('\n')).toContain(`SELF: the generator never drew`);
  expect(reportOf(result)).toMatchObject({ selfCheck: { undrawn: result.undrawn } });
  const less = await conform(bothSides, { ...OPTIONS, wholeAt: 21 }, monitor);
  expect([less.undrawn, exitCodeOf(reportOf(less))]).toEqual([[], 0]);
  const narrow = await conform(bothSides, { ...OPTIONS, algs: ['sha256'] }, monitor);
  expect([narrow.undrawn, exitCodeOf(reportOf(narrow))]).toEqual([[], 0]);
  const part = await conform(
    bothSides,
    { ...OPTIONS, cases: 40, shard: { index: 1, count: 2 } },
    monitor,
  );
  expect([part.undrawn, exitCodeOf(reportOf(part))]).toEqual([[], 0]);
});
