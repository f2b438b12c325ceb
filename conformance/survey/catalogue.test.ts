/**
 * Goal: the catalogue is complete and consistent, because every number rests on it.
 * Method: count the names, look for duplicates, and demand a mapping for everything that counts.
 */
import { expect, test } from 'vitest';
import { CATALOGUE, catalogueHash, words } from './catalogue.ts';
import { EXTRA_GROUPS, GONE_BY_7_2, GROUPS, SINCE } from './data/catalogue.ts';
import { HAZARDS } from './data/hazards.ts';
import { MAPPING } from './data/mapping.ts';
import { mappingRow } from './mapping.ts';

test('the catalogue has 252 names in 20 groups, and no name twice', () => {
  const names = GROUPS.flatMap((g) => words(g.names));
  expect(GROUPS.length).toBe(20);
  expect(names.length).toBe(252);
  const all = [...names, ...EXTRA_GROUPS.flatMap((g) => words(g.names))];
  expect(new Set(all).size).toBe(all.length);
  expect(CATALOGUE.size).toBe(all.length);
});

test('every counted name has exactly one mapping, and every mapped name is counted', () => {
  const counted = [...CATALOGUE.values()].filter((n) => n.counted).map((n) => n.name);
  for (const name of counted) expect(mappingRow(name).key).not.toBe('');
  const mapped = MAPPING.flatMap((row) => words(row.names));
  expect(new Set(mapped).size).toBe(mapped.length);
  expect(mapped.filter((name) => CATALOGUE.get(name)?.counted !== true)).toEqual([]);
});

test('a name without a mapping is refused instead of guessed', () => {
  expect(() => mappingRow('crypto_alloc_ahash')).toThrow(/without a mapping/);
});

test('releases name catalogued names only', () => {
  for (const text of [...Object.values(SINCE), GONE_BY_7_2])
    for (const name of words(text)) expect(CATALOGUE.has(name), name).toBe(true);
  expect(CATALOGUE.get('ahash_request_set_virt')?.since).toBe('7.2');
  expect(CATALOGUE.get('scatterwalk_copychunks')?.until).toBe('7.2');
  expect(CATALOGUE.get('sg_next')).toMatchObject({ since: '6.1', until: null, group: 'sg-walk' });
});

test('the digest is stable inside one version', () => {
  expect(catalogueHash()).toMatch(/^[0-9a-f]{16}$/);
  expect(catalogueHash()).toBe(catalogueHash());
});

test('hazard rules have unique identifiers and flags', () => {
  expect(new Set(HAZARDS.map((h) => h.id)).size).toBe(HAZARDS.length);
  expect(new Set(HAZARDS.map((h) => h.flag)).size).toBe(HAZARDS.length);
});
