/**
 * Goal: every hash is the published one, on every provider that has it; a message goes on from exported
 * bytes; keys are those of the kernel's driver.
 * Method: known answers of the specifications, OpenSSL one-shot, and OpenSSL's legacy provider in a
 * process of its own for the hashes that a plain Node does not offer.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type HashDriver, hashDrivers, NO_KEY } from '../../../src/crypto/hashes.ts';
import { EINVAL, ENOKEY } from '../../../src/errno.ts';
import { nobleAes } from '../../../src/provider/noble/aes.ts';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import type { HashState } from '../../../src/provider/provider.ts';
import { type CbcChain, cmac, maskedMac } from '../../../src/provider/soft/block-mac.ts';
import { softBlockKernel } from '../../../src/provider/soft/ciphers/block-kernel.ts';
import { des3Ede } from '../../../src/provider/soft/ciphers/des.ts';
import { startHash } from '../../../src/provider/soft/hashes/state-hash.ts';
import { vmac64Hash } from '../../../src/provider/soft/hashes/vmac.ts';
import { same, sampleBytes } from './laws.ts';

const ABC = '616263';
const DIGITS = Buffer.from('123456789').toString('hex');
/** The first message of RFC 6986: 63 digits. */
const M1 = Buffer.from('0123456789'.repeat(7).slice(0, 63)).toString('hex');

/** Hash, source, key, message, digest. */
const ANSWERS: readonly (readonly [string, string, string, string, string])[] = [
  ['blake2b-160', 'BLAKE2 reference, "abc"', '', ABC, '384264f676f39536840523f284921cdc68b6846b'],
  [
    'blake2b-256',
    'BLAKE2 reference, "abc"',
    '',
    ABC,
    'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
  ],
  [
    'blake2b-384',
    'BLAKE2 reference, "abc"',
    '',
    ABC,
    '6f56a82c8e7ef526dfe182eb5212f7db9df1317e57815dbda46083fc30f54ee6c66ba83be64b302d7cba6ce15bb556f4',
  ],
  [
    'blake2b-512',
    'RFC 7693 A',
    '',
    ABC,
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1' +
      '7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
  ],
  [
    'blake2b-512',
    'BLAKE2 reference vectors, keyed, no message',
    Buffer.from(Array.from({ length: 64 }, (_, i) => i)).toString('hex'),
    '',
    '10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786' +
      'b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568',
  ],
  ['crc32', 'check value, inverted before and not after', 'ffffffff', DIGITS, 'd9c60b34'],
  ['crc32c', 'RFC 3720 B.4 check value', '', DIGITS, '839206e3'],
  ['crc64-rocksoft', 'NVMe 64b Guard check value', '', DIGITS, '8898790a86148bae'],
  ['crct10dif', 'T10 SBC-3 check value', '', DIGITS, 'dbd0'],
  ['digest_null', 'nothing', '', ABC, ''],
  [
    'ghash',
    'GCM specification, test case 2',
    '66e94bd4ef8a2c3b884cfa59ca342b2e',
    '0388dace60b6a392f328c2b971b2fe7800000000000000000000000000000080',
    'f38cbb1ad69223dcc3457ae5b6b0f885',
  ],
  ['md4', 'RFC 1320 A.5', '', ABC, 'a448017aaf21d8525fc10ae87aa6729d'],
  ['md5', 'RFC 1321 A.5', '', ABC, '900150983cd24fb0d6963f7d28e17f72'],
  ['michael_mic', 'IEEE 802.11 M.6.3.2', '00'.repeat(8), '', '82925c1ca1d130b8'],
  ['michael_mic', 'IEEE 802.11 M.6.3.2, "M"', '82925c1ca1d130b8', '4d', '434721ca40639b3f'],
  ['michael_mic', 'IEEE 802.11 M.6.3.2, "Mi"', '434721ca40639b3f', '4d69', 'e8f9becae97e5d29'],
  [
    'poly1305',
    'RFC 8439 2.5.2, key in front',
    '',
    '85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b' +
      Buffer.from('Cryptographic Forum Research Group').toString('hex'),
    'a8061dc1305136c6c22b8baf0c0127a9',
  ],
  [
    'polyval',
    'RFC 8452 A',
    '25629347589242761d31f826ba4b757b',
    '4f4f95668c83dfb6401762bb2d01a262d1a24ddd2721d006bbe45f20d3c9f362',
    'f7a3b47b846119fae5b7866cf5e5b77e',
  ],
  ['rmd160', 'Dobbertin, Bosselaers, Preneel', '', ABC, '8eb208f7e05d987a9b044a8e98c6b087f15a0bfc'],
  ['sha1', 'FIPS 180-2 A.1', '', ABC, 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  [
    'sm3',
    'GB/T 32905 A.1',
    '',
    ABC,
    '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
  ],
  [
    'streebog256',
    'RFC 6986 10.1.2',
    '',
    M1,
    '9d151eefd8590b89daa6ba6cb74af9275dd051026bb149a452fd84e5e57b5500',
  ],
  [
    'streebog512',
    'RFC 6986 10.1.1',
    '',
    M1,
    '1b54d01a4af5b9d5cc3d86d68d285462b19abc2475222f35c085122be4ba1ffa' +
      '00ad30f8767b3a82384c6574f024c311e2a481332b08ef7f41797891c1646f48',
  ],
  [
    'wp512',
    'ISO 10118-3, "abc"',
    '',
    ABC,
    '4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c' +
      '7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5',
  ],
  [
    'wp384',
    'ISO 10118-3, "abc", its beginning',
    '',
    ABC,
    '4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c7181eebdb6c57e277d0e34957114cbd6',
  ],
  [
    'wp256',
    'ISO 10118-3, "abc", its beginning',
    '',
    ABC,
    '4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c',
  ],
  ['xxhash64', 'xxHash specification, no message', '', '', '99e9d85137db46ef'],
  ['xxhash64', 'xxHash reference, "abc"', '', ABC, '990977adf52cbc44'],
];

/** Our name and OpenSSL's, for hashes that OpenSSL has; the last two need its legacy provider. */
const OPENSSL: readonly (readonly [string, string])[] = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sm3'].map((n) => [n, n] as const),
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'].map((n) => [n, n] as const),
  ['rmd160', 'ripemd160'],
  ['md4', 'md4'],
  ['wp512', 'whirlpool'],
];

