/**
 * Goal: the effects of each operation that differ between the iterator types, exactly.
 * Method: one small example per rule of lib/iov_iter.c, with the values that the rule gives.
 */
import { beforeEach, expect, test } from 'vitest';
import { type BioVec, BvecList, bvecEntries, bvecPhys } from '../../src/bvec.ts';
import { must, readKernel, writeKernel } from '../../src/machine/access.ts';
import { linearToPhys, pageToVirt } from '../../src/machine/address.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { PG_DIRTY } from '../../src/machine/page.ts';
import { PageCache } from '../../src/machine/page-cache.ts';
import { pfnToPhys } from '../../src/machine/phys-mem.ts';
import { AddressSpace, copyToUser } from '../../src/machine/user.ts';
import {
  MAX_RW_COUNT,
  PAGE_SIZE,
  type Pfn,
  physAddr,
  type UserAddr,
  userAddr,
  type VirtAddr,
  virtAddr,
} from '../../src/units.ts';
import {
  ahashRequestAlloc,
  ahashRequestSetCrypt,
  cryptoAhashDigest,
  cryptoAhashFinal,
  cryptoAhashInit,
  cryptoAllocAhash,
} from '../ahash.ts';
import { type PinnedVecs, pinUserMemory, unpinUserMemory } from '../front/user-memory.ts';
import { cryptoApiInit } from '../init.ts';
import { LateList } from '../lower/list.ts';
import { iovIterLower } from '../lower/lower.ts';
import { Bvecq, bvecqAppend, bvecqPrepend } from './bvecq.ts';
import { iovIterExtractBvecs } from './bvecs.ts';
import {
  copyFolioFromIterAtomic,
  copyFromIter,
  copyFromIterFull,
  copyPageFromIter,
  copyPageToIter,
  copyPageToIterNofault,
  copyToIter,
  copyToIterFull,
  faultInIovIterReadable,
  faultInIovIterWriteable,
  iovIterZero,
} from './copy.ts';
import { type ExtractedPages, iovIterExtractPages } from './extract.ts';
import { type Folio, FolioQueue, folioqAppend, folioqLink } from './folio-queue.ts';
import { hashAndCopyToIter } from './hash.ts';
import { importIovec, importUbuf } from './import.ts';
import {
  type Direction,
  type IovIter,
  ITER_DEST,
  ITER_SOURCE,
  ITER_UBUF,
  iovIterBvec,
  iovIterBvecQueue,
  iovIterChain,
  iovIterCount,
  iovIterDiscard,
  iovIterFolioQueue,
  iovIterInit,
  iovIterKvec,
  iovIterTruncate,
  iovIterUbuf,
  iovIterXarray,
} from './iov-iter.ts';
import { iterateAndAdvance } from './iterate.ts';
import { iovIterGetPages2, iovIterGetPagesAlloc2 } from './pages.ts';
import { iovIterAdvance, iovIterRevert } from './position.ts';
import {
  iovIterAlignment,
  iovIterExtractWillPin,
  iovIterGapAlignment,
  iovIterNpages,
  iovIterNpagesCap,
  iovIterSingleSegCount,
} from './query.ts';

let machine: Machine;
let mm: AddressSpace;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 22 });
  mm = new AddressSpace(machine);
});

/** A folio in which the bytes of neighbouring pages differ. */
function folio(order: number): Folio {
  const page = must(machine.allocPages(order, 'test'));
  const bytes = Uint8Array.from(
    { length: PAGE_SIZE << order },
    (_, i) => (i >> 4) + 37 * (i >> 12),
  );
  machine.store(pfnToPhys(page), bytes);
  return { page, order };
}

function bio(at: Folio, offset: number, len: number): BioVec {
  return { phys: pageAddress(at.page, offset), len, flags: 0 };
}

function bvecs(list: readonly BioVec[]): IovIter<'source'> {
  const total = list.reduce((sum, bv) => sum + bv.len, 0);
  return iovIterBvec(machine, ITER_SOURCE, list, list.length, total);
}

function slab(len: number): VirtAddr {
  const at = must(machine.slab.kmalloc(len, 'test'));
  writeKernel(machine, at, new Uint8Array(len));
  return at;
}

