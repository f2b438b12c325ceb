/**
 * ECB and CBC runs over the engine of one key, for every block cipher of OpenSSL.
 * @module
 */
import { getCiphers } from 'node:crypto';
import { assert } from '../../assert.ts';
import { type PhysAddr, physAddr } from '../../units.ts';
import type { BlockKernel, ByteMemory, CipherMaker, CipherName } from '../provider.ts';
import { CHUNK, dataBytes } from '../soft/scratch.ts';
import { type BlockEngine, blockEngine } from './engine.ts';

/** Name here, prefix of the names of OpenSSL, block size, whether the bits of the key come behind it. */
const CIPHERS: readonly (readonly [CipherName, string, number, boolean])[] = [
  ['aria', 'aria', 16, true],
  ['blowfish', 'bf', 8, false],
  ['camellia', 'camellia', 16, true],
  ['cast5', 'cast5', 8, false],
  ['des3_ede', 'des-ede3', 8, false],
  ['seed', 'seed', 16, false],
  ['sm4', 'sm4', 16, false],
];

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

/**
 * The block ciphers, AES aside, that this build of OpenSSL offers. Blowfish, CAST5 and SEED are there
 * when Node was started with its legacy provider.
 */
export function opensslCiphers(): Partial<Record<CipherName, CipherMaker>> {
  const offered = new Set(getCiphers());
  const makers: Partial<Record<CipherName, CipherMaker>> = {};
  for (const [name, prefix, blockSize, sized] of CIPHERS) {
    const nameFor = (key: Uint8Array) => (sized ? `${prefix}-${8 * key.length}` : prefix);
    if (!offered.has(`${nameFor(new Uint8Array(16))}-ecb`)) continue;
    makers[name] = (key) => kernel(nameFor(key), blockSize, key);
  }
  // OpenSSL 3 has DES outside its legacy provider only as Triple-DES: with three equal keys.
  const triple = makers.des3_ede;
  if (triple) makers.des = (key) => triple(Uint8Array.from([...key, ...key, ...key]));
  return makers;
}

function kernel(prefix: string, blockSize: number, key: Uint8Array): BlockKernel {
  const algorithm = { ecb: `${prefix}-ecb`, cbc: `${prefix}-cbc`, blockSize };
  return new OpensslBlockKernel(blockEngine(algorithm, key), blockSize);
}
