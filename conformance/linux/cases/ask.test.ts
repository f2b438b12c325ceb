/**
 * Goal: a kernel is asked exactly the case that everybody else gets.
 * Method: rebuild the message from the text case's arena.
 */
import { expect, test } from 'vitest';
import { CaseGenerator } from '../../case/generate.ts';
import { caseInput } from '../../subjects/reference.ts';
import { planCampaign } from '../campaign.ts';
import { arenaBytes, formatCase, segmentStart } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { askKernel } from './ask.ts';

const CASES = 400;

test('the arena of a text case holds the message, in segments of the same lengths', () => {
  const { asked, left } = planCampaign(3, CASES, { index: 1, count: 1 });
  for (const { c, inputs, text } of asked) {
    const [input] = inputs;
    const arena = arenaBytes(text);
    const bytes = text.src.map((s) => arena.subarray(segmentStart(s), segmentStart(s) + s.length));
    const message = Buffer.concat([input.ad, input.text, input.tag]);
    expect(Buffer.concat(bytes).subarray(0, message.length).equals(message)).toBe(true);
    const lengths = c.layout.src.map(({ len }) => len);
    expect(text.src.map(({ length }) => length)).toEqual(lengths.length > 0 ? lengths : [0]);
    expect(parseCases(formatCase(text), 'text').map(formatCase)).toEqual([formatCase(text)]);
  }
  expect(asked.length).toBeGreaterThan(CASES / 2);
  expect(left.every(([, reason]) => reason !== '')).toBe(true);
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
    return askKernel(plain, [{ ...caseInput(c), text: new Uint8Array(0) }], 'x').reason;
  };
  expect(of(64, 2)).toBe(null);
  expect(of(65, 2)).toBe('more segments than the module takes');
});
