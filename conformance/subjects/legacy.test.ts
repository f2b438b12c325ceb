/**
 * Goal: what only the scatterlist API has, or only a caller who looks closely sees: children that a template
 * refuses, two lists over one memory, associated data that are read from the wrong list, the order behind
 * pcrypt.
 * Method: by hand; what every algorithm must do whoever implements it is in the laws, and the bytes are in
 * the campaign.
 */
import { expect, test } from 'vitest';
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
} from '../../legacy/aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashSetkey,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../../legacy/ahash.ts';
import { cryptoApiInit } from '../../legacy/init.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCrypt,
} from '../../legacy/skcipher.ts';
import { bytesAt, cutList, pattern, place, settle } from '../../legacy/testing.ts';
import { CRYPTO_ALG_ASYNC } from '../../src/crypto/algorithm.ts';
import { EBADMSG, EINPROGRESS, EINVAL, ENOENT } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { linearToPhys } from '../../src/machine/address.ts';
import { Machine } from '../../src/machine/machine.ts';
import { Harness } from '../campaign/harness.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { bothSides } from './sides.ts';

const machine = new Machine({ seed: 12 });
const api = cryptoApiInit(machine, { zeroLength: 'fixed' });

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

const NOTHING = new Uint8Array(0);

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

test('ccm takes an asynchronous counter mode, and no asynchronous MAC', () => {
  const over = (ctr: string, mac: string) => cryptoAllocAead(api, `ccm_base(${ctr},${mac})`, 0, 0);
  const mac = 'cbcmac(aes-generic)';
  expect(over('ctr(aes-generic)', `cryptd(${mac})`)).toBe(-ENOENT);
  const tfm = found(over('cryptd(ctr(aes-generic))', mac));
  cryptoFreeAead(tfm);
});

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

test('chacha20poly1305 gives the published answer', () => {
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

test('an entry that begins behind its first page is in highmem for the converted API alone', () => {
  const base = new CaseGenerator(['sha256']).at(1, 0);
  const c: Case = {
    ...{ ...base, driver: 'sha256-generic', async: false, text: { seed: 1, len: 200 } },
    ...{ program: undefined, invalid: undefined, short: undefined, room: 0 },
    hash: { final: 'digest', updates: [], reimport: false },
    layout: { inplace: 'no', src: [{ kind: 'page', offset: 5000, len: 200 }], dst: [], chain: 0 },
    context: { ...base.context, highmem: true, reuse: false, fault: 0, failing: undefined },
  };
  const mapped: string[] = [];
  const harness = new Harness((machine) =>
    bothSides(machine).map((side) => {
      const run = side.run.bind(side);
      side.run = (op) => {
        if (machine.high !== null) mapped.push(side.name);
        return run(op);
      };
      return side;
    }),
  );
  expect(harness.judge(c)).toEqual([]);
  expect(mapped).toEqual(['converted']);
});