const PROVIDERS = [nobleProvider, opensslProvider];
const generic = new Map(hashDrivers(nobleProvider).map((driver) => [driver.name, driver]));

describe.each(PROVIDERS)('the hashes of the $name provider', (provider) => {
  const drivers = new Map(hashDrivers(provider).map((driver) => [driver.name, driver]));

  it.each(ANSWERS)('%s answers %s', (name, _source, key, message, digest) => {
    const driver = drivers.get(name);
    if (driver === undefined) {
      expect(provider).toBe(opensslProvider);
      return;
    }
    expect(digestOf(stateOf(driver, hex(key)), hex(message), driver.digestsize)).toBe(digest);
  });
});

it('every generic hash has a published answer or is in OpenSSL', () => {
  const answered = new Set([...ANSWERS, ...OPENSSL].map(([name]) => name));
  // NHPoly1305 has a law of its own, by definition.
  expect([...generic.keys()].filter((name) => !answered.has(name))).toEqual(['nhpoly1305']);
  expect(generic.size).toBe(33);
});

const LENGTHS = [...Array.from({ length: 300 }, (_, i) => i), 1000, 4095, 4096, 4097];

it.each(OPENSSL.slice(0, -2))('%s equals %s of OpenSSL at every length', (name, openssl) => {
  const driver = driverOf(name);
  for (const len of LENGTHS) {
    const message = sampleBytes(len, len);
    const digest = digestOf(stateOf(driver, hex('')), message, driver.digestsize);
    expect(digest).toBe(createHash(openssl).update(message).digest('hex'));
  }
});

