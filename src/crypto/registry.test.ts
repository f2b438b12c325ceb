/**
 * Goal: lookup chooses as crypto/api.c does, and template names parse as crypto/algboss.c parses them.
 * Method: small registries by hand; the parser against generated nested names.
 */
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { EEXIST, EINVAL, ENOENT } from '../errno.ts';
import {
  CRYPTO_ALG_ASYNC,
  CRYPTO_ALG_INTERNAL,
  CRYPTO_ALG_TYPE_AEAD,
  CRYPTO_ALG_TYPE_CIPHER,
  CRYPTO_ALG_TYPE_MASK,
  CRYPTO_ALG_TYPE_SKCIPHER,
  type CryptoAlg,
} from './algorithm.ts';
import { CryptoRegistry, isType, parseTemplateName } from './registry.ts';

function alg(name: string, driverName: string, priority: number, flags = 0): CryptoAlg {
  const type = CRYPTO_ALG_TYPE_SKCIPHER;
  const sizes = { blocksize: 16, alignmask: 0 };
  return { kind: 'skcipher', name, driverName, priority, flags: type | flags, ...sizes };
}

let registry: CryptoRegistry<CryptoAlg>;

beforeEach(() => {
  registry = new CryptoRegistry();
});

function find(name: string, type = 0, mask = 0): string | number {
  const found = registry.find(name, type, mask);
  return typeof found === 'number' ? found : found.driverName;
}

test('a name finds the highest priority, of equal ones the newest; a driver name finds itself', () => {
  registry.register(alg('ctr(aes)', 'low', 100));
  registry.register(alg('ctr(aes)', 'high', 400));
  registry.register(alg('ctr(aes)', 'newer', 400));
  expect(find('ctr(aes)')).toBe('newer');
  expect(find('low')).toBe('low');
  expect(find('nothing')).toBe(-ENOENT);
  expect(registry.list().map((a) => a.driverName)).toEqual(['newer', 'high', 'low']);
});

test('the mask decides which flags must agree with the type', () => {
  registry.register(alg('cbc(aes)', 'sync', 100));
  registry.register(alg('cbc(aes)', 'async', 400, CRYPTO_ALG_ASYNC));
  expect(find('cbc(aes)')).toBe('async');
  expect(find('cbc(aes)', 0, CRYPTO_ALG_ASYNC)).toBe('sync');
  expect(find('cbc(aes)', CRYPTO_ALG_ASYNC, CRYPTO_ALG_ASYNC)).toBe('async');
  expect(find('async', 0, CRYPTO_ALG_ASYNC)).toBe(-ENOENT);
  expect(find('sync', CRYPTO_ALG_TYPE_AEAD, CRYPTO_ALG_TYPE_MASK)).toBe(-ENOENT);
  expect(find('sync', CRYPTO_ALG_TYPE_SKCIPHER, CRYPTO_ALG_TYPE_MASK)).toBe('sync');
});

test('internal algorithms are found only by those who name the flag', () => {
  registry.register(alg('__x', '__x-internal', 100, CRYPTO_ALG_INTERNAL));
  expect(find('__x-internal')).toBe(-ENOENT);
  expect(find('__x-internal', CRYPTO_ALG_INTERNAL, CRYPTO_ALG_INTERNAL)).toBe('__x-internal');
});

