/**
 * The comparison contract: which parts of an answer are compared, and why the rest is not.
 * One answer becomes a view; two views of the same case agree if every field is equal.
 *
 * Not verified: which implementation answered (`driver`, `attr`), bytes of a destination after an
 * error, the position inside a bounce buffer. Each has a rule below that says why.
 * @module
 */
import { createHash } from 'node:crypto';
import type { CipherCase, IterCase, Segment, TextCase } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';

/** Classes of difference, as the certificate counts them. */
export type Field =
  | 'ending'
  | 'errno'
  | 'output'
  | 'iv'
  | 'digest'
  | 'steps'
  | 'trace'
  | 'completion'
  | 'stray'
  | 'changed'
  | 'leak';

/** What is compared of one answer. A field that a rule leaves out is absent. */
export type View = Readonly<Partial<Record<Field, string>>>;

/** One rule, for the certificate and for readers; the code below follows them in this order. */
export interface Rule {
  readonly field: Field;
  readonly compared: string;
  readonly reason: string;
}

/** The contract. */
export const RULES: readonly Rule[] = [
  {
    field: 'ending',
    compared: 'always',
    reason: 'a case that takes one kernel down must take the other one down too',
  },
  {
    field: 'errno',
    compared: 'always, with the stage that was reached',
    reason: 'the errno is the part of the API that every caller reads',
  },
  {
    field: 'output',
    compared: 'iov_iter and scatterlist cases: always; requests: if the errno is 0, without AD',
    reason:
      'after an error the destination is undefined (7.3 cbc-aes-lib checks the length first, older ' +
      'code has written whole blocks by then); whether AD is copied differs between algorithms and ' +
      'releases (rfc7539 began with 7.2)',
  },
  {
    field: 'iv',
    compared: 'recorded walks, and algorithms whose output IV is defined, if the errno is 0',
    reason:
      'the library implementations of 7.3 leave another IV for xts and cts; ccm counts in it, ' +
      'ccm-aes-lib does not',
  },
  { field: 'digest', compared: 'if the errno is 0', reason: 'the result of a hash' },
  {
    field: 'steps',
    compared: 'recorded walks, between equal releases',
    reason:
      'scatterwalk_clamp() stops at page ends up to 6.12 and does not in 7.x, so steps belong to a ' +
      'release; a position in a bounce buffer depends on the heap and is only called b',
  },
  {
    field: 'trace',
    compared: 'iov_iter and scatterlist cases, between equal releases',
    reason: 'results and iterator states are defined per release (direction checks came with 6.12)',
  },
  {
    field: 'completion',
    compared: 'always',
    reason: '-EINPROGRESS is followed by exactly one completion, a synchronous answer by none',
  },
  {
    field: 'stray',
    compared: 'always',
    reason: 'a byte outside of the destination list belongs to somebody else',
  },
  {
    field: 'changed',
    compared: 'always',
    reason: 'the request and the lists belong to the caller',
  },
  {
    field: 'leak',
    compared: 'the page fault counter, always',
    reason: 'the preempt counter exists only in some configurations',
  },
];

/** Algorithms whose output IV is the same in every release; elsewhere it is not defined. */
export const OUTPUT_IV: ReadonlySet<string> = new Set([
  'cbc(aes)',
  'ctr(aes)',
  'rfc3686(ctr(aes))',
  'xchacha20',
  'adiantum(xchacha12,aes)',
  'lrw(aes)',
  'essiv(cbc(aes),sha256)',
]);

/** First 8 bytes of SHA-256, as hex. */
export function shortHash(hex: string): string {
  return createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex').slice(0, 16);
}

