/**
 * Arithmetic in GF(2^8), for the tables of ciphers that are defined by it.
 * @module
 */

/** The product of two bytes modulo `poly`, a polynomial of degree 8. */
export function gfMultiply(a: number, b: number, poly: number): number {
  let product = 0;
  for (let x = a, y = b; y > 0; y >>>= 1) {
    if (y & 1) product ^= x;
    x <<= 1;
    if (x & 0x100) x ^= poly;
  }
  return product;
}
