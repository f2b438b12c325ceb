/**
 * The comparison contract: which aspects of an answer are compared, and why the rest is not.
 * One answer becomes a view; two views of the same case agree if every aspect is equal.
 *
 * Not verified: which implementation answered (`driver`, `attr`), what a kernel log says beyond its
 * alarms, the position inside a bounce buffer, memory that was freed.
 * @module
 */
import { arenaBytes, bytesOf, type CipherCase, isInPlace, type TextCase } from '../text/case.ts';
import type { TextResult } from '../text/result.ts';
import { generatedBytes, ivText, type Opened, openGenerated } from './generated.ts';
import { shortHash } from './hash.ts';

/** Parts of an answer, as the certificate counts them. */
export type Aspect =
  | 'ending'
  | 'errno'
  | 'output'
  | 'tag'
  | 'ad'
  | 'iv'
  | 'digest'
  | 'length'
  | 'steps'
  | 'trace'
  | 'completion'
  | 'stray'
  | 'changed'
  | 'leak'
  | 'refs';

/** What is compared of one answer. An aspect that an answer does not have is absent. */
export type View = Readonly<Partial<Record<Aspect, string>>>;

/** An aspect that changed with the contents of freed memory. */
export const UNINITIALISED = '?';

/** One line of the contract, for the certificate and for readers. */
export interface ContractLine {
  readonly aspect: Aspect;
  readonly compared: string;
  readonly reason: string;
}

/** The contract. */
export const CONTRACT: readonly ContractLine[] = [
  {
    aspect: 'ending',
    compared: 'always',
    reason: 'a case that takes one kernel down must take the other one down too',
  },
  {
    aspect: 'errno',
    compared: 'always, with the stage that was reached',
    reason: 'the errno is the part of the API that every caller reads',
  },
  {
    aspect: 'output',
    compared: 'iov_iter and scatterlist cases: always; requests: the text, if the errno is 0',
    reason:
      'after an error the destination is undefined: 7.3 cbc-aes-lib checks the length first, older ' +
      'code has written whole blocks by then',
  },
  {
    aspect: 'tag',
    compared: 'AEAD, if the errno is 0: everything behind the text',
    reason: 'the tag, and after decryption the place where it was',
  },
  {
    aspect: 'ad',
    compared: 'AEAD, if the errno is 0: what the destination holds in front of the text',
    reason: 'some algorithms copy the associated data, which belongs to the scatterlist API only',
  },
  {
    aspect: 'iv',
    compared: 'skcipher and AEAD, if the errno is 0',
    reason: 'callers chain requests by it',
  },
  { aspect: 'digest', compared: 'hash, if the errno is 0', reason: 'the result of a hash' },
  {
    aspect: 'length',
    compared: 'compressors, public keys and key agreement',
    reason: 'how long the result is, or what it would take',
  },
  {
    aspect: 'steps',
    compared: 'recorded walks',
    reason: 'what a driver sees; a position in a bounce buffer depends on the heap and is called b',
  },
  {
    aspect: 'trace',
    compared: 'iov_iter and scatterlist cases',
    reason: 'the result of every command, and the state of the iterator after it',
  },
  {
    aspect: 'completion',
    compared: 'requests',
    reason:
      '-EINPROGRESS is followed by exactly one completion, a synchronous answer by none; several ' +
      'requests complete in their order',
  },
  {
    aspect: 'stray',
    compared: 'requests, iov_iter and scatterlist cases',
    reason: 'a byte outside of the destination list belongs to somebody else',
  },
  {
    aspect: 'changed',
    compared: 'requests',
    reason: 'the request, its callback, its transform and the lists belong to the caller',
  },
  {
    aspect: 'leak',
    compared: 'always: the page fault counter',
    reason: 'the preempt counter exists only in some configurations',
  },
  {
    aspect: 'refs',
    compared: 'always',
    reason: 'references and pins of the pages of the case must be given back',
  },
];

/** All aspects, in the order of the contract. */
export const ASPECTS: readonly Aspect[] = CONTRACT.map(({ aspect }) => aspect);

