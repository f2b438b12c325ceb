/**
 * Reading a case: its schema, the older versions, and what its fields say of each other.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { NR_CPUS } from '../../src/machine/context.ts';
import { FAULT_POINTS } from '../../src/machine/fault.ts';
import {
  bytesLength,
  CALLERS,
  CASE_KINDS,
  CASE_OPS,
  CASE_VERSION,
  type Case,
  CaseError,
  hasBatch,
  INVALIDS,
  isData,
  isInvalid,
  MAX_LEN,
  MEMORY_KINDS,
  MISUSES,
  MOMENTS,
  MOST_FURTHER,
  MOST_TRANSFORMS,
  mayJoin,
  neededOf,
  OPERATIONS,
  REQUEST_KINDS,
  requestCase,
  SHARES,
  walkCase,
} from './case.ts';
import { iteratorContradiction, iteratorSchema } from './iterator-case.ts';
import { sharedContradiction } from './shared.ts';

/** The last call of one kind that may be made to fail. */
const MOST_CALLS = 10_000;

const u32 = z.number().int().min(0).max(0xffffffff);
const length = z.number().int().min(0).max(MAX_LEN);

const bytesSchema = z.union([
  z
    .string()
    .max(2 * MAX_LEN)
    .regex(/^(?:[0-9a-f]{2})*$/, 'lower-case hex bytes'),
  z.strictObject({ seed: u32, len: length }),
]);

const segmentSchema = z.strictObject({
  kind: z.enum(MEMORY_KINDS),
  offset: z.number().int().min(0).max(65535),
  len: length,
  shares: z.enum(SHARES).optional(),
});

const tamperSchema = z
  .strictObject({
    part: z.enum(['ad', 'text', 'tag']),
    byte: length,
    bit: z.number().int().min(0).max(7),
  })
  .nullable();

const layoutSchema = z.strictObject({
  inplace: z.enum(['no', 'same', 'twin']),
  src: z.array(segmentSchema).max(64),
  dst: z.array(segmentSchema).max(64),
  chain: z.number().int().min(0).max(64),
});

const operation = z.enum(CASE_OPS);
const requestNumber = z.number().int().min(0).max(MOST_FURTHER);

const hashSchema = z.strictObject({
  final: z.enum(['digest', 'finup', 'final']),
  updates: z.array(length).max(16),
  reimport: z.boolean(),
});

const transformSchema = z.strictObject({
  alg: z.string().min(1).max(127),
  kind: z.enum(REQUEST_KINDS),
  driver: z.string().min(1).max(127),
  async: z.boolean(),
  key: bytesSchema.nullable(),
  authsize: z.number().int().min(0).max(64),
});

const programSchema = z.strictObject({
  transforms: z.array(transformSchema).max(MOST_TRANSFORMS).default([]),
  queue: z.number().int().min(0).max(1000),
  freeEarly: z.boolean(),
  misuse: z.strictObject({ what: z.enum(MISUSES), after: requestNumber }).nullable(),
  requests: z
    .array(
      z.strictObject({
        tfm: z.number().int().min(0).max(MOST_TRANSFORMS).default(0),
        when: z.enum(MOMENTS),
        steps: z.number().int().min(0).max(64),
        of: requestNumber,
        reuse: z.boolean(),
        cpu: z
          .number()
          .int()
          .min(0)
          .max(NR_CPUS - 1),
        backlog: z.boolean(),
        op: operation,
        iv: bytesSchema,
        ad: bytesSchema,
        text: bytesSchema,
        tag: bytesSchema.nullable().default(null),
        room: length.default(0),
        tamper: tamperSchema,
        layout: layoutSchema,
        hash: hashSchema.default({ final: 'digest', updates: [], reimport: false }),
        batch: z.literal(true).optional(),
      }),
    )
    .min(1)
    .max(MOST_FURTHER),
});

