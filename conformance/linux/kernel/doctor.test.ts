/**
 * Goal: what is missing is said in one line, with the packages to install.
 * Method: lists of checks as a bare machine would give them, and this machine's own.
 */
import { expect, test } from 'vitest';
import { type Check, doctor, firstObstacle } from './doctor.ts';

function check(name: string, ok: boolean, answer: string, optional: boolean = false): Check {
  return { name, ok, optional, answer };
}

test('missing programs come first, as one list of packages', () => {
  const checks = [
    check('gcc', true, '/usr/bin/gcc'),
    check('package archive', false, 'none: run apt-get update on Debian'),
    check('flex', false, 'not found: install flex'),
    check('modprobe', false, 'not found: install kmod'),
  ];
  expect(firstObstacle(checks)).toBe('missing flex, modprobe: install flex kmod');
});

test('what no package mends is named with its answer, and options do not matter', () => {
  const archive = check('package archive', false, 'none: run apt-get update on Debian');
  expect(firstObstacle([archive])).toBe('package archive: none: run apt-get update on Debian');
  expect(firstObstacle([check('ptrace', false, 'refused: no', true)])).toBeNull();
});

test('this machine gets an answer of one line to every question', async () => {
  const checks = await doctor();
  expect(checks.length).toBeGreaterThan(15);
  expect(checks.filter(({ answer }) => answer === '' || answer.includes('\n'))).toEqual([]);
  expect(checks.find(({ name }) => name === 'golden data')?.ok).toBe(true);
});
