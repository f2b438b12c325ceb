/**
 * Goal: a request that is used again, over iterators that are kept, allocates nothing: what is allocated per
 * request is collected per request.
 * Method: bytes in use before and after many requests, without a collection in between, over drivers that
 * do nothing. What code that is still cold allocates is not counted: the least of several tries.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { BvecList, bvecFill, bvecSet } from '../src/bvec.ts';
import {
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_SKCIPHER,
} from '../src/crypto/algorithm.ts';
import { Machine } from '../src/machine/machine.ts';
import { pfnToPhys } from '../src/machine/phys-mem.ts';
import { physAddr } from '../src/units.ts';
import {
  type AeadAlg,
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoRegisterAead,
} from './aead.ts';
import {
  type AhashAlg,
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAllocAhash,
  cryptoRegisterAhash,
} from './ahash.ts';
import { cryptoAeadEncryptBatch, cryptoSkcipherEncryptBatch } from './batch.ts';
import { cryptoApiInit } from './init.ts';
import { iovIterBvecList, iovIterRestart } from './iter/iov-iter.ts';
import {
  cryptoAllocSkcipher,
  cryptoRegisterSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherAlg,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from './skcipher.ts';

/** Requests of a try: so many that one HeapNumber in each would show, and so few that nothing is collected. */
const REQUESTS = 4000;
const WARM = 20_000;
const TRIES = 8;

const common = {
  priority: 1,
  blocksize: 1,
  alignmask: 0,
  exit: () => undefined,
  setkey: () => 0,
  encrypt: () => 0,
  decrypt: () => 0,
  init: () => ({}),
} as const;

const aeadAlg: AeadAlg = {
  ...common,
  kind: 'aead',
  name: 'gcm(null)',
  driverName: 'null-aead',
  flags: CRYPTO_ALG_TYPE_AEAD,
  ivsize: 12,
  maxauthsize: 16,
  chunksize: 16,
  setauthsize: () => 0,
};

const skcipherAlg: SkcipherAlg = {
  ...common,
  kind: 'skcipher',
  name: 'ctr(null)',
  driverName: 'null-skcipher',
  flags: CRYPTO_ALG_TYPE_SKCIPHER,
  minKeysize: 16,
  maxKeysize: 32,
  ivsize: 16,
  chunksize: 16,
  walksize: 16,
};

const ahashAlg: AhashAlg = {
  ...common,
  kind: 'ahash',
  name: 'hash(null)',
  driverName: 'null-hash',
  flags: CRYPTO_ALG_TYPE_AHASH,
  digestsize: 32,
  statesize: 32,
  keyed: false,
  newState: () => {
    throw new Error('not asked for');
  },
  initState: () => 0,
  update: () => 0,
  final: () => 0,
  finup: () => 0,
  digest: () => 0,
};

function must<T extends object>(value: T | number | null): T {
  if (value === null || typeof value === 'number') throw new Error(`no object: ${value}`);
  return value;
}

function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('no collector to call');
  return () => gc();
}

/** Heap bytes for each call of `once`, which does `requests` of them. */
function heapBytes(once: () => void, requests: number): number {
  const gc = collector();
  for (let i = 0; i < WARM; i += requests) once();
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < TRIES; k++) {
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < REQUESTS; i += requests) once();
    const used = process.memoryUsage().heapUsed - before;
    if (used >= 0) least = Math.min(least, used);
  }
  return least / REQUESTS;
}

/** What the law is about: kept lists and iterators, over machine memory. */
function setUp() {
  const machine = new Machine({ checks: false });
  const api = cryptoApiInit(machine);
  expect(cryptoRegisterAead(api, aeadAlg)).toBe(0);
  expect(cryptoRegisterSkcipher(api, skcipherAlg)).toBe(0);
  expect(cryptoRegisterAhash(api, ahashAlg)).toBe(0);
  const base = pfnToPhys(machine.allocPages(4, 'test') ?? never());
  const ranges = [54, 366, 500, 500].map((len, k) => ({ phys: physAddr(base + 4096 * k), len }));
  const targets = [420, 1000].map((len, k) => ({ phys: physAddr(base + 32768 + 4096 * k), len }));
  const lists = [8, 8, 1, 1].map((n) => new BvecList(n, machine.mem));
  // Kept as numbers: to read one out of an object makes a new one where nothing is inlined.
  const adAt = physAddr(base + 50_000);
  const tagAt = physAddr(base + 52_000);
  const fill = (): void => {
    bvecFill(lists[0], ranges, ranges.length);
    bvecFill(lists[1], targets, targets.length);
    bvecSet(lists[2], adAt, 8);
    bvecSet(lists[3], tagAt, 16);
  };
  fill();
  const iters = {
    src: iovIterBvecList(machine, 'source', lists[0]),
    dst: iovIterBvecList(machine, 'dest', lists[1]),
    ad: iovIterBvecList(machine, 'source', lists[2]),
    tag: iovIterBvecList(machine, 'dest', lists[3]),
  };
  return { api, iters, fill };
}

