/**
 * Goal: whole operations at once give what the checked walk gives, in everything that can be seen: bytes,
 * IV, tag, errno, all other memory.
 * Method: the same random request on a machine with checks, where every run goes through the machine, and
 * on one without, where an engine does it; iterators over arrays, over lists that the caller keeps, and
 * parts of them.
 */
import { describe, expect, test } from 'vitest';
import { BvecList, bvecFill } from '../src/bvec.ts';
import { Machine } from '../src/machine/machine.ts';
import { PHYS_BASE } from '../src/machine/phys-mem.ts';
import { Prng } from '../src/prng.ts';
import { type PhysAddr, physAddr } from '../src/units.ts';
import {
  aeadRequestAlloc,
  aeadRequestSetAd,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
} from './aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAllocAhash,
} from './ahash.ts';
import type { CryptoApi } from './crypto-api.ts';
import { cryptoApiInit } from './init.ts';
import { type IovIter, iovIterBvec, iovIterBvecList } from './iter/iov-iter.ts';
import { iovIterAdvance } from './iter/position.ts';
import {
  cryptoAllocSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestSetCrypt,
} from './skcipher.ts';

const CASES = 60;
/** Largest order of pages, and the bytes of such a folio. */
const ORDER = 8;
const ROOM = 4096 << ORDER;

interface Range {
  readonly at: number;
  readonly len: number;
}

/** One request, as offsets in a folio of either machine. */
interface Plan {
  readonly src: Range[];
  readonly dst: Range[];
  readonly ad: Range[];
  readonly tag: Range[];
  readonly len: number;
  readonly authsize: number;
  readonly iv: Uint8Array;
  readonly key: Uint8Array;
  readonly encrypt: boolean;
  /** How an iterator comes: over an array, over a kept list, or behind `skip` bytes of one. */
  readonly front: 'array' | 'list' | 'rest of a list';
  readonly fill: number;
}

/** One machine, its API and a folio. */
class Side {
  readonly machine: Machine;
  readonly api: CryptoApi;
  readonly base: number;

  constructor(checks: boolean) {
    this.machine = new Machine({ checks, seed: 7 });
    this.api = cryptoApiInit(this.machine);
    const page = this.machine.allocPages(ORDER, 'test');
    if (page === null) throw new Error('no memory');
    this.base = page * 4096 - PHYS_BASE;
  }

  at(offset: number): PhysAddr {
    return physAddr(PHYS_BASE + this.base + offset);
  }

  fill(seed: number): void {
    const prng = new Prng(seed);
    const bytes = new Uint8Array(ROOM);
    const words = new Uint32Array(bytes.buffer);
    for (let i = 0; i < words.length; i += 61) words[i] = prng.u32();
    this.machine.store(this.at(0), bytes);
  }

  all(): Buffer {
    return Buffer.from(this.machine.mem.u8.slice(this.base, this.base + ROOM));
  }

  iter<D extends 'source' | 'dest'>(
    direction: D,
    ranges: Range[],
    front: Plan['front'],
  ): IovIter<D> {
    const bvecs = ranges.map(({ at, len }) => ({ phys: this.at(at), len, flags: 0 }));
    const total = ranges.reduce((sum, { len }) => sum + len, 0);
    if (front === 'array') return iovIterBvec(this.machine, direction, bvecs, bvecs.length, total);
    const skip = front === 'list' ? 0 : 5;
    const list = new BvecList(2, this.machine.mem);
    const head = skip === 0 ? [] : [{ phys: this.at(0), len: skip }];
    bvecFill(list, [...head, ...bvecs], head.length + bvecs.length);
    const i = iovIterBvecList(this.machine, direction, list);
    iovIterAdvance(i, skip);
    return i;
  }
}

function pieces(prng: Prng, at: number, total: number): Range[] {
  const ranges: Range[] = [];
  let cursor = at;
  for (let left = total; left > 0; ) {
    const len = prng.oneIn(4) ? left : Math.min(left, prng.below(prng.pick([4, 40, 900])));
    ranges.push({ at: cursor, len });
    cursor += len + prng.below(4);
    left -= len;
  }
  return ranges;
}

function planOf(prng: Prng, index: number, keySize: number, ivSize: number): Plan {
  const bytes = (len: number): Uint8Array =>
    Uint8Array.from({ length: len }, () => prng.below(256));
  const len = prng.pick([
    prng.below(70),
    16 * prng.below(40),
    prng.below(3000),
    8192,
    8208,
    70_000,
  ]);
  const src = pieces(prng, 64, len);
  const authsize = prng.pick([4, 8, 12, 16]);
  return {
    src,
    dst: prng.oneIn(3) ? src : pieces(prng, 1 << 18, len),
    ad: pieces(prng, 1 << 19, prng.pick([0, 8, prng.below(200), 5000])),
    tag: pieces(prng, 3 << 18, authsize),
    len,
    authsize,
    iv: bytes(ivSize),
    key: bytes(keySize),
    encrypt: prng.oneIn(2),
    front: prng.pick(['array', 'list', 'rest of a list']),
    fill: index + 1,
  };
}

