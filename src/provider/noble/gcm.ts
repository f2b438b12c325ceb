/**
 * AES-GCM of the generic provider: counter mode and GHASH of noble, streaming.
 *
 * noble's own `gcm` takes a whole message in one buffer, which is the very thing under test.
 * Source: NIST SP 800-38D, 6 and 7.
 * @module
 */
import { unsafe } from '@noble/ciphers/aes.js';
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, GcmKernel, GcmState, HashState } from '../provider.ts';
import { assertTagSize } from '../soft/gcm-tag.ts';
import { CHUNK, dataBytes } from '../soft/scratch.ts';
import { NobleGhashKey, nobleGhash } from './ghash.ts';

const BLOCK = 16;

class NobleGcmState implements GcmState {
  readonly #key: Uint32Array;
  readonly #encrypt: boolean;
  readonly #counter: Uint8Array;
  readonly #tagMask: Uint8Array;
  readonly #hash: HashState;
  /** Key stream of a block that a run has ended in, and how much of it is used. */
  readonly #stream: Uint8Array = new Uint8Array(BLOCK);
  #streamUsed: number = BLOCK;
  #aadLength = 0;
  #textLength = 0;

  constructor(key: Uint32Array, ghash: NobleGhashKey, encrypt: boolean, nonce: Uint8Array) {
    this.#key = key;
    this.#encrypt = encrypt;
    this.#counter = new Uint8Array(BLOCK);
    this.#counter.set(nonce);
    this.#counter[15] = 1;
    this.#tagMask = new Uint8Array(BLOCK);
    unsafe.ctr32(key, false, this.#counter, this.#tagMask, this.#tagMask);
    this.#hash = nobleGhash(ghash);
  }

  aad(mem: ByteMemory, at: PhysAddr, len: number): void {
    assert(this.#textLength === 0, 'associated data before text');
    this.#hash.update(mem, at, len);
    this.#aadLength += len;
  }

  crypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    if (len > 0 && this.#textLength === 0) this.#pad(this.#aadLength);
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      const text = dataBytes.subarray(0, size);
      text.set(mem.load(physAddr(src + off), size));
      if (!this.#encrypt) this.#hash.updateBytes(text);
      this.#xorStream(text);
      if (this.#encrypt) this.#hash.updateBytes(text);
      mem.store(physAddr(dst + off), text);
    }
    this.#textLength += len;
  }

  tag(out: Uint8Array): void {
    assert(this.#encrypt, 'a tag is written by encryption');
    out.set(this.#fullTag());
  }

  verify(tag: Uint8Array): boolean {
    assert(!this.#encrypt, 'a tag is verified by decryption');
    assertTagSize(tag.length);
    const expected = this.#fullTag();
    let difference = 0;
    for (let i = 0; i < tag.length; i++) difference |= tag[i] ^ expected[i];
    return difference === 0;
  }

  /** XORs the key stream into `text`, also when it begins or ends inside a block. */
  #xorStream(text: Uint8Array): void {
    let off = 0;
    while (off < text.length && this.#streamUsed < BLOCK) {
      text[off++] ^= this.#stream[this.#streamUsed++];
    }
    const whole = text.length - off - ((text.length - off) % BLOCK);
    if (whole > 0) this.#xorBlocks(text, off, whole);
    off += whole;
    if (off === text.length) return;
    this.#stream.fill(0);
    unsafe.ctr32(this.#key, false, this.#counter, this.#stream, this.#stream);
    this.#streamUsed = 0;
    while (off < text.length) text[off++] ^= this.#stream[this.#streamUsed++];
  }

  /** noble wants whole words: after a partial block the text is moved to an aligned place. */
  #xorBlocks(text: Uint8Array, off: number, len: number): void {
    const blocks = text.subarray(off, off + len);
    if (blocks.byteOffset % 4 === 0) {
      unsafe.ctr32(this.#key, false, this.#counter, blocks, blocks);
    } else {
      const copy = blocks.slice();
      unsafe.ctr32(this.#key, false, this.#counter, copy, copy);
      blocks.set(copy);
    }
  }

  #pad(length: number): void {
    const partial = length % BLOCK;
    if (partial > 0) this.#hash.updateBytes(new Uint8Array(BLOCK - partial));
  }

  #fullTag(): Uint8Array {
    this.#pad(this.#textLength === 0 ? this.#aadLength : this.#textLength);
    const lengths = new DataView(new ArrayBuffer(BLOCK));
    lengths.setBigUint64(0, BigInt(this.#aadLength) * 8n);
    lengths.setBigUint64(8, BigInt(this.#textLength) * 8n);
    this.#hash.updateBytes(new Uint8Array(lengths.buffer));
    const out = new Uint8Array(BLOCK);
    this.#hash.digest(out);
    for (let i = 0; i < BLOCK; i++) out[i] ^= this.#tagMask[i];
    return out;
  }
}

/** AES-GCM under one key of 16, 24 or 32 bytes. */
export function nobleGcm(key: Uint8Array): GcmKernel {
  const expanded = unsafe.expandKeyLE(Uint8Array.from(key));
  const ghash = new NobleGhashKey(unsafe.encryptBlock(expanded, new Uint8Array(BLOCK)));
  return {
    start: (encrypt, nonce) => new NobleGcmState(expanded, ghash, encrypt, nonce),
  };
}
