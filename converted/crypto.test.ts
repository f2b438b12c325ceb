/**
 * Goal: the ciphers, AEADs and hashes of the iterator API give the bytes, results and output IVs of
 * Linux 6.1, whatever the segmentation.
 * Method: the two providers against each other and against one contiguous segment; the errors and IVs
 * of the reference tables; every tfm, request and scratch page given back.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BVEC_NO_PAGE } from '../src/bvec.ts';
import { errnoName } from '../src/errno.ts';
import { must, readKernel, writeKernel } from '../src/machine/access.ts';
import { Machine } from '../src/machine/machine.ts';
import { PG_DIRTY } from '../src/machine/page.ts';
import { PageCache } from '../src/machine/page-cache.ts';
import { AddressSpace } from '../src/machine/user.ts';
import { fillSeeded, Prng } from '../src/prng.ts';
import { PAGE_SIZE, type VirtAddr, virtAddr } from '../src/units.ts';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetauthsize,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from './aead.ts';
import {
  ahashRequestAlloc,
  ahashRequestFree,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashExport,
  cryptoAhashFinal,
  cryptoAhashFinup,
  cryptoAhashImport,
  cryptoAhashInit,
  cryptoAhashSetkey,
  cryptoAhashUpdate,
  cryptoAllocAhash,
  cryptoFreeAhash,
} from './ahash.ts';
import type { CryptoApi } from './crypto-api.ts';
import { type PinnedVecs, pinUserMemory, unpinUserMemory } from './front/user-memory.ts';
import { cryptoApiInit } from './init.ts';
import { copyFromIter, copyToIter } from './iter/copy.ts';
import { FolioQueue, folioqAppend } from './iter/folio-queue.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterChain,
  iovIterCopy,
  iovIterFolioQueue,
  iovIterKvec,
  iovIterUbuf,
  iovIterXarray,
  type Kvec,
} from './iter/iov-iter.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherDecrypt,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from './skcipher.ts';

let machine: Machine;
let api: CryptoApi;
let prng: Prng;
let owned: VirtAddr[];

beforeEach(() => {
  machine = new Machine({ memory: 1 << 26 });
  api = cryptoApiInit(machine);
  prng = new Prng(11);
  owned = [];
});

afterEach(() => {
  for (const address of owned) machine.slab.kfree(address);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.warnings).toEqual([]);
});

function bytes(len: number): Uint8Array {
  const data = new Uint8Array(len);
  fillSeeded(data, prng.u32());
  return data;
}

/** Kernel memory in the given pieces, filled with `data`. */
function place(data: Uint8Array, pieces: readonly number[]): Kvec[] {
  let done = 0;
  return pieces.map((len) => {
    const base = must(machine.slab.kmalloc(len, 'test'));
    owned.push(base);
    writeKernel(machine, base, data.subarray(done, done + len));
    done += len;
    return { base, len };
  });
}

