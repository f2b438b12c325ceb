/**
 * The rows of key agreement: numbers (Diffie-Hellman), points of the curves of NIST, and Curve25519.
 * @module
 */
import { getDiffieHellman } from 'node:crypto';
import { EAGAIN, EFAULT, EINVAL, EOVERFLOW } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { type Bytes, materialise } from '../case/case.ts';
import type { DataResult } from '../judge/observe.ts';
import { concat, littleEndian, NOTHING } from '../subjects/reference/bytes.ts';
import {
  type Curve,
  multiply,
  P192,
  P256,
  P384,
  pointBytes,
  pointOf,
  x25519,
} from '../subjects/reference/curves.ts';
import { bytesOf, numberOf, power } from '../subjects/reference/powers.ts';
import { randomBytes, toHex } from './keys.ts';
import type { DataDraw, DataMessage, DataRow, KeyRule } from './row.ts';

/** struct kpp_secret: what is packed. */
const DH = 1;
const ECDH = 2;
const HEAD = 4;
/** Shortest prime that is taken, bytes; the group of that size is the one of RFC 3526, 2. */
const PRIME_MIN = 192;
const GROUP = 'modp5';
const RARELY = 24;

function packed(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(word(type, 2), word(HEAD + body.length, 2), body);
}

function word(value: number, size: number): Uint8Array {
  return littleEndian(BigInt(value), size);
}

/** @returns what is packed, or null where the head is of another type or length. */
function unpacked(secret: Uint8Array, type: number): Uint8Array | null {
  if (secret.length < HEAD || fieldAt(secret, 0, 2) !== type) return null;
  return fieldAt(secret, 2, 2) === secret.length ? secret.subarray(HEAD) : null;
}

function fieldAt(bytes: Uint8Array, at: number, size: number): number {
  return Number(numberOf(bytes.slice(at, at + size).reverse()));
}

/** The key, and with that a request tells nothing but the room that it was given. */
function told(result: number, room: number, output: Uint8Array | null = null): DataResult {
  return { result, output, completed: null, length: room, alternative: null };
}

function drawn(prng: Prng, len: number): Uint8Array {
  return materialise(randomBytes(prng, len));
}

/** One of both operations, with the other's public key for the second. */
function request(prng: Prng, size: number, peer: () => Uint8Array): DataDraw {
  const op = prng.oneIn(2) ? 'generate' : 'agree';
  const room = prng.oneIn(4) ? prng.below(size + 40) : size;
  return { op, text: op === 'agree' ? toHex(peer()) : '', tag: null, room };
}

/** Prime, base and exponent. */
interface Group {
  readonly p: bigint;
  readonly g: bigint;
  readonly x: bigint;
  readonly size: number;
}

function groupOf(secret: Uint8Array): Group | null {
  const body = unpacked(secret, DH);
  if (body === null || body.length < 12) return null;
  const [x, p, g] = [0, 4, 8].map((at) => fieldAt(body, at, 4));
  if (body.length !== 12 + x + p + g || p < PRIME_MIN || x > p || g > p) return null;
  const numbers = body.subarray(12);
  const prime = numberOf(numbers.subarray(x, x + p));
  if (prime === 0n) return null;
  const base = numberOf(numbers.subarray(x + p));
  // A number takes whole words.
  let size = 0;
  while (prime >> BigInt(8 * size) > 0n) size += 8;
  return { p: prime, g: base, x: numberOf(numbers.subarray(0, x)), size };
}

function powerOf(base: bigint, { p, x }: Pick<Group, 'p' | 'x'>, room: number): DataResult {
  const result = bytesOf(power(base, x, p), room);
  return result === null ? told(-EOVERFLOW, room) : told(0, room, result);
}

const DH_KEY: KeyRule = {
  check: (secret) => (groupOf(secret) === null ? -EINVAL : 0),
  draw: (prng) => {
    const group = getDiffieHellman(GROUP);
    const short = prng.oneIn(RARELY) ? 1 : 0;
    const p = group.getPrime().subarray(short);
    // Long exponents cost time and show nothing.
    const x = drawn(prng, prng.between(1, 12));
    const g = prng.oneIn(3) ? drawn(prng, prng.between(1, 24)) : group.getGenerator();
    const sizes = [x, p, g].map(({ length }) => word(length, 4));
    const secret = packed(DH, ...sizes, x, p, g);
    return toHex(prng.oneIn(RARELY) ? secret.subarray(0, secret.length - 1) : secret);
  },
  optional: true,
};

function dh(): DataRow {
  return {
    ...{ name: 'dh', kind: 'kpp', key: DH_KEY, leaks: [], numbers: true },
    draw: (prng) =>
      request(prng, PRIME_MIN, () => {
        const small = prng.oneIn(8) ? prng.below(3) : prng.below(PRIME_MIN + 9);
        return prng.oneIn(2) ? drawn(prng, PRIME_MIN) : drawn(prng, small);
      }),
    answer: ({ op, key, text, room }) => {
      const group = key === null ? null : groupOf(key);
      if (group === null) return told(-EINVAL, room);
      const base = op === 'agree' ? numberOf(text) : group.g;
      if (op === 'agree' && (base <= 1n || base >= group.p)) return told(-EINVAL, room);
      return powerOf(base, group, room);
    },
  };
}

