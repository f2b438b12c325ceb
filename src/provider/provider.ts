/**
 * The byte kernels, "the assembly" of both APIs: what a provider must offer.
 *
 * A kernel sees runs of (memory, physical address, length). It never sees a list or an iterator, it
 * places no tag and no IV, and it does not decide what an error is: all of that is what the two APIs
 * are compared on, so each writes its own. Chaining values live in buffers of the caller.
 *
 * Everywhere a length may be 0: then memory is not touched and no state changes. A run above
 * 64 KiB may be loaded and stored in pieces, so a fault may leave it half done.
 * @module
 */
import type { Errno } from '../errno.ts';
import type { MemAddr } from '../units.ts';

/** The view of memory that a byte kernel gets. A machine checks every access, raw memory does not. */
export interface ByteMemory {
  /** The bytes at `at`. The view is valid until the next store; a kernel must not write to it. */
  load(at: MemAddr, len: number): Uint8Array;
  /** Writes all of `bytes` at `at`. */
  store(at: MemAddr, bytes: Uint8Array): void;
}

/**
 * One expanded key of a block cipher. In every function `src` and `dst` are equal or the runs are
 * disjoint, and `len` is a multiple of the block size unless said otherwise. Chaining buffers are one
 * block long and are updated, so that the next run of the same message may follow with the same buffer.
 */
export interface BlockKernel {
  ecbEncrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number): void;
  ecbDecrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number): void;
  /** Leaves the last ciphertext block in `iv`. */
  cbcEncrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, iv: Uint8Array): void;
  /** Leaves the last ciphertext block in `iv`, also when it runs in place. */
  cbcDecrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, iv: Uint8Array): void;
  /** Encrypts one block of a private buffer in place. */
  encryptBlock(block: Uint8Array): void;
  decryptBlock(block: Uint8Array): void;
}

/** The block ciphers that the kernel has. */
export type CipherName =
  | 'aes'
  | 'anubis'
  | 'aria'
  | 'blowfish'
  | 'camellia'
  | 'cast5'
  | 'cast6'
  | 'cipher_null'
  | 'des'
  | 'des3_ede'
  | 'fcrypt'
  | 'khazad'
  | 'seed'
  | 'serpent'
  | 'sm4'
  | 'tea'
  | 'twofish'
  | 'xeta'
  | 'xtea';

/** Expands a key whose length the caller has checked. Weak keys and parity are not looked at. */
export type CipherMaker = (key: Uint8Array) => BlockKernel;

/** One expanded AES key: blocks of 16 bytes, and the modes that are worth a kernel of their own. */
export interface AesKernel extends BlockKernel {
  /** Any length; a partial block ends the message. Adds ceil(len / 16) to the 128-bit big-endian counter. */
  ctrCrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, counter: Uint8Array): void;
  /** XEX with an already encrypted tweak; `tweak` is multiplied by x once per block. */
  xtsEncrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, tweak: Uint8Array): void;
  xtsDecrypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, tweak: Uint8Array): void;
}

/** 20 is ChaCha20; 12 is what Adiantum uses. */
export type ChachaRounds = 20 | 12;

/** One key of a stream cipher. */
export interface StreamKernel {
  /**
   * Any length; a partial 64-byte block ends the message. `iv` is 16 bytes: a 32-bit little-endian
   * block counter, then the nonce. Adds ceil(len / 64) to the counter, which wraps without carry.
   */
  crypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number, iv: Uint8Array): void;
}

/**
 * One message under AES-GCM: all associated data first, then text in runs of any length. `tag` or
 * `verify` ends it. Decrypted text is stored before it is verified, as the kernel does.
 */
export interface GcmState {
  aad(mem: ByteMemory, at: MemAddr, len: number): void;
  crypt(mem: ByteMemory, src: MemAddr, dst: MemAddr, len: number): void;
  /** Encryption only: writes the 16-byte tag. */
  tag(out: Uint8Array): void;
  /** Decryption only: compares in constant time the first `tag.length` (4, 8 or 12 to 16) bytes. */
  verify(tag: Uint8Array): boolean;
}

