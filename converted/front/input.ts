/**
 * What callers of the front door hand in, checked before anything is taken: bytes of any realm, options
 * without typos, lengths with what was expected and what was given.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { isAnyArrayBuffer, isArrayBufferView, isTypedArray } from 'node:util/types';
import { EINVAL } from '../../src/errno.ts';
import { CryptoError } from './errors.ts';

/**
 * Bytes in one piece. A view is read where it lies; it must not change until the promise settles.
 * @example
 * const sha = createCrypto().hash('sha256');
 * for (const bytes of [new Uint8Array(3), new ArrayBuffer(3), new DataView(new ArrayBuffer(3))])
 *   console.log((await sha.digest(bytes)).length);
 */
export type BytesPiece = Uint8Array | ArrayBuffer | DataView;
/**
 * Bytes in one piece or in several.
 * @example
 * const sha = createCrypto().hash('sha256');
 * console.log((await sha.digest([new Uint8Array(3), new ArrayBuffer(5)])).length);
 */
export type Bytes = BytesPiece | readonly BytesPiece[];

/**
 * A key: bytes, or a secret `KeyObject` of node:crypto. It is copied.
 * @example
 * const { createSecretKey } = process.getBuiltinModule('node:crypto');
 * const key = createSecretKey(new Uint8Array(16));
 * console.log(createCrypto().skcipher('ctr(aes)', { key }).driver);
 */
export type KeyInput = BytesPiece | { readonly type: string; export(): unknown };

/** No bytes at all. */
export const NO_BYTES: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** @throws TypeError naming the first option that does not exist. */
export function checkOptions(options: unknown, what: string, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${what}: an options object expected`);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new TypeError(`${what}: unknown option '${key}' (known: ${known.join(', ')})`);
    }
  }
}

/** @throws TypeError for anything that is not attached memory. */
export function bytesOf(value: unknown, what: string): Uint8Array<ArrayBuffer> {
  // What most callers hand in, at a fifth of the cost; an array with bytes is attached.
  if (ArrayBuffer.isView(value) && value instanceof Uint8Array && value.length > 0) {
    return value as Uint8Array<ArrayBuffer>;
  }
  if (isArrayBufferView(value)) return attached(value, what);
  if (isAnyArrayBuffer(value)) {
    try {
      return new Uint8Array(value as ArrayBuffer);
    } catch {
      throw detached(what);
    }
  }
  throw wrongType(what, 'a Uint8Array, ArrayBuffer or DataView', value);
}

/** Pieces as a dense array. @throws TypeError naming the element, holes included. */
export function piecesOf(value: unknown, what: string): Uint8Array<ArrayBuffer>[] {
  if (!Array.isArray(value)) return [bytesOf(value, what)];
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let k = 0; k < value.length; k++) pieces.push(bytesOf(value[k], `${what}[${k}]`));
  return pieces;
}

/** Bytes of all pieces. */
export function sizeOf(pieces: readonly Uint8Array[]): number {
  let size = 0;
  for (const piece of pieces) size += piece.length;
  return size;
}

/** A private copy of a key. @throws TypeError for anything else. */
export function keyOf(value: unknown): Uint8Array {
  if (typeof value === 'object' && value !== null && 'export' in value && 'type' in value) {
    const { type, export: exportKey } = value;
    if (type !== 'secret' || typeof exportKey !== 'function') {
      throw new TypeError(`key: a secret KeyObject expected, ${String(type)} given`);
    }
    return Uint8Array.from(bytesOf(exportKey.call(value), 'key'));
  }
  return Uint8Array.from(bytesOf(value, 'key'));
}

/** A private copy of the IV, which the operation writes. @throws CryptoError EINVAL with both lengths. */
export function ivOf(value: unknown, ivsize: number): Uint8Array<ArrayBuffer> {
  const iv = value === undefined && ivsize === 0 ? NO_BYTES : bytesOf(value, 'iv');
  if (iv.length !== ivsize) throw wrongLength('iv', `${ivsize} bytes`, iv.length);
  return new Uint8Array(iv);
}

/** The error of a length. */
export function wrongLength(what: string, expected: string, given: number): CryptoError {
  return new CryptoError(-EINVAL, `${what}: ${expected} expected, ${given} given`);
}

/** @throws TypeError for anything that cannot abort. */
export function signalOf(value: unknown): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value
  ) {
    return value as AbortSignal;
  }
  throw wrongType('signal', 'an AbortSignal', value);
}

/** @throws TypeError, RangeError for what is no whole number inside the bounds. */
export function wholeNumberOf(value: unknown, what: string, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongType(what, 'a number', value);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${what}: a whole number from ${least} to ${most} expected, ${value} given`);
}

/** @throws TypeError for anything but a string. */
export function nameIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw wrongType('name', 'a string', value);
}

/** @throws TypeError for anything but a boolean. */
export function booleanOf(value: unknown, what: string, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value === 'boolean') return value;
  throw wrongType(what, 'a boolean', value);
}

/** The error of a value of another kind. */
export function wrongType(what: string, expected: string, value: unknown): TypeError {
  return new TypeError(`${what}: ${expected} expected, ${nameOf(value)} given`);
}

/**
 * Whether bytes of `data` and `out` share memory but not their place in the message, so that writing a
 * byte may change one that is read later.
 */
export function overlapsElsewhere(
  data: readonly Uint8Array[],
  out: readonly Uint8Array[],
): boolean {
  const ranges = new Map<ArrayBufferLike, { start: number; end: number; origin: number }[]>();
  for (const pieces of [data, out]) {
    let at = 0;
    for (const { buffer, byteOffset: start, length } of pieces) {
      const known = ranges.get(buffer) ?? [];
      if (known.length === 0) ranges.set(buffer, known);
      if (length > 0) known.push({ start, end: start + length, origin: start - at });
      at += length;
    }
  }
  return [...ranges.values()].some((some) => {
    some.sort((a, b) => a.start - b.start);
    let end = 0;
    return some.some((range, k) => {
      if (range.start < end && range.origin !== some[k - 1].origin) return true;
      end = Math.max(end, range.end);
      return false;
    });
  });
}

function attached(value: ArrayBufferView, what: string): Uint8Array<ArrayBuffer> {
  try {
    // As a DataView's, throws for a detached buffer, and for one that was made too short for its view.
    if (isTypedArray(value)) Reflect.apply(Uint8Array.prototype.at, value, [0]);
    const { buffer, byteOffset, byteLength } = value;
    return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
  } catch {
    throw detached(what);
  }
}

function detached(what: string): TypeError {
  return new TypeError(`${what}: memory of an ArrayBuffer that is detached or too short by now`);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name || 'object';
}