test('malformed and doubled descriptors are refused', () => {
  expect(registry.register(alg('x', 'x', 100))).toBe(0);
  expect(registry.register(alg('y', 'x', 100))).toBe(-EEXIST);
  expect(registry.register(alg('y', 'y'.repeat(128), 100))).toBe(-EINVAL);
  expect(registry.register(alg('y', 'y', -1))).toBe(-EINVAL);
  expect(registry.register(alg('', 'y', 1))).toBe(-EINVAL);
  expect(registry.register(alg('y', '', 1))).toBe(-EINVAL);
  expect(registry.register({ ...alg('y', 'y', 1), alignmask: 5 })).toBe(-EINVAL);
  expect(registry.register({ ...alg('y', 'y', 1), blocksize: 161 })).toBe(-EINVAL);
  expect(registry.register({ ...alg('y', 'y', 1), alignmask: 127 })).toBe(-EINVAL);
  const cipher = { ...alg('z', 'z-cipher', 1), flags: CRYPTO_ALG_TYPE_CIPHER };
  expect(registry.register({ ...cipher, blocksize: 32 })).toBe(-EINVAL);
  expect(registry.register({ ...cipher, alignmask: 31 })).toBe(-EINVAL);
  expect(registry.register({ ...cipher, alignmask: 15, blocksize: 16 })).toBe(0);
  expect(registry.register({ ...alg('w', 'w-max', 1), alignmask: 63, blocksize: 160 })).toBe(0);
  expect(isType(alg('x', 'x', 1), CRYPTO_ALG_TYPE_SKCIPHER)).toBe(true);
  expect(isType(alg('x', 'x', 1), CRYPTO_ALG_TYPE_AEAD)).toBe(false);
});

test('a template is instantiated once and stays, as a side effect of the lookup', () => {
  registry.register(alg('aes', 'aes-generic', 100));
  let created = 0;
  registry.registerTemplate('ecb', (own, params) => {
    created++;
    const child = own.find(params[0], 0, 0);
    return typeof child === 'number' ? child : alg('ecb(aes)', `ecb(${child.driverName})`, 100);
  });
  expect(find('ecb(aes)')).toBe('ecb(aes-generic)');
  expect(find('ecb(aes)')).toBe('ecb(aes-generic)');
  expect(created).toBe(1);
  expect(find('ecb(nothing)')).toBe(-ENOENT);
  expect(find('cbc(aes)')).toBe(-ENOENT);
});

test('an instance whose name is not the one asked for is found by its driver name only', () => {
  registry.register(alg('cbc(aes)', 'cbc-aes', 100));
  registry.registerTemplate('cryptd', (_, params) => alg('cbc(aes)', `cryptd(${params[0]})`, 150));
  expect(find('cryptd(cbc(aes))', 0, 0)).toBe('cryptd(cbc(aes))');
  const other: CryptoRegistry<CryptoAlg> = new CryptoRegistry();
  other.registerTemplate('cryptd', () => alg('cbc(aes)', 'cryptd(cbc-aes)', 150));
  expect(other.find('cryptd(cbc(aes))', 0, 0)).toBe(-ENOENT);
  expect(other.list().length).toBe(1);
});

test('names made of balanced parameters come apart exactly', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,6}$/);
  const { param } = fc.letrec<{ param: string; nested: string }>((tie) => ({
    param: fc.oneof({ maxDepth: 3 }, word, tie('nested')),
    nested: fc
      .tuple(word, fc.array(tie('param'), { minLength: 1, maxLength: 3 }))
      .map(([head, list]) => `${head}(${list.join(',')})`),
  }));
  fc.assert(
    fc.property(word, fc.array(param, { minLength: 1, maxLength: 5 }), (template, params) => {
      const parsed = parseTemplateName(`${template}(${params.join(',')})`);
      expect(parsed).toEqual({ template, params });
    }),
  );
});

test.each([
  'aes',
  '',
  '(aes)',
  'cbc(',
  'cbc()',
  'cbc(aes',
  'cbc(aes,)',
  'cbc(,aes)',
  'cbc(ecb(aes)',
  'cbc(aes ctr)',
  'c bc(aes)',
  `x(${Array.from({ length: 32 }, () => 'a').join(',')})`,
])('%j is no template name', (name) => {
  expect(parseTemplateName(name)).toBeNull();
});

test('31 parameters are accepted, and text behind the name is ignored', () => {
  const params = Array.from({ length: 31 }, () => 'a');
  expect(parseTemplateName(`x(${params.join(',')})`)?.params).toEqual(params);
  expect(parseTemplateName('cbc(aes)x')).toEqual({ template: 'cbc', params: ['aes'] });
});
