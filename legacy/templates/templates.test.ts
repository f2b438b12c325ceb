/**
 * Goal: the template algorithms give published answers, the same bytes over any list and over
 * asynchronous children, and decrypt what they encrypted.
 * Method: one published vector where there is one; every algorithm over a linear list, over two cuts,
 * in place and not, against its own linear result. Bytes are also compared with real kernels
 * elsewhere; here the composition is.
 */
import { expect, test } from 'vitest';
import { CRYPTO_ALG_ASYNC } from '../../src/crypto/algorithm.ts';
import { EBADMSG, EINPROGRESS, EINVAL, ENOENT } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTfm,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashSetkey,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../ahash.ts';
import { cryptoApiInit } from '../init.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';
import { bytesAt, cutList, pattern, place, settle } from '../testing.ts';

const machine = new Machine({ seed: 12 });
const api = cryptoApiInit(machine, { zeroLength: 'fixed' });

const CUTS: readonly (readonly number[])[] = [[], [7, 13, 0, 40], [1, 1, 1, 1, 30, 3]];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
}

function found<T>(value: T | number): T {
  if (typeof value === 'number') throw new Error(`lookup failed: ${value}`);
  return value;
}

interface CipherRun {
  readonly alg: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  readonly text: Uint8Array;
  readonly cuts: readonly number[];
  readonly enc: boolean;
}

function cipher({ alg, key, iv, text, cuts, enc }: CipherRun): Uint8Array {
  const tfm = found(cryptoAllocSkcipher(api, alg, 0, 0));
  expect(cryptoSkcipherSetkey(tfm, key)).toBe(0);
  const req = must(skcipherRequestAlloc(tfm));
  const src = place(machine, text);
  const dst = place(machine, new Uint8Array(text.length));
  const from = cutList(machine, src, text.length, cuts);
  const to = cutList(machine, dst, text.length, [...cuts].reverse());
  skcipherRequestSetCrypt(req, from, to, text.length, iv.slice());
  expect(settle(machine, req, enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt)).toBe(0);
  const out = bytesAt(machine, dst, text.length);
  skcipherRequestSetCrypt(req, from, from, text.length, iv.slice());
  expect(settle(machine, req, enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt)).toBe(0);
  expect(hex(bytesAt(machine, src, text.length))).toBe(hex(out));
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  machine.slab.kfree(src);
  machine.slab.kfree(dst);
  return out;
}

const CIPHERS: readonly (readonly [alg: string, keylen: number, ivsize: number, unit: number])[] = [
  ['pcbc(aes)', 16, 16, 16],
  ['cfb(aes)', 24, 16, 1],
  ['ofb(aes)', 16, 16, 1],
  ['xctr(aes)', 32, 16, 1],
  ['cts(cbc(aes))', 24, 16, 1],
  ['cts(cbc-aes-accel)', 24, 16, 1],
  ['cts(cryptd(cbc(aes-generic)))', 24, 16, 1],
  ['rfc3686(ctr(aes))', 20, 8, 1],
  ['rfc3686(cryptd(ctr(aes-generic)))', 20, 8, 1],
  ['lrw(aes)', 32, 16, 16],
  ['lrw(cryptd(ecb(aes-generic)))', 32, 16, 16],
  ['essiv(cbc(aes),sha256)', 16, 16, 16],
  ['essiv(cryptd(cbc(aes-generic)),sha256-generic)', 16, 16, 16],
  ['chacha20', 32, 16, 1],
  ['xchacha20', 32, 32, 1],
  ['adiantum(xchacha12,aes)', 32, 32, 1],
  ['adiantum(xchacha20,aes)', 32, 32, 1],
  ['ecb(des)', 8, 0, 8],
  ['cbc(des3_ede)', 24, 8, 8],
  ['ctr(des3_ede)', 24, 8, 1],
];

