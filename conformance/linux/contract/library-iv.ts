/**
 * What the library code of 7.3 leaves in the IV buffer. Templates left other bytes there, and nobody
 * promises any; but the bytes are exact, and so they are compared.
 * C: crypto/aes.c and lib/crypto/aes.c (7.3)
 * @module
 */
import { splitAuthenc } from '../../algorithms/keys.ts';
import { algorithmOf } from '../../algorithms.ts';
import { AES } from '../../subjects/reference/block.ts';
import { doubleLittle } from '../../subjects/reference/field.ts';
import { cbc, ecb } from '../../subjects/reference/modes.ts';
import { arenaBytes, bytesOf, type CipherCase, isInPlace } from '../text/case.ts';
import type { View } from './contract.ts';
import { generatedBytes } from './generated.ts';
import { shortHash } from './hash.ts';

const BLOCK = AES.size;

interface Step {
  readonly enc: boolean;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly input: Uint8Array;
}

/** The tweak of the last block that was not swapped with a part of one, times x. */
function afterXts({ enc, key, iv, input }: Step): Uint8Array {
  let blocks = Math.floor(input.length / BLOCK);
  if (!enc && input.length % BLOCK !== 0) blocks--;
  let tweak = ecb(AES, true, key.subarray(key.length / 2), iv, iv);
  for (let i = 0; i < blocks; i++) tweak = doubleLittle(tweak);
  return tweak;
}

/** The IV of the CBC of all blocks but the last one, or but the last two. */
function afterCts({ enc, key, iv, input }: Step): Uint8Array {
  const last = Math.floor((input.length - 1) / BLOCK) * BLOCK;
  if (input.length === BLOCK) return enc ? cbc(AES, true, key, iv, input) : input;
  if (enc) return cbc(AES, true, key, iv, input.subarray(0, last)).slice(-BLOCK);
  return last === BLOCK ? iv : input.slice(last - 2 * BLOCK, last - BLOCK);
}

function afterStep(algorithm: string, step: Step): Uint8Array {
  if (algorithm === 'ccm(aes)') return step.iv;
  if (algorithm === 'xts(aes)') return afterXts(step);
  const keys = algorithm === 'cts(cbc(aes))' ? null : splitAuthenc(step.key);
  return afterCts({ ...step, key: keys?.enc ?? step.key });
}

/** Algorithms that library code of 7.3 answers, and whose templates left other bytes. */
export function isLibraryIv(c: CipherCase): boolean {
  return /^((xts|ccm)\(aes\)|(\w+\([\w()]+,)?cts\(cbc\(aes\)\)\)?)$/.test(c.algorithm);
}

/** The bytes of one half of a case that are encrypted or decrypted. */
function textOf(c: CipherCase): Uint8Array {
  const tag = c.op === 'aead' && c.direction === 'decrypt' ? (c.authSize ?? 0) : 0;
  const from = c.assoc + generatedBytes(c.algorithm);
  return bytesOf(arenaBytes(c), c.src).slice(from, c.assoc + c.length - tag);
}

/** How often the first half encrypted the text: in place, by one list or two, every request finds the one before. */
function passes(c: CipherCase, { completion = '' }: View): number {
  const rets = /^rets ([-\d ]+)/.exec(completion)?.[1].trim().split(' ') ?? ['0'];
  return isInPlace(c) ? rets.filter((ret) => ret !== '-28').length : 1;
}

/** A view with the IV that library code leaves. */
export function withLibraryIv(view: View, c: CipherCase): View {
  if (view.iv === undefined) return view;
  const key = new Uint8Array(Buffer.from(c.key ?? '', 'hex'));
  const iv = new Uint8Array(Buffer.from(c.iv, 'hex'));
  const halves = view.iv.split(' ').length;
  let input = textOf(c);
  const ivs = [afterStep(c.algorithm, { enc: c.direction !== 'decrypt', key, iv, input })];
  if (halves > 1) {
    for (let i = passes(c, view); i > 0; i--) input = encrypted(c, key, iv, input);
    ivs.push(afterStep(c.algorithm, { enc: false, key, iv, input }));
  }
  return {
    ...view,
    iv: ivs.map((bytes) => shortHash(Buffer.from(bytes).toString('hex'))).join(' '),
  };
}

function encrypted(c: CipherCase, key: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array {
  const row = algorithmOf(c.algorithm);
  if (row?.kind === 'skcipher') return row.crypt(true, key, iv, text);
  if (row?.kind !== 'aead') return text;
  const message = { key, iv, ad: new Uint8Array(c.assoc), text, authsize: c.authSize ?? 0 };
  const result = row.seal(message);
  return typeof result === 'number' ? text : result.text;
}
