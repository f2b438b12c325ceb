/**
 * AES-GCM: a kept ECB object makes the key stream, wasm does the rest, where a packet is small; above,
 * a cipher object of node:crypto.
 *
 * The GHASH of the kernel looks bytes up in tables, so it is not constant in time: this is a simulator.
 * @module
 */
import { type CipherGCM, createCipheriv, createDecipheriv, type DecipherGCM } from 'node:crypto';
import { assert } from '../../assert.ts';
import { bvecRows } from '../../bvec.ts';
import type { AeadEngine, AeadWork } from '../engine.ts';
import { aesAlgorithm, type BlockEngine, blockEngine } from '../openssl/openssl.ts';
import { GHASH_TABLE_BYTES, ghashTables } from './ghash-tables.ts';
import { AD_ROOM, CHUNK, type Kernels, MAX_JOBS, PIECE } from './kernels.ts';

const BLOCK = 16;
const NONCE = 12;
/** Bytes of text up to which the kept object is cheaper than node's own GCM. */
export const GCM_KEPT = 2048;
/** Requests of a key before its tables are made: they cost as much as 50 requests save. */
export const TABLES_AFTER = 16;
/** Blocks of key stream that one update of a batch makes: with more, its result misses the caches. */
const BATCH_BLOCKS = 512;

type GcmName = 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm';

/** One key. */
export class GcmEngine implements AeadEngine {
  private readonly k: Kernels;
  private readonly key: Uint8Array;
  private readonly name: GcmName;
  private readonly ecb: BlockEngine;
  /** Offset of the tables, 0 before they are made, -1 where the memory has no room for them. */
  private tables = 0;
  private requests = 0;
  private pending = 0;
  private blocks = 0;

  constructor(kernels: Kernels, key: Uint8Array) {
    this.k = kernels;
    this.key = Uint8Array.from(key);
    const bits = 8 * key.length;
    this.name = bits === 128 ? 'aes-128-gcm' : bits === 192 ? 'aes-192-gcm' : 'aes-256-gcm';
    this.ecb = blockEngine(aesAlgorithm(key.length), key);
  }

  seal(op: AeadWork): void {
    if (this.add(op)) this.flush(true);
    else this.sealWithNode(op);
  }

  open(op: AeadWork): boolean {
    if (!this.add(op)) return this.openWithNode(op);
    this.flush(false);
    return this.right(0);
  }

  add({ ad, adLen, src, dst, len, iv, tag, tagLen }: AeadWork): boolean {
    const { k, pending } = this;
    const more = ((len + BLOCK - 1) >>> 4) + 1;
    if (len > GCM_KEPT || adLen > AD_ROOM || !this.ready()) return false;
    if (pending === MAX_JOBS || this.blocks + more > BATCH_BLOCKS) return false;
    k.job(pending, src, dst, len, iv, NONCE);
    k.aeadJob(pending, ad, adLen, tag, tagLen);
    this.pending = pending + 1;
    this.blocks += more;
    return true;
  }

  flush(encrypt: boolean): void {
    const { k, pending, blocks } = this;
    this.pending = 0;
    this.blocks = 0;
    if (pending === 0) return;
    k.x.gcmCounters(k.jobs, pending, k.stream);
    k.mem.raw.set(this.ecb.ecb(true, k.streamOf(blocks)), k.stream);
    k.x.gcm(k.jobs, pending, k.text, this.tables, encrypt ? 0 : 1);
  }

  right(index: number): boolean {
    return this.k.jobResult(index) === 0;
  }

  release(): void {
    if (this.tables > 0) this.k.giveTables(this.tables, GHASH_TABLE_BYTES);
    this.tables = 0;
    this.requests = 0;
  }

  /** Whether the tables are there; makes them when a key turns out to be used. */
  private ready(): boolean {
    if (this.tables > 0) return true;
    if (this.tables < 0 || this.requests++ < TABLES_AFTER) return false;
    const { k } = this;
    this.tables = k.takeTables(GHASH_TABLE_BYTES);
    if (this.tables < 0) return false;
    ghashTables(k.mem.raw, this.tables, this.ecb.ecb(true, new Uint8Array(BLOCK)));
    return true;
  }

  private sealWithNode(op: AeadWork): void {
    const { k } = this;
    const options = { authTagLength: BLOCK };
    const cipher = createCipheriv(this.name, this.key, op.iv.subarray(0, NONCE), options);
    this.withNode(cipher, op);
    cipher.final();
    k.mem.raw.set(cipher.getAuthTag(), k.text);
    k.x.scatter(bvecRows(op.tag), 0, k.text, op.tagLen);
  }

  private openWithNode(op: AeadWork): boolean {
    const { k } = this;
    const options = { authTagLength: op.tagLen };
    const cipher = createDecipheriv(this.name, this.key, op.iv.subarray(0, NONCE), options);
    this.withNode(cipher, op);
    k.x.gather(bvecRows(op.tag), 0, k.text, op.tagLen);
    cipher.setAuthTag(k.textOf(op.tagLen));
    try {
      cipher.final();
      return true;
    } catch {
      // `final` has no other error: the tag is set and GCM holds no text back.
      return false;
    }
  }

  /** Associated data and text, in chunks; empty buffers mean something else to OpenSSL. */
  private withNode(cipher: CipherGCM | DecipherGCM, { ad, adLen, src, dst, len }: AeadWork): void {
    const { k } = this;
    assert(this.pending === 0, 'no batch is open');
    k.begin(ad, ad);
    for (let done = 0; done < adLen; done += CHUNK) {
      cipher.setAAD(k.take(Math.min(CHUNK, adLen - done)));
    }
    k.begin(src, dst);
    for (let done = 0; done < len; done += PIECE) {
      const size = Math.min(PIECE, len - done);
      k.give(cipher.update(k.take(size)), size);
    }
  }
}