function read(kvec: readonly Kvec[]): Uint8Array {
  const parts = kvec.map(({ base, len }) => {
    const part = new Uint8Array(len);
    readKernel(machine, base, part);
    return part;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A random partition of `len`, empty pieces included. */
function partition(len: number): number[] {
  const pieces: number[] = [];
  for (let left = len; left > 0; ) {
    const piece = prng.oneIn(5) ? 0 : prng.between(1, Math.min(left, 100));
    pieces.push(piece);
    left -= piece;
  }
  return pieces;
}

function total(kvec: readonly Kvec[]): number {
  return kvec.reduce((sum, { len }) => sum + len, 0);
}

function source(kvec: readonly Kvec[]): ReturnType<typeof iovIterKvec<'source'>> {
  return iovIterKvec(machine, ITER_SOURCE, kvec, kvec.length, total(kvec));
}

function dest(kvec: readonly Kvec[]): ReturnType<typeof iovIterKvec<'dest'>> {
  return iovIterKvec(machine, ITER_DEST, kvec, kvec.length, total(kvec));
}

function skcipher(driver: string, key: Uint8Array): CryptoSkcipher {
  const tfm = cryptoAllocSkcipher(api, driver, 0, 0);
  if (typeof tfm === 'number') throw new Error(`${driver}: ${errnoName(tfm)}`);
  expect(cryptoSkcipherSetkey(tfm, key)).toBe(0);
  return tfm;
}

interface Outcome {
  readonly err: number;
  readonly out: string;
  readonly iv: string;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
}

const XTS_KEY = Uint8Array.from({ length: 64 }, (_, i) => 3 * i + 1);
const KEY = XTS_KEY.slice(0, 32);
const START_IV = Uint8Array.from({ length: 16 }, (_, i) => (i < 15 ? 0xff : 0xfe));

/** One buffer over six kinds of memory, filled with `data`. */
function mixed(
  lens: readonly number[],
  data: Uint8Array,
): { source: IovIter<'source'>; dest: IovIter<'dest'>; release: () => void } {
  const area = must(machine.vmalloc.alloc(PAGE_SIZE, 'test'));
  const [slab] = place(new Uint8Array(lens[0]), [lens[0]]);
  const device = must(machine.allocDevice(PAGE_SIZE));
  const folio = { page: must(machine.allocPages(1, 'test')), order: 1 };
  const queue = new FolioQueue();
  folioqAppend(queue, folio);
  const cache = new PageCache(machine);
  for (const index of [0, 1]) must(cache.add(index, 0, false));
  const mm = new AddressSpace(machine);
  const user = mm.mmap(PAGE_SIZE, true, true);
  const pinned: PinnedVecs = { bvec: [], pages: [] };
  const pages = iovIterUbuf(machine, mm, ITER_DEST, user, lens[5]);
  expect(pinUserMemory(pages, pinned)).toBe(0);
  const bvec = [{ phys: device, len: lens[2], flags: BVEC_NO_PAGE }];
  const make = <D extends Direction>(direction: D): IovIter<D> => {
    const kvec = [slab, { base: virtAddr(area + 100), len: lens[1] }];
    const file = iovIterXarray(machine, direction, cache, 90, lens[4]);
    const found: PinnedVecs = { bvec: [], pages: [] };
    expect(pinUserMemory(file, found)).toBe(0);
    expect(found.pages).toEqual([]);
    const parts = [
      iovIterKvec(machine, direction, kvec, 2, lens[0] + lens[1]),
      iovIterBvec(machine, direction, bvec, 1, lens[2]),
      iovIterFolioQueue(machine, direction, queue, 0, 700, lens[3]),
      // Asynchronous: found under RCU, then kept alive by the cache's owner, which is this test.
      iovIterBvec(machine, direction, found.bvec, found.bvec.length, lens[4]),
      iovIterBvec(machine, direction, pinned.bvec, pinned.bvec.length, lens[5]),
    ];
    return iovIterChain(machine, direction, parts, data.length);
  };
  const dest = make(ITER_DEST);
  expect(copyToIter(data, data.length, iovIterCopy(dest))).toBe(data.length);
  const release = (): void => {
    const [page] = pinned.pages;
    unpinUserMemory(machine, pinned, true);
    expect(machine.pages.has(page, PG_DIRTY)).toBe(true);
    mm.exit();
    cache.truncate();
    machine.freePages(folio.page);
    machine.vmalloc.free(area);
  };
  return { source: make(ITER_SOURCE), dest, release };
}

function crypt(
  driver: string,
  encrypt: boolean,
  data: Uint8Array,
  pieces: readonly [readonly number[], readonly number[]] | null,
): Outcome {
  const tfm = skcipher(driver, driver.startsWith('xts') ? XTS_KEY : KEY);
  const req = must(skcipherRequestAlloc(tfm));
  const iv = START_IV.slice();
  const src = place(data, pieces?.[0] ?? [data.length]);
  const dst = pieces === null ? src : place(new Uint8Array(data.length).fill(0xee), pieces[1]);
  skcipherRequestSetCrypt(req, source(src), dest(dst), data.length, iv);
  const err = encrypt ? cryptoSkcipherEncrypt(req) : cryptoSkcipherDecrypt(req);
  const out = hex(read(dst));
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  return { err, out, iv: hex(iv) };
}

const DRIVERS = [
  ['ecb(aes-generic)', 'ecb-aes-accel'],
  ['cbc(aes-generic)', 'cbc-aes-accel'],
  ['ctr(aes-generic)', 'ctr-aes-accel'],
  ['xts(ecb(aes-generic))', 'xts-aes-accel'],
] as const;

test.each(DRIVERS)('%s and %s agree for every segmentation and length', (generic, accel) => {
  for (const len of [0, 1, 15, 16, 17, 31, 32, 33, 48, 100, 500, 1000]) {
    for (const encrypt of [true, false]) {
      const data = bytes(len);
      const whole = crypt(generic, encrypt, data, [[len], [len]]);
      for (const driver of [generic, accel]) {
        const parts = crypt(driver, encrypt, data, [partition(len), partition(len)]);
        expect(parts).toEqual(whole);
        const inPlace = crypt(driver, encrypt, data, null);
        expect([inPlace.err, inPlace.iv]).toEqual([whole.err, whole.iv]);
        if (whole.err === 0) expect(inPlace.out).toBe(whole.out);
      }
      if (whole.err === 0) {
        const back = Uint8Array.from(Buffer.from(whole.out, 'hex'));
        expect(crypt(accel, !encrypt, back, [[len], partition(len)]).out).toBe(hex(data));
      }
    }
  }
});

test.each(DRIVERS)('%s and %s agree over long runs, chunks and their borders', (generic, accel) => {
  const layouts = [
    [70000, 13, 65536, 100, 3],
    [65535, 1, 65537, 7, 4572],
    [5, 131072, 4575],
    [135652],
  ];
  const data = bytes(135652);
  const whole = crypt(accel, true, data, [[135652], [135652]]);
  const err = whole.err;
  expect(err).toBe(generic.startsWith('e') || generic.startsWith('cb') ? -22 : 0);
  for (const driver of [generic, accel]) {
    for (const src of layouts) {
      expect(crypt(driver, true, data, [src, layouts[prng.below(4)]])).toEqual(whole);
    }
    expect(crypt(driver, true, data, [partition(135652), [135652]])).toEqual(whole);
  }
});

test('steps are told: in place, from one place to another, through scratch', () => {
  const steps: string[] = [];
  api.recorder = { step: (nbytes, kind, rest) => steps.push(`${kind}${nbytes}(${rest})`) };
  const data = bytes(64);
  crypt('ctr-aes-accel', true, data, null);
  crypt('ctr-aes-accel', true, data, [[64], [64]]);
  crypt('ctr-aes-accel', true, data, [[20, 44], [64]]);
  expect(steps).toEqual(['I64(0)', 'D64(0)', 'B64(0)']);
});

test('without scratch memory nothing runs', () => {
  const tfm = skcipher('cbc-aes-accel', KEY);
  const req = must(skcipherRequestAlloc(tfm));
  const iv = START_IV.slice();
  const dst = place(new Uint8Array(64).fill(0xee), [64]);
  skcipherRequestSetCrypt(req, source(place(bytes(64), [30, 34])), dest(dst), 64, iv);
  machine.faults.arm([{ point: 'page-alloc', nth: 1 }]);
  expect(cryptoSkcipherEncrypt(req)).toBe(-12);
  expect([hex(read(dst)), hex(iv)]).toEqual(['ee'.repeat(64), hex(START_IV)]);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  expect(machine.ledger.count('page')).toBe(1);
  cryptoFreeSkcipher(tfm);
});

test('one request over slab, vmalloc, device memory, folios, the page cache and pinned user pages', () => {
  const lens = [33, 200, 100, 5000, 4000, 300];
  const total = lens.reduce((sum, len) => sum + len, 0);
  const data = bytes(total);
  const want = crypt('ctr-aes-accel', true, data, [[total], [total]]);
  const homes = mixed(lens, data);
  const tfm = skcipher('cryptd(ctr(aes-generic))', KEY);
  const req = must(skcipherRequestAlloc(tfm));
  const iv = START_IV.slice();
  const done: number[] = [];
  skcipherRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
  skcipherRequestSetCrypt(req, homes.source, homes.dest, total, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(-115);
  machine.scheduler.drain();
  expect(done).toEqual([0]);
  const out = new Uint8Array(total);
  expect(copyFromIter(out, total, homes.source)).toBe(total);
  expect([hex(out), hex(iv)]).toEqual([want.out, want.iv]);
  homes.release();
  cryptoFreeSkcipher(tfm);
});

test('cbc and ecb write whole blocks and the IV before they refuse a length', () => {
  const data = bytes(33);
  for (const mode of ['ecb', 'cbc']) {
    const { err, out, iv } = crypt(`${mode}(aes-generic)`, true, data, [[20, 13], [33]]);
    expect(err).toBe(-22);
    expect(out.slice(64)).toBe('ee');
    expect(out.slice(0, 64)).not.toContain('eeeeeeee');
    if (mode === 'cbc') expect(iv).toBe(out.slice(32, 64));
  }
  expect(crypt('cbc(aes-generic)', true, data.subarray(0, 15), [[15], [15]]).out).toBe(
    'ee'.repeat(15),
  );
});

test.each([
  [15, 'ff'],
  [16, 'ff'],
  [17, '00'],
  [33, '01'],
])('the counter after %i bytes is a 128-bit number that wraps', (len, last) => {
  const { iv } = crypt('ctr-aes-accel', true, bytes(len), [[len], [len]]);
  expect(iv.slice(-2)).toBe(last);
});

function aead(driver: string, name: string): Record<string, string | number> {
  const tfm = cryptoAllocAead(api, driver, 0, 0);
  if (typeof tfm === 'number') throw new Error(errnoName(tfm));
  expect(
    cryptoAeadSetkey(
      tfm,
      Uint8Array.from({ length: 16 }, (_, i) => i),
    ),
  ).toBe(0);
  const result: Record<string, string | number> = {};
  const random = new Prng(5);
  prng = random;
  for (const [assoclen, len, authsize] of [
    [20, 48, 16],
    [0, 0, 4],
    [7, 1, 12],
    [16, 333, 8],
  ]) {
    expect(cryptoAeadSetauthsize(tfm, authsize)).toBe(0);
    const text = bytes(len);
    const ad = place(bytes(assoclen), partition(assoclen));
    const plain = place(text, partition(len));
    const cipher = place(new Uint8Array(len), partition(len));
    const tag = place(new Uint8Array(authsize), partition(authsize));
    const iv = new Uint8Array(12).fill(0x5a);
    const done: number[] = [];
    const req = must(aeadRequestAlloc(tfm));
    aeadRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
    aeadRequestSetAd(req, source(ad), assoclen);
    aeadRequestSetTag(req, dest(tag));
    aeadRequestSetCrypt(req, source(plain), dest(cipher), len, iv);
    const finish = (err: number): number => {
      if (err !== -115) return err;
      machine.scheduler.drain();
      return done.pop() ?? Number.NaN;
    };
    result[`${assoclen}/${len} encrypt`] = finish(cryptoAeadEncrypt(req));
    result[`${assoclen}/${len} text`] = hex(read(cipher));
    result[`${assoclen}/${len} tag`] = hex(read(tag));
    const back = place(new Uint8Array(len), [len]);
    aeadRequestSetTag(req, source(tag));
    aeadRequestSetCrypt(req, source(cipher), dest(back), len, iv);
    expect(finish(cryptoAeadDecrypt(req)), name).toBe(0);
    expect(hex(read(back))).toBe(hex(text));
    const wrong = read(tag);
    wrong[authsize - 1] ^= 1;
    aeadRequestSetTag(req, source(place(wrong, [authsize])));
    aeadRequestSetCrypt(req, source(cipher), dest(cipher), len, iv);
    expect(finish(cryptoAeadDecrypt(req))).toBe(-74);
    expect(hex(read(cipher)), 'unverified plaintext stays').toBe(hex(text));
    tfm.wipeOnBadTag = true;
    aeadRequestSetCrypt(req, source(cipher), dest(cipher), len, iv);
    expect(finish(cryptoAeadDecrypt(req))).toBe(-74);
    expect(read(cipher).every((byte) => byte === 0)).toBe(true);
    tfm.wipeOnBadTag = false;
    aeadRequestFree(req);
  }
  cryptoFreeAead(tfm);
  return result;
}

test('gcm from parts, gcm as one kernel and both through cryptd agree', () => {
  const whole = aead('gcm-aes-accel', 'accel');
  const parts = 'gcm_base(ctr(aes-generic),ghash-generic)';
  for (const driver of [parts, 'cryptd(gcm-aes-accel)', `cryptd(${parts})`]) {
    expect(aead(driver, driver)).toEqual(whole);
  }
});

test('the callback may free request and transform', () => {
  const tfm = cryptoAllocSkcipher(api, 'cryptd(ctr-aes-accel)', 0, 0);
  if (typeof tfm === 'number') throw new Error(errnoName(tfm));
  expect(cryptoSkcipherSetkey(tfm, bytes(16))).toBe(0);
  const req = must(skcipherRequestAlloc(tfm));
  const kvec = place(bytes(32), [32]);
  const results: number[] = [];
  const complete = (_data: unknown, err: number): void => {
    results.push(err);
    skcipherRequestFree(req);
    cryptoFreeSkcipher(tfm);
  };
  skcipherRequestSetCallback(req, 0, complete, null);
  skcipherRequestSetCrypt(req, source(kvec), dest(kvec), 32, bytes(16));
  expect(cryptoSkcipherEncrypt(req)).toBe(-115);
  machine.scheduler.drain(10);
  expect(results).toEqual([0]);
});

test.each(['sha256-generic', 'sha256-accel', 'hmac(sha256-generic)', 'hmac-sha256-accel'])(
  '%s: digest, update and finup, and an exported state agree',
  (driver) => {
    const tfm = cryptoAllocAhash(api, driver, 0, 0);
    if (typeof tfm === 'number') throw new Error(errnoName(tfm));
    const keyed = driver.startsWith('hmac');
    const req = must(ahashRequestAlloc(tfm));
    if (keyed) expect(cryptoAhashInit(req)).toBe(-126);
    expect(cryptoAhashSetkey(tfm, bytes(20))).toBe(keyed ? 0 : -38);
    const data = bytes(1000);
    const kvec = place(data, partition(1000));
    const whole = new Uint8Array(32);
    ahashRequestSetCrypt(req, source(kvec), whole, 1000);
    expect(cryptoAhashDigest(req)).toBe(0);
    const result = new Uint8Array(32);
    const state = new Uint8Array(104);
    expect(cryptoAhashInit(req)).toBe(0);
    ahashRequestSetCrypt(req, source(place(data, [300, 700])), result, 300);
    expect(cryptoAhashUpdate(req)).toBe(0);
    // OpenSSL keeps its state to itself.
    const open = driver.includes('generic');
    expect(cryptoAhashExport(req, state)).toBe(open ? 0 : -38);
    expect(cryptoAhashFinal(req)).toBe(0);
    expect(result).not.toEqual(whole);
    // An exported state can be copied, and gone on from as often as one likes.
    for (const exported of open ? [state, state.slice(), state] : []) {
      expect(cryptoAhashImport(req, exported)).toBe(0);
      ahashRequestSetCrypt(req, source(place(data.subarray(300), [700])), result.fill(0), 700);
      expect(cryptoAhashFinup(req)).toBe(0);
      expect(result).toEqual(whole);
    }
    if (!open) expect(cryptoAhashImport(req, state)).toBe(-38);
    expect(() => cryptoAhashUpdate(req)).toThrow(/after final/);
    ahashRequestFree(req);
    cryptoFreeAhash(tfm);
  },
);

test('cryptd queues a thousand, then the backlog, then refuses; completions come in order', () => {
  const tfm = skcipher('cryptd(cbc(aes-generic))', new Uint8Array(16));
  const kvec = place(new Uint8Array(16), [16]);
  const order: number[] = [];
  let notices = 0;
  const returned = new Map<number, number>();
  for (let i = 0; i < 1100; i++) {
    const req = must(skcipherRequestAlloc(tfm));
    const complete = (data: unknown, err: number): void => {
      // As observed in four kernels: a task with bottom halves disabled.
      expect([machine.context.inTask(), machine.context.inSoftirq()]).toEqual([true, true]);
      if (err === -115) notices++;
      else order.push(Number(data));
    };
    skcipherRequestSetCallback(req, i < 1050 ? 0x400 : 0, complete, i);
    skcipherRequestSetCrypt(req, source(kvec), dest(kvec), 16, new Uint8Array(16));
    const err = cryptoSkcipherEncrypt(req);
    returned.set(err, (returned.get(err) ?? 0) + 1);
    if (err !== -115) continue;
    expect(() => cryptoSkcipherEncrypt(req)).toThrow(/submitted while it is in flight/);
    expect(() => skcipherRequestSetTfm(req, tfm)).toThrow(/request changed/);
    expect(() => skcipherRequestFree(req)).toThrow(/request freed/);
    expect(() => skcipherRequestSetCallback(req, 0, null, null)).toThrow(/request changed/);
  }
  expect([...returned]).toEqual([
    [-115, 1000],
    [-16, 50],
    [-28, 50],
  ]);
  expect(() => cryptoFreeSkcipher(tfm)).toThrow(/in flight/);
  expect(() => cryptoSkcipherSetkey(tfm, new Uint8Array(16))).toThrow(/in flight/);
  machine.scheduler.drain();
  expect(notices).toBe(50);
  expect(order).toEqual(Array.from({ length: 1050 }, (_, i) => i));
  cryptoFreeSkcipher(tfm);
});

test('keys: lengths, weak halves, and what a refused key leaves behind', () => {
  const cbc = skcipher('cbc(aes-generic)', new Uint8Array(16));
  const req = must(skcipherRequestAlloc(cbc));
  const kvec = place(new Uint8Array(16), [16]);
  skcipherRequestSetCrypt(req, source(kvec), dest(kvec), 16, new Uint8Array(16));
  expect(cryptoSkcipherSetkey(cbc, new Uint8Array(15))).toBe(-22);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  expect(cryptoSkcipherSetkey(cbc, new Uint8Array(20))).toBe(-22);
  expect(cryptoSkcipherEncrypt(req)).toBe(-126);
  cryptoFreeSkcipher(cbc);
  const xts = skcipher('xts-aes-accel', new Uint8Array(32));
  xts.flags |= 0x100;
  expect(cryptoSkcipherSetkey(xts, new Uint8Array(32))).toBe(-22);
  cryptoFreeSkcipher(xts);
});

test('a length above the count, a wrong overlap and read-only memory stop before anything runs', () => {
  const tfm = skcipher('ctr(aes-generic)', new Uint8Array(16));
  const [whole] = place(bytes(64), [64]);
  const before = hex(read([whole]));
  const req = must(skcipherRequestAlloc(tfm));
  const iv = new Uint8Array(16);
  const at = (skip: number, len: number): Kvec[] => [{ base: virtAddr(whole.base + skip), len }];
  skcipherRequestSetCrypt(req, source(at(0, 32)), dest(at(32, 32)), 33, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(-22);
  skcipherRequestSetCrypt(req, source(at(0, 32)), dest(at(16, 32)), 32, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(-22);
  expect(hex(read([whole]))).toBe(before);
  // Two lists that split the same memory differently are in place.
  const first = [...at(0, 20), ...at(20, 44)];
  const second = [...at(0, 36), ...at(36, 28)];
  skcipherRequestSetCrypt(req, source(first), dest(second), 64, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  cryptoFreeSkcipher(tfm);
});
