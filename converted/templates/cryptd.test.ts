/**
 * Goal: cryptd hands on what its caller says, and is found by those who say what they look for.
 * Method: keys that a flag forbids; a driver of our own below it, which notes the flags of its operations.
 */
import { expect, test } from 'vitest';
import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS,
  CRYPTO_TFM_REQ_MAY_BACKLOG,
  CRYPTO_TFM_REQ_MAY_SLEEP,
} from '../../src/crypto/algorithm.ts';
import { must } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import {
  type AeadAlg,
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
  cryptoRegisterAead,
} from '../aead.ts';
import type { CryptoApi } from '../crypto-api.ts';
import { cryptoApiInit } from '../init.ts';
import { IovIter } from '../iter/iov-iter.ts';
import {
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from '../skcipher.ts';

const EINPROGRESS = -115;
const EINVAL = -22;
const ENOENT = -2;

function world(): { machine: Machine; api: CryptoApi } {
  const machine = new Machine({ memory: 1 << 22 });
  return { machine, api: cryptoApiInit(machine) };
}

test.each(['xts(ecb(aes-generic))', 'xts-aes-accel'])(
  'a weak key is refused by cryptd(%s) for a caller who forbids it',
  (driver) => {
    const { api } = world();
    const tfm = cryptoAllocSkcipher(api, `cryptd(${driver})`, 0, 0);
    if (typeof tfm === 'number') throw new Error(`allocation: ${tfm}`);
    const weak = new Uint8Array(32).fill(3);
    expect(cryptoSkcipherSetkey(tfm, weak)).toBe(0);
    tfm.flags |= CRYPTO_TFM_REQ_FORBID_WEAK_KEYS;
    expect(cryptoSkcipherSetkey(tfm, weak)).toBe(EINVAL);
    tfm.flags &= ~CRYPTO_TFM_REQ_FORBID_WEAK_KEYS;
    expect(cryptoSkcipherSetkey(tfm, weak)).toBe(0);
    cryptoFreeSkcipher(tfm);
  },
);

test('a cipher below cryptd may always sleep, an AEAD what its caller may', () => {
  const { machine, api } = world();
  const seen: number[] = [];
  const common = {
    priority: 1,
    blocksize: 1,
    alignmask: 0,
    chunksize: 1,
    init: () => null,
    exit: () => undefined,
    setkey: () => 0,
  };
  const note = (op: { flags: number }): number => {
    seen.push(op.flags);
    return 0;
  };
  const cipher: SkcipherAlg = {
    ...common,
    kind: 'skcipher',
    name: 'note',
    driverName: 'note-cipher',
    flags: CRYPTO_ALG_TYPE_SKCIPHER,
    ivsize: 0,
    walksize: 1,
    minKeysize: 0,
    maxKeysize: 0,
    encrypt: note,
    decrypt: note,
  };
  const aead: AeadAlg = {
    ...common,
    kind: 'aead',
    name: 'note',
    driverName: 'note-aead',
    flags: CRYPTO_ALG_TYPE_AEAD,
    ivsize: 0,
    maxauthsize: 0,
    setauthsize: () => 0,
    encrypt: note,
    decrypt: note,
  };
  expect(cryptoRegisterSkcipher(api, cipher) || cryptoRegisterAead(api, aead)).toBe(0);
  const [src, dst] = [new IovIter(machine, 'source'), new IovIter(machine, 'dest')];
  for (const flags of [0, CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG]) {
    const tfm = cryptoAllocSkcipher(api, 'cryptd(note-cipher)', 0, 0);
    const other = cryptoAllocAead(api, 'cryptd(note-aead)', 0, 0);
    if (typeof tfm === 'number' || typeof other === 'number') throw new Error('allocation');
    expect(cryptoAeadSetkey(other, new Uint8Array(0))).toBe(0);
    const req = must(skcipherRequestAlloc(tfm));
    skcipherRequestSetCallback(req, flags, () => undefined, null);
    skcipherRequestSetCrypt(req, src, dst, 0, null);
    expect(cryptoSkcipherEncrypt(req)).toBe(EINPROGRESS);
    const otherReq = must(aeadRequestAlloc(other));
    aeadRequestSetCallback(otherReq, flags, () => undefined, null);
    aeadRequestSetAd(otherReq, src, 0);
    aeadRequestSetCrypt(otherReq, src, dst, 0, new Uint8Array(0));
    aeadRequestSetTag(otherReq, dst);
    expect(cryptoAeadEncrypt(otherReq)).toBe(EINPROGRESS);
    machine.scheduler.drain();
    expect(seen.splice(0)).toEqual([CRYPTO_TFM_REQ_MAY_SLEEP, flags]);
    skcipherRequestFree(req);
    aeadRequestFree(otherReq);
    cryptoFreeSkcipher(tfm);
    cryptoFreeAead(other);
  }
});

test('cryptd is found by those who look for a type, and wraps only that type', () => {
  const kinds = [
    ['cbc(aes-generic)', CRYPTO_ALG_TYPE_SKCIPHER],
    ['gcm-aes-accel', CRYPTO_ALG_TYPE_AEAD],
    ['sha256-generic', CRYPTO_ALG_TYPE_AHASH],
  ] as const;
  for (const [child, own] of kinds) {
    for (const [, type] of kinds) {
      const { registry } = world().api;
      const found = registry.find(`cryptd(${child})`, type, CRYPTO_ALG_TYPE_MASK);
      expect(typeof found === 'number' ? found : found.driverName).toBe(
        type === own ? `cryptd(${child})` : ENOENT,
      );
      expect(world().api.registry.find(`cryptd(${child})`, 0, 0)).toBe(ENOENT);
    }
  }
});