it.each(OPENSSL.slice(-2))("%s equals %s of OpenSSL's legacy provider", (name, openssl) => {
  const driver = driverOf(name);
  const script = `
    const { createHash } = require('node:crypto');
    const messages = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(messages.map((m) =>
      createHash('${openssl}').update(m, 'hex').digest('hex'))));`;
  const messages = LENGTHS.map((len) => sampleBytes(len, len));
  const child = spawnSync(process.execPath, ['--openssl-legacy-provider', '-e', script], {
    input: JSON.stringify(messages.map((m) => Buffer.from(m).toString('hex'))),
    encoding: 'utf8',
  });
  expect(child.stderr).toBe('');
  const digests = messages.map((m) => digestOf(stateOf(driver, hex('')), m, driver.digestsize));
  expect(digests).toEqual(JSON.parse(child.stdout));
});

describe.each([...generic.values()].map((driver) => [driver.driverName, driver] as const))(
  'a message of %s',
  (_name, driver) => {
    const key = sampleBytes(driver.keyed ? keySizeOf(driver) : 0, 5);
    const start = () => stateOf(driver, key);

    it('does not depend on how it is cut, and a copy goes its own way', () => {
      for (const len of [0, 1, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 300, 1100, 2100]) {
        const message = sampleBytes(len, len + 1);
        const whole = digestOf(start(), message, driver.digestsize);
        for (const at of [0, 1, len >>> 2, len >>> 1, len].filter((n) => n <= len)) {
          const state = start();
          state.updateBytes(message.subarray(0, at));
          const copy = state.clone();
          copy.updateBytes(sampleBytes(50, 9));
          state.updateBytes(message.subarray(at));
          expect(digestOf(state, hex(''), driver.digestsize)).toBe(whole);
        }
      }
    });

    it('goes on from exported bytes, which are as many as the driver says', () => {
      for (const len of [0, 1, 16, 40, 64, 128, 150, 1024, 1030]) {
        const message = sampleBytes(len + 70, len);
        const state = start();
        state.updateBytes(message.subarray(0, len));
        expect(state.stateSize).toBe(driver.statesize);
        const bytes = new Uint8Array(driver.statesize);
        state.exportState?.(bytes);
        const resumed = start();
        resumed.updateBytes(sampleBytes(23, 1));
        resumed.importState?.(bytes);
        const again = new Uint8Array(driver.statesize);
        resumed.exportState?.(again);
        same(again, bytes, 'the state after an import');
        resumed.updateBytes(message.subarray(len));
        const whole = digestOf(start(), message, driver.digestsize);
        expect(digestOf(resumed, hex(''), driver.digestsize)).toBe(whole);
      }
    });
  },
);

describe('a key of a hash', () => {
  it.each([
    ['blake2b-256', (n: number) => n <= 64],
    ['crc32', (n: number) => n === 4],
    ['digest_null', () => true],
    ['ghash', (n: number) => n === 16],
    ['michael_mic', (n: number) => n === 8],
    ['nhpoly1305', (n: number) => n === 1088],
    ['sha256', (n: number) => n === 0],
    ['xxhash64', (n: number) => n === 8],
  ] as const)('%s takes the lengths of the kernel and no other', (name, takes) => {
    for (let size = 0; size <= 1090; size += size < 70 ? 1 : 34) {
      const answer = driverOf(name).newState(sampleBytes(size, 3));
      expect(typeof answer === 'number' ? answer : 0).toBe(takes(size) ? 0 : -EINVAL);
    }
  });

  it('that is part of the message must be whole before there is a digest', () => {
    const state = stateOf(driverOf('poly1305'), hex(''));
    for (let i = 0; i < 32; i++) {
      expect(state.finalError?.()).toBe(-ENOKEY);
      state.updateBytes(Uint8Array.of(i));
    }
    expect(state.finalError?.()).toBe(0);
  });
});