function user(pages: number, present = true): UserAddr {
  return mm.mmap(pages * PAGE_SIZE, true, present);
}

function ubuf<D extends Direction>(direction: D, at: number, len: number): IovIter<D> {
  return iovIterUbuf(machine, mm, direction, userAddr(at), len);
}

function fileOf(pages: number): PageCache {
  const cache = new PageCache(machine);
  for (let index = 0; index < pages; index++) {
    cache.populate(must(cache.add(index, 0, false)), 0, new Uint8Array(PAGE_SIZE).fill(index));
  }
  return cache;
}

function extracted(): ExtractedPages {
  return { pages: [], offset0: 9999 };
}

// ---- positions and questions ---------------------------------------------------------------

test('npages, alignment and single_seg_count of the types without an array', () => {
  const u = ubuf(ITER_SOURCE, user(3) + 4090, 10);
  expect([iovIterNpages(u, 9), iovIterSingleSegCount(u)]).toEqual([2, 10]);
  expect(iovIterAlignment(u) % PAGE_SIZE).toBe(4090 | 10);
  const x = iovIterXarray(machine, ITER_SOURCE, fileOf(3), 4095, 4100);
  expect([iovIterNpages(x, 9), iovIterNpages(x, 2), iovIterAlignment(x)]).toEqual([3, 2, 8191]);
  const queue = new FolioQueue();
  folioqAppend(queue, folio(1));
  const f = iovIterFolioQueue(machine, ITER_SOURCE, queue, 0, 8000, 192);
  // The whole folio counts, whatever the offset; only the count limits it.
  expect([iovIterNpages(f, 9), iovIterSingleSegCount(f)]).toEqual([1, 192]);
  expect(iovIterAlignment(f)).toBe(8000 | 192);
  const d = iovIterDiscard(machine, ITER_DEST, 40);
  expect([iovIterNpages(d, 9), iovIterAlignment(d), iovIterSingleSegCount(d)]).toEqual([0, 0, 40]);
});

test('questions to a chain are answered by its parts', () => {
  const a = folio(0);
  const parts = [
    bvecs([bio(a, 4000, 96), bio(a, 0, 0), bio(a, 16, 16)]),
    iovIterKvec(machine, ITER_SOURCE, [{ base: slab(64), len: 64 }], 1, 64),
  ];
  const i = iovIterChain(machine, ITER_SOURCE, parts, 176);
  expect(iovIterNpages(i, 9)).toBe(iovIterNpages(parts[0], 9) + iovIterNpages(parts[1], 9));
  expect(iovIterNpagesCap(i, 9, 10)).toBe(1);
  expect(iovIterAlignment(i) % 64).toBe((4000 | 96 | 16 | iovIterAlignment(parts[1])) % 64);
  expect(iovIterSingleSegCount(i)).toBe(112);
  iovIterAdvance(i, 112);
  expect([i.seg, i.nrSegs, i.iovOffset]).toEqual([1, 1, 0]);
  expect(parts[0].count).toBe(112);
});

test('gap alignment is each start with the end before it', () => {
  const at = user(1);
  const iov = [0, 512, 1024].map((skip) => ({ base: userAddr(at + skip), len: 512 }));
  const i = iovIterInit(machine, mm, ITER_SOURCE, iov, 3, 1536);
  expect(iovIterGapAlignment(i) % 512).toBe(0);
  const odd = [{ base: at, len: 511 }, { base: at, len: 0 }, iov[1]];
  expect(iovIterGapAlignment(iovIterInit(machine, mm, ITER_SOURCE, odd, 3, 1023)) % 512).toBe(511);
});

test('advancing over empty segments ends behind them, copying before them', () => {
  const at = slab(8);
  const kvec = [4, 0, 0, 4].map((len) => ({ base: at, len }));
  const a = iovIterKvec(machine, ITER_SOURCE, kvec, 4, 8);
  const b = iovIterKvec(machine, ITER_SOURCE, kvec, 4, 8);
  iovIterAdvance(a, 4);
  expect(copyFromIter(new Uint8Array(4), 4, b)).toBe(4);
  expect([a.nrSegs, iovIterSingleSegCount(a)]).toEqual([1, 4]);
  expect([b.nrSegs, iovIterSingleSegCount(b)]).toEqual([3, 0]);
  iovIterRevert(a, 4);
  expect([a.nrSegs, iovIterCount(a)]).toEqual([4, 8]);
});

