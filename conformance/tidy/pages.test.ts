/**
 * Goal: the pages of the front door say what is there, and show each name and each method at work.
 * Method: write them again from the declarations of the last build; look for what has no example. That
 * the examples run is checked beside the front door.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiPages, pages } from './pages.ts';

const all = pages();

test('every name of the front door and every method has an example', () => {
  expect(all.length).toBeGreaterThan(25);
  const bare = all.flatMap(({ name, examples, bare: methods }) =>
    examples.some(({ of }) => of === name) ? methods : [name, ...methods],
  );
  expect(bare).toEqual([]);
});

test('the pages are those of the declarations', () => {
  expect(
    readFileSync('API.md', 'utf8'),
    'run: npm run build && node dist/conformance/tidy/picture.js',
  ).toBe(apiPages());
});
