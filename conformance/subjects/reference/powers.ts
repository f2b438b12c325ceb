/**
 * Public keys as numbers: keys as they are written, and powers, one digit of the exponent after the other.
 * Source: RFC 8017, 5.1 and A.1; X.690, 8.3 and 8.9
 * @module
 */
import { EBADMSG, EINVAL, type Errno } from '../../../src/errno.ts';

/** An RSA key; `d` is null in a public one. */
export interface RsaKey {
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint | null;
  /** Bytes of the modulus. */
  readonly size: number;
}

/** Sizes of a modulus that the kernel takes, bytes. */
const SIZES = [64, 128, 192, 256, 384, 512];
const INTEGER = 2;
const SEQUENCE = 0x30;
/** Numbers of a public key, and of a private one with its version. */
const PUBLIC = 2;
const PRIVATE = 9;
/** Numbers are written by words of so many bytes. */
const WORD = 8;

/** A number, big endian. */
export function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
}

/** A number in `size` bytes, big endian. @returns null where its words take more. */
export function bytesOf(value: bigint, size: number): Uint8Array | null {
  const out = new Uint8Array(size);
  const digits = value.toString(16).padStart(2 * size, '0');
  out.set(Buffer.from(digits.slice(digits.length - 2 * size), 'hex'));
  let words = 0;
  while (value >> BigInt(8 * WORD * words) > 0n) words++;
  return words * WORD > size ? null : out;
}

export function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const digits = Array.from(exponent.toString(16), (digit) => Number.parseInt(digit, 16));
  const most = Math.max(...digits);
  const powers = [1n % modulus];
  while (powers.length <= most) powers.push((powers[powers.length - 1] * base) % modulus);
  let result = powers[0];
  for (const digit of digits) {
    for (let i = 0; i < 4; i++) result = (result * result) % modulus;
    if (digit !== 0) result = (result * powers[digit]) % modulus;
  }
  return result;
}

/** @returns -EBADMSG for what is no key, -EINVAL for one of another size, or whose numbers are too long. */
export function rsaKeyOf(der: Uint8Array): RsaKey | Errno {
  const outer = elementOf(der, SEQUENCE);
  if (outer === null) return -EBADMSG;
  const isPrivate = outer.value[0] === INTEGER && outer.value[1] === 1;
  const count = isPrivate ? PRIVATE : PUBLIC;
  const numbers: Uint8Array[] = [];
  let rest = outer.value;
  for (let i = 0; i < count; i++) {
    const element = elementOf(rest, INTEGER);
    if (element === null) return -EBADMSG;
    rest = element.rest;
    if (isPrivate && i === 0) continue;
    numbers.push(element.value);
    if (element.value.length === 0 || element.value.length > numbers[0].length) return -EINVAL;
  }
  if (rest.length > 0) return -EBADMSG;
  const [n, e, d] = numbers.map(numberOf);
  const size = SIZES.find(
    (bytes) => n >> BigInt(8 * (bytes - WORD)) > 0n && n >> BigInt(8 * bytes) === 0n,
  );
  return size === undefined ? -EINVAL : { n, e, d: isPrivate ? d : null, size };
}

/** What stands in front, when it is of this tag. */
function elementOf(
  der: Uint8Array,
  tag: number,
): { readonly value: Uint8Array; readonly rest: Uint8Array } | null {
  if (der.length < 2 || der[0] !== tag) return null;
  const more = der[1] < 128 ? 0 : der[1] - 128;
  if (der[1] === 128 || more > 3 || der.length < 2 + more) return null;
  const len = more === 0 ? der[1] : Number(numberOf(der.subarray(2, 2 + more)));
  const start = 2 + more;
  if (der.length < start + len) return null;
  return { value: der.subarray(start, start + len), rest: der.subarray(start + len) };
}
