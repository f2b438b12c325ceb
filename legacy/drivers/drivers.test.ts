/**
 * Goal: generic, accelerated and asynchronous drivers of one algorithm give the same bytes, return
 * code and output IV, whatever the lists look like, and leave nothing held.
 * Method: every length around the block and page boundaries, three cuts of source and destination.
 */
import { expect, test } from 'vitest';
import { CRYPTO_TFM_REQ_MAY_SLEEP } from '../../src/crypto/algorithm.ts';
import { EBADMSG, EINVAL, ENOENT } from '../../src/errno.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from '../ahash.ts';
import type { CryptoApi } from '../crypto-api.ts';
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

const KEY = pattern(32);
const LENGTHS = [0, 1, 15, 16, 17, 31, 32, 33, 100, 4096, 5000];
const CUTS = [[], [20, 44], [7, 9, 16, 1, 4095]];

function found<T>(value: T | number): T {
  if (typeof value === 'number') throw new Error(`lookup failed: ${value}`);
  return value;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function runSkcipher(api: CryptoApi, driver: string, len: number, cuts: number[], enc: boolean) {
  const { machine } = api;
  const tfm = found(cryptoAllocSkcipher(api, driver, 0, 0));
  expect(cryptoSkcipherSetkey(tfm, KEY)).toBe(0);
  const req = must(skcipherRequestAlloc(tfm));
  const src = place(machine, pattern(len));
  const dst = place(machine, new Uint8Array(len).fill(0xee));
  const iv = pattern(16);
  const from = cutList(machine, src, len, cuts);
  const to = cutList(machine, dst, len, [...cuts].reverse());
  skcipherRequestSetCrypt(req, from, to, len, iv);
  const err = settle(machine, req, enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt);
  const result = `${err} ${hex(bytesAt(machine, dst, len))} ${hex(iv)}`;
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  machine.slab.kfree(src);
  machine.slab.kfree(dst);
  return result;
}

const SKCIPHERS = [
  ['ecb(aes-generic)', 'ecb-aes-accel'],
  ['cbc(aes-generic)', 'cbc-aes-accel'],
  ['ctr(aes-generic)', 'ctr-aes-accel'],
  ['xts(ecb(aes-generic))', 'xts-aes-accel'],
] as const;

test.each(SKCIPHERS)('%s, %s and both under cryptd agree', (generic, accel) => {
  const machine = new Machine({ seed: 7 });
  const api = cryptoApiInit(machine);
  for (const enc of [true, false]) {
    for (const len of LENGTHS) {
      const expected = runSkcipher(api, generic, len, [], enc);
      for (const cuts of CUTS) {
        for (const driver of [generic, accel, `cryptd(${generic})`, `cryptd(${accel})`]) {
          expect([driver, len, cuts, runSkcipher(api, driver, len, cuts, enc)]).toEqual([
            driver,
            len,
            cuts,
            expected,
          ]);
        }
      }
    }
  }
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.context.inAtomic()).toBe(false);
});

function runAead(api: CryptoApi, driver: string, alen: number, len: number, cuts: number[]) {
  const { machine } = api;
  const tfm = found(cryptoAllocAead(api, driver, 0, 0));
  expect(cryptoAeadSetkey(tfm, KEY)).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  const total = alen + len + 16;
  const buf = place(machine, pattern(total));
  const sg = cutList(machine, buf, total, cuts);
  const iv = pattern(12);
  aeadRequestSetAd(req, alen);
  aeadRequestSetCrypt(req, sg, sg, len, iv);
  expect(settle(machine, req, cryptoAeadEncrypt)).toBe(0);
  const sealed = hex(bytesAt(machine, buf, total));
  aeadRequestSetCrypt(req, sg, sg, len + 16, iv);
  expect(settle(machine, req, cryptoAeadDecrypt)).toBe(0);
  expect(hex(bytesAt(machine, buf, alen + len))).toBe(hex(pattern(total).subarray(0, alen + len)));
  if (len > 0) expect(settle(machine, req, cryptoAeadDecrypt)).toBe(-EBADMSG);
  aeadRequestSetCrypt(req, sg, sg, 15, iv);
  expect(settle(machine, req, cryptoAeadDecrypt)).toBe(-EINVAL);
  aeadRequestFree(req);
  cryptoFreeAead(tfm);
  machine.slab.kfree(buf);
  return sealed;
}

