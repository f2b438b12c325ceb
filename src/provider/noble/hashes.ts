/**
 * The hashes of the generic provider, by the kernel's names.
 * @module
 */
import type { HashMaker, HashName } from '../provider.ts';
import { blake2bHash } from '../soft/hashes/blake2b.ts';
import { crc32cHash, crc32Hash, crc64RocksoftHash, crct10difHash } from '../soft/hashes/crc.ts';
import { md4Hash } from '../soft/hashes/md4.ts';
import { michaelMicHash } from '../soft/hashes/michael-mic.ts';
import { poly1305Hash } from '../soft/hashes/poly1305-state.ts';
import { sha3Hash } from '../soft/hashes/sha3.ts';
import { sm3Hash } from '../soft/hashes/sm3.ts';
import { type StateHash, startHash } from '../soft/hashes/state-hash.ts';
import { streebogHash } from '../soft/hashes/streebog.ts';
import { whirlpoolHash } from '../soft/hashes/whirlpool.ts';
import { xxhash64Hash } from '../soft/hashes/xxhash64.ts';
import { nhpoly1305 } from '../soft/nhpoly1305.ts';
import { NobleGhashKey, nobleGhash, noblePolyval } from './ghash.ts';
import {
  md5Hash,
  rmd160Hash,
  sha1Hash,
  sha224Hash,
  sha256Hash,
  sha384Hash,
  sha512Hash,
} from './hash.ts';

/** Hashes nothing. */
const NULL_HASH: StateHash = {
  stateSize: 0,
  start: () => undefined,
  update: () => undefined,
  finish: () => undefined,
};

export const GENERIC_HASHES: Readonly<Record<HashName, HashMaker>> = {
  'blake2b-160': (key) => startHash(blake2bHash(20, key)),
  'blake2b-256': (key) => startHash(blake2bHash(32, key)),
  'blake2b-384': (key) => startHash(blake2bHash(48, key)),
  'blake2b-512': (key) => startHash(blake2bHash(64, key)),
  crc32: (key) => startHash(crc32Hash(key)),
  crc32c: (key) => startHash(crc32cHash(key)),
  'crc64-rocksoft': plain(crc64RocksoftHash),
  crct10dif: plain(crct10difHash),
  digest_null: plain(NULL_HASH),
  ghash: (key) => nobleGhash(new NobleGhashKey(key)),
  md4: plain(md4Hash),
  md5: plain(md5Hash),
  michael_mic: (key) => startHash(michaelMicHash(key)),
  nhpoly1305,
  poly1305: plain(poly1305Hash),
  polyval: noblePolyval,
  rmd160: plain(rmd160Hash),
  sha1: plain(sha1Hash),
  sha224: plain(sha224Hash),
  sha256: plain(sha256Hash),
  sha384: plain(sha384Hash),
  sha512: plain(sha512Hash),
  'sha3-224': plain(sha3Hash(28)),
  'sha3-256': plain(sha3Hash(32)),
  'sha3-384': plain(sha3Hash(48)),
  'sha3-512': plain(sha3Hash(64)),
  sm3: plain(sm3Hash),
  streebog256: plain(streebogHash(32)),
  streebog512: plain(streebogHash(64)),
  wp256: plain(whirlpoolHash),
  wp384: plain(whirlpoolHash),
  wp512: plain(whirlpoolHash),
  xxhash64: (key) => startHash(xxhash64Hash(key)),
};

function plain(hash: StateHash): HashMaker {
  return () => startHash(hash);
}
