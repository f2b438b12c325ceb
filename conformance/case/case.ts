/**
 * A case: plain data that says what is done, on which memory, in which context. Nothing in it belongs
 * to one API, and everything random in it comes from seeds inside it.
 * @module
 */
import type { Fault } from '../../src/machine/fault.ts';
import { fillSeeded } from '../../src/prng.ts';
import { ITERATORS, type IteratorProgram } from './iterator-case.ts';

/** Version of the case format; versions 1 to 3 are read too, any other is refused. */
export const CASE_VERSION = 4;

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

/** Longest message of a case, bytes. */
export const MAX_LEN: number = 1 << 20;

/** Bytes of a case: hex, or `len` bytes of the generator's stream of `seed`. */
export type Bytes = string | { readonly seed: number; readonly len: number };

export interface Segment {
  readonly kind: MemoryKind;
  /** Byte offset in the first page; for `next` the gap behind the segment before. */
  readonly offset: number;
  readonly len: number;
  /**
   * `source`: a segment of the destination that is the memory of the source at the same place of the message,
   * beside others that are not. `zero`: a segment of the source that is the beginning of one page of zeros, which
   * others of its list are too. Mostly absent: memory of its own.
   */
  readonly shares?: (typeof SHARES)[number] | undefined;
}

/** What memory a segment may share. */
export const SHARES = ['source', 'zero'] as const;

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
 * more, on the same transform, behind it; `stackIv` has IVs that are gone when their request is over;
 * `highmem` has pages that both APIs see through mappings of one page each; `early` lets work run, and
 * requests be completed, before their submission has returned; `caller` has user memory lent for the request
 * alone: {@link CALLERS}.
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
  readonly stackIv?: true | undefined;
  readonly highmem?: true | undefined;
  readonly early?: true | undefined;
  readonly caller?: Caller | undefined;
}

/**
 * What a caller does with memory of a process, before a request and when it is over, whatever came of it:
 * pins its pages and unpins them (AF_ALG, netfs, io_uring); holds its pages as a bio does; or copies what is in
 * them, and what came out back.
 */
export const CALLERS = ['extract', 'map', 'copy'] as const;
export type Caller = (typeof CALLERS)[number];

/** When a further request of a program is submitted. */
export const MOMENTS = ['now', 'settled', 'callback'] as const;

/** A transform beside the one of the case, with its key. */
export interface FurtherTransform {
  readonly alg: string;
  readonly kind: RequestKind;
  readonly driver: string;
  readonly async: boolean;
  readonly key: Bytes | null;
  /** Bytes of the tag, 0 where there is none. */
  readonly authsize: number;
}

/** Transforms that a program has at most beside that of the case. */
export const MOST_TRANSFORMS = 3;

/**
 * A request beside the one of the case itself.
 * - `now`: after `steps` steps of asynchronous work
 * - `settled`: when everything before it has been completed
 * - `callback`: from the final completion of request `of`, on its processor; behind the submission of
 *   `of` when that was answered at once
 */
export interface FurtherRequest {
  /** Its transform: 0 is that of the case, i is `transforms[i - 1]`. */
  readonly tfm: number;
  readonly when: (typeof MOMENTS)[number];
  readonly steps: number;
  /** Number of a request before it; 0 is that of the case. */
  readonly of: number;
  /** Submits the request object of `of` again, not one of its own; of the same transform, never with `now`. */
  readonly reuse: boolean;
  /** The processor that submits it. */
  readonly cpu: number;
  readonly backlog: boolean;
  readonly op: Case['op'];
  readonly iv: Bytes;
  readonly ad: Bytes;
  readonly text: Bytes;
  /** Verification: the digest behind the signature; null everywhere else. */
  readonly tag: Bytes | null;
  /** Room for the result, where its length is not that of the text. */
  readonly room: number;
  readonly tamper: Tamper | null;
  readonly layout: Layout;
  /** A message in parts goes on when the call before is over. */
  readonly hash: HashPlan;
  /** One submission with the request before it, where an API has batches: {@link mayJoin}. */
  readonly batch?: true | undefined;
}

/**
 * What the caller does behind the submission of request `after`, to it or to the oldest that is in flight:
 * - `rekey`, `free`: sets the key of its transform, frees its transform
 * - `release`, `refill`: frees the request object, fills it in for a text that is one byte shorter
 * - `source`, `target`, `iv`: changes one byte of what the request reads, writes, begins with
 */