test.each(CIPHERS)('%s: the same bytes over every list, and back', (alg, keylen, ivsize, unit) => {
  for (const units of [1, 5, 97]) {
    const len = Math.max(units * unit, 17 - (17 % unit));
    const common = { alg, key: pattern(keylen), iv: pattern(ivsize) };
    const text = pattern(len);
    const linear = cipher({ ...common, text, cuts: [], enc: true });
    expect(hex(linear)).not.toBe(hex(text));
    for (const cuts of CUTS) {
      expect(hex(cipher({ ...common, text, cuts, enc: true }))).toBe(hex(linear));
      expect(hex(cipher({ ...common, text: linear, cuts, enc: false }))).toBe(hex(text));
    }
  }
  expect(machine.ledger.holdings()).toEqual([]);
});

const NOTHING = new Uint8Array(0);

test.each([
  // SP 800-38A, F.3.13 and F.4.1, two blocks
  [
    'cfb(aes)',
    '2b7e151628aed2a6abf7158809cf4f3c',
    '000102030405060708090a0b0c0d0e0f',
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51',
    '3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b',
  ],
  [
    'ofb(aes)',
    '2b7e151628aed2a6abf7158809cf4f3c',
    '000102030405060708090a0b0c0d0e0f',
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51',
    '3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825',
  ],
  // RFC 3962, appendix B
  [
    'cts(cbc(aes))',
    '636869636b656e207465726979616b69',
    '00'.repeat(16),
    '4920776f756c64206c696b652074686520',
    'c6353568f2bf8cb4d8a580362da7ff7f97',
  ],
  // IEEE 1619 draft 10, the first LRW-32-AES vector
  [
    'lrw(aes)',
    '4562ac25f828176d4c268414b5680185258e2a05e73e9d03ee5a830ccc094c87',
    `${'00'.repeat(15)}01`,
    '30313233343536373839414243444546',
    'f1b273cd65a3df5fe95d489254634eb8',
  ],
  // RFC 3686, test vector 1
  [
    'rfc3686(ctr(aes))',
    'ae6852f8121067cc4bf7a5765577f39e00000030',
    '00'.repeat(8),
    '53696e676c6520626c6f636b206d7367',
    'e4095d4fb7a7b3792d6175a3261311b8',
  ],
  // FIPS 81, table B1
  ['ecb(des)', '0123456789abcdef', '', '4e6f772069732074', '3fa40e8a984d4815'],
  // RFC 8439, 2.4.2, its first block
  [
    'chacha20',
    Buffer.from(Uint8Array.from({ length: 32 }, (_, i) => i)).toString('hex'),
    '01000000000000000000004a00000000',
    '4c616469657320616e642047656e746c656d656e206f662074686520636c6173',
    '6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b',
  ],
])('%s: a published vector', (alg, key, iv, text, expected) => {
  const common = { alg, key: unhex(key), iv: unhex(iv), cuts: [5, 9] };
  expect(hex(cipher({ ...common, text: unhex(text), enc: true }))).toBe(expected);
  expect(hex(cipher({ ...common, text: unhex(expected), enc: false }))).toBe(text);
});

test('xctr is ecb over the nonce plus a little-endian counter from 1 on', () => {
  const key = pattern(16);
  const text = pattern(40);
  const nonce = pattern(16);
  const out = cipher({ alg: 'xctr(aes)', key, iv: nonce, text, cuts: [3, 20], enc: true });
  const counters = [1, 2, 3].flatMap((n) => [nonce[0] ^ n, ...nonce.subarray(1)]);
  const stream = cipher({
    alg: 'ecb(aes)',
    key,
    iv: NOTHING,
    text: Uint8Array.from(counters),
    cuts: [],
    enc: true,
  });
  expect(hex(out)).toBe(hex(text.map((byte, i) => byte ^ stream[i])));
});

/** One pass of kw over a list with empty entries. @returns the answer, the IV and the bytes. */
function keyWrap(kek: Uint8Array, iv: Uint8Array, text: Uint8Array, enc: boolean) {
  const tfm = found(cryptoAllocSkcipher(api, 'kw(aes)', 0, 0));
  expect(cryptoSkcipherSetkey(tfm, kek)).toBe(0);
  const req = must(skcipherRequestAlloc(tfm));
  const at = place(machine, text);
  const sg = cutList(machine, at, text.length, [3, 0, 10]);
  const buffer = iv.slice();
  skcipherRequestSetCrypt(req, sg, sg, text.length, buffer);
  const err = settle(machine, req, enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt);
  const bytes = bytesAt(machine, at, text.length);
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  machine.slab.kfree(at);
  return { err, iv: hex(buffer), text: hex(bytes) };
}

