/**
 * Hashes of the MD4 family: chaining words, a count of bytes, a buffer, and a padding of one bit, zeros
 * and the length.
 * @module
 */
import { addCount, feedState, type StateBytes, type StateHash } from './state-hash.ts';

/** Absorbs whole blocks of `text` into the chaining words. */
export type Compress = (words: Uint32Array, text: DataView, from: number, to: number) => void;

/** Where the parts of a state are, in bytes, and what the hash computes. */
export interface MdSpec {
  readonly stateSize: number;
  readonly blockSize: 64 | 128;
  readonly wordsAt: number;
  /** Offset of the 64-bit count of bytes. */
  readonly countAt: number;
  readonly bufferAt: number;
  /** The chaining words as they lie in memory: the low word of a 64-bit one first. */
  readonly initial: readonly number[];
  /** Bytes of a word of the digest; a negative size is big-endian. */
  readonly digestWord: 4 | -4 | -8;
  readonly compress: Compress;
}

/** Where MD4, MD5, RIPEMD-160 and SHA-1 begin; those of four words take the first four. */
export const MD_IV: readonly number[] = [
  0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
];

/** A hash of the family. */
export function mdHash(spec: MdSpec): StateHash {
  const { stateSize, blockSize, wordsAt, countAt, bufferAt, initial, compress } = spec;
  const bigEndian = spec.digestWord < 0;
  const lengthSize = blockSize / 8;
  const wordsOf = ({ words }: StateBytes): Uint32Array =>
    words.subarray(wordsAt / 4, wordsAt / 4 + initial.length);
  return {
    stateSize,
    start: (state) => wordsOf(state).set(initial),
    update: (state, bytes) => {
      const fill = state.view.getUint32(countAt, true) % blockSize;
      addCount(state, countAt, bytes.length);
      const words = wordsOf(state);
      feedState(state, bufferAt, blockSize, fill, bytes, (text, from, to) =>
        compress(words, text, from, to),
      );
    },
    finish: (state, out) => {
      const { bytes, view } = state;
      const count = Number(view.getBigUint64(countAt, true));
      const words = wordsOf(state);
      const fill = count % blockSize;
      const end = bufferAt + blockSize;
      bytes.fill(0, bufferAt + fill, end);
      bytes[bufferAt + fill] = 0x80;
      if (fill >= blockSize - lengthSize) {
        compress(words, view, bufferAt, end);
        bytes.fill(0, bufferAt, end);
      }
      view.setBigUint64(end - 8, BigInt(count) * 8n, !bigEndian);
      compress(words, view, bufferAt, end);
      const swap = bigEndian ? -spec.digestWord - 1 : 0;
      for (let i = 0; i < out.length; i++) out[i] = bytes[wordsAt + (i ^ swap)];
    },
  };
}
