/**
 * Goal: reference and pin counts are those of mm/gup.c, on single pages and on large folios.
 * Method: exact counts after single calls, and random sequences against two plain counters.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { PAGE_SIZE, type Pfn, pfn } from '../units.ts';
import { must } from './access.ts';
import { Machine } from './machine.ts';
import { GUP_PIN_COUNTING_BIAS, PG_DIRTY, pageMaybeDmaPinned } from './page.ts';
import { PFN_BASE } from './phys-mem.ts';

let machine: Machine;

beforeEach(() => {
  machine = new Machine({ memory: 1 << 20 });
});

function refcount(page: Pfn): number {
  return machine.pages.refcount[machine.pages.index(machine.pages.headOf(page))];
}

test('a pin of a single page is 1024 references, of a large folio one reference and one pin', () => {
  const single = must(machine.allocPages(0, 'test'));
  machine.pinPage(single, 'test');
  machine.pinPage(single, 'test');
  expect(refcount(single)).toBe(1 + 2 * GUP_PIN_COUNTING_BIAS);

  const head = must(machine.allocPages(2, 'test'));
  const tail = pfn(head + 3);
  machine.pinPage(tail, 'test');
  expect(refcount(tail)).toBe(2);
  expect(machine.pages.pincount[machine.pages.index(head)]).toBe(1);
  expect(pageMaybeDmaPinned(machine.pages, tail)).toBe(true);
  machine.unpinPage(tail);
  expect(pageMaybeDmaPinned(machine.pages, tail)).toBe(false);
});

test('1024 plain references look like a pin, as in the kernel', () => {
  const page = must(machine.allocPages(0, 'test'));
  for (let i = 1; i < GUP_PIN_COUNTING_BIAS; i++) machine.getPage(page, 'test');
  expect(pageMaybeDmaPinned(machine.pages, page)).toBe(true);
});

test('unpinning more often than pinning is a bug on both kinds of folio', () => {
  for (const order of [0, 1]) {
    const page = must(machine.allocPages(order, 'test'));
    machine.pinPage(page, 'test');
    machine.unpinPage(page);
    expect(() => machine.unpinPage(page)).toThrow('unpin of a page that is not pinned');
  }
});

test('random gets, puts, pins and unpins agree with two counters until the folio is freed', () => {
  const step = fc.constantFrom('get', 'put', 'pin', 'unpin');
  fc.assert(
    fc.property(fc.nat(2), fc.array(step, { maxLength: 60 }), (order, steps) => {
      machine.reset(1);
      const page = must(machine.allocPages(order, 'test'));
      let references = 0;
      let pins = 0;
      for (const name of steps) {
        if (name === 'get') {
          machine.getPage(page, 'test');
          references++;
        } else if (name === 'pin') {
          machine.pinPage(page, 'test');
          pins++;
        } else if (name === 'put') {
          if (references === 0) expect(() => machine.putPage(page)).toThrow();
          else machine.putPage(page);
          references = Math.max(0, references - 1);
        } else {
          if (pins === 0) expect(() => machine.unpinPage(page)).toThrow();
          else machine.unpinPage(page);
          pins = Math.max(0, pins - 1);
        }
        const weight = order > 0 ? 1 : GUP_PIN_COUNTING_BIAS;
        expect(refcount(page)).toBe(1 + references + pins * weight);
      }
      machine.freePages(page);
      const alive = references + pins > 0;
      expect(machine.pages.flags[machine.pages.index(page)] !== 0).toBe(alive);
    }),
  );
});

test('giving a page back twice is a bug even while somebody else holds it', () => {
  const page = must(machine.allocPages(0, 'owner'));
  machine.getPage(page, 'borrower');
  machine.freePages(page);
  expect(() => machine.freePages(page)).toThrow(/not held/);
  machine.putPage(page);
  expect(machine.ledger.holdings()).toEqual([]);
});

test('a page that was never allocated shares no counter with frame 0', () => {
  const all: Pfn[] = [];
  for (let page = machine.allocPages(0, 'all'); page !== null; page = machine.allocPages(0, 'all'))
    all.push(page);
  const zero = must(all.find((page) => page === PFN_BASE) ?? null);
  const fresh = new Machine({ memory: 1 << 20 });
  while (fresh.allocPages(0, 'seek') !== zero);
  const never = pfn(PFN_BASE + fresh.pages.flags.indexOf(0));
  expect(() => fresh.getPage(never, 'test')).toThrow('get_page on a free page');
  expect(fresh.pages.refcount[0]).toBe(1);
});

test('the pages of a freed folio share nothing with what one of them becomes', () => {
  const folio = must(machine.allocPages(1, 'test'));
  while (machine.allocPages(0, 'rest') !== null);
  machine.freePages(folio);
  const page = must(machine.allocPages(0, 'test'));
  expect([folio, folio + 1]).toContain(page);
  const other = pfn(2 * folio + 1 - page);
  expect(() => machine.getPage(other, 'test')).toThrow('get_page on a free page');
  expect(refcount(page)).toBe(1);
});

test('flags are set and cleared one by one', () => {
  const page = must(machine.allocPages(0, 'test'));
  machine.pages.set(page, PG_DIRTY);
  expect(machine.pages.has(page, PG_DIRTY)).toBe(true);
  machine.pages.clear(page, PG_DIRTY);
  expect(machine.pages.has(page, PG_DIRTY)).toBe(false);
});

test('device memory has no struct page', () => {
  const at = must(machine.allocDevice(PAGE_SIZE));
  const page = pfn(at / PAGE_SIZE);
  expect(machine.pages.valid(page)).toBe(false);
  expect(() => machine.getPage(page, 'test')).toThrow('no struct page');
});
