/**
 * Goal: every order of up to four requests is run, each once, and one wrong order among them is found.
 * Method: a driver with one step for each request has n! orders; a canary that errs in one of them.
 */
import { expect, test } from 'vitest';
import { bothSides } from '../subjects/sides.ts';
import { Canary } from './canary.ts';
import { exploreSchedules } from './schedules.ts';

const alone = { progress: () => {}, stopped: () => false };

test('one step for each of n requests has n! orders, on both sides, and all are right', async () => {
  const report = await exploreSchedules(bothSides, ['sha512'], 1, alone);
  expect(report.drivers).toBeGreaterThan(0);
  const orders = 2 * report.drivers;
  expect(report).toMatchObject({
    explored: { 1: orders, 2: 2 * orders, 3: 6 * orders, 4: 24 * orders },
    cut: [],
    findings: [],
  });
});

test('one order that goes wrong is found, with the choices that lead to it', async () => {
  const report = await exploreSchedules(
    (machine) => {
      const [, converted] = bothSides(machine);
      const canary = new Canary(
        converted,
        (_op, outcome) => outcome,
        (outcome) => {
          const done = outcome.history.filter(({ what }) => what === 'call');
          const isLast = done.map(({ request }) => request).join('') === '3210';
          return isLast ? { ...outcome, history: [...outcome.history, done[0]] } : outcome;
        },
      );
      return [canary];
    },
    ['sha512'],
    1,
    alone,
  );
  expect(report.findings.length).toBe(report.drivers);
  expect(report.findings[0]).toMatchObject({ check: 'ORDER', order: [3, 2, 1] });
});
