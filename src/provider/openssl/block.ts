/**
 * ECB and CBC runs over the engine of one key, for AES and Triple-DES alike.
 * @module
 */
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { BlockKernel, ByteMemory } from '../provider.ts';
import { CHUNK, dataBytes } from '../soft/scratch.ts';
import { type BlockAlgorithm, type BlockEngine, blockEngine } from './engine.ts';

const DES3: BlockAlgorithm = { ecb: 'des-ede3-ecb', cbc: 'des-ede3-cbc', blockSize: 8 };

/** The modes that every block cipher has. */
export class OpensslBlockKernel implements BlockKernel {
  protected readonly engine: BlockEngine;
  readonly #blockSize: number;

  constructor(engine: BlockEngine, blockSize: number) {
    this.engine = engine;
    this.#blockSize = blockSize;
  }

  ecbEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    this.#ecb(true, mem, src, dst, len);
  }

  ecbDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    this.#ecb(false, mem, src, dst, len);
  }

  cbcEncrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    this.#cbc(true, mem, src, dst, len, iv);
  }

  cbcDecrypt(mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number, iv: Uint8Array): void {
    this.#cbc(false, mem, src, dst, len, iv);
  }

  encryptBlock(block: Uint8Array): void {
    block.set(this.engine.ecb(true, block));
  }

  decryptBlock(block: Uint8Array): void {
    block.set(this.engine.ecb(false, block));
  }

  #ecb(encrypt: boolean, mem: ByteMemory, src: PhysAddr, dst: PhysAddr, len: number): void {
    assert(len % this.#blockSize === 0, 'a run of whole blocks');
    for (let off = 0; off < len; off += CHUNK) {
      const text = mem.load(physAddr(src + off), Math.min(CHUNK, len - off));
      mem.store(physAddr(dst + off), this.engine.ecb(encrypt, text));
    }
  }

  #cbc(
    encrypt: boolean,
    mem: ByteMemory,
    src: PhysAddr,
    dst: PhysAddr,
    len: number,
    iv: Uint8Array,
  ): void {
    assert(len % this.#blockSize === 0, 'a run of whole blocks');
    for (let off = 0; off < len; off += CHUNK) {
      const text = dataBytes.subarray(0, Math.min(CHUNK, len - off));
      text.set(mem.load(physAddr(src + off), text.length));
      mem.store(physAddr(dst + off), this.engine.cbc(encrypt, text, iv));
    }
  }
}

/** Triple-DES under a key of 24 bytes. */
export function opensslDes3Ede(key: Uint8Array): BlockKernel {
  return new OpensslBlockKernel(blockEngine(DES3, key), DES3.blockSize);
}

/** DES under a key of 8 bytes. OpenSSL 3 has DES only as Triple-DES: with three equal keys. */
export function opensslDes(key: Uint8Array): BlockKernel {
  return opensslDes3Ede(Uint8Array.from([...key, ...key, ...key]));
}
