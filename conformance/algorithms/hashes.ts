/**
 * The rows of the table that are hashes.
 * @module
 */
import { createHash } from 'node:crypto';
import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { EINVAL, ENOKEY } from '../../src/errno.ts';
import { AES, CAMELLIA, DES3_EDE, type FlatBlock, SM4 } from '../subjects/reference/block.ts';
import { borrowedHash } from '../subjects/reference/borrowed.ts';
import { NOTHING } from '../subjects/reference/bytes.ts';
import * as sum from '../subjects/reference/checksum.ts';
import * as flat from '../subjects/reference/mac.ts';
import { vmac64 } from '../subjects/reference/vmac.ts';
import { anySize, optional, sized, UNKEYED } from './keys.ts';
import type { HashRow, KeyRule } from './row.ts';

/** A hash of the whole message, under its key. */
function row(
  name: string,
  blocksize: number,
  digestsize: number,
  key: KeyRule,
  digest: HashRow['digest'],
): HashRow {
  return { name, kind: 'ahash', key, leaks: [], blocksize, digestsize, digest };
}

/** A hash that OpenSSL has, under the same name or another. */
function plain(name: string, blocksize: number, digestsize: number, openssl = name): HashRow {
  return row(name, blocksize, digestsize, UNKEYED, (_key, text) =>
    Uint8Array.from(createHash(openssl).update(text).digest()),
  );
}

/** A hash that only our own providers have. */
function borrowed(
  name: 'streebog256' | 'streebog512' | 'wp256' | 'wp384' | 'wp512',
  digestsize: number,
): HashRow {
  return row(name, 64, digestsize, UNKEYED, (_key, text) => borrowedHash(name, digestsize, text));
}

function blake(digestsize: number): HashRow {
  const key = optional(sized(1, 16, 32, 63, 64), (size) => size <= 64);
  return row(`blake2b-${8 * digestsize}`, 128, digestsize, key, (secret, text) =>
    blake2b(text, { dkLen: digestsize, ...(secret.length > 0 ? { key: secret } : {}) }),
  );
}

/** 6.1 has it in lib/crypto alone; its crypto API gave the name up before. */
function blakeShort(bits: number): HashRow {
  const dkLen = bits / 8;
  const key = optional(sized(1, 16, 31, 32), (size) => size <= 32);
  const digest: HashRow['digest'] = (secret, text) =>
    blake2s(text, { dkLen, ...(secret.length > 0 ? { key: secret } : {}) });
  return { ...row(`blake2s-${bits}`, 64, dkLen, key, digest), isLibraryOnly: true };
}

export function hmac(hash: HashRow): HashRow {
  const { name, blocksize, digestsize } = hash;
  const inner: flat.FlatHash = (text) => {
    const digest = hash.digest(NOTHING, text);
    return typeof digest === 'number' ? NOTHING : digest;
  };
  const key = anySize(0, 1, 32, blocksize, blocksize + 1, 200);
  return row(`hmac(${name})`, blocksize, digestsize, key, (secret, text) =>
    flat.hmac(inner, blocksize, secret, text),
  );
}

type FlatMac = (block: FlatBlock, key: Uint8Array, text: Uint8Array) => Uint8Array;

function blockMac(template: string, block: FlatBlock, mac: FlatMac): HashRow {
  const { name, size, keys } = block;
  return row(`${template}(${name})`, size, size, sized(...keys), (key, text) =>
    mac(block, key, text),
  );
}

/** The nonce is the first 16 bytes of the message; a bad one is answered by the last call. */
function vmac(block: FlatBlock): HashRow {
  return row(`vmac64(${block.name})`, block.size, 8, sized(16), (key, text) =>
    text.length < 16 || text[0] >= 0x80 ? -EINVAL : vmac64(block, key, text),
  );
}

export const MD5: HashRow = plain('md5', 64, 16);
export const SHA1: HashRow = plain('sha1', 64, 20);
export const SHA224: HashRow = plain('sha224', 64, 28);
export const SHA256: HashRow = plain('sha256', 64, 32);
export const SHA384: HashRow = plain('sha384', 128, 48);
export const SHA512: HashRow = plain('sha512', 128, 64);

const PLAIN: readonly HashRow[] = [
  MD5,
  SHA1,
  SHA224,
  SHA256,
  SHA384,
  SHA512,
  plain('rmd160', 64, 20, 'ripemd160'),
  plain('sha3-224', 144, 28),
  plain('sha3-256', 136, 32),
  plain('sha3-384', 104, 48),
  plain('sha3-512', 72, 64),
  plain('sm3', 64, 32),
  borrowed('streebog256', 32),
  borrowed('streebog512', 64),
];

const SEED32: KeyRule = optional(sized(4));

export const HASHES: readonly HashRow[] = [
  ...PLAIN,
  ...PLAIN.map(hmac),
  row('md4', 64, 16, UNKEYED, (_key, text) => sum.md4(text)),
  borrowed('wp256', 32),
  borrowed('wp384', 48),
  borrowed('wp512', 64),
  blake(20),
  blake(32),
  blake(48),
  blake(64),
  blakeShort(128),
  blakeShort(160),
  blakeShort(224),
  blakeShort(256),
  blockMac('cmac', AES, flat.cmac),
  blockMac('cmac', CAMELLIA, flat.cmac),
  blockMac('cmac', DES3_EDE, flat.cmac),
  blockMac('cmac', SM4, flat.cmac),
  blockMac('cbcmac', AES, flat.cbcmac),
  blockMac('cbcmac', SM4, flat.cbcmac),
  blockMac('xcbc', AES, flat.xcbc),
  blockMac('xcbc', SM4, flat.xcbc),
  vmac(AES),
  row('ghash', 16, 16, sized(16), flat.ghash),
  row('polyval', 16, 16, sized(16), flat.polyval),
  // The one-time key is the first 32 bytes of the message; less is answered by the last call.
  row('poly1305', 16, 16, UNKEYED, (_key, text) =>
    text.length < 32 ? -ENOKEY : flat.poly1305(text.subarray(0, 32), text.subarray(32)),
  ),
  row('nhpoly1305', 1, 16, sized(1088), flat.nhpoly1305),
  row('crc32', 1, 4, SEED32, sum.crc32),
  row('crc32c', 1, 4, SEED32, sum.crc32c),
  row('crc64-rocksoft', 1, 8, UNKEYED, sum.crc64Rocksoft),
  row('crct10dif', 1, 2, UNKEYED, sum.crct10dif),
  row('xxhash64', 32, 8, optional(sized(8)), sum.xxhash64),
  row('michael_mic', 8, 8, sized(8), sum.michael),
  row('digest_null', 1, 0, anySize(0, 1, 20), () => NOTHING),
];
