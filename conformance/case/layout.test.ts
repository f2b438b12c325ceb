/**
 * Goal: layouts are data that hold what they promise.
 * Method: fit every layout to every small length and to case shapes of each kind.
 */
import { expect, test } from 'vitest';
import { type Case, isRefused } from './case.ts';
import { CaseGenerator } from './generate.ts';
import {
  describeLayout,
  fitDivisions,
  fitLayout,
  LAYOUTS,
  layoutClass,
  layoutFits,
} from './layout.ts';

test('names are unique and proportions add up', () => {
  expect(new Set(LAYOUTS.map(({ name }) => name)).size).toBe(LAYOUTS.length);
  for (const { src, dst } of LAYOUTS) {
    for (const divisions of [src, dst]) {
      const sum = divisions.reduce((total, { proportion }) => total + proportion, 0);
      expect([0, 10000]).toContain(sum);
    }
  }
});

test('every layout covers exactly its length', () => {
  for (const { src } of LAYOUTS) {
    for (let total = 0; total < 300; total++) {
      const sum = fitDivisions(src, total).reduce((all, { len }) => all + len, 0);
      expect(sum).toBe(total);
    }
  }
});

test('every layout fits every kind of case', () => {
  const generator = new CaseGenerator();
  for (let i = 0; i < 200; i++) {
    const c: Case = generator.at(3, i);
    // What is refused because of its lists fits no layout.
    if (isRefused(c)) continue;
    for (const template of LAYOUTS) {
      expect(layoutFits({ ...c, layout: fitLayout(template, c) })).toBe(true);
    }
  }
});

test('a layout reads as testmgr prints it', () => {
  const layout = {
    inplace: 'twin' as const,
    src: [
      { kind: 'page' as const, offset: 33, len: 19 },
      { kind: 'slab' as const, offset: 7, len: 81 },
    ],
    dst: [{ kind: 'page' as const, offset: 0, len: 100 }],
    chain: 2,
  };
  expect(describeLayout(layout)).toBe(
    'inplace_two_sglists src_divs=[19.00%@+33, 81.00%@slab+7] dst_divs=[100.00%@+0] chain=2',
  );
  expect(layoutClass(layout)).toBe('twin+split+chained');
});
