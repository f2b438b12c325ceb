/**
 * Engines of the block cipher modes: kept cipher objects of node:crypto with the mode in wasm where a
 * request is small, node's own modes where it is large.
 *
 * A request to node:crypto costs 2.2 us whatever it does; an `update` of a kept ECB object costs 0.4.
 * @module
 */
import { createCipheriv } from 'node:crypto';
import { assert } from '../../assert.ts';
import type { BvecList } from '../../bvec.ts';
import type { CipherEngine } from '../engine.ts';
import { aesAlgorithm, type BlockEngine, blockEngine, oneShot } from '../openssl/openssl.ts';
import { addBigEndian } from '../soft/scratch.ts';
import { CHUNK, type Kernels, MAX_JOBS, PIECE } from './kernels.ts';

const BLOCK = 16;
/** Bytes up to which kept ECB objects are cheaper than a cipher object of node's own mode. */
export const CTR_KEPT = 8192;
export const XTS_KEPT = 8192;
/** Blocks of key stream that one update of a batch makes: with more, its result misses the caches. */
const BATCH_BLOCKS = 1024;

/** CTR of any length. */
export class CtrEngine implements CipherEngine {
  private readonly k: Kernels;
  private readonly key: Uint8Array;
  private readonly name: string;
  private readonly ecb: BlockEngine;
  private pending = 0;
  private blocks = 0;

  constructor(kernels: Kernels, key: Uint8Array) {
    this.k = kernels;
    this.key = Uint8Array.from(key);
    this.name = `aes-${8 * key.length}-ctr`;
    this.ecb = blockEngine(aesAlgorithm(key.length), key);
  }

  run(_encrypt: boolean, src: BvecList, dst: BvecList, len: number, iv: Uint8Array): void {
    assert(this.pending === 0, 'no batch is open');
    if (len === 0) return;
    if (len <= CTR_KEPT) {
      this.add(src, dst, len, iv);
      this.flush();
      return;
    }
    const { k } = this;
    const cipher = createCipheriv(this.name, this.key, iv);
    k.begin(src, dst);
    for (let done = 0; done < len; done += PIECE) {
      const size = Math.min(PIECE, len - done);
      k.give(cipher.update(k.take(size)), size);
    }
    addBigEndian(iv, Math.ceil(len / BLOCK));
  }

  add(src: BvecList, dst: BvecList, len: number, iv: Uint8Array): boolean {
    const { k, pending } = this;
    const more = (len + BLOCK - 1) >>> 4;
    if (pending === MAX_JOBS || len > CTR_KEPT || this.blocks + more > BATCH_BLOCKS) return false;
    k.job(pending, src, dst, len, iv, BLOCK);
    this.pending = pending + 1;
    this.blocks += more;
    addBigEndian(iv, more);
    return true;
  }

  flush(): void {
    const { k, pending, blocks } = this;
    this.pending = 0;
    this.blocks = 0;
    if (blocks === 0) return;
    k.x.counters(k.jobs, pending, k.stream);
    k.mem.raw.set(this.ecb.ecb(true, k.streamOf(blocks)), k.stream);
    k.x.stream(k.jobs, pending, k.text);
  }

  release(): void {}
}

/** ECB and CBC of whole blocks, through kept objects at any length: node's own modes are never faster. */
export class BlocksEngine implements CipherEngine {
  private readonly k: Kernels;
  private readonly engine: BlockEngine;
  private readonly chained: boolean;

  constructor(kernels: Kernels, mode: 'ecb' | 'cbc', key: Uint8Array) {
    this.k = kernels;
    this.engine = blockEngine(aesAlgorithm(key.length), key);
    this.chained = mode === 'cbc';
  }

  run(encrypt: boolean, src: BvecList, dst: BvecList, len: number, iv: Uint8Array): void {
    const { k, engine } = this;
    k.begin(src, dst);
    for (let done = 0; done < len; done += PIECE) {
      const size = Math.min(PIECE, len - done);
      // CBC XORs the chaining value into the text, which must not be the caller's.
      if (this.chained) k.give(engine.cbc(encrypt, k.takeCopy(size), iv), size);
      else k.give(engine.ecb(encrypt, k.take(size)), size);
    }
  }

  release(): void {}
}

/** XTS of whole blocks, one data unit or many. */
export class XtsEngine implements CipherEngine {
  private readonly k: Kernels;
  private readonly key: Uint8Array;
  /** Null where OpenSSL refuses the key: it has no XTS of AES-192 and wants two different halves. */
  private readonly name: string | null;
  private readonly data: BlockEngine;
  private readonly tweak: BlockEngine;

  constructor(kernels: Kernels, key: Uint8Array) {
    const half = key.length / 2;
    const data = key.subarray(0, half);
    const tweak = key.subarray(half);
    this.k = kernels;
    this.key = Uint8Array.from(key);
    const refused = half === 24 || Buffer.compare(data, tweak) === 0;
    this.name = refused ? null : `aes-${8 * half}-xts`;
    this.data = blockEngine(aesAlgorithm(half), data);
    this.tweak = blockEngine(aesAlgorithm(half), tweak);
  }

  run(encrypt: boolean, src: BvecList, dst: BvecList, len: number, iv: Uint8Array): void {
    const { k, name } = this;
    if (len === 0) return;
    k.begin(src, dst);
    // A cipher object takes a data unit in one call, so a long one would need a long buffer.
    if (name !== null && len > XTS_KEPT && len <= CHUNK) {
      k.give(oneShot(name, encrypt, this.key, iv.subarray(0, BLOCK), k.take(len)), len);
      return;
    }
    k.setUnitIv(iv);
    k.mem.raw.set(this.tweak.ecb(true, k.unitsOf(1)), k.units);
    for (let done = 0; done < len; done += CHUNK) {
      this.chunk(encrypt, Math.min(CHUNK, len - done), 1);
    }
  }

  runUnits(
    encrypt: boolean,
    src: BvecList,
    dst: BvecList,
    len: number,
    iv: Uint8Array,
    unit: number,
  ): void {
    const { k } = this;
    assert(unit <= CHUNK, 'data unit of at most a chunk');
    const perChunk = Math.floor(CHUNK / unit);
    k.begin(src, dst);
    k.setUnitIv(iv);
    for (let left = len / unit; left > 0; left -= perChunk) {
      const n = Math.min(perChunk, left);
      // One more than there are: the last is where the next chunk begins.
      k.x.unitIvs(k.units, k.units, n + 1);
      k.saveUnitIv(n);
      k.mem.raw.set(this.tweak.ecb(true, k.unitsOf(n)), k.units);
      this.chunk(encrypt, n * unit, n);
      k.restoreUnitIv();
    }
  }

  release(): void {}

  /** `len` bytes in `units` data units, whose encrypted tweaks lie at `units`. */
  private chunk(encrypt: boolean, len: number, units: number): void {
    const { k } = this;
    k.x.tweaks(k.stream, k.units, units, len / units / BLOCK);
    const text = k.takeCopy(len);
    k.x.xor(k.text, k.stream, len);
    k.mem.raw.set(this.data.ecb(encrypt, text), k.text);
    k.x.xor(k.text, k.stream, len);
    k.giveText(len);
  }
}