test('kw makes the IV, checks it on the way back, and has written what it refuses', () => {
  // RFC 3394, 4.1
  const kek = unhex('000102030405060708090a0b0c0d0e0f');
  const plain = '00112233445566778899aabbccddeeff';
  const wrapped = keyWrap(kek, new Uint8Array(8), unhex(plain), true);
  expect(wrapped).toEqual({
    err: 0,
    iv: '1fa68b0a8112b447',
    text: 'aef34bd8fb5a7b829d3e862371d2cfe5',
  });
  const back = keyWrap(kek, unhex(wrapped.iv), unhex(wrapped.text), false);
  expect(back).toEqual({ err: 0, iv: wrapped.iv, text: plain });
  const wrong = keyWrap(kek, new Uint8Array(8), unhex(wrapped.text), false);
  expect(wrong.err).toBe(-EBADMSG);
  expect(wrong.text).not.toBe(wrapped.text);
  for (const len of [0, 8, 17, 20]) {
    expect(keyWrap(kek, new Uint8Array(8), pattern(len), true)).toMatchObject({
      err: -EINVAL,
      text: hex(pattern(len)),
    });
  }
  expect(cryptoAllocSkcipher(api, 'kw(des3_ede)', 0, 0)).toBe(-ENOENT);
});

test('ctr of a cipher without its own counter mode is ecb over the counters', () => {
  const key = pattern(24);
  const text = pattern(20);
  const iv = unhex('00000000ffffffff');
  const out = cipher({ alg: 'ctr(des3_ede)', key, iv, text, cuts: [3], enc: true });
  const counters = unhex('00000000ffffffff 0000000100000000 0000000100000001');
  const stream = cipher({
    alg: 'ecb(des3_ede)',
    key,
    iv: NOTHING,
    text: counters,
    cuts: [],
    enc: true,
  });
  expect(hex(out)).toBe(hex(text.map((byte, i) => byte ^ stream[i])));
});

test('essiv is cbc with the IV encrypted under the hash of the key', () => {
  const key = pattern(16);
  const iv = pattern(16);
  const text = pattern(48);
  const out = cipher({ alg: 'essiv(cbc(aes),sha256)', key, iv, text, cuts: [20], enc: true });
  const salt = digest('sha256', null, key);
  const inner = cipher({ alg: 'ecb(aes)', key: salt, iv: NOTHING, text: iv, cuts: [], enc: true });
  expect(hex(cipher({ alg: 'cbc(aes)', key, iv: inner, text, cuts: [], enc: true }))).toBe(
    hex(out),
  );
});

function digest(
  alg: string,
  key: Uint8Array | null,
  text: Uint8Array,
  cuts: readonly number[] = [],
): Uint8Array {
  const tfm = found(cryptoAllocAhash(api, alg, 0, 0));
  if (key !== null) expect(cryptoAhashSetkey(tfm, key)).toBe(0);
  const req = must(ahashRequestAlloc(tfm));
  const at = place(machine, text);
  const result = new Uint8Array(tfm.alg.digestsize);
  ahashRequestSetCrypt(req, cutList(machine, at, text.length, cuts), result, text.length);
  expect(settle(machine, req, cryptoAhashDigest)).toBe(0);
  ahashRequestFree(req);
  cryptoFreeAhash(tfm);
  machine.slab.kfree(at);
  return result;
}

test.each([
  // RFC 2202 and RFC 4231, case 1; RFC 4493, example 3
  ['hmac(sha1)', '0b'.repeat(20), '4869205468657265', 'b617318655057264e28bc0b6fb378c8ef146be00'],
  [
    'hmac(sha256)',
    '0b'.repeat(20),
    '4869205468657265',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    'cmac(aes)',
    '2b7e151628aed2a6abf7158809cf4f3c',
    '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411',
    'dfa66747de9ae63030ca32611497c827',
  ],
])('%s: a published vector, whatever the list', (alg, key, text, expected) => {
  for (const cuts of CUTS) expect(hex(digest(alg, unhex(key), unhex(text), cuts))).toBe(expected);
});