const caseSchema: z.ZodType<Case> = z.strictObject({
  version: z.literal(CASE_VERSION),
  alg: z.string().min(1).max(127),
  kind: z.enum(CASE_KINDS),
  driver: z.string().min(1).max(127),
  async: z.boolean(),
  op: operation,
  key: bytesSchema.nullable(),
  iv: bytesSchema,
  ad: bytesSchema,
  text: bytesSchema,
  tag: bytesSchema.nullable(),
  authsize: z.number().int().min(0).max(64),
  room: length.default(0),
  tamper: tamperSchema,
  layout: layoutSchema,
  hash: hashSchema,
  context: z.strictObject({
    sleep: z.boolean(),
    backlog: z.boolean(),
    atomic: z.boolean(),
    reuse: z.boolean().default(false),
    fault: z.number().int().min(0).max(64).default(0),
    gather: z.number().int().min(0).max(65536).default(0),
    forbidWeak: z.boolean().default(false),
    failing: z
      .strictObject({
        point: z.enum(FAULT_POINTS),
        nth: z.number().int().min(1).max(MOST_CALLS),
      })
      .optional(),
    again: z.literal(true).optional(),
    stackIv: z.literal(true).optional(),
    highmem: z.literal(true).optional(),
    early: z.literal(true).optional(),
    caller: z.enum(CALLERS).optional(),
  }),
  seed: u32,
  short: z.enum(['src', 'dst']).optional(),
  invalid: z.enum(INVALIDS).optional(),
  program: programSchema.optional(),
  iterator: iteratorSchema.optional(),
});

/** @throws CaseError naming `where` and the first wrong field. */
export function parseCase(value: unknown, where: string): Case {
  const parsed = caseSchema.safeParse(upgraded(value));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.') ?? '';
    throw new CaseError(`${where}: ${path === '' ? 'case' : path}: ${issue?.message ?? 'invalid'}`);
  }
  const wrong = contradiction(parsed.data);
  if (wrong !== null) throw new CaseError(`${where}: ${wrong}`);
  return parsed.data;
}

/**
 * Version 3 had programs on one transform, version 2 had none. Version 1 had no `kind` and no `async` either: there the operation and the
 * size of the tag said the one, and the name of the driver the other.
 */
function upgraded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { version, op, driver, authsize }: Partial<Record<keyof Case, unknown>> = value;
  if (version === 2 || version === 3) return { ...value, version: CASE_VERSION };
  if (version !== 1) return value;
  const kind = op === 'digest' ? 'ahash' : authsize === 0 ? 'skcipher' : 'aead';
  const async = typeof driver === 'string' && driver.startsWith('cryptd(');
  return { ...value, version: CASE_VERSION, kind, async };
}

/** What no schema says: fields that contradict each other. @returns the field and why, or null. */
function contradiction(c: Case): string | null {
  const { iterator, layout } = c;
  if ((iterator !== undefined) !== (c.kind === 'iterator'))
    return 'iterator: of kind iterator only';
  if (c.context.stackIv === true && bytesLength(c.iv) === 0) return 'context.stackIv: of no IV';
  if (iterator === undefined) return requestContradiction(c) ?? programContradiction(c);
  const wrong = iteratorContradiction(iterator, layout.src);
  if (wrong !== null) return wrong;
  const plain = new Map<string, unknown>(Object.entries(walkCase(iterator, layout.src, c.seed)));
  const other = Object.entries(c).find(
    ([field, value]) => !isDeepStrictEqual(plain.get(field), value),
  );
  return other === undefined ? null : `${other[0]}: of no meaning to an iterator`;
}

function programContradiction(c: Case): string | null {
  const { program } = c;
  if (program === undefined) return null;
  if (c.context.early === true && hasBatch(c)) return 'context.early: of a batch';
  if (c.context.reuse) return 'context.reuse: a program says itself what is used again';
  if (c.context.again === true) return 'context.again: a program says itself what is done again';
  if (program.misuse !== null && program.misuse.after > program.requests.length) {
    return 'program.misuse.after: no such request';
  }
  const unused = program.transforms.findIndex((_, i) =>
    program.requests.every(({ tfm }) => tfm !== i + 1),
  );
  if (unused >= 0) return `program.transforms.${unused}: of no request`;
  for (const [i, r] of program.requests.entries()) {
    const at = `program.requests.${i}`;
    if (r.tfm > program.transforms.length) return `${at}.tfm: no such transform`;
    if (r.of > i) return `${at}.of: a request before it`;
    const other = r.of === 0 ? 0 : program.requests[r.of - 1].tfm;
    if (r.reuse && r.tfm !== other) return `${at}.reuse: of a request of another transform`;
    if (r.reuse && r.when === 'now') return `${at}.reuse: of a request that may be in flight`;
    const rival = program.requests.findIndex(
      (other) => other.reuse && other.when === 'callback' && other.of === r.of,
    );
    if (r.reuse && r.when === 'callback' && rival < i) return `${at}.reuse: ${rival + 1} has it`;
    if (r.batch === true && !mayJoin(c, program, i + 1)) {
      return `${at}.batch: no request that goes with the one before it`;
    }
    const wrong = requestContradiction(requestCase(c, i + 1));
    if (wrong !== null) return `${at}.${wrong}`;
  }
  return null;
}