/** Name, bytes of the prime, and what RFC 7919 adds to the digits of e. */
const SAFE_PRIMES: readonly (readonly [name: string, size: number, more: bigint])[] = [
  ['ffdhe2048(dh)', 256, 560316n],
  ['ffdhe3072(dh)', 384, 2625351n],
  ['ffdhe4096(dh)', 512, 5736041n],
  ['ffdhe6144(dh)', 768, 15705020n],
  ['ffdhe8192(dh)', 1024, 10965728n],
];

/** The digits of e, by its continued fraction 2; 1, 2, 1, 1, 4, 1, 1, 6, .. Source: RFC 7919, A */
function safePrime(size: number, more: bigint): bigint {
  const bits = BigInt(8 * size);
  let [p, q, before, under] = [2n, 1n, 1n, 0n];
  for (let i = 1n; q >> (bits / 2n) === 0n; i++) {
    const digit = i % 3n === 2n ? (2n * (i + 1n)) / 3n : 1n;
    [p, before] = [digit * p + before, p];
    [q, under] = [digit * q + under, q];
  }
  const digits = (p << (bits - 130n)) / q;
  return (1n << bits) - (1n << (bits - 64n)) + ((digits + more) << 64n) - 1n;
}

/** The key of a secret that has neither prime nor base; empty where it is to be made up. */
function exponentOf(secret: Uint8Array, size: number): Uint8Array | null {
  const body = unpacked(secret, DH);
  if (body === null || body.length < 12) return null;
  const [x, p, g] = [0, 4, 8].map((at) => fieldAt(body, at, 4));
  return p !== 0 || g !== 0 || body.length !== 12 + x || x > size ? null : body.subarray(12);
}

/** Bytes of a drawn exponent at most. A longer one shows nothing, and longer primes make it dearer. */
function mostExponent(size: number): number {
  return Math.max(2, Math.floor((12 * 256) / size));
}

function safePrimeKey(size: number): KeyRule {
  return {
    check: (secret) => (exponentOf(secret, size) === null ? -EINVAL : 0),
    draw: (prng) => {
      const most = mostExponent(size);
      const len = prng.oneIn(RARELY) ? prng.pick([0, size, size + 1]) : prng.between(1, most);
      // A power of 8,192 bits takes more than a second: long keys are short ones behind zeros.
      const x = drawn(prng, len).fill(0, 0, Math.max(0, len - most));
      const more = prng.oneIn(RARELY) ? 1 : 0;
      const sizes = [word(len, 4), word(0, 4), word(more, 4)];
      const secret = packed(DH, ...sizes, x, new Uint8Array(more));
      return toHex(prng.oneIn(RARELY) ? secret.subarray(0, secret.length - 1) : secret);
    },
    optional: true,
  };
}

/**
 * What Diffie-Hellman makes of a public key that it has not looked at, which kernels of later series do
 * outside of FIPS mode. @returns null where it is no such agreement, or the exponent was made up.
 */
export function agreedUnchecked(
  name: string,
  key: Uint8Array,
  peer: Uint8Array,
  room: number,
): DataResult | null {
  const safe = SAFE_PRIMES.find(([other]) => other === name);
  if (safe === undefined && name !== 'dh') return null;
  const base = numberOf(peer);
  if (safe === undefined) {
    const group = groupOf(key);
    return group === null ? null : powerOf(base, group, room);
  }
  const [, size, more] = safe;
  const exponent = exponentOf(key, size);
  if (exponent === null || (exponent.length === 0 && base > 1n)) return null;
  // Of 0 and of 1 every power is the same.
  const x = exponent.length === 0 ? 1n : numberOf(exponent);
  return powerOf(base, { p: safePrime(size, more), x }, room);
}

function ffdhe([name, size, more]: (typeof SAFE_PRIMES)[number]): DataRow {
  const p = safePrime(size, more);
  return {
    ...{ name, kind: 'kpp', key: safePrimeKey(size), leaks: [], numbers: true },
    draw: (prng) =>
      request(prng, size, () =>
        drawn(prng, prng.oneIn(2) ? size : prng.below(prng.oneIn(8) ? 2 : size + 9)),
      ),
    answer: ({ op, key, text, room }) => {
      const exponent = key === null ? null : exponentOf(key, size);
      if (exponent === null) return told(-EINVAL, room);
      const base = op === 'agree' ? numberOf(text) : 2n;
      if (op === 'agree' && (base <= 1n || base >= p)) return told(-EINVAL, room);
      if (exponent.length > 0) return powerOf(base, { p, x: numberOf(exponent) }, room);
      // What is made up is a number of all words but once in 2^64.
      if (room < size) return told(-EOVERFLOW, room);
      return { ...told(0, room), completed: (found) => (numberOf(found) < p ? found : NOTHING) };
    },
  };
}

