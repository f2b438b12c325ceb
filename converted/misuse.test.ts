/**
 * Goal: every misuse of an iterator or a request has one exact outcome.
 * Method: each rule broken once, on a strict iterator and, where the kernel goes on, on an unchecked
 * one. Nothing here is a scatterlist, and nothing can be made to be one.
 */
import { readdirSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { type BioVec, BvecList } from '../src/bvec.ts';
import { must, writeKernel } from '../src/machine/access.ts';
import { linearToPhys, pageToVirt, virtToPage } from '../src/machine/address.ts';
import { Machine, pageAddress } from '../src/machine/machine.ts';
import { PageCache } from '../src/machine/page-cache.ts';
import { AddressSpace } from '../src/machine/user.ts';
import { MAX_RW_COUNT, PAGE_SIZE, userAddr, type VirtAddr, virtAddr } from '../src/units.ts';
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
import type { CryptoApi } from './crypto-api.ts';
import * as everything from './index.ts';
import { cryptoApiInit } from './init.ts';
import { Bvecq, bvecqAppend } from './iter/bvecq.ts';
import { copyFromIter, copyPageFromIter, copyPageToIter, copyToIter } from './iter/copy.ts';
import { type ExtractedPages, iovIterExtractPages } from './iter/extract.ts';
import { FolioQueue, folioqAppend } from './iter/folio-queue.ts';
import {
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterReexpand,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
} from './iter/iov-iter.ts';
import { iterateAndAdvance, iterateAndAdvanceKernel } from './iter/iterate.ts';
import { iovIterGetPages2 } from './iter/pages.ts';
import {
  dupIter,
  iovIterAdvance,
  iovIterRestore,
  iovIterRevert,
  iovIterSaveState,
} from './iter/position.ts';
import { iovIterAlignment, iovIterGapAlignment, iovIterNpages } from './iter/query.ts';
import { iovIterLower } from './lower/lower.ts';
import {
  type CryptoSkcipher,
  cryptoAllocSkcipher,
  cryptoSkcipherEncrypt,
  cryptoSkcipherSetkey,
  type SkcipherRequest,
  skcipherRequestAlloc,
  skcipherRequestSetCallback,
  skcipherRequestSetCrypt,
} from './skcipher.ts';

const KERNEL = false;

let machine: Machine;
let mm: AddressSpace;
let buffer: VirtAddr;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 22 });
  mm = new AddressSpace(machine);
  buffer = must(machine.slab.kmalloc(64, 'test'));
  writeKernel(machine, buffer, new Uint8Array(64));
});

function kvec(lengths: readonly number[], strict?: boolean): IovIter<'source'> {
  const total = lengths.reduce((sum, len) => sum + len, 0);
  const list = lengths.map((len) => ({ base: buffer, len }));
  return iovIterKvec(machine, ITER_SOURCE, list, list.length, total, strict);
}

function kvecDest(len: number, strict?: boolean): IovIter<'dest'> {
  return iovIterKvec(machine, ITER_DEST, [{ base: buffer, len }], 1, len, strict);
}

function cache(pages: number, readonly = false): PageCache {
  const result = new PageCache(machine);
  for (let index = 0; index < pages; index++) {
    const entry = must(result.add(index, 0, readonly));
    result.populate(entry, 0, new Uint8Array(PAGE_SIZE));
  }
  return result;
}

function folioq(): FolioQueue {
  const queue = new FolioQueue();
  folioqAppend(queue, { page: must(machine.allocPages(0, 'test')), order: 0 });
  return queue;
}

test('advancing past the end stops at the end', () => {
  const i = kvec([3, 0, 5]);
  iovIterAdvance(i, 1000);
  expect([i.count, i.nrSegs, i.iovOffset]).toEqual([0, 0, 0]);
  expect(() => iovIterAdvance(i, -1)).toThrow(/negative/);
});

