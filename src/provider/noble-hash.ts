/**
 * Hashes of the generic provider.
 * @module
 */
import { sha256 } from '@noble/hashes/sha2.js';
import type { Hash } from '@noble/hashes/utils.js';
import type { PhysAddr } from '../units.ts';
import type { ByteMemory, HashState } from './provider.ts';

class NobleHash<T extends Hash<T>> implements HashState {
  readonly #hash: T;

  constructor(hash: T) {
    this.#hash = hash;
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
    return new NobleHash(this.#hash.clone());
  }
}

export function nobleSha256(): HashState {
  return new NobleHash(sha256.create());
}
