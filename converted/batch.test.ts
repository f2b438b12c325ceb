/**
 * Goal: a batch is its requests one by one, and a request of data units is a request for each of them, in
 * everything that the caller gets: bytes, IVs, answers, completions.
 * Method: the same random work done both ways, with checks and without, synchronous and not.
 */
import { describe, expect, test } from 'vitest';
import { EBADMSG, EINPROGRESS, EINVAL } from '../src/errno.ts';
import { Machine } from '../src/machine/machine.ts';
import { pfnToPhys } from '../src/machine/phys-mem.ts';
import { fillSeeded, Prng } from '../src/prng.ts';
import { type PhysAddr, physAddr } from '../src/units.ts';
import {
  type AeadRequest,
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  type CryptoAead,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from './aead.ts';
import {
  cryptoAeadDecryptBatch,
  cryptoAeadEncryptBatch,
  cryptoSkcipherDecryptBatch,
  cryptoSkcipherEncryptBatch,
} from './batch.ts';
import { cryptoApiInit } from './init.ts';
import { type IovIter, iovIterBvec } from './iter/iov-iter.ts';
import { iovIterAdvance } from './iter/position.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherIvsize,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetUnitSize,
} from './skcipher.ts';

const ORDER = 5;
const ROOM = 4096 << ORDER;
/** Where destinations begin in the folio. */
const TARGET = ROOM / 2;

function must<T extends object>(value: T | number | null): T {
  if (value === null || typeof value === 'number') throw new Error(`no object: ${value}`);
  return value;
}

const BYTES: Uint8Array = new Uint8Array(ROOM);
fillSeeded(BYTES, 5);

/** A machine with a folio of random bytes. */
class Bench {
  readonly machine: Machine;
  readonly base: PhysAddr;

  constructor(checks: boolean) {
    this.machine = new Machine({ checks, seed: 3 });
    const page = this.machine.allocPages(ORDER, 'test');
    if (page === null) throw new Error('no memory');
    this.base = pfnToPhys(page);
    this.machine.store(this.base, BYTES);
  }

  iter<D extends 'source' | 'dest'>(direction: D, at: number, lens: readonly number[]): IovIter<D> {
    let cursor = at;
    let total = 0;
    const bvecs = lens.map((len) => {
      const bv = { phys: physAddr(this.base + cursor), len, flags: 0 };
      cursor += len + 3;
      total += len;
      return bv;
    });
    return iovIterBvec(this.machine, direction, bvecs, bvecs.length, total);
  }

  bytes(): Buffer {
    return Buffer.from(this.machine.load(this.base, ROOM));
  }
}

/** One request of a batch: pieces of equal place on both sides. */
interface Work {
  readonly at: number;
  readonly lens: readonly number[];
  readonly len: number;
  readonly iv: Uint8Array;
}

function works(prng: Prng, ivSize: number): Work[] {
  let at = 64;
  const shared = Uint8Array.from({ length: ivSize }, () => prng.below(256));
  const work = Array.from({ length: 30 }, () => {
    const lens = Array.from({ length: 1 + prng.below(4) }, () =>
      prng.below(prng.pick([5, 300, 900])),
    );
    const own = Uint8Array.from({ length: ivSize }, () => prng.below(256));
    // Some ask for more than their iterator has: -EINVAL, and the others are done.
    const len = lens.reduce((sum, n) => sum + n, prng.oneIn(9) ? 1 : 0);
    const one = { at, lens, len, iv: prng.oneIn(5) ? shared : own };
    at += len + 32;
    return one;
  });
  // One that is too large for a batch, between small ones.
  work.splice(11, 0, { at, lens: [4000, 5001], len: 9001, iv: shared });
  return work;
}

