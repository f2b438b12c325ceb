/**
 * The rows of signatures on curves, which the kernel only verifies: ecdsa and sm2.
 *
 * Not drawn: keys that are the base point or its inverse, where ecdsa of 6.1 adds wrongly.
 * @module
 */
import { EBADMSG, EINVAL, EKEYREJECTED, ENOMEM, ENOSYS, type Errno } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { type Case, materialise } from '../case/case.ts';
import type { DataResult } from '../judge/observe.ts';
import { concat, NOTHING } from '../subjects/reference/bytes.ts';
import {
  type Curve,
  multiply,
  P192,
  P256,
  P384,
  pointBytes,
  pointOf,
  SM2,
  sumOfProducts,
} from '../subjects/reference/curves.ts';
import { bytesOf, numberOf, power } from '../subjects/reference/powers.ts';
import { randomBytes, toHex } from './keys.ts';
import type { DataDraw, DataMessage, DataRow } from './row.ts';

type Point = readonly [bigint, bigint];

/** The two numbers of a signature. */
type Numbers = readonly [r: bigint, s: bigint];

/** What is particular to one of the two. */
interface Scheme {
  readonly name: string;
  readonly curve: Curve;
  /** The public key, or why it is refused. */
  readonly point: (key: Uint8Array) => Point | Errno;
  /** Without a key: the point that verifies, or what is answered. */
  readonly unset: Point | Errno;
  /** @returns the number of one INTEGER, or why it is refused. */
  readonly number: (value: Uint8Array) => bigint | Errno;
  readonly sign: (secret: bigint, nonce: Nonce, hash: bigint) => Numbers;
  readonly verify: (point: Point, numbers: Numbers, digest: Uint8Array) => Errno;
}

/** A secret number and the x of its point. */
interface Nonce {
  readonly k: bigint;
  readonly x: bigint;
}

const INTEGER = 2;
const SEQUENCE = 0x30;
const UNCOMPRESSED = 4;
const RARELY = 24;
/** Secrets and nonces of a curve; any are as good. */
const SECRETS = 4;
const NONCES = 6;
/** Longest number of sm2, bytes. */
const LONGEST = 2048;

function modulo(value: bigint, order: bigint): bigint {
  return ((value % order) + order) % order;
}

/** SEQUENCE { r INTEGER, s INTEGER }, as long as lengths have one byte. */
function sequence(parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts.map((part) => concat(Uint8Array.of(INTEGER, part.length), part)));
  return concat(Uint8Array.of(SEQUENCE, body.length), body);
}

/** The digits of a number, with a zero in front of a first bit that is set. */
function digits(value: bigint, size: number): Uint8Array {
  const bytes = concat(Uint8Array.of(0), bytesOf(value, size) ?? NOTHING);
  const first = bytes.findIndex((byte, i) => byte > 0 || i === bytes.length - 1);
  return bytes.subarray(bytes[first] > 127 ? first - 1 : first);
}

/** A signature, its numbers now and then written otherwise, or others. */
function written(prng: Prng, { curve }: Scheme, numbers: Numbers): Uint8Array {
  const { order, size } = curve;
  const odd = [0n, 1n, order - 1n, order, order + 1n];
  const parts = numbers.map((number) => {
    const bytes = digits(prng.oneIn(RARELY) ? prng.pick(odd) : number, size + 8);
    if (!prng.oneIn(16)) return bytes;
    const all = bytesOf(number, size) ?? NOTHING;
    return prng.pick([
      all,
      concat(Uint8Array.of(0), all),
      concat(Uint8Array.of(0, 0), all),
      NOTHING,
    ]);
  });
  if (prng.oneIn(RARELY)) parts.push(Uint8Array.of(1));
  const whole = sequence(prng.oneIn(RARELY) ? parts.slice(1) : parts);
  if (!prng.oneIn(8)) return whole;
  const [tag, len] = whole;
  const body = whole.subarray(2);
  return prng.pick([
    concat(whole, Uint8Array.of(0)),
    whole.subarray(0, prng.below(whole.length)),
    concat(Uint8Array.of(0x10, len), body),
    concat(Uint8Array.of(0x31, len), body),
    concat(Uint8Array.of(tag, 0x81, len), body),
    concat(Uint8Array.of(tag, 0x82, 0, len), body),
    concat(Uint8Array.of(tag, 0x83, 0, 0, len), body),
    concat(Uint8Array.of(tag, 0x80), body, Uint8Array.of(0, 0)),
    concat(Uint8Array.of(tag, 0x80), body),
    concat(Uint8Array.of(0x10, 0x80), body, Uint8Array.of(0, 0)),
    concat(Uint8Array.of(tag, len + 1), body, Uint8Array.of(prng.below(256))),
  ]);
}

