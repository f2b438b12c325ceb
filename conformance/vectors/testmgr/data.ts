/**
 * The vectors of compression, public keys and key agreement, as the operations that the kernel does with them.
 * C: crypto/testmgr.c test_acomp, test_akcipher_one, do_test_kpp (6.1)
 * @module
 */

import { type DataMessage, isDataRow } from '../../algorithms/row.ts';
import { algorithmOf } from '../../algorithms.ts';
import type { Case } from '../../case/case.ts';
import type { DataResult } from '../../judge/observe.ts';
import type { Trial } from '../rig.ts';

/** The fields of one vector, by their names in C; what is absent is empty, or 0. */
export interface VectorFields {
  /** `gcm_tv_template[3]`, for messages. */
  readonly id: string;
  /** All bytes that the source has. */
  readonly all: (field: string) => Uint8Array;
  readonly bytes: (field: string, size: number) => Uint8Array;
  /** The first of these names that is there. */
  readonly number: (...names: readonly string[]) => number;
}

/** One vector: what is done with it, in order. */
export interface DataVector {
  readonly id: string;
  readonly steps: readonly DataStep[];
}

interface DataStep {
  readonly op: Case['op'];
  /** null: no setkey. */
  readonly key: Uint8Array | null;
  readonly text: Uint8Array;
  readonly digest: Uint8Array;
  readonly room: number;
  /** null: the kernel does not say it. The reference does, or reads it back. */
  readonly output: Uint8Array | null;
}

/** Room that the kernel gives to compression. @kernel COMP_BUF_SIZE */
const ROOM = 512;
const NOTHING = new Uint8Array(0);

/** One vector of a kind. */
export function dataVector(kind: 'comp' | 'akcipher' | 'kpp', fields: VectorFields): DataVector {
  return { id: fields.id, steps: STEPS[kind](fields) };
}

const STEPS: Readonly<Record<'comp' | 'akcipher' | 'kpp', (fields: VectorFields) => DataStep[]>> = {
  comp: compressionSteps,
  akcipher: publicKeySteps,
  kpp: agreementSteps,
};

/** A text is compressed; what the kernel has as its compressed form, here or there, gives it back. */
function compressionSteps({ id, bytes, number }: VectorFields): DataStep[] {
  const [input, output] = [bytes('input', number('inlen')), bytes('output', number('outlen'))];
  const common = { key: null, digest: NOTHING, room: ROOM };
  const isPacked = id.includes('decomp');
  const [text, packed] = isPacked ? [output, input] : [input, output];
  const back: DataStep = { ...common, op: 'decompress', text: packed, output: text };
  return isPacked ? [back] : [{ ...common, op: 'compress', text, output: null }, back];
}

/** In the room of the longest result a number has zeros in front. */
function publicKeySteps({ bytes, number }: VectorFields): DataStep[] {
  const key = bytes('key', number('key_len'));
  const m = bytes('m', number('m_size'));
  const c = bytes('c', number('c_size'));
  const isPublic = number('public_key_vec') !== 0;
  const room = c.length;
  const common = { key, digest: NOTHING, room };
  if (number('siggen_sigver_test') !== 0) {
    const verify: DataStep = {
      ...common,
      op: 'verify',
      text: c,
      digest: m,
      room: 0,
      output: NOTHING,
    };
    return isPublic ? [verify] : [verify, { ...common, op: 'sign', text: m, output: c }];
  }
  const encrypt: DataStep = { ...common, op: 'encrypt', text: m, output: c };
  const zeros = new Uint8Array(Math.max(0, room - m.length));
  const output = Uint8Array.from([...zeros, ...m]);
  return isPublic ? [encrypt] : [encrypt, { ...common, op: 'decrypt', text: c, output }];
}

/** A secret that is made up is only seen to work; the other party's is known then. */
function agreementSteps({ bytes, number }: VectorFields): DataStep[] {
  const size = number('expected_a_public_size');
  const shared = number('expected_ss_size');
  const room = Math.max(size, shared);
  const key = bytes('secret', number('secret_size'));
  const peer = bytes('b_public', number('b_public_size'));
  const common = { key, digest: NOTHING, room };
  const generate = { ...common, op: 'generate', text: NOTHING } as const;
  const agree = { ...common, op: 'agree', text: peer } as const;
  if (number('genkey') !== 0) {
    const theirs = bytes('b_secret', number('b_secret_size'));
    return [
      { ...generate, output: null },
      { ...agree, output: null },
      { ...generate, key: theirs, output: peer },
    ];
  }
  return [
    { ...generate, output: size === 0 ? null : bytes('expected_a_public', size) },
    { ...agree, output: bytes('expected_ss', shared) },
  ];
}

/** The trials of a vector: what comes out is as the kernel has it, or as the reference reads it. */
export function dataTrials(alg: string, kind: Case['kind'], { steps }: DataVector): Trial[] {
  return steps.map(({ op, key, text, digest, room, output }) => {
    const known = output === null ? answerOf(alg, { op, key, text, digest, room }) : null;
    return {
      ...{ alg, kind, op, key, text, room, forbidWeak: false },
      ...{ iv: NOTHING, ad: NOTHING, tag: digest, authsize: digest.length },
      answer: {
        ...{ setkey: 0, setauthsize: 0, result: 0, iv: null },
        output: output ?? known?.output ?? null,
        completed: known?.completed ?? null,
      },
    };
  });
}

function answerOf(alg: string, message: DataMessage): DataResult | null {
  const row = algorithmOf(alg);
  return row !== null && isDataRow(row) ? row.answer(message) : null;
}
