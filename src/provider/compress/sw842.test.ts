/**
 * Goal: streams of 842 are those of the kernel: every code is written where it is the shortest and read
 * wherever it stands, and what is broken is refused with the errno of what comes first.
 * Method: random texts; streams written here as text of bits, with their checksums.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fillSeeded } from '../../prng.ts';
import { compress842, decompress842, strays842 } from './sw842.ts';

const [EINVAL, ENOSPC, EOVERFLOW] = [-22, -28, -75];

/** Words of two, four and eight bytes again and again, zeros, and an end of any length. */
const texts = fc
  .array(fc.tuple(fc.nat({ max: 20 }), fc.nat({ max: 11 })), { minLength: 1, maxLength: 60 })
  .map((pieces) => Buffer.concat(pieces.map(([seed, kind]) => piece(seed, kind))));

function piece(seed: number, kind: number): Uint8Array {
  const bytes = new Uint8Array([2, 2, 2, 4, 4, 8, 8, 8, 16, 64, 800, 3][kind]);
  if (seed > 2) fillSeeded(bytes, seed);
  return bytes;
}

function packed(text: Uint8Array): Uint8Array {
  const stream = compress842(text, 2 * text.length + 16);
  if (typeof stream === 'number') throw new Error('does not fit');
  return stream;
}

test('what is made of a text comes back, and takes no byte less', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const stream = packed(text);
      expect(stream.length % 8).toBe(0);
      expect(text.equals(decompress842(stream, text.length) as Uint8Array)).toBe(true);
      expect(compress842(text, stream.length)).toEqual(stream);
      expect(compress842(text, stream.length - 1)).toBe(ENOSPC);
    }),
    { numRuns: 60 },
  );
});

/** `'00000 61'` and the like: five bits of a code, other numbers as `value/bits`, bytes as two digits. */
function bits(...words: readonly string[]): string {
  return words
    .join(' ')
    .split(' ')
    .map((word) => {
      if (/^[01]{5}$/.test(word)) return word;
      if (!word.includes('/')) return Number.parseInt(word, 16).toString(2).padStart(8, '0');
      const [value, count] = word.split('/').map(Number);
      return value.toString(2).padStart(count, '0');
    })
    .join('');
}