type Run = (side: Side, plan: Plan) => unknown;

/** Runs a plan on both sides: what is seen must be equal. */
function same(run: Run, keySizes: readonly number[], ivSize: number): number {
  const sides = [new Side(true), new Side(false)];
  const prng = new Prng(11);
  let good = 0;
  for (let k = 0; k < CASES; k++) {
    const plan = planOf(prng, k, prng.pick(keySizes), ivSize);
    const seen = sides.map((side) => {
      side.fill(plan.fill);
      return { result: run(side, plan), memory: side.all() };
    });
    expect(seen[1].result, `case ${k}`).toEqual(seen[0].result);
    expect(Buffer.compare(seen[1].memory, seen[0].memory), `case ${k}`).toBe(0);
    if (JSON.stringify(seen[0].result).startsWith('{"err":0')) good++;
  }
  return good;
}

function must<T extends object>(value: T | number | null): T {
  if (value === null || typeof value === 'number') throw new Error(`no object: ${value}`);
  return value;
}

describe.each([
  ['ecb-aes-accel', [16, 24, 32], 0],
  ['cbc-aes-accel', [16, 24, 32], 16],
  ['ctr-aes-accel', [16, 24, 32], 16],
  ['xts-aes-accel', [32, 48, 64], 16],
] as const)('%s', (driver, keySizes, ivSize) => {
  test('an engine and the walk are the same operation', () => {
    const run: Run = (side, plan) => {
      const tfm = must(cryptoAllocSkcipher(side.api, driver, 0, 0));
      cryptoSkcipherSetkey(tfm, plan.key);
      const req = must(skcipherRequestAlloc(tfm));
      const iv = Uint8Array.from(plan.iv);
      const src = side.iter('source', plan.src, plan.front);
      skcipherRequestSetCrypt(req, src, side.iter('dest', plan.dst, plan.front), plan.len, iv);
      const err = plan.encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
      return { err, iv: [...iv] };
    };
    expect(same(run, keySizes, ivSize)).toBeGreaterThan(CASES / 3);
  });
});

test('gcm-aes-accel: an engine and the walk are the same operation, wrong tags included', () => {
  const tfms = new Map<string, ReturnType<typeof cryptoAllocAead>>();
  const run: Run = (side, plan) => {
    // One transform for many requests: only then an engine makes its tables.
    const name = `${side.machine.checks} ${plan.key.length}`;
    const tfm = must(tfms.get(name) ?? cryptoAllocAead(side.api, 'gcm-aes-accel', 0, 0));
    if (!tfms.has(name)) cryptoAeadSetkey(tfm, plan.key);
    tfms.set(name, tfm);
    cryptoAeadSetauthsize(tfm, plan.authsize);
    const req = must(aeadRequestAlloc(tfm));
    const adLen = plan.ad.reduce((sum, { len }) => sum + len, 0);
    const results: number[] = [];
    const go = (enc: boolean, from: Range[], to: Range[]): void => {
      aeadRequestSetAd(req, side.iter('source', plan.ad, plan.front), adLen);
      const src = side.iter('source', from, plan.front);
      aeadRequestSetCrypt(req, src, side.iter('dest', to, plan.front), plan.len, plan.iv);
      aeadRequestSetTag(req, side.iter(enc ? 'dest' : 'source', plan.tag, 'array'));
      results.push(enc ? cryptoAeadEncrypt(req) : cryptoAeadDecrypt(req));
    };
    go(true, plan.src, plan.dst);
    go(false, plan.dst, plan.src);
    if (!plan.encrypt) go(false, plan.src, plan.dst);
    return { err: results[1], results };
  };
  expect(same(run, [16, 24, 32], 12)).toBeGreaterThan(CASES / 3);
});

test('sha256-accel: an engine and the walk are the same hash', () => {
  const run: Run = (side, plan) => {
    const req = must(ahashRequestAlloc(must(cryptoAllocAhash(side.api, 'sha256-accel', 0, 0))));
    const out = new Uint8Array(32);
    ahashRequestSetCrypt(req, side.iter('source', plan.src, plan.front), out, plan.len);
    return { err: cryptoAhashDigest(req), out: [...out] };
  };
  expect(same(run, [16], 0)).toBe(CASES);
});
