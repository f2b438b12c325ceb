/**
 * Goal: the campaign on a kernel compares every aspect that a subject speaks of, and a lie is noticed.
 * Method: the legacy model plays the kernel, once honestly and once for each kind of wrong answer.
 */
import { expect, test } from 'vitest';
import { caseInput } from '../subjects/reference.ts';
import { type CampaignPlan, compareCampaign, planCampaign } from './campaign.ts';
import { askKernel } from './cases/ask.ts';
import { equalCases } from './contract/equals.ts';
import type { Comparison } from './contract/tally.ts';
import { LegacyModel } from './models/legacy.ts';
import type { TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

const CASES = 300;
const DRAWN = planCampaign(5, CASES, { index: 1, count: 1 });
const MODEL = new LegacyModel();
// The rest is in `campaign-parts.test.ts`.
const ASKED = DRAWN.asked.filter(({ text }) => MODEL.takes(text));
const PLAN: CampaignPlan = { ...DRAWN, asked: ASKED };
const TEXTS = ASKED.map(({ text }) => text);
const PUT = [...TEXTS, ...equalCases(TEXTS, [6, 1])];
const ANSWERS = new Map(PUT.map((text) => [text.id, MODEL.run(text, [6, 1])]));
const PLAIN = { final: 'digest', updates: [], reimport: false } as const;
const NOTHING: ReadonlyMap<string, TextResult> = new Map();

function compared(first: ReadonlyMap<string, TextResult>): readonly Comparison[] {
  return compareCampaign(PLAN, { release: '6.1.176', first, again: NOTHING });
}

test('an honest kernel agrees with the APIs, the library and the reference, mostly in everything', () => {
  const comparisons = compared(ANSWERS);
  expect(comparisons.map(({ what }) => what)).toEqual([
    'campaign reference',
    'campaign legacy',
    'campaign converted',
    'campaign lib',
  ]);
  for (const { what, cases, findings } of comparisons) {
    expect(findings).toEqual([]);
    // The library has a quarter of the algorithms, and no asynchronous driver.
    expect(cases.whole).toBeGreaterThan((what === 'campaign lib' ? 0.1 : 0.75) * CASES);
    expect(cases.whole + cases.part + cases.not).toBe(ASKED.length + DRAWN.left.length);
  }
});

test('a kernel without an algorithm is left out by name, except where every kernel has it', () => {
  const lost = new Map(
    [...ANSWERS].map(([id, answer]) => [id, { ...answer, stage: 'alloc', err: -2 }]),
  );
  for (const { cases, left } of compared(lost)) {
    expect(left['not in this kernel']).toBeGreaterThan(5);
    expect(cases.different).toBeGreaterThan(2);
  }
});

test('what only a library has is absent from the APIs, and what an API lacks is not a limit of the module', () => {
  const [drawn] = DRAWN.left;
  const ofLibrary = {
    ...drawn[0],
    alg: 'blake2s-256',
    driver: 'blake2s-256-lib',
    kind: 'ahash',
  } as const;
  const other = { ...drawn[0], alg: 'cbc(camellia)', driver: 'no-such', kind: 'skcipher' } as const;
  const plain = { op: 'digest', program: undefined, short: undefined, invalid: undefined } as const;
  const plan: CampaignPlan = {
    asked: [],
    left: [
      [{ ...ofLibrary, ...plain, async: false }, 'longer than the arena'],
      [{ ...other, ...plain, op: 'encrypt', async: false }, 'longer than the arena'],
    ],
  };
  const kernel = { release: '6.1.176', first: NOTHING, again: NOTHING };
  const left = compareCampaign(plan, kernel).map((one) => [one.what, one.left, one.cases.absent]);
  expect(left).toEqual([
    ['campaign reference', { 'longer than the arena': 2 }, 0],
    ['campaign legacy', { 'not in this API': 1, 'longer than the arena': 1 }, 1],
    ['campaign converted', { 'not in this API': 1, 'longer than the arena': 1 }, 1],
    ['campaign lib', { 'longer than the arena': 1, 'no library for the algorithm': 1 }, 1],
  ]);
});

test('a request that follows a refused key, which the kernel is not asked for, is not compared', () => {
  const drawn = PLAN.asked.find(({ c }) => c.op === 'digest')?.c;
  if (drawn === undefined) throw new Error('no hash among the cases');
  const c = {
    ...drawn,
    alg: 'crc32c',
    driver: 'cryptd(crc32c-generic)',
    async: true,
    key: '0102030405',
    hash: PLAIN,
  };
  const input = caseInput(c);
  const { text } = askKernel(c, [input], 'refused');
  if (text === null) throw new Error('the kernel cannot be asked');
  const plan: CampaignPlan = { asked: [{ c, inputs: [input], text }], left: [] };
  const answer = MODEL.run(text, [6, 1]);
  expect(answer).toMatchObject({ stage: 'setkey', err: -22, completions: [] });
  const agrees = (said: TextResult): readonly boolean[] =>
    compareCampaign(plan, {
      release: '6.12.1',
      first: new Map([['refused', said]]),
      again: NOTHING,
    }).map(({ findings }) => findings.length === 0);
  expect(agrees(answer)).toEqual([true, true, true, true]);
  expect(agrees({ ...answer, completions: ['ret0 -115', 'calls 1 0'] })).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

function flipped(hex: string | null): string | null {
  if (hex === null || hex.length < 2) return hex;
  const last = Number.parseInt(hex.slice(-2), 16) ^ 1;
  return hex.slice(0, -2) + last.toString(16).padStart(2, '0');
}

type Lie = (answer: TextResult, c: TextCase) => TextResult;

test.each<[string, Lie]>([
  ['another errno', (r) => ({ ...r, err: r.err === -22 ? -74 : -22 })],
  ['another last byte of a tag', (r, c) => (c.op === 'aead' ? { ...r, out: flipped(r.out) } : r)],
  ['another digest', (r) => ({ ...r, digest: flipped(r.digest) })],
  ['another IV', (r, c) => (c.op === 'skcipher' ? { ...r, iv: flipped(r.iv) } : r)],
  ['a stray write', (r) => ({ ...r, stray: '0:1' })],
  ['a changed list', (r) => ({ ...r, changed: ['list'] })],
  ['a leaked counter', (r) => ({ ...r, leak: 'pagefault 1 preempt 0' })],
  [
    'a completion that comes twice',
    (r) => ({ ...r, completions: r.completions.map((l) => l.replace(/^calls 1/, 'calls 2')) }),
  ],
  ['a crash', (r) => ({ ...r, ending: 'crash', reason: 'panic' })],
])('%s is noticed on both sides', (_, lie) => {
  const cases = new Map<string, TextCase>(PUT.map((text) => [text.id, text]));
  const lies = new Map(
    [...ANSWERS].map(([id, answer]) => {
      const c = cases.get(id);
      return [id, c === undefined ? answer : lie(answer, c)];
    }),
  );
  const [, legacy, converted] = compared(lies);
  expect(legacy.cases.different).toBeGreaterThan(0);
  expect(converted.cases.different).toBeGreaterThan(0);
});
