/**
 * GHASH of the generic provider: noble's multiplication, with a stream and copies around it.
 * @module
 */
import { GHASH } from '@noble/ciphers/_polyval.js';
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import {
  type BlockBuffer,
  blockBuffer,
  cloneBlockBuffer,
  feedBlocks,
} from '../soft/block-buffer.ts';

/** Any length above 1 KiB makes noble build its 4-bit tables instead of the 2-bit ones. */
const TABLE_HINT = 4096;

/** The tables of one hash key. noble keeps tables and state in one object; here the state is lent. */
export class NobleGhashKey extends GHASH {
  constructor(h: Uint8Array) {
    super(h, TABLE_HINT);
  }

  /** Absorbs whole blocks into `y`, four words in noble's order. */
  absorb(y: Uint32Array, blocks: Uint8Array): void {
    this.s0 = y[0];
    this.s1 = y[1];
    this.s2 = y[2];
    this.s3 = y[3];
    this.update(blocks);
    y[0] = this.s0;
    y[1] = this.s1;
    y[2] = this.s2;
    y[3] = this.s3;
  }
}

class NobleGhash implements HashState {
  readonly #key: NobleGhashKey;
  readonly #y: Uint32Array;
  readonly #buffer: BlockBuffer;
  readonly #absorb: (blocks: Uint8Array) => void;

  constructor(key: NobleGhashKey, y: Uint32Array, buffer: BlockBuffer) {
    this.#key = key;
    this.#y = y;
    this.#buffer = buffer;
    this.#absorb = (blocks) => key.absorb(y, blocks);
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
    out.set(new Uint8Array(this.#y.buffer));
  }

  clone(): HashState {
    return new NobleGhash(this.#key, this.#y.slice(), cloneBlockBuffer(this.#buffer));
  }
}

/** GHASH under the tables of `key`. The states of one key share its tables. */
export function nobleGhash(key: NobleGhashKey): HashState {
  return new NobleGhash(key, new Uint32Array(4), blockBuffer(16));
}
