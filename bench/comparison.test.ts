/**
 * Goal: what the comparison says of other libraries is true of the versions that are installed.
 * Method: each claim that a program can ask is asked.
 */
import { createCipheriv, createDecipheriv, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ctr, gcm } from '@noble/ciphers/aes.js';
import { clean } from '@noble/ciphers/utils.js';
import { expect, test } from 'vitest';
import { offers } from './comparison.ts';

const KEY = new Uint8Array(16);
const IV = new Uint8Array(12);
const FORGED = new Uint8Array(32);

/** What is said of node:crypto, WebCrypto and noble. */
function said(label: string): readonly string[] {
  return (
    offers()
      .find(([name]) => name === label)
      ?.slice(2) ?? []
  );
}

function thrown(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test('node:crypto gives text before its tag is known, and no code when it is wrong', () => {
  const decipher = createDecipheriv('aes-128-gcm', KEY, IV);
  decipher.setAuthTag(new Uint8Array(16));
  expect(decipher.update(FORGED)).toHaveLength(FORGED.length);
  expect(thrown(() => decipher.final())).not.toHaveProperty('code');
  const short = thrown(() => createCipheriv('aes-128-gcm', KEY.subarray(1), IV));
  expect(short).toMatchObject({ code: expect.stringMatching(/^ERR_/) });
  expect(said('text of an AEAD held until verified')).toEqual(['no', 'yes', 'yes']);
  expect(said('errors')[0]).toBe('ERR_ codes, none for a tag');
});

test('WebCrypto answers a wrong tag with a DOMException', async () => {
  const { subtle } = webcrypto;
  const key = await subtle.importKey('raw', KEY, 'AES-GCM', false, ['decrypt']);
  const error = await subtle.decrypt({ name: 'AES-GCM', iv: IV }, key, FORGED).catch((e) => e);
  expect(error).toBeInstanceOf(DOMException);
  expect(said('errors')[1]).toBe('DOMException');
});

test('noble works in place on one piece, but not with GCM, and cleans bytes when told', () => {
  const bytes = new Uint8Array(16);
  const sealed = ctr(KEY, new Uint8Array(16)).encrypt(bytes, bytes);
  expect([sealed === bytes, bytes.some((byte) => byte !== 0)]).toEqual([true, true]);
  const room = new Uint8Array(32);
  expect(thrown(() => Reflect.apply(gcm(KEY, IV).encrypt, null, [bytes, room]))).toBeInstanceOf(
    Error,
  );
  expect(thrown(() => gcm(KEY, IV).decrypt(FORGED))).toMatchObject({
    message: expect.stringContaining('invalid tag'),
  });
  clean(bytes);
  expect(bytes).toEqual(new Uint8Array(16));
  expect(said('in place')[2]).toBe('one piece, not GCM');
  expect(said('dispose, keys zeroed')[2]).toBe('clean(bytes)');
});

test('the README says of them what the bench says', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
  const rows = readme
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map(cells);
  const shown = rows.flatMap(([, label, ...rest]) => {
    const row = offers().find(([name]) => name === label);
    return row === undefined ? [] : [[rest.slice(0, 4), row.slice(1)]];
  });
  expect(shown.length).toBeGreaterThan(5);
  for (const [written, known] of shown) expect(written).toEqual(known);
});
