/**
 * Goal: a source and a destination are accepted exactly when every shared byte lies at one position.
 * Method: an obvious model over bytes against both ways of comparing, on small random lists.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BvecList, bvecAppend } from '../../src/bvec.ts';
import { physAddr } from '../../src/units.ts';
import { bvecConflict, bvecOverlap } from './overlap.ts';

type Entry = readonly [at: number, len: number];

function list(entries: readonly Entry[]): BvecList {
  const result = new BvecList();
  for (const [at, len] of entries) bvecAppend(result, physAddr(2 ** 32 + at), len, 0);
  return result;
}

function bytesOf(entries: readonly Entry[]): number[] {
  return entries.flatMap(([at, len]) => Array.from({ length: len }, (_, i) => at + i));
}

function modelConflict(src: readonly Entry[], dst: readonly Entry[]): boolean {
  const reads = bytesOf(src);
  return bytesOf(dst).some((byte, y) => reads.some((other, x) => other === byte && x !== y));
}

const entries = (range: number, most: number): fc.Arbitrary<Entry[]> =>
  fc.array(fc.tuple(fc.nat(range), fc.integer({ min: 1, max: 8 })), { maxLength: most });

test('a few entries: the model and the comparison agree', () => {
  fc.assert(
    fc.property(entries(60, 5), entries(60, 5), (src, dst) => {
      expect(bvecConflict(list(src), list(dst))).toBe(modelConflict(src, dst));
      const shared = bytesOf(src).some((byte) => bytesOf(dst).includes(byte));
      expect(bvecOverlap(list(src), list(dst))).toBe(shared);
    }),
    { numRuns: 2000 },
  );
});

test('many entries: sorting gives the same answer', () => {
  let conflicts = 0;
  const many = fc.array(fc.nat(2000), { minLength: 20, maxLength: 40 });
  fc.assert(
    fc.property(many, fc.nat(3), (starts, shift) => {
      const src = starts.map((at): Entry => [at, 2]);
      const dst = shift === 0 ? src : starts.map((at, k): Entry => [at + (k < shift ? 900 : 0), 2]);
      const conflict = bvecConflict(list(src), list(dst));
      if (conflict) conflicts++;
      expect(conflict).toBe(modelConflict(src, dst));
      const bytes = new Set(bytesOf(src));
      const shared = bytesOf(dst).some((byte) => bytes.has(byte));
      expect(bvecOverlap(list(src), list(dst))).toBe(shared);
    }),
    { numRuns: 500 },
  );
  expect(conflicts).toBeGreaterThan(20);
  expect(conflicts).toBeLessThan(480);
});

test('a hundred thousand entries, out of order, are compared without a look at every pair', () => {
  const nr = 100_000;
  // An odd factor that shares none with nr: every place once, far from its neighbours.
  const places = Array.from({ length: nr }, (_, k): Entry => [((k * 70_001) % nr) * 64, 64]);
  const src = list(places);
  const behind = list(places.map(([at, len]): Entry => [at + nr * 64 - 64, len]));
  expect([bvecOverlap(src, src), bvecConflict(src, list(places))]).toEqual([true, false]);
  expect([bvecOverlap(src, behind), bvecConflict(src, behind)]).toEqual([true, true]);
  const even = list(places.map(([at, len]): Entry => [2 * at, len]));
  const odd = list(places.map(([at, len]): Entry => [2 * at + 64, len]));
  expect([bvecOverlap(even, odd), bvecConflict(even, odd)]).toEqual([false, false]);
});
