/**
 * The rules: differences between a kernel and a model that are known, and no findings. Whatever a later
 * kernel answers exactly otherwise is no rule but a change in `releases.ts`.
 * @module
 */
import { emptyEndsHash } from '../models/library.ts';
import { type Series, since } from '../models/model.ts';
import { type CipherCase, type DataCase, PAGE_SIZE, type TextCase } from '../text/case.ts';
import { equalButMarks, UNINITIALISED, type View } from './contract.ts';
import { generatedBytes } from './generated.ts';
import type { Rule } from './rules.ts';
import { isScomp } from './scomp.ts';

const ALL_OF_LEGACY = ['golden', 'legacy'] as const;
const CONVERTED = ['converted', 'lib', 'campaign converted', 'campaign lib'] as const;
const CAMPAIGN = ['campaign legacy', 'campaign converted', 'campaign lib'] as const;

function isRequest(c: TextCase): c is CipherCase {
  return (c.op === 'skcipher' || c.op === 'aead') && c.geometry === null;
}

/** Several decryptions of one message without text, which its own decryption would leave as it is. */
function decryptsNothingAgain(c: CipherCase): boolean {
  const text = c.direction === 'decrypt' ? c.length - (c.authSize ?? 0) : c.length;
  return c.requests > 1 && c.direction !== 'encrypt' && text === 0;
}

/** Those that are not the kernel's own code here. */
function isOwnEncoder(algorithm: string): boolean {
  return /^(lz4|lz4hc|lzo|lzo-rle|zstd)$/.test(algorithm);
}

/** Encoders of our own, or with other parameters, and room that may not be enough for every one of them. */
function isLittleRoom({ algorithm, what, length, room }: DataCase): boolean {
  if (what !== 'compress') return false;
  return isOwnEncoder(algorithm) && room < length + (length >> 6) + 128;
}

/** No step of a walk is longer than a page. */
function isOfPages({ length, room }: DataCase): boolean {
  return length > PAGE_SIZE || room > PAGE_SIZE;
}

