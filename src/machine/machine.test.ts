/**
 * Goal: every rule of the machine about memory has an outcome that a test has seen.
 * Method: small programs against a 1 MiB machine; each rule once kept and once broken.
 */
import { beforeEach, expect, test } from 'vitest';
import { PAGE_SIZE, type Pfn, pfn, physAddr, virtAddr } from '../units.ts';
import { must, readKernel, writeKernel } from './access.ts';
import { linearToPhys } from './address.ts';
import { Machine, pageAddress } from './machine.ts';
import { PG_READONLY } from './page.ts';
import { PageCache } from './page-cache.ts';
import { AddressSpace, copyFromUser, copyToUser, FOLL_PIN, getUserPagesFast } from './user.ts';

let machine: Machine;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 20 });
});

test('one seed hands out the same frames, another seed others, and neighbours are rare', () => {
  const frames = (seed: number): number[] => {
    machine.reset(seed);
    return Array.from({ length: 64 }, () => must(machine.allocPages(0, 'test')));
  };
  const first = frames(7);
  expect(frames(7)).toEqual(first);
  expect(frames(8)).not.toEqual(first);
  expect(new Set(first).size).toBe(64);
  expect(first.filter((frame, i) => i > 0 && frame === first[i - 1] + 1).length).toBeLessThan(8);
});

test('frames of an ordered machine follow each other, whatever the seed', () => {
  const ordered = new Machine({ memory: 1 << 20, ordered: true, seed: 9 });
  const frames = Array.from({ length: 64 }, () => must(ordered.allocPages(0, 'test')));
  expect(frames.map((frame) => frame - frames[0])).toEqual(frames.map((_, i) => i));
});

test('a folio is physically contiguous and aligned to its size', () => {
  const page = must(machine.allocPages(3, 'test'));
  expect(page % 8).toBe(0);
  expect(machine.pages.folioPages(page)).toBe(8);
});

test('reading memory that was never written is a bug, copying it is not', () => {
  const page = must(machine.allocPages(0, 'test'));
  expect(() => machine.load(pageAddress(page, 0), 1)).toThrow(/uninitialised/);
  machine.copy(pageAddress(page, 100), pageAddress(page, 0), 50);
  expect(() => machine.load(pageAddress(page, 100), 1)).toThrow(/uninitialised/);
  machine.store(pageAddress(page, 0), Uint8Array.of(1, 2));
  expect([...machine.load(pageAddress(page, 0), 2)]).toEqual([1, 2]);
});

test('a copy of a range onto itself is a bug, and of nothing is none', () => {
  const at = pageAddress(must(machine.allocPages(0, 'test')), 0);
  expect(() => machine.copy(at, at, 1)).toThrow(/memcpy of a range onto itself/);
  expect(() => machine.copy(at, at, 0)).not.toThrow();
});

test('slab objects have red zones on both ends, byte by byte', () => {
  const object = must(machine.slab.kmalloc(13, 'test'));
  writeKernel(machine, object, new Uint8Array(13));
  for (const offset of [-1, 13]) {
    const at = physAddr(linearToPhys(object) + offset);
    expect(() => machine.store(at, Uint8Array.of(0))).toThrow(/red zone/);
  }
});

test('use after free, double free and freeing what is no object are named', () => {
  const object = must(machine.slab.kmalloc(32, 'test'));
  machine.slab.kfree(object);
  expect(() => writeKernel(machine, object, Uint8Array.of(1))).toThrow(/freed object/);
  expect(() => machine.slab.kfree(object)).toThrow(/double free/);
  expect(() => machine.slab.kfree(virtAddr(object + 8))).toThrow(/invalid address/);
});

test('slab and free pages never get a reference', () => {
  const object = must(machine.slab.kmalloc(32, 'test'));
  const slabPage = Math.floor(linearToPhys(object) / PAGE_SIZE);
  expect(() => machine.getPage(pfn(slabPage), 'test')).toThrow(/slab/);
  const page = must(machine.allocPages(0, 'test'));
  machine.freePages(page);
  expect(() => machine.getPage(page, 'test')).toThrow(/free page/);
});