test('a queue of folios goes on in the next node, also one that was added later', () => {
  const head = new FolioQueue();
  for (let k = 0; k < 31; k++) folioqAppend(head, folio(0));
  const i = iovIterFolioQueue(machine, ITER_SOURCE, head, 30, 4000, 96);
  const bytes = new Uint8Array(192);
  expect(copyFromIter(bytes, 96, i)).toBe(96);
  expect([i.seg, i.iovOffset]).toEqual([31, 0]);
  const tail = folioqLink(head);
  folioqAppend(tail, folio(0));
  i.count += 96;
  expect(copyFromIter(bytes, 96, i)).toBe(96);
  expect(i.folioq).toBe(tail);
  iovIterRevert(i, 192);
  expect([i.folioq, i.seg, i.iovOffset]).toEqual([head, 30, 4000]);
  iovIterAdvance(i, 192);
  expect([i.folioq, i.seg, i.iovOffset]).toEqual([tail, 0, 96]);
});

test('a queue of bio_vecs is extended on both ends while an iterator stands in it', () => {
  const a = folio(0);
  const head = new Bvecq(2);
  bvecqAppend(head, bio(a, 0, 10));
  const i = iovIterBvecQueue(machine, ITER_SOURCE, head, 0, 0, 10);
  expect(copyFromIter(new Uint8Array(10), 10, i)).toBe(10);
  // A slot that is used up exactly is not left: the node may get another.
  expect([i.seg, i.iovOffset, iovIterSingleSegCount(i)]).toEqual([0, 10, 0]);
  const tail = bvecqAppend(bvecqAppend(head, bio(a, 160, 5)), bio(a, 320, 5));
  expect([tail === head, head.nrSlots]).toEqual([false, 2]);
  i.count += 10;
  const bytes = new Uint8Array(10);
  expect(copyFromIter(bytes, 10, i)).toBe(10);
  expect([...bytes]).toEqual([10, 10, 10, 10, 10, 20, 20, 20, 20, 20]);
  const front = bvecqPrepend(head, bio(a, 480, 3));
  iovIterRevert(i, 23); // into what was glued on in front
  expect([i.bvecq, i.seg, i.iovOffset]).toEqual([front, 0, 0]);
  expect(copyFromIter(bytes, 4, i)).toBe(4);
  expect([...bytes.subarray(0, 4)]).toEqual([30, 30, 30, 0]);
  expect(() => bvecqPrepend(head, bio(a, 0, 1))).toThrow(/head/);
  expect(() => bvecqAppend(head, bio(a, 0, 1))).toThrow(/tail/);
});

// ---- copies --------------------------------------------------------------------------------

test('a copy to user memory stops at the first fault, a full copy then takes nothing', () => {
  const at = user(2);
  mm.mprotect(userAddr(at + PAGE_SIZE), PAGE_SIZE, false);
  const i = ubuf(ITER_DEST, at + 4000, 200);
  const bytes = new Uint8Array(200).fill(9);
  expect(copyToIterFull(bytes, 200, i)).toBe(false);
  expect(i.count).toBe(200);
  expect(copyToIter(bytes, 200, i)).toBe(96);
  expect([i.count, i.iovOffset]).toEqual([104, 96]);
  expect(iovIterZero(10, i)).toBe(0);
  const back = ubuf(ITER_SOURCE, at + 4000, 200);
  expect(copyFromIterFull(bytes, 200, back)).toBe(true);
});

