/**
 * GHASH of the accelerated provider: multiplication by lookup in 32 tables of 16 entries (8 KiB a
 * key, 10 us to build), which node:crypto does not offer outside GCM.
 *
 * Not constant-time: a table index depends on the key. Fine for a simulator, wrong for a product.
 * Source: NIST SP 800-38D, 6.3 and 6.4.
 * @module
 */
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import { type BlockBuffer, blockBuffer, cloneBlockBuffer, feedBlocks } from './block-buffer.ts';

const BLOCK = 16;
/** x^128 modulo the field's polynomial, in the reflected bit order of GHASH. */
const POLY = 0xe1000000;

/** The tables of one hash key, built when the first block comes. */
interface GhashKey {
  readonly h: Uint8Array;
  table: Uint32Array | null;
}

class TableGhash implements HashState {
  readonly #key: GhashKey;
  readonly #y: Uint32Array;
  readonly #buffer: BlockBuffer;
  readonly #absorb: (blocks: Uint8Array) => void;

  constructor(key: GhashKey, y: Uint32Array, buffer: BlockBuffer) {
    this.#key = key;
    this.#y = y;
    this.#buffer = buffer;
    this.#absorb = (blocks) => {
      key.table ??= buildTable(key.h);
      absorbBlocks(key.table, y, blocks);
    };
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.updateBytes(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    feedBlocks(this.#buffer, bytes, false, this.#absorb);
  }

  digest(out: Uint8Array): void {
    const { bytes, fill } = this.#buffer;
    if (fill > 0) this.#absorb(bytes.fill(0, fill));
    const view = new DataView(out.buffer, out.byteOffset, BLOCK);
    for (let i = 0; i < 4; i++) view.setUint32(4 * i, this.#y[i]);
  }

  clone(): HashState {
    return new TableGhash(this.#key, this.#y.slice(), cloneBlockBuffer(this.#buffer));
  }
}

/** GHASH under the 16-byte hash key `h`. Copies of a state share the tables. */
export function tableGhash(h: Uint8Array): HashState {
  const key = { h: Uint8Array.from(h), table: null };
  return new TableGhash(key, new Uint32Array(4), blockBuffer(BLOCK));
}

/**
 * Entry `n` of table `t`, four words: the product of the hash key and the polynomial whose only
 * coefficients are the nibble `n` at position `t`, counted from the first bit of the block.
 */
function buildTable(h: Uint8Array): Uint32Array {
  const view = new DataView(h.buffer, h.byteOffset, BLOCK);
  const table = new Uint32Array(32 * 16 * 4);
  let v0 = view.getUint32(0);
  let v1 = view.getUint32(4);
  let v2 = view.getUint32(8);
  let v3 = view.getUint32(12);
  for (let bit = 0; bit < 128; bit++) {
    const at = ((bit >>> 2) * 16 + (8 >>> (bit & 3))) * 4;
    table[at] = v0;
    table[at + 1] = v1;
    table[at + 2] = v2;
    table[at + 3] = v3;
    const carry = v3 & 1 ? POLY : 0;
    v3 = (v3 >>> 1) | (v2 << 31);
    v2 = (v2 >>> 1) | (v1 << 31);
    v1 = (v1 >>> 1) | (v0 << 31);
    v0 = (v0 >>> 1) ^ carry;
  }
  for (let t = 0; t < 32; t++) {
    for (let n = 1; n < 16; n++) {
      const low = n & -n;
      if (low === n) continue;
      for (let w = 0; w < 4; w++) {
        table[(t * 16 + n) * 4 + w] =
          table[(t * 16 + low) * 4 + w] ^ table[(t * 16 + n - low) * 4 + w];
      }
    }
  }
  return table;
}

/** y = (y ^ block) * h for every block. The loop that the bench times. */
function absorbBlocks(table: Uint32Array, y: Uint32Array, blocks: Uint8Array): void {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.byteLength);
  let y0 = y[0];
  let y1 = y[1];
  let y2 = y[2];
  let y3 = y[3];
  for (let off = 0; off < blocks.length; off += BLOCK) {
    let r0 = 0;
    let r1 = 0;
    let r2 = 0;
    let r3 = 0;
    let base = 0;
    let word = y0 ^ view.getUint32(off);
    for (let w = 0; ; w++) {
      for (let shift = 28; shift >= 0; shift -= 4) {
        const at = base + (((word >>> shift) & 15) << 2);
        r0 ^= table[at];
        r1 ^= table[at + 1];
        r2 ^= table[at + 2];
        r3 ^= table[at + 3];
        base += 64;
      }
      if (w === 3) break;
      word = (w === 0 ? y1 : w === 1 ? y2 : y3) ^ view.getUint32(off + 4 * w + 4);
    }
    y0 = r0;
    y1 = r1;
    y2 = r2;
    y3 = r3;
  }
  y[0] = y0;
  y[1] = y1;
  y[2] = y2;
  y[3] = y3;
}
