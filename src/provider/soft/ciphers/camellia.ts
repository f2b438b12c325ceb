/**
 * Camellia: the eight S-boxes of the round function are merged with its byte diffusion P.
 * Source: RFC 3713.
 * @module
 */
import { type BlockCipher, bytesOfHex } from './block-kernel.ts';

const SBOX1: Uint8Array = bytesOfHex(
  '70822cecb327c0e5e4855735ea0cae4123ef6b934519a521ed0e4f4e1d6592bd' +
    '86b8af8f7ceb1fce3e30dc5f5ec50b1aa6e139cad5475d3dd9015ad651566c4d' +
    '8b0d9a66fbccb02d74122b20f0b18499df4ccbc2347e76056db7a931d11704d7' +
    '14583a61de1b111c320f9c165318f222fe44cfb2c3b57a912408e8a860fc6950' +
    'aad0a07da1896297545b1e95e0ff64d210c40048a3f775db8a03e6da093fdd94' +
    '875c8302cd4a90337367f6f39d7fbfe2529bd826c837c63b81966f4b13be632e' +
    'e979a78c9f6ebc8e29f5f9b62ffdb4597898066ae74671bad425ab4288a28dfa' +
    '7207b955f8eeac0a36492a683c38f1a44028d37bbbc943c115e3adf477c7809e',
);
/** Outputs of P, most significant first, that input byte i goes into. */
const P: readonly number[] = [
  0b11101001, 0b01111100, 0b10110110, 0b11010011, 0b01110111, 0b10111011, 0b11011101, 0b11101110,
];
/** Which S-box byte i of the round function goes through. */
const BOX_OF: readonly number[] = [1, 2, 3, 4, 2, 3, 4, 1];
const SIGMA: readonly bigint[] = [
  0xa09e667f3bcc908bn,
  0xb67ae8584caa73b2n,
  0xc6ef372fe94f82ben,
  0x54ff53a5f1d36f1cn,
  0x10e527fade682d1dn,
  0xb05688c2b3e6c1fdn,
];

/** A key part and how far it is rotated left: two subkeys, or the one half that is named. */
type Piece = readonly [part: 'L' | 'R' | 'A' | 'B', rotation: number, half?: 'high' | 'low'];
const ORDER_18: readonly Piece[] = [
  ['L', 0],
  ...([
    ['A', 0],
    ['L', 15],
    ['A', 15],
  ] as const),
  ['A', 30],
  ...([
    ['L', 45],
    ['A', 45, 'high'],
    ['L', 60, 'low'],
    ['A', 60],
  ] as const),
  ['L', 77],
  ...([
    ['L', 94],
    ['A', 94],
    ['L', 111],
  ] as const),
  ['A', 111],
];
const ORDER_24: readonly Piece[] = [
  ['L', 0],
  ...([
    ['B', 0],
    ['R', 15],
    ['A', 15],
  ] as const),
  ['R', 30],
  ...([
    ['B', 30],
    ['L', 45],
    ['A', 45],
  ] as const),
  ['L', 60],
  ...([
    ['R', 60],
    ['B', 60],
    ['L', 77],
  ] as const),
  ['A', 77],
  ...([
    ['R', 94],
    ['A', 94],
    ['L', 111],
  ] as const),
  ['B', 111],
];

const MASK64 = (1n << 64n) - 1n;
const MASK128 = (1n << 128n) - 1n;

/** Two words at 2 * (256 * i + byte): what byte i gives after its S-box and P. */
const SP: Uint32Array = buildTables();

class Camellia implements BlockCipher {
  readonly blockSize: number = 16;
  readonly #forward: Uint32Array;
  readonly #backward: Uint32Array;

  constructor(subkeys: readonly bigint[]) {
    const n = subkeys.length;
    // Whitening keys keep their order within a pair.
    const inner = subkeys.slice(2, n - 2).reverse();
    this.#forward = wordsOf(subkeys);
    this.#backward = wordsOf([...subkeys.slice(n - 2), ...inner, ...subkeys.slice(0, 2)]);
  }

