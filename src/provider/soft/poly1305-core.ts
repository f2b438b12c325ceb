/**
 * Evaluation of polynomials modulo 2^130 - 5, the common part of Poly1305 and NHPoly1305.
 *
 * Six limbs of 22 bits in doubles: a product of limbs times 20 (2^132 = 20) summed six times stays
 * below 2^52, so no step rounds. Source: RFC 8439, 2.5; lib/crypto/poly1305.c for the split.
 * @module
 */
import { load32 } from './scratch.ts';

const LIMB = 0x3fffff;
const SHIFT = 0x400000;
const UNSHIFT = 1 / SHIFT;
const PRIME = (1n << 130n) - 5n;
const MASK22 = (1n << 22n) - 1n;
const MASK44 = (1n << 44n) - 1n;

/** The point of evaluation, and the value so far. */
export interface Polynomial {
  readonly r: Float64Array;
  readonly h: Float64Array;
}

/** Starts at 0. The first 16 bytes of `key`, clamped, are the point. */
export function polynomial(key: Uint8Array): Polynomial {
  const r = new Float64Array(6);
  const t0 = load32(key, 0) & 0x0fffffff;
  const t1 = load32(key, 4) & 0x0ffffffc;
  const t2 = load32(key, 8) & 0x0ffffffc;
  const t3 = load32(key, 12) & 0x0ffffffc;
  r[0] = t0 & LIMB;
  r[1] = ((t0 >>> 22) | (t1 << 10)) & LIMB;
  r[2] = ((t1 >>> 12) | (t2 << 20)) & LIMB;
  r[3] = (t2 >>> 2) & LIMB;
  r[4] = ((t2 >>> 24) | (t3 << 8)) & LIMB;
  r[5] = t3 >>> 14;
  return { r, h: new Float64Array(6) };
}

export function clonePolynomial(from: Polynomial): Polynomial {
  return { r: from.r, h: from.h.slice() };
}

/** h = (h + block) * r for every 16-byte block; `top` is the coefficient 2^128 of each block. */
export function polynomialBlocks(poly: Polynomial, blocks: Uint8Array, top: 0 | 1): void {
  const { h } = poly;
  const [r0, r1, r2, r3, r4, r5] = poly.r;
  const s1 = 20 * r1;
  const s2 = 20 * r2;
  const s3 = 20 * r3;
  const s4 = 20 * r4;
  const s5 = 20 * r5;
  let [h0, h1, h2, h3, h4, h5] = h;
  for (let off = 0; off < blocks.length; off += 16) {
    const t0 = load32(blocks, off);
    const t1 = load32(blocks, off + 4);
    const t2 = load32(blocks, off + 8);
    const t3 = load32(blocks, off + 12);
    h0 += t0 & LIMB;
    h1 += ((t0 >>> 22) | (t1 << 10)) & LIMB;
    h2 += ((t1 >>> 12) | (t2 << 20)) & LIMB;
    h3 += (t2 >>> 2) & LIMB;
    h4 += ((t2 >>> 24) | (t3 << 8)) & LIMB;
    h5 += (t3 >>> 14) + top * 0x40000;
    let d0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
    let d1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
    let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
    let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
    let d4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
    let d5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
    let carry = Math.floor(d0 * UNSHIFT);
    d0 -= carry * SHIFT;
    d1 += carry;
    carry = Math.floor(d1 * UNSHIFT);
    h1 = d1 - carry * SHIFT;
    d2 += carry;
    carry = Math.floor(d2 * UNSHIFT);
    h2 = d2 - carry * SHIFT;
    d3 += carry;
    carry = Math.floor(d3 * UNSHIFT);
    h3 = d3 - carry * SHIFT;
    d4 += carry;
    carry = Math.floor(d4 * UNSHIFT);
    h4 = d4 - carry * SHIFT;
    d5 += carry;
    carry = Math.floor(d5 * UNSHIFT);
    h5 = d5 - carry * SHIFT;
    d0 += 20 * carry;
    carry = Math.floor(d0 * UNSHIFT);
    h0 = d0 - carry * SHIFT;
    h1 += carry;
  }
  h[0] = h0;
  h[1] = h1;
  h[2] = h2;
  h[3] = h3;
  h[4] = h4;
  h[5] = h5;
}

/** Writes (value mod 2^130 - 5) + `addend` modulo 2^128, little-endian. Once per message: 1 us. */
export function polynomialEmit(poly: Polynomial, addend: bigint, out: Uint8Array): void {
  const value = numberOf(poly.h) + addend;
  const view = new DataView(out.buffer, out.byteOffset, 16);
  view.setBigUint64(0, BigInt.asUintN(64, value), true);
  view.setBigUint64(8, BigInt.asUintN(64, value >> 64n), true);
}

/**
 * Writes a number of six limbs, reduced, as the three limbs of 44, 44 and 42 bits that a 64-bit kernel
 * keeps (`h64`, `r64`). A kernel may hold the same number without the last reduction.
 */
export function storePolynomial(limbs: Float64Array, view: DataView, at: number): void {
  const value = numberOf(limbs);
  view.setBigUint64(at, value & MASK44, true);
  view.setBigUint64(at + 8, (value >> 44n) & MASK44, true);
  view.setBigUint64(at + 16, value >> 88n, true);
}

/** The inverse; also takes limbs with more bits than they should have. */
export function loadPolynomial(view: DataView, at: number): Float64Array {
  let value = 0n;
  for (let i = 2; i >= 0; i--) value = (value << 44n) + view.getBigUint64(at + 8 * i, true);
  value %= PRIME;
  return Float64Array.from({ length: 6 }, (_, i) => Number((value >> BigInt(22 * i)) & MASK22));
}

/** The number modulo 2^130 - 5. */
function numberOf(limbs: Float64Array): bigint {
  let value = 0n;
  for (let i = 5; i >= 0; i--) value = (value << 22n) + BigInt(limbs[i]);
  return value % PRIME;
}
