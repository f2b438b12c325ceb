/**
 * Goal: both sides offer the same algorithms under the same names: what is there from the start, what a
 * lookup finds or builds under any type and mask, and what it leaves behind.
 * Method: the same lookups in the same order on both registries; every descriptor, field by field.
 */
import { expect, test } from 'vitest';
import { cryptoApiInit as convertedInit } from '../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../legacy/init.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_AHASH,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from '../src/crypto/algorithm.ts';
import type { CryptoRegistry } from '../src/crypto/registry.ts';
import { ENOENT } from '../src/errno.ts';
import { Machine } from '../src/machine/machine.ts';
import { driversOf } from './algorithms/drivers.ts';
import { ALGORITHMS } from './algorithms.ts';

type Registry = Pick<CryptoRegistry<CryptoAlg>, 'find' | 'list'>;

/** Everything that both must say; sizes of a kind are absent in others. */
const FIELDS = [
  'kind',
  'name',
  'driverName',
  'priority',
  'flags',
  'blocksize',
  'alignmask',
  'minKeysize',
  'maxKeysize',
  'ivsize',
  'chunksize',
  'walksize',
  'maxauthsize',
  'digestsize',
  'statesize',
  'keyed',
] as const;

const TYPES = [
  [0, 0],
  [CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK],
  [CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK],
  [CRYPTO_ALG_TYPE_AHASH, CRYPTO_ALG_TYPE_MASK],
  [CRYPTO_ALG_TYPE_CIPHER, CRYPTO_ALG_TYPE_MASK],
  [CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK | CRYPTO_ALG_ASYNC],
  [CRYPTO_ALG_TYPE_AEAD | CRYPTO_ALG_ASYNC, CRYPTO_ALG_TYPE_MASK | CRYPTO_ALG_ASYNC],
  [CRYPTO_ALG_TYPE_AHASH, CRYPTO_ALG_TYPE_MASK | CRYPTO_ALG_ASYNC],
  [CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL],
] as const;

/** Names that no table has: wrong children, wrong sizes, text behind, nothing at all. */
const ODD = [
  '',
  'nosuch',
  'cbc',
  'cbc()',
  'cbc(aes',
  'cbc(aes)x',
  'cbc(aes,aes)',
  'cbc(sha256)',
  'cbc(cbc(aes))',
  'xts(aes)',
  'xts(cbc(aes))',
  'xts(ecb(des))',
  'lrw(ecb-aes-accel)',
  'cts(ctr(aes))',
  'ctr(cbc(aes))',
  'gcm(cbc(aes))',
  'gcm(des)',
  'gcm_base(ctr-aes-accel,ghash-generic)',
  'gcm_base(ctr(aes),sha256)',
  'gcm_base(rfc3686(ctr(aes)),ghash)',
  'ccm_base(ctr(aes),cbcmac(des))',
  'ccm_base(ctr(aes),cryptd(cbcmac(aes-generic)))',
  'rfc4106(ccm(aes))',
  'rfc4309(gcm(aes))',
  'rfc4543(rfc4106(gcm(aes)))',
  'rfc7539(chacha20,ghash)',
  'rfc7539(xchacha20,poly1305)',
  'authenc(sha1,cbc(aes))',
  'authenc(hmac(sha1),aes)',
  'authenc(hmac(sha1))',
  'essiv(cbc(aes),sha1)',
  'essiv(cbc(aes),hmac(sha256))',
  'essiv(gcm(aes),sha256)',
  'essiv(authenc(hmac(sha256),cbc(aes)),sha256)',
  'hmac(hmac(sha1))',
  'hmac(ghash)',
  'hmac(cryptd(sha1-generic))',
  'cmac(des)',
  'seqiv(gcm(aes))',
  'seqiv(authenc(hmac(sha1),cbc(aes)))',
  'echainiv(gcm(aes))',
  'adiantum(chacha20,aes)',
  'adiantum(xchacha12,des)',
  'adiantum(xchacha12,aes,ghash)',
  'cryptd(cryptd(cbc(aes-generic)))',
  'cryptd(cbc(aes))',
  'cryptd(aes-generic)',
  `cbc(${'a'.repeat(120)})`,
  `authenc(hmac(sha1),${'cryptd('.repeat(17)}cbc(aes)${')'.repeat(17)})`,
  'ecb(rfc3686(ctr(aes)))',
  'hmac-sha256-accel',
  'ffdhe2048',
  'ffdhe2048(curve25519)',
  'ffdhe2048(sha256)',
  'ffdhe2048(ffdhe2048(dh))',
  'ffdhe1024(dh)',
  'gcm-aes-accel',
];