test('reverting past the start is an oops for arrays and queues, BUG() for single ranges', () => {
  for (const strict of [true, false]) {
    const i = kvec([3, 5], strict);
    iovIterAdvance(i, 4);
    expect(() => iovIterRevert(i, 5)).toThrow(/before the segment array/);
    const q = iovIterFolioQueue(machine, ITER_SOURCE, folioq(), 0, 0, 10, strict);
    expect(() => iovIterRevert(q, 1)).toThrow(/before the folio queue/);
    const b = new Bvecq();
    bvecqAppend(b, { phys: linearToPhys(buffer), len: 4, flags: 0 });
    const bq = iovIterBvecQueue(machine, ITER_SOURCE, b, 0, 0, 4, strict);
    expect(() => iovIterRevert(bq, 1)).toThrow(/before the bvec queue/);
    const u = iovIterUbuf(machine, mm, ITER_SOURCE, userAddr(4096), 10, strict);
    expect(() => iovIterRevert(u, 1)).toThrow(/BUG\(\)/);
    const x = iovIterXarray(machine, ITER_SOURCE, cache(1), 100, 10, strict);
    expect(() => iovIterRevert(x, 1)).toThrow(/BUG\(\)/);
  }
});

test('reverting by more than MAX_RW_COUNT does nothing, with a warning', () => {
  const i = kvec([8], KERNEL);
  iovIterAdvance(i, 4);
  iovIterRevert(i, MAX_RW_COUNT + 1);
  expect([i.count, i.iovOffset]).toEqual([4, 4]);
  expect(machine.warnings).toEqual(['WARN_ON(unroll > MAX_RW_COUNT)']);
  expect(() => iovIterRevert(kvec([8]), MAX_RW_COUNT + 1)).toThrow(/MAX_RW_COUNT/);
});

test('the wrong direction does not compile, copies nothing and warns, or throws', () => {
  const source = kvec([8], KERNEL);
  const dest = kvecDest(8, KERNEL);
  const bytes = new Uint8Array(8);
  // @ts-expect-error a source is no destination
  expect(copyToIter(bytes, 4, source)).toBe(0);
  // @ts-expect-error a destination is no source
  expect(copyFromIter(bytes, 4, dest)).toBe(0);
  expect([source.count, dest.count]).toEqual([8, 8]);
  expect(machine.warnings.length).toBe(2);
  // @ts-expect-error a source is no destination
  expect(() => copyToIter(bytes, 4, kvec([8]))).toThrow(/data_source/);
  // @ts-expect-error a destination is no source
  expect(() => copyFromIter(bytes, 4, kvecDest(8))).toThrow(/data_source/);
  // @ts-expect-error a discard is no source
  expect(() => iovIterDiscard(machine, ITER_SOURCE, 4)).toThrow(/BUG_ON/);
  // @ts-expect-error no such direction
  expect(() => iovIterKvec(machine, 'both', [], 0, 0)).toThrow(/direction/);
});

test('preconditions are checked at construction; unchecked, the walk behind the array is an oops', () => {
  expect(() => iovIterKvec(machine, ITER_SOURCE, [{ base: buffer, len: 4 }], 1, 5)).toThrow(
    /count is more/,
  );
  expect(() => iovIterKvec(machine, ITER_SOURCE, [{ base: buffer, len: 4 }], 2, 4)).toThrow(
    /nr_segs/,
  );
  expect(() => iovIterFolioQueue(machine, ITER_SOURCE, folioq(), 0, 5000, 1)).toThrow(/iov_offset/);
  expect(() => iovIterFolioQueue(machine, ITER_SOURCE, folioq(), 0, 0, 5000)).toThrow(/count/);
  expect(() => iovIterKvec(machine, ITER_SOURCE, [], 0, -1)).toThrow(/count/);
  const short = iovIterKvec(machine, ITER_SOURCE, [{ base: buffer, len: 4 }], 1, 5, KERNEL);
  expect(() => copyFromIter(new Uint8Array(5), 5, short)).toThrow(/behind its segments/);
  expect(() => iovIterLower(new BvecList(), short, 5)).toThrow(/behind its segments/);
});

