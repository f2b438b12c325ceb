/**
 * poly1305 as the kernel has it in 6.1: a hash without setkey, which takes its one-time key from the first
 * 32 bytes of the message.
 * C: crypto/poly1305_generic.c (6.1)
 * @module
 */
import { ENOKEY, type Errno } from '../../errno.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import { poly1305 } from './poly1305.ts';

const POLY1305_KEY_SIZE = 32;

class Poly1305Message implements HashState {
  readonly #key = new Uint8Array(POLY1305_KEY_SIZE);
  #filled = 0;
  #state: HashState | null = null;

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    const taken = Math.min(len, POLY1305_KEY_SIZE - this.#filled);
    if (taken > 0) this.#takeKey(mem.load(at, taken));
    if (len > taken) this.#state?.update(mem, physAddr(at + taken), len - taken);
  }

  updateBytes(bytes: Uint8Array): void {
    const taken = Math.min(bytes.length, POLY1305_KEY_SIZE - this.#filled);
    if (taken > 0) this.#takeKey(bytes.subarray(0, taken));
    if (bytes.length > taken) this.#state?.updateBytes(bytes.subarray(taken));
  }

  /** @returns -ENOKEY as long as the message is shorter than a key. */
  finalError(): Errno {
    return this.#state === null ? -ENOKEY : 0;
  }

  digest(out: Uint8Array): void {
    this.#state?.digest(out);
  }

  clone(): HashState {
    const copy = new Poly1305Message();
    copy.#key.set(this.#key);
    copy.#filled = this.#filled;
    copy.#state = this.#state?.clone() ?? null;
    return copy;
  }

  #takeKey(bytes: Uint8Array): void {
    this.#key.set(bytes, this.#filled);
    this.#filled += bytes.length;
    if (this.#filled === POLY1305_KEY_SIZE) this.#state = poly1305(this.#key);
  }
}

/** A message that begins with its key. */
export function poly1305Message(): HashState & { finalError(): Errno } {
  return new Poly1305Message();
}