test('the generic gcm, the accelerated one and both under cryptd agree', () => {
  const machine = new Machine({ seed: 7 });
  const api = cryptoApiInit(machine);
  const generic = 'gcm_base(ctr(aes-generic),ghash-generic)';
  for (const alen of [0, 1, 16, 20, 5000]) {
    for (const len of [0, 1, 15, 16, 64, 100, 5000]) {
      const expected = runAead(api, generic, alen, len, []);
      for (const cuts of CUTS) {
        for (const driver of [
          generic,
          'gcm-aes-accel',
          `cryptd(${generic})`,
          'cryptd(gcm-aes-accel)',
        ]) {
          expect(runAead(api, driver, alen, len, cuts)).toBe(expected);
        }
      }
    }
  }
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.context.inAtomic()).toBe(false);
});

test('gcm over an asynchronous counter mode completes once, with the same tag', () => {
  const machine = new Machine({ seed: 7 });
  const api = cryptoApiInit(machine);
  const sync = runAead(api, 'gcm_base(ctr(aes-generic),ghash-generic)', 20, 100, []);
  const over = 'gcm_base(cryptd(ctr(aes-generic)),ghash-generic)';
  expect(runAead(api, over, 20, 100, [33])).toBe(sync);
  const all = 'gcm_base(cryptd(ctr(aes-generic)),cryptd(ghash-generic))';
  expect(runAead(api, all, 20, 100, [33])).toBe(sync);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('ccm takes an asynchronous counter mode, and no asynchronous MAC', () => {
  const api = cryptoApiInit(new Machine({ seed: 7 }));
  const over = (ctr: string, mac: string) => cryptoAllocAead(api, `ccm_base(${ctr},${mac})`, 0, 0);
  const mac = 'cbcmac(aes-generic)';
  expect(over('ctr(aes-generic)', `cryptd(${mac})`)).toBe(-ENOENT);
  expect(typeof over('cryptd(ctr(aes-generic))', mac)).toBe('object');
});

test('xts over an asynchronous ecb steals ciphertext as the synchronous one', () => {
  const api = cryptoApiInit(new Machine({ seed: 7 }));
  const over = 'xts(cryptd(ecb(aes-generic)))';
  for (const len of [16, 17, 100]) {
    const expected = runSkcipher(api, 'xts(ecb(aes-generic))', len, [], true);
    expect(runSkcipher(api, over, len, [20], true)).toBe(expected);
  }
});

test.each(['xts(cryptd(ecb(aes-generic)))', 'lrw(cryptd(ecb(aes-generic)))'])(
  '%s of a caller that may sleep does not sleep in its continuation',
  (driver) => {
    const machine = new Machine({ seed: 7 });
    const tfm = found(cryptoAllocSkcipher(cryptoApiInit(machine), driver, 0, 0));
    expect(cryptoSkcipherSetkey(tfm, pattern(32))).toBe(0);
    const req = must(skcipherRequestAlloc(tfm));
    const sg = cutList(machine, place(machine, pattern(64)), 64, [20]);
    req.flags = CRYPTO_TFM_REQ_MAY_SLEEP;
    skcipherRequestSetCrypt(req, sg, sg, 64, pattern(16));
    expect(settle(machine, req, cryptoSkcipherEncrypt)).toBe(0);
  },
);

function runHash(api: CryptoApi, driver: string, keyed: boolean, len: number, cuts: number[]) {
  const { machine } = api;
  const tfm = found(cryptoAllocAhash(api, driver, 0, 0));
  if (keyed) expect(cryptoAhashSetkey(tfm, KEY)).toBe(0);
  const req = must(ahashRequestAlloc(tfm));
  const buf = place(machine, pattern(len));
  const result = new Uint8Array(32);
  ahashRequestSetCrypt(req, cutList(machine, buf, len, cuts), result, len);
  expect(settle(machine, req, cryptoAhashDigest)).toBe(0);
  const digest = hex(result);
  expect(settle(machine, req, cryptoAhashInit)).toBe(0);
  expect(settle(machine, req, cryptoAhashUpdate)).toBe(0);
  expect(settle(machine, req, cryptoAhashFinal)).toBe(0);
  expect(hex(result)).toBe(digest);
  ahashRequestFree(req);
  cryptoFreeAhash(tfm);
  machine.slab.kfree(buf);
  return digest;
}

test.each([
  ['sha256-generic', 'sha256-accel', false],
  ['hmac(sha256-generic)', 'hmac-sha256-accel', true],
] as const)('%s, %s and both under cryptd agree', (generic, accel, keyed) => {
  const machine = new Machine({ seed: 7 });
  const api = cryptoApiInit(machine, { zeroLength: 'fixed' });
  for (const len of LENGTHS) {
    const expected = runHash(api, generic, keyed, len, []);
    for (const cuts of CUTS) {
      for (const driver of [generic, accel, `cryptd(${generic})`, `cryptd(${accel})`]) {
        expect(runHash(api, driver, keyed, len, cuts)).toBe(expected);
      }
    }
  }
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.context.inAtomic()).toBe(false);
});
