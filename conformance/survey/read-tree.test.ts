/**
 * Goal: a whole tree is judged as the rules say: scope, role, mode, handling, hours, wave, hazards.
 * Method: the fixture tree has one file per rule, so each expectation names a file and a reason.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Census, CensusFile } from './census.ts';
import { FIXTURE_TREE, surveyQuietly } from './fixtures/copy.ts';
import { roleOf } from './role.ts';

let census: Census;

beforeAll(async () => {
  census = await surveyQuietly(FIXTURE_TREE);
});

function file(path: string): CensusFile {
  const found = census.files.find((f) => f.path === path);
  if (found === undefined) throw new Error(`${path} is not in scope`);
  return found;
}

test('the scope holds providers and callers, not other users of scatterlists, not documents', () => {
  const paths = census.files.map((f) => f.path);
  expect(paths).toContain('crypto/api.c');
  expect(paths).toContain('net/demo/waiting.c');
  expect(paths).not.toContain('drivers/scsi/elsewhere.c');
  expect(paths).not.toContain('lib/scatterlist.c');
  expect(paths).not.toContain('Documentation/crypto/example.c');
  expect(census.tree.version).toBe('6.1.0');
});

test.each([
  ['crypto/api.c', 'core', 'none', 'none', null],
  ['crypto/walker.c', 'sw-generic', 'walk-only', 'sync', 1],
  ['crypto/wrap.c', 'template', 'walks', 'inherited', 3],
  ['arch/x86/crypto/glue.c', 'sw-arch', 'walk-only', 'sync', 1],
  ['drivers/crypto/acme/acme-cipher.c', 'hw-driver', 'dma', 'async', 7],
  ['drivers/crypto/acme/acme-pk.c', 'hw-driver', 'walks', 'async', 7],
  ['drivers/crypto/acme/acme-zip.c', 'hw-driver', 'pass-through', 'async', 7],
  ['drivers/crypto/slow-aes.c', 'hw-driver', 'walk-only', 'sync', 1],
  ['include/crypto/skcipher.h', 'api-header', 'pass-through', 'none', 0],
  ['net/demo/pipelined.c', 'consumer', 'walks', 'pipelined', 6],
  ['net/demo/own-wait.c', 'consumer', 'builds', 'own-wait', 6],
  ['net/demo/waiting.c', 'consumer', 'builds', 'wait', 5],
  ['net/demo/sync.c', 'consumer', 'builds', 'sync', 4],
])('%s is %s, %s, %s, wave %s', (path, role, handling, mode, wave) => {
  expect(file(path)).toMatchObject({ role, handling, mode, wave });
});

test.each([
  ['crypto/testmgr.c', 'test'],
  ['crypto/tcrypt.h', 'test'],
  ['tools/crypto/x.c', 'test'],
  ['lib/crypto/chacha20poly1305-selftest.c', 'test'],
  ['include/linux/crypto.h', 'api-header'],
  ['crypto/scatterwalk.c', 'core'],
  ['crypto/algif_hash.c', 'uapi'],
  ['crypto/cryptd.c', 'infra'],
  ['drivers/crypto/ccp/ccp-dmaengine.c', 'other'],
  ['crypto/async_tx/async_xor.c', 'other'],
  ['arch/arm64/lib/crypto/x.c', 'sw-arch'],
  ['crypto/asymmetric_keys/public_key.c', 'consumer'],
  ['crypto/rsa.c', 'sw-generic'],
  ['fs/verity/hash_algs.c', 'consumer'],
])('%s has the role %s', (path, role) => {
  expect(roleOf(path, false)).toBe(role);
});

test('algorithms name the evidence of their mode', () => {
  const mode = (driver: string): string =>
    census.algs
      .filter((a) => a.driver === driver)
      .map((a) => `${a.mode} ${a.evidence.map((e) => e.kind)}`)
      .join();
  expect(mode('cbc-aes-acme')).toBe('async flag-static');
  expect(mode('ecb-aes-acme')).toBe('async returns-inprogress,queues');
  expect(mode('rsa-acme')).toBe('async returns-inprogress,queues');
  expect(mode('ecb-walker-generic')).toBe('sync ');
  expect(mode('ecb-aes-slow')).toBe('sync ');
});

test('the terms of the hours add up, and the sum is the total', () => {
  for (const f of census.files) {
    const sum = Object.values(f.hoursTerms).reduce((s, t) => s + t, 0);
    expect(Math.abs(sum - f.hours), f.path).toBeLessThan(0.05);
  }
  // By hand: 9 sites, 6 members, 1 identity, 1 chain, 2 fast forwards, 3 types, template.
  const wrap = file('crypto/wrap.c');
  const sites = 3 * 0.15 + 0.35 + 2 * 0.4 + 2 * 0.2 + 0.15;
  const base = sites + 0.05 * wrap.evidence.requestMembers + 0.4 + 1 + 2 * 0.5 + 3 * 0.05;
  expect(wrap.hours).toBeCloseTo(base * 1.2 + 1, 1);
});

test('a driver that only hands the lists of a compression request on has hours and a wave', () => {
  const zip = file('drivers/crypto/acme/acme-zip.c');
  expect(zip).toMatchObject({
    touches: true,
    sites: 0,
    maintainers: expect.arrayContaining(['ACME CRYPTO ENGINE']),
  });
  expect(zip.evidence.requestMembers).toBe(2);
  expect(zip.hours).toBeCloseTo(1.4 * 2 * 0.05 + 1, 2);
});

test('every site has a mapping, and an unknown direction is only half mechanical', () => {
  const copies = census.sites.filter((s) => s.name === 'scatterwalk_map_and_copy');
  expect(copies.map((s) => [s.mapping, s.mechanical])).toEqual([
    ['copy-at', 'yes'],
    ['copy-at', 'half'],
  ]);
  expect(census.sites.find((s) => s.name === 'sg_chain')?.mechanical).toBe('no');
  expect(census.sites.find((s) => s.fn === '#macro')?.confidence).toBe('medium');
});

test('hazards are raised where they stand, with their confidence', () => {
  const flags = (path: string): string[] => [
    ...new Set(census.hazards.filter((h) => h.path === path).map((h) => h.flag)),
  ];
  expect(flags('crypto/wrap.c')).toEqual(['chain', 'in-place-by-identity']);
  expect(flags('drivers/crypto/acme/acme-cipher.c').sort()).toEqual([
    'caller-entry-edited',
    'cpu-length-after-map',
    'in-place-by-identity',
    'map-count-ignored',
    'map-count-tested',
  ]);
  expect(flags('drivers/crypto/acme/acme-pk.c')).toEqual(['sg-virt-on-request']);
  expect(flags('net/demo/pipelined.c').sort()).toEqual([
    'atomic-submit',
    'end-mark-bounds-walk',
    'pages-released-by-walk',
  ]);
  expect(flags('net/demo/waiting.c')).toEqual([]);
  const edited = census.hazards.find((h) => h.flag === 'caller-entry-edited');
  expect(edited).toMatchObject({ fn: 'acme_queue', confidence: 'high' });
});

test('identifiers are unique, and ordinals count the same name in one function', () => {
  const ids = [...census.sites, ...census.hazards].map((x) => x.id);
  expect(new Set(ids).size).toBe(ids.length);
  const inits = census.sites.filter((s) => s.fn === 'wrap_crypt' && s.name === 'scatterwalk_ffwd');
  expect(inits.map((s) => s.ordinal)).toEqual([0, 1]);
});

test('files wait for missing functions and earlier waves', () => {
  expect(file('net/demo/pipelined.c').blockedBy).toEqual([
    'wave 0',
    'skb_to_bvec (missing)',
    'wave 3',
  ]);
  expect(file('include/crypto/skcipher.h').blockedBy).toEqual([]);
});

test('totals are the sums of the files, and assembly is searched', () => {
  const touching = census.files.filter((f) => f.touches);
  expect(census.totals.files).toBe(touching.length);
  expect(census.totals.sites).toBe(census.sites.length);
  expect(census.totals.listAlgorithms).toBe(7);
  expect(census.totals.asyncFlagged + census.totals.asyncByEvidence).toBe(4);
  expect(census.totals).toMatchObject({ assemblyFiles: 1, assemblyHits: 0, templates: 1 });
});

test('list functions of the headers that the catalogue lacks are reported', () => {
  expect(census.uncatalogued.map((u) => u.name)).toEqual(['sg_brand_new', 'crypto_demo_list']);
});

test('the same tree gives the same report', async () => {
  expect(await surveyQuietly(FIXTURE_TREE)).toEqual(census);
});