test('poly1305 takes its key from the message, and has no digest before it is complete', () => {
  // RFC 8439, 2.5.2
  const key = unhex('85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b');
  const text = Buffer.from('Cryptographic Forum Research Group');
  const message = Uint8Array.of(...key, ...text);
  for (const cuts of [[], [5, 40], [32]]) {
    expect(hex(digest('poly1305', null, message, cuts))).toBe('a8061dc1305136c6c22b8baf0c0127a9');
  }
});

interface AeadRun {
  readonly alg: string;
  readonly key: Uint8Array;
  readonly authsize: number;
  readonly ad: Uint8Array;
  readonly iv: Uint8Array;
  readonly text: Uint8Array;
  readonly cuts: readonly number[];
}

/** Encrypts between two lists and in place, decrypts both ways, and refuses a changed tag. */
function aead({ alg, key, authsize, ad, iv, text, cuts }: AeadRun): Uint8Array {
  const tfm = found(cryptoAllocAead(api, alg, 0, 0));
  expect(cryptoAeadSetkey(tfm, key)).toBe(0);
  expect(cryptoAeadSetauthsize(tfm, authsize)).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  const total = ad.length + text.length + authsize;
  const plain = Uint8Array.of(...ad, ...text, ...new Uint8Array(authsize));
  const src = place(machine, plain);
  const dst = place(machine, Uint8Array.of(...ad, ...new Uint8Array(total - ad.length)));
  const from = cutList(machine, src, total, cuts);
  const to = cutList(machine, dst, total, [...cuts].reverse());
  const run = (a: typeof from, b: typeof from, len: number, enc: boolean): number => {
    aeadRequestSetTfm(req, tfm);
    aeadRequestSetAd(req, ad.length);
    aeadRequestSetCrypt(req, a, b, len, iv.slice());
    return settle(machine, req, enc ? cryptoAeadEncrypt : cryptoAeadDecrypt);
  };
  const at = (where: typeof src) => bytesAt(machine, where + ad.length, total - ad.length);
  expect(run(from, to, text.length, true)).toBe(0);
  const sealed = at(dst);
  expect(run(from, from, text.length, true)).toBe(0);
  expect(hex(at(src))).toBe(hex(sealed));
  expect(run(from, to, text.length + authsize, false)).toBe(0);
  expect(hex(at(dst).subarray(0, text.length))).toBe(hex(text));
  expect(run(from, from, text.length + authsize, false)).toBe(0);
  expect(hex(at(src).subarray(0, text.length))).toBe(hex(text));
  const broken = place(
    machine,
    Uint8Array.of(...ad, ...sealed.map((b, i) => (i === text.length ? b ^ 1 : b))),
  );
  const list = cutList(machine, broken, total, cuts);
  expect(run(list, list, text.length + authsize, false)).toBe(-EBADMSG);
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  for (const memory of [src, dst, broken]) machine.slab.kfree(memory);
  return sealed;
}

function authKey(authkeylen: number, enckeylen: number): Uint8Array {
  const keys = pattern(authkeylen + enckeylen);
  return Uint8Array.of(8, 0, 1, 0, 0, 0, 0, enckeylen, ...keys);
}

const GCM_ASYNC = 'gcm_base(cryptd(ctr(aes-generic)),ghash-generic)';

