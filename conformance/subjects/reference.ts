/**
 * The reference subject: what must come out of a case, by the flat functions of the table. No machine.
 *
 * It shares nothing with the two APIs: not the byte kernels, not the lists, not the error paths. It
 * also makes the ciphertext that decryption starts from. It accepts whatever the APIs accept.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EFAULT, EINVAL, ENOKEY, type Errno } from '../../src/errno.ts';
import {
  type AeadMessage,
  type AeadRow,
  type Algorithm,
  type HashRow,
  isDataRow,
  type SkcipherRow,
} from '../algorithms/row.ts';
import { algorithmOf } from '../algorithms.ts';
import { type Case, isInvalid, materialise } from '../case/case.ts';
import type { CaseInput, Expectation } from '../judge/observe.ts';
import { concat, NOTHING } from './reference/bytes.ts';

/** @throws KernelBug for a case about nothing in the table. */
export function rowOf(c: Case): Algorithm {
  const row = algorithmOf(c.alg);
  if (row === null || row.kind !== c.kind)
    throw new KernelBug(`no ${c.kind} ${c.alg} in the table`);
  return row;
}

/** The bytes of a case as they are written in it; a tag that is to be made is zeros. */
export function plainInput(c: Case): CaseInput {
  const tagLength = c.kind === 'aead' && c.op === 'decrypt' ? c.authsize : 0;
  return {
    key: c.key === null ? null : materialise(c.key),
    iv: materialise(c.iv),
    ad: materialise(c.ad),
    text: materialise(c.text),
    tag: c.tag === null ? new Uint8Array(tagLength) : materialise(c.tag),
  };
}

/** The bytes of a case, with the ciphertext made and the tampering done. */
export function caseInput(c: Case): CaseInput {
  const row = rowOf(c);
  const input = plainInput(c);
  if (c.op !== 'decrypt') return input;
  if (row.kind === 'skcipher') {
    return row.unwraps === undefined || c.tag !== null ? input : wrapped(row, c, input);
  }
  if (row.kind !== 'aead') return input;
  const sealed = c.tag === null ? seal(row, c, input) : input;
  if (c.tamper !== null) {
    flip({ ad: input.ad, text: sealed.text, tag: sealed.tag }[c.tamper.part], c.tamper);
  }
  return { ...input, text: sealed.text, tag: sealed.tag };
}

/** The text as encryption leaves it, and the IV that it makes; as they are where it refuses them. */
function wrapped(row: SkcipherRow, { tamper }: Case, input: CaseInput): CaseInput {
  const { key, iv } = input;
  if (key === null || row.key.check(key) !== 0) return input;
  const { output } = expectSkcipher(row, /* enc */ true, key, input);
  if (output === null) return input;
  const after = row.ivAfter({ enc: true, key, iv, input: input.text, output });
  const text = output.slice();
  if (tamper !== null) flip(text, tamper);
  return { ...input, iv: after, text };
}

/** The message encrypted; where that is refused, as it is, with a tag of zeros. */
function seal(
  row: AeadRow,
  c: Case,
  input: CaseInput,
): { readonly text: Uint8Array; readonly tag: Uint8Array } {
  const { key } = input;
  const isUsable = key !== null && row.key.check(key) === 0 && row.tags.check(c.authsize) === 0;
  const sealed = isUsable ? row.seal(message(c, input, key)) : -EINVAL;
  if (typeof sealed !== 'number') return { text: sealed.text.slice(), tag: sealed.tag.slice() };
  return { text: input.text, tag: input.tag };
}

/** True for a case in which nothing is refused and nothing fails. */
export function isSuccessful(c: Case): boolean {
  const { setkey, setauthsize, result, refusal } = expectation(c, caseInput(c));
  return setkey === 0 && setauthsize === 0 && result === 0 && refusal === null;
}

