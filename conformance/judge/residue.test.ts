/**
 * Goal: RESIDUE finds what it says it finds, wherever it stands, and nothing else.
 * Method: random memory with a part of a secret in it, of every length around the promised ones.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillSeeded } from '../../src/prng.ts';
import { ResidueSearch } from './residue.ts';

const KEY = seeded(32, 1);
const TEXT = seeded(300, 2);
const search = new ResidueSearch([
  { name: 'the key', bytes: KEY, stride: 1 },
  { name: 'the plaintext', bytes: TEXT, stride: 8 },
]);

function seeded(len: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(len);
  fillSeeded(bytes, seed);
  return bytes;
}

/** Other bytes with a part of a secret among them. */
function memoryWith(part: Uint8Array, at: number): Uint8Array {
  const memory = seeded(at + part.length + 9, 3);
  memory.set(part, at);
  // What stands round the part must not go on as the secret does.
  if (at > 0) memory[at - 1] ^= 0xff;
  return memory;
}

test.each([
  ['the key', KEY, 8],
  ['the plaintext', TEXT, 15],
] as const)('%s: so many bytes are found at every place', (name, secret, least) => {
  const places = fc.tuple(fc.nat(secret.length - least), fc.nat(40), fc.nat(100));
  fc.assert(
    fc.property(places, ([from, at, more]) => {
      const part = secret.slice(from, from + least + more);
      expect(search.find(memoryWith(part, at))).toContain(`bytes of ${name} at byte`);
    }),
  );
});

test("fewer bytes, other bytes and bytes that are anybody else's are not found", () => {
  for (const secret of [KEY, TEXT]) {
    const part = secret.slice(16, 23);
    const memory = memoryWith(part, 5);
    memory[5 + part.length] = secret[23] ^ 0xff;
    expect(search.find(memory)).toBeNull();
  }
  const padded = new ResidueSearch([
    { name: 'the key', bytes: Uint8Array.of(0, 0, 0, 1, 2, 0, 0, 0, 0, 0), stride: 1 },
  ]);
  expect(padded.find(Uint8Array.of(9, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 9))).toBeNull();
});
