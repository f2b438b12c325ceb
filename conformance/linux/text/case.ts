/**
 * Text cases: what the kernel module, the AF_ALG client and the models are asked.
 * The text form and the defaults are those of `module/README.md`.
 * @module
 */

/** Bytes of a page; the only page size that the module's arena knows. */
export const PAGE_SIZE = 4096;
/** Pages of the arena: a segment may lie anywhere in it. */
export const ARENA_PAGES = 128;
/** Requests that cryptd queues before its backlog begins, in kernels and models. */
export const CRYPTD_QUEUE = 4;
/** Lines of bytes, bytes of a key, memories, requests in flight, and segments and tables of a list in one case. */
export const MOST_PUTS = 64;
export const MOST_KEY = 2048;
export const MOST_BACKINGS = 64;
export const MOST_REQUESTS = 16;
export const MOST_SEGMENTS = 128;
export const MOST_TABLES = 64;

/** `length` bytes at `offset` (may exceed a page) from the start of an arena page. */
export interface Segment {
  readonly page: number;
  readonly offset: number;
  readonly length: number;
  /** Starts a chained table. */
  readonly newTable?: boolean;
  /** Carries an end mark although segments follow. */
  readonly endMark?: boolean;
}

/** Bytes placed into the arena on top of the seed's; `hex` is even. */
export interface Put {
  readonly offset: number;
  readonly hex: string;
}

/** One `do` line: a name and at most two numbers. */
export interface Command {
  readonly name: string;
  readonly args: readonly number[];
}

/** What memory may lie behind pages of the arena while a request runs. */
export const BACKING_KINDS = ['kmalloc', 'vmalloc', 'cache', 'user', 'high'] as const;

/**
 * - `kmalloc`: one object; its pages are neighbours, as those of the arena itself are
 * - `vmalloc`: virtually contiguous, a page at a time
 * - `cache`: page cache of a file
 * - `user`: anonymous user memory, pinned for writing
 * - `high`: pages allocated one by one, as highmem is mapped
 */
export type BackingKind = (typeof BACKING_KINDS)[number];

/** Memory behind `count` pages of the arena from page `first` on. */
export interface Backing {
  readonly kind: BackingKind;
  readonly first: number;
  readonly count: number;
}

interface Memory {
  readonly id: string;
  readonly pages: number;
  readonly seed: number;
  readonly puts: readonly Put[];
  readonly backings: readonly Backing[];
}

/** Geometry of the recording algorithm, in bytes (`alignMask` is a mask). */
export interface Geometry {
  readonly blockSize: number;
  readonly ivSize: number;
  readonly alignMask: number;
  readonly chunkSize: number;
  readonly walkSize: number;
}

/** An skcipher or AEAD request, by name or by the geometry of a recording algorithm. */
export interface CipherCase extends Memory {
  readonly op: 'skcipher' | 'aead';
  readonly algorithm: string;
  readonly geometry: Geometry | null;
  /** Hex, null: no setkey. */
  readonly key: string | null;
  readonly iv: string;
  readonly ivOffset: number;
  /** `both` encrypts and then decrypts the destination in place. */
  readonly direction: 'encrypt' | 'decrypt' | 'both';
  readonly flip: number | null;
  readonly length: number;
  readonly assoc: number;
  readonly authSize: number | null;
  readonly flags: number | null;
  readonly async: boolean;
  /** Submitted with bottom halves disabled, where nobody may sleep. */
  readonly atomic: boolean;
  /** Answered by functions of the kernel's library, called for each piece. */
  readonly library?: true;
  /** Equal requests that are submitted before any is waited for. */
  readonly requests: number;
  /** Bytes that each recorded step leaves; null: what is over the block size. */
  readonly remainder: number | null;
  readonly errorAt: { readonly step: number; readonly error: number } | null;
  readonly src: readonly Segment[];
  /** Null: in place. */
  readonly dst: readonly Segment[] | null;
}

/** One update of a hash; afterwards the state may go through export and import. */
export interface Part {
  readonly length: number;
  readonly reimport: boolean;
}

