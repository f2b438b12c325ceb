/**
 * Goal: a kernel is asked exactly the case that everybody else gets, and a lie of it is noticed.
 * Method: rebuild the message from the text case's arena; let the converted API play the kernel, once
 * honestly and once for each kind of wrong answer.
 */
import { expect, test } from 'vitest';
import { Harness } from '../../campaign/harness.ts';
import { isAead } from '../../case/case.ts';
import { CaseGenerator } from '../../case/generate.ts';
import { caseInput } from '../../subjects/reference.ts';
import { bothSides } from '../../subjects/sides.ts';
import { arenaBytes, formatCase, segmentStart } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { emptyResult, type TextResult } from '../text/result.ts';
import { askKernel, disagreements } from './ask.ts';

const CASES = 400;

test('the arena of a text case holds the message, in segments of the same lengths', () => {
  const generator = new CaseGenerator();
  const reasons = new Set<string>();
  let asked = 0;
  for (let i = 0; i < CASES; i++) {
    const c = generator.at(3, i);
    const input = caseInput(c);
    const { text, reason } = askKernel(c, input, `c${i}`);
    if (text === null) {
      reasons.add(reason);
      continue;
    }
    asked++;
    const arena = arenaBytes(text);
    const bytes = text.src.map((s) => arena.subarray(segmentStart(s), segmentStart(s) + s.length));
    const message = Buffer.concat([input.ad, input.text, input.tag]);
    expect(Buffer.concat(bytes).subarray(0, message.length).equals(message)).toBe(true);
    const lengths = c.layout.src.map(({ len }) => len).filter((len) => len > 0);
    expect(text.src.map(({ length }) => length)).toEqual(lengths.length > 0 ? lengths : [0]);
    expect(parseCases(formatCase(text), 'text').map(formatCase)).toEqual([formatCase(text)]);
  }
  expect(asked).toBeGreaterThan(CASES / 2);
  expect([...reasons].every((reason) => reason !== '')).toBe(true);
});

/** What a kernel that agrees would answer. */
function honest(alg = 'cbc(aes)'): { judge: (change: Partial<TextResult>) => string[] } {
  const generator = new CaseGenerator([alg]);
  const harness = new Harness(bothSides);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    const input = caseInput(c);
    const { text } = askKernel(c, input, 'x');
    const trial = harness.run(c);
    const { expected, observations } = trial;
    if (text === null || expected.result !== 0 || input.text.length === 0 || isAead(c)) continue;
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const answer: TextResult = {
      ...emptyResult('x', 'done', ''),
      err: 0,
      stage: 'crypt',
      out: hex(observations[1].output),
      iv: hex(observations[1].iv),
    };
    return {
      judge: (change) => disagreements(input, { ...answer, ...change }, trial),
    };
  }
}

test('an honest kernel agrees', () => {
  expect(honest().judge({})).toEqual([]);
});

test.each<[string, Partial<TextResult>, RegExp]>([
  ['another errno', { err: -22 }, /kernel EINVAL, reference OK/],
  ['another output', { out: 'ff'.repeat(4096) }, /output differs from legacy/],
  ['another IV', { iv: '00'.repeat(16) }, /IV differs from converted/],
  ['a stray write', { stray: '0:1' }, /wrote elsewhere/],
  ['a crash', { ending: 'crash', reason: 'panic' }, /ended with crash/],
])('%s is noticed', (_name, change, message) => {
  expect(honest().judge(change).join('\n')).toMatch(message);
});

test('an IV that only the scatterlist API shows is compared with it alone', () => {
  const lines = honest('essiv(cbc(aes),sha256)').judge({ iv: '00'.repeat(16) });
  expect(lines).toEqual(['IV differs from legacy']);
});

test('an IV that is made of random bytes is not asked for, and its use is', () => {
  const generator = new CaseGenerator(['seqiv(rfc4106(gcm(aes)))']);
  const asked = new Map<string, Set<boolean>>([
    ['encrypt', new Set()],
    ['decrypt', new Set()],
  ]);
  for (let i = 0; i < 60; i++) {
    const c = generator.at(1, i);
    asked.get(c.op)?.add(askKernel(c, caseInput(c), 'x').text !== null);
  }
  expect([...(asked.get('encrypt') ?? [])]).toEqual([false]);
  expect(asked.get('decrypt')).toContain(true);
});

test('a list is not longer than the module takes', () => {
  const generator = new CaseGenerator(['cbc(aes)']);
  const c = generator.at(1, 0);
  const segments = (n: number) =>
    Array.from({ length: n }, () => ({
      ...c.layout.src[0],
      kind: 'page' as const,
      offset: 0,
      len: 1,
    }));
  const of = (n: number, chain: number) => {
    const layout = { ...c.layout, src: segments(n), dst: [], inplace: 'same' as const, chain };
    const plain = { ...c, layout, text: '', context: { ...c.context, atomic: false, fault: 0 } };
    return askKernel(plain, { ...caseInput(c), text: new Uint8Array(0) }, 'x').reason;
  };
  expect(of(16, 2)).toBe(null);
  expect(of(17, 2)).toBe('more segments than the module takes');
});
