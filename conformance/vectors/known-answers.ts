/**
 * Known answers as trials: every vector and every case of the kernel's checksums through every layout
 * that fits it, on all drivers of its algorithm in turn.
 * @module
 */
import { EBADMSG } from '../../src/errno.ts';
import { CASE_VERSION, type Case } from '../case/case.ts';
import { ALGORITHMS, driversOf } from '../case/generate.ts';
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
  return ALGORITHMS.includes(alg);
}

/** Every trial of one vector: its directions times the layouts. `turn` rotates the drivers. */
export function* vectorTrials(vector: Vector, turn: number): Generator<KnownAnswer> {
  const hash = vector.tag === '' && vector.iv === '' && isHash(vector.alg);
  const ops: Case['op'][] = hash ? ['digest'] : [];
  if (!hash && vector.direction !== 'decrypt') ops.push('encrypt');
  if (!hash && vector.direction !== 'encrypt') ops.push('decrypt');
  for (const op of ops) {
    for (const [i, template] of LAYOUTS.entries()) {
      const bare = vectorCase(vector, op, pickDriver(vector.alg, turn + i), turn + i);
      yield { c: { ...bare, layout: fitLayout(template, bare) }, known: vectorAnswer(vector, op) };
    }
  }
}

/** Case `index` of a checksum in one layout. Its result is not known; the fold of all results is. */
export function checksumTrial(plan: ChecksumPlan, input: ChecksumCase, index: number): Case {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const bare: Case = {
    ...BARE,
    alg: plan.alg,
    driver: pickDriver(plan.alg, index),
    op: isHash(plan.alg) ? 'digest' : 'encrypt',
    key:
      isHash(plan.alg) && input.key.length === 0 && plan.alg === 'sha256' ? null : hex(input.key),
    iv: hex(input.iv),
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
  driver: '',
  op: 'digest',
  key: null,
  iv: '',
  ad: '',
  text: '',
  tag: null,
  authsize: 0,
  tamper: null,
  layout: { inplace: 'no', src: [], dst: [], chain: 0 },
  hash: { final: 'digest', updates: [], reimport: false },
  context: { sleep: true, backlog: true, atomic: false, reuse: false, fault: 0 },
  seed: 0,
};

function vectorCase(vector: Vector, op: Case['op'], driver: string, seed: number): Case {
  const { alg, key, iv, ad, tag } = vector;
  return {
    ...BARE,
    alg,
    driver,
    op,
    key: alg === 'sha256' ? null : key,
    iv,
    ad,
    text: op === 'decrypt' ? vector.output : vector.input,
    tag: op === 'decrypt' && tag !== '' ? tag : null,
    authsize: tag.length / 2,
    seed,
  };
}

function vectorAnswer(vector: Vector, op: Case['op']): Partial<Expectation> {
  if (vector.expect === 'invalid') return { result: -EBADMSG, output: null };
  const output = op === 'decrypt' ? vector.input : vector.output + vector.tag;
  return { result: 0, output: Buffer.from(output, 'hex') };
}

/** All drivers of an algorithm, each also behind cryptd, in turn. */
function pickDriver(alg: string, turn: number): string {
  const drivers = driversOf(alg);
  const driver = drivers[turn % drivers.length] ?? alg;
  return Math.floor(turn / drivers.length) % 4 === 3 ? `cryptd(${driver})` : driver;
}

function isHash(alg: string): boolean {
  return alg.startsWith('sha') || alg.startsWith('hmac(');
}
