/**
 * A case: plain data that says what is done, on which memory, in which context. Nothing in it belongs
 * to one API, and everything random in it comes from seeds inside it.
 * @module
 */
import { z } from 'zod';
import { NR_CPUS } from '../../src/machine/context.ts';
import { FAULT_POINTS, type Fault } from '../../src/machine/fault.ts';
import { fillSeeded } from '../../src/prng.ts';

/** Version of the case format; versions 1 and 2 are read too, any other is refused. */
export const CASE_VERSION = 3;

/** What kind of memory a segment lies in. */
export const MEMORY_KINDS = ['page', 'slab', 'cache', 'vmalloc', 'user', 'next'] as const;

/**
 * - `page`: pages of the kernel, physically contiguous over the whole segment
 * - `slab`: a kmalloc object
 * - `cache`: a page-cache folio
 * - `vmalloc`: virtually contiguous, physically scattered
 * - `user`: anonymous user memory, extracted and pinned by the caller
 * - `next`: the same allocation as the segment before, `offset` bytes behind its end
 */
export type MemoryKind = (typeof MEMORY_KINDS)[number];

/** The last call of one kind that may be made to fail. */
const MOST_CALLS = 10_000;
/** Longest message of a case, bytes. */
const MAX_LEN = 1 << 20;

/** Bytes of a case: hex, or `len` bytes of the generator's stream of `seed`. */
export type Bytes = string | { readonly seed: number; readonly len: number };

export interface Segment {
  readonly kind: MemoryKind;
  /** Byte offset in the first page; for `next` the gap behind the segment before. */
  readonly offset: number;
  readonly len: number;
}

export interface Layout {
  /** `no`: separate memory; `same`: one list for both; `twin`: two lists over the same memory. */
  readonly inplace: 'no' | 'same' | 'twin';
  readonly src: readonly Segment[];
  /** With `twin` only the lengths count: how the second list splits the memory of the first. */
  readonly dst: readonly Segment[];
  /** Entries of each chained table of the scatterlist; 0 is one table. */
  readonly chain: number;
}

/** One flipped bit of what is decrypted; `byte` is taken modulo the length of the part. */
export interface Tamper {
  readonly part: 'ad' | 'text' | 'tag';
  readonly byte: number;
  readonly bit: number;
}

/** How a message is fed to a hash. */
export interface HashPlan {
  /** `digest` in one call; else updates first, then the rest through `finup` or update and `final`. */
  readonly final: 'digest' | 'finup' | 'final';
  readonly updates: readonly number[];
  /** Export and import the state after the first update. */
  readonly reimport: boolean;
}

/**
 * CRYPTO_TFM_REQ_MAY_SLEEP and _MAY_BACKLOG; `atomic` submits in a section that must not sleep;
 * `reuse` runs another request, under another key, on the same transform first; `fault` lets the
 * nth allocation after submission fail, 0 none; `gather` is the machine's bytes of one gathered step,
 * 0 what it has by itself; `forbidWeak` sets keys under CRYPTO_TFM_REQ_FORBID_WEAK_KEYS; `failing` lets
 * one call fail between the pinning of user memory and the end of the request; `again` does the same once
 * more, on the same transform, behind it.
 */
export interface CaseContext {
  readonly sleep: boolean;
  readonly backlog: boolean;
  readonly atomic: boolean;
  readonly reuse: boolean;
  readonly fault: number;
  readonly gather: number;
  readonly forbidWeak: boolean;
  readonly failing?: Fault | undefined;
  readonly again?: true | undefined;
}

/** When a further request of a program is submitted. */
export const MOMENTS = ['now', 'settled', 'callback'] as const;

/**
 * A request beside the one of the case itself, on the same transform under the same key.
 * - `now`: after `steps` steps of asynchronous work
 * - `settled`: when everything before it has been completed
 * - `callback`: from the final completion of request `of`, on its processor; behind the submission of
 *   `of` when that was answered at once
 */
export interface FurtherRequest {
  readonly when: (typeof MOMENTS)[number];
  readonly steps: number;
  /** Number of a request before it; 0 is that of the case. */
  readonly of: number;
  /** Submits the request object of `of` again, not one of its own; never with `now`. */
  readonly reuse: boolean;
  /** The processor that submits it. */
  readonly cpu: number;
  readonly backlog: boolean;
  readonly op: Case['op'];
  readonly iv: Bytes;
  readonly ad: Bytes;
  readonly text: Bytes;
  readonly tamper: Tamper | null;
  readonly layout: Layout;
}

