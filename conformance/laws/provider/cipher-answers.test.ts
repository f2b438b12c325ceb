/**
 * Goal: every block cipher is the published one, on every provider that has it, and refuses the keys
 * that the kernel's driver refuses.
 * Method: known answers of the specifications, and OpenSSL's legacy provider in a process of its own
 * for the ciphers that a plain Node does not offer.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CRYPTO_TFM_REQ_FORBID_WEAK_KEYS } from '../../../src/crypto/algorithm.ts';
import { type CipherDriver, cipherDrivers } from '../../../src/crypto/ciphers.ts';
import { EINVAL } from '../../../src/errno.ts';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import { kernelOf, keySizesOf } from './ciphers.ts';
import { sampleBytes } from './laws.ts';

const COUNTING = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const DIGITS = '0123456789abcdeffedcba9876543210';
const MORE_DIGITS = '00112233445566778899aabbccddeeff';
/** A key with one bit set, as NESSIE begins its sets. */
const oneBit = (size: number) => `80${'00'.repeat(size - 1)}`;
const zeros = (size: number) => '00'.repeat(size);

/** Cipher, source, key, plaintext, ciphertext. */
const ANSWERS: readonly (readonly [string, string, string, string, string])[] = [
  ['aes', 'FIPS 197 C.1', COUNTING.slice(0, 32), MORE_DIGITS, '69c4e0d86a7b0430d8cdb78070b4c55a'],
  ['aes', 'FIPS 197 C.2', COUNTING.slice(0, 48), MORE_DIGITS, 'dda97ca4864cdfe06eaf70a0ec0d7191'],
  ['aes', 'FIPS 197 C.3', COUNTING, MORE_DIGITS, '8ea2b7ca516745bfeafc49904b496089'],
  ['anubis', 'NESSIE 128', oneBit(16), zeros(16), 'b835bdc334829d8371bfa371e4b3c4fd'],
  ['aria', 'RFC 5794 A.1', COUNTING.slice(0, 32), MORE_DIGITS, 'd718fbd6ab644c739da95f3be6451778'],
  ['aria', 'RFC 5794 A.2', COUNTING.slice(0, 48), MORE_DIGITS, '26449c1805dbe7aa25a468ce263a9e79'],
  ['aria', 'RFC 5794 A.3', COUNTING, MORE_DIGITS, 'f92bd7c79fb72e2f2b8f80c1972d24fc'],
  ['blowfish', 'Schneier, vector 1', zeros(8), zeros(8), '4ef997456198dd78'],
  ['blowfish', 'Schneier, vector 2', 'ff'.repeat(8), 'ff'.repeat(8), '51866fd5b85ecb8a'],
  ['camellia', 'RFC 3713 A, 128', DIGITS, DIGITS, '67673138549669730857065648eabe43'],
  [
    'camellia',
    'RFC 3713 A, 192',
    DIGITS + MORE_DIGITS.slice(0, 16),
    DIGITS,
    'b4993401b3e996f84ee5cee7d79b09b9',
  ],
  ['camellia', 'RFC 3713 A, 256', DIGITS + MORE_DIGITS, DIGITS, '9acc237dff16d76c20ef7c919e3a7509'],
  [
    'cast5',
    'RFC 2144 B.1, 128',
    '0123456712345678234567893456789a',
    '0123456789abcdef',
    '238b4fe5847e44b2',
  ],
  ['cast5', 'RFC 2144 B.1, 80', '01234567123456782345', '0123456789abcdef', 'eb6a711a2c02271b'],
  ['cast5', 'RFC 2144 B.1, 40', '0123456712', '0123456789abcdef', '7ac816d16e9b302e'],
  [
    'cast6',
    'RFC 2612 A, 128',
    '2342bb9efa38542c0af75647f29f615d',
    zeros(16),
    'c842a08972b43d20836c91d1b7530f6b',
  ],
  [
    'cast6',
    'RFC 2612 A, 192',
    '2342bb9efa38542cbed0ac83940ac298bac77a7717942863',
    zeros(16),
    '1b386c0210dcadcbdd0e41aa08a7a7e8',
  ],
  [
    'cast6',
    'RFC 2612 A, 256',
    '2342bb9efa38542cbed0ac83940ac2988d7c47ce264908461cc1b5137ae6b604',
    zeros(16),
    '4f6a2038286897b9c9870136553317fa',
  ],
  ['cipher_null', 'the identity', '', 'a5', 'a5'],
  ['des', 'FIPS 81 B.1', '0123456789abcdef', '4e6f772069732074', '3fa40e8a984d4815'],
  [
    'des3_ede',
    'SP 800-67 B.1',
    '0123456789abcdef23456789abcdef01456789abcdef0123',
    '5468652071756663',
    'a826fd8ce53b855f',
  ],
  ['fcrypt', 'openafs-devel, December 2000', zeros(8), zeros(8), '0e0900c73ef7ed41'],
  [
    'fcrypt',
    'openafs-devel, December 2000, second',
    '114477aadd003366',
    '123456789abcdef0',
    'd8ed787477ec0680',
  ],
  ['khazad', 'NESSIE 1.0', oneBit(16), zeros(8), '49a4ce32ac190e3f'],
  ['seed', 'RFC 4269 B.1', zeros(16), COUNTING.slice(0, 32), '5ebac6e0054e166819aff1cc6d346cdb'],
  ['seed', 'RFC 4269 B.2', COUNTING.slice(0, 32), zeros(16), 'c11f22f20140505084483597e4370f43'],
  ['serpent', 'NESSIE 192, 1.0', oneBit(24), zeros(16), '9e274ead9b737bb21efcfca548602689'],
  ['serpent', 'NESSIE 256, 1.0', oneBit(32), zeros(16), 'a223aa1288463c0e2be38ebd825616c0'],
  ['sm4', 'GB/T 32907 A.1', DIGITS, DIGITS, '681edf34d206965e86b3e94f536e4246'],
  ['tea', 'reference code, zeros', zeros(16), zeros(8), '0a3aea4140a9ba94'],
  ['twofish', 'Twofish paper B.2, 128', zeros(16), zeros(16), '9f589f5cf6122c32b6bfec2f2ae8c35a'],
  [
    'twofish',
    'Twofish paper B.2, 192',
    DIGITS + MORE_DIGITS.slice(0, 16),
    zeros(16),
    'cfd1d2e5a9be9cdf501f13b892bd2248',
  ],
  [
    'twofish',
    'Twofish paper B.2, 256',
    DIGITS + MORE_DIGITS,
    zeros(16),
    '37527be0052334b89f0cfccae87cfa20',
  ],
  ['xeta', 'crypto/testmgr.h, zeros', zeros(16), zeros(8), 'aa2296e56c61f345'],
  ['xtea', 'reference code, zeros', zeros(16), zeros(8), 'd8d4e9ded91e13f7'],
];

