/**
 * Goal: random and named cases are what golden data and certificates say about them.
 * Method: laws over generated lists (bounds, order, no overlap, coverage), and a count per axis so that no
 * axis is silently lost.
 */
import { expect, test } from 'vitest';
import type { CipherOrHash } from '../../algorithms/row.ts';
import { algorithmOf } from '../../algorithms.ts';
import { planCampaign } from '../campaign.ts';
import {
  formatCase,
  type Segment,
  segmentStart,
  type TextCase,
  totalLength,
} from '../text/case.ts';
import { countAxes } from './axes.ts';
import { generateCases } from './generate.ts';
import { namedCases } from './named.ts';
import { LAYOUTS } from './named-layout.ts';
import { isCipherOrHash } from './requests.ts';

function row(name: string): CipherOrHash {
  const found = algorithmOf(name);
  if (found === null || !isCipherOrHash(found)) throw new Error(`no algorithm ${name}`);
  return found;
}

test('a shorter run is a prefix of a longer one, and another seed is another run', () => {
  expect(generateCases(5, 50)).toEqual(generateCases(5, 80).slice(0, 50));
  expect(generateCases(6, 1)).not.toEqual(generateCases(5, 1));
});

test('the draws of an algorithm do not depend on the other rows', () => {
  const [gcm, cbc, sha] = ['gcm(aes)', 'cbc(aes)', 'sha256'].map(row);
  const ofGcm = (cases: readonly TextCase[]): string[] =>
    cases.filter((c) => 'algorithm' in c && c.algorithm === 'gcm(aes)').map(formatCase);
  const named = ofGcm(namedCases([gcm, cbc]));
  expect(named.length).toBeGreaterThan(10);
  expect(ofGcm(namedCases([sha, gcm]))).toEqual(named);
});

/** Do the entries that hold bytes follow each other? An empty one may lie anywhere. */
function ascends(segments: readonly Segment[]): boolean {
  return segments
    .filter(({ length }) => length > 0)
    .every((s, i, full) => {
      const before = full[i - 1];
      return before === undefined || segmentStart(before) + before.length <= segmentStart(s);
    });
}

test('random lists ascend and hold the data', () => {
  for (const c of generateCases(9, 3000)) {
    expect(ascends(c.src)).toBe(true);
    if (c.op === 'skcipher' || c.op === 'aead') {
      const authSize = c.direction === 'decrypt' ? 0 : (c.authSize ?? 0);
      const need = c.length + c.assoc + authSize;
      expect(totalLength(c.src)).toBeGreaterThanOrEqual(need);
      if (c.dst !== null) expect(totalLength(c.dst)).toBeGreaterThanOrEqual(need);
      if (c.dst !== null) expect(ascends(c.dst)).toBe(true);
    }
    if (c.op === 'hash') {
      const parts = c.parts.reduce((sum, part) => sum + part.length, 0);
      expect(c.finish === 'digest' ? c.length : parts).toBe(c.length);
    }
  }
});

/** Axes on which cases of the campaign lie alone. */
const OF_CAMPAIGN = ['compression', 'public key', 'key agreement', 'program of requests'];

test('every axis occurs', () => {
  const lacking = (cases: readonly TextCase[], least: number): readonly string[] =>
    Object.entries(countAxes(cases)).flatMap(([name, n]) => (n < least ? [name] : []));
  expect(lacking(generateCases(1, 3000), 15)).toEqual(OF_CAMPAIGN);
  expect(lacking(namedCases(), 1)).toEqual(OF_CAMPAIGN);
  const campaign = planCampaign(1, 300, { index: 1, count: 1 }).asked.map(({ text }) => text);
  const missed = lacking(campaign, 1);
  expect(OF_CAMPAIGN.filter((name) => missed.includes(name))).toEqual([]);
});

test('every named layout covers exactly its length and no name occurs twice', () => {
  for (const { name, build } of LAYOUTS)
    for (const total of [1, 2, 15, 16, 17, 60, 300, 4111, 5000]) {
      const segments = build(total, 4);
      expect([name, total, totalLength(segments.filter((s) => s.offset !== 4000))]).toEqual([
        name,
        total,
        total,
      ]);
      expect(segments.every((s) => segmentStart(s) + s.length <= 8 * 4096)).toBe(true);
    }
  expect(new Set(LAYOUTS.map(({ name }) => name)).size).toBe(LAYOUTS.length);
});

test('there are at least 500 named cases, each name once, crashes last', () => {
  const ids = namedCases().map((c) => c.id);
  expect(ids.length).toBeGreaterThanOrEqual(500);
  expect(new Set(ids).size).toBe(ids.length);
  const firstOverrun = ids.findIndex((id) => id.startsWith('overrun-'));
  expect(ids.slice(firstOverrun).every((id) => id.startsWith('overrun-'))).toBe(true);
});
