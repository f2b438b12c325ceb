/**
 * AES modes of the generic provider: block by block over the block functions of noble.
 *
 * The expanded keys are kept (noble's own modes expand them again in every call, about 2 us).
 * @module
 */
import { unsafe } from '@noble/ciphers/aes.js';
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { AesKernel, ByteMemory } from '../provider.ts';
import { addBigEndian, CHUNK, dataBytes, dataWords, load32, store32 } from '../soft/scratch.ts';

const BLOCK = 16;
/** x^128 modulo the polynomial of XTS (IEEE 1619, 5.2). */
const XTS_POLY = 0x87;

/** Chaining value of the current run: four little-endian words. */
const chain = new Uint32Array(4);
/** noble wants its blocks aligned to words; the buffers of callers need not be. */
const aligned = new Uint8Array(BLOCK);

class NobleAes implements AesKernel {
  readonly #key: Uint8Array;
  readonly #encKey: Uint32Array;
  #decKey: Uint32Array | null = null;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
    this.#encKey = unsafe.expandKeyLE(this.#key);
  }

  ecbEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    eachChunk(mem, src, dst, len, (words) => encryptBlocks(this.#encKey, words));
  }

  ecbDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    const key = this.#decryptionKey();
    eachChunk(mem, src, dst, len, (words) => decryptBlocks(key, words));
  }

  cbcEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    loadChain(iv);
    eachChunk(mem, src, dst, len, (words) => cbcEncryptBlocks(this.#encKey, words));
    storeChain(iv);
  }

  cbcDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    const key = this.#decryptionKey();
    loadChain(iv);
    eachChunk(mem, src, dst, len, (words) => cbcDecryptBlocks(key, words));
    storeChain(iv);
  }

  ctrCrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, counter: Uint8Array): void {
    aligned.set(counter);
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      const text = dataBytes.subarray(0, size);
      text.set(mem.load(physAddr(src + off), size));
      unsafe.ctrCounter(this.#encKey, aligned, text, text);
      mem.store(physAddr(dst + off), text);
    }
    // ctrCounter counts whole blocks only.
    if (len % BLOCK !== 0) addBigEndian(aligned, 1);
    counter.set(aligned);
  }

  xtsEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, tweak: Uint8Array): void {
    loadChain(tweak);
    eachChunk(mem, src, dst, len, (words) => xtsEncryptBlocks(this.#encKey, words));
    storeChain(tweak);
  }

  xtsDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, tweak: Uint8Array): void {
    const key = this.#decryptionKey();
    loadChain(tweak);
    eachChunk(mem, src, dst, len, (words) => xtsDecryptBlocks(key, words));
    storeChain(tweak);
  }

  encryptBlock(block: Uint8Array): void {
    aligned.set(block);
    unsafe.encryptBlock(this.#encKey, aligned);
    block.set(aligned);
  }

  decryptBlock(block: Uint8Array): void {
    aligned.set(block);
    unsafe.decryptBlock(this.#decryptionKey(), aligned);
    block.set(aligned);
  }

  #decryptionKey(): Uint32Array {
    this.#decKey ??= unsafe.expandKeyDecLE(this.#key);
    return this.#decKey;
  }
}

/** One expanded AES key of 16, 24 or 32 bytes. */
export function nobleAes(key: Uint8Array): AesKernel {
  return new NobleAes(key);
}

/** Passes a run through the scratch words, chunk by chunk. `step` gets the number of words. */
function eachChunk(
  mem: ByteMemory,
  src: PhysAddr,
  dst: PhysAddr,
  len: number,
  step: (words: number) => void,
): void {
  assert(len % BLOCK === 0, 'a run of whole blocks');
  for (let off = 0; off < len; off += CHUNK) {
    const size = Math.min(CHUNK, len - off);
    dataBytes.set(mem.load(physAddr(src + off), size));
    step(size >>> 2);
    mem.store(physAddr(dst + off), dataBytes.subarray(0, size));
  }
}

function loadChain(bytes: Uint8Array): void {
  for (let i = 0; i < 4; i++) chain[i] = load32(bytes, 4 * i);
}

function storeChain(bytes: Uint8Array): void {
  for (let i = 0; i < 4; i++) store32(bytes, 4 * i, chain[i]);
}

function encryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  for (let i = 0; i < words; i += 4) {
    const { s0, s1, s2, s3 } = unsafe.encrypt(key, w[i], w[i + 1], w[i + 2], w[i + 3]);
    w[i] = s0;
    w[i + 1] = s1;
    w[i + 2] = s2;
    w[i + 3] = s3;
  }
}

function decryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  for (let i = 0; i < words; i += 4) {
    const { s0, s1, s2, s3 } = unsafe.decrypt(key, w[i], w[i + 1], w[i + 2], w[i + 3]);
    w[i] = s0;
    w[i + 1] = s1;
    w[i + 2] = s2;
    w[i + 3] = s3;
  }
}

function cbcEncryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  let [c0, c1, c2, c3] = chain;
  for (let i = 0; i < words; i += 4) {
    const out = unsafe.encrypt(key, w[i] ^ c0, w[i + 1] ^ c1, w[i + 2] ^ c2, w[i + 3] ^ c3);
    w[i] = c0 = out.s0;
    w[i + 1] = c1 = out.s1;
    w[i + 2] = c2 = out.s2;
    w[i + 3] = c3 = out.s3;
  }
  setChain(c0, c1, c2, c3);
}

function cbcDecryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  let [c0, c1, c2, c3] = chain;
  for (let i = 0; i < words; i += 4) {
    const t0 = w[i];
    const t1 = w[i + 1];
    const t2 = w[i + 2];
    const t3 = w[i + 3];
    const { s0, s1, s2, s3 } = unsafe.decrypt(key, t0, t1, t2, t3);
    w[i] = s0 ^ c0;
    w[i + 1] = s1 ^ c1;
    w[i + 2] = s2 ^ c2;
    w[i + 3] = s3 ^ c3;
    c0 = t0;
    c1 = t1;
    c2 = t2;
    c3 = t3;
  }
  setChain(c0, c1, c2, c3);
}

function xtsEncryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  const t = chain;
  for (let i = 0; i < words; i += 4) {
    const a = w[i] ^ t[0];
    const { s0, s1, s2, s3 } = unsafe.encrypt(
      key,
      a,
      w[i + 1] ^ t[1],
      w[i + 2] ^ t[2],
      w[i + 3] ^ t[3],
    );
    w[i] = s0 ^ t[0];
    w[i + 1] = s1 ^ t[1];
    w[i + 2] = s2 ^ t[2];
    w[i + 3] = s3 ^ t[3];
    doubleTweak();
  }
}

function xtsDecryptBlocks(key: Uint32Array, words: number): void {
  const w = dataWords;
  const t = chain;
  for (let i = 0; i < words; i += 4) {
    const a = w[i] ^ t[0];
    const { s0, s1, s2, s3 } = unsafe.decrypt(
      key,
      a,
      w[i + 1] ^ t[1],
      w[i + 2] ^ t[2],
      w[i + 3] ^ t[3],
    );
    w[i] = s0 ^ t[0];
    w[i + 1] = s1 ^ t[1];
    w[i + 2] = s2 ^ t[2];
    w[i + 3] = s3 ^ t[3];
    doubleTweak();
  }
}

/** Multiplies the chain by x in GF(2^128), the bit order of XTS. */
function doubleTweak(): void {
  const [t0, t1, t2, t3] = chain;
  const carry = t3 >>> 31 === 1 ? XTS_POLY : 0;
  setChain(
    (t0 << 1) ^ carry,
    (t1 << 1) | (t0 >>> 31),
    (t2 << 1) | (t1 >>> 31),
    (t3 << 1) | (t2 >>> 31),
  );
}

function setChain(c0: number, c1: number, c2: number, c3: number): void {
  chain[0] = c0;
  chain[1] = c1;
  chain[2] = c2;
  chain[3] = c3;
}
