/**
 * Goal: the cases that FINDINGS.md names exist, can be read, and show the finding where a model has it.
 * Method: the files of `findings`, and the legacy model, which has the kernel's empty-entry behaviour.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { LegacyModel } from './models/legacy.ts';
import type { TextCase } from './text/case.ts';
import { parseCases } from './text/parse.ts';

const FOLDER = fileURLToPath(new URL('./findings/', import.meta.url));
const PAGE = readFileSync(fileURLToPath(new URL('./FINDINGS.md', import.meta.url)), 'utf8');

function casesOf(name: string): TextCase[] {
  return parseCases(readFileSync(join(FOLDER, name), 'utf8'), name);
}

test('every case file is named on the page and can be read, and every name is a file', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));
  const named = [...PAGE.matchAll(/findings\/([a-z-]+\.txt)/g)].map((match) => match[1]);
  expect([...new Set(named)].sort()).toEqual(files.sort());
  for (const name of files) expect(casesOf(name).length).toBeGreaterThan(0);
});

test('the legacy model ends a hash at an empty entry as the kernels do', () => {
  const model = new LegacyModel();
  const answers = casesOf('ahash-empty-entry.txt').map((c) => model.run(c, [6, 1]));
  const digests = answers.map(({ id, err, digest }) => [id, err, digest?.slice(0, 8)]);
  expect(digests).toEqual([
    ['one-entry', 0, '12c8e95a'],
    ['two-entries', 0, '12c8e95a'],
    ['empty-between', 0, 'dbdbdbdb'],
    ['empty-first', 0, 'e3b0c442'],
    ['finup-empty-between', 0, 'dbdbdbdb'],
    ['hmac-empty-between', 0, 'dbdbdbdb'],
  ]);
});

test('the legacy model refuses what authencesn refuses in two lists, and accepts what it accepts', () => {
  const model = new LegacyModel();
  const TEXT = '4142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f60';
  const answers = casesOf('authencesn-two-lists.txt').map((c) => model.run(c, [6, 1]));
  const verdicts = new Map(
    answers.map(({ id, err, out }) => [
      id,
      err === 0 && out?.slice(24, 88) === TEXT ? 'text' : err,
    ]),
  );
  const shared = ['two-lists', 'two-lists-cut', 'two-lists-no-tag'];
  for (const mode of shared) expect(verdicts.get(`valid-${mode}`)).toBe(-74);
  for (const mode of shared) expect(verdicts.get(`unlucky-${mode}`)).toBe(0);
  for (const mode of shared) expect(verdicts.get(`changed-${mode}`)).toBe(0);
  for (const mode of ['one-list', 'separate']) {
    expect(verdicts.get(`valid-${mode}`)).toBe('text');
    expect(verdicts.get(`unlucky-${mode}`)).toBe('text');
    expect(verdicts.get(`changed-${mode}`)).toBe(-74);
  }
  expect(verdicts.size).toBe(15);
});

test('the legacy model passes over the entry that sg_miter passes over, and the bytes are lost', () => {
  const model = new LegacyModel();
  const answers = casesOf('sg-miter-empty-entry.txt').map((c) => model.run(c, [6, 1]));
  const shown = new Map(
    answers.map(({ id, out, trace }) => [id, `${out} ${trace?.slice(1).join('; ')}`]),
  );
  for (const kind of ['list', 'adiantum']) {
    const right = shown.get(`${kind}-inside-a-page`);
    expect(shown.get(`${kind}-behind-the-boundary`)).toBe(right);
    expect(shown.get(`${kind}-told-from-its-page`)).toBe(right);
    expect(shown.get(`${kind}-boundary`)).not.toBe(right);
  }
});