function fieldsOf(alg: CryptoAlg): Record<string, unknown> {
  const fields = Object.entries(alg).filter(([key]) => FIELDS.some((field) => field === key));
  return {
    ...Object.fromEntries(fields),
    spawns: alg.spawns?.map(({ driverName }) => driverName) ?? [],
  };
}

function answer(registry: Registry, name: string, type: number, mask: number): unknown {
  const found = registry.find(name, type, mask);
  return typeof found === 'number' ? found : fieldsOf(found);
}

function both(): [Registry, Registry] {
  const machine = new Machine({ memory: 1 << 20 });
  return [legacyInit(machine).registry, convertedInit(machine).registry];
}

/** What a registry holds, of the kinds that both sides have. */
function held(registry: Registry, kinds: ReadonlySet<string>): Record<string, unknown>[] {
  return registry
    .list()
    .filter(({ kind }) => kinds.has(kind))
    .map(fieldsOf);
}

function kindsOf(registry: Registry): Set<string> {
  return new Set(registry.list().map(({ kind }) => kind));
}

test('what is there from the start is the same', () => {
  const [legacy, converted] = both();
  const kinds = kindsOf(legacy);
  expect(kinds.size).toBeGreaterThanOrEqual(4);
  expect(held(converted, kinds).length).toBeGreaterThan(60);
  expect(held(converted, kinds)).toEqual(held(legacy, kinds));
});

test('every name of the table, every driver and every odd name is answered alike, and leaves the same', () => {
  const [legacy, converted] = both();
  const drivers = ALGORITHMS.flatMap(({ name }) => [
    name,
    ...driversOf(name).map(({ driver }) => driver),
  ]);
  const names = [...new Set([...ODD, ...drivers])];
  let lookups = 0;
  let found = 0;
  for (const name of names) {
    for (const [type, mask] of TYPES) {
      const expected = answer(legacy, name, type, mask);
      expect(answer(converted, name, type, mask), `${name} ${type} ${mask}`).toEqual(expected);
      lookups++;
      if (typeof expected === 'object') found++;
    }
  }
  const kinds = kindsOf(legacy);
  expect(held(converted, kinds)).toEqual(held(legacy, kinds));
  console.log(`registries: ${lookups} lookups of ${names.length} names, ${found} found`);
  expect(found).toBeGreaterThan(500);
});