/** A hash request: `digest`, or updates and `final` or `finup`. */
export interface HashCase extends Memory {
  readonly op: 'hash';
  readonly algorithm: string;
  readonly key: string | null;
  readonly length: number;
  readonly finish: 'digest' | 'final' | 'finup';
  readonly parts: readonly Part[];
  readonly flags: number | null;
  readonly async: boolean;
  readonly atomic: boolean;
  readonly library?: true;
  readonly src: readonly Segment[];
}

/** The kinds of iov_iter; `folioq` exists from 6.12 on. */
export const ITER_KINDS = ['bvec', 'kvec', 'iovec', 'ubuf', 'xarray', 'folioq', 'discard'] as const;
export type IterKind = (typeof ITER_KINDS)[number];

/** Operations on one iov_iter. */
export interface IterCase extends Memory {
  readonly op: 'iter';
  readonly kind: IterKind;
  /** Data flows out of the iterator (ITER_SOURCE). */
  readonly source: boolean;
  /** Count to truncate to at the start, 0: none. */
  readonly limit: number;
  /** Page that user memory lacks. */
  readonly hole: number | null;
  readonly src: readonly Segment[];
  readonly commands: readonly Command[];
}

/** Helpers of lib/scatterlist.c and crypto/scatterwalk.c on one list. */
export interface SgCase extends Memory {
  readonly op: 'sg';
  readonly src: readonly Segment[];
  readonly dst: readonly Segment[] | null;
  readonly commands: readonly Command[];
}

/** What is asked of compressors, public keys and key agreement. */
export const DATA_OPERATIONS = [
  'compress',
  'decompress',
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'generate',
  'agree',
] as const;

/** A request whose output is as long as it turns out, by name. */
export interface DataCase extends Memory {
  readonly op: 'acomp' | 'akcipher' | 'kpp';
  readonly algorithm: string;
  readonly what: (typeof DATA_OPERATIONS)[number];
  /** Hex, null: none is set. */
  readonly key: string | null;
  /** Set as a private key, not as a public one. */
  readonly isPrivate: boolean;
  /** Bytes of the source that are told to the request. */
  readonly length: number;
  /** Bytes that the result may take; of a digest that is verified. */
  readonly room: number;
  readonly flags: number | null;
  readonly async: false;
  readonly atomic: boolean;
  readonly src: readonly Segment[];
  readonly dst: readonly Segment[] | null;
}

/** When a further request of a program is submitted, and in which object. */
export interface Following {
  readonly when: 'now' | 'settled' | 'callback';
  /** Number of a request before it. */
  readonly of: number;
  readonly reuse: boolean;
}

/** Different requests on one transform; what all have in common is that of the first. */
export interface ProgramCase extends Memory {
  readonly op: 'program';
  readonly kind: 'skcipher' | 'aead' | 'hash';
  readonly algorithm: string;
  readonly async: boolean;
  readonly src: readonly Segment[];
  readonly dst: null;
  readonly requests: readonly (CipherCase | HashCase)[];
  /** Of each request but the first. */
  readonly following: readonly Following[];
}

/** A case of any operation. */
export type TextCase = CipherCase | HashCase | DataCase | ProgramCase | IterCase | SgCase;

/** What kind of algorithm or operation a case is about. */
export function kindOf(c: TextCase): Exclude<TextCase['op'], 'program'> {
  return c.op === 'program' ? c.kind : c.op;
}

/** Bytes of a list up to its first end mark. */
export function totalLength(segments: readonly Segment[]): number {
  let total = 0;
  for (const segment of segments) {
    total += segment.length;
    if (segment.endMark === true) break;
  }
  return total;
}

function hasEmptySegment(segments: readonly Segment[]): boolean {
  return segments.length > 1 && segments.some((segment) => segment.length === 0);
}

/**
 * Does the case contain an empty scatterlist entry between others? These are a class of their own:
 * the hash walk takes such an entry for the end of the list in every release, and templates that
 * hash then answer with a wrong or uninitialised tag.
 */
