/**
 * Goal: what the models answer is what real kernels answered, and certification notices when not.
 * Method: every golden case of every release through every model; canaries are models that are wrong
 * in one place; rules and changes must still be needed.
 */
import { describe, expect, test } from 'vitest';
import { certificateText } from './contract/certificate.ts';
import { RULES } from './contract/excuses.ts';
import { goldenKernel, readGolden } from './contract/golden.ts';
import { RELEASE_CHANGES } from './contract/releases.ts';
import { ownFolder } from './kernel/cache.ts';
import { ConvertedModel } from './models/converted.ts';
import { IterModel } from './models/iter.ts';
import { LegacyModel } from './models/legacy.ts';
import { type ModelSubject, remembering } from './models/model.ts';
import { certifyGolden, hasCompared, isClean } from './run.ts';
import type { TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

const golden = readGolden(ownFolder('golden'));
const LEGACY = remembering(new LegacyModel());
const CONVERTED = remembering(new ConvertedModel());
const MODELS: readonly ModelSubject[] = [LEGACY, CONVERTED, remembering(new IterModel())];
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
    for (const { cases, rules, changes } of certificate.comparisons) {
      expect(cases.whole).toBeGreaterThan(300);
      for (const id of [...Object.keys(rules), ...Object.keys(changes)]) needed.add(id);
    }
    expect(certificateText(certificate)).toMatch(/\d+ passed, 0 failed, \d+ skipped$/);
  });
});

test('every rule and every change that is for a model is needed by one', () => {
  const forModels = ({ models }: { readonly models: readonly string[] }): boolean =>
    models.some((name) => name === 'legacy' || name === 'converted');
  const ids = [...RULES, ...RELEASE_CHANGES].filter(forModels).map(({ id }) => id);
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

test('a certificate in which nothing was compared is none', () => {
  const silent = { release: '6.1.0', views: new Map() };
  expect(hasCompared(certifyGolden(golden, silent, [LEGACY]))).toBe(false);
  expect(hasCompared(certifyGolden(golden, kernelOf('6.1'), [LEGACY]))).toBe(true);
});
