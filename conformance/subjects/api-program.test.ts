/**
 * Goal: whatever a caller does to a request in flight is named, as its fault and as no difference.
 * Method: each fault on both sides, also on a cipher without keys; an API that does the same by itself.
 */
import { expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { CanaryCage, spoilAt } from '../campaign/canaries.ts';
import type { ProgramHarm } from '../campaign/canary.ts';
import { programs } from '../campaign/canary-programs.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case, FurtherRequest, MISUSES } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { judgeTrial } from '../judge/judge.ts';
import { ApiSide } from './api-side.ts';
import { ConvertedApi } from './converted.ts';
import type { Side } from './machine-subject.ts';
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

const { four, batch } = programs();

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

test('a batch is one submission: each has its answer before the first completion', () => {
  const trial = new Harness(bothSides).run(batch);
  for (const { program } of trial.observations) {
    const told = program?.history.map(({ what, request, err }) => `${what} ${request} ${err}`);
    expect(told?.slice(0, 3)).toEqual(['answer 0 -115', 'answer 1 -16', 'answer 2 -28']);
  }
  expect(judgeTrial(trial)).toEqual([]);
});

test.each(['ctr-aes-accel', 'gcm-aes-accel'])(
  'what a driver does at once for a batch is what single requests come to: %s',
  (driver) => {
    const alg = driver.startsWith('ctr') ? 'ctr(aes)' : 'gcm(aes)';
    const many = new CaseGenerator([alg], true);
    const drawn = Array.from({ length: 800 }, (_, i) => many.at(1, i)).filter(
      (c) => c.driver === driver && c.program?.requests.some(({ batch }) => batch === true),
    );
    expect(drawn.length).toBeGreaterThan(5);
    const harness = new Harness(bothSides);
    for (const c of drawn) expect(harness.judge(c)).toEqual([]);
  },
);

test('an API whose batch leaves out the last of its requests is found', () => {
  const forgetful = (machine: Machine): readonly Side[] => {
    const api = new ConvertedApi(machine);
    const { skcipher } = api;
    api.skcipher = (driver) => {
      const tfm = skcipher.call(api, driver);
      if (typeof tfm === 'number') return tfm;
      const { batch: whole } = tfm;
      tfm.batch = (items) => {
        whole?.call(tfm, items.slice(0, -1));
        for (const { submission } of items.slice(-1)) submission.ret = 0;
      };
      return tfm;
    };
    return [bothSides(machine)[0], new ApiSide(machine, api)];
  };
  const plain = { ...batch, driver: 'cbc(aes-generic)', async: false };
  const found = new Harness(forgetful).judge(plain);
  expect(found.map(({ check, detail }) => `${check} ${detail.slice(0, 9)}`)).toContain(
    'OUT request 2',
  );
});

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
