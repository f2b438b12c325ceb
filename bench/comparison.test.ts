/**
 * Goal: what the comparison says of other libraries is true of the versions that are installed.
 * Method: each claim that a program can ask is asked.
 */
import { createCipheriv, createDecipheriv, getCiphers, getHashes, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import * as nobleAes from '@noble/ciphers/aes.js';
import { ctr, gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
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

/** The name of what a call rejects with or throws; what it gives otherwise. */
async function outcome(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return (error as Error).name;
  }
}

test('scattered bytes and streams: each is asked to take them, and to write into them', async () => {
  const { subtle } = webcrypto;
  const key = await subtle.importKey('raw', KEY, 'AES-GCM', false, ['encrypt']);
  const iv = new Uint8Array(16);
  const pieces = [new Uint8Array(16), new Uint8Array(16)];
  const node = createCipheriv('aes-128-ctr', KEY, iv);
  const call = (
    run: (...args: never[]) => unknown,
    self: object,
    ...args: unknown[]
  ): Promise<unknown> => outcome(() => Reflect.apply(run, self, args));
  const stream = new Blob(['x']).stream();
  const gcmIv = { name: 'AES-GCM', iv: IV };
  for (const input of [pieces, stream]) {
    expect(await call(node.update, node, input)).toBe('TypeError');
    expect(await call(subtle.encrypt, subtle, gcmIv, key, input)).toBe('TypeError');
    expect(await call(ctr(KEY, iv).encrypt, ctr, input)).toBe('TypeError');
  }
  const once = createCipheriv('aes-128-ctr', KEY, iv).update(FORGED);
  const parts = [0, 16].map((at) => node.update(FORGED.subarray(at, at + 16)));
  expect(Buffer.concat(parts)).toEqual(once);
  expect(said('scattered input')).toEqual(['piece by piece', 'no', 'no']);
  const room = new Uint8Array(32);
  expect(await call(node.update, node, room, undefined, undefined, pieces)).toHaveLength(32);
  expect([...pieces[0], ...room].some((byte) => byte !== 0)).toBe(false);
  expect(await subtle.encrypt(gcmIv, key, room)).toBeInstanceOf(ArrayBuffer);
  expect(room.some((byte) => byte !== 0)).toBe(false);
  expect(await call(ctr(KEY, iv).encrypt, ctr, room, pieces)).toBe('TypeError');
  expect(said('scattered output')).toEqual(['no', 'no', 'no']);
  expect(said('in place')).toEqual(['no', 'no', 'one piece, not GCM']);
  expect(node).toHaveProperty('pipe');
  expect(Object.keys(ctr(KEY, iv))).toEqual(['encrypt', 'decrypt']);
  expect(said('streams')).toEqual(['yes', 'no', 'no']);
});

test('abort, waiting, batches and disposal are there where the table says so', async () => {
  const { subtle } = webcrypto;
  const iv = new Uint8Array(16);
  const key = await subtle.importKey('raw', KEY, 'AES-GCM', false, ['encrypt']);
  const signal = AbortSignal.abort();
  const node = addAbortSignal(signal, createCipheriv('aes-128-ctr', KEY, iv));
  const failed = new Promise((resolve) => node.on('error', resolve));
  expect(await failed).toMatchObject({ name: 'AbortError' });
  const ignored = { name: 'AES-GCM', iv: IV, signal };
  const sealed = await Promise.all([1, 2].map(() => subtle.encrypt(ignored, key, KEY)));
  expect(sealed.map(({ byteLength }) => byteLength)).toEqual([32, 32]);
  const answer: unknown = ctr(KEY, iv).encrypt(KEY);
  expect(answer).toBeInstanceOf(Uint8Array);
  expect(said('abort')).toEqual(['streams', 'no', 'no']);
  expect(said('batches')).toEqual(['no', 'Promise.all', 'no']);
  const full = createCipheriv('aes-128-ctr', KEY, iv);
  let writes = 0;
  while (writes < 100 && full.write(new Uint8Array(10_000))) writes++;
  expect(writes).toBeLessThan(100);
  expect(said('more requests than memory')).toEqual(['streams wait', 'no', 'synchronous']);
  const disposable = (thing: object): boolean[] =>
    [Symbol.dispose, Symbol.asyncDispose].map((symbol) => symbol in thing);
  expect(disposable(full)[1]).toBe(true);
  expect([key, subtle, ctr(KEY, iv)].flatMap(disposable)).not.toContain(true);
  expect(said('dispose, keys zeroed')).toEqual(['streams, not keys', 'no', 'clean(bytes)']);
});

test('sectors, and algorithms of one library that another has not', async () => {
  const xtsKey = new Uint8Array(32).map((_, k) => k);
  const sector = (k: number, len: number): Buffer =>
    createCipheriv('aes-128-xts', xtsKey, new Uint8Array(16).fill(k, 0, 1)).update(
      new Uint8Array(len),
    );
  expect(sector(0, 1024).subarray(512)).not.toEqual(sector(1, 512));
  const { subtle } = webcrypto;
  const imported = (name: string): Promise<unknown> =>
    outcome(() => subtle.importKey('raw', FORGED, name, false, ['encrypt']));
  for (const name of ['AES-CTR', 'AES-CBC', 'AES-GCM']) {
    expect(await imported(name)).toMatchObject({ type: 'secret' });
  }
  expect(await imported('AES-XTS')).toBe('NotSupportedError');
  expect(Object.keys(nobleAes).filter((name) => /xts/i.test(name))).toEqual([]);
  expect(said('sectors, one call')).toEqual(['no', 'no', 'no']);
  expect(nobleAes).toHaveProperty('cbc');
  expect([chacha20poly1305, xsalsa20poly1305].map((make) => typeof make)).toEqual([
    'function',
    'function',
  ]);
  const names = getCiphers().length + getHashes().length;
  expect(said('names of algorithms')).toEqual([
    String(names),
    'AES, SHA, HMAC',
    'AES, ChaCha, Salsa',
  ]);
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