function streamOf(text: string): Uint8Array {
  const all = text.padEnd(64 * Math.ceil(text.length / 64), '0');
  return Uint8Array.from(all.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

const END = '11110';
/** What the checksum of these texts is by the division of polynomials. */
function sumOf(text: Uint8Array): string {
  let rest = 0n;
  for (const byte of [...text, 0, 0, 0, 0]) {
    rest = (rest << 8n) | BigInt(byte);
    for (let bit = 39n; bit >= 32n; bit--) {
      if (((rest >> bit) & 1n) === 1n) rest ^= 0x104c11db7n << (bit - 32n);
    }
  }
  return `${rest}/32`;
}

const ABC = '61 62 63 64 65 66 67 68';

test.each([
  ['a block', [`00000 ${ABC}`], 'abcdefgh'],
  ['zeros', ['11100'], '\0'.repeat(8)],
  ['a repetition', [`00000 ${ABC}`, '11011 1/6'], 'abcdefgh'.repeat(3)],
  ['the longest repetition, and one more', ['11100', '11011 63/6', '11011 0/6'], '\0'.repeat(528)],
  ['a short end', ['11101 3/3 78 79 7a'], 'xyz'],
  ['a block out of its ring', [`00000 ${ABC}`, '11101 1/3 78'], 'abcdefghx'],
  ['two halves', [`00000 ${ABC}`, '11000 1/9 0/9'], 'abcdefghefghabcd'],
  ['quarters and bytes', [`00000 ${ABC}`, '01100 3/8 78 79 0/8 7a 7a'], 'abcdefghghxyabzz'],
  [
    'quarters that found one another in the middle',
    [`00000 ${ABC}`, '01011 3/8 77 78 79 7a 1/8'],
    'abcdefghghwxyzcd',
  ],
  [
    'a block, then another, then the first again',
    [`00000 ${ABC}`, '00000 31 32 33 34 35 36 37 38', '11001 0/8'],
    'abcdefgh12345678abcdefgh',
  ],
])('written and read: %s', (_, words, text) => {
  const bytes = Buffer.from(text, 'latin1');
  const stream = streamOf(bits(...words, END, sumOf(bytes)));
  expect(packed(bytes)).toEqual(stream);
  expect(bytes.equals(decompress842(stream, bytes.length) as Uint8Array)).toBe(true);
});

test('places are those of rings: the last of equals is taken, and none that is overwritten', () => {
  const block = (i: number): string => i.toString(16).padStart(16, '0');
  // 257 blocks overwrite the first: it is not found whole, nor by its quarters.
  for (const [between, isFound] of [
    [255, true],
    [256, false],
  ] as const) {
    const blocks = ['0123456789abcdef'];
    for (let i = 1; i <= between; i++) blocks.push(block(i * 0x10001));
    const text = Buffer.from([...blocks, '0123456789abcdef'].join(''), 'hex');
    const one = packed(text.subarray(0, -8));
    const two = packed(text);
    expect(two.length - one.length < 8, `${between}`).toBe(isFound);
    expect(text.equals(decompress842(two, text.length) as Uint8Array)).toBe(true);
  }
});

test('the first place of a ring that has gone round is read from its last round', () => {
  // After 256 blocks the ring of whole blocks begins anew, and its place 0 is the block of the last round.
  const blocks = Array.from({ length: 257 }, (_, i) =>
    `0${i.toString(16).padStart(3, '0')}`.repeat(4),
  );
  const literals = blocks.map((hex) => `00000 ${hex.match(/../g)?.join(' ')}`);
  for (const [place, count] of [
    [0, 256],
    [0, 257],
    [1, 257],
    [255, 257],
  ]) {
    const copied = place < count - 256 ? place + 256 : place;
    const text = Buffer.from([...blocks.slice(0, count), blocks[copied]].join(''), 'hex');
    const words = [...literals.slice(0, count), `11001 ${place}/8`, END, sumOf(text)];
    const stream = streamOf(bits(...words));
    expect(text.equals(decompress842(stream, text.length) as Uint8Array), `${place}`).toBe(true);
  }
});

const NINE = [`00000 ${ABC}`, '11101 1/3 78'];
test.each([
  ['a code that there is not', ['11010'], 64, EINVAL],
  ['another', ['11111'], 64, EINVAL],
  ['a repetition of nothing', ['11011 0/6'], 64, EINVAL],
  ['a short end of no byte', ['11101 0/3'], 64, EINVAL],
  ['a copy of what comes later', [`00000 ${ABC}`, '11001 1/8'], 64, EINVAL],
  ['a copy of the block itself', ['00100 61 62 63 64 0/9'], 64, EINVAL],
  ['a wrong checksum', [`00000 ${ABC}`, END, '0/32'], 64, EINVAL],
  ['a block that does not fit', [`00000 ${ABC}`], 7, ENOSPC],
  ['half a block that does not fit', ['11100', '00001 61 62 63 64 65 66 0/8'], 13, ENOSPC],
  ['zeros that do not fit', ['11100'], 7, ENOSPC],
  ['a repetition that does not fit', ['11100', '11011 1/6'], 23, ENOSPC],
  ['no end', [`00000 ${ABC}`], 64, EOVERFLOW],
])('refused: %s', (_, words, room, errno) => {
  const stream = streamOf(bits(...words));
  expect(decompress842(stream, room)).toBe(errno);
  expect(strays842(stream, room)).toBe(null);
});

test('a stream that breaks off anywhere is -EOVERFLOW, and one with more behind it is whole', () => {
  const text = Buffer.from('abcdefghghxyabzzabcd1234\0\0\0\0\0\0\0\x0a3', 'latin1');
  const stream = packed(text);
  // Behind the checksum there are nothing but zeros up to a multiple of eight bytes, fewer than these.
  const end = stream.findLastIndex((byte) => byte !== 0);
  for (let len = 0; len <= end; len++)
    expect(decompress842(stream.subarray(0, len), 64), `${len}`).toBe(EOVERFLOW);
  const longer = Buffer.concat([stream, Buffer.from('anything')]);
  expect(text.equals(decompress842(longer, 64) as Uint8Array)).toBe(true);
});

test('copies and short ends are not held against the room, and behind it nothing is', () => {
  const text = Buffer.from('abcdefgh12345678abcdefgh\0\0\0\0\0\0\0\0');
  const stream = packed(text);
  for (const room of [16, 23]) expect(decompress842(stream, room)).toEqual(Uint8Array.from(text));
  for (const room of [8, 15, 24, 31]) expect(decompress842(stream, room)).toBe(ENOSPC);
  const nine = Buffer.from('abcdefghx');
  expect(decompress842(packed(nine), 8)).toEqual(Uint8Array.from(nine));
  // Broken behind the room, it is broken all the same.
  expect(decompress842(streamOf(bits(...NINE, '11111')), 8)).toBe(EINVAL);
});

test('the decoder of 6.1 leaves its buffers in front and behind', () => {
  const front = streamOf(bits('11101 3/3 61 62 63', '11011 0/6'));
  expect([decompress842(front, 64), strays842(front, 64)]).toEqual([
    EINVAL,
    'in front of its buffer',
  ]);
  expect(strays842(front, 8)).toBe(null);
  const many = Array.from({ length: 260 }, () => '11011 63/6');
  const behind = streamOf(bits(...NINE, ...many));
  expect([decompress842(behind, 8), strays842(behind, 8)]).toEqual([ENOSPC, 'behind its buffer']);
  expect(strays842(behind, 64)).toBe(null);
});
