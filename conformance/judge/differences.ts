/**
 * What differs, in words: errnos, bytes, and where in the lists of a case a byte is.
 * @module
 */
import { errnoName } from '../../src/errno.ts';
import { bytesLength, type Case, materialise } from '../case/case.ts';

/** `result is EINVAL, expected OK`. */
export function wrong(what: string, got: number, expected: number): string {
  return `${what} is ${errnoName(got)}, expected ${errnoName(expected)}`;
}

/** Where in the lists the first wrong byte of a result is: `, byte 3 of dst[1]`. */
export function placeOf(c: Case, got: Uint8Array, right: Uint8Array): string {
  const { inplace, src, dst } = c.layout;
  let left = bytesLength(c.ad) + got.findIndex((byte, i) => byte !== right[i]);
  if (c.kind === 'ahash' || got.length !== right.length) return '';
  const segments = inplace === 'same' ? src : dst;
  for (const [i, { len }] of segments.entries()) {
    if (left < len) return `, byte ${left} of ${inplace === 'same' ? 'src' : 'dst'}[${i}]`;
    left -= len;
  }
  return '';
}

/** The first byte that differs, with those behind it; null where none does. */
export function difference(got: Uint8Array, expected: Uint8Array): string | null {
  if (Buffer.compare(got, expected) === 0) return null;
  if (got.length !== expected.length) return `${got.length} bytes instead of ${expected.length}`;
  const at = got.findIndex((byte, i) => byte !== expected[i]);
  const hex = (bytes: Uint8Array): string =>
    Buffer.from(bytes.subarray(at, at + 8)).toString('hex');
  return `byte ${at} of ${got.length}: ${hex(got)} instead of ${hex(expected)}`;
}

/** How the IV buffer of a request differs from what it must hold afterwards; null where it does not. */
export function wrongIv(got: Uint8Array, right: Uint8Array, c: Pick<Case, 'iv'>): string | null {
  const found = difference(got, right);
  if (found === null) return null;
  const isGiven = Buffer.compare(got, materialise(c.iv)) === 0;
  return `the IV buffer afterwards, ${found}${isGiven ? ': it is as it was given' : ''}`;
}
