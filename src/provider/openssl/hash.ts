/**
 * Hashes of the accelerated provider. Their states live inside OpenSSL: they can be copied, but not
 * exported, because neither OpenSSL's EVP interface nor node:crypto shows them.
 * @module
 */
import { createHash, getHashes, type Hash } from 'node:crypto';
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashMaker, HashName, HashState } from '../provider.ts';

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

/** Name here and name of OpenSSL. Whirlpool and MD4 are there when Node has the legacy provider. */
const NAMES: readonly (readonly [HashName, string])[] = [
  ['md4', 'md4'],
  ['md5', 'md5'],
  ['rmd160', 'ripemd160'],
  ['sha1', 'sha1'],
  ['sha224', 'sha224'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
  ['sha3-224', 'sha3-224'],
  ['sha3-256', 'sha3-256'],
  ['sha3-384', 'sha3-384'],
  ['sha3-512', 'sha3-512'],
  ['sm3', 'sm3'],
  ['wp512', 'whirlpool'],
];

/** What OpenSSL calls a hash without key. @returns null where this build has none. */
export function opensslName(name: string): string | null {
  const theirs = NAMES.find(([ours]) => ours === name)?.[1];
  return theirs !== undefined && getHashes().includes(theirs) ? theirs : null;
}

/** Starts a message of a hash of OpenSSL. */
export function opensslHash(name: string): HashState {
  return new OpensslHash(createHash(name));
}

/** The hashes without key that this build of OpenSSL offers. */
export function opensslHashes(): Partial<Record<HashName, HashMaker>> {
  const offered = new Set(getHashes());
  const makers: Partial<Record<HashName, HashMaker>> = {};
  for (const [name, theirs] of NAMES) {
    if (offered.has(theirs)) makers[name] = () => opensslHash(theirs);
  }
  return makers;
}
