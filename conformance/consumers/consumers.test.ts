/**
 * Goal: npm packs what users need, and nothing that only the project needs.
 * Method: the list of files, as npm gives it, against the project. What users do with the package is in
 * `run.ts`, which takes minutes and fetches their tools.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { expect, test } from 'vitest';
import * as front from '../../converted/front/index.ts';
import { packed } from './package.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
/** Of the packed package; half of it are known answers and the answers of four kernels, 0.1 MB the charts. */
const MOST_BYTES = 6_400_000;

const tarball = packed(PROJECT, null);
const files = new Set(tarball.files);

test('every map leads to a source that is in the package', () => {
  const maps = tarball.files.filter((file) => file.endsWith('.map'));
  expect(maps.length).toBeGreaterThan(100);
  for (const map of maps) {
    const { sources } = JSON.parse(readFileSync(join(PROJECT, map), 'utf8')) as Sources;
    for (const source of sources) {
      expect(files, map).toContain(normalize(join(dirname(map), source)));
    }
  }
});

interface Sources {
  readonly sources: string[];
}

test('every entry and its types are in the package', () => {
  const text = readFileSync(join(PROJECT, 'package.json'), 'utf8');
  const { exports } = JSON.parse(text) as { exports: Record<string, string | object> };
  const targets = Object.values(exports).flatMap((to) =>
    typeof to === 'string' ? [to] : Object.values(to),
  );
  expect(targets.length).toBeGreaterThan(10);
  for (const target of targets) expect(files).toContain(normalize(target));
});

test('a bundle for browsers finds every name of the front door, and then the error', () => {
  const text = readFileSync(join(PROJECT, 'converted/front/browser.ts'), 'utf8');
  const names = Array.from(text.matchAll(/^export const (\w+): never/gm), ([, name]) => name);
  expect(names.sort()).toEqual(Object.keys(front).sort());
});

test('it holds no test, no tool of the project, and not too much', () => {
  expect(tarball.size).toBeLessThan(MOST_BYTES);
  const strangers = /\.test[.-]|\/tidy\/|\/consumers\/|\/laws\/|testing\.|node_modules|^\./;
  expect(tarball.files.filter((file) => strangers.test(file))).toEqual([]);
  for (const file of ['README.md', 'LICENSE', 'CHANGELOG.md']) expect(files).toContain(file);
});
