/**
 * The rows of compressors. What is compressed must be read by a reader of the reference's own; that it is as
 * short as it can be nobody says, and so whether it fits in little room is up to the compressor: but for 842.
 * @module
 */
import { deflateRawSync, deflateSync } from 'node:zlib';
import { EINVAL, ENOSPC } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { zstdCompress } from '../../src/provider/compress/zstd.ts';
import { materialise } from '../case/case.ts';
import type { DataResult } from '../judge/observe.ts';
import { concat, equal, littleEndian, NOTHING } from '../subjects/reference/bytes.ts';
import { xxhash64 } from '../subjects/reference/checksum.ts';
import { inflateRaw, inflateZlib, type Unpacked } from '../subjects/reference/inflate.ts';
import { unpackLz4 } from '../subjects/reference/lz4.ts';
import { unpackLzo } from '../subjects/reference/lzo.ts';
import { read842, written842 } from '../subjects/reference/sw842.ts';
import { unpackZstd } from '../subjects/reference/zstd.ts';
import { randomBytes, toHex, UNKEYED } from './keys.ts';
import { pack842 } from './pack-842.ts';
import type { DataDraw, DataMessage, DataRow } from './row.ts';

type Unpack = (bytes: Uint8Array, room: number) => Unpacked | null;

/** Longest text that is drawn. */
const LONGEST = 8192;
/** Bytes by which no compressor exceeds a text of that length. */
const OVERHEAD = 128;
/** The kernel takes no more at once, and gives no more. */
const SCRATCH = 131072;

function compression(
  name: string,
  pack: (prng: Prng, text: Uint8Array) => Uint8Array,
  unpack: Unpack,
): DataRow {
  return {
    ...{ name, kind: 'acomp', key: UNKEYED, leaks: [] },
    draw: (prng) => (prng.oneIn(2) ? drawText(prng) : drawPacked(prng, pack)),
    answer: (message) => (isUnchecked(name, message) ? tooLong(message) : answer(unpack, message)),
    pack,
  };
}

/** A text, mostly with room for whatever comes of it. */
function drawText(prng: Prng): DataDraw {
  const text = prng.oneIn(3)
    ? randomBytes(prng, prng.below(prng.pick([2, 40, 300, LONGEST])))
    : toHex(repetitive(prng));
  const len = typeof text === 'string' ? text.length / 2 : text.len;
  const room = prng.oneIn(4) ? prng.below(len + 2) : len + OVERHEAD;
  return { op: 'compress', text, tag: null, room };
}

/** A compressed text, now and then broken, mostly with room for all of it. */
function drawPacked(prng: Prng, pack: (prng: Prng, text: Uint8Array) => Uint8Array): DataDraw {
  const text = repetitive(prng);
  let packed = pack(prng, text);
  if (prng.oneIn(6)) packed[prng.below(packed.length)] ^= 1 << prng.below(8);
  if (prng.oneIn(16)) packed = packed.subarray(0, prng.below(packed.length + 1));
  if (prng.oneIn(16)) packed = concat(packed, materialise(randomBytes(prng, prng.between(1, 9))));
  const room = prng.oneIn(4)
    ? prng.below(text.length + 1)
    : text.length + (prng.oneIn(2) ? 0 : prng.below(40));
  return { op: 'decompress', text: toHex(packed), tag: null, room };
}

/** Bytes that often stood there before. */
function repetitive(prng: Prng): Uint8Array {
  const out = new Uint8Array(prng.between(1, prng.pick([3, 16, 64, 700, LONGEST])));
  for (let at = 0; at < out.length; ) {
    const len = Math.min(prng.between(1, prng.pick([8, 40, 600])), out.length - at);
    const from = at > 0 && !prng.oneIn(3) ? at - prng.between(1, at) : -1;
    for (let i = 0; i < len; i++, at++) {
      out[at] = from < 0 ? prng.below(256) : out[from + i];
    }
  }
  return out;
}

/** The encoder of 6.1 does not see that two bytes do not fit into one, and scomp does afterwards. */
function isUnchecked(name: string, { op, text, room }: DataMessage): boolean {
  const isTaken = text.length > 0 && text.length <= SCRATCH;
  return name === 'lzo-rle' && op === 'compress' && isTaken && room === 1;
}

function tooLong({ room }: DataMessage): DataResult {
  return { ...refusal(room), result: -ENOSPC, length: null };
}

function refusal(room: number): DataResult {
  return {
    ...{ result: -EINVAL, output: null, completed: null, alternative: null },
    length: room,
  };
}