/** What must come out of a case. */
export function expectation(c: Case, input: CaseInput): Expectation {
  const row = rowOf(c);
  const { key, text, tag: digest } = input;
  const setkey = key === null ? 0 : row.key.check(key);
  if (isDataRow(row)) {
    const { op, room } = c;
    const message = { op, key: setkey === 0 ? key : null, text, digest, room };
    return { ...done(null, NOTHING), setkey, ...row.answer(message) };
  }
  const setauthsize = row.kind === 'aead' ? row.tags.check(c.authsize) : 0;
  if (setauthsize !== 0) {
    return { ...failed(setauthsize, null), setkey, setauthsize, isRefused: true };
  }
  const isKeyless = key === null || setkey !== 0;
  if (isKeyless && !row.key.optional) {
    return { ...failed(-ENOKEY, input.iv), setkey, isRefused: true };
  }
  if (c.short !== undefined) return { ...failed(-EINVAL, input.iv), setkey, isRefused: true };
  if (isInvalid(c)) {
    const refusal = c.invalid === 'read-only' ? -EFAULT : -EINVAL;
    return { ...failed(refusal, input.iv), setkey, isRefused: true };
  }
  const usable = isKeyless ? NOTHING : key;
  switch (row.kind) {
    case 'skcipher':
      return expectSkcipher(row, c.op === 'encrypt', usable, input);
    case 'aead':
      return c.op === 'encrypt'
        ? expectSealed(row, message(c, input, usable))
        : expectOpened(row, message(c, input, usable), input.tag);
    case 'ahash':
      return { ...expectDigest(row, usable, input), setkey };
  }
}

function expectSkcipher(
  row: SkcipherRow,
  enc: boolean,
  key: Uint8Array,
  { iv, text }: CaseInput,
): Expectation {
  if (text.length < row.least) return failed(-EINVAL, iv);
  const input = text.subarray(0, text.length - (text.length % row.unit));
  const refusal = enc || input.length < text.length ? 0 : (row.unwraps?.(key, iv, input) ?? 0);
  if (refusal !== 0) return failed(refusal, iv);
  const output = row.crypt(enc, key, iv, input);
  const after = row.ivAfter({ enc, key, iv, input, output });
  if (input.length === text.length) return done(output, after);
  // Linux 6.1 has written the whole blocks when it finds that the length is wrong.
  return failed(-EINVAL, row.ivRefused === 'kept' ? iv : after);
}

function expectSealed(row: AeadRow, m: AeadMessage): Expectation {
  const sealed = row.seal(m);
  if (typeof sealed === 'number') return failed(sealed, null);
  if (row.generated === 0) return done(concat(sealed.text, sealed.tag), sealed.iv);
  const completed = (found: Uint8Array): Uint8Array => {
    const text = concat(found.subarray(0, row.generated), m.text.subarray(row.generated));
    const again = row.seal({ ...m, text });
    return typeof again === 'number' ? NOTHING : concat(again.text, again.tag);
  };
  return { ...done(null, sealed.iv), completed };
}

function expectOpened(row: AeadRow, m: AeadMessage, tag: Uint8Array): Expectation {
  const opened = row.open(m, tag);
  if (typeof opened === 'number')
    return failed(opened, opened === -EINVAL || row.decryptsFirst ? null : m.iv);
  if (row.generated === 0) return done(opened.text, opened.iv);
  const rest = opened.text.subarray(row.generated);
  const completed = (found: Uint8Array): Uint8Array =>
    concat(found.subarray(0, row.generated), rest);
  return { ...done(null, opened.iv), completed };
}

function expectDigest(row: HashRow, key: Uint8Array, { text, iv }: CaseInput): Expectation {
  const digest = row.digest(key, text);
  return typeof digest === 'number' ? failed(digest, iv) : done(digest, iv);
}

function message(c: Case, { iv, ad, text }: CaseInput, key: Uint8Array): AeadMessage {
  return { key, iv, ad, text, authsize: c.authsize };
}

function flip(bytes: Uint8Array, { byte, bit }: { byte: number; bit: number }): void {
  if (bytes.length > 0) bytes[byte % bytes.length] ^= 1 << bit;
}

/** What is known of a case for which the reference failed: that the APIs must agree with each other. */
export function unexpected(reason: string): Expectation {
  return { ...failed(0, null), refusal: reason };
}

function done(output: Uint8Array | null, iv: Uint8Array): Expectation {
  return { ...PROMISES_NOTHING, output, iv };
}

function failed(result: Errno, iv: Uint8Array | null): Expectation {
  return { ...PROMISES_NOTHING, result, iv };
}

const PROMISES_NOTHING: Expectation = {
  ...{ setkey: 0, setauthsize: 0, result: 0, output: null, completed: null, iv: null },
  ...{ length: null, isRefused: false, alternative: null, refusal: null },
};
