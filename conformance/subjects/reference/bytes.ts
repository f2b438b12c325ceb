/**
 * Byte arrays without memory, lists or views: what the reference is written with.
 * @module
 */

export const NOTHING: Uint8Array = new Uint8Array(0);

/** A fresh array of all parts in order. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let all = 0;
  for (const { length } of parts) all += length;
  const out = new Uint8Array(all);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `a` XOR `b`; `b` may be longer. */
export function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = a[i] ^ b[i];
  return out;
}

/** `bytes` with zeros behind it up to a multiple of `size`. */
export function padded(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(Math.ceil(bytes.length / size) * size);
  out.set(bytes);
  return out;
}

/** The blocks of a message whose length is a multiple of `size`. */
export function blocksOf(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, i) =>
    bytes.subarray(i * size, i * size + size),
  );
}

/** The counter, big-endian over all its bytes, plus `add`; it wraps. */
export function counterPlus(counter: Uint8Array, add: number): Uint8Array {
  const next = new Uint8Array(counter);
  let carry = add;
  for (let i = next.length - 1; i >= 0 && carry > 0; i--) {
    carry += next[i];
    next[i] = carry % 256;
    carry = Math.floor(carry / 256);
  }
  return next;
}

/** A number as `size` bytes. */
export function bigEndian(value: number, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let rest = value;
  for (let i = size - 1; i >= 0 && rest > 0; i--) {
    out[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return out;
}

/** A number as `size` bytes; what does not fit is cut off. */
export function littleEndian(value: bigint, size: number): Uint8Array {
  const out = new Uint8Array(size);
  let word = 0;
  let rest = value;
  for (let i = 0; i < size; i++) {
    if (i % 4 === 0) {
      word = Number(rest & 0xffffffffn);
      rest >>= 32n;
    }
    out[i] = word >>> (8 * (i % 4));
  }
  return out;
}

/** The number that little-endian bytes stand for. */
export function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).reverse().toString('hex')}`);
}

export function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
