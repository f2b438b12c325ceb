/**
 * Goal: what a program does to its transform in flight is a misuse on every algorithm.
 * Method: a cipher without keys, under none and under the empty one; both sides must name it.
 */
import { expect, test } from 'vitest';
import { Harness } from '../campaign/harness.ts';
import type { Case, FurtherRequest } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { judgeTrial } from '../judge/judge.ts';
import { bothSides } from './sides.ts';

const DRIVER = 'cryptd(ecb(cipher_null-generic))';
const generator = new CaseGenerator(['ecb(cipher_null)']);
const drawn = Array.from({ length: 200 }, (_, i) => generator.at(1, i));
const plain = drawn.find(({ driver, tamper }) => driver === DRIVER && tamper === null);

function rekeyed(key: Case['key']): Case {
  if (plain === undefined) throw new Error('no case');
  const context = { ...plain.context, reuse: false, fault: 0 };
  const further: FurtherRequest = {
    ...{ when: 'now', steps: 0, of: 0, reuse: false, cpu: 0, backlog: false, tamper: null },
    ...{ op: plain.op, iv: plain.iv, ad: '', text: plain.text, layout: plain.layout },
  };
  const misuse = { what: 'rekey', after: 1 } as const;
  const program = { queue: 0, freeEarly: false, misuse, requests: [further] };
  return { ...plain, key, context, program };
}

test.each<[string, Case['key']]>([
  ['no key', null],
  ['the empty key', ''],
])('a cipher without keys is rekeyed in flight after %s, and that is named', (_name, key) => {
  const trial = new Harness(bothSides).run(rekeyed(key));
  const named = trial.observations.map(({ program }) => program?.misuse);
  const misuse = { happened: true, named: expect.stringContaining('setkey while a request') };
  expect(named).toEqual([misuse, misuse]);
  expect(judgeTrial(trial)).toEqual([]);
});