/** What the contract compares of an answer to a case. */
export function viewOf(c: TextCase, result: TextResult): View {
  if (result.ending !== 'done') return { ending: endingText(result) };
  const view: Partial<Record<Field, string>> = {};
  if (c.op === 'hash') {
    view.errno = errnoText(result);
    if (result.err === 0 && result.digest !== null) view.digest = result.digest.slice(0, 16);
  } else if (c.op === 'iter' || c.op === 'sg') {
    if (result.stage !== null) view.errno = errnoText(result);
    if (result.out !== null) view.output = shortHash(result.out);
    view.trace = result.trace.map(shortLine).join('\n');
  } else viewCipher(c, result, view);
  if (result.completions.length > 0) view.completion = result.completions.join(' ');
  if (result.stray !== null) view.stray = result.stray;
  if (result.changed.length > 0) view.changed = result.changed.join(' ');
  const leak = result.leak?.match(/^pagefault (-?[1-9]\d*)/);
  if (leak) view.leak = leak[1];
  return view;
}

/** Panic texts hold addresses and differ in wording; that it crashed does not. */
function endingText(result: TextResult): string {
  return result.ending === 'bad' ? `bad ${result.reason}` : result.ending;
}

function errnoText(result: TextResult): string {
  const first = result.err === 0 ? '0' : `${result.err} ${result.stage ?? ''}`;
  return result.err2 === null ? first : `${first} ${result.err2}`;
}

function viewCipher(c: CipherCase, result: TextResult, view: Partial<Record<Field, string>>): void {
  view.errno = errnoText(result);
  if (c.geometry !== null && result.steps !== null) view.steps = result.steps;
  if (result.err !== 0) return;
  const skipDigits = 2 * c.assoc;
  const outputs = [result.out, result.err2 === 0 ? result.out2 : null];
  view.output = outputs
    .filter((out) => out !== null)
    .map((out) => shortHash(out.slice(skipDigits)))
    .join(' ');
  if (c.geometry === null && !OUTPUT_IV.has(c.algorithm)) return;
  const ivs = [result.iv, result.err2 === 0 ? result.iv2 : null];
  view.iv = ivs
    .filter((iv) => iv !== null)
    .map(shortHash)
    .join(' ');
}

/** A trace line with copied bytes beyond eight replaced by their hash. */
function shortLine(line: string): string {
  return line.replace(
    /(= (?:\d+ )?)([0-9a-f]{18,})(?= |$)/,
    (_, head: string, hex: string) => `${head}#${shortHash(hex)}`,
  );
}

/** The fields in which two views differ. */
export function differences(a: View, b: View): Field[] {
  const fields = RULES.map((rule) => rule.field);
  return fields.filter((field) => a[field] !== b[field]);
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
  const dst = c.op === 'hash' || c.op === 'iter' ? null : c.dst;
  return hasEmptySegment(c.src) || (dst !== null && hasEmptySegment(dst));
}

/** A change of behaviour between two releases: up to `until` one way, later another. */
export interface VersionDifference {
  readonly until: readonly [major: number, minor: number];
  readonly fields: readonly Field[];
  readonly applies: (c: TextCase) => boolean;
  readonly reason: string;
}

function runs(c: IterCase, ...names: readonly string[]): boolean {
  return c.commands.some(({ name }) => names.includes(name));
}

/** Does the case copy against the direction of its iterator? */
function copiesBackwards(c: IterCase): boolean {
  return c.source ? runs(c, 'copyto', 'pageto') : runs(c, 'copyfrom', 'copyfromfull');
}

function isWalk(c: TextCase): c is CipherCase {
  return (c.op === 'skcipher' || c.op === 'aead') && c.geometry !== null;
}

