/**
 * The rows of the table that are hashes.
 * @module
 */
import { createHash } from 'node:crypto';
import { ENOKEY } from '../../src/errno.ts';
import { AES, type FlatBlock } from '../subjects/reference/block.ts';
import * as flat from '../subjects/reference/mac.ts';
import { anySize, sized, UNKEYED } from './keys.ts';
import type { HashRow } from './row.ts';

/** A hash that OpenSSL has under the same name. */
function plain(name: string, blocksize: number, digestsize: number): HashRow {
  return {
    name,
    kind: 'ahash',
    key: UNKEYED,
    leaks: [],
    blocksize,
    digestsize,
    exports: true,
    digest: (_key, text) => Uint8Array.from(createHash(name).update(text).digest()),
  };
}

export function hmac(hash: HashRow): HashRow {
  const { blocksize, digestsize } = hash;
  const inner: flat.FlatHash = (text) =>
    Uint8Array.from(createHash(hash.name).update(text).digest());
  return {
    name: `hmac(${hash.name})`,
    kind: 'ahash',
    key: anySize(0, 1, 32, blocksize, blocksize + 1, 200),
    leaks: [],
    blocksize,
    digestsize,
    exports: true,
    digest: (key, text) => flat.hmac(inner, blocksize, key, text),
  };
}

type FlatMac = (block: FlatBlock, key: Uint8Array, text: Uint8Array) => Uint8Array;

function blockMac(template: string, block: FlatBlock, mac: FlatMac): HashRow {
  return {
    name: `${template}(${block.name})`,
    kind: 'ahash',
    key: sized(...block.keys),
    leaks: [],
    blocksize: block.size,
    digestsize: block.size,
    exports: false,
    digest: (key, text) => mac(block, key, text),
  };
}

const GHASH: HashRow = {
  name: 'ghash',
  kind: 'ahash',
  key: sized(16),
  leaks: [],
  blocksize: 16,
  digestsize: 16,
  exports: false,
  digest: flat.ghash,
};

/** The one-time key is the first 32 bytes of the message; less is answered by the last call. */
const POLY1305: HashRow = {
  ...GHASH,
  name: 'poly1305',
  key: UNKEYED,
  digest: (_key, text) =>
    text.length < 32 ? -ENOKEY : flat.poly1305(text.subarray(0, 32), text.subarray(32)),
};

const NHPOLY1305: HashRow = {
  ...GHASH,
  name: 'nhpoly1305',
  key: sized(1088),
  blocksize: 1,
  digest: flat.nhpoly1305,
};

export const SHA1: HashRow = plain('sha1', 64, 20);
export const SHA256: HashRow = plain('sha256', 64, 32);
export const SHA512: HashRow = plain('sha512', 128, 64);

export const HASHES: readonly HashRow[] = [
  SHA1,
  SHA256,
  SHA512,
  hmac(SHA1),
  hmac(SHA256),
  hmac(SHA512),
  blockMac('cmac', AES, flat.cmac),
  blockMac('cbcmac', AES, flat.cbcmac),
  GHASH,
  POLY1305,
  NHPOLY1305,
];