/** Every rule. */
export const RULES: readonly Rule[] = [
  {
    id: 'uninitialised-tag',
    models: ALL_OF_LEGACY,
    first: null,
    last: null,
    aspects: ['tag'],
    applies: (c, series) => c.op === 'aead' && emptyEndsHash(c, series),
    allows: (kernel, model) => equalButMarks(kernel.tag, model.tag),
    reason: 'an empty entry ends the hash of a template before it has written its tag',
  },
  {
    id: 'uninitialised-verdict',
    models: ALL_OF_LEGACY,
    first: null,
    last: null,
    aspects: ['errno', 'completion', 'output', 'tag', 'ad', 'iv'],
    applies: (c, series) =>
      isRequest(c) &&
      c.direction !== 'encrypt' &&
      /\b(authenc(esn)?|krb5enc)\(/.test(c.algorithm) &&
      emptyEndsHash(c, series),
    allows: (kernel, model) => isOtherVerdict(kernel, model),
    reason: 'and decryption compares what it has not written, too: it may say either verdict',
  },
  {
    id: 'generated-iv',
    models: [...ALL_OF_LEGACY, 'converted'],
    first: null,
    last: null,
    aspects: ['output', 'tag', 'ad', 'iv'],
    applies: (c) =>
      isRequest(c) &&
      c.requests > 1 &&
      c.direction !== 'decrypt' &&
      generatedBytes(c.algorithm) > 0,
    // What was sealed last has been opened, on both sides.
    allows: (kernel, model) =>
      (['output', 'tag'] as const).every((aspect) => isSameFirst(kernel[aspect], model[aspect])),
    reason:
      'of several requests to seqiv or echainiv each has an IV of its own: what they decrypt again differs',
  },
  {
    id: 'no-export-of-this-state',
    models: ['campaign converted', 'campaign lib'],
    first: null,
    last: null,
    aspects: ['errno', 'digest', 'completion'],
    applies: (c) => c.op === 'hash' && c.parts.some(({ reimport }) => reimport),
    allows: (kernel, model) => kernel.errno === '0' && model.errno === '-38 hash',
    reason: 'the state of this hash cannot be given away, and its export says -ENOSYS',
  },
  {
    id: 'authencesn-writes-into-tag',
    models: ['converted'],
    first: null,
    last: null,
    aspects: ['completion'],
    applies: (c) => isRequest(c) && /\bauthencesn\(/.test(c.algorithm) && decryptsNothingAgain(c),
    allows: (kernel, model) => kernel.completion?.replaceAll(':-74', ':0') === model.completion,
    reason:
      'decryption leaves half of the sequence number where the tag was: the next request over that message fails',
  },
  {
    id: 'refused-before-its-cryptd',
    models: ['campaign legacy', 'campaign converted'],
    first: null,
    last: null,
    aspects: ['completion', 'changed'],
    applies: (c) => isRequest(c) && c.async,
    allows: (kernel, model, c, series) =>
      kernel.completion === '-115 1' &&
      model.completion === '' &&
      kernel.errno === model.errno &&
      kernel.errno !== '0' &&
      kernel.changed === takenChanges(c, series),
    reason:
      'the asynchronous part of a driver may be a child, which a refused request does not reach',
  },
  {
    id: 'deflate-out-of-space',
    models: [...CAMPAIGN, 'campaign reference'],
    first: [7, 2],
    last: null,
    aspects: ['errno'],
    applies: (c) => c.op === 'acomp' && c.algorithm === 'deflate',
    allows: (kernel, model) => kernel.errno === '-28 crypt' && model.errno === '-22 crypt',
    reason: 'deflate says -ENOSPC where its result does not fit, and it was -EINVAL',
  },
  {
    id: 'little-room',
    models: ['campaign legacy', 'campaign converted', 'campaign lib'],
    first: null,
    last: null,
    aspects: ['errno', 'output', 'iv'],
    applies: (c) => c.op === 'acomp' && isLittleRoom(c),
    allows: (kernel, model) =>
      (kernel.errno === '-22 crypt' && model.errno === '0' && model.output === 'right') ||
      (kernel.errno === '0' && kernel.output === 'right' && model.errno === '-22 crypt'),
    reason: 'whether a text fits into less than the most it can take is up to the encoder',
  },
  {
    id: 'behind-its-result',
    models: CAMPAIGN,
    first: [6, 12],
    last: null,
    aspects: ['stray'],
    applies: (c) => c.op === 'acomp' && (isScomp(c) || c.algorithm === 'zstd'),
    allows: (kernel, model) => kernel.stray === 'behind the result' && model.stray === '',
    reason:
      'it works in the room of the caller, and writes in words that are longer than its result',
  },
  {
    id: 'zstd-of-pages',
    models: [...CAMPAIGN, 'campaign reference'],
    first: [7, 2],
    last: null,
    aspects: ['errno', 'output', 'iv', 'length'],
    applies: (c) => c.op === 'acomp' && c.algorithm === 'zstd' && isOfPages(c),
    allows: (kernel, model, c) =>
      /^(0|-5 crypt|-22 crypt|-28 crypt)$/.test(kernel.errno ?? '') &&
      (model.errno === '-22 crypt' ||
        (model.output === 'right' && c.op === 'acomp' && isLittleRoom(c))),
    reason:
      'zstd streams more than a page: other errors, and 0 for what breaks off (FINDINGS.md, section 11)',
  },
  {
    id: 'short-list',
    models: CONVERTED,
    first: null,
    last: null,
    aspects: ['ending'],
    applies: (c) => c.op !== 'iter' && c.op !== 'sg',
    allows: (kernel, model) =>
      kernel.ending === 'crash' && model.errno?.startsWith('-22 ') === true,
    reason: 'a list that ends before the request is an oops; an iterator is refused with -EINVAL',
  },
];

/** Is what the first half of a case said the same? */
function isSameFirst(a = '', b = ''): boolean {
  return a.split(' ')[0] === b.split(' ')[0];
}

/** Does a view say what a decryption may say: 0, a wrong tag, or a length that the cipher refuses? */
function isVerdict({ errno = '' }: View): boolean {
  return errno === UNINITIALISED || /^(0( (0|-74|-22))?|-(74|22) crypt)$/.test(errno);
}

/**
 * Is it the verdict in which two decryptions differ, and nothing else? What both have written, and what an
 * encryption in front of them has, is the same.
 */
function isOtherVerdict(kernel: View, model: View): boolean {
  if (!isVerdict(kernel) || !isVerdict(model) || kernel.errno === model.errno) return false;
  return (['output', 'ad', 'iv'] as const).every((aspect) => {
    const [theirs, ours] = [kernel[aspect], model[aspect]];
    if (theirs === undefined || ours === undefined) return true;
    return equalButMarks(theirs.split(' ')[0], ours.split(' ')[0]);
  });
}

/** What cryptd leaves changed in a request that it took (FINDINGS.md, section 4). */
function takenChanges(c: TextCase, series: Series): string {
  return c.op === 'aead' && !since(series, [6, 12]) ? 'tfm callback' : '';
}