const AEADS: readonly (readonly [
  alg: string,
  key: Uint8Array,
  tag: number,
  ad: number,
  iv: Uint8Array,
  unit: number,
])[] = [
  ['ccm(aes)', pattern(16), 8, 20, Uint8Array.of(3, ...pattern(15)), 1],
  [
    'ccm_base(cryptd(ctr(aes-generic)),cbcmac(aes-generic))',
    pattern(16),
    16,
    5,
    Uint8Array.of(1, ...pattern(15)),
    1,
  ],
  ['rfc4106(gcm(aes))', pattern(20), 16, 16, pattern(8), 1],
  [`rfc4106(${GCM_ASYNC})`, pattern(20), 12, 20, pattern(8), 1],
  ['rfc4309(ccm(aes))', pattern(19), 8, 20, pattern(8), 1],
  ['rfc7539(chacha20,poly1305)', pattern(32), 16, 13, pattern(12), 1],
  ['rfc7539(cryptd(chacha20-generic),poly1305-generic)', pattern(32), 16, 0, pattern(12), 1],
  ['rfc7539esp(chacha20,poly1305)', pattern(36), 16, 16, pattern(8), 1],
  ['authenc(hmac(sha1),cbc(aes))', authKey(20, 16), 12, 16, pattern(16), 16],
  [`pcrypt(${GCM_ASYNC})`, pattern(16), 16, 20, pattern(12), 1],
  [
    'authenc(cryptd(hmac(sha1-generic)),cryptd(cbc(aes-generic)))',
    authKey(20, 16),
    20,
    3,
    pattern(16),
    16,
  ],
  ['authenc(hmac(sha256),cts(cbc(aes)))', authKey(32, 32), 16, 8, pattern(16), 1],
  ['authencesn(hmac(sha1),cbc(aes))', authKey(20, 16), 12, 20, pattern(16), 16],
  [
    'authencesn(cryptd(hmac(sha1-generic)),cryptd(cbc(aes-generic)))',
    authKey(20, 16),
    20,
    8,
    pattern(16),
    16,
  ],
  [
    'cryptd(ccm_base(ctr(aes-generic),cbcmac(aes-generic)))',
    pattern(16),
    8,
    20,
    Uint8Array.of(3, ...pattern(15)),
    1,
  ],
];

test.each(AEADS)(
  '%s: the same bytes over every list, and back',
  (alg, key, authsize, alen, iv, unit) => {
    for (const units of [2, 40]) {
      const text = pattern(Math.max(units * unit, 16));
      const common = { alg, key, authsize, ad: pattern(alen), iv, text };
      const linear = hex(aead({ ...common, cuts: [] }));
      for (const cuts of CUTS) expect(hex(aead({ ...common, cuts }))).toBe(linear);
    }
    expect(machine.ledger.holdings()).toEqual([]);
    expect(machine.context.inAtomic()).toBe(false);
  },
);

/** Decrypts `text` over one memory that two lists describe, cut at different places. */
function decryptTwoLists(run: AeadRun): { readonly err: number; readonly memory: Uint8Array } {
  const tfm = found(cryptoAllocAead(api, run.alg, 0, 0));
  expect(cryptoAeadSetkey(tfm, run.key) || cryptoAeadSetauthsize(tfm, run.authsize)).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  const message = Uint8Array.of(...run.ad, ...run.text);
  const at = place(machine, message);
  const from = cutList(machine, at, message.length, run.cuts);
  const to = cutList(machine, at, message.length, [...run.cuts].reverse());
  aeadRequestSetAd(req, run.ad.length);
  aeadRequestSetCrypt(req, from, to, run.text.length, run.iv.slice());
  const err = settle(machine, req, cryptoAeadDecrypt);
  const memory = bytesAt(machine, at, message.length);
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  machine.slab.kfree(at);
  return { err, memory };
}

test.each(AEADS.filter(([alg]) => !alg.startsWith('authencesn')))(
  '%s decrypts with two lists over one memory',
  (alg, key, authsize, alen, iv, unit) => {
    const text = pattern(Math.max(40 * unit, 16));
    const common = { alg, key, authsize, ad: pattern(alen), iv };
    const sealed = aead({ ...common, text, cuts: [] });
    for (const cuts of CUTS) {
      const { err, memory } = decryptTwoLists({ ...common, text: sealed, cuts });
      expect(err).toBe(0);
      expect(hex(memory.subarray(alen, alen + text.length))).toBe(hex(text));
    }
  },
);

