/**
 * Goal: what the models answer is what real kernels answered, and certification notices when not.
 * Method: every golden case of every release through every model; canaries are models that are wrong
 * in one place; rules and changes must still be needed.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { LIBRARY } from '../subjects/lib.ts';
import { certificateText } from './contract/certificate.ts';
import { type View, viewOf } from './contract/contract.ts';
import { equalCases, STUMBLES } from './contract/equals.ts';
import { RULES } from './contract/excuses.ts';
import { goldenKernel, readGolden } from './contract/golden.ts';
import { RELEASE_CHANGES } from './contract/releases.ts';
import { asRelease } from './contract/rules.ts';
import { sharesOf } from './contract/tally.ts';
import { ownFolder } from './kernel/cache.ts';
import { ConvertedModel } from './models/converted.ts';
import { IterModel } from './models/iter.ts';
import { LegacyModel } from './models/legacy.ts';
import { LibModel, libraryCalls, libraryCases } from './models/lib.ts';
import { type ModelSubject, remembering, type Series, seriesOf } from './models/model.ts';
import { certifyGolden, hasCompared, isClean } from './run.ts';
import type { TextCase } from './text/case.ts';
import { parseCases } from './text/parse.ts';
import type { TextResult } from './text/result.ts';

const golden = readGolden(ownFolder('golden'));
const LEGACY = remembering(new LegacyModel());
const CONVERTED = remembering(new ConvertedModel());
const LIB = remembering(new LibModel());
const MODELS: readonly ModelSubject[] = [LEGACY, CONVERTED, LIB, remembering(new IterModel())];
const SERIES = ['6.1', '6.12', '7.2', '7.3'];

function kernelOf(series: string): (typeof golden.kernels)[number] {
  const kernel = goldenKernel(golden, `${series}.0`);
  if (kernel === null) throw new Error(`no golden data of ${series}`);
  return kernel;
}

/** Rules and changes that were needed somewhere. */
const needed = new Set<string>();

describe.each(SERIES)('Linux %s', (series) => {
  test('the models answer as the kernel did', { timeout: 120_000 }, () => {
    const certificate = certifyGolden(golden, kernelOf(series), MODELS);
    expect(certificate.comparisons.flatMap((c) => c.findings)).toEqual([]);
    expect(isClean(certificate)).toBe(true);
    for (const { cases, rules, changes, asked } of certificate.comparisons) {
      expect(cases.whole).toBeGreaterThan(300);
      for (const id of Object.keys({ ...rules, ...changes, ...asked })) needed.add(id);
    }
    expect(certificateText(certificate)).toMatch(/\d+ passed, 0 failed, \d+ skipped$/);
  });
});

/** A case that only long runs draw, and the completions that 6.12.113 and 7.2.7 answered. */
const RARE = `case rare
op aead
pages 8
seed 500431588
put 15 91ba39596a8e32f22d6e99a0fa66889c
alg authencesn(hmac(sha1),cbc(aes))
key 0800010000000010011b20b7279fcbe06f231cd361f610ebae7411aa85d067222413ee96b16309604988d61459aca2e52d629f47c6e9d4d5efb05475921cb2ba4789b3892d8f45fe0509fb59fa67d9c6dcad419530246eb5
iv c245bb79c75dd2b0148affb25dd88d6f
dir b
len 0
assoc 16
auth 12
async
requests 9
src 0+15:21 0+52:7
dst 0+15:21 0+52:7
end
`;
const QUEUED = 'rets -115 -115 -115 -115 -16 -16 -16 -16 -16 order 4:-115 0:0 5:-115';
const RARE_COMPLETION = [
  `${QUEUED} 1:0 6:-115 2:0 7:-115 3:0 8:-115 4:0 5:0 6:0 7:0 8:0`,
  `${QUEUED} 1:-74 6:-115 2:-74 7:-115 3:-74 8:-115 4:-74 5:-74 6:-74 7:-74 8:-74`,
].join(' ');

test('several decryptions of one authencesn message: the first takes the tag away', () => {
  const cases = parseCases(RARE, 'rare');
  const [rare] = cases;
  const series = [6, 12] as const;
  const said = viewOf(rare, LEGACY.run(rare, series));
  const { view } = asRelease(said, rare, { name: 'legacy', series }, RELEASE_CHANGES);
  expect(view.completion).toBe(RARE_COMPLETION);
  const kernel = { release: '6.12.113', views: new Map([[rare.id, view]]) };
  const { comparisons } = certifyGolden({ ...golden, cases }, kernel, [CONVERTED]);
  expect(comparisons.flatMap(({ findings }) => findings)).toEqual([]);
  for (const id of comparisons.flatMap(({ rules }) => Object.keys(rules))) needed.add(id);
});

