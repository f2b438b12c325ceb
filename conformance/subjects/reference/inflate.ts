/**
 * DEFLATE read one bit after the other, and the frame of zlib around it. What is taken and what is
 * refused is what zlib takes and refuses when all output goes into one buffer.
 * Source: RFC 1951, RFC 1950; what incomplete codes may be: inftrees.c of zlib (1.2.11)
 * @module
 */

/** What was read, and how much of the input was. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  readonly used: number;
}

/** Longest code of a symbol, bits. */
const LONGEST = 15;
const END_OF_BLOCK = 256;
/** Symbols behind these are in no alphabet, though there is room for them. */
const MOST_LITERALS = 286;
const MOST_DISTANCES = 30;
/** The lengths of code lengths come in this order. */
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const FIXED_LITERALS = codeOf(
  Array.from({ length: 288 }, (_, i) => (i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8)),
);
const FIXED_DISTANCES = codeOf(Array.from({ length: 32 }, () => 5));

class Broken extends Error {}

function refuseUnless(condition: boolean): asserts condition {
  if (!condition) throw new Broken();
}

/** @returns null for what is no stream, for one that breaks off, and for one of more than `room` bytes. */
export function inflateRaw(bytes: Uint8Array, room: number): Unpacked | null {
  return unlessBroken(() => {
    const bits = new Bits(bytes);
    const out = new Output(room);
    for (let isLast = false; !isLast; ) {
      isLast = bits.take(1) === 1;
      const type = bits.take(2);
      if (type === 0) copyStored(bits, out);
      else if (type === 1) inflateBlock(bits, out, FIXED_LITERALS, FIXED_DISTANCES);
      else inflateBlock(bits, out, ...codesAt(bits, type));
    }
    return { bytes: out.taken(), used: bits.bytesRead() };
  });
}

/** The same behind two bytes, and before the checksum of what comes out. */
export function inflateZlib(bytes: Uint8Array, room: number): Unpacked | null {
  const [method = 0, flags = 0] = bytes;
  const isZlib = (method & 15) === 8 && method >>> 4 <= 7 && (method * 256 + flags) % 31 === 0;
  // A dictionary is not known.
  if (!isZlib || (flags & 32) !== 0) return null;
  const inner = inflateRaw(bytes.subarray(2), room);
  if (inner === null) return null;
  const end = 2 + inner.used + 4;
  const isRight = Buffer.compare(bytes.subarray(end - 4, end), adler32(inner.bytes)) === 0;
  return isRight ? { bytes: inner.bytes, used: end } : null;
}

function adler32(bytes: Uint8Array): Uint8Array {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return Uint8Array.of(b >>> 8, b & 255, a >>> 8, a & 255);
}

function unlessBroken<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof Broken) return null;
    throw error;
  }
}

/** The bits of each byte, the lowest first. */
class Bits {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  take(count: number): number {
    let value = 0;
    for (let i = 0; i < count; i++, this.at++) {
      refuseUnless(this.at < 8 * this.bytes.length);
      value |= ((this.bytes[this.at >>> 3] >>> (this.at & 7)) & 1) << i;
    }
    return value;
  }

  /** Goes to the next whole byte. */
  align(): void {
    this.at = 8 * this.bytesRead();
  }

  bytesRead(): number {
    return Math.ceil(this.at / 8);
  }
}

class Output {
  private readonly bytes: Uint8Array;
  private used = 0;

  constructor(room: number) {
    this.bytes = new Uint8Array(room);
  }

  put(byte: number): void {
    refuseUnless(this.used < this.bytes.length);
    this.bytes[this.used++] = byte;
  }

  copy(distance: number, len: number): void {
    refuseUnless(distance <= this.used);
    for (let i = 0; i < len; i++) this.put(this.bytes[this.used - distance]);
  }

  taken(): Uint8Array {
    return this.bytes.slice(0, this.used);
  }
}

/** A code: its symbols in the order of their codes, and how many there are of each length. */
interface Code {
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

/** @throws Broken when the lengths are more than there are codes, or fewer, but for one of one bit, or none. */
function codeOf(lengths: readonly number[], mayBeOne = true): Code {
  const counts = Array.from({ length: LONGEST + 1 }, (_, len) =>
    len === 0 ? 0 : lengths.filter((length) => length === len).length,
  );
  let left = 1;
  for (let len = 1; len <= LONGEST; len++) {
    left = 2 * left - counts[len];
    refuseUnless(left >= 0);
  }
  const longest = counts.findLastIndex((count) => count > 0);
  refuseUnless(left === 0 || (mayBeOne && longest <= 1));
  const symbols = lengths.map((_, symbol) => symbol).filter((symbol) => lengths[symbol] > 0);
  symbols.sort((a, b) => lengths[a] - lengths[b] || a - b);
  return { counts, symbols };
}

function symbolAt(bits: Bits, { counts, symbols }: Code): number {
  let code = 0;
  let first = 0;
  let index = 0;
  for (let len = 1; len <= LONGEST; len++) {
    code = 2 * code + bits.take(1);
    if (code - first < counts[len]) return symbols[index + code - first];
    index += counts[len];
    first = 2 * (first + counts[len]);
  }
  throw new Broken();
}

function copyStored(bits: Bits, out: Output): void {
  bits.align();
  const len = bits.take(16);
  refuseUnless(bits.take(16) === (len ^ 0xffff));
  for (let i = 0; i < len; i++) out.put(bits.take(8));
}

/** The two codes of a block that brings its own. */
function codesAt(bits: Bits, type: number): [Code, Code] {
  refuseUnless(type === 2);
  const literals = 257 + bits.take(5);
  const distances = 1 + bits.take(5);
  const count = 4 + bits.take(4);
  refuseUnless(literals <= MOST_LITERALS && distances <= MOST_DISTANCES);
  const own = Array.from({ length: ORDER.length }, () => 0);
  for (const symbol of ORDER.slice(0, count)) own[symbol] = bits.take(3);
  const code = codeOf(own, /* mayBeOne */ false);
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = symbolAt(bits, code);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    const repeated = symbol === 16 ? lengths.at(-1) : 0;
    refuseUnless(repeated !== undefined);
    const times =
      symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    for (let i = 0; i < times; i++) lengths.push(repeated);
  }
  refuseUnless(lengths.length === literals + distances && lengths[END_OF_BLOCK] > 0);
  return [codeOf(lengths.slice(0, literals)), codeOf(lengths.slice(literals))];
}

function inflateBlock(bits: Bits, out: Output, literals: Code, distances: Code): void {
  for (;;) {
    const symbol = symbolAt(bits, literals);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      out.put(symbol);
      continue;
    }
    refuseUnless(symbol < MOST_LITERALS);
    const len = lengthOf(symbol - 257, bits);
    const far = symbolAt(bits, distances);
    refuseUnless(far < MOST_DISTANCES);
    const more = Math.max(0, (far >>> 1) - 1);
    const base = far < 2 ? far : (2 + (far & 1)) << more;
    out.copy(1 + base + bits.take(more), len);
  }
}

/** Four lengths have as many bits behind them; the last symbol is a length of its own. */
function lengthOf(symbol: number, bits: Bits): number {
  if (symbol === 28) return 258;
  const more = Math.max(0, (symbol >>> 2) - 1);
  const base = symbol < 4 ? symbol : (4 + (symbol & 3)) << more;
  return 3 + base + bits.take(more);
}
