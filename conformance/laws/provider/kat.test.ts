/**
 * Goal: both providers compute the published algorithms, not only the same thing as each other.
 * Method: known answers, each with its source.
 */
import { describe, expect, it } from 'vitest';
import { nobleProvider } from '../../../src/provider/noble/noble.ts';
import { opensslProvider } from '../../../src/provider/openssl/openssl.ts';
import type { ByteMemory, HashState, Provider } from '../../../src/provider/provider.ts';
import { physAddr } from '../../../src/units.ts';
import { LawMemory } from './laws.ts';

interface Answer {
  readonly source: string;
  readonly compute: (provider: Provider) => string;
  readonly expected: string;
}

const AT = physAddr(5);

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function crypt(text: Uint8Array, run: (mem: ByteMemory, len: number) => void): string {
  const mem = new LawMemory(text.length + 10);
  mem.put(AT, text);
  run(mem, text.length);
  return Buffer.from(mem.bytes.subarray(AT, AT + text.length)).toString('hex');
}

function hash(state: HashState, message: Uint8Array, size: number): string {
  state.updateBytes(message);
  const out = Buffer.alloc(size);
  state.digest(out);
  return out.toString('hex');
}

const COUNTING_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const NIST_KEY = hex('2b7e151628aed2a6abf7158809cf4f3c');
const NIST_TEXT = hex(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
);
const ABC = Buffer.from('abc');
const JEFE = Buffer.from('Jefe');
const WHAT = Buffer.from('what do ya want for nothing?');

