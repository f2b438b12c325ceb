/**
 * Goal: both encoders of LZ4 are read back by the decoder, and the one that looks longer finds more.
 * Method: random texts in which pieces come again, of all lengths up to some thousand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillSeeded } from '../../prng.ts';
import { lz4Compress, lz4Decompress, lz4hcCompress } from './lz4.ts';

/** Pieces of a few words, in any order. */
const texts = fc
  .array(fc.nat({ max: 15 }), { maxLength: 300 })
  .map((pieces) => Buffer.concat(pieces.map((seed) => piece(seed))));

function piece(seed: number): Uint8Array {
  const bytes = new Uint8Array(3 + seed);
  fillSeeded(bytes, seed);
  return bytes;
}

test.each([
  ['lz4', lz4Compress],
  ['lz4hc', lz4hcCompress],
] as const)(
  'what %s makes of a text is read back, and one byte of room less is refused',
  (_, pack) => {
    fc.assert(
      fc.property(texts, (text) => {
        const packed = pack(text, 8192);
        if (typeof packed === 'number') throw new Error('does not fit');
        expect(Buffer.from(lz4Decompress(packed, text.length) as Uint8Array)).toEqual(text);
        expect(pack(text, packed.length)).toEqual(packed);
        expect(pack(text, packed.length - 1)).toBe(-22);
      }),
      { numRuns: 60 },
    );
  },
);

test('lz4hc finds the longest of several copies, where lz4 takes the last', () => {
  const long = piece(15);
  const text = Buffer.concat([
    long,
    Buffer.from('----'),
    long.subarray(0, 5),
    Buffer.from('++++'),
    long,
    long,
  ]);
  const [last, best] = [lz4Compress(text, 200), lz4hcCompress(text, 200)];
  if (typeof last === 'number' || typeof best === 'number') throw new Error('does not fit');
  expect(best.length).toBeLessThan(last.length);
});
