/**
 * The stream of 842: blocks of eight bytes, each under five bits that say what of it is given and what
 * stands in one of three rings of bytes before it; repetitions, zeros, a short end, and a checksum.
 * Source: the description in lib/842/842.h of Linux (6.1), whose encoder and decoder say the same bytes and
 * the same errnos. Two checks are missing in that decoder: see `strays842`.
 * @module
 */
import { EINVAL, ENOSPC, EOVERFLOW, type Errno } from '../../errno.ts';

const CODE_BITS = 5;
const REPEAT = 0x1b;
const REPEAT_BITS = 6;
const MOST_REPEATS = 64;
const ZEROS = 0x1c;
/** Not known to the hardware: one to seven bytes, as they are. */
const SHORT = 0x1d;
const SHORT_BITS = 3;
const END = 0x1e;
const BLOCK = 8;
/** A whole block out of its ring. */
const WHOLE = 25;

/** One part of a block: bytes as they are, or out of the ring of that many bytes. */
interface Part {
  readonly size: number;
  readonly isCopy: boolean;
}

/** Bits of a place in the ring of 2, 4, and 8 bytes. */
const PLACE_BITS: Readonly<Record<number, number>> = { 2: 8, 4: 9, 8: 8 };
const [D2, D4, D8] = [2, 4, 8].map((size): Part => ({ size, isCopy: false }));
const [I2, I4, I8] = [2, 4, 8].map((size): Part => ({ size, isCopy: true }));

/** What half a block can be; a block is two of them, and its code is 5 times the first and the second. */
const HALVES = [[D4], [D2, I2], [I2, D2], [I2, I2], [I4]];

/** What a code below 26 stands for. Two halves that meet in bytes of one size are one part. */
const TEMPLATES: readonly (readonly Part[])[] = [
  ...HALVES.flatMap((first) => HALVES.map((second) => joined(first, second))),
  [I8],
];

function joined(first: readonly Part[], second: readonly Part[]): readonly Part[] {
  const last = first[first.length - 1];
  if (last.isCopy || last !== second[0]) return [...first, ...second];
  return [...first.slice(0, -1), last === D2 ? D4 : D8, ...second.slice(1)];
}

/** @returns -ENOSPC when it takes more than `room` bytes. */
export function compress842(bytes: Uint8Array, room: number): Uint8Array | Errno {
  const out = new BitWriter();
  const encoder = new Encoder(bytes, out);
  const end = bytes.length - (bytes.length % BLOCK);
  for (let at = 0; at < end; at += BLOCK) encoder.block(at);
  encoder.repeat();
  if (end < bytes.length) {
    out.put(SHORT, CODE_BITS);
    out.put(bytes.length - end, SHORT_BITS);
    for (let at = end; at < bytes.length; at++) out.put(bytes[at], 8);
  }
  out.put(END, CODE_BITS);
  out.put(checksum(bytes, bytes.length), 32);
  const stream = out.padded(BLOCK);
  return stream.length <= room ? stream : -ENOSPC;
}

class Encoder {
  private readonly view: DataView;
  private readonly out: BitWriter;
  private readonly whole = new Ring<bigint>(I8);
  private readonly halves = new Ring<number>(I4);
  private readonly quarters = new Ring<number>(I2);
  private last: bigint | null = null;
  /** How often the last block stood there once more, and is not yet written. */
  private repeats = 0;