/** A model that speaks for a kernel, which answered so (FINDINGS.md, section 7), against the other one. */
test.each<[string, Series, ModelSubject, ModelSubject]>([
  ['6.12.113', [6, 12], LEGACY, CONVERTED],
  ['7.2.7', [7, 2], CONVERTED, LEGACY],
])('adiantum over an empty entry at a page boundary, as %s', (release, series, kernel, model) => {
  const path = fileURLToPath(new URL('./findings/sg-miter-empty-entry.txt', import.meta.url));
  const cases = parseCases(readFileSync(path, 'utf8'), path).filter(({ op }) => op === 'skcipher');
  const put = [...cases, ...equalCases(cases, series)];
  const views = new Map(put.map((c) => [c.id, viewOf(c, kernel.run(c, series))]));
  const { comparisons } = certifyGolden({ ...golden, cases }, { release, views }, [model]);
  expect(comparisons.flatMap(({ findings }) => findings)).toEqual([]);
  const [{ rules, changes, asked }] = comparisons;
  const ids = Object.keys({ ...rules, ...changes, ...asked });
  expect(ids).toHaveLength(1);
  for (const id of ids) needed.add(id);
});

/** A part of the second list lies in the first, and the end of the AD in it. */
const SHARED_PART = `case shared
op aead
pages 4
seed 9
alg authencesn(hmac(sha1),cbc(aes))
key 0800010000000010${'0d'.repeat(36)}
iv ${'0e'.repeat(16)}
dir d
len 44
assoc 16
auth 12
src 0+0:60
dst 1+0:40 0+40:20
end
`;

test('authencesn between lists that share a part, as the old API decrypts, against the new one', () => {
  const cases = parseCases(SHARED_PART, 'shared');
  const put = [...cases, ...equalCases(cases, [6, 1])];
  expect(put.map(({ id }) => id)).toEqual(['shared', 'shared~o']);
  const views = new Map(put.map((c) => [c.id, viewOf(c, LEGACY.run(c, [6, 1]))]));
  const { comparisons } = certifyGolden({ ...golden, cases }, { release: '6.1.176', views }, [
    CONVERTED,
  ]);
  expect(comparisons.flatMap(({ findings }) => findings)).toEqual([]);
  expect(comparisons[0].asked).toEqual({ 'in-other-memory': 1 });
  needed.add('in-other-memory');
});

/** Cases of several requests to an IV generator, in place: what each decrypts again is its own. */
const SEVERAL = `case several
op aead
alg seqiv(rfc4106(gcm(aes)))
key ${'07'.repeat(20)}
iv ${'09'.repeat(8)}
dir b
len 40
assoc 8
auth 16
async
requests 3
src 0+0:72
dst =
end
`;

test('several requests to an IV generator: what was sealed last opens, whatever the salt', () => {
  const cases = parseCases(SEVERAL, 'several');
  const series = [6, 1] as const;
  // The second transform of a machine has another salt than the first.
  const kernel = new LegacyModel();
  kernel.run(cases[0], series);
  const views = new Map([['several', viewOf(cases[0], kernel.run(cases[0], series))]]);
  expect(views.get('several')?.output).toMatch(/^sealed /);
  const { comparisons } = certifyGolden({ ...golden, cases }, { release: '6.1.176', views }, [
    new LegacyModel(),
  ]);
  expect(comparisons[0].cases).toMatchObject({ whole: 1, different: 0 });
});

test('what a kernel shares with an API is compared whole for the most part', () => {
  const certificate = certifyGolden(golden, kernelOf('7.2'), MODELS);
  for (const comparison of certificate.comparisons) {
    const { cases } = sharesOf(comparison);
    expect([comparison.what, (cases ?? 0) >= 0.9]).toEqual([comparison.what, true]);
  }
  const text = certificateText(certificate);
  expect(text).toMatch(/compared whole: 9\d\.\d % of cases, \d+\.\d % of algorithms/);
});

/** What 7.2.7 answered: one page, where 4,096 bytes from an offset lie in two. */
const AT_OFFSET = `case offset
op iter
pages 8
seed 5
type bvec
dir d
src 0+130:8529
do extract 4096 2
end
`;

test('pages from an offset in a bvec are counted as the kernel does', () => {
  const cases = parseCases(AT_OFFSET, 'offset');
  const trace = 'extract 4096 2 = 3966 off130 pg:0 [c4563 o3966 n1 i0]';
  const model = new IterModel();
  const said = (series: Series): string =>
    viewOf(cases[0], model.run(cases[0], series)).trace ?? '';
  expect(said([7, 2])).toContain(trace);
  expect(said([6, 12])).not.toContain(trace);
});

/** Replicas that speak for the iov_iter of the API: what they say is compared as everything is. */
test.each(['alignment-of-nothing', 'copy-against-direction', 'xarray-does-not-advance'])(
  'a kernel that answers otherwise than %s says is noticed',
  (id) => {
    const [series] = id === 'xarray-does-not-advance' ? ['6.12'] : ['6.1'];
    const { release, views } = kernelOf(series);
    const model = new IterModel();
    const pair = seriesOf(release);
    const mine = golden.cases.filter(
      (c) => model.takes(c) && model.run(c, pair).released.includes(id),
    );
    expect(mine.length).toBeGreaterThan(0);
    const cases = mine.slice(0, 3);
    const lied = cases.map(({ id: name }): [string, View] => {
      const view = views.get(name) ?? {};
      return [name, { ...view, trace: `${view.trace}1` }];
    });
    const kernel = { release, views: new Map(lied) };
    expect(isClean(certifyGolden({ ...golden, cases }, { release, views }, [model]))).toBe(true);
    expect(isClean(certifyGolden({ ...golden, cases }, kernel, [model]))).toBe(false);
  },
);

