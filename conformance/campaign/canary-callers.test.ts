/**
 * Goal: a caller with user memory that errs is named, and one that does not is not.
 * Method: one encryption on memory of a process, by each caller; by callers that err, on both APIs.
 */
import { expect, test } from 'vitest';
import { CALLERS } from '../case/case.ts';
import { plainCase } from './canaries.ts';
import { CALLER_PROBES, CallerCage, deafCallers, lentCase } from './canary-callers.ts';

const PLAIN = plainCase();
const CAGE = new CallerCage();

test.each(CALLERS)('%s: nothing rings of a caller that does what it must', (how) => {
  expect(CAGE.rings(lentCase(PLAIN, how, false), null)).toEqual([]);
  expect(CAGE.rings(lentCase(PLAIN, how, true), null)).toEqual([]);
});

test.each(CALLER_PROBES)('$name: $check', (probe) => {
  expect(CAGE.hears(PLAIN, probe)).toBe(true);
});

test('each of them is asked before a campaign', () => {
  expect(deafCallers(PLAIN)).toEqual([]);
});
