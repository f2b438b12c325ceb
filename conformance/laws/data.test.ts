/**
 * Goal: compression, public keys and key agreement keep their laws, in both APIs, with every driver; and
 * every law rings.
 * Method: `data.ts`; for each law an API with one fault, which breaks that law.
 */
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { driversOf } from '../algorithms/drivers.ts';
import { type DataRow, isDataRow } from '../algorithms/row.ts';
import { ALGORITHMS } from '../algorithms.ts';
import type { AnyApi, DataAnswer, DataOperation, DataSubject, Prepared } from '../subjects/api.ts';
import { ConvertedApi } from '../subjects/converted.ts';
import type { Iterators } from '../subjects/iterators.ts';
import { LegacyApi } from '../subjects/legacy.ts';
import { DATA_LAWS } from './data.ts';
import { Lab, type Trial } from './lab.ts';

const TRIALS: readonly Trial<DataRow>[] = ALGORITHMS.filter(isDataRow).flatMap((row) =>
  driversOf(row.name).map(({ driver, async }) => ({
    ...{ row, driver, async, queued: false, fast: false },
  })),
);

function brokenLaws<P extends Prepared>(lab: Lab<P>, trial: Trial<DataRow>): string[] {
  return DATA_LAWS.filter(({ about }) => about?.(trial) ?? true)
    .map((law, i) => lab.broken(law, trial, TRIALS.indexOf(trial) * DATA_LAWS.length + i))
    .filter((found) => found !== null);
}

const LEGACY = new Lab((machine: Machine) => new LegacyApi(machine));
const CONVERTED = new Lab((machine: Machine) => new ConvertedApi(machine));

describe('the laws of compression, public keys and key agreement', () => {
  test.each(TRIALS)('$driver keeps them', (trial) => {
    expect(brokenLaws(LEGACY, trial)).toEqual([]);
    expect(brokenLaws(CONVERTED, trial)).toEqual([]);
  });

  test('every law was checked, on many drivers', () => {
    expect(TRIALS.length).toBeGreaterThanOrEqual(15);
    for (const { checked } of [LEGACY, CONVERTED]) {
      const names = [...checked.keys()].map((name) => name.split(': ')[1]);
      expect([...new Set(names)].sort()).toEqual(DATA_LAWS.map(({ name }) => name).sort());
    }
  });
});

interface Call {
  readonly at: Buffered;
  readonly operation: DataOperation;
  readonly room: number;
  /** Keys that were set. */
  readonly keys: readonly Uint8Array[];
}

interface Buffered {
  readonly segments: readonly number[];
  readonly spoil: (length: number) => void;
}

interface Fault {
  readonly setkey?: (keys: readonly Uint8Array[]) => boolean;
  readonly answer: (call: Call, answer: DataAnswer) => DataAnswer;
}

/** The converted API with one fault. */
function faulty(machine: Machine, fault: Fault): AnyApi<Iterators> {
  const api = new ConvertedApi(machine);
  const buffered = new WeakMap<Iterators, Buffered>();
  return Object.assign(Object.create(api), {
    prepare(buffers: Parameters<ConvertedApi['prepare']>[0]): Iterators {
      const at = api.prepare(buffers);
      buffered.set(at, {
        segments: [...buffers.src, ...buffers.dst].map(({ len }) => len),
        spoil: (length) => {
          const bytes = buffers.memory.read(buffers.dst, 0, length);
          buffers.memory.write(
            buffers.dst,
            0,
            bytes.map((byte) => byte ^ 1),
          );
        },
      });
      return at;
    },
    data(...args: Parameters<ConvertedApi['data']>): DataSubject<Iterators> | number {
      const tfm = api.data(...args);
      if (typeof tfm === 'number') return tfm;
      const keys: Uint8Array[] = [];
      return {
        async: tfm.async,
        maxSize: () => tfm.maxSize(),
        request: () => tfm.request(),
        free: () => tfm.free(),
        setkey: (key, forbidWeak) => {
          keys.push(key);
          return fault.setkey?.(keys) === true ? 0 : tfm.setkey(key, forbidWeak);
        },
        run: (operation, at, len, room, submission) => {
          const known = buffered.get(at);
          const answer = tfm.run(operation, at, len, room, submission);
          return known === undefined
            ? answer
            : fault.answer({ at: known, operation, room, keys }, answer);
        },
      };
    },
  });
}

/** Spoils what came of the operations of which `when` is true. */
function spoiling(when: (call: Call) => boolean): Fault {
  return {
    answer: (call, answer) => {
      if (answer.err === 0 && when(call)) call.at.spoil(answer.length);
      return answer;
    },
  };
}

/** Answers something else where `when` is true. */
function answering(when: (call: Call, answer: DataAnswer) => boolean, instead: number): Fault {
  return {
    answer: (call, answer) => (when(call, answer) ? { ...answer, err: instead } : answer),
  };
}

let agreed = 0;

/** For each law, in this order: whose, and the fault that breaks it. */
const CANARIES: readonly (readonly [alg: string, fault: Fault])[] = [
  ['rsa', spoiling(({ at }) => at.segments.length > 2)],
  ['deflate', spoiling(({ at }) => at.segments.includes(0))],
  ['rsa', { setkey: (keys) => keys.length > 1, answer: (_, answer) => answer }],
  ['lz4', spoiling(({ operation }) => operation === 'decompress')],
  ['lz4', answering(({ operation }) => operation === 'decompress', 0)],
  ['rsa', spoiling(({ operation }) => operation === 'decrypt')],
  ['pkcs1pad(rsa,sha256)', answering(({ operation }) => operation === 'verify', 0)],
  ['ecdsa-nist-p256', answering(({ operation }) => operation === 'verify', 0)],
  ['pkcs1pad(rsa,sha256)', answering(({ room }, { err }) => err !== 0 && room < 2, -22)],
  ['ecdh-nist-p256', spoiling(({ operation }) => operation === 'agree' && agreed++ % 2 === 0)],
];

test.each(DATA_LAWS.map((law, i) => [law.name, law, ...CANARIES[i]] as const))(
  'it rings: %s',
  (name, law, alg, fault) => {
    const trial = TRIALS.find(({ row }) => row.name === alg);
    if (trial === undefined) throw new Error(`no driver of ${alg}`);
    const whole = CONVERTED.broken(law, trial, 1);
    const found = new Lab((machine: Machine) => faulty(machine, fault)).broken(law, trial, 1);
    expect([whole, found]).toEqual([null, expect.stringContaining(name)]);
  },
);
