/**
 * Goal: the generator reaches every dimension it promises, and one seed is one case.
 * Method: count what 4,000 cases contain; a dimension that is never drawn fails.
 */
import { expect, test } from 'vitest';
import { driversOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import {
  bytesLength,
  type Case,
  materialise,
  parseCase,
  sourceLength,
  targetLength,
} from './case.ts';
import { CaseGenerator, coverLayout, drawnAlgorithms } from './generate.ts';
import { layoutFits } from './layout.ts';

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

test('every dimension is drawn', () => {
  const cases = campaign(2);
  const dimensions: Readonly<Record<string, (c: Case) => boolean>> = {
    'in place, one list': ({ layout }) => layout.inplace === 'same',
    'in place, two lists': ({ layout }) => layout.inplace === 'twin',
    'out of place': ({ layout, op }) => layout.inplace === 'no' && op !== 'digest',
    'an empty segment in front': ({ layout }) => layout.src[0]?.len === 0 && layout.src.length > 1,
    'an empty segment inside': ({ layout }) =>
      layout.src.slice(1, -1).some((segment) => segment.len === 0),
    'a chained table': ({ layout }) => layout.chain > 0,
    'a list longer than the data': (c) =>
      c.layout.src.reduce((sum, s) => sum + s.len, 0) > Math.max(sourceLength(c), targetLength(c)),
    'a segment over a page end': ({ layout }) =>
      layout.src.some(({ offset, len }) => offset < 4096 && offset + len > 4096),
    'neighbours in one page': ({ layout }) => layout.src.some((s) => s.kind === 'next'),
    'an empty message': ({ text }) => typeof text !== 'string' && text.len === 0,
    'a message of several gathered steps': ({ text }) =>
      typeof text !== 'string' && text.len > 65536,
    'a counter that wraps': ({ iv, text }) =>
      typeof iv === 'string' && iv.endsWith('fffffffe') && bytesLength(text) > 32,
    'no key': ({ key }) => key === null,
    'a tampered tag': ({ tamper }) => tamper?.part === 'tag',
    'an asynchronous driver': ({ async }) => async,
    atomic: ({ context }) => context.atomic,
    'a transform that was used before': ({ context }) => context.reuse,
    'an allocation that fails': ({ context }) => context.fault > 0,
    reimport: ({ hash }) => hash.reimport,
    'a refused authsize': ({ alg, authsize }) => {
      const row = algorithmOf(alg);
      return row?.kind === 'aead' && row.tags.check(authsize) !== 0;
    },
    'a refused key': ({ alg, key }) =>
      key !== null && (algorithmOf(alg)?.key.check(materialise(key)) ?? 0) !== 0,
  };
  for (const [name, has] of Object.entries(dimensions)) {
    expect(cases.filter(has).length, name).toBeGreaterThan(3);
  }
  for (const kind of ['page', 'slab', 'cache', 'vmalloc', 'user', 'next']) {
    expect(cases.some(({ layout }) => layout.dst.some((s) => s.kind === kind))).toBe(true);
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
