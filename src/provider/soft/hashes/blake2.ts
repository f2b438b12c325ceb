/**
 * What both BLAKE2 share: a key as the first block, a last block that waits for its end.
 * Source: RFC 7693.
 * @module
 */
import { addCount, feedState, type StateBytes, type StateHash } from './state-hash.ts';

/** One of the two. Words and offsets are those of its context in C: h, t, f, buffer, waiting bytes, size. */
export interface Blake2 {
  /** Bytes of a block. */
  readonly block: number;
  /** The initial h, words of 32 bits. */
  readonly iv: readonly number[];
  readonly countAt: number;
  readonly bufferAt: number;
  /** Compresses the block at `at`; its bytes are counted already. */
  readonly compress: (state: StateBytes, text: DataView, at: number, isLast: boolean) => void;
}

/** A digest of `digestSize` bytes under a key of at least one byte, or of none for no key. */
export function blake2Hash(
  { block, iv, countAt, bufferAt, compress }: Blake2,
  digestSize: number,
  key: Uint8Array,
): StateHash {
  const waitsAt = bufferAt + block;
  const sizeAt = waitsAt + 4;
  return {
    stateSize: sizeAt + 4,
    start: ({ bytes, words, view }) => {
      words.set(iv);
      words[0] ^= 0x01010000 ^ (key.length << 8) ^ digestSize;
      view.setUint32(sizeAt, digestSize, true);
      if (key.length === 0) return;
      bytes.set(key, bufferAt);
      view.setUint32(waitsAt, block, true);
    },
    update: (state, bytes) => {
      const fill = state.view.getUint32(waitsAt, true);
      const absorb = (text: DataView, from: number, to: number) => {
        for (let at = from; at < to; at += block) {
          addCount(state, countAt, block);
          compress(state, text, at, false);
        }
      };
      // The last block is compressed in another way, so a whole one waits for more.
      const waits = feedState(state, bufferAt, block, fill, bytes, absorb, /* keepLast */ true);
      state.view.setUint32(waitsAt, waits, true);
    },
    finish: (state, out) => {
      const { bytes, view } = state;
      const fill = view.getUint32(waitsAt, true);
      bytes.fill(0, bufferAt + fill, bufferAt + block);
      addCount(state, countAt, fill);
      compress(state, view, bufferAt, true);
      out.set(bytes.subarray(0, out.length));
    },
  };
}
