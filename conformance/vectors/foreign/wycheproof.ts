/**
 * Files of Project Wycheproof: groups of tests of one algorithm, each with its result and flags.
 * @module
 */
import { z } from 'zod';
import { testSchema, type WycheproofTest } from '../import/readers.ts';
import {
  checkFields,
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
    const own = groupTarget(algorithm, group);
    if (own === null) return group.tests.map(() => whyNot(algorithm, group));
    return group.tests.map((raw, i) => {
      const prefix = `testGroups.${g}.tests.${i}.`;
      const test = parsed(path, prefix, testSchema, raw);
      checkFields(`${path}: ${prefix}`, own, Object(raw), test.result !== 'invalid');
      return test;
    });
  });
  return collect({ path, format: 'Wycheproof', algorithm }, tests, target ?? null);
}

/** What has its target by the curve, and how its files write keys: bare, in DER, or as text. */
const AGREEMENTS: ReadonlyMap<string, 'bare' | 'der'> = new Map([
  ['XdhComp', 'bare'],
  ['EcdhEcpointTest', 'bare'],
  ['XdhAsnComp', 'der'],
  ['EcdhTest', 'der'],
]);
/** The table has it, and what is read from collections are ciphers, hashes and agreements. */
const PUBLIC_KEYS: ReadonlySet<string> = new Set(['RSASSA-PKCS1-v1_5', 'RSAES-PKCS1-v1_5']);

function groupTarget(algorithm: string, { type, curve }: Group): Target | null {
  if (algorithm !== 'XDH' && algorithm !== 'ECDH') return targetOf(algorithm);
  const form = AGREEMENTS.get(type);
  return form === undefined ? null : curveTarget(curve, form);
}

/** Why tests of a group without a target are not read. */
function whyNot(algorithm: string, group: Group): string {
  if (PUBLIC_KEYS.has(algorithm))
    return `not read: ${algorithm}, of which the table has pkcs1pad(rsa)`;
  if (algorithm !== 'XDH' && algorithm !== 'ECDH')
    return `no such algorithm in the table: ${algorithm}`;
  return AGREEMENTS.has(group.type)
    ? `no such curve in the table: ${group.curve}`
    : 'keys as PEM or JWK';
}

/** @throws ForeignError naming file and field. */
export function parsed<T>(path: string, prefix: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [{ path: field, message }] = result.error.issues;
  throw new ForeignError(`${path}: ${prefix}${field.join('.')}: ${message}`);
}
