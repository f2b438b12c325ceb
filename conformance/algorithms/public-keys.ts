/**
 * The rows of public keys: RSA alone, and with the padding of PKCS #1.
 * @module
 */
import { KernelBug } from '../../src/assert.ts';
import { EBADMSG, EINVAL, EKEYREJECTED, ENOSYS, EOVERFLOW, type Errno } from '../../src/errno.ts';
import type { Prng } from '../../src/prng.ts';
import { type Case, materialise } from '../case/case.ts';
import type { DataResult } from '../judge/observe.ts';
import { concat, equal, NOTHING } from '../subjects/reference/bytes.ts';
import { bytesOf, numberOf, power, type RsaKey, rsaKeyOf } from '../subjects/reference/powers.ts';
import { randomBytes, toHex } from './keys.ts';
import type { DataDraw, DataMessage, DataRow, KeyRule } from './row.ts';
import { RSA_PRIVATE_KEYS } from './rsa-keys.ts';

/** Object identifier of each hash, and the size of its digest (RFC 8017, 9.2, notes). */
const HASHES: ReadonlyMap<string, readonly [oid: string, size: number]> = new Map([
  ['sha1', ['2b0e03021a', 20]],
  ['sha224', ['608648016503040204', 28]],
  ['sha256', ['608648016503040201', 32]],
  ['sha384', ['608648016503040202', 48]],
  ['sha512', ['608648016503040203', 64]],
]);
/** A zero, a type, eight bytes of padding at least, and a zero. */
const OVERHEAD = 11;
const SIGNED = 1;
const ENCRYPTED = 2;
const RARELY = 24;

/** The key of a message, as it must be for anything to come of it. */
interface Keyed extends Omit<DataMessage, 'key'> {
  readonly key: RsaKey;
}

/** Private keys and their public parts; now and then broken. */
const RSA_KEY: KeyRule = {
  check: (key) => {
    const parsed = rsaKeyOf(key);
    return typeof parsed === 'number' ? parsed : 0;
  },
  draw: (prng) => {
    const whole = materialise(prng.pick(RSA_PRIVATE_KEYS));
    const key = prng.oneIn(3) ? publicPart(whole) : whole;
    if (prng.oneIn(RARELY)) return toHex(key.subarray(0, prng.between(2, key.length - 1)));
    return toHex(key);
  },
  optional: true,
};

/** The keys of the table, read. */
const PRIVATE_KEYS: readonly RsaKey[] = RSA_PRIVATE_KEYS.map((key) => rsaKey(materialise(key)));

/** SEQUENCE { n, e } of a private key. */
function publicPart(key: Uint8Array): Uint8Array {
  const { n, e, size } = rsaKey(key);
  const integer = (value: bigint, len: number): Uint8Array => {
    const bytes = concat(Uint8Array.of(0), bytesOf(value, len) ?? NOTHING);
    return der(2, bytes.subarray(bytes.findIndex((byte, i) => bytes[i + 1] > 127 || byte > 0)));
  };
  return der(0x30, concat(integer(n, size), integer(e, 8)));
}

function der(tag: number, value: Uint8Array): Uint8Array {
  const { length } = value;
  const head = length < 128 ? [length] : [0x82, length >>> 8, length & 255];
  return concat(Uint8Array.of(tag, ...head), value);
}

function rsaKey(key: Uint8Array): RsaKey {
  const parsed = rsaKeyOf(key);
  if (typeof parsed === 'number') throw new KernelBug('a key of the table is no key');
  return parsed;
}

function refused(result: Errno, length: number | null): DataResult {
  return { result, output: null, completed: null, length, alternative: null };
}

function given(output: Uint8Array, length: number): DataResult {
  return { ...refused(0, length), output };
}

/** Numbers of any length, mostly below the modulus. */
function drawNumber(prng: Prng, der: Uint8Array | null): DataDraw {
  const size = sizeOf(der);
  const op = prng.oneIn(RARELY) ? prng.pick(['sign', 'verify'] as const) : encOrDec(prng);
  const text = materialise(randomBytes(prng, prng.oneIn(3) ? prng.below(size + 4) : size));
  // Else only every other modulus is greater.
  if (text.length === size && !prng.oneIn(6)) text[0] &= 127;
  return { op, text: toHex(text), ...roomFor(prng, op, size, /* tail */ 40) };
}

function encOrDec(prng: Prng): 'encrypt' | 'decrypt' {
  return prng.oneIn(2) ? 'encrypt' : 'decrypt';
}

function sizeOf(der: Uint8Array | null): number {
  const key = der === null ? -EINVAL : rsaKeyOf(der);
  return typeof key === 'number' ? 64 : key.size;
}

