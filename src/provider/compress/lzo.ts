/**
 * The stream of LZO1X: literals, and copies of what lies up to 48 KiB back; in version 1 runs of zeros, too.
 * Source: Documentation/staging/lzo.rst of Linux (6.1). The encoder is greedy, over a table of the last place
 * of each four bytes.
 * @module
 */
import { EINVAL, type Errno } from '../../errno.ts';
import { lastPlace, MIN_MATCH, matchLength } from './places.ts';

/** Nothing encodes the first byte 17 but this: the version of the stream follows. */
const VERSION_MARK = 17;
const VERSION_BYTES = 2;
/** First byte of literals at the very start, less their number. */
const START = 17;
/** Most literals that a first byte can count. */
const START_MOST = 255 - START;
/** Ends a stream: a far copy of three bytes, with no distance. */
const END = [0x11, 0, 0];
const NEAR = { distance: 0x800, length: 8 };
const MIDDLE = { distance: 0x4000, length: 33, marker: 32 };
const FAR = { distance: 0xbfff, length: 9, marker: 16 };
/** The farthest copy of version 1 looks like a run of zeros. */
const FAR_RLE = 0xbffe;
/** Bytes that a decoder wants to see behind literals. */
const END_BYTES = 3;
const MIN_ZEROS = 4;
const MAX_ZEROS = 2047 + MIN_ZEROS;

/** @returns -EINVAL when it takes more than `room` bytes. */
export function lzoCompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return encode(bytes, room, /* isRle */ false);
}

/**
 * Version 1. Its two bytes are written before anybody looks at the room, and behind a room of one byte the
 * check of 6.1 wraps around: whatever comes of it is too long, and is given to the caller all the same.
 * @returns -EINVAL when it takes more than `room` bytes.
 */
export function lzoRleCompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return encode(bytes, room, /* isRle */ true);
}

function encode(bytes: Uint8Array, room: number, isRle: boolean): Uint8Array | Errno {
  const out = new Stream(bytes, isRle);
  const find = lastPlace(bytes, isRle ? FAR_RLE : FAR.distance, bytes.length);
  // A first instruction that is no literal would be read as their number.
  for (let at = 1; at + MIN_MATCH <= bytes.length; ) {
    const zeros = isRle ? zerosAt(bytes, at) : 0;
    if (zeros >= MIN_ZEROS) {
      out.zeros(at, zeros);
      at += zeros;
      continue;
    }
    const from = find(at);
    if (from < 0) at++;
    else at += out.copy(at, at - from, matchLength(bytes, from, at, bytes.length));
  }
  const stream = out.end();
  const isUnchecked = isRle && room < VERSION_BYTES;
  return stream.length <= room || isUnchecked ? stream : -EINVAL;
}

function zerosAt(bytes: Uint8Array, at: number): number {
  let len = 0;
  while (len < MAX_ZEROS && bytes[at + len] === 0) len++;
  return len;
}

/** A stream that is written. */
class Stream {
  private readonly bytes: Uint8Array;
  private readonly isRle: boolean;
  private readonly out: number[];
  private readonly start: number;
  /** First byte that is not yet written. */
  private literals = 0;
  /** Byte of the last instruction whose low bits count up to three literals behind it. */
  private short = 0;

  constructor(bytes: Uint8Array, isRle: boolean) {
    this.bytes = bytes;
    this.isRle = isRle;
    this.out = isRle ? [VERSION_MARK, 1] : [];
    this.start = this.out.length;
  }

  /** @returns how many bytes were copied: one length of version 1 is cut. */
  copy(at: number, distance: number, length: number): number {
    this.putLiterals(at);
    const { out } = this;
    let len = length;
    if (len <= NEAR.length && distance <= NEAR.distance) {
      const back = distance - 1;
      out.push(((len - 1) << 5) | ((back & 7) << 2), back >>> 3);
    } else if (distance <= MIDDLE.distance) {
      this.putLength(MIDDLE.marker, len, MIDDLE.length);
      this.putDistance(distance - 1);
    } else {
      const back = distance - MIDDLE.distance;
      // With these the bytes of the length could be read as a run of zeros.
      if (this.isRle && (back & 0x403f) === 0x403f && len >= 261 && len <= 264) len = 260;
      this.putLength(FAR.marker | ((back >>> 11) & 8), len, FAR.length);
      this.putDistance(back);
    }
    this.short = out.length - 2;
    this.literals = at + len;
    return len;
  }

  zeros(at: number, len: number): void {
    this.putLiterals(at);
    const more = len - MIN_ZEROS;
    this.short = this.out.length + 1;
    this.out.push(0x18 | (more & 7), 0xfc, 0xff, more >>> 3);
    this.literals = at + len;
  }

  end(): Uint8Array {
    this.putLiterals(this.bytes.length);
    return Uint8Array.from([...this.out, ...END]);
  }

  private putLiterals(to: number): void {
    const { out, bytes, literals } = this;
    const count = to - literals;
    if (count === 0) return;
    if (out.length === this.start && count <= START_MOST) out.push(START + count);
    else if (count <= 3) out[this.short] |= count;
    else this.putLength(0, count - 1, 17);
    for (let i = literals; i < to; i++) out.push(bytes[i]);
  }

