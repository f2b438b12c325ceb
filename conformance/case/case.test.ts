/**
 * Goal: a wrong case is refused in one line that names file and field; a right one survives transport.
 * Method: break one field at a time; cut and alter tokens.
 */
import { expect, test } from 'vitest';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import { bytesLength, type Case, materialise, resizeBytes } from './case.ts';
import { CaseGenerator } from './generate.ts';
import { parseCase, parseCaseJson } from './parse.ts';

const GOOD: Case = new CaseGenerator(['gcm(aes)']).at(1, 3);

test.each<[string, unknown, RegExp]>([
  ['version', 5, /^f\.json: version: /],
  ['alg', 7, /^f\.json: alg: /],
  ['kind', 'shash', /^f\.json: kind: /],
  ['async', 1, /^f\.json: async: /],
  ['op', 'sign', /^f\.json: op: /],
  ['key', 'xyz', /^f\.json: key: /],
  ['seed', -1, /^f\.json: seed: /],
  ['authsize', 1.5, /^f\.json: authsize: /],
  [
    'layout',
    { ...GOOD.layout, src: [{ kind: 'tape', offset: 0, len: 1 }] },
    /layout\.src\.0\.kind/,
  ],
  ['layout', { ...GOOD.layout, extra: 1 }, /^f\.json: layout: /],
  ['context', { sleep: true }, /^f\.json: context\.backlog: /],
])('a case with a wrong %s names the field', (field, value, message) => {
  expect(() => parseCase({ ...GOOD, [field]: value }, 'f.json')).toThrow(message);
});

test.each<[string, Partial<Case>, RegExp]>([
  ['a digest of an AEAD', { op: 'digest' }, /^f: op: digest of an aead/],
  ['an encryption by a hash', { kind: 'ahash', authsize: 0 }, /^f: op: /],
  ['a tag of a cipher', { kind: 'skcipher' }, /^f: authsize: /],
  ['associated data of a cipher', { kind: 'skcipher', authsize: 0, ad: '00' }, /^f: ad: /],
  ['associated data of a hash', { kind: 'ahash', op: 'digest', authsize: 0, ad: '00' }, /^f: ad: /],
  [
    'tampering with the tag of a cipher',
    {
      kind: 'skcipher',
      op: 'decrypt',
      authsize: 0,
      ad: '',
      tamper: { part: 'tag', byte: 0, bit: 0 },
    },
    /^f: tamper\.part: /,
  ],
  [
    'tampering with what is encrypted',
    { op: 'encrypt', tamper: { part: 'tag', byte: 0, bit: 0 } },
    /^f: tamper: /,
  ],
  [
    'sleep where nothing may sleep',
    { context: { ...GOOD.context, sleep: true, atomic: true } },
    /^f: context: /,
  ],
])('%s is refused by its field', (_name, change, message) => {
  expect(() => parseCase({ ...GOOD, ...change }, 'f')).toThrow(message);
});

test('a cipher decrypts ciphertext as it is where an empty tag says so', () => {
  const cipher: Case = { ...GOOD, kind: 'skcipher', op: 'decrypt', authsize: 0, ad: '', tag: '' };
  expect(parseCase(cipher, 'f').tag).toBe('');
  expect(() => parseCase({ ...cipher, op: 'encrypt' }, 'f')).toThrow(/^f: tag: /);
  expect(() => parseCase({ ...cipher, tag: '00' }, 'f')).toThrow(/^f: tag: /);
});

test('a case of version 1 is read: kind and async were said by other fields', () => {
  const generator = new CaseGenerator(['gcm(aes)', 'cbc(aes)', 'hmac(sha256)']);
  for (let i = 0; i < 60; i++) {
    const c = generator.at(3, i);
    const { kind, async, ...rest } = c;
    const isPlain = async === c.driver.startsWith('cryptd(');
    if (isPlain) expect(parseCase({ ...rest, version: 1 }, 'old')).toEqual(c);
  }
});

