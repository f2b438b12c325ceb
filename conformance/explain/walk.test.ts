/**
 * Goal: a finding about iterators is told command by command, with the first that goes wrong.
 * Method: random cases, as they are and with a command of the API that stands one byte off.
 */
import { expect, test, vi } from 'vitest';
import { Prng } from '../../src/prng.ts';
import { randomWalk } from '../case/generate-walk.ts';
import { ACTS } from '../iterators/commands.ts';
import { explainWalk, walkText } from './walk.ts';

function drawn(seed: number): ReturnType<typeof explainWalk> {
  const c = randomWalk(new Prng(seed));
  expect.assert(c.iterator !== undefined);
  return explainWalk(c, c.iterator);
}

test('where every type stands is told behind every command', () => {
  const { c, steps, violations } = drawn(1);
  expect(violations).toEqual([]);
  const types = new Set(steps.map(({ type }) => type));
  expect(steps).toHaveLength(types.size * (1 + (c.iterator?.commands.length ?? 0)));
  expect(steps.every(({ left, expected, wrong }) => left === expected && wrong === null)).toBe(
    true,
  );
  expect(walkText({ c, steps, violations }, false, null).join('\n')).toContain('types stand where');
});

test('the command that goes wrong is the last that is told of its type', () => {
  const act = vi.spyOn(ACTS, 'advance').mockImplementation(({ iter, flat }, a) => {
    flat.at += Math.min(a, flat.count);
    iter.count -= Math.max(0, Math.min(a, iter.count) - 1);
    return null;
  });
  const walks = Array.from({ length: 20 }, (_, seed) => drawn(seed));
  act.mockRestore();
  const walk = walks.find(({ violations }) => violations.some(({ check }) => check === 'ITER'));
  expect.assert(walk !== undefined);
  const lines = walkText(walk, false, null);
  expect(lines.find((line) => line.includes('<-'))).toMatch(/advance \d+ .*, expected \d+ {2}<- /);
  expect(lines.at(-1)).toMatch(/^\d+ of \d+ types are wrong$/);
});