test('re-expanding to more than was cut off is caught', () => {
  for (const i of [
    kvec([4, 4]),
    iovIterUbuf(machine, mm, ITER_SOURCE, userAddr(4096), 8),
    iovIterXarray(machine, ITER_SOURCE, cache(1), 0, 8),
  ]) {
    iovIterTruncate(i, 5);
    iovIterReexpand(i, 8);
    iovIterAdvance(i, 1);
    expect(() => iovIterReexpand(i, 8)).toThrow(/count is more/);
  }
});

test('user memory in a kernel-only step is caught; the kernel reports progress and does nothing', () => {
  let calls = 0;
  const step = (): number => {
    calls++;
    return 0;
  };
  const make = (strict: boolean): IovIter =>
    iovIterUbuf(machine, mm, ITER_SOURCE, userAddr(4096), 8, strict);
  const i = make(KERNEL);
  expect(iterateAndAdvanceKernel(i, 8, null, step)).toBe(8);
  expect([i.count, calls]).toEqual([0, 0]);
  expect(() => iterateAndAdvanceKernel(make(true), 8, null, step)).toThrow(/kernel-only/);
  const chain = iovIterChain(machine, ITER_SOURCE, [kvec([4]), make(true) as never], 12);
  expect(() => iterateAndAdvanceKernel(chain, 12, null, step)).toThrow(/kernel-only/);
  expect(calls).toBe(1);
});

test('a step over the page cache must not sleep, and its folios need the RCU lock', () => {
  const i = iovIterXarray(machine, ITER_SOURCE, cache(2), 0, 5000);
  const sleeper = (): number => {
    machine.context.mightSleep('step');
    return 0;
  };
  expect(() => iterateAndAdvance(i, 5000, null, sleeper, sleeper)).toThrow(/RCU read section/);
  expect(machine.context.rcu).toBe(0);
  expect(() => iovIterLower(new BvecList(), i, 10)).toThrow(/outside an RCU/);
});

test('save and restore are for arrays and UBUF only', () => {
  for (const make of [
    (strict: boolean): IovIter => iovIterXarray(machine, ITER_DEST, cache(1), 0, 8, strict),
    (strict: boolean): IovIter => iovIterFolioQueue(machine, ITER_DEST, folioq(), 0, 0, 8, strict),
    (strict: boolean): IovIter => iovIterDiscard(machine, ITER_DEST, 8, strict),
  ]) {
    const i = make(KERNEL);
    const state = iovIterSaveState(i);
    iovIterAdvance(i, 3);
    iovIterRestore(i, state);
    expect(i.count).toBe(5);
    expect(() => iovIterRestore(make(true), state)).toThrow(/iov_iter_restore/);
  }
  expect(machine.warnings.length).toBe(3);
});

test('gap alignment has an answer for user segments only', () => {
  expect(iovIterGapAlignment(kvec([8], KERNEL))).toBe(0xffffffff);
  expect(() => iovIterGapAlignment(kvec([8]))).toThrow(/iter_is_iovec/);
  const u = iovIterUbuf(machine, mm, ITER_SOURCE, userAddr(4097), 8);
  expect(iovIterGapAlignment(u)).toBe(0);
});

test('an exhausted iterator has alignment 0 and no pages', () => {
  const i = kvec([8, 8]);
  iovIterTruncate(i, 4);
  iovIterAdvance(i, 4);
  expect([iovIterAlignment(i), iovIterNpages(i, 9)]).toEqual([0, 0]);
});

test('a page copy that leaves the folio copies nothing', () => {
  const page = must(machine.allocPages(1, 'test'));
  machine.fill(pageAddress(page, 0), 2 * PAGE_SIZE, 1);
  expect(copyPageToIter(page, 8190, 3, kvecDest(8, KERNEL))).toBe(0);
  expect(copyPageFromIter(page, 8190, 3, kvec([8], KERNEL))).toBe(0);
  expect(copyPageToIter(page, 4095, 3, kvecDest(8))).toBe(3);
  expect(machine.warnings.length).toBe(2);
  expect(() => copyPageToIter(page, 8190, 3, kvecDest(8))).toThrow(/page_copy_sane/);
});

