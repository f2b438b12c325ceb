/**
 * The hashes of the library over virtual addresses, messages in pieces of any length.
 * C: include/crypto/md5.h, sha1.h, sha2.h, sha3.h, sm3.h, blake2b.h, blake2s.h, gf128hash.h,
 *    poly1305.h, aes-cbc-macs.h (7.3)
 *
 * The kernel has one set of functions for each; they differ in nothing but the hash, which is data here.
 * @module
 */
import { assert } from '../../src/assert.ts';
import { AES_BLOCK_SIZE } from '../../src/crypto/catalogue.ts';
import { type HashDriver, hashDrivers, NO_KEY } from '../../src/crypto/hashes.ts';
import { EINVAL, type Errno } from '../../src/errno.ts';
import { nobleProvider } from '../../src/provider/noble/noble.ts';
import type { HashState } from '../../src/provider/provider.ts';
import { maskedMac } from '../../src/provider/soft/block-mac.ts';
import { blake2sHash } from '../../src/provider/soft/hashes/blake2s.ts';
import { startHash } from '../../src/provider/soft/hashes/state-hash.ts';
import { aesCheckKeylen, xorInto } from './aes.ts';

/** One hash of the library. @kernel none: the functions of one header */
export interface LibHash {
  readonly name: string;
  readonly blocksize: number;
  readonly digestsize: number;
  /** Whether a message needs a key, may have one, or cannot. */
  readonly keys: 'needed' | 'optional' | 'none';
  /** @returns the state that messages begin from, or -EINVAL for a key that the hash has not. */
  readonly preparekey: (key: Uint8Array) => HashState | Errno;
}

/** `sha256_init` and its relatives: hashes that have functions of their own in 7.3. */
const NAMES = [
  ...['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sm3'],
  ...['sha3-224', 'sha3-256', 'sha3-384', 'sha3-512'],
  ...['blake2b-160', 'blake2b-256', 'blake2b-384', 'blake2b-512', 'ghash', 'polyval', 'poly1305'],
] as const;

/** `hmac_sha256_preparekey` and its relatives. */
const HMAC_NAMES = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

/** Bits of the digests that `blake2s.h` names. */
const BLAKE2S_BITS = [128, 160, 224, 256] as const;
const BLAKE2S_BLOCK_SIZE = 64;
const BLAKE2S_KEY_SIZE = 32;

const DRIVERS: ReadonlyMap<string, HashDriver> = new Map(
  hashDrivers(nobleProvider).map((driver) => [driver.name, driver]),
);

/** All of them, by the names of the crypto API. */
export const LIB_HASHES: ReadonlyMap<string, LibHash> = new Map(
  [
    ...NAMES.map(plain),
    ...HMAC_NAMES.map((name) => hmac(plain(name))),
    ...BLAKE2S_BITS.map(blake2s),
    blockMac('cmac', (key) => nobleProvider.cmac(key)),
    blockMac('cbcmac', (key) => nobleProvider.cbcmac(key)),
    blockMac('xcbc', xcbcKey),
  ].map((hash) => [hash.name, hash]),
);

function plain(name: string): LibHash {
  const driver = DRIVERS.get(name);
  assert(driver !== undefined, 'a hash of the library has a kernel');
  const { blocksize, digestsize, newState } = driver;
  const keys = !driver.keyed
    ? 'none'
    : typeof newState(NO_KEY) === 'number'
      ? 'needed'
      : 'optional';
  return { name, blocksize, digestsize, keys, preparekey: newState };
}

/** @kernel blake2s_init, blake2s_init_key */
function blake2s(bits: number): LibHash {
  const digestsize = bits / 8;
  return {
    ...{ name: `blake2s-${bits}`, blocksize: BLAKE2S_BLOCK_SIZE, digestsize },
    keys: 'optional',
    preparekey: (key) =>
      key.length > BLAKE2S_KEY_SIZE ? -EINVAL : startHash(blake2sHash(digestsize, key)),
  };
}

/** RFC 2104: the prepared key is two states that have taken a block each. */
function hmac(hash: LibHash): LibHash {
  return {
    ...hash,
    name: `hmac(${hash.name})`,
    keys: 'needed',
    preparekey: (key) => hmacKey(hash, key),
  };
}

function hmacKey({ blocksize, digestsize, preparekey }: LibHash, key: Uint8Array): HashState {
  const block = new Uint8Array(blocksize);
  if (key.length > blocksize) {
    const hashed = unkeyed(preparekey);
    hashed.updateBytes(key);
    hashed.digest(block.subarray(0, digestsize));
  } else {
    block.set(key);
  }
  const inner = unkeyed(preparekey);
  inner.updateBytes(block.map((byte) => byte ^ 0x36));
  const outer = unkeyed(preparekey);
  outer.updateBytes(block.map((byte) => byte ^ 0x5c));
  return new HmacState(inner, outer, digestsize);
}

function unkeyed(preparekey: LibHash['preparekey']): HashState {
  const state = preparekey(NO_KEY);
  assert(typeof state !== 'number', 'a hash without key');
  return state;
}

class HmacState implements HashState {
  private readonly inner: HashState;
  private readonly outer: HashState;
  private readonly size: number;

  constructor(inner: HashState, outer: HashState, size: number) {
    this.inner = inner;
    this.outer = outer;
    this.size = size;
  }

  update(...run: Parameters<HashState['update']>): void {
    this.inner.update(...run);
  }

  updateBytes(bytes: Uint8Array): void {
    this.inner.updateBytes(bytes);
  }

  digest(out: Uint8Array): void {
    const inner = new Uint8Array(this.size);
    this.inner.digest(inner);
    const outer = this.outer.clone();
    outer.updateBytes(inner);
    outer.digest(out);
  }

  clone(): HashState {
    return new HmacState(this.inner.clone(), this.outer, this.size);
  }
}

/** @kernel none: aes_cmac_preparekey and its relatives */
function blockMac(mode: string, state: (key: Uint8Array) => HashState | Errno): LibHash {
  return {
    ...{ name: `${mode}(aes)`, blocksize: AES_BLOCK_SIZE, digestsize: AES_BLOCK_SIZE },
    keys: 'needed',
    preparekey: (key) => aesCheckKeylen(key.length) || state(key),
  };
}

/** Keys of 128 bits only; from the given one come the key of the chain and two masks. RFC 3566 */
function xcbcKey(key: Uint8Array): HashState | Errno {
  if (key.length !== AES_BLOCK_SIZE) return -EINVAL;
  const aes = nobleProvider.aes(key);
  const [own, whole, partial] = [1, 2, 3].map((byte) => {
    const block = new Uint8Array(AES_BLOCK_SIZE).fill(byte);
    aes.encryptBlock(block);
    return block;
  });
  const inner = nobleProvider.aes(own);
  const chain = (value: Uint8Array, blocks: Uint8Array): void => {
    for (let at = 0; at < blocks.length; at += AES_BLOCK_SIZE) {
      xorInto(value, blocks.subarray(at, at + AES_BLOCK_SIZE));
      inner.encryptBlock(value);
    }
  };
  return maskedMac(chain, { whole, partial });
}
