/**
 * Michael, the message integrity code of TKIP.
 * Source: IEEE 802.11-2012, 11.4.2.3.
 * @module
 */
import { load32, store32 } from '../scratch.ts';
import { feedState, type StateHash } from './state-hash.ts';

/** `struct michael_mic_desc_ctx`: bytes that wait, their number, the two words. */
const WAITS_AT = 8;
const LEFT = 4;
const RIGHT = 5;
const STATE_SIZE = 24;

/** Michael under a key of eight bytes. */
export function michaelMicHash(key: Uint8Array): StateHash {
  return {
    stateSize: STATE_SIZE,
    start: ({ words }) => {
      words[LEFT] = load32(key, 0);
      words[RIGHT] = load32(key, 4);
    },
    update: (state, bytes) => {
      const { view, words } = state;
      const fill = view.getUint32(WAITS_AT, true);
      const waits = feedState(state, 0, 4, fill, bytes, (text, from, to) => {
        for (let at = from; at < to; at += 4) mix(words, text.getUint32(at, true));
      });
      view.setUint32(WAITS_AT, waits, true);
    },
    finish: ({ bytes, view, words }, out) => {
      // The padding: 0x5a, then four to seven zeros.
      bytes[view.getUint32(WAITS_AT, true)] = 0x5a;
      mix(words, words[0]);
      mix(words, 0);
      store32(out, 0, words[LEFT]);
      store32(out, 4, words[RIGHT]);
    },
  };
}

function mix(words: Uint32Array, text: number): void {
  let l = words[LEFT] ^ text;
  let r = words[RIGHT] ^ rotate(l, 17);
  l += r;
  r ^= ((l & 0xff00ff00) >>> 8) | ((l & 0x00ff00ff) << 8);
  l += r;
  r ^= rotate(l, 3);
  l += r;
  r ^= rotate(l, 30);
  words[LEFT] = l + r;
  words[RIGHT] = r;
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