test('authencesn with two lists over one memory is as broken as the kernels are', () => {
  const key = Uint8Array.of(8, 0, 1, 0, 0, 0, 0, 16, ...new Uint8Array(36));
  const alg = 'authencesn(hmac(sha1),cbc(aes))';
  const common = { alg, key, authsize: 20, iv: new Uint8Array(16), cuts: [] };
  const text = Buffer.from('AAAAAAAAAAAAAAAA');
  const ad = unhex('0102030405060708');
  const sealed = aead({ ...common, ad, text });
  expect(hex(sealed.subarray(0, 16))).toBe('b49cbf19d357e6e1f6845c30fd5b63e3');
  // A valid message is refused, and gone.
  const refused = decryptTwoLists({ ...common, ad, text: sealed });
  expect(refused.err).toBe(-EBADMSG);
  expect(hex(refused.memory)).toBe(
    `01020304b49cbf19d357e6e1f6845c300506070805060708${hex(sealed.subarray(16))}`,
  );
  // The high half of the sequence number equals the end of the ciphertext: 0, and other bytes.
  const unlucky = unhex('01020304fd5b63e3');
  const valid = aead({ ...common, ad: unlucky, text });
  const accepted = decryptTwoLists({ ...common, ad: unlucky, text: valid });
  expect(accepted.err).toBe(0);
  expect(hex(accepted.memory.subarray(8, 24))).toBe('a9118ae8e7e448489e105b94c4f252cf');
  // The end of the ciphertext is not looked at: a changed message is accepted.
  const changed = Uint8Array.from(valid);
  changed.set([0xde, 0xad, 0xbe, 0xef], 12);
  expect(decryptTwoLists({ ...common, ad: unlucky, text: changed }).err).toBe(0);
});

test('essiv over authenc is authenc with the IV encrypted, in the associated data too', () => {
  const key = authKey(32, 16);
  const sector = pattern(8);
  const iv = pattern(16).map((byte) => byte ^ 0x55);
  const text = pattern(64);
  const salt = digest('sha256', null, Uint8Array.of(...key.slice(40), ...key.slice(8, 40)));
  const inner = cipher({ alg: 'ecb(aes)', key: salt, iv: NOTHING, text: iv, cuts: [], enc: true });
  const common = { key, authsize: 16, text, ad: Uint8Array.of(...sector, ...inner) };
  const plain = aead({ ...common, alg: 'authenc(hmac(sha256),cbc(aes))', iv: inner, cuts: [] });
  const tfm = found(cryptoAllocAead(api, 'essiv(authenc(hmac(sha256),cbc(aes)),sha256)', 0, 0));
  expect(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, 16)).toBe(0);
  for (const cuts of [[], [3, 2, 19, 0, 40], [8, 16]]) {
    const req = must(aeadRequestAlloc(tfm));
    const given = Uint8Array.of(...sector, ...iv, ...text, ...new Uint8Array(16));
    const src = place(machine, given);
    const dst = place(machine, new Uint8Array(given.length));
    const from = cutList(machine, src, given.length, cuts);
    const to = cutList(machine, dst, given.length, cuts);
    aeadRequestSetAd(req, 24);
    aeadRequestSetCrypt(req, from, to, 64, iv.slice());
    expect(settle(machine, req, cryptoAeadEncrypt)).toBe(0);
    expect(hex(bytesAt(machine, dst + 24, 80))).toBe(hex(plain));
    // Between two lists the source stays as it is; in place the IV in it is replaced.
    expect(hex(bytesAt(machine, src, given.length))).toBe(hex(given));
    aeadRequestSetCrypt(req, from, from, 64, iv.slice());
    expect(settle(machine, req, cryptoAeadEncrypt)).toBe(0);
    expect(hex(bytesAt(machine, src + 8, 96))).toBe(hex(inner) + hex(plain));
    aeadRequestSetCrypt(req, from, from, 80, iv.slice());
    expect(settle(machine, req, cryptoAeadDecrypt)).toBe(0);
    expect(hex(bytesAt(machine, src + 24, 64))).toBe(hex(text));
    aeadRequestSetAd(req, 15);
    expect(settle(machine, req, cryptoAeadDecrypt)).toBe(-EINVAL);
    aeadRequestFree(req);
    machine.slab.kfree(src);
    machine.slab.kfree(dst);
  }
  cryptoFreeAead(tfm);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(cryptoAllocAead(api, 'essiv(gcm(aes),sha256)', 0, 0)).toBeLessThan(0);
});

test('GMAC copies the text and only authenticates it', () => {
  const text = pattern(48);
  const alg = 'rfc4543(gcm(aes))';
  const common = { alg, key: pattern(20), authsize: 16, ad: pattern(16), iv: pattern(8), text };
  const linear = hex(aead({ ...common, cuts: [] }));
  expect(linear.startsWith(hex(text))).toBe(true);
  for (const cuts of CUTS) expect(hex(aead({ ...common, cuts }))).toBe(linear);
});