/** What the contract compares of an answer to a case. */
export function viewOf(c: TextCase, result: TextResult): View {
  if (result.ending !== 'done') return { ending: endingText(result) };
  const view: Partial<Record<Aspect, string>> = {};
  if (c.op === 'hash') {
    view.errno = errnoText(result);
    if (result.err === 0 && result.digest !== null) view.digest = result.digest.slice(0, 16);
  } else if (c.op === 'iter' || c.op === 'sg') {
    if (result.stage !== null) view.errno = errnoText(result);
    if (result.out !== null) view.output = shortHash(result.out);
    view.trace = result.trace.map(shortLine).join('\n');
  } else if (c.op === 'skcipher' || c.op === 'aead') viewCipher(c, result, view);
  else viewOther(result, view);
  if (result.completions.length > 0) view.completion = result.completions.join(' ');
  if (result.stray !== null) view.stray = result.stray;
  if (result.changed.length > 0) view.changed = result.changed.join(' ');
  const leak = result.leak?.match(/^pagefault (-?[1-9]\d*)/);
  if (leak) view.leak = leak[1];
  if (result.refs !== null) view.refs = result.refs;
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

/** Where the text of one half of a case ends in its destination, in hex digits. */
function textEnd(c: CipherCase, decrypts: boolean): number {
  const sealed = c.direction === 'decrypt' && decrypts ? (c.authSize ?? 0) : 0;
  return 2 * (c.assoc + c.length - (c.op === 'aead' ? sealed : 0));
}

/** Compressors, public keys, key agreement; and programs, whose requests `campaign-views` compares. */
function viewOther(result: TextResult, view: Partial<Record<Aspect, string>>): void {
  view.errno = errnoText(result);
  if (result.told !== null) view.length = `${result.told}`;
  if (result.err === 0 && result.out !== null) view.output = shortHash(result.out);
}

function viewCipher(
  c: CipherCase,
  result: TextResult,
  view: Partial<Record<Aspect, string>>,
): void {
  view.errno = errnoText(result);
  if (c.geometry !== null && result.steps !== null) view.steps = result.steps;
  if (result.err !== 0) return;
  const outs = [result.out, result.err2 === 0 ? result.out2 : null].filter((out) => out !== null);
  const ivs = [result.iv, result.err2 === 0 ? result.iv2 : null].filter((iv) => iv !== null);
  const hashes = (from: number, to: number): string =>
    outs.map((out) => shortHash(out.slice(from, to))).join(' ');
  // What a template makes up in front of the text, or copies there with the associated data.
  const ad = 2 * Math.min(c.assoc + generatedBytes(c.algorithm), c.assoc + c.length);
  const end = textEnd(c, c.direction === 'decrypt');
  if (c.op === 'aead' && c.geometry === null) {
    view.ad = hashes(0, ad);
    view.output = hashes(ad, end);
    view.tag = hashes(end, Number.POSITIVE_INFINITY);
  } else view.output = hashes(ad, Number.POSITIVE_INFINITY);
  if (ivs.some((iv) => iv !== '')) view.iv = ivs.map(shortHash).join(' ');
  const opened = openedHalf(c, result);
  if (opened !== null) withOpened(c, result, opened, view);
}

/** What the first half of a case made of a text, if an IV generator sealed it. */
function openedHalf(c: CipherCase, { out, iv }: TextResult): Opened | null {
  if (c.direction === 'decrypt' || out === null) return null;
  if (generatedBytes(c.algorithm) === 0) return null;
  const bytes = Buffer.from(out, 'hex');
  const end = c.assoc + c.length;
  const source = bytesOf(arenaBytes(c), c.src);
  // Of several requests the last one is seen; in place it has sealed what those before it made.
  const isKnown = c.requests === 1 || !isInPlace(c);
  return openGenerated(c.algorithm, {
    key: Buffer.from(c.key ?? '', 'hex'),
    ad: source.subarray(0, c.assoc),
    plain: isKnown ? source.subarray(c.assoc, end) : null,
    text: bytes.subarray(c.assoc, end),
    tag: bytes.subarray(end, end + (c.authSize ?? 0)),
    iv: Buffer.from(iv ?? '', 'hex'),
  });
}

/** A view that is told without the salt of an IV generator: its first half, and what that left for the other. */
function withOpened(
  c: CipherCase,
  result: TextResult,
  opened: Opened,
  view: Partial<Record<Aspect, string>>,
): void {
  const end = 2 * (c.assoc + c.length);
  const behind = end + 2 * (c.authSize ?? 0);
  const [first = '', ...seconds] = [
    result.out ?? '',
    result.err2 === 0 ? result.out2 : null,
  ].filter((out) => out !== null);
  const restOf = (out: string): string => shortHash(out.slice(behind));
  const put = (words: string | undefined, head: string, tail: readonly string[]): string =>
    [head || (words ?? '').split(' ')[0], ...tail].join(' ');
  const tail = (words: string | undefined): readonly string[] => (words ?? '').split(' ').slice(1);
  const tag = first.slice(end, behind);
  const isKept = (out: string): boolean => out.slice(end, behind) === tag;
  view.ad = [first, ...seconds].map((out) => shortHash(out.slice(0, 2 * c.assoc))).join(' ');
  view.output = put(view.output, opened.output, tail(view.output));
  const tags = seconds.map((out, i) =>
    isKept(out) ? `kept:${restOf(out)}` : (tail(view.tag)[i] ?? ''),
  );
  view.tag = put(view.tag, opened.tag === null ? '' : `${opened.tag}:${restOf(first)}`, tags);
  if (view.iv === undefined) return;
  const text = first.slice(2 * c.assoc, end);
  const ivs = seconds.map(() => ivText(result.iv2 ?? '', text, 2 * generatedBytes(c.algorithm)));
  view.iv = put(view.iv, opened.iv, ivs);
}

/** A trace line with copied bytes beyond eight replaced by their hash. */
function shortLine(line: string): string {
  return line.replace(
    /(= (?:\d+ )?)([0-9a-f]{18,})(?= |$)/,
    (_, head: string, hex: string) => `${head}#${shortHash(hex)}`,
  );
}

const OF_REQUESTS: readonly Aspect[] = [
  'ending',
  'errno',
  'completion',
  'stray',
  'changed',
  'leak',
  'refs',
];
const OF_LISTS: readonly Aspect[] = ['ending', 'output', 'trace', 'stray', 'leak', 'refs'];

/**
 * The aspects that the contract compares of a case: those of its kind, of which both may have nothing
 * to tell (no stray byte), and those that one of the views has.
 */
export function aspectsOf(c: TextCase, a: View, b: View): readonly Aspect[] {
  if (a.ending !== undefined || b.ending !== undefined) return ['ending'];
  const base = c.op === 'iter' || c.op === 'sg' ? OF_LISTS : OF_REQUESTS;
  return ASPECTS.filter(
    (aspect) => base.includes(aspect) || a[aspect] !== undefined || b[aspect] !== undefined,
  );
}

/** The aspects in which two views differ. */
export function differences(a: View, b: View): Aspect[] {
  return ASPECTS.filter((aspect) => a[aspect] !== b[aspect]);
}

/** Aspects that are a list of hashes, one per half of a case. */
const PER_HALF: readonly Aspect[] = ['output', 'tag', 'ad', 'iv', 'digest'];

/** A view in which everything that two runs with other contents of freed memory answer differently is marked. */
export function unsettled(first: View, second: View): View {
  const marked: Partial<Record<Aspect, string>> = { ...first };
  for (const aspect of differences(first, second))
    marked[aspect] = PER_HALF.includes(aspect)
      ? marks(first[aspect], second[aspect])
      : UNINITIALISED;
  return marked;
}

function marks(first = '', second = ''): string {
  const [ours, theirs] = [first.split(' '), second.split(' ')];
  if (ours.length !== theirs.length) return UNINITIALISED;
  return ours.map((word, i) => (word === theirs[i] ? word : UNINITIALISED)).join(' ');
}

/** Is something of an aspect marked? */
export function isMarked(text: string | undefined): boolean {
  return text?.split(' ').includes(UNINITIALISED) === true;
}

/** Are two texts equal but for what is marked in either? */
export function equalButMarks(a = '', b = ''): boolean {
  if (a === UNINITIALISED || b === UNINITIALISED) return true;
  const [ours, theirs] = [a.split(' '), b.split(' ')];
  if (ours.length !== theirs.length) return false;
  return ours.every(
    (w, i) => w === theirs[i] || w === UNINITIALISED || theirs[i] === UNINITIALISED,
  );
}

/** Does a view have an aspect that shows uninitialised memory? */
export function isUnsettled(view: View): boolean {
  return ASPECTS.some((aspect) => isMarked(view[aspect]));
}
