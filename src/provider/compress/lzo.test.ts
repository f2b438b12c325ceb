/**
 * Goal: streams of both versions of LZO1X come back, every instruction of the format is understood, and what
 * is no stream is refused.
 * Method: random texts with runs of zeros and with copies from as far back as the format reaches; streams that
 * were written by hand.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillSeeded } from '../../prng.ts';
import { lzoCompress, lzoDecompress, lzoRleCompress } from './lzo.ts';

const EINVAL = -22;
const NAMES = [
  ['lzo', lzoCompress],
  ['lzo-rle', lzoRleCompress],
] as const;

/** Pieces of a few words, long ones among them, and zeros. */
const texts = fc
  .array(fc.nat({ max: 17 }), { minLength: 1, maxLength: 60 })
  .map((pieces) => Buffer.concat(pieces.map(piece)));

function piece(seed: number): Uint8Array {
  const bytes = new Uint8Array(seed < 12 ? 3 + seed : 400 * (seed - 10));
  if (seed !== 3 && seed !== 17) fillSeeded(bytes, seed);
  return bytes;
}

function packed(pack: typeof lzoCompress, text: Uint8Array): Uint8Array {
  const stream = pack(text, text.length + 2000);
  if (typeof stream === 'number') throw new Error('does not fit');
  return stream;
}

test.each(NAMES)('what %s makes of a text comes back, and takes no byte less', (_, pack) => {
  fc.assert(
    fc.property(texts, (text) => {
      const stream = packed(pack, text);
      expect(text.equals(lzoDecompress(stream, text.length) as Uint8Array)).toBe(true);
      expect(lzoDecompress(stream, text.length - 1)).toBe(EINVAL);
      expect(pack(text, stream.length)).toEqual(stream);
      expect(pack(text, stream.length - 1)).toBe(EINVAL);
    }),
    { numRuns: 25 },
  );
});

test.each(NAMES)('%s copies from wherever the format reaches, and no farther', (_, pack) => {
  const word = piece(11);
  for (const [distance, isCopied] of [
    [20, true],
    [0x800, true],
    [0x801, true],
    [0x4000, true],
    [0x4001, true],
    [0xbffe, true],
    [0xbfff, pack === lzoCompress],
    [0xc000, false],
  ] as const) {
    // All of one byte: nothing in it takes the place of the word in the table of the encoder.
    const between = new Uint8Array(distance - word.length).fill(0x77);
    const text = Buffer.concat([word, between, word]);
    const stream = packed(pack, text);
    expect(text.equals(lzoDecompress(stream, text.length) as Uint8Array)).toBe(true);
    expect(Buffer.from(stream).includes(Buffer.from(word), word.length + 2)).toBe(!isCopied);
  }
});

test('a copy that could be read as a run of zeros is cut', () => {
  for (const len of [260, 261, 262, 263, 264, 265]) {
    const word = new Uint8Array(len);
    fillSeeded(word, 3);
    // 0x4000 + 0x403f: all low bits of the distance are set, and its highest.
    const between = new Uint8Array(0x803f - len).fill(0x77);
    // Three literals follow, which the low byte of the distance counts.
    const text = Buffer.concat([word, between, word, Buffer.from('xyz'), word.subarray(0, 40)]);
    const stream = packed(lzoRleCompress, text);
    expect(text.equals(lzoDecompress(stream, text.length) as Uint8Array)).toBe(true);
  }
});

test('a room of one byte is not seen by version 1, which has two bytes in front', () => {
  const text = Buffer.from('a');
  expect(lzoRleCompress(text, 1)).toEqual(packed(lzoRleCompress, text));
  expect(lzoRleCompress(text, 2)).toBe(EINVAL);
  expect(lzoCompress(text, 1)).toBe(EINVAL);
});

test('zeros are a run in version 1 alone', () => {
  const text = new Uint8Array(6000);
  text[0] = 1;
  expect(packed(lzoRleCompress, text).length).toBe(2 + 2 + 3 * 4 + 3);
  expect(packed(lzoCompress, text)[0]).not.toBe(17);
});

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
const END = '110000';

test.each([
  ['literals of a first byte', `1561626364${END}`, 'abcd'],
  ['a run of literals', `03616263646566${END}`, 'abcdef'],
  ['a long run of literals', `0002${'61'.repeat(20)}${END}`, 'a'.repeat(20)],
  ['two bytes behind one literal', `12610000${END}`, 'aaa'],
  ['a near copy, and a literal behind it', `15616263646d007a${END}`, 'abcdabcdz'],
  ['a copy of middle distance', `1561626364210c00${END}`, 'abcdabc'],
  ['a long one', `126120020000${END}`, 'a'.repeat(36)],
  ['a run of zeros in version 1', `1101126119fcff02${END}`, `a${'\0'.repeat(21)}`],
  ['version 0 that is said', `110012610000${END}`, 'aaa'],
])('understood: %s', (_, stream, text) => {
  const out = lzoDecompress(hex(stream), 64);
  expect(out).toEqual(Uint8Array.from(Buffer.from(text)));
});

test.each([
  ['less than an end', '1100'],
  ['no end', '1561626364'],
  ['an end of another length', '1561626364120000'],
  ['bytes behind the end', `1561626364${END}00`],
  ['a copy from before the beginning', `1261210800${END}`],
  ['literals that take from the end', `16616263${END}`],
  ['a length that does not end', '1261200000000000'],
  ['a run of zeros in version 0', `126119fcff02${END}`],
])('refused: %s', (_, stream) => {
  expect(lzoDecompress(hex(stream), 64)).toBe(EINVAL);
});
