/**
 * Goal: a rule excuses the difference that it is about, and a real difference beside it still rings.
 * Method: for each rule one answer that it excuses, as a kernel or a model gave it; then the same answer
 * with a difference in an aspect that the rule does not name, and with one that it does not allow.
 */
import { expect, test } from 'vitest';
import type { Series } from '../models/model.ts';
import type { TextCase } from '../text/case.ts';
import { parseCases } from '../text/parse.ts';
import { compareViews } from './compare.ts';
import { ASPECTS, type Aspect, UNINITIALISED, type View } from './contract.ts';
import { RULES } from './excuses.ts';

function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

const EMPTY = '0+0:16 0+64:0 0+128:48';
const AUTHENC = `op aead\nalg authenc(hmac(sha256),cbc(aes))\nassoc 16\nlen 16\nauth 32`;
const ADIANTUM = `op skcipher\nalg adiantum(xchacha12,aes)\nkey ${'0b'.repeat(32)}\niv ${'0c'.repeat(32)}\nlen 40\nsrc 0+0:20 0+4096:0 0+20:20 0+64:40\ndst =`;

interface Excused {
  readonly model: string;
  /** 6.1, if not given. */
  readonly series?: Series;
  readonly c: TextCase;
  readonly kernel: View;
  readonly other: View;
  /** The same aspects, and what the rule does not allow in one of them. */
  readonly wrong: View;
}

const DONE: View = { errno: '0', output: 'aa', tag: 'bb', ad: 'cc', iv: 'dd', completion: '0 0' };

const EXAMPLES: Readonly<Record<string, Excused>> = {
  'uninitialised-tag': {
    model: 'legacy',
    c: caseOf(`${AUTHENC}\nsrc ${EMPTY}\ndst =`),
    kernel: { ...DONE, tag: UNINITIALISED },
    other: DONE,
    wrong: { ...DONE, output: 'ff' },
  },
  'uninitialised-verdict': {
    model: 'legacy',
    c: caseOf(`${AUTHENC}\ndir d\nsrc ${EMPTY}\ndst =`),
    kernel: { ...DONE, errno: '-74 crypt' },
    other: DONE,
    wrong: { ...DONE, errno: '-5 crypt' },
  },
  'generated-iv': {
    model: 'legacy',
    c: caseOf(
      'op aead\nalg seqiv(rfc4106(gcm(aes)))\ndir b\nasync\nrequests 2\nassoc 16\nlen 40\nauth 16\nsrc 0+0:72\ndst =',
    ),
    kernel: { ...DONE, output: 'sealed aa', tag: 'sealed:bb bb' },
    other: { ...DONE, output: 'sealed ff', tag: 'sealed:bb cc' },
    wrong: { ...DONE, output: 'dd aa', tag: 'sealed:bb bb' },
  },
  'no-export-of-this-state': {
    model: 'campaign converted',
    c: caseOf('op hash\nalg sha256\nlen 64\nfinish final\nparts 32! 32\nsrc 0+0:64'),
    kernel: { errno: '0', digest: 'aa' },
    other: { errno: '-38 hash' },
    wrong: { errno: '-22 hash' },
  },
  'authencesn-writes-into-tag': {
    model: 'converted',
    c: caseOf(
      'op aead\nalg authencesn(hmac(sha1),cbc(aes))\ndir b\nlen 0\nassoc 16\nauth 12\nasync\nrequests 2\nsrc 0+0:28\ndst =',
    ),
    kernel: { ...DONE, completion: 'rets -115 -115 order 0:0 1:-74' },
    other: { ...DONE, completion: 'rets -115 -115 order 0:0 1:0' },
    wrong: { ...DONE, completion: 'rets -115 -115 order 0:0' },
  },
  'refused-before-its-cryptd': {
    model: 'campaign converted',
    c: caseOf('op aead\nalg gcm(aes)\nasync 1\ndir d\nassoc 0\nlen 4\nauth 16\nsrc 0+0:4\ndst ='),
    kernel: { errno: '-22 crypt', completion: '-115 1', changed: 'tfm callback' },
    other: { errno: '-22 crypt', completion: '', changed: '' },
    wrong: { errno: '-22 crypt', completion: '-115 2', changed: '' },
  },
  'deflate-out-of-space': {
    model: 'campaign converted',
    series: [7, 2],
    c: caseOf('op acomp\nalg deflate\nwhat compress\nlen 16\nroom 4\nsrc 0+0:16\ndst 1+0:4'),
    kernel: { errno: '-28 crypt' },
    other: { errno: '-22 crypt' },
    wrong: { errno: '-5 crypt' },
  },
  'short-list': {
    model: 'converted',
    c: caseOf('op skcipher\nalg cbc(aes)\nlen 32\nsrc 0+0:16\ndst ='),
    kernel: { ending: 'crash' },
    other: { errno: '-22 crypt' },
    wrong: { errno: '-14 crypt' },
  },
};

