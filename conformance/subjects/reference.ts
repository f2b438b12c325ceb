/**
 * The reference subject: flat bytes, one call of node:crypto, no machine.
 *
 * It shares nothing with the two APIs: not the byte kernels, not the lists, not the error paths. It
 * also makes the ciphertext that decryption starts from.
 * @module
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { EBADMSG, EINVAL, ENOKEY, type Errno } from '../../src/errno.ts';
import { type Case, materialise } from '../case/case.ts';
import type { CaseInput, Expectation } from '../judge/observe.ts';
import { flatXts } from './flat-xts.ts';

const BLOCK = 16;
/** Key length of XTS with AES-192, which OpenSSL does not have. */
const XTS_192 = 48;
const NOTHING: Uint8Array = new Uint8Array(0);
const GCM_TAG_SIZES: readonly number[] = [4, 8, 12, 13, 14, 15, 16];

/** Algorithms that the reference knows. */
export const REFERENCE_ALGS: readonly string[] = [
  'ecb(aes)',
  'cbc(aes)',
  'ctr(aes)',
  'xts(aes)',
  'gcm(aes)',
  'sha256',
  'hmac(sha256)',
];

/** The bytes of a case, with the ciphertext made and the tampering done. */
export function caseInput(c: Case): CaseInput {
  const key = c.key === null ? null : materialise(c.key);
  const iv = materialise(c.iv);
  const ad = materialise(c.ad);
  let text = materialise(c.text);
  let tag = c.tag === null ? NOTHING : materialise(c.tag);
  if (c.alg === 'gcm(aes)' && c.op === 'decrypt') {
    if (c.tag === null) {
      const usable = key !== null && keyError(c.alg, key) === 0 && sizeOk(c.authsize);
      if (usable) [text, tag] = gcmSeal(key, iv, ad, text, c.authsize);
      else tag = new Uint8Array(c.authsize);
    }
    if (c.tamper !== null) flip({ ad, text, tag }[c.tamper.part], c.tamper.byte, c.tamper.bit);
  }
  return { key, iv, ad, text, tag };
}

/** What must come out of a case. */
export function expectation(c: Case, input: CaseInput): Expectation {
  const { key } = input;
  const setkey = key === null ? 0 : keyError(c.alg, key);
  const setauthsize = c.alg === 'gcm(aes)' && !sizeOk(c.authsize) ? -EINVAL : 0;
  if (setauthsize !== 0) return failed(setkey, setauthsize, setauthsize, null);
  if (c.alg !== 'sha256' && (key === null || setkey !== 0)) {
    return failed(setkey, 0, -ENOKEY, input.iv);
  }
  switch (c.alg) {
    case 'gcm(aes)':
      return expectGcm(c, input, key ?? NOTHING);
    case 'sha256':
      return done(Uint8Array.from(createHash('sha256').update(input.text).digest()), NOTHING);
    case 'hmac(sha256)': {
      const mac = createHmac('sha256', key ?? NOTHING).update(input.text);
      return done(Uint8Array.from(mac.digest()), NOTHING);
    }
    default:
      return expectSkcipher(c, input, key ?? NOTHING);
  }
}

function expectGcm(c: Case, { iv, ad, text, tag }: CaseInput, key: Uint8Array): Expectation {
  if (c.op === 'encrypt') {
    const [sealed, mac] = gcmSeal(key, iv, ad, text, c.authsize);
    return done(Buffer.concat([sealed, mac]), iv);
  }
  const cipher = createDecipheriv(`aes-${(key.length * 8) as 128}-gcm`, key, iv, {
    authTagLength: c.authsize,
  });
  cipher.setAAD(ad).setAuthTag(tag);
  const opened = cipher.update(text);
  try {
    cipher.final();
  } catch {
    return failed(0, 0, -EBADMSG, iv);
  }
  return done(opened, iv);
}

function expectSkcipher(c: Case, { iv, text }: CaseInput, key: Uint8Array): Expectation {
  const [mode] = c.alg.split('(');
  const whole = text.length - (text.length % BLOCK);
  if (mode === 'xts') {
    if (text.length < BLOCK) return failed(0, 0, -EINVAL, iv);
    if (key.length === XTS_192) return done(flatXts(c.op === 'encrypt', key, iv, text), iv);
    return done(flat(c, `aes-${key.length * 4}-xts`, key, iv, text), iv);
  }
  const name = `aes-${key.length * 8}-${mode}`;
  if (mode === 'ctr') {
    return done(flat(c, name, key, iv, text), counterAfter(iv, Math.ceil(text.length / BLOCK)));
  }
  const output = flat(c, name, key, mode === 'ecb' ? NOTHING : iv, text.subarray(0, whole));
  const chain = c.op === 'encrypt' ? output : text;
  const next = mode === 'cbc' && whole > 0 ? chain.slice(whole - BLOCK, whole) : iv;
  // Linux 6.1 has written the full blocks and the IV when it finds that the length is wrong.
  return whole === text.length ? done(output, next) : failed(0, 0, -EINVAL, next);
}

function flat(
  c: Case,
  name: string,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const make = c.op === 'encrypt' ? createCipheriv : createDecipheriv;
  const cipher = make(name, key, iv.length === 0 ? null : iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(text), cipher.final()]);
}

function gcmSeal(
  key: Uint8Array,
  iv: Uint8Array,
  ad: Uint8Array,
  text: Uint8Array,
  authsize: number,
): [Uint8Array, Uint8Array] {
  const cipher = createCipheriv(`aes-${(key.length * 8) as 128}-gcm`, key, iv, {
    authTagLength: authsize,
  });
  cipher.setAAD(ad);
  const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
  return [Uint8Array.from(sealed), Uint8Array.from(cipher.getAuthTag())];
}

function keyError(alg: string, key: Uint8Array): Errno {
  if (alg === 'sha256' || alg === 'hmac(sha256)') return 0;
  const halves = alg === 'xts(aes)' ? 2 : 1;
  return [16, 24, 32].includes(key.length / halves) ? 0 : -EINVAL;
}

function sizeOk(authsize: number): boolean {
  return GCM_TAG_SIZES.includes(authsize);
}

function flip(bytes: Uint8Array, byte: number, bit: number): void {
  if (bytes.length > 0) bytes[byte % bytes.length] ^= 1 << bit;
}

/** The 128-bit big-endian counter, `blocks` later. */
function counterAfter(iv: Uint8Array, blocks: number): Uint8Array {
  const next = iv.slice();
  let carry = blocks;
  for (let i = BLOCK - 1; i >= 0 && carry > 0; i--) {
    carry += next[i];
    next[i] = carry & 0xff;
    carry = Math.floor(carry / 256);
  }
  return next;
}

function done(output: Uint8Array, iv: Uint8Array): Expectation {
  return { setkey: 0, setauthsize: 0, result: 0, output, iv };
}

function failed(
  setkey: Errno,
  setauthsize: Errno,
  result: Errno,
  iv: Uint8Array | null,
): Expectation {
  return { setkey, setauthsize, result, output: null, iv };
}