test('pages are copied page by page, into and out of every kind of memory', () => {
  const source = folio(1);
  const target = folio(1);
  const kvec = [{ base: must(machine.vmalloc.alloc(3 * PAGE_SIZE, 'test')), len: 6000 }];
  const into = iovIterKvec(machine, ITER_DEST, kvec, 1, 6000);
  expect(copyPageToIter(source.page, 100, 6000, into)).toBe(6000);
  const from = iovIterKvec(machine, ITER_SOURCE, kvec, 1, 6000);
  expect(copyPageFromIter(target.page, 2000, 6000, from)).toBe(6000);
  const read = (page: Pfn, offset: number): Uint8Array => {
    const bytes = new Uint8Array(6000);
    readKernel(machine, virtAddr(pageToVirt(page) + offset), bytes);
    return bytes;
  };
  expect(Buffer.compare(read(target.page, 2000), read(source.page, 100))).toBe(0);
  const at = user(2);
  expect(copyPageToIter(source.page, 100, 6000, ubuf(ITER_DEST, at, 6000))).toBe(6000);
  expect(copyPageFromIter(target.page, 1, 6000, ubuf(ITER_SOURCE, at, 6000))).toBe(6000);
  expect(Buffer.compare(read(target.page, 1), read(source.page, 100))).toBe(0);
});

test('without faults a copy takes only what is present, and never sleeps', () => {
  const at = user(2, false);
  copyToUser(machine, mm, at, new Uint8Array(PAGE_SIZE));
  const target = folio(1);
  machine.context.enterAtomic();
  expect(copyFolioFromIterAtomic(target, 0, 8000, ubuf(ITER_SOURCE, at, 8000))).toBe(PAGE_SIZE);
  expect(copyPageToIterNofault(target.page, 0, 8000, ubuf(ITER_DEST, at, 8000))).toBe(PAGE_SIZE);
  machine.context.leaveAtomic();
  expect(faultInIovIterReadable(ubuf(ITER_SOURCE, at, 8000), 8000)).toBe(0);
  expect(copyFolioFromIterAtomic(target, 0, 8000, ubuf(ITER_SOURCE, at, 8000))).toBe(8000);
});

test('faulting in says how much is not there', () => {
  const at = user(1, false);
  const i = ubuf(ITER_DEST, at + 4000, 200);
  expect(faultInIovIterWriteable(i, 200)).toBe(104);
  expect([i.count, i.iovOffset]).toEqual([200, 0]);
  expect(faultInIovIterWriteable(bvecs([bio(folio(0), 0, 8)]), 8)).toBe(0);
});

test('what is hashed is what was copied', () => {
  const tfm = cryptoAllocAhash(cryptoApiInit(machine), 'sha256', 0, 0);
  if (typeof tfm === 'number') throw new Error('no sha256');
  const source = slab(100);
  const at = user(1);
  const [short, whole] = [new Uint8Array(32), new Uint8Array(32)];
  const req = must(ahashRequestAlloc(tfm));
  expect(cryptoAhashInit(req)).toBe(0);
  const i = ubuf(ITER_DEST, at + PAGE_SIZE - 60, 100);
  expect(hashAndCopyToIter(source, 100, req, i)).toBe(60);
  req.result = short;
  expect(cryptoAhashFinal(req)).toBe(0);
  const copied = iovIterKvec(machine, ITER_SOURCE, [{ base: source, len: 60 }], 1, 60);
  ahashRequestSetCrypt(req, copied, whole, 60);
  expect(cryptoAhashDigest(req)).toBe(0);
  expect(short).toEqual(whole);
});

test('steps see whole segments of virtual memory, and pages of everything else', () => {
  const seen: number[] = [];
  const note = (_base: number, _progress: number, len: number): number => {
    seen.push(len);
    return 0;
  };
  const steps = (i: IovIter): number[] => {
    seen.length = 0;
    iterateAndAdvance(i, i.count, null, note, note);
    return [...seen];
  };
  const big = folio(2);
  const area = must(machine.vmalloc.alloc(3 * PAGE_SIZE, 'test'));
  const kvec = [
    { base: area, len: 9000 },
    { base: area, len: 0 },
  ];
  expect(steps(iovIterKvec(machine, ITER_SOURCE, kvec, 2, 9000))).toEqual([9000]);
  expect(steps(ubuf(ITER_SOURCE, user(3) + 5, 9000))).toEqual([9000]);
  // An empty bio_vec is a step of length 0; an empty kvec above was none.
  const list = [bio(big, 4000, 9000), bio(big, 8, 0), bio(big, 0, 4)];
  expect(steps(bvecs(list))).toEqual([96, 4096, 4096, 712, 0, 4]);
  const queue = new FolioQueue();
  folioqAppend(queue, folio(1));
  folioqAppend(queue, folio(0));
  const f = iovIterFolioQueue(machine, ITER_SOURCE, queue, 0, 4000, 5000);
  expect(steps(f)).toEqual([96, 4096, 808]);
  expect(steps(iovIterXarray(machine, ITER_SOURCE, fileOf(3), 4000, 5000))).toEqual([
    96, 4096, 808,
  ]);
});

