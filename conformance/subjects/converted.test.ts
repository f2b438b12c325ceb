/**
 * Goal: what only the iov_iter API has, or only a caller who looks closely sees: the steps of its walk,
 * where scratch memory comes from, all kinds of memory in one request, the queue behind cryptd, what is
 * refused before anything runs, and the overwriting of unverified text.
 * Method: by hand; what every algorithm must do whoever implements it is in the laws.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  aeadRequestAlloc,
  aeadRequestFree,
  aeadRequestSetAd,
  aeadRequestSetCallback,
  aeadRequestSetCrypt,
  aeadRequestSetTag,
  cryptoAeadDecrypt,
  cryptoAeadEncrypt,
  cryptoAeadSetkey,
  cryptoAllocAead,
  cryptoFreeAead,
} from '../../converted/aead.ts';
import type { CryptoApi } from '../../converted/crypto-api.ts';
import {
  type PinnedVecs,
  pinUserMemory,
  unpinUserMemory,
} from '../../converted/front/user-memory.ts';
import { cryptoApiInit } from '../../converted/init.ts';
import { copyFromIter, copyToIter } from '../../converted/iter/copy.ts';
import { FolioQueue, folioqAppend } from '../../converted/iter/folio-queue.ts';
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
} from '../../converted/iter/iov-iter.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoFreeSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestFree,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
  skcipherRequestSetTfm,
} from '../../converted/skcipher.ts';
import { BVEC_NO_PAGE } from '../../src/bvec.ts';
import { CRYPTO_TFM_REQ_MAY_BACKLOG } from '../../src/crypto/algorithm.ts';
import {
  EBADMSG,
  EBUSY,
  EINPROGRESS,
  EINVAL,
  ENOMEM,
  ENOSPC,
  type Errno,
  errnoName,
} from '../../src/errno.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { Machine } from '../../src/machine/machine.ts';
import { PG_DIRTY } from '../../src/machine/page.ts';
import { PageCache } from '../../src/machine/page-cache.ts';
import { AddressSpace } from '../../src/machine/user.ts';
import { fillSeeded } from '../../src/prng.ts';
import { PAGE_SIZE, type VirtAddr, virtAddr } from '../../src/units.ts';

const KEY = Uint8Array.from({ length: 32 }, (_, i) => 3 * i + 1);

let machine: Machine;
let api: CryptoApi;
let owned: VirtAddr[];

beforeEach(() => {
  machine = new Machine();
  api = cryptoApiInit(machine);
  owned = [];
});

afterEach(() => {
  for (const address of owned) machine.slab.kfree(address);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.warnings).toEqual([]);
});

function bytes(len: number): Uint8Array {
  const data = new Uint8Array(len);
  fillSeeded(data, len + 1);
  return data;
}

function hex(data: Uint8Array): string {
  return Buffer.from(data).toString('hex');
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

function read([{ base, len }]: readonly Kvec[]): Uint8Array {
  const data = new Uint8Array(len);
  readKernel(machine, base, data);
  return data;
}

function over<D extends Direction>(direction: D, kvec: readonly Kvec[]): IovIter<D> {
  const total = kvec.reduce((sum, { len }) => sum + len, 0);
  return iovIterKvec(machine, direction, kvec, kvec.length, total);
}

function skcipher(driver: string): CryptoSkcipher {
  const tfm = found(cryptoAllocSkcipher(api, driver, 0, 0));
  expect(cryptoSkcipherSetkey(tfm, KEY)).toBe(0);
  return tfm;
}

function found<T>(value: T | Errno): T {
  if (typeof value === 'number') throw new Error(errnoName(value));
  return value;
}

/** Encrypts `data` from some pieces to one, or where it is. */
function encrypt(driver: string, data: Uint8Array, pieces: readonly number[] | null): Uint8Array {
  const tfm = skcipher(driver);
  const req = must(skcipherRequestAlloc(tfm));
  const src = place(data, pieces ?? [data.length]);
  const dst = pieces === null ? src : place(new Uint8Array(data.length), [data.length]);
  skcipherRequestSetCrypt(
    req,
    over(ITER_SOURCE, src),
    over(ITER_DEST, dst),
    data.length,
    new Uint8Array(16),
  );
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
  return read(dst);
}

