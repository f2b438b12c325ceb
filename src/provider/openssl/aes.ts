/**
 * AES modes of the accelerated provider, over the ECB and CBC engine of one key.
 *
 * Short runs of CTR and XTS are one ECB `update` between two XORs; longer ones are worth a cipher
 * object of their own, whose key stream costs no loop here.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { AesKernel, ByteMemory } from '../provider.ts';
import {
  addBigEndian,
  CHUNK,
  dataBytes,
  maskBytes,
  maskWords,
  swap32,
  xorMask,
} from '../soft/scratch.ts';
import { advanceTweak, fillTweaks } from '../soft/xts-tweak.ts';
import { OpensslBlockKernel } from './block.ts';
import { type BlockAlgorithm, type BlockEngine, oneShot } from './engine.ts';

const BLOCK = 16;
/** Bytes from which a CTR or XTS run gets a cipher object of its own (measured cross-over). */
const OWN_CIPHER = 1536;

/** How to make the engine of a key. */
export type EngineMaker = (algorithm: BlockAlgorithm, key: Uint8Array) => BlockEngine;

class OpensslAes extends OpensslBlockKernel implements AesKernel {
  readonly #key: Uint8Array;
  readonly #bits: number;
  /** Key and tweak engine of the XTS cipher objects; null for AES-192, which OpenSSL has no XTS of. */
  readonly #xtsKey: Uint8Array | null;
  readonly #tweakEngine: BlockEngine | null;

  constructor(key: Uint8Array, engine: EngineMaker) {
    const algorithm = aesAlgorithm(key.length);
    super(engine(algorithm, key), BLOCK);
    this.#key = Uint8Array.from(key);
    this.#bits = key.length * 8;
    // OpenSSL encrypts the tweak itself, under a second key that differs from the first. Ours comes
    // encrypted already, so it is decrypted first under a second key of our choice.
    const tweakKey = this.#key.map((byte) => ~byte);
    const hasXts = key.length !== 24;
    this.#xtsKey = hasXts ? Uint8Array.from([...this.#key, ...tweakKey]) : null;
    this.#tweakEngine = hasXts ? engine(algorithm, tweakKey) : null;
  }

  ctrCrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, counter: Uint8Array): void {
    if (len === 0) return;
    if (len < OWN_CIPHER) {
      const blocks = Math.ceil(len / BLOCK);
      fillCounters(counter, blocks);
      maskBytes.set(this.engine.ecb(true, maskBytes.subarray(0, blocks * BLOCK)));
      dataBytes.set(mem.load(src, len));
      xorMask(len);
      mem.store(dst, dataBytes.subarray(0, len));
      return;
    }
    const cipher = createCipheriv(`aes-${this.#bits}-ctr`, this.#key, counter);
    for (let off = 0; off < len; off += CHUNK) {
      const text = mem.load(physAddr(src + off), Math.min(CHUNK, len - off));
      mem.store(physAddr(dst + off), cipher.update(text));
    }
    addBigEndian(counter, Math.ceil(len / BLOCK));
  }

  xtsEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, tweak: Uint8Array): void {
    this.#xts(true, mem, src, dst, len, tweak);
  }

  xtsDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, tweak: Uint8Array): void {
    this.#xts(false, mem, src, dst, len, tweak);
  }

  #xts(
    encrypt: boolean,
    mem: ByteMemory,
    src: PhysAddr,
    dst: PhysAddr,
    len: number,
    tweak: Uint8Array,
  ): void {
    assert(len % BLOCK === 0, 'a run of whole blocks');
    for (let off = 0; off < len; off += CHUNK) {
      const size = Math.min(CHUNK, len - off);
      const text = mem.load(physAddr(src + off), size);
      const out =
        size >= OWN_CIPHER && this.#xtsKey !== null && this.#tweakEngine !== null
          ? this.#xtsOwnCipher(encrypt, text, tweak, this.#xtsKey, this.#tweakEngine)
          : this.#xtsOverEcb(encrypt, text, tweak);
      mem.store(physAddr(dst + off), out);
    }
  }

  #xtsOverEcb(encrypt: boolean, text: Uint8Array, tweak: Uint8Array): Uint8Array {
    fillTweaks(tweak, text.length / BLOCK);
    const scratch = dataBytes.subarray(0, text.length);
    scratch.set(text);
    xorMask(text.length);
    scratch.set(this.engine.ecb(encrypt, scratch));
    xorMask(text.length);
    return scratch;
  }

  #xtsOwnCipher(
    encrypt: boolean,
    text: Uint8Array,
    tweak: Uint8Array,
    key: Uint8Array,
    tweakEngine: BlockEngine,
  ): Uint8Array {
    const iv = tweakEngine.ecb(false, tweak);
    advanceTweak(tweak, text.length / BLOCK);
    return oneShot(`aes-${this.#bits}-xts`, encrypt, key, iv, text);
  }
}

/** node's names of the modes of AES. */
export function aesAlgorithm(keySize: number): BlockAlgorithm {
  const name = `aes-${8 * keySize}`;
  return { ecb: `${name}-ecb`, cbc: `${name}-cbc`, blockSize: BLOCK };
}

/** One AES key of 16, 24 or 32 bytes. */
export function opensslAes(key: Uint8Array, engine: EngineMaker): AesKernel {
  return new OpensslAes(key, engine);
}

/** Writes `blocks` successive values of the 128-bit big-endian counter into the mask. */
function fillCounters(counter: Uint8Array, blocks: number): void {
  const view = new DataView(counter.buffer, counter.byteOffset, BLOCK);
  let c0 = view.getUint32(0, true);
  let c1 = view.getUint32(4, true);
  let c2 = view.getUint32(8, true);
  let low = view.getUint32(12);
  const words = 4 * blocks;
  for (let i = 0; i < words; i += 4) {
    maskWords[i] = c0;
    maskWords[i + 1] = c1;
    maskWords[i + 2] = c2;
    maskWords[i + 3] = swap32(low);
    low = (low + 1) | 0;
    if (low === 0) {
      addBigEndian(counter.subarray(0, 12), 1);
      c0 = view.getUint32(0, true);
      c1 = view.getUint32(4, true);
      c2 = view.getUint32(8, true);
    }
  }
  view.setUint32(12, low);
}
