/**
 * ECB and CBC runs over a block cipher that is written block by block.
 * @module
 */
import { assert } from '../../../assert.ts';
import { type PhysAddr, physAddr } from '../../../units.ts';
import type { BlockKernel, ByteMemory } from '../../provider.ts';
import { CHUNK, dataBytes } from '../scratch.ts';

/** One expanded key, as the specification of a cipher writes it: the block at `at`, in place. */
export interface BlockCipher {
  /** Bytes of a block: 8 or 16. */
  readonly blockSize: number;
  encrypt(text: DataView, at: number): void;
  decrypt(text: DataView, at: number): void;
}

const data = new DataView(dataBytes.buffer);
const single = new Uint8Array(16);
const singleView = new DataView(single.buffer);

class SoftBlockKernel implements BlockKernel {
  readonly #cipher: BlockCipher;

  constructor(cipher: BlockCipher) {
    this.#cipher = cipher;
  }

  ecbEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    const { blockSize } = this.#cipher;
    eachChunk(mem, src, dst, len, blockSize, (size) => {
      for (let at = 0; at < size; at += blockSize) this.#cipher.encrypt(data, at);
    });
  }

  ecbDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    const { blockSize } = this.#cipher;
    eachChunk(mem, src, dst, len, blockSize, (size) => {
      for (let at = 0; at < size; at += blockSize) this.#cipher.decrypt(data, at);
    });
  }

  cbcEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    const { blockSize } = this.#cipher;
    eachChunk(mem, src, dst, len, blockSize, (size) => {
      for (let at = 0; at < size; at += blockSize) {
        for (let i = 0; i < blockSize; i++) dataBytes[at + i] ^= iv[i];
        this.#cipher.encrypt(data, at);
        for (let i = 0; i < blockSize; i++) iv[i] = dataBytes[at + i];
      }
    });
  }

  cbcDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    const { blockSize } = this.#cipher;
    eachChunk(mem, src, dst, len, blockSize, (size) => {
      for (let at = 0; at < size; at += blockSize) {
        for (let i = 0; i < blockSize; i++) single[i] = dataBytes[at + i];
        this.#cipher.decrypt(data, at);
        for (let i = 0; i < blockSize; i++) {
          dataBytes[at + i] ^= iv[i];
          iv[i] = single[i];
        }
      }
    });
  }

  encryptBlock(block: Uint8Array): void {
    single.set(block);
    this.#cipher.encrypt(singleView, 0);
    for (let i = 0; i < block.length; i++) block[i] = single[i];
  }

  decryptBlock(block: Uint8Array): void {
    single.set(block);
    this.#cipher.decrypt(singleView, 0);
    for (let i = 0; i < block.length; i++) block[i] = single[i];
  }
}

/** The runs of one expanded key. */
export function softBlockKernel(cipher: BlockCipher): BlockKernel {
  return new SoftBlockKernel(cipher);
}

/** The bytes that a text in hexadecimal digits spells: how the S-boxes are written down. */
export function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** The big-endian 32-bit words of a key. */
export function wordsOfKey(key: Uint8Array): number[] {
  const view = new DataView(key.buffer, key.byteOffset, key.length);
  return Array.from({ length: key.length / 4 }, (_, i) => view.getUint32(4 * i));
}

/** Passes a run through the scratch, chunk by chunk. */
function eachChunk(
  mem: ByteMemory,
  src: PhysAddr,
  dst: PhysAddr,
  len: number,
  blockSize: number,
  step: (size: number) => void,
): void {
  assert(len % blockSize === 0, 'a run of whole blocks');
  for (let off = 0; off < len; off += CHUNK) {
    const size = Math.min(CHUNK, len - off);
    dataBytes.set(mem.load(physAddr(src + off), size));
    step(size);
    mem.store(physAddr(dst + off), dataBytes.subarray(0, size));
  }
}
