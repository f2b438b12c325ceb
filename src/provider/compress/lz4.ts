/**
 * The block format of LZ4: literals, and copies of what lies up to 64 KiB back.
 * Source: lz4_Block_format.md of the LZ4 project (1.9), "LZ4 Block Format Description" and "Parsing
 * restrictions". The encoders are greedy: over a table of the last place of each four bytes, or over
 * chains of such places, of which the one with the longest copy counts.
 * @module
 */
import { EINVAL, type Errno } from '../../errno.ts';
import { type Finder, HASH_SLOTS, hashOf, lastPlace, MIN_MATCH, matchLength } from './places.ts';

const MAX_DISTANCE = 0xffff;
/** The last five bytes are literals, and no copy begins in the last twelve. */
const LAST_LITERALS = 5;
const LAST_MATCH = 12;
/** Distance of a copy, a token, and the last literals: where less is left, no copy follows. */
const LAST_COPY = 2 + 1 + LAST_LITERALS;
/** A length that does not fit in its half of the token goes on in bytes. */
const LONG = 15;

/** Places of a chain that are looked at. */
const CHAIN = 64;

/** @returns -EINVAL when it takes more than `room` bytes. */
export function lz4Compress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return encode(bytes, room, lastPlace(bytes, MAX_DISTANCE, bytes.length - LAST_LITERALS));
}

/** The same format with longer copies: slower. @returns -EINVAL when it takes more than `room` bytes. */
export function lz4hcCompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return encode(bytes, room, bestPlace(bytes));
}

function encode(bytes: Uint8Array, room: number, find: Finder): Uint8Array | Errno {
  // Incompressible bytes grow by one in 255, and by the first token.
  const out = new Uint8Array(bytes.length + Math.ceil(bytes.length / 255) + 16);
  let used = 0;
  let literals = 0;
  for (let at = 0; at + LAST_MATCH < bytes.length; ) {
    const from = find(at);
    if (from < 0) {
      at++;
      continue;
    }
    const len = matchLength(bytes, from, at, bytes.length - LAST_LITERALS);
    used = putSequence(out, used, bytes.subarray(literals, at), at - from, len);
    at += len;
    literals = at;
  }
  used = putSequence(out, used, bytes.subarray(literals), 0, 0);
  return used <= room ? out.slice(0, used) : -EINVAL;
}

function bestPlace(bytes: Uint8Array): Finder {
  const places = new Int32Array(HASH_SLOTS).fill(-1);
  const before = new Int32Array(bytes.length);
  let known = 0;
  return (at) => {
    // Places inside of the last copy are in the chains, too.
    for (; known < at; known++) {
      const slot = hashOf(bytes, known);
      before[known] = places[slot];
      places[slot] = known;
    }
    let best = -1;
    let most = MIN_MATCH - 1;
    let from = places[hashOf(bytes, at)];
    for (let i = 0; i < CHAIN && from >= 0 && at - from <= MAX_DISTANCE; i++) {
      const len = matchLength(bytes, from, at, bytes.length - LAST_LITERALS);
      if (len > most) {
        most = len;
        best = from;
      }
      from = before[from];
    }
    return best;
  };
}

/**
 * What encoders must keep to is checked where the room ends, as the kernel does; it also takes some blocks
 * that break off too early there, and copies from nowhere, which are refused here.
 * @returns -EINVAL for what is no block, and for one whose text takes more than `room` bytes.
 */
export function lz4Decompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  const out = new Uint8Array(room);
  let used = 0;
  let at = 0;
  while (at < bytes.length) {
    const token = bytes[at++];
    const literals = lengthAt(bytes, at, token >>> 4);
    if (literals === null) return -EINVAL;
    at = literals.next;
    if (literals.len > bytes.length - at || literals.len > room - used) return -EINVAL;
    out.set(bytes.subarray(at, at + literals.len), used);
    at += literals.len;
    used += literals.len;
    // The last sequence has no copy.
    if (at === bytes.length) return out.slice(0, used);
    if (bytes.length - at < LAST_COPY || room - used < LAST_MATCH) return -EINVAL;
    const distance = bytes[at] | (bytes[at + 1] << 8);
    const copied = lengthAt(bytes, at + 2, token & LONG);
    if (copied === null || distance === 0 || distance > used) return -EINVAL;
    at = copied.next;
    const len = copied.len + MIN_MATCH;
    const isLong = (token & LONG) === LONG;
    if (isLong && bytes.length - at < LAST_LITERALS) return -EINVAL;
    if (len > room - used - LAST_LITERALS) return -EINVAL;
    // Byte by byte: a copy may reach into itself.
    for (let i = 0; i < len; i++, used++) out[used] = out[used - distance];
  }
  return -EINVAL;
}

/** Literals, then a copy of `len` bytes from `distance` back; the last sequence has none. */
function putSequence(
  out: Uint8Array,
  start: number,
  literals: Uint8Array,
  distance: number,
  len: number,
): number {
  const more = Math.max(0, len - MIN_MATCH);
  out[start] = (Math.min(literals.length, LONG) << 4) | Math.min(more, LONG);
  let at = putLength(out, start + 1, literals.length);
  out.set(literals, at);
  at += literals.length;
  if (len === 0) return at;
  out[at] = distance & 0xff;
  out[at + 1] = distance >>> 8;
  return putLength(out, at + 2, more);
}

function putLength(out: Uint8Array, start: number, len: number): number {
  let at = start;
  let left = len - LONG;
  for (; left >= 255; left -= 255) out[at++] = 255;
  if (left >= 0) out[at++] = left;
  return at;
}

/** A length whose first half is in the token. @returns null behind the end. */
function lengthAt(
  bytes: Uint8Array,
  start: number,
  short: number,
): { readonly len: number; readonly next: number } | null {
  let len = short;
  let at = start;
  if (short < LONG) return { len, next: at };
  for (;;) {
    if (at >= bytes.length) return null;
    const more = bytes[at++];
    len += more;
    if (more !== 255) return { len, next: at };
  }
}
