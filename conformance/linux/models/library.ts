/**
 * Which algorithms hash with library code in which release: library code passes over empty scatterlist
 * entries, while the hash walk of crypto/ahash.c takes one for the end (FINDINGS.md, section 1).
 * @module
 */
import { hasEmptyEntry, type TextCase } from '../text/case.ts';
import { type Series, since } from './model.ts';

/** AEADs whose associated data and text library code hashes, and since when. */
const LIBRARY: readonly (readonly [names: RegExp, first: Series])[] = [
  [/\b(gcm|rfc7539|rfc7539esp)\(/, [7, 2]],
  [/\bccm\(aes\b/, [7, 3]],
];

/** Does library code hash the lists of this case? */
export function hashesByLibrary(c: TextCase, series: Series): boolean {
  if (c.op !== 'aead') return false;
  return LIBRARY.some(([names, first]) => names.test(c.algorithm) && since(series, first));
}

/** Does an empty entry end a hash in this case? */
export function emptyEndsHash(c: TextCase, series: Series): boolean {
  if (c.op === 'program') return c.requests.some((request) => emptyEndsHash(request, series));
  if (c.op === 'hash') return hasEmptyEntry(c);
  return c.op === 'aead' && c.geometry === null && hasEmptyEntry(c) && !hashesByLibrary(c, series);
}
