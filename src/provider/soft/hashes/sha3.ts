/**
 * SHA-3 over noble's permutation.
 * Source: FIPS 202.
 * @module
 */
import { keccakP } from '@noble/hashes/sha3.js';
import { feedState, type StateBytes, type StateHash } from './state-hash.ts';

/** `struct sha3_state`: 25 lanes, rate in bytes and in lanes, bytes that wait, buffer. */
const LANES = 200;
const RATE_AT = LANES;
const RATE_LANES_AT = LANES + 4;
const PARTIAL_AT = LANES + 8;
const BUFFER_AT = LANES + 12;
/** The rate of SHA3-224, which is what the buffer is made for. */
const BUFFER = 144;
const STATE_SIZE = (BUFFER_AT + BUFFER + 7) & ~7;
const LANE_WORDS = LANES / 4;

/** SHA-3 with a digest of `digestSize` bytes. */
export function sha3Hash(digestSize: number): StateHash {
  const rate = LANES - 2 * digestSize;
  return {
    stateSize: STATE_SIZE,
    start: ({ view }) => {
      view.setUint32(RATE_AT, rate, true);
      view.setUint32(RATE_LANES_AT, rate / 8, true);
    },
    update: (state, bytes) => {
      const fill = state.view.getUint32(PARTIAL_AT, true);
      const waits = feedState(state, BUFFER_AT, rate, fill, bytes, (text, from, to) =>
        absorb(state, text, from, to, rate),
      );
      state.view.setUint32(PARTIAL_AT, waits, true);
    },
    finish: (state, out) => {
      const { bytes, view } = state;
      const fill = view.getUint32(PARTIAL_AT, true);
      bytes.fill(0, BUFFER_AT + fill, BUFFER_AT + rate);
      bytes[BUFFER_AT + fill] = 0x06;
      bytes[BUFFER_AT + rate - 1] |= 0x80;
      absorb(state, view, BUFFER_AT, BUFFER_AT + rate, rate);
      out.set(bytes.subarray(0, out.length));
    },
  };
}

function absorb(state: StateBytes, text: DataView, from: number, to: number, rate: number): void {
  const { words } = state;
  const lanes = words.subarray(0, LANE_WORDS);
  for (let at = from; at < to; at += rate) {
    for (let i = 0; i < rate / 4; i++) words[i] ^= text.getUint32(at + 4 * i, true);
    keccakP(lanes);
  }
}
