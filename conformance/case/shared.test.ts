/**
 * Goal: bytes of the page of zeros are zero in the message, too, as it is handed over.
 * Method: one list with such a segment, and one byte of its associated data tampered with, inside and outside.
 */
import { expect, test } from 'vitest';
import type { Case } from './case.ts';
import { CaseGenerator } from './generate.ts';
import { sharedContradiction, withoutLost } from './shared.ts';

const WITH_ZEROS: Case = {
  ...new CaseGenerator(['gcm(aes)']).at(1, 0),
  ...{ op: 'decrypt', tag: null, text: '', program: undefined },
  ad: '0102030400000000',
  tamper: null,
  layout: {
    inplace: 'same',
    src: [
      { kind: 'page', offset: 0, len: 4 },
      { kind: 'page', offset: 0, len: 4, shares: 'zero' },
      { kind: 'page', offset: 0, len: 16 },
    ],
    dst: [],
    chain: 0,
  },
};

const CASES = [
  ['nothing', null, true],
  ['a byte in front of them', { part: 'ad', byte: 3, bit: 0 }, true],
  ['one of them', { part: 'ad', byte: 4, bit: 7 }, false],
  ['one of them, counted round', { part: 'ad', byte: 15, bit: 0 }, false],
  ['the tag', { part: 'tag', byte: 5, bit: 0 }, true],
] as const;

test.each(CASES)('zeros of which a caller tampers with %s', (_, tamper, mayBe) => {
  const c = { ...WITH_ZEROS, tamper };
  const refused = 'layout.src.1.shares: the bytes of the message there are not zero';
  expect(sharedContradiction(c)).toBe(mayBe ? null : refused);
  expect(withoutLost(c).layout.src[1].shares).toBe(mayBe ? 'zero' : undefined);
});

test('a text that is known is tampered with in its zeros', () => {
  const known = { ...WITH_ZEROS, ad: '', text: '0102030400000000', tag: '00'.repeat(16) };
  expect(sharedContradiction(known)).toMatch('a segment that is written to');
  const apart = { ...known, layout: { ...known.layout, inplace: 'no' as const } };
  expect(sharedContradiction(apart)).toBe(null);
  const tampered: Case = { ...apart, tamper: { part: 'text', byte: 6, bit: 1 } };
  expect(sharedContradiction(tampered)).toMatch('are not zero');
});
