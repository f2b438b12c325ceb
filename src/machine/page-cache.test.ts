/**
 * Goal: folios of a file are found under RCU only, protected when they are not the request's, freed once.
 * Method: single rules by hand.
 */
import { beforeEach, expect, test } from 'vitest';
import { PAGE_SIZE } from '../units.ts';
import { must } from './access.ts';
import { Machine, pageAddress } from './machine.ts';
import { PG_DIRTY } from './page.ts';
import { PageCache } from './page-cache.ts';

let machine: Machine;
let cache: PageCache;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 20 });
  cache = new PageCache(machine);
});

test('every page of a folio finds the folio, and a hole finds nothing', () => {
  const entry = must(cache.add(4, 2, false));
  machine.context.rcuReadLock();
  for (let index = 4; index < 8; index++) expect(cache.load(index)).toBe(entry);
  expect([cache.load(3), cache.load(8)]).toEqual([null, null]);
  expect(() => machine.context.mightSleep('step')).toThrow('RCU');
  machine.context.rcuReadUnlock();
  expect(() => cache.load(4)).toThrow('outside an RCU read section');
  expect(PageCache.size(entry)).toBe(4 * PAGE_SIZE);
});

test('a folio must start at a multiple of its size', () => {
  expect(() => cache.add(2, 2, false)).toThrow('folio index alignment');
});

test('somebody else keeps a removed folio alive', () => {
  const entry = must(cache.add(0, 0, false));
  cache.populate(entry, 10, Uint8Array.of(1));
  machine.getPage(entry.page, 'reader');
  cache.remove(0);
  expect(machine.load(pageAddress(entry.page, 10), 1)[0]).toBe(1);
  machine.putPage(entry.page);
  expect(() => cache.remove(0)).toThrow('no folio');
  expect(machine.ledger.holdings()).toEqual([]);
});

test('the file itself may be filled where a request may not write', () => {
  const entry = must(cache.add(0, 1, true));
  cache.populate(entry, PAGE_SIZE - 1, Uint8Array.of(1, 2));
  const at = pageAddress(entry.page, PAGE_SIZE);
  expect(machine.load(at, 1)[0]).toBe(2);
  expect(machine.writable(at, 1)).toBe(false);
  expect(() => machine.store(at, Uint8Array.of(0))).toThrow('does not own');
  expect(() => cache.populate(entry, 2 * PAGE_SIZE - 1, Uint8Array.of(1, 2))).toThrow('inside');
});

test('truncation frees every folio once, and dirty is a mark of the page', () => {
  const entry = must(cache.add(0, 2, false));
  must(cache.add(4, 0, false));
  cache.markDirty(entry);
  expect(machine.pages.has(entry.page, PG_DIRTY)).toBe(true);
  cache.truncate();
  expect(machine.ledger.holdings()).toEqual([]);
  machine.faults.arm([{ point: 'page-alloc', nth: 1 }]);
  expect(cache.add(0, 0, false)).toBeNull();
});
