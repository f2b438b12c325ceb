/**
 * Goal: whatever a caller does to a request in flight is named, as its fault and as no difference.
 * Method: each fault on both sides, also on a cipher without keys; an API that does the same by itself.
 */
import { expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { CanaryCage, spoilAt } from '../campaign/canaries.ts';
import type { ProgramHarm } from '../campaign/canary.ts';
import { programs } from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case, FurtherRequest, MISUSES } from '../case/case.ts';
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
    ...{ tfm: 0, tag: null, room: 0, hash: plain.hash },
    ...{ op: plain.op, iv: plain.iv, ad: '', text: plain.text, layout: plain.layout },
  };
  const misuse = { what: 'rekey', after: 1 } as const;
  const program = { transforms: [], queue: 0, freeEarly: false, misuse, requests: [further] };
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

const { four } = programs();

function atFault(what: (typeof MISUSES)[number], after = 1): Case {
  return { ...four, program: { ...must(four.program ?? null), misuse: { what, after } } };
}

test.each<[(typeof MISUSES)[number], string]>([
  ['source', 'caller changed src[1] while request 1 was in flight'],
  ['target', 'caller changed dst[0] while request 1 was in flight'],
  ['iv', 'caller changed the IV while request 1 was in flight'],
  ['release', 'request freed while it is in flight: request 1'],
  ['refill', 'request changed while it is in flight: request 1'],
  ['rekey', 'setkey while a request is in flight: request 1'],
  ['free', 'transform freed while a request is in flight: request 1'],
])(
  'a caller at fault in flight is named on both sides, and is no difference: %s',
  (what, words) => {
    const trial = new Harness(bothSides).run(atFault(what));
    expect(trial.observations.map(({ program }) => program?.misuse)).toEqual([
      { happened: true, named: words },
      { happened: true, named: words },
    ]);
    expect(judgeTrial(trial)).toEqual([]);
  },
);

test('where the request itself is not in flight, it is the oldest that is', () => {
  const [first] = new Harness(bothSides).run(atFault('source', 2)).observations;
  expect(first.program?.misuse.named).toBe('caller changed src[1] while request 0 was in flight');
});

test('what an API writes in flight is no fault of the caller', () => {
  const writes: ProgramHarm = (outcome, ops) => {
    spoilAt('src', () => 0)(ops[1], outcome.outcomes[1]);
    return outcome;
  };
  const rung = new CanaryCage().judge({ c: four, programHarm: writes });
  expect(rung.map(({ check, subject }) => `${check} ${subject}`)).toEqual(['SRC canary']);
});
