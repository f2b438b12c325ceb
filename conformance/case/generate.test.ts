/**
 * Goal: one seed is one case, every case can be run, and no algorithm and no driver is left out.
 * Method: a campaign of 4,000 cases. What they differ in is the subject of the meter of axes.
 */
import { expect, test } from 'vitest';
import { driversOf } from '../algorithms/drivers.ts';
import type { Case } from './case.ts';
import { CaseGenerator, drawnAlgorithms } from './generate.ts';
import { coverLayout } from './generate-layout.ts';
import { ITERATORS } from './iterator-case.ts';
import { layoutFits } from './layout.ts';
import { parseCase } from './parse.ts';
import { CampaignCases } from './scenarios.ts';

const CASES = 4000;

function campaign(seed: number): Case[] {
  const generator = new CaseGenerator();
  return Array.from({ length: CASES }, (_, i) => generator.at(seed, i));
}

test('one seed gives one campaign, in any order, and another seed another', () => {
  const generator = new CaseGenerator();
  const ahead = generator.at(5, 1000);
  expect(campaign(5)[1000]).toEqual(ahead);
  expect(campaign(6)[1000]).not.toEqual(ahead);
  expect(new Set(campaign(5).map((c) => JSON.stringify(c))).size).toBe(CASES);
});

test('every case is valid and its layout covers its message', () => {
  for (const c of campaign(1)) {
    expect(parseCase(c, 'case')).toEqual(c);
    expect(layoutFits(c)).toBe(true);
    expect(coverLayout(c)).toEqual(c);
  }
});

test('a campaign gives every algorithm the same share, and every driver some of it', () => {
  const algs = drawnAlgorithms();
  const cases = campaign(3);
  for (const alg of algs) {
    const own = cases.filter((c) => c.alg === alg);
    expect(own.length, alg).toBeGreaterThanOrEqual(Math.floor(CASES / algs.length));
    for (const { driver, kind, async } of driversOf(alg)) {
      const drawn = own.filter((c) => c.driver === driver);
      expect(drawn.length, driver).toBeGreaterThan(0);
      expect(drawn.every((c) => c.kind === kind && c.async === async)).toBe(true);
    }
  }
});

test('walks are cases that can be handed in', () => {
  const walks = new CampaignCases([ITERATORS]);
  for (let i = 0; i < 3000; i++) {
    const { c } = walks.at(1, i);
    expect(() => parseCase(JSON.parse(JSON.stringify(c)), 'walk')).not.toThrow();
  }
});
