/**
 * Hashes of the generic provider whose compression functions are noble's.
 * @module
 */
import { SHA224_IV, SHA256_IV, SHA384_IV, SHA512_IV } from '@noble/hashes/_md.js';
import { _MD5, _RIPEMD160, _SHA1 } from '@noble/hashes/legacy.js';
import { _SHA256, _SHA512 } from '@noble/hashes/sha2.js';
import { type Compress, MD_IV, mdHash } from '../soft/hashes/md-hash.ts';
import type { StateHash } from '../soft/hashes/state-hash.ts';

// noble keeps the chaining words in fields of its objects and lets subclasses reach them. One object of
// each class lends its compression; it never sees a message of its own.

class OpenMd5 extends _MD5 {
  compress(w: Uint32Array, text: DataView, from: number, to: number): void {
    this.set(w[0], w[1], w[2], w[3]);
    for (let at = from; at < to; at += 64) this.process(text, at);
    w.set(this.get());
  }
}

class OpenRipemd160 extends _RIPEMD160 {
  compress(w: Uint32Array, text: DataView, from: number, to: number): void {
    this.set(w[0], w[1], w[2], w[3], w[4]);
    for (let at = from; at < to; at += 64) this.process(text, at);
    w.set(this.get());
  }
}

class OpenSha1 extends _SHA1 {
  compress(w: Uint32Array, text: DataView, from: number, to: number): void {
    this.set(w[0], w[1], w[2], w[3], w[4]);
    for (let at = from; at < to; at += 64) this.process(text, at);
    w.set(this.get());
  }
}

class OpenSha256 extends _SHA256 {
  compress(w: Uint32Array, text: DataView, from: number, to: number): void {
    this.set(w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]);
    for (let at = from; at < to; at += 64) this.process(text, at);
    w.set(this.get());
  }
}

class OpenSha512 extends _SHA512 {
  /** noble keeps the high word of a pair first, a little-endian u64 the low one. */
  compress(w: Uint32Array, text: DataView, from: number, to: number): void {
    const [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = w;
    this.set(b, a, d, c, f, e, h, g, j, i, l, k, n, m, p, o);
    for (let at = from; at < to; at += 128) this.process(text, at);
    this.get().forEach((word, at) => {
      w[at ^ 1] = word;
    });
  }
}

const md5: Compress = lend(new OpenMd5());
const ripemd160: Compress = lend(new OpenRipemd160());
const sha1: Compress = lend(new OpenSha1());
const sha256: Compress = lend(new OpenSha256());
const sha512: Compress = lend(new OpenSha512());

function lend(lender: { compress: Compress }): Compress {
  return (words, text, from, to) => lender.compress(words, text, from, to);
}

/** `struct md5_state`: four words, buffer, count. */
export const md5Hash: StateHash = mdHash({
  ...{ stateSize: 88, blockSize: 64, wordsAt: 0, countAt: 80, bufferAt: 16 },
  initial: MD_IV.slice(0, 4),
  digestWord: 4,
  compress: md5,
});

/** `struct rmd160_ctx`: count, five words, buffer, four bytes of alignment. */
export const rmd160Hash: StateHash = mdHash({
  ...{ stateSize: 96, blockSize: 64, wordsAt: 8, countAt: 0, bufferAt: 28 },
  initial: MD_IV,
  digestWord: 4,
  compress: ripemd160,
});

/** `struct sha1_state`: five words, four bytes of alignment, count, buffer. */
export const sha1Hash: StateHash = mdHash({
  ...{ stateSize: 96, blockSize: 64, wordsAt: 0, countAt: 24, bufferAt: 32 },
  initial: MD_IV,
  digestWord: -4,
  compress: sha1,
});

export const sha224Hash: StateHash = sha256Like(SHA224_IV);
export const sha256Hash: StateHash = sha256Like(SHA256_IV);
export const sha384Hash: StateHash = sha512Like(SHA384_IV);
export const sha512Hash: StateHash = sha512Like(SHA512_IV);

/** `struct sha256_state`: eight words, count, buffer. */
function sha256Like(iv: Uint32Array): StateHash {
  return mdHash({
    ...{ stateSize: 104, blockSize: 64, wordsAt: 0, countAt: 32, bufferAt: 40 },
    initial: [...iv],
    digestWord: -4,
    compress: sha256,
  });
}

/** `struct sha512_state`: eight 64-bit words, a 128-bit count, buffer. */
function sha512Like(iv: Uint32Array): StateHash {
  return mdHash({
    ...{ stateSize: 208, blockSize: 128, wordsAt: 0, countAt: 64, bufferAt: 80 },
    initial: Array.from(iv, (_, i) => iv[i ^ 1]),
    digestWord: -8,
    compress: sha512,
  });
}