describe.each([true, false])('checks %s', (checks) => {
  test.each(['ctr-aes-accel', 'cbc-aes-accel', 'ctr(aes-generic)'])(
    'a batch of %s is its requests one by one, IVs that are shared and lengths that are wrong included',
    (driver) => {
      for (const enc of [true, false]) {
        const seen = ['batch', 'single'].map((how) => {
          const bench = new Bench(checks);
          const tfm = must(cryptoAllocSkcipher(cryptoApiInit(bench.machine), driver, 0, 0));
          cryptoSkcipherSetkey(tfm, new Uint8Array(32).fill(9));
          const list = works(new Prng(8), 16);
          const reqs = list.map((work) => request(bench, tfm, work));
          const submit = enc ? cryptoSkcipherEncrypt : cryptoSkcipherDecrypt;
          const together = enc ? cryptoSkcipherEncryptBatch : cryptoSkcipherDecryptBatch;
          const first = how === 'batch' ? together(reqs, reqs.length) : 0;
          const answers = reqs.map((req) => (how === 'batch' ? req.op.answer : submit(req)));
          if (how === 'batch') expect(first).toBe(answers.find((answer) => answer !== 0) ?? 0);
          return { answers, ivs: list.map(({ iv }) => [...iv]), bytes: bench.bytes() };
        });
        expect(seen[0].answers).toEqual(seen[1].answers);
        expect(seen[0].answers).toContain(-EINVAL);
        expect(seen[0].answers.filter((answer) => answer === 0).length).toBeGreaterThan(5);
        expect(seen[0].ivs).toEqual(seen[1].ivs);
        expect(Buffer.compare(seen[0].bytes, seen[1].bytes)).toBe(0);
      }
    },
  );

  test.each(['gcm-aes-accel', 'gcm_base(ctr(aes-generic),ghash-generic)'])(
    'a batch of %s is its requests one by one; a wrong tag is the answer of its request',
    (driver) => {
      const seen = ['batch', 'single'].map((how) => {
        const bench = new Bench(checks);
        const tfm = must(cryptoAllocAead(cryptoApiInit(bench.machine), driver, 0, 0));
        cryptoAeadSetkey(tfm, new Uint8Array(16).fill(9));
        tfm.wipeOnBadTag = true;
        const list = works(new Prng(8), 12);
        const answers: number[] = [];
        // Twice, so that an engine has made its tables for the second time.
        for (let round = 0; round < 2; round++) {
          for (const enc of [true, false]) {
            const reqs = list.map((work) => aeadRequest(bench, tfm, work, enc));
            const submit = enc ? cryptoAeadEncrypt : cryptoAeadDecrypt;
            const together = enc ? cryptoAeadEncryptBatch : cryptoAeadDecryptBatch;
            if (!enc) spoil(bench, list[4]);
            if (how === 'batch') together(reqs, reqs.length);
            answers.push(...reqs.map((req) => (how === 'batch' ? req.op.answer : submit(req))));
          }
        }
        return { answers, bytes: bench.bytes() };
      });
      expect(seen[0].answers).toEqual(seen[1].answers);
      expect(seen[0].answers.filter((answer) => answer === -EBADMSG)).toEqual([-EBADMSG, -EBADMSG]);
      expect(Buffer.compare(seen[0].bytes, seen[1].bytes)).toBe(0);
    },
  );

  test('requests of an asynchronous driver complete one by one', () => {
    const bench = new Bench(checks);
    const api = cryptoApiInit(bench.machine);
    const tfm = must(cryptoAllocSkcipher(api, 'cryptd(ctr-aes-accel)', 0, 0));
    cryptoSkcipherSetkey(tfm, new Uint8Array(32).fill(9));
    const list = works(new Prng(8), 16).filter(
      ({ len, lens }) => len === lens.reduce((s, n) => s + n, 0),
    );
    const completed: number[] = [];
    const reqs = list.map((work, k) => {
      const req = request(bench, tfm, work);
      skcipherRequestSetCallback(req, 0, (data) => completed.push(Number(data)), k);
      return req;
    });
    expect(cryptoSkcipherEncryptBatch(reqs, reqs.length)).toBe(-EINPROGRESS);
    expect(reqs.map(({ op }) => op.answer)).toEqual(reqs.map(() => -EINPROGRESS));
    bench.machine.scheduler.drain();
    expect(completed.sort((a, b) => a - b)).toEqual(reqs.map((_, k) => k));
  });

  test('a request that comes twice, or of another transform, is a bug', () => {
    const bench = new Bench(checks);
    const api = cryptoApiInit(bench.machine);
    const [a, b] = [0, 1].map(() => must(cryptoAllocSkcipher(api, 'ctr-aes-accel', 0, 0)));
    for (const tfm of [a, b]) cryptoSkcipherSetkey(tfm, new Uint8Array(32));
    const work = { at: 64, lens: [5, 6], len: 11, iv: new Uint8Array(16) };
    const other = { ...work, at: 200 };
    const req = request(bench, a, work);
    expect(() => cryptoSkcipherEncryptBatch([req, req], 2)).toThrow('request twice in a batch');
    const mixed = [request(bench, a, work), request(bench, b, other)];
    expect(() => cryptoSkcipherEncryptBatch(mixed, 2)).toThrow('batch of several transforms');
    expect(cryptoSkcipherEncryptBatch([], 0)).toBe(0);
  });
});

function request(bench: Bench, tfm: CryptoSkcipher, { at, lens, len, iv }: Work): SkcipherRequest {
  const req = must(skcipherRequestAlloc(tfm));
  const src = bench.iter('source', at, lens);
  skcipherRequestSetCrypt(req, src, bench.iter('dest', TARGET + at, lens), len, iv);
  return req;
}

function aeadRequest(bench: Bench, tfm: CryptoAead, work: Work, enc: boolean): AeadRequest {
  const req = must(aeadRequestAlloc(tfm));
  const { at, lens, len, iv } = work;
  const [from, to] = enc ? [at, TARGET + at] : [TARGET + at, at];
  aeadRequestSetAd(req, bench.iter('source', 3, [8]), 8);
  const src = bench.iter('source', from, lens);
  aeadRequestSetCrypt(req, src, bench.iter('dest', to, lens), len, iv);
  aeadRequestSetTag(req, bench.iter(enc ? 'dest' : 'source', tagOf(work), [16]));
  return req;
}