/** The key of a packed secret. @returns null where nothing is packed, or a key that is too long. */
function scalarOf(curve: Curve, secret: Uint8Array): Uint8Array | null {
  const body = unpacked(secret, ECDH);
  if (body === null || body.length < 2) return null;
  const key = body.subarray(2);
  return fieldAt(body, 0, 2) === key.length && key.length <= curve.size ? key : null;
}

function ecdhKey(curve: Curve): KeyRule {
  return {
    check: (secret) => {
      const key = scalarOf(curve, secret);
      if (key === null) return -EINVAL;
      if (key.length === 0) return 0;
      if (key.length < curve.size) return -EINVAL;
      // As 6.1 looks at it, before it turns the bytes around.
      const backwards = numberOf(key.slice().reverse());
      return backwards >= 2n && backwards <= curve.order - 3n ? 0 : -EINVAL;
    },
    draw: (prng) => {
      const key = prng.oneIn(RARELY)
        ? drawn(prng, prng.between(1, curve.size + 1))
        : drawn(prng, curve.size);
      if (prng.oneIn(RARELY)) key.fill(prng.oneIn(2) ? 0 : 255);
      const secret = packed(ECDH, word(key.length, 2), key);
      return toHex(prng.oneIn(RARELY) ? secret.subarray(0, secret.length - 1) : secret);
    },
    optional: true,
  };
}

function ecdh(name: string, curve: Curve): DataRow {
  return {
    ...{ name, kind: 'kpp', key: ecdhKey(curve), leaks: [] },
    draw: (prng) =>
      request(prng, 2 * curve.size, () => {
        const scalar = numberOf(drawn(prng, curve.size)) % curve.order;
        const point = pointBytes(curve, multiply(curve, scalar, curve.base));
        if (prng.oneIn(6)) point[prng.below(point.length)] ^= 1 << prng.below(8);
        return prng.oneIn(RARELY) ? point.subarray(1) : point;
      }),
    answer: (message) => onCurve(curve, message),
  };
}

function onCurve(curve: Curve, { op, key, text, room }: DataMessage): DataResult {
  const secret = key === null ? null : scalarOf(curve, key);
  const isMadeUp = secret !== null && secret.length === 0;
  const scalar = secret === null ? 0n : numberOf(secret) % curve.order;
  // Its ladder finds the point at infinity for these.
  const isNothing = scalar < 2n || scalar > curve.order - 3n;
  if (op === 'generate') {
    if (isMadeUp) return { ...told(0, room), completed: (found) => found };
    if (isNothing) return told(-EAGAIN, room);
    const point = pointBytes(curve, multiply(curve, scalar, curve.base));
    return told(0, room, point.subarray(0, room));
  }
  const peer = pointOf(curve, text);
  if (peer === null) return told(-EINVAL, room);
  if (isMadeUp) return { ...told(0, room), completed: (found) => found };
  if (isNothing) return told(-EFAULT, room);
  const shared = pointBytes(curve, multiply(curve, scalar, peer));
  return told(0, room, shared.subarray(0, Math.min(room, curve.size)));
}

const BARE_KEY: KeyRule = {
  check: (key) => {
    if (key.length === 0) return 0;
    return key.length === 32 && key.some((byte) => byte !== 0) ? 0 : -EINVAL;
  },
  draw: (prng): Bytes => {
    if (prng.oneIn(RARELY)) return toHex(new Uint8Array(32));
    return randomBytes(prng, prng.oneIn(RARELY) ? prng.between(1, 40) : 32);
  },
  optional: true,
};

/** The low-order points that are drawn: their products are zero. */
const LOW_ORDER: readonly number[] = [0, 1];

function curve25519(): DataRow {
  return {
    ...{ name: 'curve25519', kind: 'kpp', key: BARE_KEY, leaks: [] },
    draw: (prng) =>
      request(prng, 32, () => {
        // With less, 6.1 reads what lies behind it in the list, whatever length it was told.
        if (!prng.oneIn(RARELY)) return drawn(prng, prng.oneIn(8) ? prng.between(32, 40) : 32);
        return Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? prng.pick(LOW_ORDER) : 0));
      }),
    answer: ({ op, key, text, room }) => {
      if (op === 'agree' && text.length < 32) return told(-EINVAL, room);
      if (key?.length === 0) return { ...told(0, room), completed: (found) => found };
      const base = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));
      const point = op === 'agree' ? text.subarray(0, 32) : base;
      const product = x25519(key ?? new Uint8Array(32), point);
      return told(0, room, product.subarray(0, room));
    },
  };
}

/** Key agreement. */
export const KEY_AGREEMENTS: readonly DataRow[] = [
  curve25519(),
  dh(),
  ecdh('ecdh-nist-p192', P192),
  ecdh('ecdh-nist-p256', P256),
  ecdh('ecdh-nist-p384', P384),
  ...SAFE_PRIMES.map(ffdhe),
];