  /** A length that is two more than the marker says, and goes on in bytes when it is beyond `most`. */
  private putLength(marker: number, len: number, most: number): void {
    const { out } = this;
    if (len <= most) {
      out.push(marker | (len - 2));
      return;
    }
    out.push(marker);
    let left = len - most;
    for (; left > 255; left -= 255) out.push(0);
    out.push(left);
  }

  private putDistance(back: number): void {
    this.out.push((back << 2) & 0xff, (back >>> 6) & 0xff);
  }
}

/** What one instruction says. */
interface Copy {
  /** 0: zeros. */
  readonly distance: number;
  readonly len: number;
  /** How many literals follow it, at most three. */
  readonly literals: number;
}

/** State behind a run of literals; behind a copy it is the number of literals that followed. */
const BEHIND_LITERALS = 4;

/**
 * Streams of both versions, whichever of the two names they come under.
 * @returns -EINVAL for what is no stream, for bytes behind its end, and for one of more than `room` bytes.
 */
export function lzoDecompress(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return new Input(bytes, room).decode() ?? -EINVAL;
}

/** A stream that is read. Wherever an instruction begins, three bytes are left at least. */
class Input {
  private readonly bytes: Uint8Array;
  private readonly out: Uint8Array;
  private at = 0;
  private used = 0;

  constructor(bytes: Uint8Array, room: number) {
    this.bytes = bytes;
    this.out = new Uint8Array(room);
  }

  /** @returns null for what is no stream. */
  decode(): Uint8Array | null {
    const { bytes } = this;
    if (bytes.length < END_BYTES) return null;
    const isMarked = bytes.length >= VERSION_BYTES + END_BYTES && bytes[0] === VERSION_MARK;
    const isRle = isMarked && bytes[1] !== 0;
    if (isMarked) this.at = VERSION_BYTES;
    let state = 0;
    if (bytes[this.at] > START) {
      state = Math.min(bytes[this.at] - START, BEHIND_LITERALS);
      if (!this.takeLiterals(bytes[this.at++] - START)) return null;
    }
    for (;;) {
      const first = bytes[this.at++];
      if (first < 16 && state === 0) {
        if (!this.takeLiterals(this.length(first, 17) + 1)) return null;
        state = BEHIND_LITERALS;
        continue;
      }
      const copy = this.instruction(first, state, isRle);
      if (copy === null) return null;
      if (copy === 'end') return this.out.slice(0, this.used);
      if (!this.take(copy) || !this.takeLiterals(copy.literals)) return null;
      state = copy.literals;
    }
  }

  private instruction(first: number, state: number, isRle: boolean): Copy | 'end' | null {
    if (first >= 32 && first < 64) {
      const len = this.length(first & 31, MIDDLE.length);
      const { back, literals } = this.distance();
      return { distance: back + 1, len, literals };
    }
    if (first >= 16 && first < 32) return this.farInstruction(first, isRle);
    const next = this.bytes[this.at++];
    const literals = first & 3;
    if (first >= 64) {
      const distance = 1 + ((first >>> 2) & 7) + (next << 3);
      return { distance, len: (first >>> 5) + 1, literals };
    }
    const distance = 1 + (first >>> 2) + (next << 2);
    return state === BEHIND_LITERALS
      ? { distance: distance + NEAR.distance, len: 3, literals }
      : { distance, len: 2, literals };
  }

  private farInstruction(first: number, isRle: boolean): Copy | 'end' | null {
    const { bytes, at } = this;
    if (isRle && first >= 0x18 && bytes[at] >= 0xfc && bytes[at + 1] === 0xff) {
      this.at += 3;
      const len = MIN_ZEROS + ((first & 7) | (bytes[at + 2] << 3));
      return this.at > bytes.length ? null : { distance: 0, len, literals: bytes[at] & 3 };
    }
    const len = this.length(first & 7, FAR.length);
    const { back, literals } = this.distance();
    const distance = ((first & 8) << 11) + back;
    if (distance > 0) return { distance: distance + MIDDLE.distance, len, literals };
    return len === 3 && this.at === bytes.length ? 'end' : null;
  }

  /** The length that a short one of an instruction stands for; without end where its bytes do not end. */
  private length(short: number, most: number): number {
    if (short > 0) return short + 2;
    const { bytes } = this;
    let len = most;
    for (; bytes[this.at] === 0; this.at++) len += 255;
    return this.at < bytes.length ? len + bytes[this.at++] : Number.POSITIVE_INFINITY;
  }

  /** Two bytes; what they say behind the end is refused with the literals that it says. */
  private distance(): { readonly back: number; readonly literals: number } {
    const word = this.bytes[this.at] | (this.bytes[this.at + 1] << 8);
    this.at += 2;
    return { back: word >>> 2, literals: word & 3 };
  }

  private take({ distance, len }: Copy): boolean {
    const { out } = this;
    if (distance > this.used || len > out.length - this.used) return false;
    // Byte by byte: a copy may reach into itself.
    for (let i = 0; i < len; i++, this.used++) {
      if (distance > 0) out[this.used] = out[this.used - distance];
    }
    return true;
  }

  private takeLiterals(count: number): boolean {
    const { bytes, out, at } = this;
    if (count > bytes.length - at - END_BYTES || count > out.length - this.used) return false;
    out.set(bytes.subarray(at, at + count), this.used);
    this.at += count;
    this.used += count;
    return true;
  }
}
