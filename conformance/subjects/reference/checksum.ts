/**
 * Checksums and hashes that are no MACs and that OpenSSL does not have, on flat bytes.
 * @module
 */
import { littleEndian, toNumber } from './bytes.ts';

/** A reflected CRC, bit by bit, without inversions. @param bits of the polynomial and of the result */
function reflected(poly: bigint, start: bigint, text: Uint8Array): bigint {
  const [polyLow, polyHigh] = halves(poly);
  let [low, high] = halves(start);
  for (const byte of text) {
    low ^= byte;
    for (let i = 0; i < 8; i++) {
      const out = low & 1;
      low = ((low >>> 1) | (high << 31)) ^ (out === 1 ? polyLow : 0);
      high = (high >>> 1) ^ (out === 1 ? polyHigh : 0);
    }
  }
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The low and the high 32 bits of a number of 64. */
function halves(value: bigint): [low: number, high: number] {
  return [Number(value & 0xffffffffn), Number(value >> 32n)];
}

/** @param key the value to go on from, 4 bytes, or nothing for 0. C: crypto/crc32_generic.c */
export function crc32(key: Uint8Array, text: Uint8Array): Uint8Array {
  return littleEndian(reflected(0xedb88320n, toNumber(key), text), 4);
}

/** @param key the value to go on from, 4 bytes, or nothing for all ones. Inverted. C: crypto/crc32c_generic.c */
export function crc32c(key: Uint8Array, text: Uint8Array): Uint8Array {
  const start = key.length === 0 ? 0xffffffffn : toNumber(key);
  return littleEndian(reflected(0x82f63b78n, start, text) ^ 0xffffffffn, 4);
}

/** NVM Express 1.4, 5.2.1.3.4; begins with 0, which is inverted before and behind. */
export function crc64Rocksoft(_key: Uint8Array, text: Uint8Array): Uint8Array {
  const ones = 0xffffffffffffffffn;
  return littleEndian(reflected(0x9a6c9329ac4bc9b5n, ones, text) ^ ones, 8);
}

/** T10 DIF: most significant bit first, the digest as a little-endian number. */
export function crct10dif(_key: Uint8Array, text: Uint8Array): Uint8Array {
  let crc = 0;
  for (const byte of text) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = (crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x18bb7);
  }
  return littleEndian(BigInt(crc), 2);
}

const U64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate64 = (value: bigint, by: number): bigint =>
  U64((value << BigInt(by)) | (value >> BigInt(64 - by)));

const [P1, P2, P3, P4, P5] = [
  0x9e3779b185ebca87n,
  0xc2b2ae3d27d4eb4fn,
  0x165667b19e3779f9n,
  0x85ebca77c2b2ae63n,
  0x27d4eb2f165667c5n,
];

/** @param key the seed, 8 bytes, or nothing. xxHash specification 0.1.1, XXH64 */
export function xxhash64(key: Uint8Array, text: Uint8Array): Uint8Array {
  const seed = toNumber(key);
  const round = (lane: bigint, input: bigint): bigint =>
    U64(rotate64(U64(lane + input * P2), 31) * P1);
  const at = (from: number, size: number): bigint => toNumber(text.subarray(from, from + size));
  const whole = text.length - (text.length % 32);
  let hash = U64(seed + P5);
  if (whole > 0) {
    const lanes = [seed + P1 + P2, seed + P2, seed, seed - P1].map((start, i) => {
      let lane = U64(start);
      for (let from = 8 * i; from < whole; from += 32) lane = round(lane, at(from, 8));
      return lane;
    });
    hash = U64(lanes.reduce((sum, lane, i) => sum + rotate64(lane, [1, 7, 12, 18][i]), 0n));
    for (const lane of lanes) hash = U64((hash ^ round(0n, lane)) * P1 + P4);
  }
  hash = U64(hash + BigInt(text.length));
  let from = whole;
  for (; from + 8 <= text.length; from += 8) {
    hash = U64(rotate64(hash ^ round(0n, at(from, 8)), 27) * P1 + P4);
  }
  for (; from + 4 <= text.length; from += 4) {
    hash = U64(rotate64(hash ^ U64(at(from, 4) * P1), 23) * P2 + P3);
  }
  for (; from < text.length; from++) hash = U64(rotate64(hash ^ U64(at(from, 1) * P5), 11) * P1);
  hash = U64((hash ^ (hash >> 33n)) * P2);
  hash = U64((hash ^ (hash >> 29n)) * P3);
  return littleEndian(hash ^ (hash >> 32n), 8);
}

/** The order and the shifts of the three rounds, and what each adds. RFC 1320, 3.4 */
const MD4_ROUNDS = [
  {
    order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    shifts: [3, 7, 11, 19],
    add: 0,
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
  },
  {
    order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
    shifts: [3, 5, 9, 13],
    add: 0x5a827999,
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
  },
  {
    order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
    shifts: [3, 9, 11, 15],
    add: 0x6ed9eba1,
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
  },
] as const;

/** RFC 1320 */
export function md4(text: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((text.length + 9) / 64) * 64);
  padded.set(text);
  padded[text.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(8 * text.length), true);
  let state = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state;
    for (const { order, shifts, add, mix } of MD4_ROUNDS) {
      for (let i = 0; i < 16; i++) {
        const sum = (a + mix(b, c, d) + view.getUint32(block + 4 * order[i], true) + add) | 0;
        const shift = shifts[i % 4];
        [a, d, c, b] = [d, c, b, (sum << shift) | (sum >>> (32 - shift))];
      }
    }
    state = [a, b, c, d].map((word, i) => (word + state[i]) | 0);
  }
  return Uint8Array.from(state.flatMap((word) => [...littleEndian(BigInt(word >>> 0), 4)]));
}

/** Michael of TKIP. IEEE 802.11-2012, 11.4.2.3 */
export function michael(key: Uint8Array, text: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((text.length + 5) / 4) * 4);
  padded.set(text);
  padded[text.length] = 0x5a;
  const view = new DataView(padded.buffer);
  const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
  const swap = (word: number): number => ((word & 0xff00ff00) >>> 8) | ((word & 0x00ff00ff) << 8);
  let [left, right] = [0, 4].map((at) => Number(toNumber(key.subarray(at, at + 4))));
  for (let at = 0; at < padded.length; at += 4) {
    left ^= view.getUint32(at, true);
    right ^= rotate(left, 17);
    left = (left + right) | 0;
    right ^= swap(left);
    left = (left + right) | 0;
    right ^= rotate(left, 3);
    left = (left + right) | 0;
    right ^= rotate(left, 30);
    left = (left + right) | 0;
  }
  return Uint8Array.from([left, right].flatMap((word) => [...littleEndian(BigInt(word >>> 0), 4)]));
}
