/**
 * AEGIS-128 by its definition, with the AES round of FIPS 197 byte by byte.
 * Wu and Preneel, "AEGIS: a fast authenticated encryption algorithm (v1.1)", 2016, 3
 * @module
 */
import type { Parts } from './aead.ts';
import { blocksOf, concat, littleEndian, NOTHING, padded, xor } from './bytes.ts';

const C0: Uint8Array = Uint8Array.from(Buffer.from('000101020305080d1522375990e97962', 'hex'));
const C1: Uint8Array = Uint8Array.from(Buffer.from('db3d18556dc22ff12011314273b528dd', 'hex'));

/** Five blocks. */
type State = readonly Uint8Array[];

/** Times x in the field of AES. */
const double = (byte: number): number => ((byte << 1) ^ (byte >= 0x80 ? 0x11b : 0)) & 0xff;

const SBOX: Uint8Array = sbox();

/** FIPS 197, 5.1.1: the inverse in the field, and an affine map. */
function sbox(): Uint8Array {
  const box = new Uint8Array(256);
  const multiply = (a: number, b: number): number => {
    let [sum, power] = [0, a];
    for (let rest = b; rest > 0; rest >>= 1) {
      if (rest % 2 === 1) sum ^= power;
      power = double(power);
    }
    return sum;
  };
  for (let byte = 0; byte < 256; byte++) {
    let inverse = 0;
    for (let x = 1; x < 256; x++) if (multiply(byte, x) === 1) inverse = x;
    let out = 0x63;
    for (let i = 0; i < 5; i++) out ^= ((inverse << i) | (inverse >> (8 - i))) & 0xff;
    box[byte] = out;
  }
  return box;
}

/** SubBytes, ShiftRows and MixColumns. FIPS 197, 5.1 */
function round(block: Uint8Array): Uint8Array {
  const out = new Uint8Array(16);
  for (let column = 0; column < 4; column++) {
    const s = [0, 1, 2, 3].map((row) => SBOX[block[(4 * (column + row) + row) % 16]]);
    for (let row = 0; row < 4; row++) {
      const [a, b, c, d] = [0, 1, 2, 3].map((i) => s[(row + i) % 4]);
      out[4 * column + row] = double(a) ^ double(b) ^ b ^ c ^ d;
    }
  }
  return out;
}

function update(state: State, message: Uint8Array): State {
  return state.map((block, i) => {
    const next = xor(round(state[(i + 4) % 5]), block);
    return i === 0 ? xor(next, message) : next;
  });
}

/** @param iv 16 bytes. @returns the whole tag of 16 bytes */
export function aegis128(
  enc: boolean,
  key: Uint8Array,
  iv: Uint8Array,
  ad: Uint8Array,
  input: Uint8Array,
): Parts {
  const mixed = xor(key, iv);
  let state: State = [mixed, C1, C0, xor(key, C0), xor(key, C1)];
  for (let i = 0; i < 5; i++) state = update(update(state, key), mixed);
  for (const block of blocksOf(padded(ad, 16), 16)) state = update(state, block);
  const out: Uint8Array[] = [NOTHING];
  for (let at = 0; at < input.length; at += 16) {
    const part = input.subarray(at, at + 16);
    const [, s1, s2, s3, s4] = state;
    const stream = s1.map((byte, i) => byte ^ s4[i] ^ (s2[i] & s3[i]));
    const output = xor(part, stream);
    out.push(output);
    state = update(state, padded(enc ? part : output, 16));
  }
  const lengths = [ad, input].map(({ length }) => littleEndian(BigInt(8 * length), 8));
  const last = xor(concat(...lengths), state[3]);
  for (let i = 0; i < 7; i++) state = update(state, last);
  return { text: concat(...out), tag: state.reduce((sum, block) => xor(sum, block)) };
}
