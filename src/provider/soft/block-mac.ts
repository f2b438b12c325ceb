/**
 * CMAC and CBC-MAC over the CBC encryption of a block cipher with 16-byte blocks.
 * Source: RFC 4493; crypto/ccm.c crypto_cbcmac_digest_update (6.1).
 * @module
 */
import type { PhysAddr } from '../../units.ts';
import type { ByteMemory, HashState } from '../provider.ts';
import { type BlockBuffer, blockBuffer, cloneBlockBuffer, feedBlocks } from './block-buffer.ts';

const BLOCK = 16;

/** Encrypts whole blocks in CBC mode, keeping only the last: `chain` is IV and result. */
export type CbcChain = (chain: Uint8Array, blocks: Uint8Array) => void;

/** One key. The subkeys are null for CBC-MAC. */
interface MacKey {
  readonly chainBlocks: CbcChain;
  readonly subkeys: { readonly whole: Uint8Array; readonly partial: Uint8Array } | null;
}

class BlockMac implements HashState {
  readonly #key: MacKey;
  readonly #chain: Uint8Array;
  readonly #buffer: BlockBuffer;
  readonly #absorb: (blocks: Uint8Array) => void;

  constructor(key: MacKey, chain: Uint8Array, buffer: BlockBuffer) {
    this.#key = key;
    this.#chain = chain;
    this.#buffer = buffer;
    this.#absorb = (blocks) => key.chainBlocks(chain, blocks);
  }

  update(mem: ByteMemory, at: PhysAddr, len: number): void {
    if (len > 0) this.updateBytes(mem.load(at, len));
  }

  updateBytes(bytes: Uint8Array): void {
    // CMAC masks its last block, so a complete one waits until more comes.
    feedBlocks(this.#buffer, bytes, this.#key.subkeys !== null, this.#absorb);
  }

  digest(out: Uint8Array): void {
    const { bytes, fill } = this.#buffer;
    const { subkeys } = this.#key;
    bytes.fill(0, fill);
    if (subkeys !== null) {
      if (fill < BLOCK) bytes[fill] = 0x80;
      const mask = fill < BLOCK ? subkeys.partial : subkeys.whole;
      for (let i = 0; i < BLOCK; i++) bytes[i] ^= mask[i];
      this.#absorb(bytes);
    } else if (fill > 0) {
      this.#absorb(bytes);
    }
    out.set(this.#chain);
  }

  clone(): HashState {
    return new BlockMac(this.#key, this.#chain.slice(), cloneBlockBuffer(this.#buffer));
  }
}

/** CBC-MAC with a zero IV; a partial last block is padded with zeros, an empty message gives zeros. */
export function cbcMac(chainBlocks: CbcChain): HashState {
  return new BlockMac({ chainBlocks, subkeys: null }, new Uint8Array(BLOCK), blockBuffer(BLOCK));
}

/** CMAC (RFC 4493). */
export function cmac(chainBlocks: CbcChain): HashState {
  const zero = new Uint8Array(BLOCK);
  chainBlocks(zero, new Uint8Array(BLOCK));
  const whole = double(zero);
  const subkeys = { whole, partial: double(whole) };
  return new BlockMac({ chainBlocks, subkeys }, new Uint8Array(BLOCK), blockBuffer(BLOCK));
}

/** Multiplies by x in GF(2^128), big-endian (RFC 4493, 2.3). */
function double(value: Uint8Array): Uint8Array {
  const out = new Uint8Array(BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    const next = i + 1 < BLOCK ? value[i + 1] : 0;
    out[i] = (value[i] << 1) | (next >>> 7);
  }
  if (value[0] >= 0x80) out[15] ^= 0x87;
  return out;
}
