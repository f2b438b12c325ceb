/**
 * Points of curves, as their definitions have them: what two parties have in common.
 * Source: FIPS 186-4, D.1.2; RFC 7748, 5
 * @module
 */
import { littleEndian } from './bytes.ts';
import { bytesOf, numberOf, power } from './powers.ts';

/** y^2 = x^3 - 3x + b over the numbers below `p`. */
export interface Curve {
  readonly p: bigint;
  readonly b: bigint;
  readonly order: bigint;
  readonly base: readonly [x: bigint, y: bigint];
  /** Bytes of a coordinate. */
  readonly size: number;
}

/** X and Y by the second and third power of Z; Z is zero for the point at infinity. */
type Point = readonly [x: bigint, y: bigint, z: bigint];

const INFINITY: Point = [1n, 1n, 0n];

export const P192: Curve = {
  p: 2n ** 192n - 2n ** 64n - 1n,
  b: 0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1n,
  order: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
  base: [
    0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012n,
    0x07192b95ffc8da78631011ed6b24cdd573f977a11e794811n,
  ],
  size: 24,
};

export const P256: Curve = {
  p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  base: [
    0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  ],
  size: 32,
};

export const P384: Curve = {
  p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  order:
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  base: [
    0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  ],
  size: 48,
};

/** GB/T 32918.5, 2. */
export const SM2: Curve = {
  p: 2n ** 256n - 2n ** 224n - 2n ** 96n + 2n ** 64n - 1n,
  b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
  order: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
  base: [
    0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
    0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
  ],
  size: 32,
};

/** Both coordinates, one behind the other. @returns null where they are of no point of the curve. */
export function pointOf(curve: Curve, bytes: Uint8Array): readonly [bigint, bigint] | null {
  const { p, b, size } = curve;
  if (bytes.length !== 2 * size) return null;
  const [x, y] = [numberOf(bytes.subarray(0, size)), numberOf(bytes.subarray(size))];
  if (x >= p || y >= p || (x === 0n && y === 0n)) return null;
  return modulo(y * y - x * x * x + 3n * x - b, p) === 0n ? [x, y] : null;
}

/** `scalar` times a point, which must not be the point at infinity. */
export function multiply(
  curve: Curve,
  scalar: bigint,
  point: readonly [bigint, bigint],
): readonly [bigint, bigint] {
  return affine(curve, product(curve, scalar, point));
}

/** The x of `u` times the base point and `v` times another; null for the point at infinity. */
export function sumOfProducts(
  curve: Curve,
  u: bigint,
  v: bigint,
  point: readonly [bigint, bigint],
): bigint | null {
  const sum = add(curve.p, product(curve, u, curve.base), product(curve, v, point));
  return sum[2] === 0n ? null : affine(curve, sum)[0];
}

/** Multiples of the base point that are added at once. */
const TEETH = 6;

/** Sums of the base point's multiples by 2^(i * `spacing`), for each set of TEETH numbers i. */
interface Comb {
  readonly spacing: number;
  readonly sums: readonly Point[];
}

const combs = new Map<Curve, Comb>();

function combOf(curve: Curve): Comb {
  const known = combs.get(curve);
  if (known !== undefined) return known;
  const { p, size, base } = curve;
  const spacing = Math.ceil((8 * size) / TEETH);
  const sums: Point[] = [INFINITY];
  let tooth: Point = [...base, 1n];
  for (let i = 0; i < TEETH; i++) {
    for (const sum of sums.slice()) sums.push(add(p, sum, tooth));
    for (let k = 0; k < spacing; k++) tooth = double(p, tooth);
  }
  const comb = { spacing, sums };
  combs.set(curve, comb);
  return comb;
}

/** `scalar`, which has no more bits than a coordinate, times the base point. */
function baseProduct(curve: Curve, scalar: bigint): Point {
  const { p } = curve;
  const { spacing, sums } = combOf(curve);
  const bits = scalar.toString(2).padStart(TEETH * spacing, '0');
  let sum = INFINITY;
  for (let at = 0; at < spacing; at++) {
    let which = 0;
    for (let i = 0; i < TEETH; i++) which = 2 * which + Number(bits[i * spacing + at]);
    sum = add(p, double(p, sum), sums[which]);
  }
  return sum;
}

