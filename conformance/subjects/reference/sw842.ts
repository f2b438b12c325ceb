/**
 * Streams of 842, read and written as text of bits. What is written is the stream of the kernel's encoder, by
 * its rule: of the codes whose copies all are there the shortest, and of places the last one. What is read is
 * answered as the decoder of 6.1 does, the room that it does not look at included.
 * Source: lib/842/842.h (6.1): the codes and their parts, the rings, the checksum
 * @module
 */
import { EINVAL, ENOSPC, EOVERFLOW, type Errno } from '../../../src/errno.ts';

/** D: bytes as they are. I: bytes that stood there before. */
const CODES = [
  ...['D8', 'D4 D2 I2', 'D4 I2 D2', 'D4 I2 I2', 'D4 I4'],
  ...['D2 I2 D4', 'D2 I2 D2 I2', 'D2 I2 I2 D2', 'D2 I2 I2 I2', 'D2 I2 I4'],
  ...['I2 D2 D4', 'I2 D4 I2', 'I2 D2 I2 D2', 'I2 D2 I2 I2', 'I2 D2 I4'],
  ...['I2 I2 D4', 'I2 I2 D2 I2', 'I2 I2 I2 D2', 'I2 I2 I2 I2', 'I2 I2 I4'],
  ...['I4 D4', 'I4 D2 I2', 'I4 I2 D2', 'I4 I2 I2', 'I4 I4', 'I8'],
].map((row) => row.split(' '));
const RINGS: Readonly<Record<string, { readonly bits: number; readonly size: number }>> = {
  I2: { bits: 8, size: 512 },
  I4: { bits: 9, size: 2048 },
  I8: { bits: 8, size: 2048 },
};
/** What the kernel has no buffer for. */
const BUFFER = 131072;

/** A part of a code: kind, size, and where in its block it stands. */
type Part842 = readonly [kind: 'D' | 'I', size: number, skip: number];

const PARTS: readonly (readonly Part842[])[] = CODES.map((row) => {
  let at = 0;
  return row.map((part) => {
    const size = Number(part[1]);
    at += size;
    return [part.startsWith('I') ? 'I' : 'D', size, at - size];
  });
});

/** The parts of a code. */
export function parts842(code: number): readonly Part842[] {
  return PARTS[code];
}

/** The text of a number. */
export function bits842(value: number, count: number): string {
  return value.toString(2).padStart(count, '0');
}

/**
 * Places of some bytes in what may be copied at `at`, the last one first; as they are written.
 * @param size 2, 4 or 8 @param most how many are looked for
 */
export function places842(
  text: Uint8Array,
  at: number,
  from: number,
  size: number,
  most: number,
): string[] {
  const { bits, size: ring } = RINGS[`I${size}`];
  const whole = at - (at % 8);
  const found: string[] = [];
  for (let place = whole - size; place >= 0 && place >= whole - ring; place -= size) {
    let alike = 0;
    while (alike < size && text[place + alike] === text[from + alike]) alike++;
    if (alike === size) found.push(bits842((place % ring) / size, bits));
    if (found.length === most) break;
  }
  return found;
}

/** The kernel's own stream. */
export function written842(text: Uint8Array): Uint8Array {
  let bits = '';
  const wholes = Math.floor(text.length / 8);
  const block = (i: number): string => [...text.subarray(8 * i, 8 * i + 8)].join();
  for (let i = 0; i < wholes; ) {
    let again = 0;
    while (i > 0 && again < 64 && i + again < wholes && block(i + again) === block(i - 1)) again++;
    if (again > 0) bits += bits842(27, 5) + bits842(again - 1, 6);
    else bits += block(i) === '0,0,0,0,0,0,0,0' ? bits842(28, 5) : shortest(text, 8 * i);
    i += Math.max(again, 1);
  }
  return finished842(text, bits + short842(text.subarray(8 * wholes)));
}

/** Less than a block, or nothing. */
export function short842(rest: Uint8Array): string {
  if (rest.length === 0) return '';
  return bits842(29, 5) + bits842(rest.length, 3) + literal(rest);
}