  constructor(bytes: Uint8Array, out: BitWriter) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.out = out;
  }

  block(at: number): void {
    const { view, last } = this;
    const value = view.getBigUint64(at);
    if (value !== last) {
      this.repeat();
      if (value === 0n) this.out.put(ZEROS, CODE_BITS);
      else this.template(at, value);
    } else if (++this.repeats === MOST_REPEATS) {
      this.repeat();
    }
    this.last = value;
    // A block is not found in itself.
    this.whole.add(value);
    for (const half of [0, 4]) this.halves.add(view.getUint32(at + half));
    for (const quarter of [0, 2, 4, 6]) this.quarters.add(view.getUint16(at + quarter));
  }

  /** Writes what has been counted. */
  repeat(): void {
    if (this.repeats === 0) return;
    this.out.put(REPEAT, CODE_BITS);
    this.out.put(this.repeats - 1, REPEAT_BITS);
    this.repeats = 0;
  }

  /** The shortest: of a half, its place, then both of its quarters, then one, then none. */
  private template(at: number, value: bigint): void {
    const { view, whole, halves, quarters, out } = this;
    const place = whole.find(value);
    const code = place >= 0 ? WHOLE : 5 * this.half(at) + this.half(at + 4);
    out.put(code, CODE_BITS);
    let from = at;
    for (const { size, isCopy } of TEMPLATES[code]) {
      if (!isCopy) for (let i = 0; i < size; i++) out.put(view.getUint8(from + i), 8);
      else if (size === 8) out.put(place, PLACE_BITS[8]);
      else if (size === 4) out.put(halves.find(view.getUint32(from)), PLACE_BITS[4]);
      else out.put(quarters.find(view.getUint16(from)), PLACE_BITS[2]);
      from += size;
    }
  }

  /** Which of the five it is. */
  private half(at: number): number {
    const { view, halves, quarters } = this;
    if (halves.find(view.getUint32(at)) >= 0) return 4;
    const [first, second] = [at, at + 2].map((from) => quarters.find(view.getUint16(from)) >= 0);
    return (first ? 2 : 0) + (second ? 1 : 0);
  }
}

/** The places of the last values of one size, each by the last that holds it. */
class Ring<V> {
  private readonly values: V[] = [];
  private readonly places = new Map<V, number>();
  private readonly slots: number;
  private next = 0;

  constructor({ size }: Part) {
    this.slots = 1 << PLACE_BITS[size];
  }

  /** @returns -1 for what is not there. */
  find(value: V): number {
    return this.places.get(value) ?? -1;
  }

  add(value: V): void {
    const { values, places, next } = this;
    if (places.get(values[next]) === next) places.delete(values[next]);
    values[next] = value;
    places.set(value, next);
    this.next = (next + 1) % this.slots;
  }
}

/** Bits, the highest first. */
class BitWriter {
  private readonly bytes: number[] = [];
  private used = 0;

  put(value: number, bits: number): void {
    for (let left = bits; left > 0; ) {
      const free = 8 - (this.used & 7);
      if (free === 8) this.bytes.push(0);
      const take = Math.min(free, left);
      left -= take;
      const part = Math.floor(value / 2 ** left) & ((1 << take) - 1);
      this.bytes[this.bytes.length - 1] |= part << (free - take);
      this.used += take;
    }
  }

  padded(unit: number): Uint8Array {
    const out = new Uint8Array(Math.ceil(this.bytes.length / unit) * unit);
    out.set(this.bytes);
    return out;
  }
}

/**
 * Bytes behind the checksum are not looked at. The result is longer than `room` where the decoder of 6.1 does
 * not look at it: its driver refuses it afterwards.
 * @returns -EOVERFLOW for a stream that breaks off, -ENOSPC or -EINVAL for other broken ones: what comes first
 */
export function decompress842(bytes: Uint8Array, room: number): Uint8Array | Errno {
  return new Decoder(bytes, room).decode();
}

/**
 * Where the decoder of 6.1 leaves its buffers: in front of them when fewer than eight bytes are repeated, and
 * behind them because a copy, and a short end, are not held against the room, from where on nothing is. Here
 * the one is -EINVAL, as 7.3 has it, and the other -ENOSPC.
 * @returns null for streams with which it stays inside.
 */
export function strays842(bytes: Uint8Array, room: number): string | null {
  const decoder = new Decoder(bytes, room);
  decoder.decode();
  return decoder.stray;
}

/** The buffer of a driver, bytes: no result is longer. */
const LONGEST = 131072;

class Decoder {
  stray: 'in front of its buffer' | 'behind its buffer' | null = null;
  private readonly bytes: Uint8Array;
  private readonly room: number;
  private readonly out = new Uint8Array(LONGEST);
  private used = 0;
  /** Bits that have been read. */
  private at = 0;

  constructor(bytes: Uint8Array, room: number) {
    this.bytes = bytes;
    this.room = room;
  }