describe('a MAC over a block cipher', () => {
  const COUNTING = hex('000102030405060708090a0b0c0d0e0f');

  it.each([
    ['', '75f0251d528ac01c4573dfd584d79f29'],
    ['000102', '5b376580ae2f19afe7219ceef172756f'],
    ['000102030405060708090a0b0c0d0e0f', 'd2a246fa349b68a79998a4394ff7a263'],
    ['000102030405060708090a0b0c0d0e0f10111213', '47f51b4564966215b8985c63055ed308'],
  ])('XCBC answers RFC 3566 4 for the message "%s"', (message, tag) => {
    const aes = nobleAes(COUNTING);
    const [k1, whole, partial] = [1, 2, 3].map((byte) => {
      const block = new Uint8Array(16).fill(byte);
      aes.encryptBlock(block);
      return block;
    });
    expect(digestOf(maskedMac(chain(nobleAes(k1)), { whole, partial }), hex(message), 16)).toBe(
      tag,
    );
  });

  it.each([
    ['', 'b7a688e122ffaf95'],
    ['6bc1bee22e409f96', '8e8f293136283797'],
    ['6bc1bee22e409f96e93d7e117393172aae2d8a57', '743ddbe0ce2dc2ed'],
    ['6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51', '33e6b1092400eae5'],
  ])('CMAC over Triple-DES answers SP 800-38B D.4 for the message "%s"', (message, tag) => {
    const key = hex('8aa83bf8cbda10620bc1bf19fbb6cd58bc313d4a371ca8b5');
    const kernel = softBlockKernel(des3Ede(key));
    expect(digestOf(cmac(chain(kernel), 8), hex(message), 8)).toBe(tag);
  });

  it.each([
    [0, '2576be1c56d8b81b'],
    [1, '2d376cf5b1813ce5'],
    [16, 'e8421f61d573d298'],
    [100, '4492df6c5cac1bbe'],
    [1_000_000, '09ba597dd7601113'],
  ])('VMAC-64 answers its draft for %i times "abc"', (times, tag) => {
    const aes = nobleAes(Buffer.from('abcdefghijklmnop'));
    const state = startHash(vmac64Hash((block) => aes.encryptBlock(block)));
    // The nonce of the draft has 8 bytes; the block that is encrypted begins with zeros.
    const nonce = Buffer.concat([Buffer.alloc(8), Buffer.from('bcdefghi')]);
    expect(state.finalError?.()).toBe(-EINVAL);
    state.updateBytes(nonce);
    expect(state.finalError?.()).toBe(0);
    expect(digestOf(state, Buffer.from('abc'.repeat(times)), 8)).toBe(tag);
  });
});

/** CBC encryption of a cipher, keeping only the last block. */
function chain(kernel: { encryptBlock(block: Uint8Array): void }): CbcChain {
  return (value, blocks) => {
    for (let at = 0; at < blocks.length; at += value.length) {
      for (let i = 0; i < value.length; i++) value[i] ^= blocks[at + i];
      kernel.encryptBlock(value);
    }
  };
}

function stateOf(driver: HashDriver, key: Uint8Array): HashState {
  // An empty key that is set is not the same as none.
  const state = driver.newState(key.length === 0 ? NO_KEY : key);
  if (typeof state === 'number') throw new Error(`${driver.driverName}: key refused: ${state}`);
  return state;
}

function keySizeOf(driver: HashDriver): number {
  return (
    [4, 8, 16, 1088].find((size) => typeof driver.newState(sampleBytes(size, 1)) !== 'number') ?? 0
  );
}

function digestOf(state: HashState, message: Uint8Array, size: number): string {
  state.updateBytes(message);
  const out = new Uint8Array(size);
  state.digest(out);
  return Buffer.from(out).toString('hex');
}

function driverOf(name: string): HashDriver {
  const driver = generic.get(name);
  if (driver === undefined) throw new Error(`no driver of ${name}`);
  return driver;
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}