export interface GcmKernel {
  /**
   * Starts a message with a 12-byte nonce. A decryption must say how long the tag is (4, 8 or 12 to 16;
   * 16 when it does not): newer OpenSSL bindings want to know it before the message.
   */
  start(encrypt: boolean, nonce: Uint8Array, tagLen?: number): GcmState;
}

/**
 * A running hash or MAC. Runs may have any length. Setting up a key costs much more than a copy
 * (GHASH tables: 10 us), so a keyed state is made once per key and cloned per message.
 */
export interface HashState {
  update(mem: ByteMemory, at: MemAddr, len: number): void;
  updateBytes(bytes: Uint8Array): void;
  /**
   * Why there is no digest of what was hashed so far: a key or a nonce that is part of the message is
   * incomplete. Absent: there always is one.
   */
  readonly finalError?: () => Errno;
  /** Fills `out`, which has the size of the digest; the state must not be used afterwards. */
  digest(out: Uint8Array): void;
  /** An independent copy. */
  clone(): HashState;
  /** Bytes of an exported state; absent where states cannot be exported (the accelerated hashes). */
  readonly stateSize?: number;
  /**
   * Writes the running state as the kernel's generic driver lays it out (`struct sha256_state` and
   * relatives; an HMAC exports its inner hash). Buffer bytes that hold no input are 0, where a kernel
   * may have stale ones. `out` has `stateSize` bytes.
   */
  readonly exportState?: (out: Uint8Array) => void;
  /** Goes on from an exported state of the same algorithm (and, for an HMAC, key). */
  readonly importState?: (state: Uint8Array) => void;
}

/** The hashes that are no templates, by the kernel's names. */
export type HashName =
  | 'blake2b-160'
  | 'blake2b-256'
  | 'blake2b-384'
  | 'blake2b-512'
  | 'crc32'
  | 'crc32c'
  | 'crc64-rocksoft'
  | 'crct10dif'
  | 'digest_null'
  | 'ghash'
  | 'md4'
  | 'md5'
  | 'michael_mic'
  | 'nhpoly1305'
  | 'poly1305'
  | 'polyval'
  | 'rmd160'
  | 'sha1'
  | 'sha224'
  | 'sha256'
  | 'sha384'
  | 'sha512'
  | 'sha3-224'
  | 'sha3-256'
  | 'sha3-384'
  | 'sha3-512'
  | 'sm3'
  | 'streebog256'
  | 'streebog512'
  | 'wp256'
  | 'wp384'
  | 'wp512'
  | 'xxhash64';

/** Starts a message under a key whose length the caller has checked; empty where there is none. */
export type HashMaker = (key: Uint8Array) => HashState;

export interface Provider {
  readonly name: 'generic' | 'accel';
  /** The block ciphers that this provider has. */
  readonly ciphers: Readonly<Partial<Record<CipherName, CipherMaker>>>;
  /** The hashes that this provider has. */
  readonly hashes: Readonly<Partial<Record<HashName, HashMaker>>>;
  /** `key` is 16, 24 or 32 bytes; the caller has checked it. */
  aes(key: Uint8Array): AesKernel;
  aesGcm(key: Uint8Array): GcmKernel;
  /** `h` is the 16-byte hash key. Whole blocks are hashed as they come, a partial run is zero-padded at `digest`. */
  ghash(h: Uint8Array): HashState;
  sha256(): HashState;
  /** Any key length, 0 included. */
  hmacSha256(key: Uint8Array): HashState;
  sha1(): HashState;
  hmacSha1(key: Uint8Array): HashState;
  sha512(): HashState;
  hmacSha512(key: Uint8Array): HashState;
  /** 32-byte key. */
  chacha(key: Uint8Array, rounds: ChachaRounds): StreamKernel;
  /** 32-byte key and 16-byte nonce; returns a 32-byte key. */
  hchacha(key: Uint8Array, nonce: Uint8Array, rounds: ChachaRounds): Uint8Array;
  /** 32-byte one-time key. */
  poly1305(key: Uint8Array): HashState;
  /** AES key. */
  cmac(key: Uint8Array): HashState;
  /** AES key, zero IV. A partial last block is zero-padded; an empty message gives zeros. */
  cbcmac(key: Uint8Array): HashState;
  /** 1088-byte key (a Poly1305 point and the NH key), 16-byte digest. */
  nhpoly1305(key: Uint8Array): HashState;
}