test('ccm and chacha20poly1305: published vectors', () => {
  // RFC 3610, packet vector 1
  const ccm = aead({
    alg: 'ccm(aes)',
    key: unhex('c0c1c2c3c4c5c6c7c8c9cacbcccdcecf'),
    authsize: 8,
    ad: unhex('0001020304050607'),
    iv: unhex('01 00000003020100a0a1a2a3a4a5 0000'),
    text: unhex('08090a0b0c0d0e0f101112131415161718191a1b1c1d1e'),
    cuts: [3, 17],
  });
  expect(hex(ccm)).toBe('588c979a61c663d2f066d0c2c0f989806d5f6b61dac38417e8d12cfdf926e0');
  // RFC 8439, 2.8.2
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const sealed = aead({
    alg: 'rfc7539(chacha20,poly1305)',
    key: Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i),
    authsize: 16,
    ad: unhex('50515253c0c1c2c3c4c5c6c7'),
    iv: unhex('070000004041424344454647'),
    text: Buffer.from(text),
    cuts: [30, 60],
  });
  expect(
    hex(sealed).startsWith('d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6'),
  ).toBe(true);
  expect(hex(sealed).endsWith('1ae10b594f09e26a7e902ecbd0600691')).toBe(true);
});

test('authenc tags are the MAC of associated data and ciphertext', () => {
  const key = authKey(20, 16);
  const [ad, iv, text] = [pattern(20), pattern(16), pattern(32)];
  const common = { key, authsize: 20, ad, iv, text, cuts: [9, 30] };
  const sealed = aead({ ...common, alg: 'authenc(hmac(sha1),cbc(aes))' });
  const mac = (bytes: Uint8Array) => hex(digest('hmac(sha1)', key.slice(8, 28), bytes));
  const [cipherText, tag] = [sealed.slice(0, 32), hex(sealed.slice(32))];
  expect(tag).toBe(mac(Uint8Array.of(...ad, ...cipherText)));
  const esn = aead({ ...common, alg: 'authencesn(hmac(sha1),cbc(aes))' });
  const order = [
    ...ad.subarray(0, 4),
    ...ad.subarray(8),
    ...esn.subarray(0, 32),
    ...ad.subarray(4, 8),
  ];
  expect(hex(esn.slice(32))).toBe(mac(Uint8Array.from(order)));
});

test.each([
  ['seqiv(rfc4106(gcm(aes)))', pattern(20), 16, 8, 8],
  ['seqiv(cryptd(rfc4106(gcm_base(ctr(aes-generic),ghash-generic))))', pattern(20), 16, 12, 8],
  ['echainiv(authenc(hmac(sha1),cbc(aes)))', authKey(20, 16), 12, 16, 16],
] as const)(
  '%s puts an IV in front of the text and reads it back',
  (alg, key, authsize, alen, ivsize) => {
    const tfm = found(cryptoAllocAead(api, alg, 0, 0));
    expect(cryptoAeadSetkey(tfm, key)).toBe(0);
    expect(cryptoAeadSetauthsize(tfm, authsize)).toBe(0);
    const req = must(aeadRequestAlloc(tfm));
    const len = ivsize + 48;
    const text = pattern(alen + len + authsize);
    const at = place(machine, text);
    const sg = cutList(machine, at, text.length, [11, 6, 20]);
    aeadRequestSetAd(req, alen);
    aeadRequestSetCrypt(req, sg, sg, len, Uint8Array.of(...new Uint8Array(ivsize - 1), 1));
    expect(settle(machine, req, cryptoAeadEncrypt)).toBe(0);
    const iv = new Uint8Array(ivsize);
    aeadRequestSetTfm(req, tfm);
    aeadRequestSetCrypt(req, sg, sg, len + authsize, iv);
    expect(settle(machine, req, cryptoAeadDecrypt)).toBe(0);
    const start = alen + ivsize;
    expect(hex(bytesAt(machine, at + start, 48))).toBe(hex(text.slice(start, start + 48)));
    aeadRequestSetTfm(req, tfm);
    aeadRequestSetCrypt(req, sg, sg, ivsize - 1, iv);
    expect(settle(machine, req, cryptoAeadEncrypt)).toBe(-EINVAL);
    aeadRequestFree(req);
    cryptoFreeAead(tfm);
    machine.slab.kfree(at);
    expect(machine.ledger.holdings()).toEqual([]);
  },
);