/** With its end, its checksum, and zeros up to a multiple of eight bytes. */
export function finished842(text: Uint8Array, bits: string): Uint8Array {
  const all = bits + bits842(30, 5) + bits842(checksum(text), 32);
  const padded = all.padEnd(64 * Math.ceil(all.length / 64), '0');
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function literal(bytes: Uint8Array): string {
  return [...bytes].map((byte) => bits842(byte, 8)).join('');
}

function shortest(text: Uint8Array, at: number): string {
  const copies = new Map<string, string | undefined>();
  for (const size of [2, 4, 8]) {
    for (let skip = 0; skip < 8; skip += size)
      copies.set(`${size} ${skip}`, places842(text, at, at + skip, size, 1)[0]);
  }
  let best: string | null = null;
  for (const code of CODES.keys()) {
    let written = bits842(code, 5);
    const isPossible = parts842(code).every(([kind, size, skip]) => {
      const bytes = text.subarray(at + skip, at + skip + size);
      const part = kind === 'D' ? literal(bytes) : copies.get(`${size} ${skip}`);
      written += part;
      return part !== undefined;
    });
    if (isPossible && (best === null || written.length < best.length)) best = written;
  }
  return best ?? '';
}

class Refused extends Error {
  readonly answer: Errno | 'stray';

  constructor(answer: Errno | 'stray') {
    super();
    this.answer = answer;
  }
}

/** @returns the text, which may be longer than its room; an errno; or that the kernel leaves its buffers. */
export function read842(stream: Uint8Array, room: number): Uint8Array | Errno | 'stray' {
  return readInto([], stream, room);
}

/** Does a decoder that does not look at the room write behind it, whatever it answers then? */
export function overruns842(stream: Uint8Array, room: number): boolean {
  const out: number[] = [];
  readInto(out, stream, room);
  return out.length > room;
}

function readInto(out: number[], stream: Uint8Array, room: number): Uint8Array | Errno | 'stray' {
  try {
    return read(out, literal(stream), room);
  } catch (error) {
    if (error instanceof Refused) return error.answer;
    throw error;
  }
}

function read(out: number[], bits: string, room: number): Uint8Array {
  let at = 0;
  const take = (count: number): number => {
    if (at + count > bits.length) throw new Refused(-EOVERFLOW);
    at += count;
    return Number.parseInt(bits.slice(at - count, at), 2);
  };
  const put = (bytes: readonly number[]): void => {
    if (out.length + bytes.length > BUFFER) throw new Refused('stray');
    out.push(...bytes);
  };
  const need = (count: number): void => {
    // Behind the room everything fits.
    if (out.length <= room && out.length + count > room) throw new Refused(-ENOSPC);
  };
  const bytes = (count: number): number[] => Array.from({ length: count }, () => take(8));
  for (;;) {
    const code = take(5);
    if (code === 30) break;
    if (code === 27) {
      const count = take(6) + 1;
      if (out.length === 0) throw new Refused(-EINVAL);
      need(8 * count);
      if (out.length < 8) throw new Refused('stray');
      for (let i = 0; i < count; i++) put(out.slice(-8));
    } else if (code === 28) {
      need(8);
      put([0, 0, 0, 0, 0, 0, 0, 0]);
    } else if (code === 29) {
      const count = take(3);
      if (count === 0) throw new Refused(-EINVAL);
      for (let i = 0; i < count; i++) put([take(8)]);
    } else {
      if (CODES[code] === undefined) throw new Refused(-EINVAL);
      for (const [kind, size] of parts842(code)) {
        if (kind === 'D') need(size);
        put(kind === 'D' ? bytes(size) : copied(out, size, take));
      }
    }
  }
  if (take(32) !== checksum(out)) throw new Refused(-EINVAL);
  return Uint8Array.from(out);
}

function copied(out: readonly number[], size: number, take: (count: number) => number): number[] {
  const { bits, size: ring } = RINGS[`I${size}`];
  const offset = take(bits) * size;
  const whole = out.length - (out.length % 8);
  // The last byte that lies there in a ring that is filled again and again.
  let place = offset;
  while (place + ring < whole) place += ring;
  if (place + size > whole) throw new Refused(-EINVAL);
  return out.slice(place, place + size);
}

/** CRC-32 with its highest bit first, from 0; bit by bit. */
function checksum(bytes: Iterable<number>): number {
  let rest = 0;
  for (const byte of bytes) {
    for (let mask = 128; mask > 0; mask >>= 1) {
      const isOdd = rest >= 0x80000000 !== ((byte & mask) !== 0);
      rest = (rest * 2) % 0x100000000;
      if (isOdd) rest = (rest ^ 0x04c11db7) >>> 0;
    }
  }
  return rest;
}
