/**
 * Goal: a submission notices completions that are not its own.
 * Method: call the callback of one submission with the data of another.
 */
import { expect, test } from 'vitest';
import { Machine } from '../../src/machine/machine.ts';
import { CaseGenerator } from '../case/generate.ts';
import { Submission } from './submit.ts';

test('a completion with the data of another request is a broken contract', () => {
  const machine = new Machine({ memory: 1 << 20 });
  const c = new CaseGenerator().at(1, 1);
  const [mine, other] = [new Submission(machine, c), new Submission(machine, c)];
  expect(() => mine.complete(other, 0)).toThrow('data of another request');
  mine.complete(mine, -22);
  expect([mine.completions, other.completions]).toEqual([[-22], []]);
});