export const MISUSES = ['rekey', 'free', 'release', 'refill', 'source', 'target', 'iv'] as const;

/** Several requests; `requests[i]` is number i + 1. */
export interface Program {
  /** The transforms beside that of the case; `transforms[i]` is number i + 1. */
  readonly transforms: readonly FurtherTransform[];
  /** Requests that a queue holds before its backlog begins; 0 for as many as by itself. */
  readonly queue: number;
  /** Request objects are freed in their last completion, not at the end. */
  readonly freeEarly: boolean;
  readonly misuse: { readonly what: (typeof MISUSES)[number]; readonly after: number } | null;
  readonly requests: readonly FurtherRequest[];
}

/**
 * What may be wrong with the lists of a request.
 * - `overlap`: the destination is the source from a later byte on
 * - `read-only`: a page of the destination belongs to somebody else
 * - `direction`: an iterator that is to be written says that it is a source, or the other way round: the tag
 *   of an AEAD, the destination of a cipher
 */
export const INVALIDS = ['overlap', 'read-only', 'direction'] as const;

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
  iterator: ['walk'],
} as const;

/** What kind of algorithm a request may be about. */
export const REQUEST_KINDS = ['skcipher', 'aead', 'ahash', 'acomp', 'akcipher', 'kpp'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The furthest that a refused overlap is moved. */
const MOST_OVERLAP = 64;

/** What a case may be about; iterators are no algorithm. */
export const CASE_KINDS: readonly [...typeof REQUEST_KINDS, 'iterator'] = [
  ...REQUEST_KINDS,
  'iterator',
];

/** Everything that a request may do. */
export const REQUEST_OPS = [
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

/** Everything that may be done. */
export const CASE_OPS: readonly [...typeof REQUEST_OPS, 'walk'] = [...REQUEST_OPS, 'walk'];

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
  /**
   * The list that is handed over with one byte less than the message needs; mostly absent. Such a request
   * is refused, and nothing is written. A scatterlist has no length: the old API can be asked only for a
   * ciphertext that is shorter than its tag.
   */
  readonly short?: 'src' | 'dst' | undefined;
  /** Lists that are refused, and nothing is written; mostly absent. Scatterlists cannot say any of it. */
  readonly invalid?: (typeof INVALIDS)[number] | undefined;
  /** More requests than one; mostly absent. */
  readonly program?: Program | undefined;
  /** No request, but iterators; of kind `iterator` and no other. */
  readonly iterator?: IteratorProgram | undefined;
}

/** A case file or token that cannot be used. The message is one line and names the field. */
export class CaseError extends Error {
  override readonly name = 'CaseError';
}

/** A case about iterators over these segments of the file of the program. */
export function walkCase(
  iterator: IteratorProgram,
  segments: readonly Pick<Segment, 'offset' | 'len'>[],
  seed: number,
): Case {
  return {
    version: CASE_VERSION,
    alg: ITERATORS,
    kind: 'iterator',
    driver: ITERATORS,
    async: false,
    op: 'walk',
    key: null,
    iv: '',
    ad: '',
    text: '',
    tag: null,
    authsize: 0,
    room: 0,
    tamper: null,
    layout: {
      inplace: 'no',
      src: segments.map(({ offset, len }) => ({ kind: 'cache', offset, len })),
      dst: [],
      chain: 0,
    },
    hash: { final: 'digest', updates: [], reimport: false },
    context: {
      sleep: false,
      backlog: false,
      atomic: false,
      reuse: false,
      fault: 0,
      gather: 0,
      forbidWeak: false,
    },
    seed,
    iterator,
  };
}

/** Request `number` of a case as a case of its own; 0 is the one of the case itself. */
export function requestCase(whole: Case, number: number): Case {
  if (whole.program === undefined) return whole;
  const { program, ...c } = whole;
  // The parts of a message are submitted by completions, which must not sleep.
  const { context } = c;
  if (number === 0) {
    return { ...c, context: { ...context, sleep: context.sleep && isInOneCall(c.hash) } };
  }
  const further = program.requests[number - 1];
  const { when, backlog, op, iv, ad, text, tag, room, tamper, layout, hash } = further;
  const sleep = context.sleep && when !== 'callback' && isInOneCall(hash);
  const transform = further.tfm === 0 ? c : program.transforms[further.tfm - 1];
  const { alg, kind, driver, async, key } = transform;
  const authsize = tag === null ? (isData(transform) ? 0 : transform.authsize) : bytesLength(tag);
  return {
    ...c,
    ...{ alg, kind, driver, async, key, authsize },
    ...{ op, iv, ad, text, tag, room, tamper, layout, hash },
    context: { ...context, sleep, backlog },
  };
}

/**
 * True for a request that may be of one submission with the one before it: a cipher or an AEAD, submitted at
 * once, of the same transform, direction and processor. What a completion submits is alone.
 */
export function mayJoin(
  c: Case,
  program: Pick<Program, 'transforms' | 'requests'>,
  number: number,
): boolean {
  const { tfm, when, steps, op, cpu, reuse } = program.requests[number - 1];
  const first = { tfm: 0, when: 'now', op: c.op, cpu: 0 } as const;
  const before = number === 1 ? first : program.requests[number - 2];
  const { kind } = tfm === 0 ? c : program.transforms[tfm - 1];
  const isAtOnce = when === 'now' && steps === 0 && !reuse && before.when !== 'callback';
  const isAlike = before.tfm === tfm && before.op === op && before.cpu === cpu;
  return isAtOnce && isAlike && (kind === 'skcipher' || kind === 'aead');
}

/** Request `number` and those that are of one submission with it. */
export function submittedWith({ requests }: Pick<Program, 'requests'>, number: number): number[] {
  const numbers = [number];
  for (let i = number; requests[i]?.batch === true; i++) numbers.push(i + 1);
  return numbers;
}

/** Whether any two requests of a case are of one submission. */
export function hasBatch({ program }: Pick<Case, 'program'>): boolean {
  return program?.requests.some(({ batch }) => batch === true) ?? false;
}

/** Whether a request of a case may be completed behind the answer to its submission, or before it. */
export function isAsynchronous({ async, program }: Pick<Case, 'async' | 'program'>): boolean {
  return async || (program?.transforms.some((transform) => transform.async) ?? false);
}

function isInOneCall({ final }: HashPlan): boolean {
  return final === 'digest';
}

/** Requests of a case, 1 to 16. */
export function requestCount({ program }: Case): number {
  return 1 + (program?.requests.length ?? 0);
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

/** Bytes of a list. */
export function listLength(segments: readonly Segment[]): number {
  return segments.reduce((sum, { len }) => sum + len, 0);
}

/** The first `len` bytes of a description; a hex string that is shorter is returned whole. */
export function resizeBytes(bytes: Bytes, len: number): Bytes {
  return typeof bytes === 'string' ? bytes.slice(0, 2 * len) : { seed: bytes.seed, len };
}

export function isAead(c: Case): boolean {
  return c.kind === 'aead';
}

/** True where what is decrypted is short of its tag, and there is nothing in front of that. */
export function isTagCut({ short, kind, op, text }: Case): boolean {
  return short === 'src' && kind === 'aead' && op === 'decrypt' && bytesLength(text) === 0;
}

/** Bytes by which the destination of a refused overlap lies behind the source; 0 where there is no room. */
export function overlapOf({ invalid, text, seed }: Case): number {
  const most = bytesLength(text) - 1;
  return invalid !== 'overlap' || most < 1 ? 0 : 1 + (seed % Math.min(most, MOST_OVERLAP));
}

/** True where what is called invalid is: an empty destination belongs to nobody. */
export function isInvalid(c: Case): boolean {
  const { invalid, op, authsize } = c;
  if (invalid === 'overlap') return overlapOf(c) > 0;
  const isWritten = bytesLength(c.text) > 0 || (op === 'encrypt' && authsize > 0);
  return invalid === 'direction' || (invalid === 'read-only' && isWritten);
}

/** True for a request that is refused for its lists. */
export function isRefused({ short, invalid }: Case): boolean {
  return short !== undefined || invalid !== undefined;
}

/** Bytes of a list that the API is told of: a destination has no room for associated data, but in the old one. */
export function neededOf(c: Case, list: 'src' | 'dst'): number {
  return list === 'src' ? sourceLength(c) : targetLength(c) - bytesLength(c.ad);
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
