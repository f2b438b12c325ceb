/**
 * Goal: what the models answer is what real kernels answered, and certification notices when not.
 * Method: every golden case of every release through every model; canaries are models that are wrong
 * in one place; listed divergences must still be needed.
 */
import { describe, expect, test } from 'vitest';
import { certificateText } from './contract/certificate.ts';
import { differences, viewOf } from './contract/contract.ts';
import { goldenKernel, readGolden } from './contract/golden.ts';
import { ownFolder } from './kernel/cache.ts';
import { IterModel } from './models/iter.ts';
import { LegacyModel } from './models/legacy.ts';
import { type ModelSubject, remembering } from './models/model.ts';
import { certifyGolden, isClean } from './run.ts';
import type { TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

const golden = readGolden(ownFolder('golden'));
const LEGACY = remembering(new LegacyModel());
const MODELS: readonly ModelSubject[] = [LEGACY, remembering(new IterModel())];

function kernelOf(series: string): (typeof golden.kernels)[number] {
  const kernel = goldenKernel(golden, `${series}.0`);
  if (kernel === null) throw new Error(`no golden data of ${series}`);
  return kernel;
}

describe.each(['6.1', '6.12', '7.2', '7.3'])('Linux %s', (series) => {
  test('the models answer as the kernel did', () => {
    const certificate = certifyGolden(golden, kernelOf(series), MODELS);
    expect(certificate.comparisons.flatMap((c) => c.findings)).toEqual([]);
    expect(isClean(certificate)).toBe(true);
    for (const { compared } of certificate.comparisons) expect(compared).toBeGreaterThan(400);
    expect(certificateText(certificate)).toMatch(/\d+ passed, 0 failed, \d+ skipped$/);
  });
});

test('every divergence that a model lists is still there', () => {
  for (const model of MODELS) {
    const kernel = kernelOf(model.release);
    for (const divergence of model.divergences) {
      const shows = golden.cases.filter(divergence.applies).some((c) => {
        const expected = kernel.views.get(c.id);
        if (!expected) return false;
        const fields = differences(expected, viewOf(c, model.run(c)));
        return fields.some((field) => divergence.fields.includes(field));
      });
      expect([divergence.reason, shows]).toEqual([divergence.reason, true]);
    }
  }
});

/** The legacy model with one change to what it answers. */
function broken(change: (c: TextCase, result: TextResult) => TextResult): ModelSubject {
  return { ...LEGACY, name: 'broken', run: (c) => change(c, LEGACY.run(c)) };
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
  ['a crash', (c, r) => (c.id === 'r7' ? { ...r, ending: 'crash' } : r)],
])('certification notices %s', (_, change) => {
  const certificate = certifyGolden(golden, kernelOf('6.1'), [broken(change)]);
  expect(isClean(certificate)).toBe(false);
  expect(certificateText(certificate)).toContain('NOT CLEAN');
});
