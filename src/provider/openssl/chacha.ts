/**
 * ChaCha20 of the accelerated provider. OpenSSL has no ChaCha12 and no HChaCha: those are the
 * generic ones.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, ChachaRounds, StreamKernel } from '../provider.ts';
import { chacha } from '../soft/chacha.ts';
import { CHUNK, load32, store32 } from '../soft/scratch.ts';

const BLOCK = 64;
/** Bytes below which a cipher object costs more than the generic loop (measured cross-over). */
const OWN_CIPHER = 320;

class OpensslChacha20 implements StreamKernel {
  readonly #key: Uint8Array;
  readonly #generic: StreamKernel;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
    this.#generic = chacha(key, 20);
  }

  crypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    if (len < OWN_CIPHER) {
      this.#generic.crypt(mem, src, dst, len, iv);
      return;
    }
    // OpenSSL carries a wrapped counter into the nonce, the kernel does not: stop at the wrap.
    for (let off = 0; off < len; ) {
      const counter = load32(iv, 0) >>> 0;
      const size = Math.min(len - off, (0x100000000 - counter) * BLOCK);
      this.#cryptChunks(mem, physAddr(src + off), physAddr(dst + off), size, iv);
      store32(iv, 0, counter + Math.ceil(size / BLOCK));
      off += size;
    }
  }

  #cryptChunks(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    const cipher = createCipheriv('chacha20', this.#key, iv);
    for (let off = 0; off < len; off += CHUNK) {
      const text = mem.load(physAddr(src + off), Math.min(CHUNK, len - off));
      mem.store(physAddr(dst + off), cipher.update(text));
    }
  }
}

/** ChaCha under a key of 32 bytes. */
export function opensslChacha(key: Uint8Array, rounds: ChachaRounds): StreamKernel {
  return rounds === 20 ? new OpensslChacha20(key) : chacha(key, rounds);
}
