/**
 * XXH64.
 * Source: Y. Collet, "xxHash fast digest algorithm", specification 0.1.1.
 * @module
 */
import { addCount, feedState, type StateBytes, type StateHash } from './state-hash.ts';

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;
const STRIPE = 32;
/** `struct xxh64_state`: length, four accumulators, buffer, bytes that wait. */
const LANES_AT = 8;
const BUFFER_AT = 40;
const WAITS_AT = BUFFER_AT + STRIPE;
const STATE_SIZE = WAITS_AT + 8;

/** XXH64 with the seed of a key of eight bytes, 0 without one. The digest is little-endian. */
export function xxhash64Hash(key: Uint8Array): StateHash {
  const seed =
    key.length === 0 ? 0n : new DataView(key.buffer, key.byteOffset, 8).getBigUint64(0, true);
  return {
    stateSize: STATE_SIZE,
    start: ({ view }) => {
      [seed + P1 + P2, seed + P2, seed, seed - P1].forEach((value, i) => {
        view.setBigUint64(LANES_AT + 8 * i, u64(value), true);
      });
    },
    update: (state, bytes) => {
      const { view } = state;
      addCount(state, 0, bytes.length);
      const fill = view.getUint32(WAITS_AT, true);
      const waits = feedState(state, BUFFER_AT, STRIPE, fill, bytes, (text, from, to) =>
        stripes(view, text, from, to),
      );
      view.setUint32(WAITS_AT, waits, true);
    },
    finish: (state, out) => {
      const digest = avalanche(tail(state, seed));
      new DataView(out.buffer, out.byteOffset, 8).setBigUint64(0, digest, true);
    },
  };
}

function stripes(state: DataView, text: DataView, from: number, to: number): void {
  for (let i = 0; i < 4; i++) {
    let lane = state.getBigUint64(LANES_AT + 8 * i, true);
    for (let at = from + 8 * i; at < to; at += STRIPE)
      lane = round(lane, text.getBigUint64(at, true));
    state.setBigUint64(LANES_AT + 8 * i, lane, true);
  }
}

/** The accumulators merged, and the bytes behind the last stripe. */
function tail({ view, bytes }: StateBytes, seed: bigint): bigint {
  const total = view.getBigUint64(0, true);
  const lanes = [0, 1, 2, 3].map((i) => view.getBigUint64(LANES_AT + 8 * i, true));
  let h = u64(seed + P5);
  if (total >= BigInt(STRIPE)) {
    const [a, b, c, d] = lanes;
    h = u64(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
    for (const lane of lanes) h = u64((h ^ round(0n, lane)) * P1 + P4);
  }
  h = u64(h + total);
  const end = BUFFER_AT + view.getUint32(WAITS_AT, true);
  let at = BUFFER_AT;
  for (; at + 8 <= end; at += 8) {
    h = u64(rotate(h ^ round(0n, view.getBigUint64(at, true)), 27n) * P1 + P4);
  }
  if (at + 4 <= end) {
    h = u64(rotate(h ^ u64(BigInt(view.getUint32(at, true)) * P1), 23n) * P2 + P3);
    at += 4;
  }
  for (; at < end; at++) h = u64(rotate(h ^ u64(BigInt(bytes[at]) * P5), 11n) * P1);
  return h;
}

function avalanche(value: bigint): bigint {
  let h = u64((value ^ (value >> 33n)) * P2);
  h = u64((h ^ (h >> 29n)) * P3);
  return h ^ (h >> 32n);
}

function round(lane: bigint, input: bigint): bigint {
  return u64(rotate(u64(lane + input * P2), 31n) * P1);
}

function rotate(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