const PROVIDERS = [nobleProvider, opensslProvider];

describe.each(PROVIDERS)('the block ciphers of the $name provider', (provider) => {
  const drivers = new Map(cipherDrivers(provider).map((driver) => [driver.name, driver]));

  it.each(ANSWERS)('%s answers %s', (name, _source, key, plain, cipher) => {
    const driver = drivers.get(name);
    if (driver === undefined) {
      expect(provider).toBe(opensslProvider);
      return;
    }
    const kernel = kernelOf(driver, hex(key));
    const block = hex(plain);
    kernel.encryptBlock(block);
    expect(Buffer.from(block).toString('hex')).toBe(cipher);
    kernel.decryptBlock(block);
    expect(Buffer.from(block).toString('hex')).toBe(plain);
  });
});

it('every generic block cipher has a published answer', () => {
  const answered = new Set(ANSWERS.map(([name]) => name));
  expect(cipherDrivers(nobleProvider).map(({ name }) => name)).toEqual([...answered].sort());
});

/** Name, and what a key may be (6.1), written as the kernel's own checks. */
const KEY_SIZES: readonly (readonly [string, (size: number) => boolean])[] = [
  ['aes', (n) => n === 16 || n === 24 || n === 32],
  ['anubis', (n) => n >= 16 && n <= 40 && n % 4 === 0],
  ['blowfish', (n) => n >= 4 && n <= 56],
  ['camellia', (n) => n === 16 || n === 24 || n === 32],
  ['cast5', (n) => n >= 5 && n <= 16],
  ['cast6', (n) => n >= 16 && n <= 32 && n % 4 === 0],
  ['cipher_null', (n) => n === 0],
  ['des', (n) => n === 8],
  ['des3_ede', (n) => n === 24],
  ['khazad', (n) => n === 16],
  ['serpent', (n) => n <= 32],
  ['xtea', (n) => n === 16],
];