const AEAD_NAME = /^(gcm|ccm|rfc7539|rfc4106|authenc)\(/;

/** What changed between the releases that were run; a difference that no line explains is one. */
export const VERSION_DIFFERENCES: readonly VersionDifference[] = [
  {
    until: [6, 1],
    fields: ['changed'],
    applies: (c) => c.op === 'aead' && c.async,
    reason: 'cryptd left the tfm of an AEAD request pointing at its child (cryptd_aead_crypt)',
  },
  {
    until: [6, 1],
    fields: ['leak'],
    applies: hasEmptyEntry,
    reason: 'a hash walk that ends at an empty entry kept its kmap_atomic',
  },
  {
    until: [6, 1],
    fields: ['errno'],
    applies: (c) =>
      (c.op === 'skcipher' || c.op === 'aead') && (c.op === 'aead') !== AEAD_NAME.test(c.algorithm),
    reason: 'a name of another type was -ENOENT and is -EINVAL',
  },
  {
    until: [6, 1],
    fields: ['errno', 'output', 'trace'],
    applies: (c) => c.op === 'iter' && c.kind === 'folioq',
    reason: 'ITER_FOLIOQ does not exist yet',
  },
  {
    until: [6, 1],
    fields: ['output', 'trace'],
    applies: (c) => c.op === 'iter' && runs(c, 'extract', 'tosg'),
    reason:
      'iov_iter_extract_pages() came with 6.3, extract_iter_to_sg() with 6.5; without them the ' +
      'iterator stays, and later commands write elsewhere',
  },
  {
    until: [6, 1],
    fields: ['output', 'trace'],
    applies: (c) => c.op === 'iter' && copiesBackwards(c),
    reason: 'copying against the direction worked; 6.4 made it a WARN and 0 bytes',
  },
  {
    until: [6, 12],
    fields: ['steps', 'iv'],
    applies: isWalk,
    reason: 'scatterwalk_clamp() stops at page ends; the recorded IV counts the steps',
  },
  {
    until: [6, 12],
    fields: ['errno', 'output'],
    applies: (c) => isWalk(c) && (c.remainder !== null || c.errorAt !== null),
    reason: 'other steps: an error hits another place, and bytes that a step leaves another end',
  },
  {
    until: [6, 12],
    fields: ['errno', 'digest', 'completion'],
    applies: (c) => c.op === 'hash' && c.async && c.algorithm.startsWith('cmac('),
    reason: 'cryptd takes no cmac any more',
  },
  {
    until: [6, 12],
    fields: ['trace'],
    applies: (c) => c.op === 'iter' && c.kind === 'xarray' && runs(c, 'tosg'),
    reason: 'extract_xarray_to_sg() did not advance its position (fixed between 6.12 and 7.2)',
  },
  {
    until: [6, 12],
    fields: ['trace'],
    applies: (c) => c.op === 'iter' && c.kind === 'bvec' && hasEmptyEntry(c) && runs(c, 'extract'),
    reason: 'iov_iter_extract_bvec_pages() stops at empty bvecs before its data and answers 0',
  },
  {
    until: [6, 12],
    fields: ['output'],
    applies: (c) => c.op === 'aead' && hasEmptyEntry(c),
    reason: 'gcm and rfc7539 hash the associated data by library code',
  },
  {
    until: [7, 2],
    fields: ['output'],
    applies: (c) => c.op === 'aead' && hasEmptyEntry(c),
    reason: 'ccm has a library implementation, which walks associated data correctly',
  },
  {
    until: [7, 2],
    fields: ['trace'],
    applies: (c) => c.op === 'iter' && runs(c, 'alignment'),
    reason: 'iov_iter_alignment() of an iterator without bytes left is 0',
  },
];

function seriesOf(release: string): readonly [number, number] {
  const [major, minor] = release.split('.').map(Number);
  return [major, minor];
}

function notAfter(a: readonly [number, number], b: readonly [number, number]): boolean {
  return a[0] < b[0] || (a[0] === b[0] && a[1] <= b[1]);
}

/** The differences that may show between two releases, in any order. Empty within a series. */
export function differencesBetween(a: string, b: string): VersionDifference[] {
  return VERSION_DIFFERENCES.filter(
    ({ until }) => notAfter(seriesOf(a), until) !== notAfter(seriesOf(b), until),
  );
}

/** Those fields that none of the differences explains for this case. */
export function unexplained(
  c: TextCase,
  fields: readonly Field[],
  known: readonly VersionDifference[],
): Field[] {
  const explained = new Set(known.filter((d) => d.applies(c)).flatMap((d) => d.fields));
  return fields.filter((field) => !explained.has(field));
}
