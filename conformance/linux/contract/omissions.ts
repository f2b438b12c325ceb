/**
 * What an API does not define of an answer. The certificate counts it; it is no excuse, because the
 * same aspect of the same case is compared with the model that has it.
 * @module
 */
import { algorithmOf } from '../../algorithms.ts';
import type { TextCase } from '../text/case.ts';
import type { View } from './contract.ts';

/** Comparisons of what has named parts instead of one list for all. */
const NAMED_PARTS: readonly string[] = [
  ...['converted', 'lib', 'lib/crypto', 'campaign converted', 'campaign lib', 'campaign reference'],
];

/**
 * A view without what the API of a comparison does not define. With named parts that is what stands in
 * front of the text in the destination, and what the row of the algorithm lists as leaks of the joined
 * layout: bytes of templates that work in the IV buffer of the caller, or where the tag was.
 */
export function defined(view: View, c: TextCase, model: string): View {
  if (!NAMED_PARTS.includes(model) || (c.op !== 'skcipher' && c.op !== 'aead')) return view;
  const leaks = algorithmOf(c.algorithm)?.leaks.map(({ part }) => part) ?? [];
  const { ad: _ad, iv, tag, ...rest } = view;
  return {
    ...rest,
    ...(iv === undefined || leaks.includes('iv') ? {} : { iv }),
    ...definedTag(tag, c.direction === 'decrypt' ? 0 : 1, leaks.includes('tag')),
  };
}

/** Of a tag with a leak, the half that encrypts: the place where a tag was read is not defined. */
function definedTag(tag: string | undefined, encrypting: number, leaks: boolean): View {
  if (tag === undefined || !leaks) return tag === undefined ? {} : { tag };
  const halves = tag.split(' ').slice(0, encrypting);
  return halves.length === 0 ? {} : { tag: halves.join(' ') };
}