const BLOCK_CIPHERS: readonly Answer[] = [
  {
    source: 'SP 800-38A F.1.1, ECB-AES128',
    compute: (p) =>
      crypt(NIST_TEXT.slice(0, 16), (m, n) => p.aes(NIST_KEY).ecbEncrypt(m, AT, AT, n)),
    expected: '3ad77bb40d7a3660a89ecaf32466ef97',
  },
  {
    source: 'SP 800-38A F.2.1, CBC-AES128',
    compute: (p) =>
      crypt(NIST_TEXT.slice(0, 32), (m, n) =>
        p.aes(NIST_KEY).cbcEncrypt(m, AT, AT, n, COUNTING_KEY.slice(0, 16)),
      ),
    expected: '7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2',
  },
  {
    source: 'SP 800-38A F.5.1, CTR-AES128',
    compute: (p) =>
      crypt(NIST_TEXT.slice(0, 32), (m, n) =>
        p.aes(NIST_KEY).ctrCrypt(m, AT, AT, n, hex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')),
      ),
    expected: '874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff',
  },
  {
    source: 'IEEE 1619 vector 1, XTS-AES128',
    compute: (p) => {
      const aes = p.aes(new Uint8Array(16));
      const tweak = new Uint8Array(16);
      aes.encryptBlock(tweak);
      return crypt(new Uint8Array(32), (m, n) => aes.xtsEncrypt(m, AT, AT, n, tweak));
    },
    expected: '917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e',
  },
  {
    source: 'McGrew and Viega, GCM test case 2',
    compute: (p) => {
      const state = p.aesGcm(new Uint8Array(16)).start(true, new Uint8Array(12));
      const text = crypt(new Uint8Array(16), (m, n) => state.crypt(m, AT, AT, n));
      const tag = Buffer.alloc(16);
      state.tag(tag);
      return text + tag.toString('hex');
    },
    expected: '0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf',
  },
];

const STREAMS: readonly Answer[] = [
  {
    source: 'RFC 8439 2.4.2, ChaCha20',
    compute: (p) =>
      crypt(
        Buffer.from(
          "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the " +
            'future, sunscreen would be it.',
        ),
        (m, n) =>
          p.chacha(COUNTING_KEY, 20).crypt(m, AT, AT, n, hex('01000000 000000000000004a00000000')),
      ),
    expected:
      '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab8f593dab' +
      'cd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806' +
      '818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d',
  },
  {
    source: 'draft-strombergson-chacha-test-vectors TC1, ChaCha12, 256-bit key',
    compute: (p) =>
      crypt(new Uint8Array(64), (m, n) =>
        p.chacha(new Uint8Array(32), 12).crypt(m, AT, AT, n, new Uint8Array(16)),
      ),
    expected:
      '9bf49a6a0755f953811fce125f2683d50429c3bb49e074147e0089a52eae155f' +
      '0564f879d27ae3c02ce82834acfa8c793a629f2ca0de6919610be82f411326be',
  },
  {
    source: 'draft-irtf-cfrg-xchacha 2.2.1, HChaCha20',
    compute: (p) =>
      Buffer.from(p.hchacha(COUNTING_KEY, hex('000000090000004a0000000031415927'), 20)).toString(
        'hex',
      ),
    expected: '82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc',
  },
];

/** RFC 8439 A.3, test vectors 7 to 11: r, s, message, tag. */
const POLY1305_EDGES: readonly (readonly [string, string, string, string])[] = [
  ['02', '00'.repeat(16), 'ff'.repeat(16), '03'],
  ['02', 'ff'.repeat(16), '02'.padEnd(32, '0'), '03'],
  ['01', '00'.repeat(16), `${'ff'.repeat(16)}f0${'ff'.repeat(15)}${'11'.padEnd(32, '0')}`, '05'],
  ['01', '00'.repeat(16), `${'ff'.repeat(16)}fb${'fe'.repeat(15)}${'01'.repeat(16)}`, '00'],
  ['02', '00'.repeat(16), `fd${'ff'.repeat(15)}`, `fa${'ff'.repeat(15)}`],
];

const HASHES: readonly Answer[] = [
  ...POLY1305_EDGES.map(([r, s, message, tag], i) => ({
    source: `RFC 8439 A.3 #${i + 7}, Poly1305`,
    compute: (p: Provider) => hash(p.poly1305(hex(r.padEnd(32, '0') + s)), hex(message), 16),
    expected: tag.padEnd(32, '0'),
  })),
  {
    source: 'RFC 8439 2.5.2, Poly1305',
    compute: (p) =>
      hash(
        p.poly1305(hex('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b')),
        Buffer.from('Cryptographic Forum Research Group'),
        16,
      ),
    expected: 'a8061dc1305136c6c22b8baf0c0127a9',
  },
  ...[
    { size: 0, expected: 'bb1d6929e95937287fa37d129b756746' },
    { size: 16, expected: '070a16b46b4d4144f79bdd9dd04a287c' },
    { size: 40, expected: 'dfa66747de9ae63030ca32611497c827' },
    { size: 64, expected: '51f0bebf7e3b9d92fc49741779363cfe' },
  ].map(({ size, expected }) => ({
    source: `RFC 4493 4, CMAC of ${size} bytes`,
    compute: (p: Provider) => hash(p.cmac(NIST_KEY), NIST_TEXT.slice(0, size), 16),
    expected,
  })),
  {
    source: 'SP 800-38A F.1.1, CBC-MAC of one block',
    compute: (p) => hash(p.cbcmac(NIST_KEY), NIST_TEXT.slice(0, 16), 16),
    expected: '3ad77bb40d7a3660a89ecaf32466ef97',
  },
  {
    source: 'FIPS 180-2 A.1, SHA-1',
    compute: (p) => hash(p.sha1(), ABC, 20),
    expected: 'a9993e364706816aba3e25717850c26c9cd0d89d',
  },
  {
    source: 'FIPS 180-2 B.1, SHA-256',
    compute: (p) => hash(p.sha256(), ABC, 32),
    expected: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  },
  {
    source: 'FIPS 180-2 C.1, SHA-512',
    compute: (p) => hash(p.sha512(), ABC, 64),
    expected:
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a' +
      '2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  },
  {
    source: 'RFC 2202 3 case 2, HMAC-SHA-1',
    compute: (p) => hash(p.hmacSha1(JEFE), WHAT, 20),
    expected: 'effcdf6ae5eb2fa2d27416d5f184df9c259a7c79',
  },
  {
    source: 'RFC 4231 4.3, HMAC-SHA-256',
    compute: (p) => hash(p.hmacSha256(JEFE), WHAT, 32),
    expected: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    source: 'RFC 4231 4.3, HMAC-SHA-512',
    compute: (p) => hash(p.hmacSha512(JEFE), WHAT, 64),
    expected:
      '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554' +
      '9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  },
];

describe.each([nobleProvider, opensslProvider])('the $name provider answers', (provider) => {
  it.each([...BLOCK_CIPHERS, ...STREAMS, ...HASHES])('$source', ({ compute, expected }) => {
    expect(compute(provider)).toBe(expected);
  });
});
