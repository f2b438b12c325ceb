/**
 * Goal: a damaged report is refused in one line that names the file and the field.
 * Method: a table of damages to a true report.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Census } from './census.ts';
import { parseCensus, readCensus } from './census-schema.ts';
import { FIXTURE_TREE, surveyQuietly } from './fixtures/copy.ts';

let census: Census;

beforeAll(async () => {
  census = await surveyQuietly(FIXTURE_TREE);
});

test('a report survives writing and reading', () => {
  expect(parseCensus(JSON.stringify(census), 'a.json')).toEqual(JSON.parse(JSON.stringify(census)));
});

// biome-ignore lint/suspicious/noExplicitAny: the table breaks every type on purpose.
type Damage = (report: any) => unknown;

test.each<[string, Damage, RegExp]>([
  ['another schema', (r) => ({ ...r, schema: 'sg2iter-census/0' }), /^a\.json: schema: /],
  ['no files', (r) => ({ ...r, files: undefined }), /^a\.json: files: /],
  ['a path of no length', (r) => damage(r, 'files', { path: '' }), /^a\.json: files\.0\.path: /],
  ['a negative line', (r) => damage(r, 'sites', { line: -1 }), /^a\.json: sites\.0\.line: /],
  ['a line as text', (r) => damage(r, 'sites', { line: '7' }), /^a\.json: sites\.0\.line: /],
  ['a foreign id', (r) => damage(r, 'hazards', { id: 'x' }), /^a\.json: hazards\.0\.id: /],
  ['a wave too many', (r) => damage(r, 'files', { wave: 8 }), /^a\.json: files\.0\.wave: /],
  ['an unknown mode', (r) => damage(r, 'files', { mode: 'fast' }), /^a\.json: files\.0\.mode: /],
  ['hours below zero', (r) => damage(r, 'files', { hours: -1 }), /^a\.json: files\.0\.hours: /],
  ['a number', () => 3, /^a\.json: report: /],
  ['null', () => null, /^a\.json: report: /],
])('%s is refused', (_, change, message) => {
  expect(() => parseCensus(JSON.stringify(change(census)), 'a.json')).toThrow(message);
});

// biome-ignore lint/suspicious/noExplicitAny: as above.
function damage(report: any, list: string, change: object): object {
  const [first, ...rest] = report[list];
  return { ...report, [list]: [{ ...first, ...change }, ...rest] };
}

test('text that is no JSON, and a file that is none, are refused', () => {
  expect(() => parseCensus('{"schema"', 'a.json')).toThrow('a.json: not JSON');
  expect(() => readCensus('/does/not/exist.json')).toThrow('/does/not/exist.json: cannot be read');
});
