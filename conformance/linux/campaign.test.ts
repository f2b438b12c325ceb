/**
 * Goal: an algorithm that a kernel was built without is skipped by name, and none that it must have.
 * Method: answers as a kernel gives them for a name that it cannot find.
 */
import { expect, test } from 'vitest';
import { ENOENT } from '../../src/errno.ts';
import { isAbsent } from './campaign.ts';
import { emptyResult } from './text/result.ts';

const absent = { ...emptyResult('x', 'done', ''), stage: 'alloc', err: -ENOENT };

test('what a kernel may lack is absent, and what every kernel has is not', () => {
  expect(isAbsent('cbc(cast5)', absent)).toBe(true);
  expect(isAbsent('gcm(aes)', absent)).toBe(false);
});

test.each([
  ['another stage', { stage: 'setkey' }],
  ['another error', { err: -22 }],
  ['another ending', { ending: 'crash' as const }],
])('%s is no absence', (_name, change) => {
  expect(isAbsent('cbc(cast5)', { ...absent, ...change })).toBe(false);
});