test('a page that has left the cache ends a walk early', () => {
  const cache = fileOf(3);
  const i = iovIterXarray(machine, ITER_SOURCE, cache, 0, 3 * PAGE_SIZE);
  cache.remove(1);
  expect(copyFromIter(new Uint8Array(9000), 9000, i)).toBe(PAGE_SIZE);
  expect(iovIterExtractPages(i, extracted(), 9000, 9)).toBe(0);
  machine.context.rcuReadLock();
  expect(iovIterLower(new BvecList(), i, 10)).toBe(-14);
  machine.context.rcuReadUnlock();
});

// ---- pages ---------------------------------------------------------------------------------

test('extraction lists kernel pages and pins user pages, one pin per page', () => {
  const at = user(3);
  for (const i of [
    ubuf(ITER_DEST, at + 100, 8000),
    iovIterInit(machine, mm, ITER_DEST, [{ base: userAddr(at + 100), len: 8000 }], 1, 8000),
  ]) {
    const out = extracted();
    expect(iovIterExtractWillPin(i)).toBe(true);
    expect(iovIterExtractPages(i, out, 8000, 9)).toBe(8000);
    expect([out.pages.length, out.offset0, i.count]).toEqual([2, 100, 0]);
    expect(machine.ledger.count('pin')).toBe(2);
    for (const page of out.pages) machine.unpinPage(page);
  }
  const out = extracted();
  const area = must(machine.vmalloc.alloc(2 * PAGE_SIZE, 'test'));
  const kvec = [{ base: virtAddr(area + 10), len: 5000 }];
  expect(iovIterExtractPages(iovIterKvec(machine, ITER_DEST, kvec, 1, 5000), out, 9000, 9)).toBe(
    5000,
  );
  expect(out.pages.length).toBe(2);
  const x = iovIterXarray(machine, ITER_SOURCE, fileOf(3), 10, 9000);
  expect(iovIterExtractPages(x, out, 9000, 2)).toBe(2 * PAGE_SIZE - 10);
  expect([out.pages.length, out.offset0, x.count]).toEqual([2, 10, 818]);
  const queue = new FolioQueue();
  folioqAppend(queue, folio(1));
  folioqAppend(queue, folio(0));
  const f = iovIterFolioQueue(machine, ITER_SOURCE, queue, 0, 4000, 5000);
  expect(iovIterExtractPages(f, out, 9000, 9)).toBe(5000);
  expect([out.pages.length, out.offset0]).toEqual([3, 4000]);
  for (const i of [x, f]) expect(iovIterExtractWillPin(i)).toBe(false);
  expect([machine.ledger.count('pin'), machine.ledger.count('reference')]).toEqual([0, 0]);
});

test('pages of several bio_vecs come together as long as they meet at page boundaries', () => {
  const [a, b] = [folio(1), folio(1)];
  const i = bvecs([bio(a, 100, 2 * PAGE_SIZE - 100), bio(b, 0, 5000), bio(b, 8, 8)]);
  const out = extracted();
  expect(iovIterExtractPages(i, out, MAX_RW_COUNT, 9)).toBe(2 * PAGE_SIZE - 100 + 5000);
  expect(out.pages).toEqual([a.page, a.page + 1, b.page, b.page + 1]);
  expect(iovIterExtractPages(i, out, MAX_RW_COUNT, 9)).toBe(8);
  expect(out.offset0).toBe(8);
});