function requestContradiction(c: Case): string | null {
  const { fault, failing } = c.context;
  if (fault > 0 && failing !== undefined) return 'context.failing: with fault 0';
  const known: readonly Case['op'][] = OPERATIONS[c.kind];
  if (!known.includes(c.op)) return `op: ${c.op} of an ${c.kind}`;
  if (c.short !== undefined) {
    const wrong = shortContradiction(c, c.short);
    if (wrong !== null) return wrong;
  }
  if (c.invalid !== undefined) {
    const wrong = invalidContradiction(c);
    if (wrong !== null) return wrong;
  }
  return isData(c) ? dataContradiction(c) : (cipherContradiction(c) ?? layoutContradiction(c));
}

function shortContradiction(c: Case, short: 'src' | 'dst'): string | null {
  if (isData(c)) return `short: not of an ${c.kind}`;
  const { reuse, again, failing } = c.context;
  if (c.program !== undefined || reuse || again === true || failing !== undefined) {
    return 'short: of one request on a new transform, undisturbed';
  }
  if (c.hash.final !== 'digest') return 'short: of a digest in one call';
  if (short === 'dst' && c.kind === 'ahash') return `short: an ${c.kind} writes to no list`;
  return neededOf(c, short) > 0 ? null : 'short: of no bytes';
}

function invalidContradiction(c: Case): string | null {
  if (c.kind !== 'skcipher' && c.kind !== 'aead') return `invalid: not of an ${c.kind}`;
  const { reuse, again, failing } = c.context;
  if (c.program !== undefined || reuse || again === true || failing !== undefined) {
    return 'invalid: of one request on a new transform, undisturbed';
  }
  if (c.short !== undefined) return 'invalid: with a list that is too short, too';
  if (c.context.caller !== undefined) return 'invalid: of lists that no caller makes';
  if (c.key === null) return 'invalid: of a transform that has a key';
  if (!isInvalid(c)) return 'invalid: the text is too short for that';
  const isTwin = c.layout.inplace === 'twin';
  return c.invalid === 'overlap' && !isTwin ? 'invalid: an overlap is of inplace twin' : null;
}

function dataContradiction(c: Case): string | null {
  if (bytesLength(c.ad) > 0) return `ad: an ${c.kind} has no associated data`;
  if (c.tamper !== null) return `tamper: not of an ${c.kind}`;
  if ((c.tag !== null) !== (c.op === 'verify')) return 'tag: the digest that is verified';
  if (c.authsize !== (c.tag === null ? 0 : bytesLength(c.tag))) {
    return 'authsize: must be the length of the tag';
  }
  if (c.op === 'verify' && c.room > 0) return 'room: a verification has no result';
  return layoutContradiction(c);
}

function cipherContradiction(c: Case): string | null {
  const aead = c.kind === 'aead';
  if (c.room !== 0) return `room: of an ${c.kind}`;
  if (!aead && c.authsize !== 0) return `authsize: an ${c.kind} has no tag`;
  if (!aead && bytesLength(c.ad) > 0) return `ad: an ${c.kind} has no associated data`;
  const asIs = c.kind === 'skcipher' && c.op === 'decrypt' && c.tag === '';
  if (!aead && c.tag !== null && !asIs) return `tag: an ${c.kind} has none`;
  if (c.tamper !== null && c.op !== 'decrypt') return 'tamper: only of what is decrypted';
  if (c.tamper !== null && !aead && c.tamper.part !== 'text') {
    return `tamper.part: an ${c.kind} has no ${c.tamper.part}`;
  }
  if (c.tag !== null && (c.op !== 'decrypt' || bytesLength(c.tag) !== c.authsize)) {
    return 'tag: must have authsize bytes, and op decrypt';
  }
  return null;
}

function layoutContradiction(c: Case): string | null {
  if (c.kind === 'ahash' && c.layout.inplace !== 'no') {
    return `layout.inplace: an ${c.kind} writes to no list`;
  }
  if (c.kind === 'ahash' && c.layout.dst.length > 0) {
    return `layout.dst: an ${c.kind} writes to no list`;
  }
  if (c.context.sleep && c.context.atomic) return 'context: may not sleep when it is atomic';
  if (c.layout.src[0]?.kind === 'next') return 'layout.src.0.kind: next of nothing';
  if (c.layout.dst[0]?.kind === 'next' && c.layout.inplace === 'no') {
    return 'layout.dst.0.kind: next of nothing';
  }
  return sharedContradiction(c);
}

/** @throws CaseError when the text is no JSON or no case. */
export function parseCaseJson(text: string, where: string): Case {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CaseError(`${where}: not a JSON file`);
  }
  return parseCase(value, where);
}