test('a copy that leaves its own buffer is a usercopy bug', () => {
  expect(() => copyFromIter(new Uint8Array(4), 5, kvec([8]))).toThrow(/usercopy/);
});

test('DISCARD and KVEC have no pages to get, DISCARD none to extract', () => {
  const out: ExtractedPages = { pages: [], offset0: 0 };
  expect(iovIterExtractPages(iovIterDiscard(machine, ITER_DEST, 9), out, 9, 9)).toBe(-14);
  expect(iovIterGetPages2(iovIterDiscard(machine, ITER_DEST, 9), out, 9, 9)).toBe(-14);
  expect(iovIterGetPages2(kvec([9]), out, 9, 9)).toBe(-14);
});

test('references are never taken on slab; a stray one, a stray unpin and a use after free are caught', () => {
  const bvec: BioVec[] = [{ phys: linearToPhys(buffer), len: 8, flags: 0 }];
  const i = iovIterBvec(machine, ITER_SOURCE, bvec, 1, 8);
  const out: ExtractedPages = { pages: [], offset0: 0 };
  expect(iovIterGetPages2(i, out, 8, 1)).toBe(8);
  expect(machine.ledger.count('reference')).toBe(0);
  expect(() => machine.getPage(virtToPage(buffer), 'test')).toThrow(/slab/);
  expect(() => machine.unpinPage(out.pages[0])).toThrow(/not pinned/);
  // Extraction takes no reference: the folio of somebody else may go away under it.
  const page = must(machine.allocPages(0, 'owner'));
  machine.fill(pageAddress(page, 0), PAGE_SIZE, 7);
  const stale = iovIterBvec(
    machine,
    ITER_SOURCE,
    [{ phys: pageAddress(page, 0), len: 8, flags: 0 }],
    1,
    8,
  );
  expect(iovIterExtractPages(stale, out, 4, 1)).toBe(4);
  machine.freePages(page);
  expect(() => copyFromIter(new Uint8Array(4), 4, stale)).toThrow(/free page/);
});

test('get_pages2 at an empty bio_vec has no page to get', () => {
  const bvec: BioVec[] = [0, 8].map((len) => ({ phys: linearToPhys(buffer), len, flags: 0 }));
  const i = iovIterBvec(machine, ITER_SOURCE, bvec, 2, 8);
  expect(iovIterGetPages2(i, { pages: [], offset0: 0 }, 8, 1)).toBe(-12);
  expect(machine.warnings.length).toBe(1);
});

test('an empty user iterator has no first segment', () => {
  const i = iovIterInit(machine, mm, ITER_SOURCE, [{ base: userAddr(4096), len: 0 }], 1, 4, KERNEL);
  expect(() => iovIterExtractPages(i, { pages: [], offset0: 0 }, 4, 1)).toThrow(/BUG\(\)/);
});

// ---- requests ------------------------------------------------------------------------------

function cipher(api: CryptoApi, driver = 'ctr(aes-generic)'): CryptoSkcipher {
  const tfm = cryptoAllocSkcipher(api, driver, 0, 0);
  if (typeof tfm === 'number') throw new Error(`no ${driver}`);
  expect(cryptoSkcipherSetkey(tfm, new Uint8Array(16))).toBe(0);
  return tfm;
}

function request(
  tfm: CryptoSkcipher,
  src: IovIter<'source'>,
  dst: IovIter<'dest'>,
  len: number,
  flags = 0,
): SkcipherRequest {
  const req = must(skcipherRequestAlloc(tfm));
  skcipherRequestSetCallback(req, flags, () => undefined, null);
  skcipherRequestSetCrypt(req, src, dst, len, new Uint8Array(16));
  return req;
}

