/**
 * Streams of 842 as nobody's encoder makes them: every code that a text allows, places of any age, short
 * ends in the middle, behind which blocks are no more where their rings count them.
 * @module
 */
import type { Prng } from '../../src/prng.ts';
import {
  bits842,
  finished842,
  parts842,
  places842,
  short842,
} from '../subjects/reference/sw842.ts';

const BLOCK = 8;
const REPEAT = 27;
const ZEROS = 28;
const CODES = 26;

/** A stream that is read as `text`. */
export function pack842(prng: Prng, text: Uint8Array): Uint8Array {
  let bits = '';
  for (let at = 0; at < text.length; ) {
    const left = text.length - at;
    const repeats = Math.floor(alikeBefore(text, at) / BLOCK);
    let taken = BLOCK;
    if (left < BLOCK || prng.oneIn(40)) {
      taken = left < BLOCK ? left : prng.between(1, BLOCK - 1);
      bits += short842(text.subarray(at, at + taken));
    } else if (repeats > 0 && !prng.oneIn(4)) {
      const times = prng.between(1, Math.min(repeats, 64));
      taken = BLOCK * times;
      bits += bits842(REPEAT, 5) + bits842(times - 1, 6);
    } else if (prng.oneIn(2) && text.subarray(at, at + BLOCK).every((byte) => byte === 0)) {
      bits += bits842(ZEROS, 5);
    } else {
      bits += anyCode(prng, text, at);
    }
    at += taken;
  }
  return finished842(text, bits);
}

/** Bytes from `at` on, each of which is the one eight before it. */
function alikeBefore(text: Uint8Array, at: number): number {
  if (at < BLOCK) return 0;
  let len = 0;
  while (at + len < text.length && text[at + len] === text[at + len - BLOCK]) len++;
  return len;
}

/** One of the codes that are possible; code 0 always is. */
function anyCode(prng: Prng, text: Uint8Array, at: number): string {
  for (let tries = 0; ; tries++) {
    const code = tries < 12 ? prng.below(CODES) : 0;
    let bits = bits842(code, 5);
    const isPossible = parts842(code).every(([kind, size, skip]) => {
      const from = at + skip;
      const ways =
        kind === 'D'
          ? [[...text.subarray(from, from + size)].map((byte) => bits842(byte, 8)).join('')]
          : places842(text, at, from, size, 40);
      if (ways.length > 0) bits += prng.pick(ways);
      return ways.length > 0;
    });
    if (isPossible) return bits;
  }
}
