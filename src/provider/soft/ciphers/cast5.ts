/**
 * CAST-128, which the kernel calls cast5.
 * Source: RFC 2144.
 * @module
 */
import type { BlockCipher } from './block-kernel.ts';
import { CAST_BOXES, CAST_ROUNDS } from './cast-common.ts';

/** Keys of at most this many bytes have 12 rounds instead of 16. */
const SHORT_KEY = 10;
/** Where the S-boxes of the key schedule begin. */
const S5 = 4 * 256;

/**
 * The key schedule (RFC 2144, 2.4) works on 32 bytes: x0 to xF are 0 to 15, z0 to zF are 16 to 31. A
 * line makes one word: five bytes go through S5, S6, S7, S8 and one of the four again, box by box.
 */
type Line = readonly [bytes: readonly [number, number, number, number, number], last: number];
/** A line whose result is added to the word at `base` and written to the word at `to`. */
type Mix = readonly [to: number, base: number, line: Line];

const MIX_Z: readonly Mix[] = [
  [16, 0, [[13, 15, 12, 14, 8], 2]],
  [20, 8, [[16, 18, 17, 19, 10], 3]],
  [24, 12, [[23, 22, 21, 20, 9], 0]],
  [28, 4, [[26, 25, 27, 24, 11], 1]],
];
const MIX_X: readonly Mix[] = [
  [0, 24, [[21, 23, 20, 22, 16], 2]],
  [4, 16, [[0, 2, 1, 3, 18], 3]],
  [8, 20, [[7, 6, 5, 4, 17], 0]],
  [12, 28, [[10, 9, 11, 8, 19], 1]],
];
/** The bytes of four subkeys; subkey i uses box i again. */
type Keys = readonly (readonly [number, number, number, number, number])[];
const STEPS: readonly (readonly [readonly Mix[], Keys])[] = [
  [
    MIX_Z,
    [
      [24, 25, 23, 22, 18],
      [26, 27, 21, 20, 22],
      [28, 29, 19, 18, 25],
      [30, 31, 17, 16, 28],
    ],
  ],
  [
    MIX_X,
    [
      [3, 2, 12, 13, 8],
      [1, 0, 14, 15, 13],
      [7, 6, 8, 9, 3],
      [5, 4, 10, 11, 7],
    ],
  ],
  [
    MIX_Z,
    [
      [19, 18, 28, 29, 25],
      [17, 16, 30, 31, 28],
      [23, 22, 24, 25, 18],
      [21, 20, 26, 27, 22],
    ],
  ],
  [
    MIX_X,
    [
      [8, 9, 7, 6, 3],
      [10, 11, 5, 4, 7],
      [12, 13, 3, 2, 8],
      [14, 15, 1, 0, 13],
    ],
  ],
];

class Cast5 implements BlockCipher {
  readonly blockSize: number = 8;
  readonly #rounds: number;
  readonly #masking: Uint32Array;
  readonly #rotation: Uint8Array;

  constructor(rounds: number, masking: Uint32Array, rotation: Uint8Array) {
    this.#rounds = rounds;
    this.#masking = masking;
    this.#rotation = rotation;
  }

  encrypt(text: DataView, at: number): void {
    let l = text.getUint32(at);
    let r = text.getUint32(at + 4);
    for (let i = 0; i < this.#rounds; i++) [l, r] = [r, l ^ this.#round(r, i)];
    text.setUint32(at, r);
    text.setUint32(at + 4, l);
  }

  decrypt(text: DataView, at: number): void {
    let l = text.getUint32(at);
    let r = text.getUint32(at + 4);
    for (let i = this.#rounds - 1; i >= 0; i--) [l, r] = [r, l ^ this.#round(r, i)];
    text.setUint32(at, r);
    text.setUint32(at + 4, l);
  }

  #round(d: number, i: number): number {
    return CAST_ROUNDS[i % 3](d, this.#masking[i], this.#rotation[i]);
  }
}

/** CAST-128 under a key of 5 to 16 bytes. */
export function cast5(key: Uint8Array): BlockCipher {
  const bytes = new DataView(new ArrayBuffer(32));
  key.forEach((byte, i) => {
    bytes.setUint8(i, byte);
  });
  const subkeys: number[] = [];
  for (let half = 0; half < 2; half++) {
    for (const [mixes, keys] of STEPS) {
      for (const [to, base, line] of mixes) {
        bytes.setUint32(to, bytes.getUint32(base) ^ boxes(bytes, line));
      }
      keys.forEach((line, i) => {
        subkeys.push(boxes(bytes, [line, i]));
      });
    }
  }
  return new Cast5(
    key.length <= SHORT_KEY ? 12 : 16,
    Uint32Array.from(subkeys.slice(0, 16)),
    Uint8Array.from(subkeys.slice(16), (word) => word & 31),
  );
}

function boxes(bytes: DataView, [line, last]: Line): number {
  const box = (i: number, from: number) => CAST_BOXES[S5 + 256 * i + bytes.getUint8(from)];
  return line.reduce((sum, from, i) => sum ^ box(i < 4 ? i : last, from), 0);
}