/** What the caller does to its transform behind the submission of request `after`. */
export const MISUSES = ['rekey', 'free'] as const;

/** Several requests; `requests[i]` is number i + 1. */
export interface Program {
  /** Requests that a queue holds before its backlog begins; 0 for as many as by itself. */
  readonly queue: number;
  /** Request objects are freed in their last completion, not at the end. */
  readonly freeEarly: boolean;
  readonly misuse: { readonly what: (typeof MISUSES)[number]; readonly after: number } | null;
  readonly requests: readonly FurtherRequest[];
}

/** Further requests that a program has at most. */
export const MOST_FURTHER = 15;

/** What may be done with an algorithm of each kind that a case may be about. */
export const OPERATIONS = {
  skcipher: ['encrypt', 'decrypt'],
  aead: ['encrypt', 'decrypt'],
  ahash: ['digest'],
  acomp: ['compress', 'decompress'],
  akcipher: ['encrypt', 'decrypt', 'sign', 'verify'],
  kpp: ['generate', 'agree'],
} as const;

/** What kind of algorithm a case may be about. */
export const CASE_KINDS = ['skcipher', 'aead', 'ahash', 'acomp', 'akcipher', 'kpp'] as const;

/** Everything that may be done. */
export const CASE_OPS = [
  'encrypt',
  'decrypt',
  'digest',
  'compress',
  'decompress',
  'sign',
  'verify',
  'generate',
  'agree',
] as const;

export interface Case {
  readonly version: typeof CASE_VERSION;
  /** Generic name, `gcm(aes)`. */
  readonly alg: string;
  /** What the algorithm is. */
  readonly kind: (typeof CASE_KINDS)[number];
  /** Driver that is allocated, `cryptd(gcm-aes-accel)`. */
  readonly driver: string;
  /** True when the driver has CRYPTO_ALG_ASYNC. */
  readonly async: boolean;
  readonly op: (typeof CASE_OPS)[number];
  /** null: no setkey at all. */
  readonly key: Bytes | null;
  readonly iv: Bytes;
  readonly ad: Bytes;
  /** The message. An AEAD or a key wrap decrypts what the reference makes of it, unless `tag` is given. */
  readonly text: Bytes;
  /**
   * Decrypt: `text` is ciphertext and this is its tag, as they are; empty for a cipher. Verify: the digest
   * that stands behind the signature.
   */
  readonly tag: Bytes | null;
  /** Bytes of the tag, or of a digest that is verified. */
  readonly authsize: number;
  /** Room for the result, where its length is not that of the text. */
  readonly room: number;
  readonly tamper: Tamper | null;
  readonly layout: Layout;
  readonly hash: HashPlan;
  readonly context: CaseContext;
  /** Order of frames, garbage in memory, order of asynchronous work. */
  readonly seed: number;
  /** More requests than one; mostly absent. */
  readonly program?: Program | undefined;
}

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

const programSchema = z.strictObject({
  queue: z.number().int().min(0).max(1000),
  freeEarly: z.boolean(),
  misuse: z.strictObject({ what: z.enum(MISUSES), after: requestNumber }).nullable(),
  requests: z
    .array(
      z.strictObject({
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
        tamper: tamperSchema,
        layout: layoutSchema,
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
  hash: z.strictObject({
    final: z.enum(['digest', 'finup', 'final']),
    updates: z.array(length).max(16),
    reimport: z.boolean(),
  }),
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
  }),
  seed: u32,
  program: programSchema.optional(),
});

/** A case file or token that cannot be used. The message is one line and names the field. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

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
 * Version 2 had no programs. Version 1 had no `kind` and no `async` either: there the operation and the
 * size of the tag said the one, and the name of the driver the other.
 */
function upgraded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const { version, op, driver, authsize }: Partial<Record<keyof Case, unknown>> = value;
  if (version === 2) return { ...value, version: CASE_VERSION };
  if (version !== 1) return value;
  const kind = op === 'digest' ? 'ahash' : authsize === 0 ? 'skcipher' : 'aead';
  const async = typeof driver === 'string' && driver.startsWith('cryptd(');
  return { ...value, version: CASE_VERSION, kind, async };
}