/** Room for a result of that size, now and then less; a digest instead for what is verified. */
function roomFor(
  prng: Prng,
  op: Case['op'],
  size: number,
  tail: number,
): Pick<DataDraw, 'tag' | 'room'> {
  if (op === 'verify') return { tag: randomBytes(prng, prng.between(1, 64)), room: 0 };
  const more = prng.oneIn(4) ? prng.below(tail + 1) : 0;
  return { tag: null, room: prng.oneIn(8) ? prng.below(size) : size + more };
}

/** A power, in all of the room: zeros in front of it. */
function raised({ op, key, text, room }: DataMessage): DataResult {
  const told = op === 'verify' ? 0 : room;
  if (op !== 'encrypt' && op !== 'decrypt') return refused(-ENOSYS, told);
  const parsed = key === null ? null : rsaKey(key);
  const exponent = op === 'encrypt' ? parsed?.e : parsed?.d;
  const number = numberOf(text);
  if (parsed === null || typeof exponent !== 'bigint' || number >= parsed.n) {
    return refused(-EINVAL, told);
  }
  const output = bytesOf(power(number, exponent, parsed.n), room);
  return output === null ? refused(-EOVERFLOW, told) : given(output, room);
}

function hashOf(name: string): readonly [oid: string, size: number] {
  const hash = HASHES.get(name);
  if (hash === undefined) throw new KernelBug(`no hash ${name}`);
  return hash;
}

/** What stands in front of a digest, in the message that is signed. */
function infoOf(hash: string | null): Uint8Array {
  if (hash === null) return NOTHING;
  const [oid, size] = hashOf(hash);
  const id = concat(der(6, Buffer.from(oid, 'hex')), Uint8Array.of(5, 0));
  return concat(
    Uint8Array.of(0x30, id.length + 2 + size + 2),
    der(0x30, id),
    Uint8Array.of(4, size),
  );
}

/** A block of `size` bytes that ends in a message. */
function padded(type: number, size: number, message: Uint8Array, fill: Uint8Array): Uint8Array {
  const padding = fill.subarray(0, size - message.length - 3);
  return concat(Uint8Array.of(0, type), padding, Uint8Array.of(0), message);
}

/** The message of a block. @returns null where the padding is none. */
function unpadded(type: number, block: Uint8Array): Uint8Array | null {
  const end = block.findIndex((byte, i) => i >= 2 && (type === SIGNED ? byte !== 255 : byte === 0));
  const isPadded = block[0] === 0 && block[1] === type && end >= 10 && block[end] === 0;
  return isPadded ? block.subarray(end + 1) : null;
}

function padding(hash: string | null): DataRow {
  const info = infoOf(hash);
  const suffix = hash === null ? '' : `,${hash}`;
  const operations: Partial<Record<Case['op'], (message: Keyed) => DataResult>> = {
    encrypt: encrypted,
    decrypt: decrypted,
    sign: (message) => signed(message, info),
    verify: (message) => verified(message, info),
  };
  return {
    ...{ name: `pkcs1pad(rsa${suffix})`, kind: 'akcipher', key: RSA_KEY, leaks: [], numbers: true },
    draw: (prng, key) => drawPadded(prng, key, hash === null ? 20 : hashOf(hash)[1], info),
    answer: (message) => {
      const { op, room } = message;
      if (message.key === null) return refused(-EINVAL, op === 'verify' ? 0 : room);
      const key = rsaKey(message.key);
      return operations[op]?.({ ...message, key }) ?? refused(-ENOSYS, null);
    },
  };
}

/** Messages, and what padding and powers make of them, now and then broken. */
function drawPadded(
  prng: Prng,
  key: Uint8Array | null,
  digestsize: number,
  info: Uint8Array,
): DataDraw {
  const op = prng.pick(['encrypt', 'decrypt', 'sign', 'verify'] as const);
  const size = sizeOf(key);
  const bytes = (len: number): Uint8Array => materialise(randomBytes(prng, Math.max(0, len)));
  // With more room than that 6.1 writes in front of a buffer of its own.
  const { tag, room } = roomFor(prng, op, size, /* tail */ 0);
  if (op === 'encrypt')
    return { op, text: toHex(bytes(prng.below(size - OVERHEAD + 3))), tag, room };
  if (op === 'sign') {
    const len = prng.oneIn(3) ? prng.below(size) : digestsize;
    return { op, text: toHex(bytes(len)), tag, room };
  }
  const most = size - OVERHEAD - (op === 'verify' ? info.length : 0);
  const message = bytes(Math.min(most, op === 'verify' ? digestsize : prng.below(most + 1)));
  const block =
    op === 'verify'
      ? padded(SIGNED, size, concat(info, message), new Uint8Array(size).fill(255))
      : padded(
          ENCRYPTED,
          size,
          message,
          bytes(size).map((byte) => byte | 1),
        );
  if (prng.oneIn(8)) block[prng.between(1, size - 1)] ^= 1 << prng.below(8);
  const made = passed(key, op, block) ?? bytes(size);
  const text = toHex(prng.oneIn(RARELY) ? made.subarray(1) : made);
  if (op === 'decrypt')
    return { op, text, tag, room: Math.min(size, prng.oneIn(2) ? size : message.length) };
  const digest = prng.oneIn(8) ? bytes(prng.below(65)) : message;
  return { op, text, tag: toHex(digest.subarray(0, 64)), room };
}

