/**
 * AES-GCM of the accelerated provider: one streaming cipher object of node:crypto per message.
 *
 * `setAAD` and `update` are called once per run, which node allows. Neither is ever called with an
 * empty run: an empty buffer may reach OpenSSL as a NULL pointer, which means something else there
 * (node 20.20.2, ERR_OSSL_TAG_NOT_SET).
 * @module
 */
import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { ByteMemory, GcmKernel, GcmState } from '../provider.ts';
import { assertTagSize } from '../soft/gcm-tag.ts';
import { CHUNK } from '../soft/scratch.ts';

/** Bytes of a whole tag. */
const TAG = 16;

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

class OpensslGcmState implements GcmState {
  /** Exactly one of the two is there. */
  readonly #encryption: CipherGCM | null = null;
  readonly #decryption: DecipherGCM | null = null;
  readonly #stream: CipherGCM | DecipherGCM;

  constructor(name: GcmName, key: Uint8Array, nonce: Uint8Array, encrypt: boolean, tagLen: number) {
    if (encrypt) {
      this.#encryption = createCipheriv(name, key, nonce);
      this.#stream = this.#encryption;
    } else {
      // Node 23 and later print a deprecation warning for a short tag that was not announced (DEP0182).
      assertTagSize(tagLen);
      this.#decryption = createDecipheriv(name, key, nonce, { authTagLength: tagLen });
      this.#stream = this.#decryption;
    }
  }

  aad(mem: ByteMemory, at: PhysAddr, len: number): void {
    for (let off = 0; off < len; off += CHUNK) {
      this.#stream.setAAD(mem.load(physAddr(at + off), Math.min(CHUNK, len - off)));
    }
  }

  crypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    for (let off = 0; off < len; off += CHUNK) {
      const text = mem.load(physAddr(src + off), Math.min(CHUNK, len - off));
      mem.store(physAddr(dst + off), this.#stream.update(text));
    }
  }

  tag(out: Uint8Array): void {
    assert(this.#encryption !== null, 'a tag is written by encryption');
    this.#encryption.final();
    out.set(this.#encryption.getAuthTag());
  }

  verify(tag: Uint8Array): boolean {
    assert(this.#decryption !== null, 'a tag is verified by decryption');
    assertTagSize(tag.length);
    this.#decryption.setAuthTag(tag);
    try {
      this.#decryption.final();
      return true;
    } catch {
      // `final` has no other error: the tag is set and GCM holds no text back.
      return false;
    }
  }
}

/** AES-GCM under one key of 16, 24 or 32 bytes. */
export function opensslGcm(key: Uint8Array): GcmKernel {
  const copy = Uint8Array.from(key);
  const name = gcmName(key.length);
  return {
    start: (encrypt, nonce, tagLen = TAG) =>
      new OpensslGcmState(name, copy, nonce, encrypt, tagLen),
  };
}

function gcmName(keySize: number): GcmName {
  if (keySize === 16) return 'aes-128-gcm';
  return keySize === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
}