function answer(unpack: Unpack, { op, text, room }: DataMessage): DataResult {
  const refused = refusal(room);
  if (text.length === 0 || text.length > SCRATCH || room === 0) return refused;
  const most = Math.min(room, SCRATCH);
  if (op === 'decompress') {
    const unpacked = unpack(text, most);
    if (unpacked === null) return { ...refused, length: most };
    const { bytes } = unpacked;
    return { ...refused, result: 0, output: bytes, length: bytes.length };
  }
  const completed = (found: Uint8Array): Uint8Array => {
    const unpacked = unpack(found, text.length);
    const isRight =
      unpacked !== null && unpacked.used === found.length && equal(unpacked.bytes, text);
    return isRight ? found : NOTHING;
  };
  const isAmple = most >= text.length + (text.length >> 6) + OVERHEAD;
  return { ...refused, result: 0, completed, length: null, alternative: isAmple ? null : -EINVAL };
}

/** As the others, with the room that bytes take of which none stood there before; and nothing that no kernel survives. */
function draw842(prng: Prng): DataDraw {
  for (;;) {
    const draw = prng.oneIn(2) ? drawText(prng) : drawPacked(prng, pack842);
    if (draw.op === 'compress') return { ...draw, room: draw.room + (draw.room >> 3) };
    if (read842(materialise(draw.text), draw.room) !== 'stray') return draw;
  }
}

/** The one encoder whose streams are known byte for byte. A failure tells no length, for it is cleared first. */
function answer842({ op, text, room }: DataMessage): DataResult {
  const refused = refusal(room);
  if (text.length === 0 || text.length > SCRATCH || room === 0) return refused;
  const most = Math.min(room, SCRATCH);
  const isCompress = op === 'compress';
  const made = isCompress ? written842(text) : read842(text, most);
  if (made === 'stray') return { ...refused, length: 0 };
  if (typeof made === 'number') return { ...refused, result: made, length: 0 };
  const { length } = made;
  if (length <= most) return { ...refused, result: 0, output: made, length };
  // The decoder has not seen it; its driver has, and leaves the length.
  return { ...refused, result: -ENOSPC, length: isCompress ? 0 : length };
}

/** Parameters of zlib, also such as the kernel never compresses with. */
function options(prng: Prng) {
  return {
    level: prng.below(10),
    strategy: prng.below(5),
    memLevel: prng.between(1, 9),
    windowBits: prng.between(9, 15),
  };
}

/** Literals and copies as they come, and what `text` has not yet at the end. */
function packLz4(prng: Prng, text: Uint8Array): Uint8Array {
  const out: number[] = [];
  let at = 0;
  const sequence = (literals: number, copy: { len: number; distance: number } | null): void => {
    const more = copy === null ? 0 : copy.len - 4;
    out.push((Math.min(literals, 15) << 4) | Math.min(more, 15));
    out.push(...rest(literals), ...text.subarray(at, at + literals));
    at += literals;
    if (copy === null) return;
    out.push(copy.distance & 255, copy.distance >>> 8, ...rest(more));
    at += copy.len;
  };
  for (let tries = prng.below(200); tries > 0; tries--) {
    const literals = prng.below(prng.pick([2, 12, 40]));
    const start = at + literals;
    const distance = prng.between(1, start + 1);
    let len = 0;
    while (start + len < text.length - 5 && text[start + len] === text[start + len - distance])
      len++;
    if (len >= 4 && start <= text.length - 12) sequence(literals, { len, distance });
  }
  sequence(text.length - at, null);
  return Uint8Array.from(out);
}

/** What does not fit in four bits. */
function rest(len: number): number[] {
  if (len < 15) return [];
  return [...Array.from({ length: Math.floor((len - 15) / 255) }, () => 255), (len - 15) % 255];
}

