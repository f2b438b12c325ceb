/**
 * Where a kernel stumbles over how a case is put, and an API that does not is compared with its answer to
 * the equal case: the same bytes without what it stumbles over. The case as it is stays put to the kernel,
 * and is compared with the model that stumbles alike. Nothing is excused: either answer is exact.
 * @module
 */
import { emptyEndsHash } from '../models/library.ts';
import { type Series, since } from '../models/model.ts';
import {
  arenaBytes,
  bytesOf,
  type CipherCase,
  hasEmptyEntry,
  isInPlace,
  PAGE_SIZE,
  sharesMemory,
  type TextCase,
  totalLength,
} from '../text/case.ts';
import { hasEmptyAtBoundary, SCATTERWALK_ADIANTUM } from './releases.ts';
import { overflowsScratch } from './scomp.ts';
import { withoutEmpty } from './two-answers.ts';

/** One way in which kernels stumble. */
export interface Stumble {
  readonly id: string;
  /** Letter behind the identifier of the equal case. */
  readonly letter: string;
  /** Names of the comparisons of what does not stumble. */
  readonly models: readonly string[];
  readonly applies: (c: TextCase, series: Series) => boolean;
  readonly instead: (c: TextCase) => TextCase;
  readonly reason: string;
}

const CONVERTED = ['converted', 'lib', 'campaign converted', 'campaign lib', 'campaign reference'];

/** Two lists over one memory, and a request that decrypts between them. */
function decryptsTwoLists(c: TextCase): boolean {
  return c.op === 'aead' && c.direction === 'decrypt' && c.dst !== null && isInPlace(c);
}

/** Two lists that have a part of their memory in common, and a request that decrypts between them. */
function decryptsSharedPart(c: TextCase): boolean {
  return c.op === 'aead' && c.direction === 'decrypt' && !isInPlace(c) && sharesMemory(c);
}

/** Series from which on compressors of the asynchronous kind walk their lists (FINDINGS.md, section 9). */
const COMPRESSORS_WALK: Series = [7, 2];

/** Does an empty entry end the walk of a compressor? No model stumbles alike. */
function emptyEndsCompressor(c: TextCase, series: Series): boolean {
  const walks = c.op === 'acomp' && c.algorithm === 'deflate';
  return walks && since(series, COMPRESSORS_WALK) && hasEmptyEntry(c);
}

/** Is this a compressor that streams what does not lie in one piece (FINDINGS.md, section 11)? */
function isStreamed(c: TextCase, series: Series): boolean {
  return c.op === 'acomp' && c.algorithm === 'zstd' && since(series, COMPRESSORS_WALK);
}

/** Is this put in one piece alone, since the kernel does not survive it as it is? */
function isCopiedBehind(c: TextCase, series: Series): boolean {
  return overflowsScratch(c, series) && c.dst !== null;
}

/** The same bytes and the same room, each as one entry of an arena of its own. */
function inOnePiece(c: TextCase): TextCase {
  if ((c.op !== 'acomp' && c.op !== 'aead') || c.dst === null) return c;
  const text = bytesOf(arenaBytes(c), c.src);
  const first = Math.ceil(text.length / PAGE_SIZE);
  const room = totalLength(c.dst);
  return {
    ...c,
    pages: Math.max(1, first + Math.ceil(room / PAGE_SIZE)),
    puts: text.length === 0 ? [] : [{ offset: 0, hex: Buffer.from(text).toString('hex') }],
    backings: [],
    src: [{ page: 0, offset: 0, length: text.length }],
    dst: [{ page: room === 0 ? 0 : first, offset: 0, length: room }],
  };
}

/** Does a template walk such a list with sg_miter, which passes over the entry behind? */
function losesAnEntry(c: TextCase, series: Series): boolean {
  if (c.op !== 'skcipher' || !hasEmptyAtBoundary(c)) return false;
  return (
    c.algorithm.includes('hctr2(') ||
    (c.algorithm.includes('adiantum(') && !since(series, SCATTERWALK_ADIANTUM))
  );
}

