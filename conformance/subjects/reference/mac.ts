/**
 * Message authentication codes and universal hashes on flat bytes.
 * @module
 */
import type { FlatBlock } from './block.ts';
import { blocksOf, concat, littleEndian, NOTHING, padded, toNumber, xor } from './bytes.ts';
import { doubleBig, multiplyGhash, timesXGhash } from './field.ts';

/** A hash of flat bytes. */
export type FlatHash = (text: Uint8Array) => Uint8Array;

/** FIPS 198-1. @param blocksize of the hash, bytes */
export function hmac(
  hash: FlatHash,
  blocksize: number,
  key: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const short = key.length > blocksize ? hash(key) : key;
  const block = concat(short, new Uint8Array(blocksize - short.length));
  const inner = hash(
    concat(
      block.map((byte) => byte ^ 0x36),
      text,
    ),
  );
  return hash(
    concat(
      block.map((byte) => byte ^ 0x5c),
      inner,
    ),
  );
}

/** The last block of CBC without IV; a partial block is padded with zeros, and nothing gives zeros. */
export function cbcmac(block: FlatBlock, key: Uint8Array, text: Uint8Array): Uint8Array {
  const encrypt = block.encryptor(key);
  let chain: Uint8Array = new Uint8Array(block.size);
  for (const part of blocksOf(padded(text, block.size), block.size)) {
    chain = encrypt(xor(part, chain));
  }
  return chain;
}

/** SP 800-38B, 6.2 */
export function cmac(block: FlatBlock, key: Uint8Array, text: Uint8Array): Uint8Array {
  const { size } = block;
  const once = doubleBig(block.encryptor(key)(new Uint8Array(size)));
  const at = Math.max(0, Math.ceil(text.length / size) - 1) * size;
  const last = text.subarray(at);
  const ended =
    last.length === size
      ? xor(last, once)
      : xor(padded(concat(last, Uint8Array.of(0x80)), size), doubleBig(once));
  return cbcmac(block, key, concat(text.subarray(0, at), ended));
}

/** A key for the blocks, and one each for a last block that is whole or not. RFC 3566, 4 */
export function xcbc(block: FlatBlock, key: Uint8Array, text: Uint8Array): Uint8Array {
  const { size } = block;
  const encrypt = block.encryptor(key);
  const [own, whole, partial] = [1, 2, 3].map((byte) => encrypt(new Uint8Array(size).fill(byte)));
  const at = Math.max(0, Math.ceil(text.length / size) - 1) * size;
  const last = text.subarray(at);
  const ended =
    last.length === size
      ? xor(last, whole)
      : xor(padded(concat(last, Uint8Array.of(0x80)), size), partial);
  return cbcmac(block, own, concat(text.subarray(0, at), ended));
}

/** GHASH with the bytes of each element the other way round, under the key times x. RFC 8452, A */
export function polyval(key: Uint8Array, text: Uint8Array): Uint8Array {
  const turned = (bytes: Uint8Array): Uint8Array => bytes.slice().reverse();
  const factor = timesXGhash(turned(key));
  const message = concat(...blocksOf(padded(text, 16), 16).map(turned));
  return turned(ghash(factor, message));
}

/** A partial block is padded with zeros. SP 800-38D, 6.4 */
export function ghash(key: Uint8Array, text: Uint8Array): Uint8Array {
  let sum: Uint8Array = new Uint8Array(16);
  for (const part of blocksOf(padded(text, 16), 16)) sum = multiplyGhash(xor(sum, part), key);
  return sum;
}

const P = (1n << 130n) - 5n;

/** @param end what is added at the end, 16 bytes. RFC 8439, 2.5 */
function polynomial(r: Uint8Array, end: Uint8Array, text: Uint8Array): Uint8Array {
  const point = toNumber(r) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < text.length; at += 16) {
    const part = text.subarray(at, at + 16);
    sum = ((sum + toNumber(concat(part, Uint8Array.of(1)))) * point) % P;
  }
  return littleEndian(sum + toNumber(end), 16);
}

/** @param key one-time key of 32 bytes */
export function poly1305(key: Uint8Array, text: Uint8Array): Uint8Array {
  return polynomial(key.subarray(0, 16), key.subarray(16), text);
}

const NH_MESSAGE = 1024;
const NH_UNIT = 16;

/** NH of up to 1024 bytes, four times with the key shifted by 16 bytes. */
function nh(key: Uint8Array, message: Uint8Array): Uint8Array {
  const [keys, words] = [key, message].map((b) => new DataView(b.buffer, b.byteOffset, b.length));
  const sums = [0, 1, 2, 3].map((pass) => {
    let sum = 0n;
    for (let i = 0; i < message.length / 4; i += 4) {
      const term = (j: number): bigint =>
        BigInt(
          (words.getUint32(4 * (i + j), true) + keys.getUint32(4 * (4 * pass + i + j), true)) >>> 0,
        );
      sum += term(0) * term(2) + term(1) * term(3);
    }
    return littleEndian(sum, 8);
  });
  return concat(...sums);
}

/** Poly1305 without its last addition over NH of each 1024 bytes. Adiantum, 2018, 6.3 */
export function nhpoly1305(key: Uint8Array, text: Uint8Array): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < text.length; at += NH_MESSAGE) {
    hashes.push(nh(key.subarray(16), padded(text.subarray(at, at + NH_MESSAGE), NH_UNIT)));
  }
  return polynomial(key.subarray(0, 16), NOTHING, concat(...hashes));
}

/** Poly1305 under a point alone. */
export function poly1305Hash(point: Uint8Array, text: Uint8Array): Uint8Array {
  return polynomial(point, NOTHING, text);
}