/** Instructions of every kind that a text of that length allows; of both versions, which all readers take. */
function packLzo(prng: Prng, text: Uint8Array): Uint8Array {
  const isRle = prng.oneIn(2);
  const out = isRle ? [17, 1] : [];
  let at = 0;
  /** Byte of the last instruction that counts up to three literals; -1 at the start. */
  let short = -1;
  const literals = (count: number): void => {
    if (short < 0 && (count <= 3 || (count <= 238 && prng.oneIn(2)))) out.push(17 + count);
    else if (count <= 3) out[short] |= count;
    else out.push(...(count <= 18 ? [count - 3] : [0, ...zerosAnd(count - 18)]));
    out.push(...text.subarray(at, at + count));
    at += count;
  };
  const copy = (distance: number, len: number, behind: number): void => {
    const back = distance - 1;
    const isFar = len === 3 && behind > 3 && distance > 2048 && distance <= 3072;
    if (len === 2 || isFar) out.push((back & 3) << 2, (back - (isFar ? 2048 : 0)) >>> 2);
    else if (len <= 8 && distance <= 2048 && !prng.oneIn(3))
      out.push(((len - 1) << 5) | ((back & 7) << 2), back >>> 3);
    else {
      out.push(...(len <= 33 ? [32 | (len - 2)] : [32, ...zerosAnd(len - 33)]));
      out.push((back << 2) & 255, back >>> 6);
    }
    short = out.length - 2;
    at += len;
  };
  for (let tries = prng.below(300); tries > 0; tries--) {
    const count = (short < 0 ? 1 : 0) + prng.below(prng.pick([3, 12, 40, 300]));
    const start = at + count;
    const alike = (distance: number, most: number): number => {
      let len = 0;
      while (len < most && start + len < text.length && text[start + len] === from(distance, len))
        len++;
      return len;
    };
    const from = (distance: number, len: number): number =>
      distance === 0 ? 0 : text[start + len - distance];
    const zeros = isRle ? alike(0, 2051) : 0;
    const distance = prng.between(1, Math.max(1, start));
    const len = prng.between(0, alike(distance, prng.pick([3, 9, LONGEST])));
    if (zeros >= 4) {
      literals(count);
      short = out.length + 1;
      out.push(0x18 | ((zeros - 4) & 7), 0xfc, 0xff, (zeros - 4) >>> 3);
      at += zeros;
    } else if (len > 2 || (len === 2 && distance <= 1024 && count > 0 && count <= 3)) {
      literals(count);
      copy(distance, len, count);
    }
  }
  literals(text.length - at);
  return Uint8Array.from([...out, 0x11, 0, 0]);
}

/** A length in bytes of which each zero stands for 255. */
function zerosAnd(len: number): number[] {
  const zeros = Math.floor((len - 1) / 255);
  return [...Array.from({ length: zeros }, () => 0), len - 255 * zeros];
}

/** Windows of 8 to 128 KiB, as the byte of a header has them; no bit makes 2 GiB of one. */
const WINDOWS = [3, 4, 6, 7];
/** Lengths of the field that says how long a text is, by the bits that choose them. */
const SIZES = [0, 2, 4, 8];

/** Blocks of the library under a header of our own, with the checksum of the text: a changed bit is seen. */
function packZstd(prng: Prng, text: Uint8Array): Uint8Array {
  const frame = zstdCompress(text, text.length + (text.length >> 8) + OVERHEAD);
  if (typeof frame === 'number') throw new Error('a text that does not fit');
  // The library writes one segment, whose length takes a byte where another frame would not have it.
  const blocks = frame.subarray(5 + Math.max(1, SIZES[frame[4] >>> 6]));
  const [sized, named] = [prng.below(text.length < 256 ? 1 : 4), prng.below(4)];
  const windows = WINDOWS.filter((window) => 1024 << window >= text.length);
  const size = BigInt(text.length) - (sized === 1 ? 256n : 0n);
  return concat(
    frame.subarray(0, 4),
    Uint8Array.of((sized << 6) | 4 | named, (prng.pick(windows) << 3) | prng.below(8)),
    new Uint8Array([0, 1, 2, 4][named]),
    littleEndian(size, SIZES[sized]),
    blocks,
    xxhash64(NOTHING, text).subarray(0, 4),
  );
}

/** All of the input is one message. */
function whole(unpack: (bytes: Uint8Array, room: number) => Uint8Array | null): Unpack {
  return (message, room) => {
    const bytes = unpack(message, room);
    return bytes === null ? null : { bytes, used: message.length };
  };
}

/** Compressors. */
export const COMPRESSIONS: readonly DataRow[] = [
  {
    ...{ name: '842', kind: 'acomp', key: UNKEYED, leaks: [] },
    ...{ draw: draw842, answer: answer842, pack: pack842 },
  },
  compression('deflate', (prng, text) => deflateRawSync(text, options(prng)), inflateRaw),
  compression('lz4', packLz4, whole(unpackLz4)),
  compression('lz4hc', packLz4, whole(unpackLz4)),
  compression('lzo', packLzo, whole(unpackLzo)),
  compression('lzo-rle', packLzo, whole(unpackLzo)),
  compression('zlib-deflate', (prng, text) => deflateSync(text, options(prng)), inflateZlib),
  compression('zstd', packZstd, unpackZstd),
];
