/**
 * Goal: compressors, public keys, key agreement and programs of requests are compared in every aspect.
 * Method: what the legacy API did plays the kernel, once honestly and once for each kind of lie.
 */
import { expect, test } from 'vitest';
import { Harness } from '../campaign/harness.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import type { Trial } from '../judge/judge.ts';
import type { Observation } from '../judge/observe.ts';
import { bothSides } from '../subjects/sides.ts';
import { type CampaignCase, compareCampaign, planCampaign } from './campaign.ts';
import { equalCases } from './contract/equals.ts';
import type { Comparison } from './contract/tally.ts';
import { arenaBytes, bytesOf, isDataCase } from './text/case.ts';
import { emptyResult, type RequestResult, type TextResult } from './text/result.ts';

const CASES = 500;
const WHOLE = planCampaign(10, CASES, { index: 1, count: 1 });
const PARTS = WHOLE.asked.filter(({ text }) => text.op === 'program' || isDataCase(text));
const HARNESS = new Harness(bothSides);
const ANSWERS = new Map(PARTS.flatMap(answersOf));
/** Without those that the scatterlist API declines: it takes memory with GFP_KERNEL where nobody may sleep. */
const ASKED = PARTS.filter(({ text }) => ANSWERS.has(text.id));

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** The answers to a case and to its equals, of which the scatterlist side says the same. */
function answersOf(one: CampaignCase): (readonly [string, TextResult])[] {
  const trial = HARNESS.run(one.c);
  const o = trial.observations.find(({ subject }) => subject === 'legacy');
  if (o === undefined) return [];
  return [one.text, ...equalCases([one.text], [6, 1])].map(({ id }) => {
    const text = { ...one.text, id };
    return [id, answerOf({ ...one, text }, trial, o)];
  });
}

/** What a kernel says that does as the scatterlist API did. */
function answerOf({ text, inputs }: CampaignCase, trial: Trial, o: Observation): TextResult {
  const done = emptyResult(text.id, 'done', '');
  if (o.setkey !== 0) return { ...done, stage: 'setkey', err: o.setkey };
  if (o.setauthsize !== 0) return { ...done, stage: 'setauthsize', err: o.setauthsize };
  if (isDataCase(text)) {
    const out = bytesOf(arenaBytes(text), text.dst ?? text.src);
    const length = trial.expected.output?.length ?? o.output.length;
    if (o.result === 0) out.set(o.output.subarray(0, length));
    return { ...done, stage: 'crypt', err: o.result, told: o.length, out: hex(out) };
  }
  const { history = [], further = [] } = o.program ?? {};
  return {
    ...done,
    stage: 'program',
    err: 0,
    history: history
      .map(({ what, request, err }) => `${what === 'answer' ? 'a' : 'c'}${request}:${err}`)
      .join(' '),
    requests: [o, ...further].map((one, i) => requestOf(one, inputs[i].ad.length)),
  };
}

function requestOf({ result, output, iv }: Observation, assoc: number): RequestResult {
  const out = '00'.repeat(assoc) + hex(output);
  return { err: result, iv: hex(iv), out, digest: hex(output) };
}

function compared(first: ReadonlyMap<string, TextResult>): readonly Comparison[] {
  const kernel = { release: '6.1.176', first, again: new Map<string, TextResult>() };
  // The library has none of them.
  return compareCampaign({ asked: ASKED, left: [] }, kernel).slice(0, 3);
}

/** Request objects of AEADs and refused ones look as cryptd left them, which the API of the model does not. */
function asCryptd(answer: TextResult, one: CampaignCase): TextResult {
  const { text } = one;
  if (text.op !== 'program' || !text.async || text.kind === 'hash') return answer;
  const left = compared(new Map([[text.id, answer]]))
    .flatMap(({ findings }) => findings)
    .flatMap(({ lines }) => lines)
    .flatMap((line) => /^changed: kernel , \w+ (.*)$/.exec(line)?.[1] ?? []);
  return left.length === 0 ? answer : { ...answer, changed: left[0].split(' ') };
}