/** Names, and what 6.1.176 answers: an errno, or the driver and its priority where nothing is accelerated. */
const ANSWERS: readonly (readonly [type: number, name: string, answer: number | string])[] = [
  ...[
    '',
    'nosuch',
    'cbc(nosuch)',
    'cbc',
    'cbc(aes',
    'cbc()',
    'cbc( aes)',
    'aes',
    'sha256',
    'cts(aes)',
  ].map((name) => [CRYPTO_ALG_TYPE_SKCIPHER, name, -ENOENT] as const),
  ...[
    'cbc(aes)x',
    'cbc(aes,aes)',
    'xts(ecb(aes))',
    'lrw(ecb(aes))',
    'xts(cbc(aes))',
    'ctr(cbc(aes))',
    'cbc(ecb(aes))',
  ].map((name) => [CRYPTO_ALG_TYPE_SKCIPHER, name, -ENOENT] as const),
  ...['x'.repeat(199), 'x'.repeat(127), `cbc(${'a'.repeat(122)})`].map(
    (name) => [CRYPTO_ALG_TYPE_SKCIPHER, name, -ENOENT] as const,
  ),
  ...[
    'gcm_base(ctr(aes),ghash)',
    'ccm_base(ctr(aes),cbcmac(aes))',
    'cryptd(gcm(aes))',
    'gcm(cbc(aes))',
    'cbc(aes)',
    'authenc(hmac(sha1),aes)',
  ].map((name) => [CRYPTO_ALG_TYPE_AEAD, name, -ENOENT] as const),
  [CRYPTO_ALG_TYPE_SKCIPHER, 'xts(ecb(aes-generic))', 'xts(ecb(aes-generic)) 100'],
  [CRYPTO_ALG_TYPE_SKCIPHER, 'lrw(ecb(aes-generic))', 'lrw(ecb(aes-generic)) 100'],
  [CRYPTO_ALG_TYPE_SKCIPHER, 'cryptd(cbc(aes-generic))', 'cryptd(cbc(aes-generic)) 150'],
  [
    CRYPTO_ALG_TYPE_SKCIPHER,
    'adiantum(xchacha12,aes)',
    'adiantum(xchacha12-generic,aes-generic,nhpoly1305-generic) 100',
  ],
  [CRYPTO_ALG_TYPE_AEAD, 'rfc7539(chacha20,ghash)', 'rfc7539(chacha20-generic,ghash-generic) 100'],
  [
    CRYPTO_ALG_TYPE_AEAD,
    'rfc7539(chacha20,poly1305)',
    'rfc7539(chacha20-generic,poly1305-generic) 100',
  ],
  [
    CRYPTO_ALG_TYPE_AEAD,
    'authenc(hmac(sha1-generic),cbc(aes-generic))',
    'authenc(hmac(sha1-generic),cbc(aes-generic)) 1100',
  ],
];

test.each(['legacy', 'converted'] as const)(
  '%s answers names as 6.1.176 does, and forgets what is replaced',
  (side) => {
    const fresh = (): Registry => both()[side === 'legacy' ? 0 : 1];
    for (const [type, name, expected] of ANSWERS) {
      const found = fresh().find(name, type, CRYPTO_ALG_TYPE_MASK);
      const answered = typeof found === 'number' ? found : `${found.driverName} ${found.priority}`;
      expect(answered, name).toBe(expected);
    }
    // The failed lookup registers cbc(aes-generic) once more, and what stood on the first one goes.
    const registry = fresh();
    const driver = 'cryptd(cbc(aes-generic))';
    const isThere = (): boolean => registry.list().some(({ driverName }) => driverName === driver);
    registry.find(driver, CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK);
    expect(isThere()).toBe(true);
    expect(registry.find('cbc(aes)x', CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK)).toBe(
      -ENOENT,
    );
    expect(isThere()).toBe(false);
    const synchronous = CRYPTO_ALG_TYPE_MASK | CRYPTO_ALG_ASYNC;
    expect(registry.find(driver, CRYPTO_ALG_TYPE_SKCIPHER, synchronous)).toBe(-ENOENT);
    const internal = CRYPTO_ALG_TYPE_SKCIPHER | CRYPTO_ALG_INTERNAL;
    expect(registry.find('cbc(aes)', internal, CRYPTO_ALG_TYPE_MASK | CRYPTO_ALG_INTERNAL)).toBe(
      -ENOENT,
    );
  },
);

test('a driver name of 127 bytes is built, on both sides, and one of 128 is not', () => {
  const [legacy, converted] = both();
  // Each template adds its name and two parentheses to that of the driver below.
  const over = (templates: readonly string[]): string =>
    templates.reduce((name, template) => `${template}(${name})`, 'rfc4106(gcm-aes-accel)');
  const seqiv = (count: number): string[] => Array.from({ length: count }, () => 'seqiv');
  for (const [name, length] of [
    [over(seqiv(15)), 127],
    [over([...seqiv(14), 'pcrypt']), 128],
  ] as const) {
    expect(name.length).toBe(length);
    for (const registry of [legacy, converted]) {
      const found = registry.find(name, CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK);
      const answered = typeof found === 'number' ? found : found.driverName;
      expect(answered).toBe(length === 127 ? name : -ENOENT);
    }
  }
});
