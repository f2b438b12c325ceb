/**
 * A vector computed in one go, on flat bytes, by node:crypto or noble, or by the judge's reference where
 * neither has it: the check of the vectors themselves.
 * @module
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  getCiphers,
} from 'node:crypto';
import { poly1305 } from '@noble/ciphers/_poly1305.js';
import { cmac } from '@noble/ciphers/aes.js';
import { arc4 } from '../subjects/reference/stream.ts';
import type { Vector } from './vector.ts';

const CIPHERS: ReadonlySet<string> = new Set(getCiphers());
/** OpenSSL's names of hashes that the kernel calls otherwise. */
const HASHES: Readonly<Record<string, string>> = {
  rmd160: 'ripemd160',
  'blake2b-512': 'blake2b512',
  'blake2s-256': 'blake2s256',
};
/** What OpenSSL calls the modes of the AEADs of AES. */
const AEADS: Readonly<Record<string, string>> = { 'gcm(aes)': 'gcm', 'ccm(aes)': 'ccm' };
const WRAP_IV = 'a6'.repeat(8);

/** Whether the vector is right; `unknown` where neither node nor noble has the algorithm. */
export function agreement(v: Vector): 'yes' | 'no' | 'unknown' {
  if (v.kind === 'ahash') {
    const digest = digestOf(v);
    return digest === null ? 'unknown' : verdict(digest === v.output);
  }
  if (v.kind === 'aead') return verdict(aeadAgrees(v));
  if (v.alg.startsWith('kw(')) return verdict(wrapAgrees(v));
  if (v.alg === 'ecb(arc4)') return verdict(arc4Agrees(v));
  const name = cipherName(v);
  if (!CIPHERS.has(name)) return 'unknown';
  const iv = v.iv === '' ? null : bytes(v.iv);
  const both = [
    createCipheriv(name, bytes(v.key), iv).setAutoPadding(false),
    createDecipheriv(name, bytes(v.key), iv).setAutoPadding(false),
  ];
  const [sealed, opened] = both.map((cipher, i) => {
    const text = bytes(i === 0 ? v.input : v.output);
    return cipher.update(text, undefined, 'hex') + cipher.final('hex');
  });
  return verdict(sealed === v.output && opened === v.input);
}

function verdict(right: boolean): 'yes' | 'no' {
  return right ? 'yes' : 'no';
}

function cipherName({ alg, key }: Vector): string {
  const [, mode, cipher] = /^(\w+)\((\w+)\)$/.exec(alg) ?? [];
  if (mode === undefined) return alg;
  const bits = (mode === 'xts' ? 2 : 4) * key.length;
  if (cipher === 'des3_ede') return `des-ede3-${mode}`;
  return cipher === 'sm4' ? `sm4-${mode}` : `${cipher}-${bits}-${mode}`;
}

/** Encrypts to output and tag, and decrypts to the input or is refused. */
function aeadAgrees(v: Vector): boolean {
  const mode = AEADS[v.alg];
  const name = mode === undefined ? 'chacha20-poly1305' : `aes-${4 * v.key.length}-${mode}`;
  // The kernel's IV of CCM has the width of the length field in front of the nonce.
  const width = Number.parseInt(v.iv.slice(0, 2), 16) + 1;
  const nonce = mode === 'ccm' ? bytes(v.iv).subarray(1, 16 - width) : bytes(v.iv);
  const options = { authTagLength: v.tag.length / 2 };
  const size = { plaintextLength: v.output.length / 2 };
  // One type stands for all three: their options have the same names.
  const algorithm = name as CipherGCMTypes;
  if (v.expect === 'valid') {
    const cipher = createCipheriv(algorithm, bytes(v.key), nonce, options);
    cipher.setAAD(bytes(v.ad), size);
    const output = cipher.update(text(v.input), undefined, 'hex') + cipher.final('hex');
    if (output + cipher.getAuthTag().toString('hex') !== v.output + v.tag) return false;
  }
  const decipher = createDecipheriv(algorithm, bytes(v.key), nonce, options);
  decipher.setAAD(bytes(v.ad), size);
  decipher.setAuthTag(bytes(v.tag));
  try {
    const input = decipher.update(text(v.output), undefined, 'hex') + decipher.final('hex');
    return v.expect === 'valid' && input === v.input;
  } catch (error) {
    if (!/unable to authenticate|Unsupported state/.test(String(error))) throw error;
    return v.expect === 'invalid';
  }
}

/** OpenSSL has it in its legacy provider only, noble not at all. */
function arc4Agrees({ key, input, output }: Vector): boolean {
  return hex(arc4(bytes(key), bytes(input))) === output;
}

function wrapAgrees(v: Vector): boolean {
  const name = `id-aes${4 * v.key.length}-wrap`;
  const sealed = v.iv + v.output;
  if (v.expect === 'valid') {
    const cipher = createCipheriv(name, bytes(v.key), bytes(WRAP_IV));
    if (cipher.update(v.input, 'hex', 'hex') + cipher.final('hex') !== sealed) return false;
  }
  const decipher = createDecipheriv(name, bytes(v.key), bytes(WRAP_IV));
  try {
    const opened = decipher.update(sealed, 'hex', 'hex') + decipher.final('hex');
    return v.expect === 'valid' && opened === v.input;
  } catch {
    return v.expect === 'invalid';
  }
}

function digestOf({ alg, key, input }: Vector): string | null {
  if (alg === 'cmac(aes)') return hex(cmac(bytes(input), bytes(key)));
  if (alg === 'poly1305') {
    const all = bytes(input);
    return hex(poly1305(all.subarray(32), all.subarray(0, 32)));
  }
  const [, inner] = /^hmac\((.*)\)$/.exec(alg) ?? [];
  const name = inner ?? alg;
  if (name.startsWith('cmac')) return null;
  const known = HASHES[name] ?? name;
  const hash = inner === undefined ? createHash(known) : createHmac(known, bytes(key));
  return hash.update(bytes(input)).digest('hex');
}

/** Bytes that are never an empty buffer of their own: node 20 forgets a tag for such. */
function text(of: string): Buffer {
  return Buffer.concat([bytes(of), Buffer.alloc(1)]).subarray(0, of.length / 2);
}

function bytes(of: string): Buffer {
  return Buffer.from(of, 'hex');
}

function hex(of: Uint8Array): string {
  return Buffer.from(of).toString('hex');
}
