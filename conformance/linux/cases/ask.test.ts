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
function honest(): { judge: (change: Partial<TextResult>) => string[] } {
  const generator = new CaseGenerator(['cbc(aes)']);
  const harness = new Harness(bothSides);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    const input = caseInput(c);
    const { text } = askKernel(c, input, 'x');
    const { expected, observations } = harness.run(c);
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
      judge: (change) => disagreements(c, input, { ...answer, ...change }, expected, observations),
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
