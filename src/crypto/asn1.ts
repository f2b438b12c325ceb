/**
 * The one form of DER that public keys and signatures have: numbers in a sequence.
 * C: lib/asn1_decoder.c (6.1), for such a pattern
 * @module
 */
import { EBADMSG, EMSGSIZE, type Errno } from '../errno.ts';

const INTEGER = 0x02;
const SEQUENCE = 0x30;
/** In a tag: made of other elements. */
const CONSTRUCTED = 0x20;
/** A length that is not told: two zeros end the sequence. */
const INDEFINITE = 0x80;
const LONGEST = 65535;

/** Where an element stands; `end` is null where its length is not told. */
interface Element {
  readonly start: number;
  readonly end: number | null;
}

/**
 * Reads SEQUENCE { INTEGER, .. } as the kernel does: a sequence may lack the bit of its tag or its length, and
 * what stands behind it is not looked at.
 * @param take gets the bytes of each number as they come; what it answers but 0 is the answer
 * @returns -EBADMSG for another form, -EMSGSIZE. @kernel asn1_ber_decoder
 */
export function asn1Integers(
  ber: Uint8Array,
  count: number,
  take: (value: Uint8Array, index: number) => Errno,
): Errno {
  if (ber.length > LONGEST) return -EMSGSIZE;
  const outer = elementAt(ber, 0, ber.length, SEQUENCE);
  if (outer === null) return -EBADMSG;
  const most = outer.end ?? ber.length;
  let at = outer.start;
  for (let i = 0; i < count; i++) {
    const element = elementAt(ber, at, most, INTEGER);
    if (element === null || element.end === null) return -EBADMSG;
    const err = take(ber.subarray(element.start, element.end), i);
    if (err !== 0) return err;
    at = element.end;
  }
  if (outer.end !== null) return at === most ? 0 : -EBADMSG;
  return at + 2 <= most && ber[at] === 0 && ber[at + 1] === 0 ? 0 : -EBADMSG;
}

/** @returns null for another tag, and for what is longer than `most` lets it be. */
function elementAt(ber: Uint8Array, at: number, most: number, wanted: number): Element | null {
  if (at + 2 > most) return null;
  const tag = ber[at];
  if (((tag ^ wanted) & ~(wanted & CONSTRUCTED)) !== 0) return null;
  let start = at + 2;
  let len = ber[at + 1];
  if (len === INDEFINITE) {
    return (tag & CONSTRUCTED) !== 0 && start + 2 <= most ? { start, end: null } : null;
  }
  if (len > INDEFINITE) {
    const bytes = len - INDEFINITE;
    if (bytes > 2 || start + bytes > most) return null;
    len = bytes === 1 ? ber[start] : (ber[start] << 8) | ber[start + 1];
    start += bytes;
  }
  return start + len > most ? null : { start, end: start + len };
}
