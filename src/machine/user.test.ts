/**
 * Goal: user memory faults, protects and pins exactly as the tables of the process say.
 * Method: random protections and copies against a byte model; get_user_pages by hand.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { EFAULT, ENOMEM } from '../errno.ts';
import { PAGE_SIZE, type Pfn, userAddr } from '../units.ts';
import { must } from './access.ts';
import { Machine, pageAddress } from './machine.ts';
import { PageCache } from './page-cache.ts';
import {
  AddressSpace,
  copyFromUser,
  copyToUser,
  FOLL_NOFAULT,
  FOLL_PIN,
  FOLL_WRITE,
  getUserPagesFast,
} from './user.ts';

const PAGES = 4;
let machine: Machine;
let mm: AddressSpace;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 20 });
  mm = new AddressSpace(machine);
});

test('a copy moves exactly the bytes before the first page that forbids it', () => {
  const page = fc.constantFrom('write', 'read', 'gone');
  const pages = fc.array(page, { minLength: PAGES, maxLength: PAGES });
  const access = fc.tuple(fc.nat(PAGES * PAGE_SIZE - 1), fc.integer({ min: 1, max: 9000 }));
  fc.assert(
    fc.property(pages, access, fc.boolean(), (states, [offset, len], write) => {
      machine.reset(1);
      mm = new AddressSpace(machine);
      const base = mm.mmap(PAGES * PAGE_SIZE, true, false);
      for (const [i, state] of states.entries()) {
        const at = userAddr(base + i * PAGE_SIZE);
        if (state === 'read') mm.mprotect(at, PAGE_SIZE, false);
        if (state === 'gone') mm.munmap(at, PAGE_SIZE);
      }
      let allowed = 0;
      while (allowed < len) {
        const state = states[Math.floor((offset + allowed) / PAGE_SIZE)];
        if (state === undefined || state === 'gone' || (write && state === 'read')) break;
        allowed++;
      }
      const at = userAddr(base + offset);
      const bytes = new Uint8Array(len).fill(5);
      const left = write
        ? copyToUser(machine, mm, at, bytes)
        : copyFromUser(machine, mm, bytes, at);
      expect(len - left).toBe(allowed);
      if (!write) expect(bytes.lastIndexOf(0)).toBe(allowed - 1);
      mm.exit();
      expect(machine.ledger.holdings()).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('pages come at the first access, zeroed; with nofault or in atomic context they do not', () => {
  const at = mm.mmap(PAGE_SIZE, true, false);
  const bytes = new Uint8Array(8).fill(1);
  expect(copyFromUser(machine, mm, bytes, at, true)).toBe(8);
  machine.context.enterAtomic();
  expect(copyFromUser(machine, mm, bytes, at)).toBe(8);
  machine.context.leaveAtomic();
  expect(machine.ledger.count('page')).toBe(0);
  expect(copyFromUser(machine, mm, bytes, at)).toBe(0);
  expect([...bytes]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(copyFromUser(machine, mm, bytes, at, true)).toBe(0);
});

test('an unmapped page stays alive while it is pinned, and its address faults', () => {
  const at = mm.mmap(PAGE_SIZE, true, true);
  const pages: Pfn[] = [];
  expect(getUserPagesFast(machine, mm, at, 1, FOLL_PIN | FOLL_WRITE, pages)).toBe(1);
  mm.munmap(at, PAGE_SIZE);
  expect(copyToUser(machine, mm, at, new Uint8Array(1))).toBe(1);
  machine.store(pageAddress(pages[0], 0), Uint8Array.of(1));
  expect(machine.ledger.holdings().map((h) => h.kind)).toEqual(['pin']);
  machine.unpinPage(pages[0]);
  expect(() => machine.load(pageAddress(pages[0], 0), 1)).toThrow('free page');
});

test('get_user_pages references or pins, stops early, and fails only with nothing', () => {
  const at = mm.mmap(3 * PAGE_SIZE, true, false);
  mm.mprotect(userAddr(at + 2 * PAGE_SIZE), PAGE_SIZE, false);
  const pages: Pfn[] = [];
  expect(getUserPagesFast(machine, mm, at, 3, FOLL_WRITE, pages)).toBe(2);
  expect(machine.ledger.count('reference')).toBe(2);
  for (const page of pages) machine.putPage(page);
  const last = userAddr(at + 2 * PAGE_SIZE);
  expect(getUserPagesFast(machine, mm, last, 1, FOLL_PIN | FOLL_WRITE, [])).toBe(-EFAULT);
  expect(getUserPagesFast(machine, mm, last, 1, FOLL_PIN | FOLL_NOFAULT, [])).toBe(-EFAULT);
  expect(getUserPagesFast(machine, mm, last, 1, FOLL_PIN, pages)).toBe(1);
  expect(getUserPagesFast(machine, mm, at, 0, FOLL_PIN, pages)).toBe(0);
});

test('a fault at the second page gives a short pin, at the first -ENOMEM', () => {
  const at = mm.mmap(3 * PAGE_SIZE, true, true);
  machine.faults.arm([{ point: 'gup', nth: 2 }]);
  expect(getUserPagesFast(machine, mm, at, 3, FOLL_PIN, [])).toBe(1);
  machine.faults.arm([{ point: 'gup', nth: 1 }]);
  expect(getUserPagesFast(machine, mm, at, 3, FOLL_PIN, [])).toBe(-ENOMEM);
});

test('get_user_pages sleeps unless it must not fault', () => {
  const at = mm.mmap(PAGE_SIZE, true, true);
  machine.context.enterAtomic();
  expect(() => getUserPagesFast(machine, mm, at, 1, FOLL_PIN, [])).toThrow('invalid context');
  expect(getUserPagesFast(machine, mm, at, 1, FOLL_PIN | FOLL_NOFAULT, [])).toBe(1);
});

test('a file mapping shares the pages of the cache and returns its references', () => {
  const cache = new PageCache(machine);
  const entry = must(cache.add(0, 0, true));
  cache.populate(entry, 0, Uint8Array.of(1, 2, 3));
  const at = mm.mapPages([entry.page], false);
  const bytes = new Uint8Array(3);
  expect(copyFromUser(machine, mm, bytes, at)).toBe(0);
  expect([...bytes]).toEqual([1, 2, 3]);
  expect(getUserPagesFast(machine, mm, at, 1, FOLL_PIN | FOLL_WRITE, [])).toBe(-EFAULT);
  cache.truncate();
  expect(machine.ledger.holdings().map((h) => `${h.kind} ${h.who}`)).toEqual(['reference mapping']);
  mm.exit();
  expect(machine.ledger.holdings()).toEqual([]);
});

test('changing the protection of a hole does not map it', () => {
  const at = mm.mmap(PAGE_SIZE, true, true);
  const hole = userAddr(at + PAGE_SIZE);
  mm.mprotect(hole, PAGE_SIZE, true);
  expect(copyToUser(machine, mm, hole, new Uint8Array(1))).toBe(1);
});

test('an injected user-copy fault looks like an unmapped page', () => {
  const at = mm.mmap(2 * PAGE_SIZE, true, true);
  machine.faults.arm([{ point: 'user-copy', nth: 2 }]);
  expect(copyToUser(machine, mm, at, new Uint8Array(2 * PAGE_SIZE))).toBe(PAGE_SIZE);
  expect(machine.faults.exhausted()).toBe(true);
});

test('kernel addresses and addresses behind the space are never mapped', () => {
  for (const address of [0, 2 ** 46, 2 ** 47 + 4096])
    expect(copyFromUser(machine, mm, new Uint8Array(1), userAddr(address))).toBe(1);
});

test('the flags of get_user_pages have the values of 6.1', () => {
  expect([FOLL_WRITE, FOLL_NOFAULT, FOLL_PIN]).toEqual([0x01, 0x80, 0x40000]);
});