/** What stands behind a tag; `rest` is what follows it. Only a sequence may leave its length to its end. */
interface Element {
  readonly value: Uint8Array;
  readonly rest: Uint8Array;
  readonly isOpen: boolean;
}

function elementOf(bytes: Uint8Array, wanted: number): Element | null {
  const [tag = 0, first = 0] = bytes;
  if (bytes.length < 2) return null;
  // A sequence is known without the bit that says that it is one.
  if (tag !== wanted && !(wanted === SEQUENCE && tag === 0x10)) return null;
  if (first === 0x80) {
    const value = bytes.subarray(2);
    return tag === SEQUENCE && value.length >= 2 ? { value, rest: NOTHING, isOpen: true } : null;
  }
  const more = first > 0x80 ? first - 0x80 : 0;
  if (more > 2 || bytes.length < 2 + more) return null;
  const len = more === 0 ? first : Number(numberOf(bytes.subarray(2, 2 + more)));
  const rest = bytes.subarray(2 + more);
  if (len > rest.length) return null;
  return { value: rest.subarray(0, len), rest: rest.subarray(len), isOpen: false };
}

/** The two numbers, or why there are none; what comes first in the bytes counts first. */
function numbersOf(signature: Uint8Array, number: Scheme['number']): Numbers | Errno {
  const outer = elementOf(signature, SEQUENCE);
  if (outer === null) return -EBADMSG;
  const numbers: bigint[] = [];
  let rest = outer.value;
  for (let i = 0; i < 2; i++) {
    const element = elementOf(rest, INTEGER);
    if (element === null) return -EBADMSG;
    const value = number(element.value);
    if (typeof value === 'number') return value;
    numbers.push(value);
    rest = element.rest;
  }
  const isEnd = outer.isOpen ? rest[0] === 0 && rest[1] === 0 : rest.length === 0;
  return isEnd ? [numbers[0], numbers[1]] : -EBADMSG;
}

/** Secrets of a curve with their points, and nonces: made once, of numbers that anybody may know. */
class Pairs {
  readonly secrets: readonly (readonly [secret: bigint, point: Uint8Array])[];
  readonly nonces: readonly Nonce[];

  constructor(curve: Curve) {
    const scalar = (seed: number): bigint =>
      (numberOf(materialise({ seed, len: curve.size })) % (curve.order - 9n)) + 3n;
    const from = (seed: number, count: number) =>
      Array.from({ length: count }, (_, i) => scalar(seed + i));
    this.secrets = from(0x5ec0, SECRETS).map((secret) => {
      return [secret, pointBytes(curve, multiply(curve, secret, curve.base))];
    });
    this.nonces = from(0x40ce, NONCES).map((k) => ({ k, x: multiply(curve, k, curve.base)[0] }));
  }
}

/** Nothing is multiplied before a case asks for it. */
const PAIRS = new Map<Curve, Pairs>();

function pairsOf(curve: Curve): Pairs {
  const pairs = PAIRS.get(curve) ?? new Pairs(curve);
  PAIRS.set(curve, pairs);
  return pairs;
}

/** Mostly a point of the curve behind a 4. */
function drawKey(prng: Prng, curve: Curve): Uint8Array {
  const [, point] = prng.pick(pairsOf(curve).secrets);
  const key = concat(Uint8Array.of(UNCOMPRESSED), point);
  if (!prng.oneIn(8)) return key;
  const changed = key.slice();
  changed[prng.below(key.length)] ^= 1 << prng.below(8);
  return prng.pick([
    changed,
    concat(key, Uint8Array.of(prng.below(256))),
    concat(key, Uint8Array.of(0, 0)),
    concat(Uint8Array.of(0), key),
    key.subarray(0, prng.below(key.length)),
    new Uint8Array(key.length).fill(0).fill(UNCOMPRESSED, 0, 1),
    new Uint8Array(key.length).fill(255).fill(UNCOMPRESSED, 0, 1),
  ]);
}

/** A signature of a digest by the secret of the key, mostly; another digest, another signature, or none. */
function drawSignature(prng: Prng, scheme: Scheme, key: Uint8Array | null): DataDraw {
  const { curve } = scheme;
  const { secrets, nonces } = pairsOf(curve);
  const pair = secrets.find(
    ([, point]) => key !== null && Buffer.from(key).includes(Buffer.from(point)),
  );
  const [secret] = pair ?? prng.pick(secrets);
  const size = prng.pick([0, 1, 20, 28, 32, 48, 64, curve.size, prng.below(65)]);
  const digest = materialise(randomBytes(prng, size));
  const hash = numberOf(scheme.curve === SM2 ? digest : digest.subarray(0, curve.size));
  const text = written(prng, scheme, scheme.sign(secret, prng.pick(nonces), hash));
  if (digest.length > 0 && prng.oneIn(6)) digest[prng.below(size)] ^= 1 << prng.below(8);
  if (text.length > 0 && prng.oneIn(8)) text[prng.below(text.length)] ^= 1 << prng.below(8);
  if (!prng.oneIn(RARELY)) return { op: 'verify', text: toHex(text), tag: toHex(digest), room: 0 };
  const op: Case['op'] = prng.pick(['encrypt', 'decrypt', 'sign'] as const);
  return { op, text: toHex(text), tag: null, room: curve.size };
}