test('krb5enc hashes the plaintext, and a decryption between two lists the associated data of dst', () => {
  const alg = 'krb5enc(hmac(sha1),cts(cbc(aes)))';
  const key = authKey(20, 16);
  const [ad, text, iv] = [pattern(10), pattern(40), new Uint8Array(16)];
  const tfm = found(cryptoAllocAead(api, alg, 0, 0));
  expect(cryptoAeadSetkey(tfm, key) || cryptoAeadSetauthsize(tfm, 12)).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  const total = ad.length + text.length + 12;
  const at = place(machine, Uint8Array.of(...ad, ...text, ...new Uint8Array(12)));
  const sg = cutList(machine, at, total, [4, 0, 33]);
  aeadRequestSetAd(req, ad.length);
  aeadRequestSetCrypt(req, sg, sg, text.length, iv.slice());
  expect(settle(machine, req, cryptoAeadEncrypt)).toBe(0);
  const sealed = bytesAt(machine, at, total);
  const mac = digest('hmac(sha1)', key.subarray(8, 28), Uint8Array.of(...ad, ...text));
  expect(hex(sealed.subarray(-12))).toBe(hex(mac.subarray(0, 12)));
  const cbc = { alg: 'cts(cbc(aes))', key: key.subarray(28), iv, text, cuts: [], enc: true };
  expect(hex(sealed.subarray(10, 50))).toBe(hex(cipher(cbc)));
  const dst = place(machine, new Uint8Array(total));
  const to = cutList(machine, dst, total, [20]);
  aeadRequestSetCrypt(req, sg, to, text.length + 12, iv.slice());
  expect(settle(machine, req, cryptoAeadDecrypt)).toBe(-EBADMSG);
  // Decrypted before it is verified.
  expect(hex(bytesAt(machine, dst + 10, 40))).toBe(hex(text));
  machine.store(linearToPhys(dst), ad);
  aeadRequestSetCrypt(req, sg, to, text.length + 12, iv.slice());
  expect(settle(machine, req, cryptoAeadDecrypt)).toBe(0);
  aeadRequestSetCrypt(req, sg, sg, text.length + 12, iv.slice());
  expect(settle(machine, req, cryptoAeadDecrypt)).toBe(0);
  expect(hex(bytesAt(machine, at, 50))).toBe(hex(Uint8Array.of(...ad, ...text)));
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  machine.slab.kfree(at);
  machine.slab.kfree(dst);
});

test('pcrypt completes in the order of submission, whatever its children do', () => {
  const alg = 'pcrypt(rfc4106(gcm_base(cryptd(ctr(aes-generic)),ghash-generic)))';
  const tfm = found(cryptoAllocAead(api, alg, 0, 0));
  expect(tfm.alg.flags & CRYPTO_ALG_ASYNC).not.toBe(0);
  expect(cryptoAeadSetkey(tfm, pattern(20))).toBe(0);
  const done: number[] = [];
  const requests = Array.from({ length: 20 }, (_, i) => {
    const req = must(aeadRequestAlloc(tfm));
    const at = place(machine, pattern(100));
    const sg = cutList(machine, at, 100, [30]);
    aeadRequestSetAd(req, 16);
    aeadRequestSetCallback(req, 0, () => done.push(i), null);
    aeadRequestSetCrypt(req, sg, sg, 10 + 3 * i, pattern(8));
    expect(cryptoAeadEncrypt(req)).toBe(-EINPROGRESS);
    return { req, at };
  });
  machine.scheduler.drain();
  expect(done).toEqual(requests.map((_, i) => i));
  for (const { req, at } of requests) {
    aeadRequestFree(req);
    machine.slab.kfree(at);
  }
  cryptoFreeAead(tfm);
  expect(cryptoAllocSkcipher(api, 'pcrypt(cbc(aes-generic))', 0, 0)).toBe(-ENOENT);
  expect(machine.ledger.holdings()).toEqual([]);
});
