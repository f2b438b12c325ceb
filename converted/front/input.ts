/**
 * What callers of the front door hand in, checked before anything is taken: bytes of any realm, options
 * without typos, lengths with what was expected and what was given.
 *
 * @kernel none: names are ordinary TypeScript.
 * @module
 */
import { isAnyArrayBuffer, isArrayBufferView, isUint8Array } from 'node:util/types';
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
  if (isUint8Array(value)) return attached(value, what);
  if (isArrayBufferView(value)) {
    return attached(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), what);
  }
  if (isAnyArrayBuffer(value)) {
    if ('detached' in value && value.detached === true) throw detached(what);
    return new Uint8Array(value as ArrayBuffer);
  }
  throw new TypeError(
    `${what}: a Uint8Array, ArrayBuffer or DataView expected, ${nameOf(value)} given`,
  );
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
  throw new TypeError(`signal: an AbortSignal expected, ${nameOf(value)} given`);
}

/** @throws TypeError, RangeError for what is no whole number inside the bounds. */
export function wholeNumberOf(value: unknown, what: string, least: number, most: number): number {
  if (typeof value !== 'number') {
    throw new TypeError(`${what}: a number expected, ${nameOf(value)} given`);
  }
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new RangeError(`${what}: a whole number from ${least} to ${most} expected, ${value} given`);
}

/** @throws TypeError for anything but a string. */
export function nameIn(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`name: a string expected, ${nameOf(value)} given`);
}

function attached(view: Uint8Array, what: string): Uint8Array<ArrayBuffer> {
  const { buffer } = view;
  // A buffer without a length of its own cannot be told from an empty one before Node 21.
  if ('detached' in buffer ? buffer.detached === true : isDetached(buffer)) throw detached(what);
  return view as Uint8Array<ArrayBuffer>;
}

/** Before `ArrayBuffer.prototype.detached` only an attempt tells. */
function isDetached(buffer: ArrayBufferLike): boolean {
  if (buffer.byteLength > 0) return false;
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

function detached(what: string): TypeError {
  return new TypeError(`${what}: memory of a detached ArrayBuffer`);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return value.constructor?.name ?? 'object';
}
