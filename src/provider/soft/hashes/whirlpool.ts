/**
 * Whirlpool.
 * Source: ISO/IEC 10118-3:2004; Barreto and Rijmen, "The Whirlpool Hashing Function", 2003.
 * @module
 */
import { gfMultiply } from '../ciphers/field.ts';
import { feedState, type StateBytes, type StateHash } from './state-hash.ts';

const BLOCK = 64;
const ROUNDS = 10;
const POLY = 0x11d;
/** The boxes of four bits that the S-box is made of, and the first row of the diffusion. */
const E = '1b9cd6f3e874a250';
const R = '7cbde49f638a2510';
const ROW: readonly number[] = [1, 1, 4, 1, 8, 5, 2, 9];
/** `struct wp512_ctx`: big-endian length, buffer, its bits and bytes, chaining words of 64 bits. */
const LENGTH_END = 32;
const BUFFER_AT = 32;
const BITS_AT = BUFFER_AT + BLOCK;
const POSITION_AT = BITS_AT + 4;
const HASH_AT = POSITION_AT + 4;
const STATE_SIZE = HASH_AT + BLOCK;

const S_BOX: Uint8Array = buildBox();
/** Two words at 2 * (256 * j + byte): a substituted byte of column j times the row that it meets. */
const TABLES: Uint32Array = buildTables();

/** Key, text of the cipher and message block: eight rows of two words, high first. */
const key = new Uint32Array(16);
const text = new Uint32Array(16);
const message = new Uint32Array(16);
const next = new Uint32Array(16);

/** Whirlpool; shorter digests are its beginning. */
export const whirlpoolHash: StateHash = {
  stateSize: STATE_SIZE,
  start: () => undefined,
  update: (state, input) => {
    const { view } = state;
    addBits(state, 8 * input.length);
    const fill = view.getUint32(POSITION_AT, true);
    const waits = feedState(state, BUFFER_AT, BLOCK, fill, input, (from, begin, end) => {
      for (let at = begin; at < end; at += BLOCK) compress(view, from, at);
    });
    view.setUint32(POSITION_AT, waits, true);
    view.setUint32(BITS_AT, 8 * waits, true);
  },
  finish: ({ bytes, view }, out) => {
    const fill = view.getUint32(POSITION_AT, true);
    bytes.fill(0, BUFFER_AT + fill, BUFFER_AT + BLOCK);
    bytes[BUFFER_AT + fill] = 0x80;
    if (fill >= BLOCK - LENGTH_END) {
      compress(view, view, BUFFER_AT);
      bytes.fill(0, BUFFER_AT, BUFFER_AT + BLOCK);
    }
    bytes.copyWithin(BUFFER_AT + BLOCK - LENGTH_END, 0, LENGTH_END);
    compress(view, view, BUFFER_AT);
    for (let i = 0; i < out.length; i++) out[i] = bytes[HASH_AT + (i ^ 7)];
  },
};

/** Adds to the length, whose upper bytes stay 0: counts are below 2^53. */
function addBits({ view }: StateBytes, bits: number): void {
  const count = view.getBigUint64(LENGTH_END - 8) + BigInt(bits);
  view.setBigUint64(LENGTH_END - 8, count);
}

/** The cipher W keyed by the chaining words, whose result and plaintext are added to them. */
function compress(state: DataView, from: DataView, at: number): void {
  for (let i = 0; i < 16; i++) {
    message[i] = from.getUint32(at + 4 * i);
    key[i] = state.getUint32(HASH_AT + 4 * (i ^ 1), true);
    text[i] = message[i] ^ key[i];
  }
  for (let round = 0; round < ROUNDS; round++) {
    layers(key);
    for (let i = 0; i < 8; i++) key[i >>> 2] ^= S_BOX[8 * round + i] << (24 - 8 * (i & 3));
    layers(text);
    for (let i = 0; i < 16; i++) text[i] ^= key[i];
  }
  for (let i = 0; i < 16; i++) {
    const place = HASH_AT + 4 * (i ^ 1);
    state.setUint32(place, state.getUint32(place, true) ^ text[i] ^ message[i], true);
  }
}

/** Substitution, a rotation of column j by j rows, diffusion of the rows. */
function layers(rows: Uint32Array): void {
  next.fill(0);
  for (let row = 0; row < 8; row++) {
    for (let j = 0; j < 8; j++) {
      const source = rows[2 * ((row - j) & 7) + (j >>> 2)];
      const entry = 2 * (256 * j + ((source >>> (24 - 8 * (j & 3))) & 255));
      next[2 * row] ^= TABLES[entry];
      next[2 * row + 1] ^= TABLES[entry + 1];
    }
  }
  rows.set(next);
}

function buildBox(): Uint8Array {
  const inverse = (digit: number) => E.indexOf(digit.toString(16));
  const look = (box: string, digit: number) => Number.parseInt(box[digit], 16);
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    const u = look(E, byte >>> 4);
    const v = inverse(byte & 15);
    const w = look(R, u ^ v);
    return (look(E, u ^ w) << 4) | inverse(v ^ w);
  });
}

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 512);
  for (let j = 0; j < 8; j++) {
    for (let byte = 0; byte < 256; byte++) {
      for (let out = 0; out < 8; out++) {
        const product = gfMultiply(ROW[(out - j) & 7], S_BOX[byte], POLY);
        tables[2 * (256 * j + byte) + (out >>> 2)] |= product << (24 - 8 * (out & 3));
      }
    }
  }
  return tables;
}
