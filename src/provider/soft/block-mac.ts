/**
 * CMAC, XCBC and CBC-MAC over the CBC encryption of a block cipher. Their states have the layout of the
 * kernel's drivers.
 * Source: SP 800-38B, RFC 3566; crypto/cmac.c, xcbc.c, ccm.c (6.1).
 * @module
 */
import type { HashState } from '../provider.ts';
import { feedState, type StateBytes, type StateHash, startHash } from './hashes/state-hash.ts';

/** Encrypts whole blocks in CBC mode, keeping only the last: `chain` is IV and result. */
export type CbcChain = (chain: Uint8Array, blocks: Uint8Array) => void;

/** What is added to the last block of a MAC: when it is whole, and when it was padded. */
export interface MacMasks {
  readonly whole: Uint8Array;
  readonly partial: Uint8Array;
}

/** In every state: the bytes that wait, then what the MAC needs. */
const DATA_AT = 4;

/** CBC-MAC with a zero IV; a partial last block is padded with zeros, an empty message gives zeros. */
export function cbcMac(chainBlocks: CbcChain, blockSize: number = 16): HashState {
  // `struct cbcmac_desc_ctx`: the value so far, to which a partial block is added.
  const chainOf = ({ bytes }: StateBytes) => bytes.subarray(DATA_AT, DATA_AT + blockSize);
  const zeros = new Uint8Array(blockSize);
  const hash: StateHash = {
    stateSize: DATA_AT + blockSize,
    start: () => undefined,
    update: (state, input) => {
      const chain = chainOf(state);
      let fill = state.view.getUint32(0, true);
      let at = 0;
      for (; fill > 0 && at < input.length; at++) {
        chain[fill++] ^= input[at];
        if (fill < blockSize) continue;
        chainBlocks(chain, zeros);
        fill = 0;
      }
      const left = input.length - at;
      const end = input.length - (left % blockSize);
      if (end > at) chainBlocks(chain, input.subarray(at, end));
      for (at = Math.max(at, end); at < input.length; at++) chain[fill++] ^= input[at];
      state.view.setUint32(0, fill, true);
    },
    finish: (state, out) => {
      const chain = chainOf(state);
      if (state.view.getUint32(0, true) > 0) chainBlocks(chain, zeros);
      out.set(chain);
    },
  };
  return startHash(hash);
}

/** CMAC for blocks of 8 or 16 bytes. */
export function cmac(chainBlocks: CbcChain, blockSize: number = 16): HashState {
  const zero = new Uint8Array(blockSize);
  chainBlocks(zero, new Uint8Array(blockSize));
  const whole = double(zero);
  return maskedMac(chainBlocks, { whole, partial: double(whole) });
}

/** CMAC or XCBC with the masks that the key gives: `struct cmac_desc_ctx`, `struct xcbc_desc_ctx`. */
export function maskedMac(chainBlocks: CbcChain, { whole, partial }: MacMasks): HashState {
  const size = whole.length;
  const chainAt = DATA_AT + size;
  const chainOf = ({ bytes }: StateBytes) => bytes.subarray(chainAt, chainAt + size);
  const hash: StateHash = {
    stateSize: 8 + 2 * size,
    start: () => undefined,
    update: (state, input) => {
      const fill = state.view.getUint32(0, true);
      const absorb = ({ buffer, byteOffset }: DataView, from: number, to: number) =>
        chainBlocks(chainOf(state), new Uint8Array(buffer, byteOffset + from, to - from));
      // A mask is added to the last block, so a complete one waits until more comes.
      const waits = feedState(state, DATA_AT, size, fill, input, absorb, /* keepLast */ true);
      state.view.setUint32(0, waits, true);
    },
    finish: (state, out) => {
      const block = state.bytes.subarray(DATA_AT, DATA_AT + size);
      const fill = state.view.getUint32(0, true);
      if (fill < size) {
        block.fill(0, fill);
        block[fill] = 0x80;
      }
      const mask = fill < size ? partial : whole;
      for (let i = 0; i < size; i++) block[i] ^= mask[i];
      const chain = chainOf(state);
      chainBlocks(chain, block);
      out.set(chain);
    },
  };
  return startHash(hash);
}

/** Multiplies by x in GF(2^64) or GF(2^128), big-endian (SP 800-38B, 6.1). */
function double(value: Uint8Array): Uint8Array {
  const last = value.length - 1;
  const out = value.map((byte, i) => (byte << 1) | (i < last ? value[i + 1] >>> 7 : 0));
  if (value[0] >= 0x80) out[last] ^= last === 7 ? 0x1b : 0x87;
  return out;
}
