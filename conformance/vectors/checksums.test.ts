/**
 * Goal: show that the plans are the kernel's own, so that a wrong constant can only mean a wrong subject.
 * Method: node:crypto computes every case and the constants come out; a generator in 48-bit integers,
 * as the kernel has it, gives the same bytes as the short one.
 */
import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { type ChecksumCase, type ChecksumResult, checksumPlans, rand } from './checksums.ts';

/** OpenSSL before Node 24 loses the tag of an empty CCM message that is an array of its own. */
const EMPTY_VIEW = new Uint8Array(8).subarray(8);

function compute(alg: string, c: ChecksumCase): ChecksumResult {
  const tag = new Uint8Array(0);
  if (alg === 'hmac(sha256)') {
    return { output: createHmac('sha256', c.key).update(c.input).digest(), tag };
  }
  if (!alg.includes('aes')) return { output: createHash(alg).update(c.input).digest(), tag };
  const bits = c.key.length * 8;
  const options = { authTagLength: c.tagLen };
  const cipher =
    alg === 'ccm(aes)'
      ? createCipheriv(`aes-${bits as 128}-ccm`, c.key, c.iv, options)
      : createCipheriv(`aes-${bits as 128}-gcm`, c.key, c.iv, options);
  cipher.setAAD(c.ad, { plaintextLength: c.input.length });
  const output = cipher.update(c.input.length === 0 ? EMPTY_VIEW : c.input);
  cipher.final();
  return { output, tag: cipher.getAuthTag() };
}

const plans = checksumPlans();

test('there is a plan for each of the five constants, 14,341 cases together', () => {
  expect(plans.map((p) => p.alg)).toEqual([
    'gcm(aes)',
    'ccm(aes)',
    'sha256',
    'sha512',
    'hmac(sha256)',
  ]);
  expect(plans.reduce((sum, p) => sum + p.cases, 0)).toBe(14_341);
});

test.each(plans)('node:crypto reproduces the constant: $name', (plan) => {
  const fold = plan.startFold();
  for (let i = 0; i < plan.cases; i++) fold.add(i, compute(plan.alg, plan.caseAt(i)));
  expect(fold.digest()).toBe(plan.expected);
});

test.each(plans)('one wrong bit in one case is seen: $name', (plan) => {
  const fold = plan.startFold();
  for (let i = 0; i < plan.cases; i++) {
    const result = compute(plan.alg, plan.caseAt(i));
    if (i === 777) result.output[0] ^= 1;
    fold.add(i, result);
  }
  expect(fold.digest()).not.toBe(plan.expected);
});

test('a fold refuses a case that is left out, and a checksum of half the cases', () => {
  const [plan] = plans;
  const fold = plan.startFold();
  fold.add(0, compute(plan.alg, plan.caseAt(0)));
  expect(() => fold.add(2, compute(plan.alg, plan.caseAt(2)))).toThrow('in their order');
  expect(() => fold.digest()).toThrow('all of its cases');
});

test('the generator gives the bytes of the 48-bit generator of the kernel', () => {
  for (const n of [0, 1, 2, 16, 32, 292, 1024, 4096]) {
    let s = BigInt(n);
    const wide = Uint8Array.from({ length: n }, () => {
      s = (s * 25214903917n + 11n) & 0xffff_ffff_ffffn;
      return Number((s >> 16n) & 0xffn);
    });
    expect(rand(n)).toEqual(wide);
  }
});