export function hasEmptyEntry(c: TextCase): boolean {
  if (c.op === 'program') return c.requests.some(hasEmptyEntry);
  const dst = c.op === 'hash' || c.op === 'iter' ? null : c.dst;
  return hasEmptySegment(c.src) || (dst !== null && hasEmptySegment(dst));
}

/** Is the text of a request written where it was read, through one list or two? */
export function isInPlace(c: CipherCase): boolean {
  return c.dst === null || pageOfBytes(c.dst) === pageOfBytes(c.src);
}

/** Where the bytes of a list begin: an empty segment in front of them may lie anywhere. */
export function pageOfBytes(list: readonly Segment[]): number | undefined {
  return (list.find(({ length }) => length > 0) ?? list[0])?.page;
}

/** Offset of a segment's first byte in the arena. */
export function segmentStart(segment: Segment): number {
  return segment.page * PAGE_SIZE + segment.offset;
}

/** Is there a byte in both lists of a request? */
export function sharesMemory({ src, dst }: Pick<CipherCase, 'src' | 'dst'>): boolean {
  const meet = (a: Segment, b: Segment): boolean =>
    segmentStart(a) < segmentStart(b) + b.length && segmentStart(b) < segmentStart(a) + a.length;
  return dst !== null && src.some((a) => dst.some((b) => meet(a, b)));
}

/** The contents of the arena before a case: `pages` pages from the seed, with the puts on top. */
export function arenaBytes(memory: Pick<Memory, 'pages' | 'seed' | 'puts'>): Uint8Array {
  const bytes = new Uint8Array(memory.pages * PAGE_SIZE);
  let x = (Math.imul(memory.seed, 2654435761) + 12345) >>> 0;
  for (let i = 0; i < bytes.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) | 0;
    bytes[i] = x >>> 24;
  }
  for (const put of memory.puts) bytes.set(Buffer.from(put.hex, 'hex'), put.offset);
  return bytes;
}

/** What a list holds of such contents. */
export function bytesOf(arena: Uint8Array, list: readonly Segment[]): Uint8Array {
  const parts = list.map((s) => arena.subarray(segmentStart(s), segmentStart(s) + s.length));
  return new Uint8Array(Buffer.concat(parts));
}

/** The lines that the module reads, from `case` to `end`, with a line end. */
export function formatCase(c: TextCase): string {
  return `${linesOf(c).join('\n')}\nend\n`;
}

function linesOf(c: TextCase): string[] {
  if (c.op === 'program') return [...linesOf({ ...c.requests[0], id: c.id }), ...furtherLines(c)];
  const lines = [`case ${c.id}`, `op ${c.op}`, `pages ${c.pages}`, `seed ${c.seed}`];
  for (const put of c.puts) lines.push(`put ${put.offset} ${put.hex}`);
  for (const { kind, first, count } of c.backings) lines.push(`mem ${kind} ${first} ${count}`);
  if (c.op === 'hash') formatHash(c, lines);
  else if (c.op === 'iter') formatIter(c, lines);
  else if (isDataCase(c)) formatData(c, lines);
  else if (c.op !== 'sg') formatCipher(c, lines);
  lines.push(`src ${formatSegments(c.src)}`);
  if (c.op === 'skcipher' || c.op === 'aead' || isDataCase(c))
    lines.push(c.dst === null ? 'dst =' : `dst ${formatSegments(c.dst)}`);
  if (c.op === 'sg' && c.dst !== null) lines.push(`dst ${formatSegments(c.dst)}`);
  if (c.op === 'iter' || c.op === 'sg')
    for (const { name, args } of c.commands) lines.push(['do', name, ...args].join(' '));
  return lines;
}

/** Is a case about a cipher or a hash, and no program of them? */
export function isCryptCase(c: TextCase): c is CipherCase | HashCase {
  return c.op === 'skcipher' || c.op === 'aead' || c.op === 'hash';
}