test('the core refuses user memory and DISCARD, and more bytes than an iterator has', () => {
  const tfm = cipher(cryptoApiInit(machine));
  const user = mm.mmap(PAGE_SIZE, true, true);
  const ubuf = iovIterUbuf(machine, mm, ITER_SOURCE, user, 8);
  expect(cryptoSkcipherEncrypt(request(tfm, ubuf, kvecDest(8), 8))).toBe(-22);
  const into = iovIterUbuf(machine, mm, ITER_DEST, user, 8);
  expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), into, 8))).toBe(-22);
  const discard = iovIterDiscard(machine, ITER_DEST, 8);
  expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), discard, 8))).toBe(-22);
  expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), kvecDest(7), 8))).toBe(-22);
  expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), kvecDest(8), 8))).toBe(0);
});

test('the page cache as source is for synchronous requests that do not sleep', () => {
  const api = cryptoApiInit(machine);
  const source = iovIterXarray(machine, ITER_SOURCE, cache(1), 0, 8);
  const sync = cipher(api);
  expect(cryptoSkcipherEncrypt(request(sync, source, kvecDest(8), 8))).toBe(0);
  expect(machine.context.rcu).toBe(0);
  expect(cryptoSkcipherEncrypt(request(sync, source, kvecDest(8), 8, 0x200))).toBe(-22);
  const async = cipher(api, 'cryptd(ctr(aes-generic))');
  expect(cryptoSkcipherEncrypt(request(async, source, kvecDest(8), 8))).toBe(-22);
  const chain = iovIterChain(machine, ITER_SOURCE, [kvec([4]), source], 12);
  expect(cryptoSkcipherEncrypt(request(async, chain, kvecDest(8), 8))).toBe(-22);
});

test('a destination that nobody may write is -EFAULT before anything runs', () => {
  const tfm = cipher(cryptoApiInit(machine));
  const entry = must(new PageCache(machine).add(0, 0, true));
  const foreign: BioVec = { phys: pageAddress(entry.page, 0), len: 8, flags: 0 };
  const queue = new FolioQueue();
  folioqAppend(queue, entry);
  const slots = new Bvecq();
  bvecqAppend(slots, foreign);
  const kernel = [{ base: pageToVirt(entry.page), len: 8 }];
  const area = must(machine.vmalloc.vmap([entry.page]));
  const ways: IovIter<'dest'>[] = [
    iovIterXarray(machine, ITER_DEST, cache(2, true), 0, 8),
    iovIterBvec(machine, ITER_DEST, [foreign], 1, 8),
    iovIterKvec(machine, ITER_DEST, kernel, 1, 8),
    iovIterKvec(machine, ITER_DEST, [{ base: area, len: 8 }], 1, 8),
    iovIterFolioQueue(machine, ITER_DEST, queue, 0, 0, 8),
    iovIterBvecQueue(machine, ITER_DEST, slots, 0, 0, 8),
  ];
  for (const way of ways) {
    expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), way, 8))).toBe(-14);
    const chain = iovIterChain(machine, ITER_DEST, [kvecDest(4), way], 12);
    expect(cryptoSkcipherEncrypt(request(tfm, kvec([12]), chain, 12))).toBe(-14);
  }
  const bvec: BioVec[] = [{ phys: linearToPhys(buffer), len: 8, flags: 2 }];
  const readonly = iovIterBvec(machine, ITER_DEST, bvec, 1, 8);
  expect(cryptoSkcipherEncrypt(request(tfm, kvec([8]), readonly, 8))).toBe(-14);
});

test('MAY_SLEEP in atomic context is a bug, without it the request runs', () => {
  const tfm = cipher(cryptoApiInit(machine));
  const req = request(tfm, kvec([8]), kvecDest(8), 8, 0x200);
  const other = request(tfm, kvec([8]), kvecDest(8), 8);
  machine.context.enterAtomic();
  expect(() => cryptoSkcipherEncrypt(req)).toThrow(/invalid context/);
  expect(cryptoSkcipherEncrypt(other)).toBe(0);
  machine.context.leaveAtomic();
});

