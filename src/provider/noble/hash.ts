/**
 * Hashes of the generic provider. Their states can be exported in the layout of the kernel's
 * `*-generic` drivers on a little-endian 64-bit machine.
 * @module
 */
import { _SHA1 } from '@noble/hashes/legacy.js';
import { _SHA256, _SHA512 } from '@noble/hashes/sha2.js';
import { assert } from '../../assert.ts';
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';

/** Where the parts of an exported state are, in bytes (include/crypto/sha1.h, sha2.h, 6.1). */
interface StateLayout {
  readonly size: number;
  /** Offset of the 64-bit count of bytes; the chaining words begin at 0. */
  readonly count: number;
  readonly buffer: number;
  readonly blockSize: number;
}

/** `struct sha1_state`: five words, four bytes of alignment, count, buffer. */
const SHA1_STATE: StateLayout = { size: 96, count: 24, buffer: 32, blockSize: 64 };
/** `struct sha256_state`: eight words, count, buffer. */
const SHA256_STATE: StateLayout = { size: 104, count: 32, buffer: 40, blockSize: 64 };
/** `struct sha512_state`: eight 64-bit words, a 128-bit count, buffer. */
const SHA512_STATE: StateLayout = { size: 208, count: 64, buffer: 80, blockSize: 128 };

/** What our subclasses of noble's hashes can do beyond noble's interface. */
interface OpenHash {
  readonly layout: StateLayout;
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
  copy(): OpenHash;
  /** The chaining words in the order of the exported state, the buffer, and the bytes so far. */
  words(): number[];
  setWords(words: number[]): void;
  buffered(): Uint8Array;
  setLength(length: number): void;
  bytesSoFar(): number;
}

class OpenSha1 extends _SHA1 implements OpenHash {
  readonly layout: StateLayout = SHA1_STATE;

  copy(): OpenHash {
    const to = new OpenSha1();
    this._cloneInto(to);
    return to;
  }

  words(): number[] {
    return this.get();
  }

  setWords(words: number[]): void {
    const [a, b, c, d, e] = words;
    this.set(a, b, c, d, e);
  }

  buffered(): Uint8Array {
    return this.buffer;
  }

  bytesSoFar(): number {
    return this.length;
  }

  setLength(length: number): void {
    this.length = length;
    this.pos = length % this.blockLen;
  }
}

class OpenSha256 extends _SHA256 implements OpenHash {
  readonly layout: StateLayout = SHA256_STATE;

  copy(): OpenHash {
    const to = new OpenSha256();
    this._cloneInto(to);
    return to;
  }

  words(): number[] {
    return this.get();
  }

  setWords(words: number[]): void {
    const [a, b, c, d, e, f, g, h] = words;
    this.set(a, b, c, d, e, f, g, h);
  }

  buffered(): Uint8Array {
    return this.buffer;
  }

  bytesSoFar(): number {
    return this.length;
  }

  setLength(length: number): void {
    this.length = length;
    this.pos = length % this.blockLen;
  }
}

class OpenSha512 extends _SHA512 implements OpenHash {
  readonly layout: StateLayout = SHA512_STATE;

  copy(): OpenHash {
    const to = new OpenSha512();
    this._cloneInto(to);
    return to;
  }

  /** noble keeps the high word first, a little-endian u64 the low one. */
  words(): number[] {
    return swapPairs(this.get());
  }

  setWords(words: number[]): void {
    const [ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl] = swapPairs(words);
    this.set(ah, al, bh, bl, ch, cl, dh, dl, eh, el, fh, fl, gh, gl, hh, hl);
  }

  buffered(): Uint8Array {
    return this.buffer;
  }

  bytesSoFar(): number {
    return this.length;
  }

  setLength(length: number): void {
    this.length = length;
    this.pos = length % this.blockLen;
  }
}

function swapPairs(words: readonly number[]): number[] {
  return words.map((_, i) => words[i ^ 1]);
}

class NobleHash implements HashState {
  readonly stateSize: number;
  readonly #hash: OpenHash;

  constructor(hash: OpenHash) {
    this.#hash = hash;
    this.stateSize = hash.layout.size;
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.#hash.update(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(out: Uint8Array): void {
    out.set(this.#hash.digest());
  }

  clone(): HashState {
    return new NobleHash(this.#hash.copy());
  }

  exportState(out: Uint8Array): void {
    const { size, count, buffer, blockSize } = this.#hash.layout;
    assert(out.length === size, 'room for exactly one exported state');
    const view = new DataView(out.buffer, out.byteOffset, size);
    out.fill(0);
    this.#hash.words().forEach((word, i) => {
      view.setUint32(4 * i, word, true);
    });
    const bytes = this.#hash.bytesSoFar();
    view.setBigUint64(count, BigInt(bytes), true);
    out.set(this.#hash.buffered().subarray(0, bytes % blockSize), buffer);
  }

  importState(state: Uint8Array): void {
    const { size, count, buffer, blockSize } = this.#hash.layout;
    assert(state.length === size, 'one exported state');
    const view = new DataView(state.buffer, state.byteOffset, size);
    this.#hash.setWords(this.#hash.words().map((_, i) => view.getUint32(4 * i, true)));
    const bytes = view.getBigUint64(count, true);
    assert(bytes <= BigInt(Number.MAX_SAFE_INTEGER), 'a count of bytes below 2^53');
    this.#hash.setLength(Number(bytes));
    this.#hash.buffered().set(state.subarray(buffer, buffer + blockSize));
  }
}

export function nobleSha1(): HashState {
  return new NobleHash(new OpenSha1());
}

export function nobleSha256(): HashState {
  return new NobleHash(new OpenSha256());
}

export function nobleSha512(): HashState {
  return new NobleHash(new OpenSha512());
}