test('programs are put request by request: a kernel has no batches', () => {
  const hasBatch = ({ program }: Case): boolean =>
    program?.requests.some(({ batch }) => batch === true) === true;
  const generator = new CaseGenerator();
  const drawn = Array.from({ length: 4000 }, (_, i) => generator.at(9, i));
  const numbers = drawn.flatMap((c, i) => (hasBatch(c) ? [i] : []));
  expect(numbers.length).toBeGreaterThan(0);
  const count = numbers[0] + 1;
  const { asked } = planCampaign(9, count, { index: count, count });
  expect(asked.map(({ c }) => c).filter(hasBatch)).toEqual([]);
});

test('an honest kernel agrees in compressors, public keys, key agreement and programs', () => {
  const ops = new Set(ASKED.map(({ text }) => text.op));
  expect([...ops].sort()).toEqual(['acomp', 'akcipher', 'kpp', 'program']);
  const honest = new Map(
    ASKED.map((one) => [one.text.id, asCryptd(ANSWERS.get(one.text.id) ?? fail(), one)]),
  );
  for (const { cases, findings } of compared(honest)) {
    expect(findings).toEqual([]);
    expect(cases.whole).toBeGreaterThan(0.8 * ASKED.length);
  }
});

function fail(): never {
  throw new Error('no answer');
}

type Lie = (answer: TextResult) => TextResult;

function flipped(text: string | null): string | null {
  return text === null || text === '' ? text : (text[0] === '0' ? '1' : '0') + text.slice(1);
}

const last = (requests: readonly RequestResult[], change: (r: RequestResult) => RequestResult) =>
  requests.map((request, i) => (i === requests.length - 1 ? change(request) : request));

test.each<[string, 'program' | 'data', Lie]>([
  [
    'the errno of the last request',
    'program',
    (r) => ({ ...r, requests: last(r.requests, (x) => ({ ...x, err: -5 })) }),
  ],
  [
    'bytes of the last request',
    'program',
    (r) => ({
      ...r,
      requests: last(r.requests, (x) => ({
        ...x,
        out: x.out === null ? null : x.out.slice(0, -1) + (x.out.endsWith('0') ? '1' : '0'),
        digest: flipped(x.digest),
      })),
    }),
  ],
  [
    'completions in another order',
    'program',
    (r) => ({ ...r, history: r.history?.split(' ').reverse().join(' ') ?? null }),
  ],
  [
    'a completion that comes twice',
    'program',
    (r) => ({ ...r, history: r.history?.replace(/(c\d+:0)/, '$1 $1') ?? null }),
  ],
  ['a changed list', 'program', (r) => ({ ...r, changed: ['list'] })],
  ['a stray byte of a program', 'program', (r) => ({ ...r, stray: '0:1' })],
  ['another errno', 'data', (r) => ({ ...r, err: r.err === 0 ? -22 : 0 })],
  ['another first byte', 'data', (r) => ({ ...r, out: flipped(r.out) })],
  ['another length', 'data', (r) => ({ ...r, told: (r.told ?? 0) + 1 })],
  [
    'a byte behind the result',
    'data',
    (r) => ({ ...r, out: r.out === null ? null : `${r.out}00` }),
  ],
])('%s is noticed on both sides and by the reference', (what, kind, lie) => {
  const lies = new Map(
    ASKED.filter(({ text }) => (text.op === 'program') === (kind === 'program'))
      .flatMap(answersOf)
      .map(([id, answer]) => [id, lie(answer)]),
  );
  const honest = new Map([...lies.keys()].map((id) => [id, ANSWERS.get(id) ?? fail()]));
  const [before, after] = [compared(honest), compared(lies)];
  for (const [i, { cases }] of after.entries()) {
    // The reference says nothing of what is called when, and of bytes that belong to others.
    if (i === 0 && /order|twice|list|stray|behind/.test(what)) continue;
    expect(cases.different).toBeGreaterThan(before[i].cases.different);
  }
});
