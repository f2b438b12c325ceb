/**
 * Goal: the committed answers of real kernels can be read and cover what they claim.
 * Method: the files of the repository, and a folder written and read back.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { ownFolder } from '../kernel/cache.ts';
import { formatCase, hasEmptyEntry, type TextCase } from '../text/case.ts';
import { compareGolden } from './compare.ts';
import { isUnsettled, type View } from './contract.ts';
import { generatedBytes } from './generated.ts';
import {
  goldenAsked,
  goldenCases,
  goldenKernel,
  goldenKernels,
  readGolden,
  writeGolden,
} from './golden.ts';

const golden = readGolden(ownFolder('golden'));
const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-golden-'));
afterAll(() => rmSync(scratch, { recursive: true }));

test('the golden data cover four releases, 3,000 random and 3,600 named cases', () => {
  expect(golden.set.count).toBeGreaterThanOrEqual(3000);
  expect(golden.cases.length).toBeGreaterThanOrEqual(golden.set.count + 3600);
  const asked = goldenAsked(golden.set);
  expect(asked.length).toBeGreaterThan(golden.cases.length + 100);
  for (const series of ['6.1', '6.12', '7.2', '7.3']) {
    const kernel = goldenKernel(golden, `${series}.0`);
    expect([series, kernel?.views.size]).toEqual([series, asked.length]);
  }
});

test('only what a hash ends at and generated IVs differ from run to run', () => {
  const unstable = golden.kernels.flatMap(({ views }) =>
    golden.cases.filter(({ id }) => isUnsettled(views.get(id) ?? {})),
  );
  expect(unstable.length).toBeGreaterThan(0);
  const generates = (c: TextCase): boolean => c.op === 'aead' && generatedBytes(c.algorithm) > 0;
  const settled = unstable.filter((c) => !hasEmptyEntry(c) && !generates(c));
  expect(settled.map(({ id }) => id)).toEqual([]);
});

test('what a kernel answers to a bad tag, an overrun and no key is in the data', () => {
  const view = golden.kernels[0].views;
  expect(view.get('refused-gcm-wrong-tag')).toMatchObject({ errno: '-74 crypt' });
  expect(view.get('refused-no-key')).toMatchObject({ errno: '-126 crypt' });
  expect(view.get('overrun-hash-short-list')).toEqual({ ending: 'crash' });
});

const SET = { seed: 3, count: 20, algorithms: ['cbc(aes)', 'gcm(aes)', 'sha256'] };

test('data are read as they were written, older releases as their differences', () => {
  const cases = goldenCases(SET);
  const same = new Map<string, View>(cases.map((c) => [c.id, { errno: '0', output: 'aa' }]));
  const other = new Map(same).set('r3', { errno: '-22 crypt' }).set('r4', { iv: '?' });
  const kernels = [
    { release: '6.1.5', views: other },
    { release: '6.12.9', views: same },
  ];
  expect(writeGolden(scratch, SET, kernels)).toBeGreaterThan(100);
  const again = readGolden(scratch);
  expect(again.set).toEqual(SET);
  expect(again.stale).toEqual([]);
  expect(again.kernels.map((k) => k.release)).toEqual(['6.12.9', '6.1.5']);
  expect(again.kernels[1].views).toEqual(other);
  expect(again.kernels[0].views).toEqual(same);
});

test('a case that is another one now is left out, and only that one', () => {
  const cases = goldenCases(SET);
  const views = new Map<string, View>(cases.map((c) => [c.id, { errno: '0' }]));
  writeGolden(scratch, SET, [{ release: '6.1.5', views }]);
  const file = join(scratch, 'linux-6.1.jsonl.gz');
  const lines = gunzipSync(readFileSync(file)).toString('utf8').trimEnd().split('\n');
  const at = lines.findIndex((line) => line.startsWith('"r7" '));
  lines[at] = lines[at].replace(/^"r7" \S+/, '"r7" 00000000');
  writeFileSync(file, gzipSync(`${lines.join('\n')}\n`));
  const again = readGolden(scratch);
  expect(again.stale).toEqual(['r7']);
  expect(again.kernels[0].views.size).toBe(cases.length - 1);
  expect(formatCase(cases[0])).not.toBe(formatCase(cases[1]));
});

test('data of another format or about other cases are refused by name', () => {
  const header = { format: 2, ...SET, release: '6.1.1', base: null };
  const file = join(scratch, 'linux-6.1.jsonl.gz');
  writeFileSync(file, gzipSync(`${JSON.stringify({ ...header, format: 1 })}\n`));
  expect(() => readGolden(scratch)).toThrow(/linux-6\.1\.jsonl\.gz: format 1, expected 2/);
  writeFileSync(file, gzipSync(`${JSON.stringify({ ...header, base: '6.12.1' })}\n`));
  expect(() => readGolden(scratch)).toThrow(/linux-6\.1\.jsonl\.gz: relative to 6\.12\.1/);
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

test('another build may lack an algorithm, the recorded one and one that every kernel has may not', () => {
  const recorded = goldenKernel(golden, '6.1.0');
  if (recorded === null) throw new Error('no golden data of 6.1');
  const cases = ['anubis', 'aes'].map((cipher) =>
    golden.cases.find((c) => c.op === 'skcipher' && c.algorithm === `cbc(${cipher})`),
  );
  const [rare, common] = cases.filter((c) => c !== undefined);
  const lacking = (release: string, c: TextCase): readonly number[] => {
    const kernel = { release, views: new Map([[c.id, { errno: '-2 alloc' }]]) };
    const { cases: counts } = compareGolden([c], recorded, kernel);
    return [counts.different, counts.absent];
  };
  expect(lacking('6.1.999', rare)).toEqual([0, 1]);
  expect(lacking(recorded.release, rare)).toEqual([1, 0]);
  expect(lacking('6.1.999', common)).toEqual([1, 0]);
});
