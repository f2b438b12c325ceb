/**
 * Goal: the three ways do the same work, and the counts say what each costs.
 * Method: every scenario on the machine that counts; the lengths of its lists against what it says.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { Machine, pageAddress } from '../../src/machine/machine.ts';
import { runLifetimes } from '../lifetimes/lifetimes.ts';
import { compareScenario } from './compare.ts';
import { counted } from './counted.ts';
import { countPasses, passLines } from './counting-passes.ts';
import { caughtLifetimes } from './lifetimes.ts';
import { LIMITS } from './limits.ts';
import { comparePage } from './page.ts';
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
  expect(compareScenario(odd, 1).ways.library.bounces).toBeGreaterThan(0);
  const sector = rows.find(({ id }) => id === 'dm-crypt sector');
  expect([sector?.ways.iov_iter.entries, sector?.ways.library.entries]).toEqual([0, 0]);
});

test('the page has every scenario and limit, and the counts of those that are run here', () => {
  const page = readFileSync(new URL('README.md', import.meta.url), 'utf8');
  const passes = countPasses();
  const cellsOf = (line: string): string => line.split(/ *\| */).join('|');
  const lines = page.split('\n').map(cellsOf);
  for (const row of passLines(passes)) expect(lines).toContain(`|${row.join('|')}|`);
  const headings = [...page.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual([
    ...SCENARIOS.map(({ id }) => id),
    `${passes.id}: counting passes`,
    'Misuses of memory that are noticed',
    expect.stringMatching(/^What a way/),
  ]);
  for (const limit of Object.values(LIMITS).flat()) expect(page).toContain(`- ${limit}`);
  const short = SCENARIOS.filter(({ id }) => /^(fscrypt|MACsec|AH)/.test(id));
  // Lines are those of the build, times those of a machine.
  const counts = (text: string): string[] =>
    [...text.matchAll(/^\| (?!way|-)(.*) \|$/gm)].map(([, row]) => {
      const [way, , ...rest] = row.split('|').map((cell) => cell.trim());
      return [way, ...rest.slice(0, -1)].join(' ');
    });
  const made = comparePage(
    short.map((scenario) => compareScenario(scenario, 1)),
    passes,
  );
  const sections = (text: string): string =>
    text
      .split(/^## /m)
      .filter((part) => /^(fscrypt|MACsec|AH)/.test(part))
      .join('');
  expect(counts(sections(page))).toEqual(counts(sections(made)));
  expect(counts(sections(made)).length).toBe(9);
});

test('of misuses a late iterator notices more than a list, and a call has none in flight', () => {
  const report = runLifetimes(1, 4);
  const { scatterlist, iov_iter, library } = caughtLifetimes(report);
  const bugs = new Set(report.verdicts.map(({ bug }) => bug));
  expect(iov_iter.caught).toBeGreaterThan(scatterlist.caught);
  expect(iov_iter.of).toBe(bugs.size);
  expect(library.of).toBe([...bugs].filter((bug) => !/in flight/.test(bug)).length);
  expect(library.of).toBeLessThan(iov_iter.of);
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
  expect(costs).toMatchObject({ bytesRead: 24, bytesCopied: 8, bounces: 1 });
  expect(costs.allocations).toBeGreaterThanOrEqual(1);
});