  decode(): Uint8Array | Errno {
    for (;;) {
      const code = this.take(CODE_BITS);
      if (code === END) return this.end();
      const err = code < 0 ? -EOVERFLOW : this.step(code);
      if (err !== 0) return err;
    }
  }

  private step(code: number): Errno {
    if (code === REPEAT) return this.repeat();
    if (code === ZEROS) return this.fits(BLOCK) ? this.copy(-1, BLOCK) : -ENOSPC;
    if (code === SHORT) {
      const count = this.take(SHORT_BITS);
      if (count < 0) return -EOVERFLOW;
      return count === 0 ? -EINVAL : this.literal(count);
    }
    if (code > WHOLE) return -EINVAL;
    for (const { size, isCopy } of TEMPLATES[code]) {
      const err = isCopy ? this.place(size) : this.fits(size) ? this.literal(size) : -ENOSPC;
      if (err !== 0) return err;
    }
    return 0;
  }

  private repeat(): Errno {
    const more = this.take(REPEAT_BITS);
    if (more < 0) return -EOVERFLOW;
    if (this.used === 0) return -EINVAL;
    const len = BLOCK * (more + 1);
    if (!this.fits(len)) return -ENOSPC;
    if (this.used < BLOCK) {
      this.stray ??= 'in front of its buffer';
      return -EINVAL;
    }
    return this.copy(this.used - BLOCK, len);
  }

  /** A place is in the last bytes of whole blocks, counted from where the ring began. */
  private place(size: number): Errno {
    const place = this.take(PLACE_BITS[size]);
    if (place < 0) return -EOVERFLOW;
    const ring = size << PLACE_BITS[size];
    const whole = this.used - (this.used % BLOCK);
    let from = place * size;
    if (whole > ring) from += whole - (whole % ring) - (from >= whole % ring ? ring : 0);
    return from + size > whole ? -EINVAL : this.copy(from, size);
  }

  private literal(count: number): Errno {
    for (let i = 0; i < count; i++) {
      const byte = this.take(8);
      if (byte < 0) return -EOVERFLOW;
      if (!this.isInside(1)) return -ENOSPC;
      this.out[this.used++] = byte;
    }
    return 0;
  }

  /** @param from -1: zeros */
  private copy(from: number, len: number): Errno {
    if (!this.isInside(len)) return -ENOSPC;
    // Byte by byte: what is repeated may be what was just written.
    for (let i = 0; i < len; i++) this.out[this.used++] = from < 0 ? 0 : this.out[from + i];
    return 0;
  }

  private isInside(len: number): boolean {
    if (this.used + len <= LONGEST) return true;
    this.stray ??= 'behind its buffer';
    return false;
  }

  /** Is there room? Nobody knows any more once there is less than none: the kernel's count is unsigned. */
  private fits(len: number): boolean {
    const left = this.room - this.used;
    return left < 0 || len <= left;
  }

  private end(): Uint8Array | Errno {
    const sum = this.take(32);
    if (sum < 0) return -EOVERFLOW;
    return sum === checksum(this.out, this.used) ? this.out.slice(0, this.used) : -EINVAL;
  }

  /** @returns -1 when there are not so many. */
  private take(bits: number): number {
    const { bytes } = this;
    if (this.at + bits > 8 * bytes.length) return -1;
    let value = 0;
    for (let left = bits; left > 0; ) {
      const have = 8 - (this.at & 7);
      const count = Math.min(have, left);
      const part = (bytes[this.at >>> 3] >>> (have - count)) & ((1 << count) - 1);
      value = value * 2 ** count + part;
      this.at += count;
      left -= count;
    }
    return value;
  }
}

/** CRC-32, the highest bit first, from 0 and not inverted. @kernel crc32_be */
function checksum(bytes: Uint8Array, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum = (sum << 8) ^ CRC[(sum >>> 24) ^ bytes[i]];
  return sum >>> 0;
}

const CRC = Int32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte << 24;
  for (let bit = 0; bit < 8; bit++) sum = (sum << 1) ^ (sum < 0 ? 0x04c11db7 : 0);
  return sum;
});