test.each(RULES.map((rule) => [rule.id, rule] as const))('%s', (id, rule) => {
  const example = EXAMPLES[id];
  expect(example, 'an example of each rule').toBeDefined();
  const { model, series = [6, 1], c, kernel, other, wrong } = example;
  expect(rule.models).toContain(model);
  const ended = kernel.ending !== undefined;
  const aspects: readonly Aspect[] = ended ? ['ending'] : ASPECTS;
  const compare = (view: View) => compareViews(c, kernel, view, aspects, { name: model, series });

  const outcome = compare(other);
  expect(outcome.different).toEqual([]);
  expect(outcome.excused.map(([, by]) => by)).toContain(id);
  expect(compare(wrong).different.length).toBeGreaterThan(0);
  // Where the kernel died there is nothing beside it.
  if (ended) return;
  const others = RULES.filter((r) => r.models.includes(model) && r.applies(c, series));
  const excused = new Set(others.flatMap(({ aspects: of }) => of));
  const beside = ASPECTS.filter((a) => !excused.has(a) && kernel[a] === undefined);
  for (const aspect of beside)
    expect(compare({ ...other, [aspect]: 'x' }).different).toEqual([aspect]);
  expect(beside.length).toBeGreaterThan(2);
});

test('decryptions that say the same verdict differ in nothing else', () => {
  const { c, kernel, other } = EXAMPLES['uninitialised-verdict'];
  const pair = { name: 'legacy', series: [6, 1] as const };
  const differs = (theirs: View, ours: View): readonly Aspect[] =>
    compareViews(c, theirs, ours, ASPECTS, pair).different;
  expect(differs(kernel, other)).toEqual([]);
  expect(differs(other, { ...other, output: 'ff' })).toEqual(['output']);
  expect(differs(other, { ...other, iv: 'ff' })).toEqual(['iv']);
  // One says both halves, the other fails in the second: the first is the same.
  const two: View = { errno: '0 0', output: 'aa bb', iv: 'cc dd' };
  const one: View = { errno: '0 -74', output: 'aa', iv: 'cc' };
  expect(differs(two, one)).toEqual([]);
  expect(differs(two, { ...one, output: 'ff' })).not.toEqual([]);
  expect(differs(two, { ...one, errno: '0 -5' })).not.toEqual([]);
});

test('no example is left over', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

test('a release in which a template walks otherwise is compared whole', () => {
  const [walked, behind] = [ADIANTUM, ADIANTUM.replace('4096:0', '4097:0')].map(caseOf);
  const compare = (c: TextCase, name: string, series: Series): readonly string[] => {
    const kernel: View = { errno: '0', output: 'aa' };
    const model: View = { errno: '0', output: 'bb' };
    return compareViews(c, kernel, model, ASPECTS, { name, series }).different;
  };
  expect(compare(walked, 'legacy', [6, 12])).toEqual(['output']);
  expect(compare(walked, 'converted', [7, 2])).toEqual(['output']);
  expect(compare(behind, 'converted', [6, 1])).toEqual(['output']);
});
