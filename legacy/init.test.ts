/**
 * Goal: the API holds what it says: the algorithms of the shared table exist with exactly its sizes,
 * lookups prefer as a kernel does, and instances are replaced as in 6.1.
 * Method: the descriptor rows against the registry, and lookups by hand.
 */
import { expect, test } from 'vitest';
import { CRYPTO_ALG_TYPE_AHASH, CRYPTO_ALG_TYPE_SKCIPHER } from '../src/crypto/algorithm.ts';
import { AEADS, HASHES, SKCIPHERS } from '../src/crypto/catalogue.ts';
import { EINVAL, ENOENT, ENOSYS } from '../src/errno.ts';
import { must } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import {
  aeadRequestAlloc,
  aeadRequestSetCrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoRegisterAead,
  isAead,
} from './aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashStatesize,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoRegisterAhash,
  isAhash,
} from './ahash.ts';
import { cryptoApiInit } from './init.ts';
import {
  cryptoAllocSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  isSkcipher,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from './skcipher.ts';
import { bytesAt, listOf, pattern, place } from './testing.ts';

const machine = new Machine({ seed: 1 });

test('every row of the shared table is an algorithm with exactly its properties', () => {
  const { registry } = cryptoApiInit(machine);
  const rows = [...SKCIPHERS, ...AEADS, ...HASHES];
  expect(rows.length).toBe(14);
  for (const row of rows) {
    const alg = registry.list().find(({ driverName }) => driverName === row.driverName);
    const { engine: _engine, ...sizes } = row;
    const { mode: _mode, hmac: _hmac, ...properties } = { mode: '', hmac: false, ...sizes };
    expect(alg).toMatchObject(properties);
  }
});

test('a generic name gives the accelerated driver, without accelerated drivers the generic one', () => {
  const names = ['ecb(aes)', 'cbc(aes)', 'ctr(aes)', 'xts(aes)'];
  for (const [accel, pattern] of [
    [true, /^\w+-aes-accel$/],
    [false, /generic/],
  ] as const) {
    const api = cryptoApiInit(machine, { accel });
    for (const name of names) {
      const tfm = cryptoAllocSkcipher(api, name, 0, 0);
      expect(typeof tfm === 'number' ? tfm : tfm.alg.driverName).toMatch(pattern);
    }
  }
});

test('templates build on the best algorithm below, and on the one that is named', () => {
  const api = cryptoApiInit(machine);
  const driver = (name: string) => {
    const tfm = cryptoAllocAead(api, name, 0, 0);
    return typeof tfm === 'number' ? tfm : tfm.alg.driverName;
  };
  expect(driver('rfc4106(gcm(aes))')).toBe('rfc4106(gcm-aes-accel)');
  const generic = 'gcm_base(ctr(aes-generic),ghash-generic)';
  expect(driver(`rfc4106(${generic})`)).toBe(`rfc4106(${generic})`);
  expect(driver('authenc(hmac(sha256),cbc(aes))')).toBe('authenc(hmac-sha256-accel,cbc-aes-accel)');
  expect(driver('ccm(aes)')).toBe('ccm_base(ctr-aes-accel,cbcmac(aes-generic))');
});

test('a second algorithm of a driver name drops what was built on the first', () => {
  const api = cryptoApiInit(machine, { accel: false });
  const count = () => api.registry.list().filter(({ name }) => name === 'xts(aes)').length;
  expect(count()).toBe(1);
  // Text behind the name is ignored by the parser: a second ecb(aes-generic) is built.
  expect(cryptoAllocSkcipher(api, 'ecb(aes)x', 0, 0)).toBe(-ENOENT);
  expect(count()).toBe(0);
  expect(typeof cryptoAllocSkcipher(api, 'xts(aes)', 0, 0)).toBe('object');
  expect(count()).toBe(1);
});

test('a newer algorithm of equal priority replaces an older one, a lower one does not', () => {
  for (const [priority, dropped] of [
    [100, true],
    [99, false],
  ] as const) {
    const api = cryptoApiInit(machine, { accel: false });
    const ecb = api.registry.find('ecb(aes)', CRYPTO_ALG_TYPE_SKCIPHER, 0xf);
    if (typeof ecb === 'number' || !isSkcipher(ecb)) throw new Error('ecb(aes)');
    expect(cryptoRegisterSkcipher(api, { ...ecb, driverName: 'ecb-new', priority })).toBe(0);
    expect(api.registry.list().some(({ name }) => name === 'xts(aes)')).toBe(!dropped);
    const tfm = cryptoAllocSkcipher(api, 'xts(aes)', 0, 0);
    const driver = typeof tfm === 'number' ? tfm : tfm.alg.driverName;
    expect(driver).toBe(dropped ? 'xts(ecb-new)' : 'xts(ecb(aes-generic))');
  }
});

test('registration refuses sizes above its limits', () => {
  const api = cryptoApiInit(machine);
  const skcipher = api.registry.find('ctr(aes)', CRYPTO_ALG_TYPE_SKCIPHER, 0xf);
  if (typeof skcipher === 'number' || !isSkcipher(skcipher)) throw new Error('ctr(aes)');
  const big = { ...skcipher, name: 'big', driverName: 'big' };
  expect(cryptoRegisterSkcipher(api, { ...big, ivsize: 513 })).toBe(-EINVAL);
  expect(cryptoRegisterSkcipher(api, { ...big, walksize: 513 })).toBe(-EINVAL);
  expect(cryptoRegisterSkcipher(api, { ...big, alignmask: 5 })).toBe(-EINVAL);
  expect(cryptoRegisterSkcipher(api, big)).toBe(0);
  const gcm = api.registry.find('gcm(aes)', 3, 0xf);
  if (typeof gcm === 'number' || !isAead(gcm)) throw new Error('gcm(aes)');
  expect(cryptoRegisterAead(api, { ...gcm, maxauthsize: 513 })).toBe(-EINVAL);
  const sha = api.registry.find('sha256', CRYPTO_ALG_TYPE_AHASH, 0xf);
  if (typeof sha === 'number' || !isAhash(sha)) throw new Error('sha256');
  expect(cryptoRegisterAhash(api, { ...sha, digestsize: 65 })).toBe(-EINVAL);
  expect(cryptoRegisterAhash(api, { ...sha, statesize: 0 })).toBe(-EINVAL);
});

test('an exported state goes on where it was and has its size; OpenSSL exports none', () => {
  const api = cryptoApiInit(machine);
  for (const [driver, size] of [
    ['sha256-generic', 104],
    ['sha1-generic', 96],
    ['sha512-generic', 208],
    ['sha256-accel', null],
  ] as const) {
    const tfm = cryptoAllocAhash(api, driver, 0, 0);
    if (typeof tfm === 'number') throw new Error(driver);
    const req = must(ahashRequestAlloc(tfm));
    const sg = listOf(machine, [[place(machine, pattern(100)), 100]]);
    const once = new Uint8Array(tfm.alg.digestsize);
    const again = new Uint8Array(tfm.alg.digestsize);
    const state = new Uint8Array(tfm.alg.statesize);
    ahashRequestSetCrypt(req, sg, once, 100);
    expect(cryptoAhashInit(req) || cryptoAhashUpdate(req)).toBe(0);
    expect(cryptoAhashExport(req, state)).toBe(size === null ? -ENOSYS : 0);
    expect(cryptoAhashFinal(req)).toBe(0);
    if (size === null) continue;
    expect(state.length).toBe(size);
    ahashRequestSetCrypt(req, sg, again, 100);
    expect(cryptoAhashImport(req, state) || cryptoAhashFinal(req)).toBe(0);
    expect(again).toEqual(once);
  }
});

test('a key is copied: what the caller does with its buffer afterwards changes nothing', () => {
  const world = new Machine({ seed: 2 });
  const api = cryptoApiInit(world);
  const run = (alg: string, keylen: number, spoil: boolean): string => {
    const tfm = cryptoAllocSkcipher(api, alg, 0, 0);
    if (typeof tfm === 'number') throw new Error(alg);
    const key = pattern(keylen);
    expect(cryptoSkcipherSetkey(tfm, key)).toBe(0);
    if (spoil) key.fill(0);
    const req = must(skcipherRequestAlloc(tfm));
    const at = place(world, pattern(64));
    const sg = listOf(world, [[at, 64]]);
    skcipherRequestSetCrypt(req, sg, sg, 64, pattern(tfm.alg.ivsize));
    expect(cryptoSkcipherEncrypt(req)).toBe(0);
    return Buffer.from(bytesAt(world, at, 64)).toString('hex');
  };
  for (const [alg, keylen] of [
    ['ecb(aes-generic)', 16],
    ['ctr-aes-accel', 32],
    ['cbc-aes-accel', 16],
    ['xts-aes-accel', 64],
    ['ecb(des)', 8],
    ['cbc(des3_ede)', 24],
    ['xchacha20', 32],
    ['lrw(aes)', 32],
    ['adiantum(xchacha12,aes)', 32],
  ] as const) {
    expect([alg, run(alg, keylen, true)]).toEqual([alg, run(alg, keylen, false)]);
  }
  for (const [driver, keylen] of [
    ['hmac(sha256-generic)', 200],
    ['hmac-sha256-accel', 20],
    ['cmac(aes-generic)', 16],
    ['ghash-generic', 16],
  ] as const) {
    const digests = [false, true].map((spoil) => {
      const tfm = cryptoAllocAhash(api, driver, 0, 0);
      if (typeof tfm === 'number') throw new Error(driver);
      const key = pattern(keylen);
      expect(cryptoAhashSetkey(tfm, key)).toBe(0);
      if (spoil) key.fill(0);
      const req = must(ahashRequestAlloc(tfm));
      const result = new Uint8Array(tfm.alg.digestsize);
      ahashRequestSetCrypt(req, listOf(world, [[place(world, pattern(50)), 50]]), result, 50);
      expect(cryptoAhashDigest(req)).toBe(0);
      return Buffer.from(result).toString('hex');
    });
    expect(digests[0]).toBe(digests[1]);
  }
  for (const driver of ['gcm-aes-accel', 'rfc7539(chacha20-generic,poly1305-generic)']) {
    const sealed = [false, true].map((spoil) => {
      const tfm = cryptoAllocAead(api, driver, 0, 0);
      if (typeof tfm === 'number') throw new Error(driver);
      const key = pattern(32);
      expect(cryptoAeadSetkey(tfm, key)).toBe(0);
      if (spoil) key.fill(0);
      const req = must(aeadRequestAlloc(tfm));
      const at = place(world, pattern(80));
      const sg = listOf(world, [[at, 80]]);
      aeadRequestSetCrypt(req, sg, sg, 64, pattern(12));
      expect(cryptoAeadEncrypt(req)).toBe(0);
      return Buffer.from(bytesAt(world, at, 80)).toString('hex');
    });
    expect(sealed[0]).toBe(sealed[1]);
  }
});

test('state sizes are those of a 64-bit 6.1: without an export of its own a hash exports its descriptor', () => {
  const api = cryptoApiInit(new Machine({ seed: 1 }), { accel: false });
  const sizes = ['sha1', 'sha512', 'ghash', 'poly1305', 'nhpoly1305', 'cmac(aes)', 'cbcmac(aes)'];
  const found = sizes.map((name) => {
    const tfm = cryptoAllocAhash(api, name, 0, 0);
    return typeof tfm === 'number' ? tfm : cryptoAhashStatesize(tfm);
  });
  expect(found).toEqual([96, 208, 20, 328, 80, 40, 20]);
});
