/**
 * Seeds out of two numbers.
 * @module
 */

/**
 * A seed of 48 bits in which every bit depends on both numbers. Without it cases of one algorithm, whose
 * numbers are a fixed distance apart, would be alike: the generator's low bits are linear in its seed.
 * Source: the finaliser of MurmurHash3
 */
export function mixed(seed: number, index: number): number {
  let word = 0;
  const stir = (value: number): number => {
    word = Math.imul(word ^ value ^ (value >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    word ^= word >>> 16;
    return word >>> 0;
  };
  stir(seed);
  stir(Math.floor(index / 2 ** 32));
  const high = stir(index);
  return (high % 0x1000000) * 0x1000000 + (stir(0x9e3779b9) % 0x1000000);
}
