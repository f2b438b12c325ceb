/**
 * Stream ciphers by their definitions, ChaCha one 64-byte block at a time.
 * RFC 8439, 2.1 to 2.4; XChaCha: draft-irtf-cfrg-xchacha-03, 2.2 and 2.3
 * @module
 */
import { concat } from './bytes.ts';

/** "expand 32-byte k" */
const CONSTANTS: readonly number[] = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];
const ROUND: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
];

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function permuted(start: Uint32Array, rounds: number): Uint32Array {
  const s = Uint32Array.from(start);
  for (let i = 0; i < rounds / 2; i++) {
    for (const [a, b, c, d] of ROUND) {
      s[a] += s[b];
      s[d] = rotate(s[d] ^ s[a], 16);
      s[c] += s[d];
      s[b] = rotate(s[b] ^ s[c], 12);
      s[a] += s[b];
      s[d] = rotate(s[d] ^ s[a], 8);
      s[c] += s[d];
      s[b] = rotate(s[b] ^ s[c], 7);
    }
  }
  return s;
}

/** Constants, key, and 16 bytes of counter and nonce as words. */
function state(key: Uint8Array, tail: Uint8Array): Uint32Array {
  const bytes = concat(key, tail);
  const view = new DataView(bytes.buffer);
  return Uint32Array.from({ length: 16 }, (_, i) =>
    i < 4 ? CONSTANTS[i] : view.getUint32(4 * (i - 4), true),
  );
}

function littleEndianBytes(words: Uint32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * words.length));
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);
  return new Uint8Array(view.buffer);
}

/**
 * @param iv 16 bytes: the 32-bit little-endian number of the first block, then the nonce. The number
 *   wraps without a carry.
 */
export function chacha(
  rounds: number,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const out = Uint8Array.from(text);
  const start = state(key, iv);
  for (let at = 0; at < out.length; at += 64) {
    const mixed = permuted(start, rounds);
    const stream = littleEndianBytes(mixed.map((word, i) => word + start[i]));
    for (let i = 0; i < Math.min(64, out.length - at); i++) out[at + i] ^= stream[i];
    start[12]++;
  }
  return out;
}

/** @param iv 32 bytes: 24 of nonce, then 8 of block number. */
export function xchacha(
  rounds: number,
  key: Uint8Array,
  iv: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const mixed = permuted(state(key, iv.subarray(0, 16)), rounds);
  const subkey = littleEndianBytes(Uint32Array.of(...mixed.slice(0, 4), ...mixed.slice(12)));
  return chacha(rounds, subkey, concat(iv.subarray(24, 32), iv.subarray(16, 24)), text);
}

/** RC4. @param key 1 to 256 bytes */
export function arc4(key: Uint8Array, text: Uint8Array): Uint8Array {
  const s = Uint8Array.from({ length: 256 }, (_, i) => i);
  const swap = (a: number, b: number): void => {
    [s[a], s[b]] = [s[b], s[a]];
  };
  let j = 0;
  for (let i = 0; i < 256; i++) {
    j = (j + s[i] + key[i % key.length]) % 256;
    swap(i, j);
  }
  j = 0;
  return text.map((byte, at) => {
    const i = (at + 1) % 256;
    j = (j + s[i]) % 256;
    swap(i, j);
    return byte ^ s[(s[i] + s[j]) % 256];
  });
}