/** What decryption and verification begin with, as the other party has made it. */
function passed(key: Uint8Array | null, op: Case['op'], block: Uint8Array): Uint8Array | null {
  const parsed = key === null ? -EINVAL : rsaKeyOf(key);
  if (typeof parsed === 'number') return null;
  const { n, e, size } = parsed;
  const exponent = op === 'verify' ? privateOf(parsed) : e;
  return exponent === null ? null : bytesOf(power(numberOf(block), exponent, n), size);
}

/** The private exponent, also of a public key whose private part is in the table. */
function privateOf({ n, d }: RsaKey): bigint | null {
  return d ?? PRIVATE_KEYS.find((key) => key.n === n)?.d ?? null;
}

/** @returns -EOVERFLOW for a message that is too long, and for too little room: then the length says how much it takes. */
function unfit({ key, text, room }: Keyed, more: number): DataResult | null {
  if (text.length + more > key.size - OVERHEAD) return refused(-EOVERFLOW, room);
  return room < key.size ? refused(-EOVERFLOW, key.size) : null;
}

/** The same, which is not asked twice in a row for one result: every API should have the same. */
function onceEach(of: (found: Uint8Array) => Uint8Array): (found: Uint8Array) => Uint8Array {
  let last: { readonly found: Uint8Array; readonly answer: Uint8Array } | null = null;
  return (found) => {
    if (last === null || !equal(last.found, found)) last = { found, answer: of(found) };
    return last.answer;
  };
}

function encrypted(message: Keyed): DataResult {
  const { key, text } = message;
  const d = privateOf(key);
  const completed = onceEach((found) => {
    // Only who has the private key can tell.
    if (d === null) return found;
    const block = bytesOf(power(numberOf(found), d, key.n), key.size);
    const opened = block === null ? null : unpadded(ENCRYPTED, block);
    return opened !== null && equal(opened, text) ? found : NOTHING;
  });
  return unfit(message, 0) ?? { ...refused(0, key.size), completed };
}

function signed(message: Keyed, info: Uint8Array): DataResult {
  const { key, text } = message;
  const problem = unfit(message, info.length);
  if (problem !== null) return problem;
  if (key.d === null) return refused(-EINVAL, key.size);
  const fill = new Uint8Array(key.size).fill(255);
  const block = padded(SIGNED, key.size, concat(info, text), fill);
  const signature = bytesOf(power(numberOf(block), key.d, key.n), key.size);
  return given(signature ?? NOTHING, key.size);
}

/** The block behind a power of the text. @returns null where there is none. */
function opened({ key, text }: Keyed, exponent: bigint | null): Uint8Array | null {
  const number = numberOf(text);
  if (text.length !== key.size || exponent === null || number >= key.n) return null;
  const block = bytesOf(power(number, exponent, key.n), key.size);
  return block === null || block[0] !== 0 ? null : block;
}

function decrypted(message: Keyed): DataResult {
  const { key, room } = message;
  const block = opened(message, key.d);
  const text = block === null ? null : unpadded(ENCRYPTED, block);
  if (text === null) return refused(-EINVAL, room);
  return text.length > room ? refused(-EOVERFLOW, text.length) : given(text, text.length);
}

function verified(message: Keyed, info: Uint8Array): DataResult {
  const { key, digest } = message;
  const block = digest.length === 0 ? null : opened(message, key.e);
  if (block === null) return refused(-EINVAL, 0);
  const found = unpadded(SIGNED, block);
  if (found === null || !equal(found.subarray(0, info.length), info)) return refused(-EBADMSG, 0);
  return equal(found.subarray(info.length), digest) ? given(NOTHING, 0) : refused(-EKEYREJECTED, 0);
}

/** RSA, alone and padded. */
export const PUBLIC_KEYS: readonly DataRow[] = [
  {
    ...{ name: 'rsa', kind: 'akcipher', key: RSA_KEY, leaks: [], numbers: true },
    draw: drawNumber,
    answer: raised,
  },
  ...[null, 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map((hash) => padding(hash)),
];
