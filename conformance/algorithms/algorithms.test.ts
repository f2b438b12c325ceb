/**
 * Goal: no algorithm and no template is without a row, and so without random cases; both sides say the
 * same of a driver that both have.
 * Method: what the registries of both APIs have, against the table; every driver of the table looked up
 * on both sides.
 */
import { expect, test } from 'vitest';
import { cryptoApiInit as convertedInit } from '../../converted/init.ts';
import { cryptoApiInit as legacyInit } from '../../legacy/init.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_TYPE_MASK,
  type CryptoAlg,
} from '../../src/crypto/algorithm.ts';
import type { CryptoRegistry } from '../../src/crypto/registry.ts';
import { Machine } from '../../src/machine/machine.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { driverOf, driversOf } from './drivers.ts';
import { TYPE_OF } from './row.ts';
import { keySizes } from './sizes.ts';

type Registry = Pick<CryptoRegistry<CryptoAlg>, 'list' | 'find' | 'templateNames'>;

const REGISTRIES: Readonly<Record<'legacy' | 'converted', Registry>> = {
  legacy: legacyInit(new Machine({ memory: 1 << 20 })).registry,
  converted: convertedInit(new Machine({ memory: 1 << 20 })).registry,
};

/** Templates that no generic name shows: they wrap drivers, or are asked for as another. */
const UNNAMED = /^(cryptd|pcrypt|\w+_base)$/;
/** Templates of kinds that no case is about: akcipher. */
const OTHER_KINDS: readonly string[] = ['pkcs1pad'];
const KINDS: readonly string[] = ['skcipher', 'aead', 'ahash'];
const NAMES: ReadonlySet<string> = new Set(ALGORITHMS.map(({ name }) => name));

test.each(['legacy', 'converted'] as const)('%s has nothing that is not in the table', (side) => {
  const registry = REGISTRIES[side];
  const missing = registry
    .list()
    .filter(({ kind, flags }) => KINDS.includes(kind) && (flags & CRYPTO_ALG_INTERNAL) === 0)
    .filter(({ name }) => !NAMES.has(name));
  expect(missing.map(({ name }) => name)).toEqual([]);
  const drivers = ALGORITHMS.flatMap(({ name }) => driversOf(name).map(({ driver }) => driver));
  const templates = registry.templateNames().filter((name) => !OTHER_KINDS.includes(name));
  const unused = templates.filter((template) => {
    const inside = new RegExp(`(^|[(,])${template}\\(`);
    const names = UNNAMED.test(template) ? drivers : [...NAMES];
    return !names.some((name) => inside.test(name));
  });
  expect(unused).toEqual([]);
});

test('a driver that both sides have is the same on both', () => {
  const shown = ({
    kind,
    name,
    priority,
    flags,
    blocksize,
    alignmask,
    ...rest
  }: CryptoAlg): string => {
    const sizes = ['ivsize', 'maxauthsize', 'digestsize', 'minKeysize', 'maxKeysize', 'chunksize'];
    const fields = Object.entries(rest)
      .filter(([key]) => sizes.includes(key))
      .sort();
    const isAsync = (flags & CRYPTO_ALG_ASYNC) !== 0;
    return JSON.stringify({ kind, name, priority, isAsync, blocksize, alignmask, fields });
  };
  let compared = 0;
  for (const { name } of ALGORITHMS) {
    for (const { driver, kind, legacy, converted } of driversOf(name)) {
      if (!legacy || !converted) continue;
      const [a, b] = [REGISTRIES.legacy, REGISTRIES.converted].map((registry) => {
        const alg = registry.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
        return typeof alg === 'number' ? `${alg}` : shown(alg);
      });
      expect(b, driver).toBe(a);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(600);
});

test('generic, accelerated and asynchronous drivers of templates are found', () => {
  for (const [alg, drivers] of [
    [
      'gcm(aes)',
      [
        ...['gcm_base(ctr(aes-generic),ghash-generic)', 'gcm-aes-accel', 'pcrypt(gcm-aes-accel)'],
        'pcrypt(gcm_base(cryptd(ctr(aes-generic)),cryptd(ghash-generic)))',
      ],
    ],
    ['ccm(aes)', ['ccm_base(cryptd(ctr(aes-generic)),cbcmac(aes-generic))']],
    [
      'authenc(hmac(sha1),cbc(aes))',
      ['authenc(cryptd(hmac(sha1-generic)),cryptd(cbc(aes-generic)))'],
    ],
    ['essiv(cbc(aes),sha256)', ['essiv(cryptd(cbc(aes-generic)),sha256-generic)']],
    ['sha256', ['cryptd(sha256-accel)']],
  ] as const) {
    for (const driver of drivers) {
      const row = driverOf(alg, driver);
      expect(row, driver).not.toBe(null);
      expect(row?.async, driver).toBe(/(cryptd|pcrypt)\(/.test(driver));
    }
  }
  expect(driverOf('sha256', 'gcm-aes-accel')).toBe(null);
});

test('the keys that a row takes are those that the descriptors of its drivers name', () => {
  let compared = 0;
  for (const row of ALGORITHMS) {
    if (row.kind !== 'skcipher') continue;
    const { least, most } = keySizes(row) ?? {};
    for (const { driver, kind } of driversOf(row.name)) {
      const alg: CryptoAlg | number = REGISTRIES.converted.find(
        driver,
        TYPE_OF[kind],
        CRYPTO_ALG_TYPE_MASK,
      );
      expect(alg, driver).toMatchObject({ minKeysize: least, maxKeysize: most });
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(200);
});
