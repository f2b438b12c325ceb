/**
 * Goal: the reference is right, row by row, by something that is not the reference.
 * Method: OpenSSL's own modes and AEADs, or noble, over generated cases; published vectors where neither
 * has the algorithm; each row undoes what it did; tampering is found wherever it is authenticated.
 */

import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { cbc, cmac, ctr, ecb, gcm } from '@noble/ciphers/aes.js';
import { chacha20orig, xchacha20 } from '@noble/ciphers/chacha.js';
import { expect, test } from 'vitest';
import { driversOf } from '../algorithms/drivers.ts';
import type { AeadRow, SkcipherRow } from '../algorithms/row.ts';
import { ALGORITHMS, algorithmOf } from '../algorithms.ts';
import { bytesLength, type Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import type { CaseInput } from '../judge/observe.ts';
import { caseInput, expectation } from './reference.ts';

const CASES = 80;
const NOTHING = new Uint8Array(0);

/** The result of an encryption or a digest, from elsewhere; null where that cannot do it. */
type Other = (c: Case, key: Buffer, input: CaseInput) => Uint8Array | null;

function openssl(name: (keylen: number) => string): Other {
  return (_c, key, { iv, text }) => {
    const cipher = createCipheriv(name(key.length), key, iv.length === 0 ? null : iv);
    cipher.setAutoPadding(false);
    return Buffer.concat([cipher.update(text), cipher.final()]);
  };
}

function opensslAead(name: string): Other {
  return ({ authsize }, key, { iv, ad, text }) => {
    const options = { authTagLength: authsize };
    const bits = String(key.length * 8);
    const cipher = createCipheriv(name.replace('128', bits) as 'aes-128-ccm', key, iv, options);
    cipher.setAAD(ad, { plaintextLength: text.length });
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return Buffer.concat([sealed, cipher.getAuthTag()]);
  };
}

/** The nonce of CCM is what the first byte of the counter block leaves of it. */
const opensslCcm: Other = (c, key, input) => {
  const { iv, text } = input;
  if (text.length >= 2 ** (8 * (iv[0] + 1))) return null;
  const nonce = iv.subarray(1, 15 - iv[0]);
  return opensslAead('aes-128-ccm')(c, key, { ...input, iv: nonce });
};

const hash =
  (name: string): Other =>
  (_c, _key, { text }) =>
    createHash(name).update(text).digest();

const hmac =
  (name: string): Other =>
  (_c, key, { text }) =>
    createHmac(name, key).update(text).digest();

const OTHERS: Readonly<Record<string, Other>> = {
  'ecb(aes)': (_c, key, { text }) => ecb(key, { disablePadding: true }).encrypt(text),
  'cbc(aes)': (_c, key, { iv, text }) => cbc(key, iv, { disablePadding: true }).encrypt(text),
  'ctr(aes)': (_c, key, { iv, text }) => ctr(key, iv).encrypt(text),
  // OpenSSL has no XTS with AES-192.
  'xts(aes)': (c, key, input) =>
    key.length === 48 ? null : openssl((n) => `aes-${n * 4}-xts`)(c, key, input),
  'cbc(aria)': openssl((n) => `aria-${n * 8}-cbc`),
  'ctr(aria)': openssl((n) => `aria-${n * 8}-ctr`),
  'cbc(camellia)': openssl((n) => `camellia-${n * 8}-cbc`),
  'ctr(camellia)': openssl((n) => `camellia-${n * 8}-ctr`),
  'cbc(sm4)': openssl(() => 'sm4-cbc'),
  'ctr(sm4)': openssl(() => 'sm4-ctr'),
  'gcm(aria)': opensslAead('aria-128-gcm'),
  'ecb(des3_ede)': openssl(() => 'des-ede3-ecb'),
  'cbc(des3_ede)': openssl(() => 'des-ede3-cbc'),
  'cbc(des)': (c, key, input) =>
    openssl(() => 'des-ede3-cbc')(c, Buffer.concat([key, key, key]), input),
  // OpenSSL carries a block number that wraps into the nonce, the kernel does not.
  chacha20: (c, key, input) =>
    typeof c.iv === 'string' ? null : openssl(() => 'chacha20')(c, key, input),
  'gcm(aes)': (c, key, input) =>
    c.authsize === 16
      ? gcm(key, input.iv, input.ad).encrypt(input.text)
      : opensslAead('aes-128-gcm')(c, key, input),
  'ccm(aes)': opensslCcm,
  'rfc7539(chacha20,poly1305)': opensslAead('chacha20-poly1305'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  'hmac(sha1)': hmac('sha1'),
  'hmac(sha256)': hmac('sha256'),
  'hmac(sha512)': hmac('sha512'),
  'cmac(aes)': (_c, key, { text }) => cmac(text, key),
};

test.each(Object.keys(OTHERS))('%s: somebody else agrees', (alg) => {
  const generator = new CaseGenerator([alg]);
  let compared = 0;
  for (let i = 0; i < CASES; i++) {
    const c = generator.at(4, i);
    if (c.op === 'decrypt' || bytesLength(c.text) > 5000) continue;
    const input = caseInput(c);
    const { result, output } = expectation(c, input);
    if (result !== 0 || output === null) continue;
    const other = OTHERS[alg]?.(c, Buffer.from(input.key ?? NOTHING), input) ?? null;
    if (other === null) continue;
    expect(Buffer.compare(output, other)).toBe(0);
    compared++;
  }
  expect(compared).toBeGreaterThan(CASES / 6);
});

function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function skcipher(name: string): SkcipherRow {
  const row = algorithmOf(name);
  if (row?.kind !== 'skcipher') throw new Error(name);
  return row;
}

function aead(name: string): AeadRow {
  const row = algorithmOf(name);
  if (row?.kind !== 'aead') throw new Error(name);
  return row;
}

test.each([
  [
    'RFC 3962, appendix B',
    'cts(cbc(aes))',
    '636869636b656e207465726979616b69',
    '00'.repeat(16),
    '4920776f756c64206c696b652074686520',
    'c6353568f2bf8cb4d8a580362da7ff7f97',
  ],
  [
    'IEEE 1619 draft 10, LRW-32-AES 1',
    'lrw(aes)',
    '4562ac25f828176d4c268414b5680185258e2a05e73e9d03ee5a830ccc094c87',
    `${'00'.repeat(15)}01`,
    '30313233343536373839414243444546',
    'f1b273cd65a3df5fe95d489254634eb8',
  ],
  [
    'RFC 3686, vector 1',
    'rfc3686(ctr(aes))',
    'ae6852f8121067cc4bf7a5765577f39e00000030',
    '00'.repeat(8),
    '53696e676c6520626c6f636b206d7367',
    'e4095d4fb7a7b3792d6175a3261311b8',
  ],
  ['FIPS 81, table B1', 'ecb(des)', '0123456789abcdef', '', '4e6f772069732074', '3fa40e8a984d4815'],
])('%s: %s', (_source, name, key, iv, text, expected) => {
  const row = skcipher(name);
  expect(hex(row.crypt(true, unhex(key), unhex(iv), unhex(text)))).toBe(expected);
});

/** What OpenSSL keeps in a provider that this process has not loaded, in one that has. */
const LEGACY_CIPHERS = [
  ['ecb(blowfish)', 'bf-ecb', 16],
  ['ecb(cast5)', 'cast5-ecb', 16],
  ['ecb(seed)', 'seed-ecb', 16],
  ['ecb(des)', 'des-ecb', 8],
  ['ecb(arc4)', 'rc4', 16],
] as const;
const LEGACY_HASHES = [
  ['md4', 'md4'],
  ['wp512', 'whirlpool'],
] as const;

test('ciphers and hashes of the legacy provider of OpenSSL, in a process that has it', () => {
  const key = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => 37 * i + 5);
  const program = `
    const { createCipheriv, createHash } = require('node:crypto');
    const bytes = (n) => Buffer.from(Array.from({ length: n }, (_, i) => 37 * i + 5));
    const text = Buffer.concat([bytes(200), bytes(56)]);
    const ciphers = ${JSON.stringify(LEGACY_CIPHERS)}.map(([, name, size]) =>
      createCipheriv(name, bytes(size), null).setAutoPadding(false).update(text, undefined, 'hex'));
    const hashes = ${JSON.stringify(LEGACY_HASHES)}.map(([, name]) =>
      createHash(name).update(text).digest('hex'));
    console.log(JSON.stringify([...ciphers, ...hashes]));
  `;
  const options = ['--openssl-legacy-provider', '-e', program];
  const ran = spawnSync(process.execPath, options, { encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  const theirs: unknown = JSON.parse(ran.stdout);
  const text = Uint8Array.of(...key(200), ...key(56));
  const ciphers = LEGACY_CIPHERS.map(([name, , size]) =>
    hex(skcipher(name).crypt(true, key(size), NOTHING, text)),
  );
  const hashes = LEGACY_HASHES.map(([name]) => hex(digest(name, NOTHING, text)));
  expect([...ciphers, ...hashes]).toEqual(theirs);
});

function digest(name: string, key: Uint8Array, text: Uint8Array): Uint8Array {
  const row = algorithmOf(name);
  const out = row?.kind === 'ahash' ? row.digest(key, text) : -1;
  if (typeof out === 'number') throw new Error(`${name}: ${out}`);
  return out;
}

const DIGITS = Buffer.from('123456789').toString('hex');
const COUNTING = '000102030405060708090a0b0c0d0e0f';

test.each([
  ['RFC 1320, A.5', 'md4', '', '616263', 'a448017aaf21d8525fc10ae87aa6729d'],
  ['RFC 7693, A', 'blake2b-512', '', '616263', /^ba80a53f981c4d0d6a2797b69f12f6e9/],
  [
    'RFC 7693, B',
    'blake2s-256',
    '',
    '616263',
    '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
  ],
  [
    'BLAKE2 reference, keyed, nothing',
    'blake2s-256',
    `${COUNTING}101112131415161718191a1b1c1d1e1f`,
    '',
    '48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49',
  ],
  ['the check of CRC-32C', 'crc32c', '', DIGITS, '839206e3'],
  ['the check of CRC-32, not inverted', 'crc32', 'ffffffff', DIGITS, 'd9c60b34'],
  ['the check of CRC-64/NVME', 'crc64-rocksoft', '', DIGITS, '8898790a86148bae'],
  ['the check of CRC-16/T10-DIF', 'crct10dif', '', DIGITS, 'dbd0'],
  ['xxHash, nothing', 'xxhash64', '', '', '99e9d85137db46ef'],
  ['xxHash, abc', 'xxhash64', '', '616263', '990977adf52cbc44'],
  ['IEEE 802.11, Michael of nothing', 'michael_mic', '00'.repeat(8), '', '82925c1ca1d130b8'],
  ['RFC 3566, case 1', 'xcbc(aes)', COUNTING, '', '75f0251d528ac01c4573dfd584d79f29'],
  ['RFC 3566, case 2', 'xcbc(aes)', COUNTING, '000102', '5b376580ae2f19afe7219ceef172756f'],
  [
    'RFC 8452, A',
    'polyval',
    '25629347589242761d31f826ba4b757b',
    '4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362',
    'f7a3b47b846119fae5b7866cf5e5b77e',
  ],
])('%s: %s', (_source, name, key, text, expected) => {
  const out = hex(digest(name, unhex(key), unhex(text)));
  if (typeof expected === 'string') expect(out).toBe(expected);
  else expect(out).toMatch(expected);
});

test('ChaCha20 and XChaCha20 are those of noble', () => {
  const key = unhex('00'.repeat(32));
  const stream = skcipher('xchacha20').crypt(true, key, new Uint8Array(32), new Uint8Array(100));
  expect(hex(stream)).toBe(hex(xchacha20(key, new Uint8Array(24), new Uint8Array(100))));
  expect(hex(skcipher('chacha20').crypt(true, key, new Uint8Array(16), new Uint8Array(64)))).toBe(
    hex(chacha20orig(key, new Uint8Array(8), new Uint8Array(64))),
  );
});

test('a MAC of RFC 8439, 2.5.2, and one of RFC 4493', () => {
  const poly = algorithmOf('poly1305');
  const key = '85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b';
  const text = Buffer.from('Cryptographic Forum Research Group').toString('hex');
  expect(poly?.kind === 'ahash' && poly.digest(NOTHING, unhex(key + text))).toEqual(
    unhex('a8061dc1305136c6c22b8baf0c0127a9'),
  );
});

/** A text and associated data that the row takes. */
function message(row: AeadRow, generator: CaseGenerator): { c: Case; input: CaseInput } {
  for (let i = 0; ; i++) {
    const c = generator.at(2, i);
    const isPlain = c.op === 'decrypt' && c.key !== null && c.tamper === null;
    if (!isPlain || bytesLength(c.text) === row.generated || bytesLength(c.text) > 300) continue;
    const input = caseInput(c);
    if (expectation(c, input).result === 0) return { c, input };
  }
}

const AEADS = ALGORITHMS.filter((row) => row.kind === 'aead');

test.each(AEADS)('$name: opens what it sealed, and nothing that was changed', (row) => {
  const { c, input } = message(row, new CaseGenerator([row.name]));
  const plain = caseInput({ ...c, op: 'encrypt', tag: null, tamper: null });
  const expected = expectation(c, input);
  const opened = expected.completed?.(plain.text) ?? expected.output ?? NOTHING;
  expect(hex(opened)).toBe(hex(plain.text));
  const checked = row.adTail === 0 ? input.ad.length : input.ad.length - row.adTail;
  const parts = { ad: checked, text: input.text.length, tag: input.tag.length };
  let refused = 0;
  for (const part of ['ad', 'text', 'tag'] as const) {
    for (let byte = 0; byte < parts[part]; byte++) {
      const tampered = { ...c, tamper: { part, byte, bit: byte % 8 } };
      const { result } = expectation(tampered, caseInput(tampered));
      // The end of what IPsec gives as associated data is the IV again, and is not looked at.
      if (result === 0)
        expect([part, byte >= checked - 8, row.name]).toEqual(['ad', true, row.name]);
      else refused++;
    }
  }
  expect(refused).toBeGreaterThanOrEqual(parts.text + parts.tag);
});

test.each(ALGORITHMS.filter((row) => row.kind === 'skcipher'))('$name: there and back', (row) => {
  const generator = new CaseGenerator([row.name]);
  let compared = 0;
  for (let i = 0; i < 24; i++) {
    const { key, iv, text } = caseInput(generator.at(6, i));
    const isTaken = text.length >= row.least && text.length % row.unit === 0;
    if (key === null || row.key.check(key) !== 0 || !isTaken) continue;
    const sealed = row.crypt(true, key, iv, text);
    const made = { enc: true, key, iv, input: text, output: sealed };
    const back = row.unwraps === undefined ? iv : row.ivAfter(made);
    expect(row.unwraps?.(key, back, sealed) ?? 0).toBe(0);
    expect(hex(row.crypt(false, key, back, sealed))).toBe(hex(text));
    compared++;
  }
  expect(compared).toBeGreaterThan(8);
});

test('RFC 3394, 4.1: a wrapped key, its IV first', () => {
  const row = skcipher('kw(aes)');
  const [key, text] = [unhex(COUNTING), unhex('00112233445566778899aabbccddeeff')];
  const iv = new Uint8Array(8);
  const output = row.crypt(true, key, iv, text);
  const first = row.ivAfter({ enc: true, key, iv, input: text, output });
  expect(hex(first) + hex(output)).toBe('1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5');
  expect(row.unwraps?.(key, first, output)).toBe(0);
  expect(row.unwraps?.(key, iv, output)).toBe(-74);
});

test('published AEADs: RFC 3610, packet vector 1, and RFC 8439, 2.8.2', () => {
  const ccm = aead('ccm(aes)').seal({
    key: unhex('c0c1c2c3c4c5c6c7c8c9cacbcccdcecf'),
    iv: unhex('01 00000003020100a0a1a2a3a4a5 0000'),
    ad: unhex('0001020304050607'),
    text: unhex('08090a0b0c0d0e0f101112131415161718191a1b1c1d1e'),
    authsize: 8,
  });
  expect(typeof ccm === 'number' ? ccm : hex(ccm.text) + hex(ccm.tag)).toBe(
    '588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0',
  );
  const zeros = new Uint8Array(16);
  const aegis = aead('aegis128').seal({
    ...{ key: zeros, iv: zeros, ad: NOTHING, text: zeros },
    authsize: 16,
  });
  // Wu and Preneel, AEGIS v1.1, 2016, A.1
  expect(typeof aegis === 'number' ? aegis : hex(aegis.text) + hex(aegis.tag)).toBe(
    '951b050fa72b1a2fc16d2e1f01b07d7ea7d2a99773249542f422217ee888d5f1',
  );
});

test('every row is an algorithm that one of the APIs has, under a name of its own', () => {
  expect(new Set(ALGORITHMS.map(({ name }) => name)).size).toBe(ALGORITHMS.length);
  expect(ALGORITHMS.filter(({ name }) => driversOf(name).length === 0)).toEqual([]);
});
