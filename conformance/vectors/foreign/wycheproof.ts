/**
 * Files of Project Wycheproof: groups of tests of one algorithm, each with its result and flags.
 * @module
 */
import { z } from 'zod';
import { testSchema, type WycheproofTest } from '../import/readers.ts';
import {
  collect,
  curveTarget,
  ForeignError,
  type ForeignSet,
  type Target,
  targetOf,
} from './target.ts';

const groupSchema = z.object({
  type: z.string().default(''),
  curve: z.string().default(''),
  tests: z.array(z.unknown()),
});
const fileSchema = z.object({ algorithm: z.string(), testGroups: z.array(groupSchema) });

type Group = z.infer<typeof groupSchema>;

/** True for the form of these files; whether all of it is right is seen when it is read. */
export function isWycheproof(value: unknown): boolean {
  return z.object({ algorithm: z.string(), numberOfTests: z.number() }).safeParse(value).success;
}

/** @throws ForeignError naming the field that is missing or malformed. */
export function readWycheproof(path: string, value: unknown): ForeignSet {
  const { algorithm, testGroups } = parsed(path, '', fileSchema, value);
  const target = testGroups.map((group) => groupTarget(algorithm, group)).find((t) => t !== null);
  const tests = testGroups.flatMap((group, g): (WycheproofTest | string)[] => {
    if (groupTarget(algorithm, group) === null) {
      return group.tests.map(() => `no such algorithm in the table: ${algorithm}`);
    }
    return group.tests.map((test, i) =>
      parsed(path, `testGroups.${g}.tests.${i}.`, testSchema, test),
    );
  });
  return collect({ path, format: 'Wycheproof', algorithm }, tests, target ?? null);
}

/** Keys of agreements are points and numbers in some files, and documents in others. */
function groupTarget(algorithm: string, { type, curve }: Group): Target | null {
  if (algorithm === 'XDH' && type === 'XdhComp') return curveTarget(curve);
  if (algorithm === 'ECDH' && type === 'EcdhEcpointTest') return curveTarget(curve);
  return targetOf(algorithm);
}

/** @throws ForeignError naming file and field. */
export function parsed<T>(path: string, prefix: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path: field, message }] = result.error.issues;
  throw new ForeignError(`${path}: ${prefix}${field.join('.')}: ${message}`);
}