test('a bio_vec of several pages is copied page after page', () => {
  const at = folio(2);
  const i = bvecs([bio(at, PAGE_SIZE - 20, PAGE_SIZE + 60), bio(at, 3 * PAGE_SIZE, 4)]);
  const out = new Uint8Array(PAGE_SIZE + 64);
  expect(copyFromIter(out, out.length, i)).toBe(out.length);
  const start = pageToVirt(at.page) + PAGE_SIZE - 20;
  const whole = new Uint8Array(PAGE_SIZE + 60);
  readKernel(machine, virtAddr(start), whole);
  expect(out.subarray(0, whole.length)).toEqual(whole);
  expect(whole[10]).not.toBe(whole[30]);
});

test('an empty bio_vec among others is no page of an extraction', () => {
  const [a, b] = [folio(0), folio(0)];
  const i = bvecs([bio(a, 0, PAGE_SIZE), bio(b, 0, 0), bio(b, 0, PAGE_SIZE)]);
  const out = extracted();
  expect(iovIterExtractPages(i, out, MAX_RW_COUNT, 9)).toBe(2 * PAGE_SIZE);
  expect(out.pages).toEqual([a.page, b.page]);
});

test('a length that would fit if it wrapped at 32 bits is still more than the count', () => {
  const i = bvecs([bio(folio(0), 0, 64)]);
  expect(iovIterLower(new BvecList(), i, 2 ** 32 + 16)).toBe(-22);
});

test('a destination is pinned for writing: read-only user memory is -EFAULT, a source is not', () => {
  const at = user(1);
  mm.mprotect(at, PAGE_SIZE, false);
  expect(iovIterExtractPages(ubuf(ITER_DEST, at, 8), extracted(), 8, 1)).toBe(-14);
  const out = extracted();
  expect(iovIterExtractPages(ubuf(ITER_SOURCE, at, 8), out, 8, 1)).toBe(8);
  machine.unpinPage(out.pages[0]);
  const absent = ubuf(ITER_SOURCE, user(1, false), 8);
  absent.nofault = true;
  expect(iovIterExtractPages(absent, out, 8, 1)).toBe(-14);
  machine.faults.arm([{ point: 'gup', nth: 1 }]);
  expect(iovIterExtractPages(ubuf(ITER_SOURCE, at, 8), out, 8, 1)).toBe(-12);
});

test('get_pages2 takes references, and not on slab', () => {
  const a = folio(1);
  const queue = new FolioQueue();
  folioqAppend(queue, a);
  const b = new Bvecq();
  bvecqAppend(b, bio(a, 4000, 200));
  const makers: readonly (() => IovIter)[] = [
    () => bvecs([bio(a, 4000, 200)]),
    () => iovIterFolioQueue(machine, ITER_SOURCE, queue, 0, 4000, 200),
    () => iovIterXarray(machine, ITER_SOURCE, fileOf(2), 4000, 200),
    () => iovIterBvecQueue(machine, ITER_SOURCE, b, 0, 0, 200),
    () => ubuf(ITER_SOURCE, user(2) + 4000, 200),
    () => iovIterChain(machine, ITER_SOURCE, [bvecs([bio(a, 4000, 200)])], 200),
  ];
  for (const make of makers) {
    const [i, out] = [make(), extracted()];
    expect(iovIterGetPages2(i, out, 200, 9)).toBe(200);
    expect([out.pages.length, out.offset0, i.count]).toEqual([2, 4000, 0]);
    expect(machine.ledger.count('reference')).toBe(2);
    expect(machine.ledger.count('pin')).toBe(0);
    for (const page of out.pages) machine.putPage(page);
  }
  const out = extracted();
  machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(iovIterGetPagesAlloc2(makers[0](), out, 200)).toBe(-12);
  expect(iovIterGetPagesAlloc2(makers[0](), out, 200)).toBe(200);
  for (const page of out.pages) machine.putPage(page);
});

test('memory without struct page has no pages to extract, but it can be lowered', () => {
  const at = must(machine.allocDevice(PAGE_SIZE));
  const i = bvecs([{ phys: physAddr(at), len: 100, flags: 1 }]);
  expect(iovIterExtractPages(i, extracted(), 100, 1)).toBe(-14);
  expect(iovIterGetPages2(i, extracted(), 100, 1)).toBe(-14);
  const list = new BvecList();
  expect(iovIterLower(list, i, 100)).toBe(0);
  expect(bvecEntries(list)).toEqual([{ phys: at, len: 100, flags: 1 }]);
});

