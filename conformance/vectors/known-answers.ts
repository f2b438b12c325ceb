/**
 * Known answers as trials: every vector and every case of the kernel's checksums through every layout
 * that fits it, on all drivers of its algorithm in turn.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { EBADMSG } from '../../src/errno.ts';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { algorithmOf } from '../algorithms.ts';
import { CASE_VERSION, type Case } from '../case/case.ts';
import { fitLayout, LAYOUTS } from '../case/layout.ts';
import type { Expectation } from '../judge/observe.ts';
import type { ChecksumCase, ChecksumPlan } from './checksums.ts';
import type { Vector } from './vector.ts';

/** A case whose result is known from elsewhere. */
export interface KnownAnswer {
  readonly c: Case;
  readonly known: Partial<Expectation>;
}

/** True when cases of this algorithm can be run. */
export function isSupported(alg: string): boolean {
  return driversOf(alg).length > 0;
}

/** Every trial of one vector: its directions times the layouts. `turn` rotates the drivers. */
export function* vectorTrials(vector: Vector, turn: number): Generator<KnownAnswer> {
  const hash = algorithmOf(vector.alg)?.kind === 'ahash';
  const ops: Case['op'][] = hash ? ['digest'] : [];
  if (!hash && vector.expect === 'valid') ops.push('encrypt');
  if (!hash) ops.push('decrypt');
  for (const op of ops) {
    for (const [i, template] of LAYOUTS.entries()) {
      const bare = vectorCase(vector, op, turn + i);
      yield { c: { ...bare, layout: fitLayout(template, bare) }, known: vectorAnswer(vector, op) };
    }
  }
}

/** Case `index` of a checksum in one layout. Its result is not known; the fold of all results is. */
export function checksumTrial(plan: ChecksumPlan, input: ChecksumCase, index: number): Case {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const row = algorithmOf(plan.alg);
  const iv = row?.kind === 'aead' ? (row.ivOfNonce?.(input.iv) ?? input.iv) : input.iv;
  const bare: Case = {
    ...about(plan.alg, sharedDrivers(plan.alg), index),
    op: row?.kind === 'ahash' ? 'digest' : 'encrypt',
    key: keyOf(plan.alg, hex(input.key)),
    iv: hex(iv),
    ad: hex(input.ad),
    text: hex(input.input),
    authsize: input.tagLen,
    seed: index,
  };
  return { ...bare, layout: fitLayout(LAYOUTS[index % LAYOUTS.length], bare) };
}

const BARE: Case = {
  version: CASE_VERSION,
  alg: '',
  kind: 'ahash',
  driver: '',
  async: false,
  op: 'digest',
  key: null,
  iv: '',
  ad: '',
  text: '',
  tag: null,
  authsize: 0,
  room: 0,
  tamper: null,
  layout: { inplace: 'no', src: [], dst: [], chain: 0 },
  hash: { final: 'digest', updates: [], reimport: false },
  context: {
    ...{ sleep: true, backlog: true, atomic: false, reuse: false, fault: 0, gather: 0 },
    forbidWeak: false,
  },
  seed: 0,
};

function vectorCase(vector: Vector, op: Case['op'], turn: number): Case {
  const { alg, key, iv, ad, tag } = vector;
  return {
    ...about(alg, driversOf(alg), turn),
    op,
    key: keyOf(alg, key),
    iv,
    ad,
    text: op === 'decrypt' ? vector.output : vector.input,
    tag: op === 'decrypt' ? asIs(vector) : null,
    authsize: tag.length / 2,
    seed: turn,
  };
}

function vectorAnswer(vector: Vector, op: Case['op']): Partial<Expectation> {
  if (vector.expect === 'invalid') return { result: -EBADMSG, output: null };
  const output = op === 'decrypt' ? vector.input : vector.output + vector.tag;
  return { result: 0, output: Buffer.from(output, 'hex') };
}

/** What says that the ciphertext is given: the tag of an AEAD; an empty one where encryption makes the IV. */
function asIs({ alg, tag }: Vector): string | null {
  const row = algorithmOf(alg);
  const unwraps = row?.kind === 'skcipher' && row.unwraps !== undefined;
  return tag !== '' || unwraps ? tag : null;
}

/** Drivers of both sides, where there are such: a checksum is one of all its cases on each side. */
function sharedDrivers(alg: string): readonly Driver[] {
  const both = driversOf(alg).filter(({ legacy, converted }) => legacy && converted);
  return both.length > 0 ? both : driversOf(alg);
}

/** A case about one of the drivers of an algorithm; they come in turn. */
function about(alg: string, drivers: readonly Driver[], turn: number): Case {
  const row = algorithmOf(alg);
  const { driver, async }: Pick<Driver, 'driver' | 'async'> = drivers[turn % drivers.length];
  assert(row !== null, 'a known answer is of an algorithm in the table');
  return { ...BARE, alg, kind: row.kind, driver, async };
}

/** A vector of a hash without key has an empty one. */
function keyOf(alg: string, key: string): string | null {
  return algorithmOf(alg)?.key.draw === null ? null : key;
}
