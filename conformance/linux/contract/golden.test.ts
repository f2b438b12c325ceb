/**
 * Goal: the committed answers of real kernels can be read, cover what they claim, and every
 * difference between two releases is one that the contract explains.
 * Method: the files of the repository, and a folder written and read back.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { ownFolder } from '../kernel/cache.ts';
import {
  differences,
  differencesBetween,
  hasEmptyEntry,
  unexplained,
  VERSION_DIFFERENCES,
} from './contract.ts';
import {
  type GoldenView,
  goldenCases,
  goldenKernel,
  goldenKernels,
  readGolden,
  writeGolden,
} from './golden.ts';

const golden = readGolden(ownFolder('golden'));
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-golden-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('the golden data cover four releases, 5,000 random and 500 named cases', () => {
  expect(golden.set.count).toBeGreaterThanOrEqual(5000);
  expect(golden.cases.length).toBeGreaterThanOrEqual(golden.set.count + 500);
  for (const series of ['6.1', '6.12', '7.2', '7.3']) {
    const kernel = goldenKernel(golden, `${series}.0`);
    expect([series, kernel?.views.size]).toEqual([series, golden.cases.length]);
  }
});

test('only cases with empty entries show uninitialised memory', () => {
  const unstable = golden.kernels.flatMap((kernel) =>
    golden.cases.filter((c) => kernel.views.get(c.id) === null),
  );
  expect(unstable.length).toBeGreaterThan(0);
  expect(unstable.filter((c) => !hasEmptyEntry(c)).map((c) => c.id)).toEqual([]);
});

test('every difference between releases is explained, and every explanation is needed', () => {
  const oldestFirst = [...golden.kernels].reverse();
  const used = new Set<string>();
  const surprises: string[] = [];
  for (let i = 0; i + 1 < oldestFirst.length; i++) {
    const [older, newer] = [oldestFirst[i], oldestFirst[i + 1]];
    const known = differencesBetween(older.release, newer.release);
    for (const c of golden.cases) {
      const [a, b] = [older.views.get(c.id), newer.views.get(c.id)];
      if (a === null || b === null || a === undefined || b === undefined) continue;
      const fields = differences(a, b);
      if (fields.length === 0) continue;
      if (unexplained(c, fields, known).length > 0) surprises.push(`${c.id} ${fields}`);
      for (const d of known)
        if (d.applies(c) && d.fields.some((f) => fields.includes(f))) used.add(d.reason);
    }
  }
  expect(surprises).toEqual([]);
  expect(VERSION_DIFFERENCES.filter((d) => !used.has(d.reason))).toEqual([]);
});

test('what a kernel answers to a bad tag, an overrun and no key is in the data', () => {
  const view = golden.kernels[0].views;
  expect(view.get('refused-gcm-wrong-tag')).toMatchObject({ errno: '-74 crypt' });
  expect(view.get('refused-no-key')).toMatchObject({ errno: '-126 crypt' });
  expect(view.get('overrun-hash-short-list')).toEqual({ ending: 'crash' });
});

test('data are read as they were written, older releases as their differences', () => {
  const set = { seed: 3, count: 20 };
  const cases = goldenCases(set);
  const same = new Map<string, GoldenView>(cases.map((c) => [c.id, { errno: '0', output: 'aa' }]));
  const other = new Map(same).set('r3', { errno: '-22 crypt' }).set('r4', null);
  const kernels = [
    { release: '6.1.5', views: other },
    { release: '6.12.9', views: same },
  ];
  expect(writeGolden(scratch, set, kernels)).toBeGreaterThan(100);
  const again = readGolden(scratch);
  expect(again.set).toEqual(set);
  expect(again.kernels.map((k) => k.release)).toEqual(['6.12.9', '6.1.5']);
  expect(again.kernels[1].views).toEqual(other);
  expect(again.kernels[0].views).toEqual(same);
});

test('data of another format or about other cases are refused by name', () => {
  const header = { format: 1, generator: 1, seed: 1, count: 1, release: '6.1.1', base: null };
  const file = join(scratch, 'linux-6.1.jsonl.gz');
  writeFileSync(file, gzipSync(`${JSON.stringify({ ...header, format: 9, sha256: '' })}\n`));
  expect(() => readGolden(scratch)).toThrow(/linux-6\.1\.jsonl\.gz: format 9/);
  rmSync(join(scratch, 'linux-6.12.jsonl.gz'), { force: true });
  writeFileSync(file, gzipSync(`${JSON.stringify({ ...header, sha256: 'x' })}\n`));
  expect(() => readGolden(scratch)).toThrow(/linux-6\.1\.jsonl\.gz: made from other cases/);
  expect(() => readGolden(join(scratch, 'nothing'))).toThrow('no golden data');
});

test('a kernel is replaced by golden data of its own series only', () => {
  const releases = (name: string | null): string[] =>
    goldenKernels(golden, name).map(({ release }) => release.split('.').slice(0, 2).join('.'));
  expect(releases(null)).toEqual(['7.3', '7.2', '6.12', '6.1']);
  expect(releases('6.12')).toEqual(['6.12']);
  expect(releases('source:7.3')).toEqual(['7.3']);
  for (const name of ['source:9.9', 'tree:/somewhere', 'afalg'])
    expect(() => goldenKernels(golden, name)).toThrow(`no golden data of ${name}, only of 7.3`);
});