test('every rule and every change that is for a model is needed by one', () => {
  const forModels = ({ models }: { readonly models: readonly string[] }): boolean =>
    models.some((name) => name === 'legacy' || name === 'converted');
  const ids = [...RULES, ...RELEASE_CHANGES, ...STUMBLES].filter(forModels).map(({ id }) => id);
  expect(ids.filter((id) => !needed.has(id))).toEqual([]);
});

/** The legacy model with one change to what it answers. */
function broken(change: (c: TextCase, result: TextResult) => TextResult): ModelSubject {
  return { ...LEGACY, run: (c, series) => change(c, LEGACY.run(c, series)) };
}

function lastByteFlipped(hex: string | null): string | null {
  if (hex === null || hex === '') return hex;
  const last = Number.parseInt(hex.slice(-2), 16) ^ 1;
  return hex.slice(0, -2) + last.toString(16).padStart(2, '0');
}

test.each<[string, (c: TextCase, result: TextResult) => TextResult]>([
  [
    'a wrong last byte of one-segment requests',
    (c, r) => (c.src.length === 1 ? { ...r, out: lastByteFlipped(r.out) } : r),
  ],
  ['an IV that is not written back', (c, r) => ('iv' in c && c.iv !== '' ? { ...r, iv: c.iv } : r)],
  ['-EINVAL where the kernel says -EBADMSG', (_, r) => (r.err === -74 ? { ...r, err: -22 } : r)],
  [
    'walks that copy where they could bounce',
    (_, r) => ({
      ...r,
      steps: r.steps?.replaceAll(',fS,', ',fC,') ?? null,
    }),
  ],
  ['a write behind the list', (c, r) => (c.op === 'aead' ? { ...r, stray: '0:1' } : r)],
  ['a synchronous answer of cryptd', (_, r) => ({ ...r, completions: [] })],
  [
    'a completion that is called twice',
    (_, r) => ({
      ...r,
      completions: r.completions.map((line) => line.replace(/^calls 1/, 'calls 2')),
    }),
  ],
  ['a page that keeps a reference', (c, r) => (c.op === 'skcipher' ? { ...r, refs: '0:1' } : r)],
  ['a list that is changed', (c, r) => (c.op === 'hash' ? { ...r, changed: ['list'] } : r)],
  ['a crash', (c, r) => (c.id === 'r7' ? { ...r, ending: 'crash' } : r)],
])('certification notices %s', (_, change) => {
  const certificate = certifyGolden(golden, kernelOf('6.1'), [broken(change)]);
  expect(isClean(certificate)).toBe(false);
  expect(certificateText(certificate)).toContain('NOT CLEAN');
});

test('certification notices a library that forgets the partial block of a hash', () => {
  const forgetful = new LibModel({
    ...LIBRARY,
    hashUpdate: (ctx, mem, data, len) => {
      LIBRARY.hashUpdate(ctx, mem, data, len);
      ctx.fill = 0;
    },
  });
  const cases = golden.cases.filter(({ op }) => op === 'hash').slice(0, 100);
  const { comparisons } = certifyGolden({ ...golden, cases }, kernelOf('7.3'), [forgetful]);
  expect(comparisons.flatMap(({ byAspect }) => Object.keys(byAspect))).toEqual(['digest']);
});

test('what the library cannot do is left out by reason', () => {
  const [{ left }] = certifyGolden(golden, kernelOf('6.1'), [LIB]).comparisons;
  expect(Object.keys(left).sort()).toEqual([
    'XCBC: a key that is not of 128 bits',
    'asynchronous driver: a call of a library is done when it returns',
    'no library for the algorithm',
    'not in this kernel',
  ]);
});

test('the library of the kernel is asked what it may have, from 7.3 on', () => {
  expect(libraryCases(golden.cases, [7, 2])).toEqual([]);
  const calls = libraryCases(golden.cases, [7, 3]);
  expect(calls.length).toBeGreaterThan(500);
  // What the library says of a request, it says of its own call.
  const views = new Map(calls.map((c) => [c.id, viewOf(c, LIB.run(c, [7, 3]))]));
  const same = calls.filter((c) => {
    const view = kernelOf('7.3').views.get(c.id.slice(0, -'-lib'.length));
    const digest = views.get(c.id)?.digest;
    return digest !== undefined && view?.digest === digest;
  });
  expect(same.length).toBeGreaterThan(100);
  expect(libraryCalls(LIB)).toMatchObject({ name: 'lib/crypto' });
});

test('a certificate in which nothing was compared is none', () => {
  const silent = { release: '6.1.0', views: new Map() };
  expect(hasCompared(certifyGolden(golden, silent, [LEGACY]))).toBe(false);
  expect(hasCompared(certifyGolden(golden, kernelOf('6.1'), [LEGACY]))).toBe(true);
});