/** Is a case about a compressor, a public key or key agreement? */
export function isDataCase(c: TextCase): c is DataCase {
  return c.op === 'acomp' || c.op === 'akcipher' || c.op === 'kpp';
}

function furtherLines(c: ProgramCase): string[] {
  return c.following.flatMap(({ when, of, reuse }, i) => {
    const request = c.requests[i + 1];
    const lines = [`next ${when} ${of}${reuse ? ' reuse' : ''}`];
    if (request.op !== 'hash') {
      lines.push(`dir ${request.direction.charAt(0)}`, `assoc ${request.assoc}`);
      if (request.iv !== '') lines.push(`iv ${request.iv}`);
    }
    lines.push(`len ${request.length}`, `src ${formatSegments(request.src)}`);
    if (request.flags !== null) lines.push(`flags ${request.flags}`);
    if (request.op !== 'hash')
      lines.push(request.dst === null ? 'dst =' : `dst ${formatSegments(request.dst)}`);
    return lines;
  });
}

function formatData(c: DataCase, lines: string[]): void {
  lines.push(`alg ${c.algorithm}`, `what ${c.what}`);
  if (c.key !== null) lines.push(`key ${c.key}`);
  if (c.isPrivate) lines.push('private');
  lines.push(`len ${c.length}`, `room ${c.room}`);
  if (c.flags !== null) lines.push(`flags ${c.flags}`);
  if (c.atomic) lines.push('atomic');
}

function formatSegments(segments: readonly Segment[]): string {
  const words: string[] = [];
  for (const segment of segments) {
    if (segment.newTable === true) words.push('|');
    words.push(`${segment.page}+${segment.offset}:${segment.length}`);
    if (segment.endMark === true) words.push('!');
  }
  return words.join(' ');
}

function formatCipher(c: CipherCase, lines: string[]): void {
  if (c.geometry === null) lines.push(`alg ${c.algorithm}`);
  else {
    const g = c.geometry;
    lines.push(`walk ${g.blockSize} ${g.ivSize} ${g.alignMask} ${g.chunkSize} ${g.walkSize}`);
  }
  if (c.key !== null) lines.push(`key ${c.key}`);
  if (c.iv !== '') lines.push(`iv ${c.iv}`);
  if (c.ivOffset !== 0) lines.push(`ivoff ${c.ivOffset}`);
  lines.push(`dir ${c.direction.charAt(0)}`, `len ${c.length}`);
  if (c.op === 'aead') lines.push(`assoc ${c.assoc}`);
  if (c.authSize !== null) lines.push(`auth ${c.authSize}`);
  if (c.flip !== null) lines.push(`flip ${c.flip}`);
  if (c.flags !== null) lines.push(`flags ${c.flags}`);
  if (c.async) lines.push('async');
  if (c.atomic) lines.push('atomic');
  if (c.library === true) lines.push('lib');
  if (c.requests !== 1) lines.push(`requests ${c.requests}`);
  if (c.remainder !== null) lines.push(`rem ${c.remainder}`);
  if (c.errorAt !== null) lines.push(`errat ${c.errorAt.step} ${c.errorAt.error}`);
}

function formatHash(c: HashCase, lines: string[]): void {
  lines.push(`alg ${c.algorithm}`);
  if (c.key !== null) lines.push(`key ${c.key}`);
  if (c.finish === 'digest') lines.push(`len ${c.length}`);
  else {
    const parts = c.parts.map((part) => `${part.length}${part.reimport ? '!' : ''}`);
    lines.push(`finish ${c.finish}`, `parts ${parts.join(' ')}`);
  }
  if (c.flags !== null) lines.push(`flags ${c.flags}`);
  if (c.async) lines.push('async');
  if (c.atomic) lines.push('atomic');
  if (c.library === true) lines.push('lib');
}

function formatIter(c: IterCase, lines: string[]): void {
  lines.push(`type ${c.kind}`, `dir ${c.source ? 'e' : 'd'}`);
  if (c.limit !== 0) lines.push(`len ${c.limit}`);
  if (c.hole !== null) lines.push(`hole ${c.hole}`);
}
