/**
 * The seeded generator behind everything random: the 48-bit congruential generator of the kernel's
 * own crypto tests, so that a seed printed here names the same bytes in a kernel test.
 * C: lib/crypto/tests/test-utils.h, rand32 and rand_bytes_seeded_from_len (7.3)
 * @module
 */

// 25214903917 = MULTIPLIER_HIGH * 2^24 + MULTIPLIER_LOW: all products below stay exact in a double.
const MULTIPLIER_LOW = 0xece66d;
const MULTIPLIER_HIGH = 0x5de;
const INCREMENT = 11;
const HALF = 0x1000000;

/** A deterministic stream of numbers. Two generators with one seed give one stream. */
export class Prng {
  private low: number;
  private high: number;

  /** @param seed 0 to 2^48 - 1; larger values are taken modulo 2^48. */
  constructor(seed: number) {
    this.low = seed % HALF;
    this.high = Math.floor(seed / HALF) % HALF;
  }

  /** Starts the stream of another seed without allocating. */
  reseed(seed: number): void {
    this.low = seed % HALF;
    this.high = Math.floor(seed / HALF) % HALF;
  }

  /** The next 32 bits, 0 to 2^32 - 1. */
  u32(): number {
    this.step();
    return (this.high * 256 + (this.low >>> 16)) >>> 0;
  }

  /** A number from 0 to `bound` - 1. Must be called with a bound of 1 to 2^32. */
  below(bound: number): number {
    return this.u32() % bound;
  }

  /** A number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `n` calls on average. */
  oneIn(n: number): boolean {
    return this.below(n) === 0;
  }

  /** One element of a non-empty list. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  private step(): void {
    const product = this.low * MULTIPLIER_LOW + INCREMENT;
    const carry = Math.floor(product / HALF);
    this.high = (this.high * MULTIPLIER_LOW + this.low * MULTIPLIER_HIGH + carry) % HALF;
    this.low = product - carry * HALF;
  }
}

/**
 * Fills `target` with the generator's bytes for `seed`, bits 16 to 23 of each state. They depend on
 * nothing above bit 23, so this runs modulo 2^24: 1 ns a byte, a third of the full recurrence.
 */
export function fillSeeded(target: Uint8Array, seed: number): void {
  let low = seed % HALF;
  for (let i = 0; i < target.length; i++) {
    low = (Math.imul(low, MULTIPLIER_LOW) + INCREMENT) & (HALF - 1);
    target[i] = low >>> 16;
  }
}
