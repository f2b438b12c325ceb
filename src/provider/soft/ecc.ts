/**
 * Points of the curves that signatures are verified on, as numbers.
 * Source: FIPS 186-4, D.1.2; GB/T 32918.5, 2
 * @module
 */
import { Kept } from '../../kept.ts';

/** y^2 = x^3 - 3x + b over the numbers below `p`; `n` is the order of the base point. */
export interface EccCurve {
  readonly p: bigint;
  readonly b: bigint;
  readonly n: bigint;
  readonly g: EccPoint;
  /** Bytes of a coordinate. */
  readonly size: number;
}

/** Both coordinates. */
export type EccPoint = readonly [x: bigint, y: bigint];

/** x = X / Z^2, y = Y / Z^3; Z is 0 for the point at infinity. */
type Jacobian = readonly [x: bigint, y: bigint, z: bigint];

const INFINITY: Jacobian = [1n, 1n, 0n];

/** The curves, by the kernel's names. @kernel nist_p192, nist_p256, nist_p384, sm2_ecp */
export const ECC_CURVES: Readonly<
  Record<'nist-p192' | 'nist-p256' | 'nist-p384' | 'sm2', EccCurve>
> = {
  'nist-p192': {
    p: 0xfffffffffffffffffffffffffffffffeffffffffffffffffn,
    b: 0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1n,
    n: 0xffffffffffffffffffffffff99def836146bc9b1b4d22831n,
    g: [
      0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012n,
      0x07192b95ffc8da78631011ed6b24cdd573f977a11e794811n,
    ],
    size: 24,
  },
  'nist-p256': {
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    b: 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: [
      0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    ],
    size: 32,
  },
  'nist-p384': {
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    b: 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: [
      0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    ],
    size: 48,
  },
  sm2: {
    p: 0xfffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffffn,
    b: 0x28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93n,
    n: 0xfffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123n,
    g: [
      0x32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7n,
      0xbc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0n,
    ],
    size: 32,
  },
};

/** True for a point of the curve. @kernel ecc_is_pubkey_valid_partial */
export function eccIsOnCurve({ p, b }: EccCurve, [x, y]: EccPoint): boolean {
  if ((x === 0n && y === 0n) || x >= p || y >= p) return false;
  return (y * y - (x * x - 3n) * x - b) % p === 0n;
}

const sums = new Kept<bigint | null>();

/**
 * The x of u1 times the base point and u2 times another; null for the point at infinity. The two products are
 * made one by one: a point beside the curve is on another curve, whose points only the last step mixes.
 * @kernel ecc_point_mult_shamir
 */
export function eccSum(curve: EccCurve, u1: bigint, u2: bigint, q: EccPoint): bigint | null {
  return sums.of([curve, u1, u2, ...q], () => {
    const { p } = curve;
    const [x, , z] = add(p, timesBase(curve, u1), times(p, u2, q));
    const inverse = z === 0n ? null : modInverse(z, p);
    return inverse === null ? null : (x * inverse * inverse) % p;
  });
}

/** The number whose product with `value` is 1, modulo a prime. */
export function modInverse(value: bigint, prime: bigint): bigint {
  let [a, b] = [value % prime, prime];
  let [x, y] = [1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b] = [b, a - quotient * b];
    [x, y] = [y, x - quotient * y];
  }
  return x < 0n ? x + prime : x;
}

/** Bits of a scalar that are taken at once. */
const WINDOW = 4;
const DIGITS = 1 << WINDOW;

function times(p: bigint, scalar: bigint, [x, y]: EccPoint): Jacobian {
  const point: Jacobian = [x, y, 1n];
  const multiples = [INFINITY, point];
  while (multiples.length < DIGITS) multiples.push(add(p, multiples[multiples.length - 1], point));
  let sum = INFINITY;
  for (const digit of scalar.toString(DIGITS)) {
    for (let i = 0; i < WINDOW; i++) sum = double(p, sum);
    sum = add(p, sum, multiples[Number.parseInt(digit, DIGITS)]);
  }
  return sum;
}

/** Bits of a scalar, equally far apart, that are taken at once of the base point. */
const ROWS = 6;

/** For each curve the sums of g * 2^(distance * row) over the rows whose bit is set in the index. */
const sumsOfRows = new Map<EccCurve, readonly Jacobian[]>();

function rowsOf(curve: EccCurve, distance: number): readonly Jacobian[] {
  const known = sumsOfRows.get(curve);
  if (known !== undefined) return known;
  const { p, g } = curve;
  const all: Jacobian[] = [INFINITY];
  let point: Jacobian = [...g, 1n];
  for (let row = 0; row < ROWS; row++) {
    const added = point;
    all.push(...all.map((sum) => add(p, sum, added)));
    for (let i = 0; i < distance; i++) point = double(p, point);
  }
  sumsOfRows.set(curve, all);
  return all;
}

/** The same of the base point, with a sixth of the doublings. */
function timesBase(curve: EccCurve, scalar: bigint): Jacobian {
  const { p, size, g } = curve;
  if (scalar >> BigInt(8 * size) !== 0n) return times(p, scalar, g);
  const distance = Math.ceil((8 * size) / ROWS);
  const rows = rowsOf(curve, distance);
  const bits = scalar.toString(2).padStart(ROWS * distance, '0');
  let sum = INFINITY;
  for (let column = 0; column < distance; column++) {
    let index = 0;
    for (let at = column; at < bits.length; at += distance) index = 2 * index + Number(bits[at]);
    sum = add(p, double(p, sum), rows[index]);
  }
  return sum;
}

function double(p: bigint, [x, y, z]: Jacobian): Jacobian {
  if (z === 0n) return INFINITY;
  const zz = (z * z) % p;
  const yy = (y * y) % p;
  const slope = (3n * (x + zz) * (x - zz)) % p;
  const quarter = (4n * x * yy) % p;
  const x3 = mod(slope * slope - 2n * quarter, p);
  return [x3, mod(slope * (quarter - x3) - 8n * yy * yy, p), (2n * y * z) % p];
}

function add(p: bigint, one: Jacobian, other: Jacobian): Jacobian {
  const [x1, y1, z1] = one;
  const [x2, y2, z2] = other;
  if (z1 === 0n) return other;
  if (z2 === 0n) return one;
  const zz1 = (z1 * z1) % p;
  const zz2 = (z2 * z2) % p;
  const u = (x1 * zz2) % p;
  const s = (y1 * zz2 * z2) % p;
  const run = mod(x2 * zz1 - u, p);
  const rise = mod(y2 * zz1 * z1 - s, p);
  if (run === 0n) return rise === 0n ? double(p, one) : INFINITY;
  const square = (run * run) % p;
  const cube = (square * run) % p;
  const shared = u * square;
  const x3 = mod(rise * rise - cube - 2n * shared, p);
  return [x3, mod(rise * (shared - x3) - s * cube, p), (z1 * z2 * run) % p];
}

function mod(value: bigint, p: bigint): bigint {
  const rest = value % p;
  return rest < 0n ? rest + p : rest;
}