function never(): never {
  throw new Error('no memory');
}

test('a packet under GCM allocates nothing, single and in a batch', () => {
  const { api, iters } = setUp();
  const tfm = must(cryptoAllocAead(api, 'null-aead', 0, 0));
  cryptoAeadSetkey(tfm, new Uint8Array(16));
  const reqs = [0, 1, 2, 3].map(() => must(aeadRequestAlloc(tfm)));
  const iv = new Uint8Array(12);
  const set = (k: number): void => {
    aeadRequestSetAd(reqs[k], iters.ad, 8);
    aeadRequestSetCrypt(reqs[k], iters.src, iters.dst, 1420, iv);
    aeadRequestSetTag(reqs[k], iters.tag);
  };
  const single = heapBytes(() => {
    set(0);
    if (cryptoAeadEncrypt(reqs[0]) !== 0) never();
  }, 1);
  const batch = heapBytes(() => {
    for (let k = 0; k < 4; k++) set(k);
    if (cryptoAeadEncryptBatch(reqs, 4) !== 0) never();
  }, 4);
  expect(single).toBeLessThan(1);
  expect(batch).toBeLessThan(1);
});

test('a cipher request and a hash allocate nothing', () => {
  const { api, iters } = setUp();
  const tfm = must(cryptoAllocSkcipher(api, 'null-skcipher', 0, 0));
  cryptoSkcipherSetkey(tfm, new Uint8Array(16));
  const reqs = [0, 1].map(() => must(skcipherRequestAlloc(tfm)));
  const iv = new Uint8Array(16);
  const cipher = heapBytes(() => {
    skcipherRequestSetCrypt(reqs[0], iters.src, iters.dst, 1420, iv);
    if (cryptoSkcipherEncrypt(reqs[0]) !== 0) never();
  }, 1);
  const batch = heapBytes(() => {
    for (let k = 0; k < 2; k++) skcipherRequestSetCrypt(reqs[k], iters.src, iters.dst, 1420, iv);
    if (cryptoSkcipherEncryptBatch(reqs, 2) !== 0) never();
  }, 2);
  const hash = must(ahashRequestAlloc(must(cryptoAllocAhash(api, 'null-hash', 0, 0))));
  const out = new Uint8Array(32);
  const digest = heapBytes(() => {
    ahashRequestSetCrypt(hash, iters.src, out, 1420);
    if (cryptoAhashDigest(hash) !== 0) never();
  }, 1);
  expect(cipher).toBeLessThan(1);
  expect(batch).toBeLessThan(1);
  expect(digest).toBeLessThan(1);
});

test('lists that are refilled for each request allocate nothing', () => {
  const { api, iters, fill } = setUp();
  const tfm = must(cryptoAllocAead(api, 'null-aead', 0, 0));
  cryptoAeadSetkey(tfm, new Uint8Array(16));
  const req = must(aeadRequestAlloc(tfm));
  const iv = new Uint8Array(12);
  const refilled = heapBytes(() => {
    fill();
    iovIterRestart(iters.src);
    iovIterRestart(iters.dst);
    iovIterRestart(iters.ad);
    iovIterRestart(iters.tag);
    aeadRequestSetAd(req, iters.ad, 8);
    aeadRequestSetCrypt(req, iters.src, iters.dst, 1420, iv);
    aeadRequestSetTag(req, iters.tag);
    if (cryptoAeadEncrypt(req) !== 0) never();
  }, 1);
  expect(refilled).toBeLessThan(1);
});
