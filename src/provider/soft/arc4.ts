/**
 * ARC4. The key stream goes on from one message to the next, as long as the key is the same.
 * Source: RFC 6229 for its vectors; lib/crypto/arc4.c (6.1).
 * @module
 */
import { type MemAddr, memAddr } from '../../units.ts';
import type { ByteMemory } from '../provider.ts';
import { CHUNK, dataBytes } from './scratch.ts';

/** A permutation and two indices, and what they give next. */
export class Arc4 {
  readonly #s: Uint8Array = Uint8Array.from({ length: 256 }, (_, i) => i);
  #x = 0;
  #y = 0;

  /** `key` is 1 to 256 bytes; the caller has checked it. */
  constructor(key: Uint8Array) {
    const s = this.#s;
    for (let i = 0, j = 0; i < 256; i++) {
      j = (j + s[i] + key[i % key.length]) & 255;
      const swapped = s[i];
      s[i] = s[j];
      s[j] = swapped;
    }
  }

  /** Any length; encryption and decryption are one. */
  crypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number): void {
    const s = this.#s;
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      dataBytes.set(mem.load(memAddr(src + off), size));
      for (let i = 0; i < size; i++) {
        this.#x = (this.#x + 1) & 255;
        const a = s[this.#x];
        this.#y = (this.#y + a) & 255;
        const b = s[this.#y];
        s[this.#x] = b;
        s[this.#y] = a;
        dataBytes[i] ^= s[(a + b) & 255];
      }
      mem.store(memAddr(dst + off), dataBytes.subarray(0, size));
    }
  }
}
