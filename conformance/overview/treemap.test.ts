/**
 * Goal: a treemap shows shares truly.
 * Method: properties over random values: areas are proportional, tiles stay inside and disjoint.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut, type Rect } from './treemap.ts';

const FRAME: Rect = { x: 10, y: 20, width: 300, height: 200 };
const identity = (v: number): number => v;

test('areas are proportional to the values and fill the frame', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), (values) => {
      const tiles = layOut(values, identity, FRAME);
      const total = values.reduce((s, v) => s + v, 0);
      expect(tiles).toHaveLength(values.length);
      for (const { item, rect } of tiles)
        expect(rect.width * rect.height).toBeCloseTo((item * 60_000) / total, 3);
    }),
  );
});

test('tiles lie inside the frame and do not overlap', () => {
  const values = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(values, (items) => {
      const rects = layOut(items, identity, FRAME).map((t) => t.rect);
      rects.forEach((a, i) => {
        expect(a.x).toBeGreaterThan(FRAME.x - 1e-6);
        expect(a.y).toBeGreaterThan(FRAME.y - 1e-6);
        expect(a.x + a.width).toBeLessThan(FRAME.x + FRAME.width + 1e-6);
        expect(a.y + a.height).toBeLessThan(FRAME.y + FRAME.height + 1e-6);
        for (const b of rects.slice(i + 1)) {
          const w = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
          const h = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
          expect(Math.min(w, h)).toBeLessThan(1e-6);
        }
      });
    }),
  );
});

test('nothing and zero values get no tile', () => {
  expect(layOut([], identity, FRAME)).toEqual([]);
  expect(layOut([0, 4, 0], identity, FRAME)).toEqual([{ item: 4, rect: FRAME }]);
});

test('equal values give nearly square tiles', () => {
  const tiles = layOut([1, 1, 1, 1, 1, 1], identity, FRAME);
  for (const { rect } of tiles) expect(rect.width / rect.height).toBeCloseTo(1, 1);
});