test('bio_vecs are cut where folios end, and pages of one folio come as one', () => {
  const [a, b] = [folio(1), folio(1)];
  const i = bvecs([bio(a, 0, 2 * PAGE_SIZE), bio(b, 0, 5000)]);
  const out: BioVec[] = [];
  expect(iovIterExtractBvecs(i, out, MAX_RW_COUNT, 9, 0)).toBe(2 * PAGE_SIZE + 5000);
  expect(out).toEqual([bio(a, 0, 2 * PAGE_SIZE), bio(b, 0, 5000)]);
  expect(iovIterExtractBvecs(i, out, MAX_RW_COUNT, 9, 0)).toBe(-14);
  const odd = bvecs([bio(a, 0, 512), bio(a, 512, 513)]);
  expect(iovIterExtractBvecs(odd, [], MAX_RW_COUNT, 9, 511)).toBe(-22);
  // Types with addresses are asked about the current segment only.
  const at = slab(2048);
  const kvec = [
    { base: at, len: 512 },
    { base: at, len: 513 },
  ];
  const k = iovIterKvec(machine, ITER_SOURCE, kvec, 2, 1025);
  expect(iovIterExtractBvecs(k, [], 512, 9, 7)).toBe(512);
  expect(iovIterExtractBvecs(k, [], 513, 9, 7)).toBe(-22);
  const u = ubuf(ITER_DEST, user(2), 8192);
  const pinned: BioVec[] = [];
  expect(iovIterExtractBvecs(u, pinned, 8192, 1, 511)).toBe(4096);
  expect([pinned.length, machine.ledger.count('pin')]).toEqual([1, 1]);
});

// ---- user memory and system calls ----------------------------------------------------------

/** Writes an array of `struct iovec` to user memory. */
function vectors(entries: readonly (readonly [number, bigint])[]): UserAddr {
  const bytes = new Uint8Array(entries.length * 16);
  const view = new DataView(bytes.buffer);
  entries.forEach(([base, len], k) => {
    view.setBigUint64(k * 16, BigInt(base), true);
    view.setBigUint64(k * 16 + 8, len, true);
  });
  const at = user(Math.max(1, Math.ceil(bytes.length / PAGE_SIZE)));
  expect(copyToUser(machine, mm, at, bytes)).toBe(0);
  return at;
}

test('import_iovec: none, one, many, too many, negative, outside, capped', () => {
  const run = (uvec: UserAddr, nr: number) => importIovec(machine, mm, ITER_SOURCE, uvec, nr, 8);
  const at = user(1);
  const none = run(at, 0);
  expect(typeof none === 'object' && [none.iter.count, none.allocated]).toEqual([0, null]);
  const one = run(vectors([[at, 10n]]), 1);
  expect(typeof one === 'object' && [one.iter.iterType, one.iter.count]).toEqual([ITER_UBUF, 10]);
  const two = run(
    vectors([
      [at, 10n],
      [at, 20n],
    ]),
    2,
  );
  expect(typeof two === 'object' && [two.iter.count, two.iter.nrSegs]).toEqual([30, 2]);
  const nine = run(vectors(Array.from({ length: 9 }, () => [at, 1n] as const)), 9);
  expect(typeof nine === 'object' && nine.allocated?.length).toBe(9);
  expect(run(at, 1025)).toBe(-22);
  expect(
    run(
      vectors([
        [at, 1n],
        [at, 0xffffffffffffffffn],
      ]),
      2,
    ),
  ).toBe(-22);
  expect(
    run(
      vectors([
        [at, 1n],
        [at, 0x7fffffffffffffffn],
      ]),
      2,
    ),
  ).toBe(-14);
  expect(run(userAddr(4096), 2)).toBe(-14);
  expect(
    run(
      vectors([
        [2 ** 47, 1n],
        [at, 1n],
      ]),
      2,
    ),
  ).toBe(-14);
  const big = run(
    vectors([
      [at, 0x7ffffff0n],
      [at, 0x7ffffff0n],
      [at, 5n],
    ]),
    3,
  );
  if (typeof big === 'number') throw new Error('refused');
  expect(big.iter.count).toBe(MAX_RW_COUNT);
  expect(big.iter.iov.map(({ len }) => len)).toEqual([MAX_RW_COUNT, 0, 0]);
  machine.faults.arm([{ point: 'kmalloc', nth: 1 }]);
  expect(run(vectors(Array.from({ length: 9 }, () => [at, 1n] as const)), 9)).toBe(-12);
});