test('a cipher that needs an IV gets one of the right size', () => {
  const tfm = cipher(cryptoApiInit(machine));
  const req = must(skcipherRequestAlloc(tfm));
  skcipherRequestSetCrypt(req, kvec([8]), kvecDest(8), 8, null);
  expect(() => cryptoSkcipherEncrypt(req)).toThrow(/NULL IV/);
  skcipherRequestSetCrypt(req, kvec([8]), kvecDest(8), 8, new Uint8Array(15));
  expect(() => cryptoSkcipherEncrypt(req)).toThrow(/shorter than ivsize/);
});

test('the tag of an AEAD is a destination or a source, long enough, and beside the text', () => {
  const tfm = cryptoAllocAead(cryptoApiInit(machine), 'gcm(aes)', 0, 0);
  if (typeof tfm === 'number') throw new Error('no gcm');
  const req = must(aeadRequestAlloc(tfm));
  const at = (skip: number, len: number) => [{ base: virtAddr(buffer + skip), len }];
  const text = iovIterKvec(machine, ITER_SOURCE, at(0, 8), 1, 8);
  const into = iovIterKvec(machine, ITER_DEST, at(0, 8), 1, 8);
  const tag = iovIterKvec(machine, ITER_DEST, at(16, 16), 1, 16);
  const ad = iovIterKvec(machine, ITER_SOURCE, at(40, 4), 1, 4);
  aeadRequestSetAd(req, ad, 4);
  aeadRequestSetCrypt(req, text, into, 8, new Uint8Array(12));
  expect(cryptoAeadEncrypt(req)).toBe(-126);
  expect(cryptoAeadSetkey(tfm, new Uint8Array(17))).toBe(-22);
  expect(cryptoAeadSetkey(tfm, new Uint8Array(16))).toBe(0);
  for (const [size, err] of [
    [0, -22],
    [5, -22],
    [17, -22],
    [16, 0],
  ]) {
    expect(cryptoAeadSetauthsize(tfm, size)).toBe(err);
  }
  expect(cryptoAeadEncrypt(req)).toBe(-22); // no tag
  aeadRequestSetTag(req, tag);
  expect(cryptoAeadDecrypt(req)).toBe(-22); // a destination cannot be verified
  aeadRequestSetTag(req, iovIterKvec(machine, ITER_DEST, at(16, 15), 1, 15));
  expect(cryptoAeadEncrypt(req)).toBe(-22); // one byte short
  aeadRequestSetTag(req, iovIterKvec(machine, ITER_DEST, at(7, 16), 1, 16));
  expect(cryptoAeadEncrypt(req)).toBe(-22); // over the text
  aeadRequestSetTag(req, tag);
  aeadRequestSetAd(req, iovIterKvec(machine, ITER_SOURCE, at(4, 8), 1, 8), 8);
  expect(cryptoAeadEncrypt(req)).toBe(-22); // text over what is still to be hashed
  aeadRequestSetAd(req, iovIterKvec(machine, ITER_SOURCE, at(30, 4), 1, 4), 4);
  expect(cryptoAeadEncrypt(req)).toBe(-22); // tag over associated data
  aeadRequestSetAd(req, ad, 4);
  const apart = iovIterKvec(machine, ITER_DEST, at(44, 8), 1, 8);
  aeadRequestSetCrypt(req, iovIterKvec(machine, ITER_SOURCE, at(20, 8), 1, 8), apart, 8, req.iv);
  expect(cryptoAeadEncrypt(req)).toBe(-22); // tag over a source out of place
  aeadRequestSetCrypt(req, text, into, 8, req.iv);
  expect(cryptoAeadEncrypt(req)).toBe(0);
  for (const len of [-1, 1.5, Number.NaN]) {
    aeadRequestSetCrypt(req, text, into, len, req.iv);
    expect(cryptoAeadEncrypt(req)).toBe(-22); // no length at all
  }
});