  encrypt(text: DataView, at: number): void {
    cryptBlock(this.#forward, text, at);
  }

  decrypt(text: DataView, at: number): void {
    cryptBlock(this.#backward, text, at);
  }
}

/** Camellia under a key of 16, 24 or 32 bytes. */
export function camellia(key: Uint8Array): BlockCipher {
  const all = BigInt(`0x${Buffer.from(key).toString('hex')}`);
  const short = key.length === 16;
  const left = short ? all : all >> BigInt(8 * key.length - 128);
  let right = short ? 0n : all & MASK128;
  if (key.length === 24) right = ((all & MASK64) << 64n) | (~all & MASK64);
  let [d1, d2] = halves(left ^ right);
  d2 ^= roundOf(d1, SIGMA[0]);
  d1 ^= roundOf(d2, SIGMA[1]);
  d1 ^= left >> 64n;
  d2 ^= left & MASK64;
  d2 ^= roundOf(d1, SIGMA[2]);
  d1 ^= roundOf(d2, SIGMA[3]);
  const a = (d1 << 64n) | d2;
  [d1, d2] = halves(a ^ right);
  d2 ^= roundOf(d1, SIGMA[4]);
  d1 ^= roundOf(d2, SIGMA[5]);
  const parts = { L: left, R: right, A: a, B: (d1 << 64n) | d2 };
  return new Camellia(
    (short ? ORDER_18 : ORDER_24).flatMap(([part, rotation, half]) => {
      const [high, low] = halves(rotate128(parts[part], rotation));
      if (half === 'high') return [high];
      return half === 'low' ? [low] : [high, low];
    }),
  );
}

/**
 * Whitening, then groups of six rounds with FL and its inverse between them, whitening. `keys` has two
 * words a subkey.
 */
function cryptBlock(keys: Uint32Array, text: DataView, at: number): void {
  let l0 = text.getUint32(at) ^ keys[0];
  let l1 = text.getUint32(at + 4) ^ keys[1];
  let r0 = text.getUint32(at + 8) ^ keys[2];
  let r1 = text.getUint32(at + 12) ^ keys[3];
  const end = keys.length - 4;
  for (let k = 4; ; ) {
    for (const groupEnd = k + 12; k < groupEnd; k += 4) {
      let a = l0 ^ keys[k];
      let b = l1 ^ keys[k + 1];
      r0 ^= high(a, b);
      r1 ^= low(a, b);
      a = r0 ^ keys[k + 2];
      b = r1 ^ keys[k + 3];
      l0 ^= high(a, b);
      l1 ^= low(a, b);
    }
    if (k === end) break;
    l1 ^= rotateOne(l0 & keys[k]);
    l0 ^= l1 | keys[k + 1];
    r0 ^= r1 | keys[k + 3];
    r1 ^= rotateOne(r0 & keys[k + 2]);
    k += 4;
  }
  text.setUint32(at, r0 ^ keys[end]);
  text.setUint32(at + 4, r1 ^ keys[end + 1]);
  text.setUint32(at + 8, l0 ^ keys[end + 2]);
  text.setUint32(at + 12, l1 ^ keys[end + 3]);
}

/** The high word of the round function of the words `a`, `b`. */
function high(a: number, b: number): number {
  return (
    SP[2 * (a >>> 24)] ^
    SP[512 + 2 * ((a >>> 16) & 255)] ^
    SP[1024 + 2 * ((a >>> 8) & 255)] ^
    SP[1536 + 2 * (a & 255)] ^
    SP[2048 + 2 * (b >>> 24)] ^
    SP[2560 + 2 * ((b >>> 16) & 255)] ^
    SP[3072 + 2 * ((b >>> 8) & 255)] ^
    SP[3584 + 2 * (b & 255)]
  );
}

function low(a: number, b: number): number {
  return (
    SP[1 + 2 * (a >>> 24)] ^
    SP[513 + 2 * ((a >>> 16) & 255)] ^
    SP[1025 + 2 * ((a >>> 8) & 255)] ^
    SP[1537 + 2 * (a & 255)] ^
    SP[2049 + 2 * (b >>> 24)] ^
    SP[2561 + 2 * ((b >>> 16) & 255)] ^
    SP[3073 + 2 * ((b >>> 8) & 255)] ^
    SP[3585 + 2 * (b & 255)]
  );
}

function rotateOne(word: number): number {
  return (word << 1) | (word >>> 31);
}

/** The round function on the numbers of the key schedule. */
function roundOf(value: bigint, key: bigint): bigint {
  const x = value ^ key;
  const a = Number(x >> 32n);
  const b = Number(x & 0xffffffffn);
  return (BigInt(high(a, b) >>> 0) << 32n) | BigInt(low(a, b) >>> 0);
}

function halves(value: bigint): [bigint, bigint] {
  return [value >> 64n, value & MASK64];
}

function rotate128(value: bigint, bits: number): bigint {
  return ((value << BigInt(bits)) | (value >> BigInt(128 - bits))) & MASK128;
}

function wordsOf(subkeys: readonly bigint[]): Uint32Array {
  return Uint32Array.from(
    subkeys.flatMap((subkey) => [Number(subkey >> 32n), Number(subkey & 0xffffffffn)]),
  );
}

function buildTables(): Uint32Array {
  const tables = new Uint32Array(8 * 512);
  for (let i = 0; i < 8; i++) {
    for (let byte = 0; byte < 256; byte++) {
      const value = sbox(BOX_OF[i], byte);
      for (let out = 0; out < 8; out++) {
        if (((P[i] >>> (7 - out)) & 1) === 0) continue;
        tables[2 * (256 * i + byte) + (out >>> 2)] |= value << (24 - 8 * (out & 3));
      }
    }
  }
  return tables;
}

function sbox(box: number, byte: number): number {
  if (box === 4) return SBOX1[((byte << 1) | (byte >>> 7)) & 255];
  const value = SBOX1[byte];
  if (box === 2) return ((value << 1) | (value >>> 7)) & 255;
  return box === 3 ? ((value << 7) | (value >>> 1)) & 255 : value;
}