test('a case of version 2 is read: it had no programs', () => {
  expect(parseCase({ ...GOOD, version: 2 }, 'old')).toEqual(parseCase(GOOD, 'new'));
});

test('a case of version 3 is read: its programs had one transform and messages in one call', () => {
  const further = { when: 'now', steps: 0, of: 0, reuse: false, cpu: 0, backlog: false };
  const { op, iv, ad, text, layout } = GOOD;
  const old = { ...further, op, iv, ad, text, tamper: null, layout };
  const program = { queue: 1, freeEarly: false, misuse: null, requests: [old] };
  const context = { ...GOOD.context, reuse: false, failing: undefined, again: undefined };
  const read = parseCase({ ...GOOD, context, version: 3, program }, 'old').program;
  const hash = { final: 'digest', updates: [], reimport: false };
  expect(read?.transforms).toEqual([]);
  expect(read?.requests).toEqual([{ ...old, tfm: 0, tag: null, room: 0, hash }]);
});

/** A case of version 1 in a token of the first kind, as findings printed it. */
const OLD_TOKEN =
  'sg2iter1.TY_NasQwDITfZU4tqLBt2Rb0KsseVFtxTBzb2E5oGvLuJZvtz0kwwzejWTFrqT5F8DNBggOj9vJyfgPBFj9rAcOU' +
  'JTf7cBhPTqMWbx5BSBkM653WBsKgCzhOIRD8DAYIYo_b9LOBV1RVC34nBI3g143QxP1AMrW--i8Fn3Z9zHv5YQVZ0nRL8DEHM' +
  'QpGTCDUYsCXFYOPe1UWp_tfXVe13XLuRVeCrQ18uRJMLz6CTxuhl9rvqZ2PEv5vmbKVpvUAivoxp9LAnYSqG8Gk-DspqOa7Q_' +
  'gQM4TkwK1MSpCWRm_-uGP_efsG.07a95f7d';

test('a token of the first kind is read', () => {
  const c = decodeToken(OLD_TOKEN);
  expect(c).toMatchObject({ version: 4, alg: 'sha256', kind: 'ahash', async: true, seed: 5 });
  expect(c.context).toMatchObject({ reuse: false, fault: 0, gather: 0 });
  expect(() => decodeToken(OLD_TOKEN.replace('TY_N', 'TY_M'))).toThrow(/^replay token: /);
});

test('what is no JSON or no object is refused in one line', () => {
  expect(() => parseCaseJson('{', 'f.json')).toThrow('f.json: not a JSON file');
  for (const value of [null, [], 'x', 3]) expect(() => parseCase(value, 'f')).toThrow(/^f: case: /);
});

test('a token brings the case back', () => {
  const generator = new CaseGenerator();
  for (let i = 0; i < 200; i++) {
    const c = generator.at(9, i);
    expect(decodeToken(encodeToken(c))).toEqual(c);
  }
});

test('a token that is cut off or altered anywhere is refused', () => {
  const token = encodeToken(GOOD);
  for (let end = 0; end < token.length; end++) {
    expect(() => decodeToken(token.slice(0, end))).toThrow(/^replay token: /);
  }
  for (let at = 0; at < token.length; at += 3) {
    const other = token[at] === 'A' ? 'B' : 'A';
    const altered = token.slice(0, at) + other + token.slice(at + 1);
    expect(() => decodeToken(altered)).toThrow(/^replay token: /);
  }
});

test('bytes are hex or a seed, and can be cut', () => {
  expect([...materialise('00ff10')]).toEqual([0, 255, 16]);
  expect(materialise({ seed: 1, len: 5 })).toEqual(materialise({ seed: 1, len: 9 }).subarray(0, 5));
  expect(bytesLength(resizeBytes('00ff10', 2))).toBe(2);
  expect(bytesLength(resizeBytes({ seed: 1, len: 5 }, 9))).toBe(9);
});
