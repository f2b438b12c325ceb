/**
 * Goal: the generator is the kernel's, bit for bit.
 * Method: compare with the recurrence written in bigint.
 */
import { expect, test } from 'vitest';
import { fillSeeded, Prng } from './prng.ts';

function* reference(seed: bigint): Generator<bigint> {
  let s = seed;
  for (;;) {
    s = (s * 25214903917n + 11n) % (1n << 48n);
    yield s;
  }
}

test.each([0, 1, 4096, 2 ** 32 + 7, 2 ** 48 - 1])(
  'seed %i gives the stream of the recurrence',
  (seed) => {
    const numbers = new Prng(seed);
    const bytes = new Uint8Array(300);
    fillSeeded(bytes, seed);
    const states = reference(BigInt(seed));
    for (let i = 0; i < 300; i++) {
      const s = states.next().value as bigint;
      expect(numbers.u32()).toBe(Number((s >> 16n) & 0xffffffffn));
      expect(bytes[i]).toBe(Number((s >> 16n) & 0xffn));
    }
  },
);

test('bounded draws stay inside their bounds and reach both ends', () => {
  const prng = new Prng(3);
  const seen = new Set<number>();
  for (let i = 0; i < 1000; i++) seen.add(prng.between(5, 8));
  expect([...seen].sort()).toEqual([5, 6, 7, 8]);
});
