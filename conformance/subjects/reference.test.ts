/**
 * Goal: the reference is right, by two independent ways each.
 * Method: noble against node:crypto on flat bytes; XTS with AES-192 through its neighbours, which both
 * implementations have; tampering changes exactly one bit and is always found.
 */
import { createCipheriv, createHash } from 'node:crypto';
import { cbc, ctr, ecb, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { CaseGenerator } from '../case/generate.ts';
import { flatXts } from './flat-xts.ts';
import { caseInput, expectation, REFERENCE_ALGS } from './reference.ts';

const CASES = 150;

const NOBLE: Readonly<
  Record<string, (key: Uint8Array, iv: Uint8Array, ad: Uint8Array, text: Uint8Array) => Uint8Array>
> = {
  'ecb(aes)': (key, _iv, _ad, text) => ecb(key, { disablePadding: true }).encrypt(text),
  'cbc(aes)': (key, iv, _ad, text) => cbc(key, iv, { disablePadding: true }).encrypt(text),
  'ctr(aes)': (key, iv, _ad, text) => ctr(key, iv).encrypt(text),
  'gcm(aes)': (key, iv, ad, text) => gcm(key, iv, ad).encrypt(text),
  sha256: (_key, _iv, _ad, text) => sha256(text),
  'hmac(sha256)': (key, _iv, _ad, text) => hmac(sha256, key, text),
};

test.each(Object.keys(NOBLE))('%s: noble agrees with node:crypto', (alg) => {
  const generator = new CaseGenerator([alg]);
  let compared = 0;
  for (let i = 0; i < CASES; i++) {
    const c = generator.at(4, i);
    if (c.op === 'decrypt') continue;
    const input = caseInput(c);
    const { result, output } = expectation(c, input);
    if (result !== 0 || output === null || input.text.length > 5000) continue;
    const key = input.key ?? new Uint8Array(0);
    const other = NOBLE[alg]?.(key, input.iv, input.ad, input.text) ?? new Uint8Array(0);
    expect(Buffer.compare(output, other.subarray(0, output.length))).toBe(0);
    compared++;
  }
  expect(compared).toBeGreaterThan(CASES / 4);
});

test.each([32, 64])(
  'flat XTS with keys of %i bytes is that of OpenSSL, stealing included',
  (size) => {
    const key = Uint8Array.from(createHash('sha512').update('key').digest()).subarray(0, size);
    const iv = createHash('md5').update('iv').digest();
    for (let len = 16; len < 80; len++) {
      const text = new Uint8Array(len).map((_, i) => i * 7);
      const cipher = createCipheriv(`aes-${size * 4}-xts`, key, iv);
      const sealed = flatXts(true, key, iv, text);
      expect(Buffer.compare(sealed, cipher.update(text))).toBe(0);
      expect(Buffer.compare(flatXts(false, key, iv, sealed), text)).toBe(0);
    }
  },
);

test('every tampered bit is found, and nothing else is', () => {
  const generator = new CaseGenerator(['gcm(aes)']);
  const results = new Map<string, number>();
  for (let i = 0; i < 600; i++) {
    const c = generator.at(8, i);
    if (c.op !== 'decrypt' || c.key === null || c.tamper === null) continue;
    const input = caseInput(c);
    const { result, setkey, setauthsize } = expectation(c, input);
    if (setkey !== 0 || setauthsize !== 0) continue;
    const touched = { ad: input.ad, text: input.text, tag: input.tag }[c.tamper.part].length > 0;
    expect(result).toBe(touched ? -74 : 0);
    results.set(c.tamper.part, (results.get(c.tamper.part) ?? 0) + 1);
  }
  expect([...results.keys()].sort()).toEqual(['ad', 'tag', 'text']);
});

test('the reference knows every algorithm that cases are made of', () => {
  const generator = new CaseGenerator();
  const seen = new Set<string>();
  for (let i = 0; i < 400; i++) seen.add(generator.at(1, i).alg);
  expect([...seen].sort()).toEqual([...REFERENCE_ALGS].sort());
});