function answer(scheme: Scheme, { op, key, text, digest, room }: DataMessage): DataResult {
  const told = (result: Errno): DataResult => ({
    ...{ result, output: result === 0 ? NOTHING : null, completed: null, alternative: null },
    length: op === 'verify' ? 0 : room,
  });
  if (op !== 'verify') return told(-ENOSYS);
  const point = key === null ? scheme.unset : scheme.point(key);
  if (typeof point === 'number') return told(point);
  const numbers = numbersOf(text, scheme.number);
  return told(typeof numbers === 'number' ? numbers : scheme.verify(point, numbers, digest));
}

function row(scheme: Scheme): DataRow {
  const check = (key: Uint8Array): Errno => {
    const point = scheme.point(key);
    return typeof point === 'number' ? point : 0;
  };
  return {
    ...{ name: scheme.name, kind: 'akcipher', leaks: [] },
    key: { check, draw: (prng) => toHex(drawKey(prng, scheme.curve)), optional: true },
    draw: (prng, key) => drawSignature(prng, scheme, key),
    answer: (message) => answer(scheme, message),
  };
}

/** Source: FIPS 186-4, 6.4; what 6.1 makes of keys and numbers of another form. */
function ecdsa(name: string, curve: Curve): DataRow {
  const { order, size } = curve;
  return row({
    ...{ name, curve, unset: -EINVAL },
    point: (key) => {
      // One byte more is not seen.
      const isLong = key.length === 2 * size + 2;
      if ((key.length !== 2 * size + 1 && !isLong) || key[0] !== UNCOMPRESSED) return -EINVAL;
      return pointOf(curve, key.subarray(1, 2 * size + 1)) ?? -EINVAL;
    },
    number: (value) => {
      const isLong = value.length === size + 1 && value[0] === 0;
      return value.length === 0 || (value.length > size && !isLong) ? -EINVAL : numberOf(value);
    },
    sign: (secret, { k, x }, hash) => {
      const r = x % order;
      return [r, (power(k, order - 2n, order) * (hash + r * secret)) % order];
    },
    verify: (point, [r, s], digest) => {
      if (r === 0n || r >= order || s === 0n || s >= order) return -EBADMSG;
      const hash = numberOf(digest.subarray(0, size));
      const w = power(s, order - 2n, order);
      const x = sumOfProducts(curve, (hash * w) % order, (r * w) % order, point);
      return x !== null && x % order === r ? 0 : -EKEYREJECTED;
    },
  });
}

/** Zeros in front do not count; more digits are no number. */
function longNumber(bytes: Uint8Array): bigint | Errno {
  const number = numberOf(bytes);
  return number >> BigInt(8 * LONGEST) > 0n ? -ENOMEM : number;
}

/** Source: GB/T 32918.2, 6 and 7; what 6.1 makes of keys and numbers of another form. */
function sm2(): DataRow {
  const { order, p } = SM2;
  return row({
    // What the kernel has before a key is two zeros, which are no point.
    ...{ name: 'sm2', curve: SM2, unset: [0n, 0n] },
    point: (key) => {
      const whole = longNumber(key);
      if (typeof whole === 'number') return whole;
      const bytes = key.subarray(key.findIndex((byte) => byte !== 0));
      if (whole === 0n || bytes.length % 2 === 0 || bytes[0] !== UNCOMPRESSED) return -EINVAL;
      const half = (bytes.length + 1) / 2;
      return [numberOf(bytes.subarray(1, half)) % p, numberOf(bytes.subarray(half)) % p];
    },
    number: (value) => (value.length === 0 ? -EINVAL : longNumber(value)),
    sign: (secret, { k, x }, hash) => {
      const r = (hash + x) % order;
      return [r, modulo(power(1n + secret, order - 2n, order) * (k - r * secret), order)];
    },
    verify: (point, [r, s], digest) => {
      const t = (r + s) % order;
      if (r === 0n || r > order || s === 0n || s > order || t === 0n) return -EINVAL;
      const hash = longNumber(digest);
      if (typeof hash === 'number') return hash;
      const x = sumOfProducts(SM2, s, t, point);
      if (x === null) return -EBADMSG;
      return (hash + x) % order === r ? 0 : -EKEYREJECTED;
    },
  });
}

/** Signatures on curves. */
export const SIGNATURES: readonly DataRow[] = [
  ecdsa('ecdsa-nist-p192', P192),
  ecdsa('ecdsa-nist-p256', P256),
  ecdsa('ecdsa-nist-p384', P384),
  sm2(),
];