test('steps are told: in place, from one place to another, through scratch', () => {
  const steps: string[] = [];
  api.recorder = { step: (nbytes, kind, rest) => steps.push(`${kind}${nbytes}(${rest})`) };
  encrypt('ctr-aes-accel', bytes(64), null);
  encrypt('ctr-aes-accel', bytes(64), [64]);
  encrypt('ctr-aes-accel', bytes(64), [20, 44]);
  expect(steps).toEqual(['I64(0)', 'D64(0)', 'B64(0)']);
});

test('without scratch memory nothing runs', () => {
  const tfm = skcipher('cbc-aes-accel');
  const req = must(skcipherRequestAlloc(tfm));
  const iv = bytes(16);
  const before = hex(iv);
  const src = place(bytes(64), [30, 34]);
  const dst = place(new Uint8Array(64).fill(0xee), [64]);
  skcipherRequestSetCrypt(req, over(ITER_SOURCE, src), over(ITER_DEST, dst), 64, iv);
  machine.faults.arm([{ point: 'page-alloc', nth: 1 }]);
  expect(cryptoSkcipherEncrypt(req)).toBe(-ENOMEM);
  expect([hex(read(dst)), hex(iv)]).toEqual(['ee'.repeat(64), before]);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  expect(machine.ledger.count('page')).toBe(1);
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
});

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
    const cached: PinnedVecs = { bvec: [], pages: [] };
    expect(pinUserMemory(file, cached)).toBe(0);
    expect(cached.pages).toEqual([]);
    const parts = [
      iovIterKvec(machine, direction, kvec, 2, lens[0] + lens[1]),
      iovIterBvec(machine, direction, bvec, 1, lens[2]),
      iovIterFolioQueue(machine, direction, queue, 0, 700, lens[3]),
      // Asynchronous: found under RCU, then kept alive by the cache's owner, which is this test.
      iovIterBvec(machine, direction, cached.bvec, cached.bvec.length, lens[4]),
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

test('one request over slab, vmalloc, device memory, folios, the page cache and pinned user pages', () => {
  const lens = [33, 200, 100, 5000, 4000, 300];
  const total = lens.reduce((sum, len) => sum + len, 0);
  const data = bytes(total);
  const want = encrypt('ctr-aes-accel', data, [total]);
  const homes = mixed(lens, data);
  const tfm = skcipher('cryptd(ctr(aes-generic))');
  const req = must(skcipherRequestAlloc(tfm));
  const done: number[] = [];
  skcipherRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
  skcipherRequestSetCrypt(req, homes.source, homes.dest, total, new Uint8Array(16));
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINPROGRESS);
  machine.scheduler.drain();
  expect(done).toEqual([0]);
  const out = new Uint8Array(total);
  expect(copyFromIter(out, total, homes.source)).toBe(total);
  expect(hex(out)).toBe(hex(want));
  homes.release();
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
});

test.each(['gcm-aes-accel', 'gcm_base(ctr(aes-generic),ghash-generic)', 'cryptd(gcm-aes-accel)'])(
  '%s overwrites what it could not verify, for those who want it',
  (driver) => {
    const tfm = found(cryptoAllocAead(api, driver, 0, 0));
    expect(cryptoAeadSetkey(tfm, KEY)).toBe(0);
    const [ad, text, tag] = [bytes(20), bytes(48), new Uint8Array(16)].map((part) =>
      place(part, [part.length]),
    );
    const req = must(aeadRequestAlloc(tfm));
    const done: number[] = [];
    aeadRequestSetCallback(req, 0, (_data, err) => done.push(err), null);
    aeadRequestSetAd(req, over(ITER_SOURCE, ad), 20);
    const run = (submit: typeof cryptoAeadEncrypt): Errno => {
      const [src, dst] = [over(ITER_SOURCE, text), over(ITER_DEST, text)];
      aeadRequestSetCrypt(req, src, dst, 48, new Uint8Array(12));
      const err = submit(req);
      if (err !== -EINPROGRESS) return err;
      machine.scheduler.drain();
      return done.pop() ?? err;
    };
    aeadRequestSetTag(req, over(ITER_DEST, tag));
    expect(run(cryptoAeadEncrypt)).toBe(0);
    aeadRequestSetTag(req, over(ITER_SOURCE, place(new Uint8Array(16), [16])));
    tfm.wipeOnBadTag = true;
    expect(run(cryptoAeadDecrypt)).toBe(-EBADMSG);
    expect(hex(read(text))).toBe('00'.repeat(48));
    aeadRequestFree(req);
    cryptoFreeAead(tfm);
  },
);

