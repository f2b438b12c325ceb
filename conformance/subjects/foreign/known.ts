/**
 * Known answers of somebody's own, of algorithms that the table may lack: a file, and for such an algorithm
 * a row whose reference looks the answer up.
 * @module
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { EBADMSG, EINVAL } from '../../../src/errno.ts';
import type { AeadRow, Algorithm, HashRow, SkcipherRow } from '../../algorithms/row.ts';
import type { Vector } from '../../vectors/vector.ts';
import { SubjectError } from '../subject-error.ts';
import { toHex } from './question.ts';

/** What a module or a file gives of a known answer; bytes in lower-case hex, and empty where absent. */
export interface OwnVector {
  readonly alg: string;
  readonly kind: 'skcipher' | 'aead' | 'ahash';
  readonly key?: string | undefined;
  readonly iv?: string | undefined;
  readonly ad?: string | undefined;
  /** Plaintext, or the message of a hash. */
  readonly input?: string | undefined;
  /** Ciphertext without its tag, or the digest. */
  readonly output?: string | undefined;
  readonly tag?: string | undefined;
  /** `invalid`: decryption fails with EBADMSG. */
  readonly expect?: 'valid' | 'invalid' | undefined;
}

const hex = z.string().regex(/^([0-9a-f]{2})*$/, 'not lower-case hex');
const vectorSchema = z.strictObject({
  alg: z.string().min(1).max(200),
  kind: z.enum(['skcipher', 'aead', 'ahash']),
  ...{ key: hex.optional(), iv: hex.optional(), ad: hex.optional(), input: hex.optional() },
  ...{ output: hex.optional(), tag: hex.optional() },
  expect: z.enum(['valid', 'invalid']).optional(),
});
const fileSchema: z.ZodType<OwnVector[]> = z.array(vectorSchema).min(1);

/** Largest file of known answers. */
const MOST_BYTES = 64 << 20;

/** @throws SubjectError naming the file, the vector and the field. */
export function readKnown(file: string): OwnVector[] {
  let text: string;
  try {
    if (statSync(file).size > MOST_BYTES) throw new SubjectError(`${file}: larger than 64 MiB`);
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof SubjectError) throw error;
    throw new SubjectError(`${file}: cannot be read`);
  }
  return checkKnown(parsed(text, file), file);
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SubjectError(`${file}: not a JSON file`);
  }
}

/** @param where whose vectors they are. @throws SubjectError naming the vector and the field */
export function checkKnown(given: unknown, where: string): OwnVector[] {
  const { data, error } = fileSchema.safeParse(given);
  if (data !== undefined) return data;
  const [{ path, message }] = error.issues;
  throw new SubjectError(`${where}: ${path.map(String).join('.')}: ${message}`);
}

/** As the known answers of a campaign. */
export function vectorsOf(own: readonly OwnVector[], source: string): Vector[] {
  return own.map(({ key = '', iv = '', ad = '', input = '', output = '', tag = '', ...v }, i) => ({
    ...{ id: `${source}/${i}`, source, alg: v.alg, kind: v.kind },
    ...{ key, iv, ad, input, output, tag, expect: v.expect ?? 'valid' },
  }));
}

/**
 * A row of an algorithm of which nothing but these answers is known.
 * @throws SubjectError where they are not of one algorithm
 */
export function knownRow(alg: string, vectors: readonly Vector[]): Algorithm {
  const [{ kind, iv }] = vectors;
  const odd = vectors.findIndex((v) => v.kind !== kind || v.iv.length !== iv.length);
  if (odd >= 0) throw new SubjectError(`${alg}: known answer ${odd} has another kind or IV length`);
  const isKeyless = kind === 'ahash' && vectors.every(({ key }) => key === '');
  const common = {
    name: alg,
    key: { check: () => 0, draw: isKeyless ? null : () => '', optional: kind === 'ahash' },
    leaks: [],
    isKnownOnly: true as const,
  };
  const answers = new Map(vectors.flatMap((v) => entriesOf(v)));
  const find = (...parts: readonly (Uint8Array | string)[]): Vector => {
    const found = answers.get(parts.map((p) => (typeof p === 'string' ? p : toHex(p))).join(' '));
    if (found === undefined) throw new Error(`no known answer of ${alg} is about this`);
    return found;
  };
  const ivsize = iv.length / 2;
  if (kind === 'ahash') return hashRow(common, find, vectors[0].output.length / 2);
  if (kind === 'aead') {
    const sizes = [...new Set(vectors.map(({ tag }) => tag.length / 2))].sort((a, b) => a - b);
    return aeadRow(common, find, ivsize, sizes);
  }
  return skcipherRow(common, find, ivsize);
}

type Common = Pick<Algorithm, 'name' | 'key' | 'leaks' | 'isKnownOnly'>;
type Find = (...parts: readonly (Uint8Array | string)[]) => Vector;

/** What an answer is looked up by, in either direction. */
function entriesOf(v: Vector): (readonly [string, Vector])[] {
  const { key, iv, ad, input, output, tag, kind } = v;
  if (kind === 'ahash') return [[`digest ${key} ${input}`, v]];
  const backward = [`dec ${key} ${iv} ${ad} ${output} ${tag}`, v] as const;
  if (v.expect === 'invalid') return [backward];
  return [backward, [`enc ${key} ${iv} ${ad} ${input} ${tag.length / 2}`, v]];
}

function skcipherRow(common: Common, find: Find, ivsize: number): SkcipherRow {
  return {
    ...common,
    kind: 'skcipher',
    ...{ ivsize, least: 0, unit: 1, ivRefused: 'kept' },
    crypt: (enc, key, iv, text) => {
      const v = enc ? find('enc', key, iv, '', text, '0') : find('dec', key, iv, '', text, '');
      return bytes(enc ? v.output : v.input);
    },
    ivAfter: ({ iv }) => iv,
  };
}

function aeadRow(common: Common, find: Find, ivsize: number, sizes: readonly number[]): AeadRow {
  return {
    ...common,
    kind: 'aead',
    ...{ ivsize, adTail: 0, unit: 1, generated: 0, unverified: 'given' },
    tags: { sizes, check: (size) => (sizes.includes(size) ? 0 : -EINVAL) },
    drawAd: () => '',
    seal: ({ key, iv, ad, text, authsize }) => {
      const { output, tag } = find('enc', key, iv, ad, text, String(authsize));
      return { text: bytes(output), tag: bytes(tag), iv };
    },
    open: ({ key, iv, ad, text }, tag) => {
      const v = find('dec', key, iv, ad, text, tag);
      return v.expect === 'invalid' ? -EBADMSG : { text: bytes(v.input), tag: bytes(''), iv };
    },
  };
}

function hashRow(common: Common, find: Find, digestsize: number): HashRow {
  return {
    ...common,
    kind: 'ahash',
    ...{ blocksize: 1, digestsize },
    digest: (key, text) => bytes(find('digest', key, text).output),
  };
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
