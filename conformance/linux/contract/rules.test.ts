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
import { ASPECTS, type Aspect, type View } from './contract.ts';
import { RULES } from './excuses.ts';
import { RULE_EXAMPLES } from './rule-examples.ts';
import { isRinging, ruleRows, ruleTable, STAND_INS } from './rule-table.ts';

function caseOf(lines: string): TextCase {
  return parseCases(`case a\n${lines}\nend\n`, 'test')[0];
}

const ADIANTUM = `op skcipher\nalg adiantum(xchacha12,aes)\nkey ${'0b'.repeat(32)}\niv ${'0c'.repeat(32)}\nlen 40\nsrc 0+0:20 0+4096:0 0+20:20 0+64:40\ndst =`;

test.each(RULES.map(({ id }) => id))(
  '%s: what it excuses is excused, a difference beside it rings',
  (id) => {
    const row = ruleRows().find((one) => one.id === id);
    expect(row).toMatchObject({ excused: true });
    expect(row?.rings.length).toBeGreaterThan(0);
    expect(row?.silent).toEqual([]);
    // Where the kernel died there is nothing beside it.
    const ended = RULE_EXAMPLES[id].kernel.ending !== undefined;
    expect(row?.beside).toBeGreaterThan(ended ? -1 : 2);
  },
);

test.each(STAND_INS.map(({ id }) => id))(
  '%s: what it answers in place of is counted, all else rings',
  (id) => {
    const row = ruleRows().find((one) => one.id === id);
    expect(row).toMatchObject({ excused: true, silent: [] });
    expect(row?.rings).toEqual(row?.aspects);
    expect(row?.beside).toBeGreaterThan(2);
  },
);

test('the table names every rule with its kernels and says that each rings', () => {
  const text = ruleTable(ruleRows());
  for (const { id } of [...RULES, ...STAND_INS]) expect(text).toContain(id);
  expect(text).toContain('from 7.2');
  expect(text).toContain(`${RULES.length + STAND_INS.length} rules, each rings`);
  const deaf = { ...ruleRows()[0], rings: [] };
  expect(isRinging(deaf)).toBe(false);
  expect(ruleTable([deaf])).toContain('SILENT');
});

test('decryptions that say the same verdict differ in nothing else', () => {
  const { c, kernel, other } = RULE_EXAMPLES['uninitialised-verdict'];
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
  expect(Object.keys(RULE_EXAMPLES).sort()).toEqual(RULES.map(({ id }) => id).sort());
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
