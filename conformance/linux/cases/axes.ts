/**
 * The axes that a list of cases covers, as the certificate prints them.
 * @module
 */
import {
  BACKING_KINDS,
  type CipherCase,
  type HashCase,
  hasEmptyEntry,
  type IterCase,
  type Segment,
  segmentStart,
  type TextCase,
} from '../text/case.ts';

function isCipher(c: TextCase): c is CipherCase {
  return c.op === 'skcipher' || c.op === 'aead';
}

function isHash(c: TextCase): c is HashCase {
  return c.op === 'hash';
}

function isIter(c: TextCase): c is IterCase {
  return c.op === 'iter';
}

function listsOf(c: TextCase): (readonly Segment[])[] {
  const dst = 'dst' in c ? c.dst : null;
  return dst === null ? [c.src] : [c.src, dst];
}

const someSegment =
  (wanted: (segment: Segment) => boolean) =>
  (c: TextCase): boolean =>
    listsOf(c).some((list) => list.some(wanted));

/** Does the second list begin where the first does? */
function beginsWithSource({ src, dst }: CipherCase): boolean {
  return dst !== null && dst.length > 0 && segmentStart(src[0]) === segmentStart(dst[0]);
}

/** Each axis with the question whether a case lies on it. */
const AXES: readonly (readonly [string, (c: TextCase) => boolean])[] = [
  ['skcipher', (c) => c.op === 'skcipher' && c.geometry === null],
  ['aead', (c) => c.op === 'aead' && c.geometry === null],
  ['recorded walk', (c) => isCipher(c) && c.geometry !== null],
  ['hash', isHash],
  ['iov_iter', isIter],
  ['scatterlist helper', (c) => c.op === 'sg'],
  ['in place, one list', (c) => isCipher(c) && c.dst === null],
  ['in place, two lists', (c) => isCipher(c) && beginsWithSource(c)],
  ['asynchronous', (c) => (isCipher(c) || isHash(c)) && c.async],
  ['compression', (c) => c.op === 'acomp'],
  ['public key', (c) => c.op === 'akcipher'],
  ['key agreement', (c) => c.op === 'kpp'],
  ['several requests', (c) => isCipher(c) && c.requests > 1],
  ['program of requests', (c) => c.op === 'program'],
  ['atomic', (c) => (isCipher(c) || isHash(c)) && c.atomic],
  ...BACKING_KINDS.map((kind): readonly [string, (c: TextCase) => boolean] => [
    `${kind} memory`,
    (c) => c.backings.some((backing) => backing.kind === kind),
  ]),
  ['may not sleep', (c) => (isCipher(c) || isHash(c)) && c.flags !== null && c.flags < 0x200],
  ['misaligned IV', (c) => isCipher(c) && c.ivOffset !== 0],
  ['encrypt, then decrypt', (c) => isCipher(c) && c.direction === 'both'],
  ['flipped bit', (c) => isCipher(c) && c.flip !== null],
  ['error in a walk', (c) => isCipher(c) && c.errorAt !== null],
  ['bytes left in a step', (c) => isCipher(c) && c.remainder !== null],
  ['hash in parts', (c) => isHash(c) && c.parts.length > 1],
  ['hash export and import', (c) => isHash(c) && c.parts.some((part) => part.reimport)],
  ['chained tables', someSegment((s) => s.newTable === true)],
  ['early end mark', someSegment((s) => s.endMark === true)],
  ['offset above a page', someSegment((s) => s.offset >= 4096)],
  ['entry over a page end', someSegment((s) => (s.offset % 4096) + s.length > 4096)],
  ['nine or more entries', (c) => listsOf(c).some((list) => list.length >= 9)],
  ['empty entry', hasEmptyEntry],
  ['user memory', (c) => isIter(c) && (c.kind === 'iovec' || c.kind === 'ubuf')],
];

/** Cases on each axis, in the order of the table; also the axes that no case lies on. */
export function countAxes(
  cases: readonly TextCase[],
  only: readonly string[] | null = null,
): Record<string, number> {
  const axes = AXES.filter(([name]) => only === null || only.includes(name));
  return Object.fromEntries(
    axes.map(([name, lies]) => [name, cases.reduce((n, c) => n + (lies(c) ? 1 : 0), 0)]),
  );
}