/** In front of the ciphertext, where the gap between two requests is. */
function tagOf({ at }: Work): number {
  return TARGET + at - 17;
}

function spoil(bench: Bench, work: Work): void {
  const at = physAddr(bench.base + tagOf(work));
  bench.machine.store(at, Uint8Array.of(bench.machine.load(at, 1)[0] ^ 1));
}

describe.each([
  ['xts-aes-accel', 64],
  ['xts(ecb(aes-generic))', 32],
  ['cbc-aes-accel', 16],
  ['ctr-aes-accel', 16],
  ['essiv(cbc(aes-generic),sha256-generic)', 16],
  ['adiantum(xchacha12-generic,aes-generic,nhpoly1305-generic)', 32],
  ['hctr2_base(xctr(aes-generic),polyval-generic)', 32],
  ['cryptd(xts-aes-accel)', 64],
  ['cryptd(cbc-aes-accel)', 16],
])('data units of %s', (driver, keySize) => {
  /** One request of units, or one for each of them. @returns what the caller sees */
  const run = (
    checks: boolean,
    how: 'units' | 'single',
    enc: boolean,
    unit: number,
    iv: Uint8Array,
  ) => {
    const bench = new Bench(checks);
    const found = cryptoAllocSkcipher(cryptoApiInit(bench.machine), driver, 0, 0);
    if (typeof found === 'number') return null;
    const key = Uint8Array.from({ length: keySize }, (_, i) => 7 * i);
    expect(cryptoSkcipherSetkey(found, key)).toBe(0);
    const ivSize = cryptoSkcipherIvsize(found);
    const own = Uint8Array.from({ length: ivSize }, (_, i) => iv[i % iv.length]);
    const lens = [unit - 5, 2 * unit + 1, unit + 4];
    const answers: unknown[] = [];
    const submit = (req: SkcipherRequest): void => {
      skcipherRequestSetCallback(req, 0, (_, err) => answers.push(['done', err]), null);
      answers.push(enc ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req));
      bench.machine.scheduler.drain();
    };
    if (how === 'units') {
      const req = must(skcipherRequestAlloc(found));
      const src = bench.iter('source', 64, lens);
      skcipherRequestSetCrypt(req, src, bench.iter('dest', TARGET, lens), 4 * unit, own);
      skcipherRequestSetUnitSize(req, unit);
      submit(req);
      expect([...own]).toEqual(Array.from({ length: ivSize }, (_, i) => iv[i % iv.length]));
      return { answers, bytes: bench.bytes() };
    }
    for (let k = 0; k < 4; k++) {
      const part = Uint8Array.from(own);
      for (let i = 0, carry = k; i < ivSize; i++, carry >>= 8) {
        carry += part[i];
        part[i] = carry;
      }
      const req = must(skcipherRequestAlloc(found));
      const cut = <D extends 'source' | 'dest'>(i: IovIter<D>): IovIter<D> => skip(i, k * unit);
      const src = cut(bench.iter('source', 64, lens));
      skcipherRequestSetCrypt(req, src, cut(bench.iter('dest', TARGET, lens)), unit, part);
      submit(req);
    }
    return { answers, bytes: bench.bytes() };
  };

  test('a request of units is a request for each of them, with carries between IVs', () => {
    for (const checks of [true, false]) {
      for (const enc of [true, false]) {
        for (const iv of [Uint8Array.of(1, 2, 3), Uint8Array.of(254, 255, 255, 255)]) {
          const units = run(checks, 'units', enc, 512, iv);
          const single = run(checks, 'single', enc, 512, iv);
          if (units === null || single === null) throw new Error(`${driver} is not there`);
          expect(Buffer.compare(units.bytes, single.bytes)).toBe(0);
          const pending = driver.startsWith('cryptd');
          expect(units.answers).toEqual(pending ? [-EINPROGRESS, ['done', 0]] : [0]);
        }
      }
    }
  });
});

function skip<D extends 'source' | 'dest'>(i: IovIter<D>, n: number): IovIter<D> {
  iovIterAdvance(i, n);
  return i;
}

test('units that do not fill the request are refused, and nothing is written', () => {
  for (const checks of [true, false]) {
    const bench = new Bench(checks);
    const tfm = must(cryptoAllocSkcipher(cryptoApiInit(bench.machine), 'xts-aes-accel', 0, 0));
    cryptoSkcipherSetkey(
      tfm,
      new Uint8Array(64).map((_, i) => i),
    );
    const before = bench.bytes();
    for (const unit of [512, 1001]) {
      const req = request(bench, tfm, { at: 64, lens: [1000], len: 1000, iv: new Uint8Array(16) });
      skcipherRequestSetUnitSize(req, unit);
      expect(cryptoSkcipherEncrypt(req)).toBe(-EINVAL);
      expect(() => skcipherRequestSetUnitSize(req, -1)).toThrow('size of a data unit');
      expect(() => skcipherRequestSetUnitSize(req, 1.5)).toThrow('size of a data unit');
    }
    expect(Buffer.compare(bench.bytes(), before)).toBe(0);
  }
});