test('import_ubuf caps the length and checks the address', () => {
  const i = importUbuf(machine, mm, ITER_DEST, userAddr(4096), 2 ** 40);
  expect(typeof i === 'object' && i.count).toBe(MAX_RW_COUNT);
  expect(importUbuf(machine, mm, ITER_DEST, userAddr(2 ** 47 - 4), 5)).toBe(-14);
});

test('user memory is pinned for a request and given back, dirty, whatever it was', () => {
  const at = user(3, false);
  const parts = [
    ubuf(ITER_DEST, at + 4000, 5000),
    iovIterKvec(machine, ITER_DEST, [{ base: slab(32), len: 32 }], 1, 32),
    iovIterInit(
      machine,
      mm,
      ITER_DEST,
      [
        { base: at, len: 0 },
        { base: at, len: 10 },
      ],
      2,
      10,
    ),
  ];
  const mixed = iovIterChain(machine, ITER_DEST, parts, 5042);
  const pinned: PinnedVecs = { bvec: [], pages: [] };
  expect(pinUserMemory(mixed, pinned)).toBe(0);
  expect([mixed.count, pinned.pages.length, machine.ledger.count('pin')]).toEqual([0, 4, 4]);
  expect(pinned.bvec.reduce((sum, bv) => sum + bv.len, 0)).toBe(5042);
  const [page] = pinned.pages;
  mm.exit();
  unpinUserMemory(machine, pinned, true);
  expect(machine.ledger.count('pin')).toBe(0);
  expect(machine.pages.has(page, PG_DIRTY)).toBe(false); // the last pin freed the page
});

test('a pin that fails halfway leaves nothing pinned', () => {
  const at = user(2);
  const iov = [
    { base: at, len: 100 },
    { base: userAddr(at + 2 * PAGE_SIZE), len: 100 },
  ];
  const i = iovIterInit(machine, mm, ITER_DEST, iov, 2, 200);
  expect(pinUserMemory(i, { bvec: [], pages: [] })).toBe(-14);
  expect(machine.ledger.count('pin')).toBe(0);
});

// ---- lowering ------------------------------------------------------------------------------

test('lowering merges what lies together and starts at the position', () => {
  const a = folio(1);
  const i = bvecs([bio(a, 0, 100), bio(a, 100, 0), bio(a, 100, 50), bio(a, 200, 50)]);
  const list = new BvecList();
  iovIterAdvance(i, 10);
  expect(iovIterLower(list, i, 150)).toBe(0);
  expect(bvecEntries(list)).toEqual([bio(a, 10, 140), bio(a, 200, 10)]);
  expect([i.count, i.iovOffset]).toEqual([190, 10]);
  expect(iovIterLower(list, i, 191)).toBe(-22);
  iovIterTruncate(i, 5);
  expect(iovIterLower(list, i, 6)).toBe(-22);
});

test('vmalloc memory is lowered page by page, and late it keeps its virtual addresses', () => {
  const area = must(machine.vmalloc.alloc(2 * PAGE_SIZE, 'test'));
  const kvec = [
    { base: virtAddr(area + 4000), len: 200 },
    { base: slab(8), len: 8 },
  ];
  const i = iovIterKvec(machine, ITER_SOURCE, kvec, 2, 208);
  const list = new BvecList();
  expect(iovIterLower(list, i, 208)).toBe(0);
  expect(bvecEntries(list).map(({ len }) => len)).toEqual([96, 104, 8]);
  expect(bvecPhys(list, 2)).toBe(linearToPhys(kvec[1].base));
  const late = new LateList();
  expect(iovIterLower(late, i, 208)).toBe(0);
  expect([0, 1, 2].map((k) => [late.at[k], late.len[k]])).toEqual([
    [area + 4000, 96],
    [area + 4096, 104],
    [kvec[1].base, 8],
  ]);
});
