/**
 * Goal: a survey that cannot write one of its files leaves the disk as it was.
 * Method: folders with one bad target each, compared before and after; /proc and /dev/full are the
 * places where even root is refused.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UsageError } from '../../terminal/exit.ts';
import { checkTargets, writeTargets } from './targets.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-targets-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const at = (option: string, path: string) => ({ option, path, text: 'new' });

test('targets that can be written are checked without a trace, then written', () => {
  const old = join(folder, 'old');
  writeFileSync(old, 'old');
  const targets = [at('--html', old), at('--out', join(folder, 'deep/er/plan.md'))];
  checkTargets(join(folder, 'deep/er'), targets);
  expect(readdirSync(folder)).toEqual(['old']);
  expect(readFileSync(old, 'utf8')).toBe('old');
  writeTargets(join(folder, 'deep/er'), targets);
  expect(targets.map((t) => readFileSync(t.path, 'utf8'))).toEqual(['new', 'new']);
});

test.each<[string, string]>([
  ['a missing folder', '/nonexistent/y'],
  ['a folder', tmpdir()],
  ['a place below /proc', '/proc/y'],
])('%s as a target keeps the others from being created or changed', (_, bad) => {
  const old = join(folder, 'old');
  writeFileSync(old, 'old');
  const out = join(folder, 'o1');
  const targets = [at('--out', join(out, 'plan.md')), at('--plan', old), at('--html', bad)];
  for (const act of [checkTargets, writeTargets]) {
    expect(() => act(out, targets)).toThrow(new UsageError(`--html ${bad}: cannot be written`));
    expect(readdirSync(folder)).toEqual(['old']);
    expect(readFileSync(old, 'utf8')).toBe('old');
  }
});

test.runIf(existsSync('/dev/full'))('a full disk takes back what was new', () => {
  const targets = [at('--html', join(folder, 'a')), at('--plan', '/dev/full')];
  expect(() => writeTargets(null, targets)).toThrow('--plan /dev/full: cannot be written');
  expect(readdirSync(folder)).toEqual([]);
});

test.each(['/proc/x/y/z', '/dev/null/x'])('--out %s fails at once', (out) => {
  expect(() => checkTargets(out, [])).toThrow(new UsageError(`--out ${out}: cannot be created`));
});

test('--out below a file, or onto one, fails and creates nothing', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => checkTargets(join(file, 'x'), [])).toThrow(/x: cannot be created$/);
  expect(() => checkTargets(file, [at('--out', join(file, 'plan.md'))])).toThrow(UsageError);
  expect(readdirSync(folder)).toEqual(['file']);
});
