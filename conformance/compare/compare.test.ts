/**
 * Goal: the three ways do the same work, and the counts say what each costs.
 * Method: every scenario on the machine that counts; the lengths of its lists against what it says.
 */
import { describe, expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { compareScenario } from './compare.ts';
import { counted } from './counted.ts';
import { SCENARIOS } from './scenarios.ts';

function lengthOf(list: readonly { readonly len: number }[]): number {
  return list.reduce((sum, { len }) => sum + len, 0);
}

test('there are twelve scenarios or more, of every kind, each once', () => {
  expect(new Set(SCENARIOS.map(({ id }) => id)).size).toBe(SCENARIOS.length);
  expect(SCENARIOS.length).toBeGreaterThanOrEqual(12);
  expect(new Set(SCENARIOS.map(({ kind }) => kind)).size).toBe(3);
  expect(new Set(SCENARIOS.map(({ native }) => native)).size).toBe(4);
});

describe.each(SCENARIOS)('$id', (scenario) => {
  const { adLen, len, tagLen, src, dst } = scenario;

  test('its lists hold the message, and not more', () => {
    expect(lengthOf(src)).toBe(adLen + len + (dst === null ? tagLen : 0));
    if (dst !== null) expect(lengthOf(dst)).toBe(adLen + len + tagLen);
  });
});

test('the ways agree, the library allocates nothing, and only lists are built anew for bio_vecs', () => {
  // Comparing throws where outputs differ; one scenario of each kind is enough here.
  const short = SCENARIOS.filter(({ id }) => /^(dm-crypt sector|ESP|dm-verity)/.test(id));
  const rows = short.map((scenario) => compareScenario(scenario, 1));
  expect(rows.length).toBe(3);
  for (const { id, ways } of rows) {
    expect([id, ways.library.allocations]).toEqual([id, 0]);
    expect(ways.scatterlist.entries).toBeGreaterThan(0);
    expect(ways.scatterlist.allocations).toBeGreaterThan(ways.iov_iter.allocations - 1);
    for (const { passes, ns, lines } of Object.values(ways)) {
      expect(passes).toBeGreaterThanOrEqual(1);
      expect(ns).toBeGreaterThan(0);
      expect(lines).toBeGreaterThan(5);
    }
  }
  const [odd] = SCENARIOS.filter(({ id }) => id.startsWith('AF_ALG'));
  expect(compareScenario(odd, 1).ways.library.bytesCopied).toBeGreaterThan(0);
  const sector = rows.find(({ id }) => id === 'dm-crypt sector');
  expect([sector?.ways.iov_iter.entries, sector?.ways.library.entries]).toEqual([0, 0]);
});

test('takings, reads and copies are counted, and nothing after', () => {
  const machine = new Machine({ memory: 1 << 20 });
  const page = must(machine.allocPages(0, 'test'));
  const at = pageAddress(page, 0);
  machine.store(at, new Uint8Array(64));
  const costs = counted(machine, () => {
    must(machine.slab.kmalloc(10, 'test'));
    machine.load(at, 16);
    machine.copy(pageAddress(page, 32), at, 8);
  });
  machine.load(at, 16);
  expect(costs).toMatchObject({ bytesRead: 24, bytesCopied: 8 });
  expect(costs.allocations).toBeGreaterThanOrEqual(1);
});