/** Digit by digit of 4 bits. */
function product(curve: Curve, scalar: bigint, [x, y]: readonly [bigint, bigint]): Point {
  const { p, size, base } = curve;
  if (x === base[0] && y === base[1] && scalar >> BigInt(8 * size) === 0n) {
    return baseProduct(curve, scalar);
  }
  const point: Point = [x, y, 1n];
  const multiples = [INFINITY, point];
  while (multiples.length < 16) multiples.push(add(p, multiples[multiples.length - 1], point));
  let sum = INFINITY;
  for (const digit of scalar.toString(16)) {
    for (let i = 0; i < 4; i++) sum = double(p, sum);
    sum = add(p, sum, multiples[Number.parseInt(digit, 16)]);
  }
  return sum;
}

function affine({ p }: Curve, [x, y, z]: Point): readonly [bigint, bigint] {
  const inverse = power(z, p - 2n, p);
  const square = (inverse * inverse) % p;
  return [(x * square) % p, (y * square * inverse) % p];
}

function double(p: bigint, [x, y, z]: Point): Point {
  const [ySquare, zSquare] = [(y * y) % p, (z * z) % p];
  const s = (4n * x * ySquare) % p;
  // The coefficient of x is -3.
  const m = (3n * (x - zSquare) * (x + zSquare)) % p;
  const x2 = modulo(m * m - 2n * s, p);
  return [x2, modulo(m * (s - x2) - 8n * ySquare * ySquare, p), (2n * y * z) % p];
}

function add(p: bigint, a: Point, b: Point): Point {
  if (a[2] === 0n) return b;
  if (b[2] === 0n) return a;
  const [za, zb] = [(a[2] * a[2]) % p, (b[2] * b[2]) % p];
  const [ua, ub] = [(a[0] * zb) % p, (b[0] * za) % p];
  const [sa, sb] = [(a[1] * zb * b[2]) % p, (b[1] * za * a[2]) % p];
  const h = modulo(ub - ua, p);
  const r = modulo(sb - sa, p);
  if (h === 0n) return r === 0n ? double(p, a) : INFINITY;
  const h2 = (h * h) % p;
  const h3 = (h2 * h) % p;
  const x = modulo(r * r - h3 - 2n * ua * h2, p);
  return [x, modulo(r * (ua * h2 - x) - sa * h3, p), (h * a[2] * b[2]) % p];
}

function modulo(value: bigint, p: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}

const P25519 = 2n ** 255n - 19n;
const A24 = 121665n;

/** The function of that name, on 32 bytes each. */
export function x25519(secret: Uint8Array, point: Uint8Array): Uint8Array {
  const scalar = secret.slice();
  scalar[0] &= 248;
  scalar[31] = (scalar[31] & 127) | 64;
  const k = numberOf(scalar.reverse());
  const x1 = numberOf(point.slice().reverse()) % 2n ** 255n;
  let [x2, z2, x3, z3] = [1n, 0n, x1, 1n];
  for (let t = 254n; t >= 0n; t--) {
    const swap = ((k >> t) & 1n) === 1n;
    if (swap) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    const [a, b, c, d] = [x2 + z2, x2 - z2, x3 + z3, x3 - z3];
    const [aa, bb, da, cb] = [a * a, b * b, d * a, c * b];
    const e = (aa - bb) % P25519;
    const [sum, difference] = [(da + cb) % P25519, (da - cb) % P25519];
    x3 = (sum * sum) % P25519;
    z3 = (x1 * ((difference * difference) % P25519)) % P25519;
    x2 = (aa * bb) % P25519;
    z2 = modulo(e * (aa + A24 * e), P25519);
    if (swap) [x2, z2, x3, z3] = [x3, z3, x2, z2];
  }
  return littleEndian((x2 * power(z2, P25519 - 2n, P25519)) % P25519, 32);
}

/** Both coordinates, one behind the other. */
export function pointBytes({ size }: Curve, [x, y]: readonly [bigint, bigint]): Uint8Array {
  const out = new Uint8Array(2 * size);
  out.set(bytesOf(x, size) ?? [], 0);
  out.set(bytesOf(y, size) ?? [], size);
  return out;
}
