/**
 * Frames of Zstandard as a decoder with all output in one buffer takes them: their headers, the limits of
 * their blocks and their checksums are read here; what is in the blocks, by a package that checks nothing else.
 * Source: RFC 8878, 3.1; what a decoder refuses in a header: lib/zstd (6.1)
 * @module
 */
import { decompress } from 'fzstd';
import { concat, equal, NOTHING, toNumber } from './bytes.ts';
import { xxhash64 } from './checksum.ts';
import type { Unpacked } from './inflate.ts';

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
const SKIPPABLE = Uint8Array.of(0x2a, 0x4d, 0x18);
const BLOCK_HEADER = 3;
/** Shorter than this nothing is a frame. */
const SHORTEST = 9;
const LONGEST_BLOCK = 131072;
/** The largest window that a decoder of 64 bits takes, and one of 128 KiB, both as logarithms. */
const LARGEST_WINDOW = 31;
const WINDOW_OF_ALL = 17;
const COMPRESSED = 2;

/** What a header says of its frame. */
interface Header {
  readonly size: number;
  /** null: it does not say. */
  readonly contentSize: bigint | null;
  readonly isChecked: boolean;
}

/** @returns null for what is no row of whole frames, and for more than `room` bytes. */
export function unpackZstd(bytes: Uint8Array, room: number): Unpacked | null {
  const texts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const rest = bytes.subarray(at);
    const skipped = skippable(rest);
    if (skipped > 0) {
      at += skipped;
      continue;
    }
    const frame = frameAt(rest);
    if (frame === null) return null;
    texts.push(frame.bytes);
    at += frame.used;
  }
  const text = concat(...texts);
  return text.length <= room ? { bytes: text, used: bytes.length } : null;
}

/** Length of a frame that holds nothing, or 0. */
function skippable(bytes: Uint8Array): number {
  const isOne = equal(bytes.subarray(1, 4), SKIPPABLE) && bytes[0] >>> 4 === 5;
  if (!isOne || bytes.length < 8) return 0;
  const size = 8 + Number(toNumber(bytes.subarray(4, 8)));
  return size <= bytes.length ? size : 0;
}

function frameAt(bytes: Uint8Array): Unpacked | null {
  if (bytes.length < SHORTEST || !equal(bytes.subarray(0, 4), MAGIC)) return null;
  const header = headerAt(bytes);
  if (header === null) return null;
  const end = endOfBlocks(bytes, header.size);
  if (end === null) return null;
  const text = blocksOf(bytes.subarray(header.size, end));
  if (text === null || (header.contentSize ?? BigInt(text.length)) !== BigInt(text.length))
    return null;
  if (!header.isChecked) return { bytes: text, used: end };
  const sum = xxhash64(NOTHING, text).subarray(0, 4);
  return equal(bytes.subarray(end, end + 4), sum) ? { bytes: text, used: end + 4 } : null;
}

function headerAt(bytes: Uint8Array): Header | null {
  const [descriptor, window] = bytes.subarray(4);
  const isSingle = (descriptor & 32) !== 0;
  // A bit that is reserved.
  if ((descriptor & 8) !== 0) return null;
  if (!isSingle && 10 + (window >>> 3) > LARGEST_WINDOW) return null;
  const dictionaryAt = isSingle ? 5 : 6;
  const contentAt = dictionaryAt + [0, 1, 2, 4][descriptor & 3];
  const size = contentAt + [isSingle ? 1 : 0, 2, 4, 8][descriptor >>> 6];
  if (size > bytes.length) return null;
  // No dictionary is known.
  if (toNumber(bytes.subarray(dictionaryAt, contentAt)) !== 0n) return null;
  const content = toNumber(bytes.subarray(contentAt, size));
  const isChecked = (descriptor & 4) !== 0;
  if (size === contentAt) return { size, contentSize: null, isChecked };
  return { size, contentSize: content + (descriptor >>> 6 === 1 ? 256n : 0n), isChecked };
}

/** Behind the last block. @returns null when they break off, and for blocks that are too long. */
function endOfBlocks(bytes: Uint8Array, start: number): number | null {
  for (let at = start; at + BLOCK_HEADER <= bytes.length; ) {
    const header = Number(toNumber(bytes.subarray(at, at + BLOCK_HEADER)));
    const [isLast, type, size] = [header & 1, (header >>> 1) & 3, header >>> 3];
    if (type > COMPRESSED || size > LONGEST_BLOCK) return null;
    at += BLOCK_HEADER + (type === 1 ? 1 : size);
    if (isLast === 1) return at <= bytes.length ? at : null;
  }
  return null;
}

/** The blocks under a header of their own, whose window is as long as any text. */
function blocksOf(blocks: Uint8Array): Uint8Array | null {
  try {
    return decompress(concat(MAGIC, Uint8Array.of(0, (WINDOW_OF_ALL - 10) << 3), blocks));
  } catch {
    return null;
  }
}
