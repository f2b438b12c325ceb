/**
 * The S-box that Khazad and Anubis share, made of two boxes of 4 bits.
 * Source: Barreto and Rijmen, "The Khazad Legacy-Level Block Cipher", 2001, 3.2 and appendix B.
 * @module
 */

const P = '3fe054bcda967821';
const Q = '9e56a23cf04d7b18';

/** Its own inverse. */
export const NESSIE_BOX: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  let a = digit(P, byte >>> 4);
  let b = digit(Q, byte & 15);
  // Two bits of each half change places between the layers.
  [a, b] = exchange(a, b);
  a = digit(Q, a);
  b = digit(P, b);
  [a, b] = exchange(a, b);
  return (digit(P, a) << 4) | digit(Q, b);
});

/** The polynomial of the field that both ciphers diffuse in. */
export const NESSIE_POLY = 0x11d;

function exchange(a: number, b: number): [number, number] {
  return [(a & 12) | (b >>> 2), ((a & 3) << 2) | (b & 3)];
}

function digit(box: string, at: number): number {
  return Number.parseInt(box[at], 16);
}
