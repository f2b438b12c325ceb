/**
 * The rules: differences between a kernel and a model that are known, and no findings. Whatever a later
 * kernel answers exactly otherwise is no rule but a change in `releases.ts`.
 * @module
 */
import { emptyEndsHash } from '../models/library.ts';
import { type Series, since } from '../models/model.ts';
import type { CipherCase, TextCase } from '../text/case.ts';
import { type Aspect, equalButMarks, UNINITIALISED, type View } from './contract.ts';
import { generatedBytes } from './generated.ts';
import { defined } from './omissions.ts';
import { hasEmptyAtBoundary, RELEASE_CHANGES, SCATTERWALK_ADIANTUM } from './releases.ts';
import { asRelease, type Rule } from './rules.ts';
import { scatterlistSays, withoutEmpty } from './two-answers.ts';

const ALL_OF_LEGACY = ['golden', 'legacy'] as const;
const CONVERTED = ['converted', 'lib', 'campaign converted', 'campaign lib'] as const;
/** What is no copy of the scatterlist API: the sides of the harness skip empty entries, too. */
const NOT_LEGACY = [...CONVERTED, 'campaign legacy', 'campaign reference'] as const;
const CAMPAIGN = [
  ...['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
];

function isRequest(c: TextCase): c is CipherCase {
  return (c.op === 'skcipher' || c.op === 'aead') && c.geometry === null;
}

/** Two lists over one memory, and a half that decrypts between them. */
function decryptsTwoLists(c: CipherCase): boolean {
  return c.direction === 'decrypt' && c.dst !== null && c.dst[0]?.page === c.src[0]?.page;
}

/** Several decryptions of one message without text, which its own decryption would leave as it is. */
function decryptsNothingAgain(c: CipherCase): boolean {
  const text = c.direction === 'decrypt' ? c.length - (c.authSize ?? 0) : c.length;
  return c.requests > 1 && c.direction !== 'encrypt' && text === 0;
}

/** Does a template walk such a list with sg_miter, which passes over the entry behind? */
function losesAnEntry(c: TextCase, series: Series): boolean {
  if (c.op !== 'skcipher' || !hasEmptyAtBoundary(c)) return false;
  return (
    c.algorithm.includes('hctr2(') ||
    (c.algorithm.includes('adiantum(') && !since(series, SCATTERWALK_ADIANTUM))
  );
}

/** Every rule. */
export const RULES: readonly Rule[] = [
  {
    id: 'uninitialised-tag',
    models: [...ALL_OF_LEGACY, ...NOT_LEGACY],
    first: null,
    last: null,
    aspects: ['tag'],
    applies: (c, series) => c.op === 'aead' && emptyEndsHash(c, series),
    allows: (kernel, model) => equalButMarks(kernel.tag, model.tag),
    reason: 'an empty entry ends the hash of a template before it has written its tag',
  },
  {
    id: 'uninitialised-verdict',
    models: [...ALL_OF_LEGACY, ...NOT_LEGACY],
    first: null,
    last: null,
    aspects: ['errno', 'completion', 'output', 'tag', 'ad', 'iv'],
    applies: (c, series) =>
      isRequest(c) &&
      c.direction !== 'encrypt' &&
      /\b(authenc(esn)?|krb5enc)\(/.test(c.algorithm) &&
      emptyEndsHash(c, series),
    allows: (kernel, model) => isVerdict(kernel) && isVerdict(model),
    reason: 'and decryption compares what it has not written, too',
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
    id: 'empty-entry-ends-hash',
    models: ['converted', 'lib'],
    first: null,
    last: null,
    aspects: ['errno', 'digest', 'tag', 'output', 'iv'],
    applies: emptyEndsHash,
    allows: (kernel, model, c, series) =>
      isEach(kernel, model, c, series, ['errno', 'digest', 'tag', 'output', 'iv']),
    reason: 'the hash walk takes an empty entry for the end; the converted API passes over it',
  },
  {
    id: 'empty-entry-ends-hash-campaign',
    models: CAMPAIGN,
    first: null,
    last: null,
    aspects: ['errno', 'digest', 'tag', 'output', 'iv'],
    applies: emptyEndsHash,
    // What the kernel answers is compared with the legacy model, what the APIs answer with the reference.
    allows: (kernel, model, c) =>
      c.op === 'hash' ? isHashed(kernel, model, c) : isVerdict(kernel) && isVerdict(model),
    reason: 'the same; the sides of the campaign pass over empty entries, too',
  },
  {
    id: 'empty-entry-leaks-a-mapping',
    models: NOT_LEGACY,
    first: null,
    last: [6, 1],
    aspects: ['leak'],
    applies: emptyEndsHash,
    allows: (_, model) => (model.leak ?? '') === '',
    reason: 'and leaves the counter of kmap_atomic raised, which the converted API does not have',
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
    id: 'no-cryptd-of-hmac-template',
    models: ['legacy', ...NOT_LEGACY],
    first: [7, 2],
    last: null,
    aspects: ['errno', 'digest', 'completion'],
    applies: (c) => c.op === 'hash' && c.async && c.algorithm.startsWith('hmac('),
    allows: (kernel) => kernel.errno === '-17 alloc',
    reason: 'cryptd over the hmac template is -EEXIST where that hmac was instantiated before',
  },
  {
    id: 'authencesn-two-lists',
    models: [...CONVERTED, 'campaign reference'],
    first: null,
    last: null,
    aspects: ['errno', 'output', 'tag', 'iv', 'completion'],
    applies: (c) => isRequest(c) && /\bauthencesn\(/.test(c.algorithm) && decryptsTwoLists(c),
    allows: (kernel, model) => isRefusedOrWrong(kernel, model),
    reason: 'decryption of two lists over one memory is broken (FINDINGS.md, section 5)',
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
    id: 'sg-miter-empty-entry',
    models: ['converted', 'lib'],
    first: null,
    last: null,
    aspects: ['output'],
    applies: losesAnEntry,
    allows: (kernel, model, c, series) => isEach(kernel, model, c, series, ['output']),
    reason:
      'sg_miter passes over the entry behind an empty one at a page boundary (FINDINGS.md, section 7)',
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

/** Does each side say what is right for it: the kernel with the empty entries, the model without? */
function isEach(
  kernel: View,
  model: View,
  c: TextCase,
  series: Series,
  aspects: readonly Aspect[],
): boolean {
  const pair = { name: 'legacy', series };
  const said = (of: TextCase): View =>
    defined(asRelease(scatterlistSays(of, series), of, pair, RELEASE_CHANGES).view, c, 'converted');
  const [theirs, right] = [said(c), said(withoutEmpty(c))];
  return aspects.every(
    (aspect) => equalButMarks(kernel[aspect], theirs[aspect]) && model[aspect] === right[aspect],
  );
}

/** Does a view say what a decryption may say: 0, a wrong tag, or a length that the cipher refuses? */
function isVerdict({ errno = '' }: View): boolean {
  return errno === UNINITIALISED || /^(0( (0|-74|-22))?|-(74|22) crypt)$/.test(errno);
}

/** What cryptd leaves changed in a request that it took (FINDINGS.md, section 4). */
function takenChanges(c: TextCase, series: Series): string {
  return c.op === 'aead' && !since(series, [6, 12]) ? 'tfm callback' : '';
}

/** The same answer; or a hash that takes its key or its nonce from the text, and finds another there. */
function isHashed(kernel: View, model: View, c: TextCase): boolean {
  if (kernel.errno === model.errno) return true;
  const name = c.op === 'hash' ? c.algorithm : '';
  const verdicts: readonly (string | undefined)[] = [
    '0',
    name.includes('vmac64(') ? '-22 hash' : '-126 hash',
  ];
  const { errno: theirs } = kernel;
  return (
    /\b(poly1305$|vmac64\()/.test(name) && [theirs, model.errno].every((e) => verdicts.includes(e))
  );
}

/** -EBADMSG for a valid message, or 0 for what must be refused; never anything else. */
function isRefusedOrWrong(kernel: View, model: View): boolean {
  const verdicts = ['0', '-74 crypt'];
  const blind = ({ completion = '' }: View): string => completion.replaceAll(/:(0|-74)\b/g, ':v');
  return (
    verdicts.includes(kernel.errno ?? '') &&
    verdicts.includes(model.errno ?? '') &&
    (model.completion === undefined || blind(kernel) === blind(model))
  );
}