test('what a request has none of need not be named: associated data, an empty text', () => {
  const api = cryptoApiInit(machine);
  const tfm = cryptoAllocAead(api, 'gcm(aes)', 0, 0);
  if (typeof tfm === 'number') throw new Error('no gcm');
  expect(cryptoAeadSetkey(tfm, new Uint8Array(16))).toBe(0);
  const req = must(aeadRequestAlloc(tfm));
  aeadRequestSetTag(req, kvecDest(16));
  req.iv = new Uint8Array(12);
  expect(cryptoAeadEncrypt(req)).toBe(0);
  const second = cipher(api);
  const empty = must(skcipherRequestAlloc(second));
  empty.iv = new Uint8Array(16);
  expect(cryptoSkcipherEncrypt(empty)).toBe(0);
  empty.cryptlen = 1;
  expect(cryptoSkcipherEncrypt(empty)).toBe(-22);
});

// ---- no scatterlist ------------------------------------------------------------------------

test('there is no iterator over a scatterlist, and none can be made or smuggled in', () => {
  const names = Object.keys(everything);
  expect(names.filter((name) => /scatter|^sg[A-Z]|ITER_SG/i.test(name))).toEqual([]);
  const types = Object.entries(everything).filter(
    ([name, value]) => name.startsWith('ITER_') && typeof value === 'number',
  );
  expect(types.map(([, value]) => value).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  const files = readdirSync(new URL('.//', import.meta.url), { recursive: true }).map(String);
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => /scatter|sg-/.test(name))).toEqual([]);
  // A type that is forced in is refused by everything that would have to know it.
  for (const type of [9, 10, 255]) {
    const i = kvec([8]);
    Object.assign(i, { iterType: type });
    const list = new BvecList();
    const none = (): number => 0;
    for (const use of [
      () => iovIterAdvance(i, 1),
      () => {
        i.iovOffset = 0;
        iovIterRevert(i, 1);
      },
      () => iovIterNpages(i, 1),
      () => iovIterAlignment(i),
      () => copyFromIter(new Uint8Array(1), 1, i),
      () => iterateAndAdvance(i, 1, null, none, none),
      () => iovIterExtractPages(i, { pages: [], offset0: 0 }, 1, 1),
      () => iovIterGetPages2(i, { pages: [], offset0: 0 }, 1, 1),
      () => iovIterLower(list, i, 1),
    ]) {
      expect(use).toThrow(/unknown type/);
    }
  }
  // Entries of a scatterlist are no segments, and a list of them is no part of a chain.
  const entry = { pageLink: 4, offset: 0, length: 8, dmaAddress: 0 };
  // @ts-expect-error an entry of a scatterlist
  expect(() => iovIterBvec(machine, ITER_SOURCE, [entry], 1, 8)).toThrow(/count is more/);
  // @ts-expect-error an entry of a scatterlist
  expect(() => iovIterKvec(machine, ITER_SOURCE, [entry], 1, 8)).toThrow(/count is more/);
  // @ts-expect-error a scatterlist
  expect(() => iovIterChain(machine, ITER_SOURCE, [[entry]], 8)).toThrow(/no iterator/);
});

test('a duplicate keeps its own array', () => {
  const lengths = [4, 4];
  const list = lengths.map((len) => ({ base: buffer, len }));
  const old = iovIterKvec(machine, ITER_SOURCE, list, 2, 8);
  iovIterAdvance(old, 5);
  const copy = iovIterKvec(machine, ITER_SOURCE, [], 0, 0);
  const array = dupIter(copy, old);
  expect(array).toEqual([{ base: buffer, len: 4 }]);
  list.length = 0;
  expect(copyFromIter(new Uint8Array(3), 3, copy)).toBe(3);
  const ubuf = iovIterUbuf(machine, mm, ITER_SOURCE, userAddr(4096), 8);
  expect(dupIter(copy, ubuf)).toBeNull();
  expect([copy.iterType, copy.ubuf, copy.count]).toEqual([ubuf.iterType, ubuf.ubuf, 8]);
  machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(dupIter(copy, kvec([8]))).toBeNull();
});
