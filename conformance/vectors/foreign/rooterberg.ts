/**
 * Files of Rooterberg: one algorithm each, tests with flags, and `valid` where they may fail.
 * @module
 */
import { z } from 'zod';
import { hex, type WycheproofTest } from '../import/readers.ts';
import { checkFields, collect, type ForeignSet, targetOf } from './target.ts';
import { parsed } from './wycheproof.ts';

const testSchema = z.object({
  tcId: z.number(),
  valid: z.boolean().default(true),
  flags: z.array(z.string()).default([]),
  ...{ key: hex.default(''), iv: hex.default(''), aad: hex.default(''), msg: hex.default('') },
  ...{ ct: hex.default(''), tag: hex.default(''), mac: hex.default(''), digest: hex.default('') },
});
const fileSchema = z.object({
  algorithm: z.object({ primitive: z.string() }),
  tests: z.array(z.unknown()),
});

/** True for the form of these files; whether all of it is right is seen when it is read. */
export function isRooterberg(value: unknown): boolean {
  return fileSchema.safeParse(value).success;
}

/** @throws ForeignError naming the field that is missing or malformed. */
export function readRooterberg(path: string, value: unknown): ForeignSet {
  const { algorithm, tests } = parsed(path, '', fileSchema, value);
  const target = targetOf(algorithm.primitive);
  const read = tests.map((test, i): WycheproofTest | string => {
    if (target === null) return `no such algorithm in the table: ${algorithm.primitive}`;
    const prefix = `tests.${i}.`;
    const { valid, mac, digest, ...rest } = parsed(path, prefix, testSchema, test);
    checkFields(`${path}: ${prefix}`, target, Object(test), valid);
    const result = valid ? 'valid' : 'invalid';
    const tag = [rest.tag, mac, digest].find((bytes) => bytes !== '') ?? '';
    return { ...rest, tag, result, public: '', private: '', shared: '' };
  });
  return collect({ path, format: 'Rooterberg', algorithm: algorithm.primitive }, read, target);
}
