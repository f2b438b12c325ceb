/**
 * Multiplication in GF(2^128), bit by bit, in the three ways in which the modes write its elements.
 * @module
 */

/** An element as four 32-bit words, the most significant first. */
type Words = Uint32Array;

function words(bytes: Uint8Array, littleEndian: boolean): Words {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const out = new Uint32Array(4);
  for (let i = 0; i < 4; i++)
    out[i] = view.getUint32(littleEndian ? 12 - 4 * i : 4 * i, littleEndian);
  return out;
}

function bytesOf(value: Words): Uint8Array {
  const out = new Uint8Array(16);
  const view = new DataView(out.buffer);
  for (let i = 0; i < 4; i++) view.setUint32(4 * i, value[i]);
  return out;
}

/** Times x where the most significant bit is the highest power: LRW and XTS. x^128 = x^7 + x^2 + x + 1. */
function doubleLeft(value: Words): void {
  const carry = value[0] >>> 31;
  for (let i = 0; i < 3; i++) value[i] = (value[i] << 1) | (value[i + 1] >>> 31);
  value[3] = (value[3] << 1) ^ (carry === 1 ? 0x87 : 0);
}

/** Times x where the first bit is the lowest power: GHASH. */
function doubleRight(value: Words): void {
  const carry = value[3] & 1;
  for (let i = 3; i > 0; i--) value[i] = (value[i] >>> 1) | (value[i - 1] << 31);
  value[0] = (value[0] >>> 1) ^ (carry === 1 ? 0xe1000000 : 0);
}

/** The sum of `power`, doubled again and again, over the bits of a factor in the given order. */
function multiply(
  factor: Words,
  power: Words,
  double: (value: Words) => void,
  bitAt: (step: number) => number,
): Uint8Array {
  const sum = new Uint32Array(4);
  for (let step = 0; step < 128; step++) {
    const bit = bitAt(step);
    if (((factor[bit >> 5] >>> (31 - (bit & 31))) & 1) === 1) {
      for (let i = 0; i < 4; i++) sum[i] ^= power[i];
    }
    double(power);
  }
  return bytesOf(sum);
}

/** The product as GHASH writes it: bit 0 of byte 0, its highest, is the constant term. SP 800-38D, 6.3 */
export function multiplyGhash(x: Uint8Array, y: Uint8Array): Uint8Array {
  return multiply(words(x, false), words(y, false), doubleRight, (step) => step);
}

/** An element times x as GHASH writes it. */
export function timesXGhash(x: Uint8Array): Uint8Array {
  const value = words(x, false);
  doubleRight(value);
  return bytesOf(value);
}

/** The product of two big-endian numbers: LRW. */
export function multiplyBig(x: Uint8Array, y: Uint8Array): Uint8Array {
  return multiply(words(x, false), words(y, false), doubleLeft, (step) => 127 - step);
}

/** A little-endian number times x: XTS. IEEE 1619-2018, 5.2 */
export function doubleLittle(x: Uint8Array): Uint8Array {
  const value = words(x, true);
  doubleLeft(value);
  return bytesOf(value).reverse();
}

/** A big-endian number times x: CMAC. With blocks of 8 bytes x^64 = x^4 + x^3 + x + 1. SP 800-38B, 5.3 */
export function doubleBig(x: Uint8Array): Uint8Array {
  const out = x.map((byte, i) => (byte << 1) | ((x[i + 1] ?? 0) >>> 7));
  if (x[0] >= 0x80) out[x.length - 1] ^= x.length === 8 ? 0x1b : 0x87;
  return out;
}
