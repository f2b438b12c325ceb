/**
 * Hashes of whole messages: gathered, then one call. A message longer than a chunk goes through a hash
 * object, chunk by chunk. HMAC is two such calls: a request of 1,420 bytes takes 2.8 us, with a copy of a
 * keyed state 4.1; of 64 bytes 3.0 instead of 6.3.
 * @module
 */
import { createHash, createHmac, type Hash, type Hmac, hash } from 'node:crypto';
import type { BvecList } from '../../bvec.ts';
import type { HashEngine } from '../engine.ts';
import { CHUNK, type Kernels } from './kernels.ts';

const SHA256 = 'sha256';
const SHA256_BLOCK = 64;
const SHA256_DIGEST = 32;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** A hash without a key. */
export class PlainHashEngine implements HashEngine {
  private readonly k: Kernels;
  private readonly name: string;

  /** @param name of OpenSSL. */
  constructor(kernels: Kernels, name: string) {
    this.k = kernels;
    this.name = name;
  }

  digest(src: BvecList, len: number, out: Uint8Array): void {
    const { k, name } = this;
    k.begin(src, src);
    if (len <= CHUNK) {
      out.set(hash(name, len === 0 ? k.textOf(0) : k.take(len), 'buffer'));
      return;
    }
    out.set(inChunks(k, createHash(name), len));
  }
}

/** HMAC-SHA-256 under one key. */
export class HmacEngine implements HashEngine {
  private readonly k: Kernels;
  private readonly key: Uint8Array;
  private readonly inner: Uint8Array = new Uint8Array(SHA256_BLOCK).fill(INNER_PAD);
  /** The outer pad, and behind it the inner digest. */
  private readonly outer: Uint8Array = new Uint8Array(SHA256_BLOCK + SHA256_DIGEST);

  constructor(kernels: Kernels, key: Uint8Array) {
    this.k = kernels;
    this.key = Uint8Array.from(key);
    this.outer.fill(OUTER_PAD, 0, SHA256_BLOCK);
    const short = key.length > SHA256_BLOCK ? hash(SHA256, key, 'buffer') : key;
    short.forEach((byte, i) => {
      this.inner[i] ^= byte;
      this.outer[i] ^= byte;
    });
  }

  digest(src: BvecList, len: number, out: Uint8Array): void {
    const { k, inner, outer } = this;
    k.begin(src, src);
    if (len > CHUNK) {
      out.set(inChunks(k, createHmac(SHA256, this.key), len));
      return;
    }
    // The pad stands in front of the text.
    const at = k.text - SHA256_BLOCK;
    k.mem.raw.set(inner, at);
    if (len > 0) k.takeCopy(len);
    const message = new Uint8Array(k.mem.raw.buffer, at, SHA256_BLOCK + len);
    outer.set(hash(SHA256, message, 'buffer'), SHA256_BLOCK);
    out.set(hash(SHA256, outer, 'buffer'));
  }
}

/** The digest of a message that is longer than a chunk. */
function inChunks(k: Kernels, running: Hash | Hmac, len: number): Uint8Array {
  for (let done = 0; done < len; done += CHUNK) running.update(k.take(Math.min(CHUNK, len - done)));
  return running.digest();
}
