/**
 * Goal: every call that can fail is made to fail, on every side, and what goes wrong behind one is found.
 * Method: a few algorithms of each kind as they are; then sides that lose a page, write, or break their
 * transform when, and only when, a fault has struck.
 */
import { expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { sliceRuns } from '../case/placed.ts';
import { bothSides } from '../subjects/sides.ts';
import { Canary, type Harm, spoil } from './canary.ts';
import { failEvery } from './failures.ts';

const QUIET = { progress: (): void => {}, stopped: (): boolean => false };

test('progress is told for every algorithm', async () => {
  const told: [string, number, number][] = [];
  const progress = (...reached: [string, number, number]): void => void told.push(reached);
  await failEvery(bothSides, ['ghash', 'lz4'], 1, { ...QUIET, progress });
  expect(told).toEqual([
    ['algorithms', 0, 2],
    ['algorithms', 1, 2],
  ]);
});

test('each kind of call is made to fail until none is left, and both sides stand it', async () => {
  const report = await failEvery(bothSides, ['cbc(aes)', 'gcm(aes)'], 1, QUIET);
  expect(report.findings).toEqual([]);
  expect(report.drivers.map(({ cases }) => cases)).not.toContain(0);
  for (const side of ['legacy', 'converted']) {
    for (const point of ['kmalloc', 'page-alloc', 'gup', 'queue'] as const) {
      const met = report.drivers.reduce((sum, { points }) => sum + points[side][point], 0);
      // A converted operation asks for pages only where its lists are scattered.
      expect(met, `${side} ${point}`).toBeGreaterThan(side === 'converted' ? 0 : 1);
    }
  }
});

/** Harm that is done only where a call was made to fail. */
const whenStruck =
  (harm: Harm): Harm =>
  (op, outcome) =>
    op.memory.machine.faults.struck > 0 ? harm(op, outcome) : outcome;

test.each<[string, string, Harm]>([
  [
    'a page that an error path forgets',
    'REF',
    ({ memory }, outcome) => {
      must(memory.machine.allocPages(0, 'canary'));
      return outcome;
    },
  ],
  [
    'a byte that is written although nothing is there',
    'OUT',
    (op, outcome) => {
      spoil(op, sliceRuns(op.dst, 0, 1)[0].phys);
      return outcome;
    },
  ],
  [
    'a transform that no longer works',
    'STATE',
    (_op, outcome) => {
      const { later = outcome } = outcome;
      return { ...outcome, later: { ...later, ret: -22, completions: [] } };
    },
  ],
  ['another errno', 'RET', (_op, outcome) => ({ ...outcome, ret: -22, completions: [] })],
])('%s is found behind a fault', async (_name, check, harm) => {
  const report = await failEvery(
    (machine) => [new Canary(bothSides(machine)[1], whenStruck(harm))],
    ['cbc(aes)'],
    1,
    QUIET,
  );
  expect(new Set(report.findings.map((finding) => finding.check))).toContain(check);
  expect(report.findings[0]?.token).toMatch(/^sg2iter2\./);
});