/** Every way. */
export const STUMBLES: readonly Stumble[] = [
  {
    id: 'without-empty-entries',
    letter: 'e',
    // The sides of the campaign pass over empty entries, the scatterlist one, too.
    models: [...CONVERTED, 'campaign legacy'],
    applies: (c, series) => emptyEndsHash(c, series) || emptyEndsCompressor(c, series),
    instead: withoutEmpty,
    reason: 'the hash walk takes an empty entry for the end of its list (FINDINGS.md, section 1)',
  },
  {
    id: 'without-lost-entry',
    letter: 'm',
    models: CONVERTED,
    applies: losesAnEntry,
    instead: withoutEmpty,
    reason:
      'sg_miter passes over the entry behind an empty one at a page boundary (FINDINGS.md, section 7)',
  },
  {
    id: 'in-one-piece',
    letter: 'p',
    models: ['campaign legacy', 'campaign converted', 'campaign lib', 'campaign reference'],
    applies: (c, series) => isStreamed(c, series) || isCopiedBehind(c, series),
    instead: inOnePiece,
    reason:
      'zstd streams lists, and its end may be lost; others copy more than a page to one (FINDINGS.md, sections 11 and 12)',
  },
  {
    id: 'by-one-list',
    letter: 'l',
    models: CONVERTED,
    applies: (c) => c.op === 'aead' && /\bauthencesn\(/.test(c.algorithm) && decryptsTwoLists(c),
    instead: (c) => (c.op === 'aead' ? { ...c, dst: null } : c),
    reason: 'decryption of two lists over one memory is broken (FINDINGS.md, section 5)',
  },
  {
    id: 'in-other-memory',
    letter: 'o',
    models: CONVERTED,
    applies: (c) => c.op === 'aead' && /\bauthencesn\(/.test(c.algorithm) && decryptsSharedPart(c),
    instead: inOnePiece,
    reason: 'and so it is where two lists have a part of their memory in common',
  },
];

/** A case as the kernel is asked in a comparison, and by which stumbles it is another one. */
export interface AskedAs<C extends TextCase> {
  readonly c: C;
  readonly by: readonly string[];
}

/** The case that a comparison looks at: the case itself, or its equal. */
export function askedAs<C extends TextCase>(c: C, model: string, series: Series): AskedAs<C> {
  const mine = STUMBLES.filter((s) => s.models.includes(model) && stumbles(s, c, series));
  if (mine.length === 0) return { c, by: [] };
  let now: TextCase = c;
  for (const stumble of mine) now = withoutStumble(now, stumble, series);
  const id = `${c.id}~${mine.map(({ letter }) => letter).join('')}`;
  return { c: { ...now, id } as C, by: mine.map((s) => s.id) };
}

function stumbles({ applies }: Stumble, c: TextCase, series: Series): boolean {
  if (c.op !== 'program') return applies(c, series);
  return c.requests.some((request) => applies(request, series));
}

/** The equal case of one stumble; of a program, with the equal of each request that stumbles. */
function withoutStumble(c: TextCase, { applies, instead }: Stumble, series: Series): TextCase {
  if (c.op !== 'program') return instead(c);
  const requests = c.requests.map((request) =>
    applies(request, series) ? (instead(request) as CipherCase) : request,
  );
  return { ...c, requests, src: requests[0].src };
}

/** Every equal case that some comparison of these cases looks at. */
export function equalCases(cases: readonly TextCase[], series: Series): readonly TextCase[] {
  const models = [...new Set(STUMBLES.flatMap((s) => s.models))];
  return cases.flatMap((c) => {
    if (!STUMBLES.some((s) => stumbles(s, c, series))) return [];
    const equals = models.map((model) => askedAs(c, model, series).c);
    return [...new Map(equals.map((equal) => [equal.id, equal])).values()].filter(
      ({ id }) => id !== c.id,
    );
  });
}
