/**
 * Hashes of the accelerated provider. Their states live inside OpenSSL: they can be copied, but not
 * exported, because neither OpenSSL's EVP interface nor node:crypto shows them.
 * @module
 */
import { createHash, type Hash } from 'node:crypto';
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';

class OpensslHash implements HashState {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.#hash.update(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#hash.update(bytes);
  }

  digest(out: Uint8Array): void {
    out.set(this.#hash.digest());
  }

  clone(): HashState {
    return new OpensslHash(this.#hash.copy());
  }
}

export function opensslSha1(): HashState {
  return new OpensslHash(createHash('sha1'));
}

export function opensslSha256(): HashState {
  return new OpensslHash(createHash('sha256'));
}

export function opensslSha512(): HashState {
  return new OpensslHash(createHash('sha512'));
}