/** What no schema says: fields that contradict each other. @returns the field and why, or null. */
function contradiction(c: Case): string | null {
  return requestContradiction(c) ?? programContradiction(c);
}

function programContradiction(c: Case): string | null {
  const { program } = c;
  if (program === undefined) return null;
  if (isData(c)) return `program: not of an ${c.kind}`;
  if (c.context.reuse) return 'context.reuse: a program says itself what is used again';
  if (c.context.again === true) return 'context.again: a program says itself what is done again';
  if (c.context.failing !== undefined) return 'context.failing: not of a program';
  if (c.hash.final !== 'digest') return 'hash.final: a program digests in one call';
  if (program.misuse !== null && program.misuse.after > program.requests.length) {
    return 'program.misuse.after: no such request';
  }
  for (const [i, r] of program.requests.entries()) {
    const at = `program.requests.${i}`;
    if (r.of > i) return `${at}.of: a request before it`;
    if (r.reuse && r.when === 'now') return `${at}.reuse: of a request that may be in flight`;
    const rival = program.requests.findIndex(
      (other) => other.reuse && other.when === 'callback' && other.of === r.of,
    );
    if (r.reuse && r.when === 'callback' && rival < i) return `${at}.reuse: ${rival + 1} has it`;
    const wrong = requestContradiction(requestCase(c, i + 1));
    if (wrong !== null) return `${at}.${wrong}`;
  }
  return null;
}

/** Request `number` of a case as a case of its own; 0 is the one of the case itself. */
export function requestCase({ program, ...c }: Case, number: number): Case {
  if (number === 0 || program === undefined) return c;
  const { when, backlog, op, iv, ad, text, tamper, layout } = program.requests[number - 1];
  const sleep = c.context.sleep && when !== 'callback';
  return {
    ...c,
    op,
    iv,
    ad,
    text,
    tag: null,
    tamper,
    layout,
    context: { ...c.context, sleep, backlog },
  };
}

/** Requests of a case, 1 to 16. */
export function requestCount({ program }: Case): number {
  return 1 + (program?.requests.length ?? 0);
}

function requestContradiction(c: Case): string | null {
  const { fault, failing } = c.context;
  if (fault > 0 && failing !== undefined) return 'context.failing: with fault 0';
  const known: readonly Case['op'][] = OPERATIONS[c.kind];
  if (!known.includes(c.op)) return `op: ${c.op} of an ${c.kind}`;
  return isData(c) ? dataContradiction(c) : (cipherContradiction(c) ?? layoutContradiction(c));
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
  return null;
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

/** The bytes that a description stands for; a fresh array. */
export function materialise(bytes: Bytes): Uint8Array {
  if (typeof bytes === 'string') return new Uint8Array(Buffer.from(bytes, 'hex'));
  const out = new Uint8Array(bytes.len);
  fillSeeded(out, bytes.seed);
  return out;
}

/** Length of what a description stands for. */
export function bytesLength(bytes: Bytes): number {
  return typeof bytes === 'string' ? bytes.length / 2 : bytes.len;
}

/** The first `len` bytes of a description; a hex string that is shorter is returned whole. */
export function resizeBytes(bytes: Bytes, len: number): Bytes {
  return typeof bytes === 'string' ? bytes.slice(0, 2 * len) : { seed: bytes.seed, len };
}

export function isAead(c: Case): boolean {
  return c.kind === 'aead';
}

/** True for compression, public keys and key agreement, whose results are as long as they turn out. */
export function isData(c: Pick<Case, 'kind'>): boolean {
  return c.kind === 'acomp' || c.kind === 'akcipher' || c.kind === 'kpp';
}

/** Bytes that the source list must cover: AD, text, and the tag or the digest that is read. */
export function sourceLength(c: Case): number {
  const tag = c.op === 'decrypt' || c.op === 'verify' ? c.authsize : 0;
  return bytesLength(c.ad) + bytesLength(c.text) + tag;
}

/** Bytes that the destination list must cover: room for AD, text, and the tag when encrypting. */
export function targetLength(c: Case): number {
  if (c.kind === 'ahash') return 0;
  if (isData(c)) return c.room;
  const tag = c.op === 'encrypt' ? c.authsize : 0;
  return bytesLength(c.ad) + bytesLength(c.text) + tag;
}