describe('a key of a block cipher', () => {
  const drivers = new Map(cipherDrivers(nobleProvider).map((driver) => [driver.name, driver]));
  it.each(KEY_SIZES)('%s takes the lengths of the kernel and no other', (name, takes) => {
    const driver = driverOf(drivers, name);
    for (let size = 0; size <= 64; size++) {
      const answer = driver.setkey(sampleBytes(size, 3), 0);
      expect(typeof answer === 'number' ? answer : 0).toBe(takes(size) ? 0 : -EINVAL);
    }
  });

  it.each([
    ['des', '0101010101010101'],
    ['des', 'e0e0e0e0f1f1f1f1'],
    ['des3_ede', '0123456789abcdef0123456789abcdef456789abcdef0123'],
    ['des3_ede', '456789abcdef01230123456789abcdef0123456789abcdef'],
  ])('%s refuses the weak key %s when weak keys are forbidden, and only then', (name, key) => {
    const driver = driverOf(drivers, name);
    expect(driver.setkey(hex(key), CRYPTO_TFM_REQ_FORBID_WEAK_KEYS)).toBe(-EINVAL);
    expect(driver.setkey(hex(key), 0)).not.toBe(-EINVAL);
  });

  it('is never refused as weak when it is an ordinary one', () => {
    for (const [name, size] of Object.entries({ des: 8, des3_ede: 24, blowfish: 16, aes: 16 })) {
      const driver = driverOf(drivers, name);
      const kernel = driver.setkey(sampleBytes(size, 4), CRYPTO_TFM_REQ_FORBID_WEAK_KEYS);
      expect(typeof kernel).toBe('object');
    }
  });
});

describe("OpenSSL's legacy provider", () => {
  const names = [
    ['blowfish', 'bf-ecb'],
    ['cast5', 'cast5-ecb'],
    ['des', 'des-ecb'],
    ['seed', 'seed-ecb'],
  ] as const;
  it.each(names)('has the same %s', (name, node) => {
    const driver = driverOf(new Map(cipherDrivers(nobleProvider).map((d) => [d.name, d])), name);
    const sizes = keySizesOf(driver);
    const cases = sizes.map((size) => ({
      node,
      key: Buffer.from(sampleBytes(size, size)).toString('hex'),
      text: Buffer.from(sampleBytes(4 * driver.blocksize, size + 1)).toString('hex'),
    }));
    const expected = legacyOpenssl(cases);
    const actual = cases.map(({ key, text }) => {
      const kernel = kernelOf(driver, hex(key));
      const bytes = hex(text);
      for (let at = 0; at < bytes.length; at += driver.blocksize) {
        kernel.encryptBlock(bytes.subarray(at, at + driver.blocksize));
      }
      return Buffer.from(bytes).toString('hex');
    });
    expect(actual).toEqual(expected);
    expect(actual.length).toBe(sizes.length);
  });
});

/** The ciphertexts of a Node that was started with the legacy provider. */
function legacyOpenssl(cases: readonly { node: string; key: string; text: string }[]): string[] {
  const script = `
    const { createCipheriv } = require('node:crypto');
    const cases = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(cases.map(({ node, key, text }) =>
      createCipheriv(node, Buffer.from(key, 'hex'), null).setAutoPadding(false)
        .update(text, 'hex', 'hex'))));`;
  const child = spawnSync(process.execPath, ['--openssl-legacy-provider', '-e', script], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  return JSON.parse(child.stdout);
}

function driverOf(drivers: ReadonlyMap<string, CipherDriver>, name: string): CipherDriver {
  const driver = drivers.get(name);
  if (driver === undefined) throw new Error(`no driver of ${name}`);
  return driver;
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
