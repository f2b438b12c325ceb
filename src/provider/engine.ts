/**
 * Engines: what a provider can do with a whole operation at once, lists included.
 *
 * A byte kernel is called run by run, because the walk of runs is what a driver of the kernel is about.
 * An engine is given the lists: it gathers once, calls the cipher once and scatters once. Its lists must
 * have their rows in the memory that it was made for, and hold at least as many bytes as it is told to
 * process; nothing is checked. So it is for machines without checks only.
 * @module
 */
import type { BvecList } from '../bvec.ts';

/** One key of a cipher in one mode. */
export interface CipherEngine {
  /**
   * The first `len` bytes of `src` go to `dst`, which is the same memory or none of it. `len` is a
   * multiple of the block, for CTR anything. `iv` goes on as the mode says: the counter, the last
   * ciphertext block; XTS leaves it.
   */
  run(encrypt: boolean, src: BvecList, dst: BvecList, len: number, iv: Uint8Array): void;
  /**
   * The same for data units of `unit` bytes, of which `len` is a multiple. Unit k has the IV `iv` + k, a
   * 128-bit little-endian number; `iv` is left as it is. Absent where units gain nothing.
   */
  runUnits?(
    encrypt: boolean,
    src: BvecList,
    dst: BvecList,
    len: number,
    iv: Uint8Array,
    unit: number,
  ): void;
  /**
   * Adds an operation to a batch, as `run`; `iv` goes on at once. The lists are read by `flush`, and no
   * other engine of the memory may run before it. @returns false for an operation that does not fit:
   * `flush` and `run` it. Absent where a batch gains nothing.
   */
  add?(src: BvecList, dst: BvecList, len: number, iv: Uint8Array): boolean;
  /** Does what was added, in that order. */
  flush?(): void;
  /** Gives back what the key has taken of the memory. */
  release(): void;
}

/** One key of an AEAD. Text and lists as for a cipher; the nonce has 12 bytes. */
export interface AeadEngine {
  /** Writes ciphertext, and the first `tagLen` bytes of the tag. */
  seal(op: AeadWork): void;
  /** Writes plaintext whether the tag is right or not. @returns whether it is right. */
  open(op: AeadWork): boolean;
  /** Adds an operation to a batch, all of one direction. @returns false when it does not fit, as above. */
  add(op: AeadWork): boolean;
  /** Does what was added. `right(k)` then says whether the tag of the k-th was right. */
  flush(encrypt: boolean): void;
  right(k: number): boolean;
  release(): void;
}

/**
 * One key of CCM. The nonce is the kernel's: 16 bytes, of which the first says how long the length is, and
 * has been checked.
 */
export interface CcmEngine {
  /** Whether it has room for an operation. */
  takes(op: AeadWork): boolean;
  /** As of an AEAD engine. */
  seal(op: AeadWork): void;
  open(op: AeadWork): boolean;
}

/** What an AEAD engine is told. */
export interface AeadWork {
  readonly ad: BvecList;
  readonly adLen: number;
  readonly src: BvecList;
  readonly dst: BvecList;
  readonly len: number;
  readonly iv: Uint8Array;
  readonly tag: BvecList;
  readonly tagLen: number;
}

/** A hash or a MAC of whole messages. */
export interface HashEngine {
  /** Hashes the first `len` bytes of `src` and writes the digest. */
  digest(src: BvecList, len: number, out: Uint8Array): void;
}

/** The engines of one memory. */
export interface Engines {
  /** `key` has been checked; XTS has two of the same length. */
  cipher(mode: 'ecb' | 'cbc' | 'ctr' | 'xts', key: Uint8Array): CipherEngine;
  gcm(key: Uint8Array): AeadEngine;
  ccm(key: Uint8Array): CcmEngine;
  /** A hash without key. @returns null for one that there is no engine for. */
  hash(name: string): HashEngine | null;
  hmacSha256(key: Uint8Array): HashEngine;
  /** Forgets text and key streams of the last operations: all of them have ended. */
  wipe(): void;
}