test('the callback may free request and transform', () => {
  const tfm = skcipher('cryptd(ctr-aes-accel)');
  const req = must(skcipherRequestAlloc(tfm));
  const kvec = place(bytes(32), [32]);
  const results: number[] = [];
  const complete = (_data: unknown, err: number): void => {
    results.push(err);
    skcipherRequestFree(req);
    cryptoFreeSkcipher(tfm);
  };
  skcipherRequestSetCallback(req, 0, complete, null);
  skcipherRequestSetCrypt(req, over(ITER_SOURCE, kvec), over(ITER_DEST, kvec), 32, bytes(16));
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINPROGRESS);
  machine.scheduler.drain(10);
  expect(results).toEqual([0]);
});

test('cryptd queues a thousand, then the backlog, then refuses; completions come in order', () => {
  const tfm = skcipher('cryptd(cbc(aes-generic))');
  const kvec = place(new Uint8Array(16), [16]);
  const order: number[] = [];
  let notices = 0;
  const returned = new Map<number, number>();
  const reqs: SkcipherRequest[] = [];
  for (let i = 0; i < 1100; i++) {
    const req = must(skcipherRequestAlloc(tfm));
    reqs.push(req);
    const complete = (data: unknown, err: number): void => {
      // As observed in four kernels: a task with bottom halves disabled.
      expect([machine.context.inTask(), machine.context.inSoftirq()]).toEqual([true, true]);
      if (err === -EINPROGRESS) notices++;
      else order.push(Number(data));
    };
    skcipherRequestSetCallback(req, i < 1050 ? CRYPTO_TFM_REQ_MAY_BACKLOG : 0, complete, i);
    skcipherRequestSetCrypt(
      req,
      over(ITER_SOURCE, kvec),
      over(ITER_DEST, kvec),
      16,
      new Uint8Array(16),
    );
    const err = cryptoSkcipherEncrypt(req);
    returned.set(err, (returned.get(err) ?? 0) + 1);
    if (err !== -EINPROGRESS) continue;
    expect(() => cryptoSkcipherEncrypt(req)).toThrow(/submitted while it is in flight/);
    expect(() => skcipherRequestSetTfm(req, tfm)).toThrow(/request changed/);
    expect(() => skcipherRequestFree(req)).toThrow(/request freed/);
    expect(() => skcipherRequestSetCallback(req, 0, null, null)).toThrow(/request changed/);
  }
  expect([...returned]).toEqual([
    [-EINPROGRESS, 1000],
    [-EBUSY, 50],
    [-ENOSPC, 50],
  ]);
  expect(() => cryptoFreeSkcipher(tfm)).toThrow(/in flight/);
  expect(() => cryptoSkcipherSetkey(tfm, new Uint8Array(16))).toThrow(/in flight/);
  machine.scheduler.drain();
  expect(notices).toBe(50);
  expect(order).toEqual(Array.from({ length: 1050 }, (_, i) => i));
  for (const req of reqs) skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
});

test('a length above the count, a wrong overlap and read-only memory stop before anything runs', () => {
  const tfm = skcipher('ctr(aes-generic)');
  const [whole] = place(bytes(64), [64]);
  const before = hex(read([whole]));
  const req = must(skcipherRequestAlloc(tfm));
  const iv = new Uint8Array(16);
  const at = (skip: number, len: number): Kvec[] => [{ base: virtAddr(whole.base + skip), len }];
  skcipherRequestSetCrypt(req, over(ITER_SOURCE, at(0, 32)), over(ITER_DEST, at(32, 32)), 33, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINVAL);
  skcipherRequestSetCrypt(req, over(ITER_SOURCE, at(0, 32)), over(ITER_DEST, at(16, 32)), 32, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(-EINVAL);
  expect(hex(read([whole]))).toBe(before);
  // Two lists that split the same memory differently are in place.
  const first = [...at(0, 20), ...at(20, 44)];
  const second = [...at(0, 36), ...at(36, 28)];
  skcipherRequestSetCrypt(req, over(ITER_SOURCE, first), over(ITER_DEST, second), 64, iv);
  expect(cryptoSkcipherEncrypt(req)).toBe(0);
  skcipherRequestFree(req);
  cryptoFreeSkcipher(tfm);
});