test('the ledger names who holds what, and a release without taking is a bug', () => {
  const page = must(machine.allocPages(0, 'owner'));
  machine.getPage(page, 'borrower');
  machine.pinPage(page, 'pinner');
  expect(machine.ledger.holdings().map(({ kind, who }) => [kind, who])).toEqual([
    ['page', 'owner'],
    ['pin', 'pinner'],
    ['reference', 'borrower'],
  ]);
  machine.unpinPage(page);
  expect(() => machine.unpinPage(page)).toThrow(/not pinned/);
  machine.putPage(page);
  machine.freePages(page);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('a pinned page outlives its owner', () => {
  const page = must(machine.allocPages(0, 'owner'));
  machine.pinPage(page, 'device');
  machine.freePages(page);
  machine.store(pageAddress(page, 0), Uint8Array.of(1));
  machine.unpinPage(page);
  expect(() => machine.load(pageAddress(page, 0), 1)).toThrow(/free page/);
});

test('pages that a request does not own are read-only to it', () => {
  const cache = new PageCache(machine);
  const entry = must(cache.add(0, 0, true));
  expect(machine.pages.has(entry.page, PG_READONLY)).toBe(true);
  expect(() => machine.store(pageAddress(entry.page, 9), Uint8Array.of(1))).toThrow(/not own/);
  expect(() => cache.load(0)).toThrow(/RCU/);
});

test('vmalloc memory is one virtual range over scattered pages with an unmapped page behind', () => {
  const area = must(machine.vmalloc.alloc(3 * PAGE_SIZE, 'test'));
  const bytes = new Uint8Array(3 * PAGE_SIZE).map((_, i) => i * 7);
  writeKernel(machine, area, bytes);
  const back = new Uint8Array(bytes.length);
  readKernel(machine, area, back);
  expect(back).toEqual(bytes);
  expect(() => readKernel(machine, virtAddr(area + 3 * PAGE_SIZE), new Uint8Array(1))).toThrow(
    /unmapped vmalloc/,
  );
  machine.vmalloc.free(area);
  expect(machine.ledger.count('page')).toBe(0);
});

test('user copies stop at the first fault and count what is missing', () => {
  const mm = new AddressSpace(machine);
  const user = mm.mmap(2 * PAGE_SIZE, true, false);
  expect(copyToUser(machine, mm, user, new Uint8Array(3 * PAGE_SIZE))).toBe(PAGE_SIZE);
  mm.mprotect(user, PAGE_SIZE, false);
  expect(copyToUser(machine, mm, user, new Uint8Array(10))).toBe(10);
  expect(copyFromUser(machine, mm, new Uint8Array(10), user)).toBe(0);
});

test('get_user_pages pins what it can and fails only when it got nothing', () => {
  const mm = new AddressSpace(machine);
  const user = mm.mmap(2 * PAGE_SIZE, true, true);
  const pages: Pfn[] = [];
  expect(getUserPagesFast(machine, mm, user, 3, FOLL_PIN, pages)).toBe(2);
  mm.exit();
  expect(machine.ledger.count('pin')).toBe(2);
  for (const page of pages) machine.unpinPage(page);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(getUserPagesFast(machine, mm, user, 1, FOLL_PIN, [])).toBe(-14);
});

test('sleeping in atomic, softirq or RCU context is a bug', () => {
  machine.context.mightSleep('here');
  machine.context.rcuReadLock();
  expect(() => machine.context.mightSleep('here')).toThrow(/RCU/);
  machine.context.rcuReadUnlock();
  machine.context.enterAtomic();
  expect(() => machine.context.mightSleep('here')).toThrow(/invalid context/);
});

test('a reset gives an empty machine back whatever was left', () => {
  must(machine.allocPages(2, 'leak'));
  must(machine.slab.kmalloc(100, 'leak'));
  must(machine.vmalloc.alloc(10, 'leak'));
  machine.reset(1);
  expect(machine.ledger.holdings()).toEqual([]);
  expect(machine.mem.dirtyCount).toBe(0);
  let pages = 0;
  while (machine.allocPages(0, 'all') !== null) pages++;
  // 256 frames, but for the device region and the page of zeros.
  expect(pages).toBe(239);
});
