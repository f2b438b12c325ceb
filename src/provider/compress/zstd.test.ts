/**
 * Goal: what the library is asked for is what Zstandard is: another reader takes what it writes, it takes what
 * another writer has written, and its memory holds whatever is asked.
 * Method: random texts; frames written by hand; node:zlib where it has Zstandard.
 */
import * as zlib from 'node:zlib';
import { decompress } from 'fzstd';
import { expect, test } from 'vitest';
import { fillSeeded } from '../../prng.ts';
import { zstdCompress, zstdDecompress } from './zstd.ts';

const EINVAL = -22;

function textOf(len: number, period: number): Uint8Array {
  const text = new Uint8Array(len);
  fillSeeded(text, len);
  if (period > 0) for (let i = period; i < len; i++) text[i] = text[i - period];
  return text;
}

const TEXTS = [
  ...[textOf(1, 0), textOf(300, 0), textOf(300, 7), textOf(5000, 40), textOf(70000, 1000)],
  ...[
    textOf(131072, 0),
    textOf(131072, 1),
    Buffer.from('the quick brown fox, the quick '.repeat(90)),
  ],
];

/** Node 22.15 and later. */
function ofNode(name: 'zstdCompressSync' | 'zstdDecompressSync') {
  const found: unknown = Reflect.get(zlib, name);
  return typeof found === 'function' ? (bytes: Uint8Array) => found(bytes) as Uint8Array : null;
}

test('another reader takes what was written, and the text comes back into its own length', () => {
  for (const text of TEXTS) {
    const frame = zstdCompress(text, 140000);
    if (typeof frame === 'number') throw new Error('does not fit');
    expect(Buffer.compare(decompress(frame), text)).toBe(0);
    expect(Buffer.compare(zstdDecompress(frame, text.length) as Uint8Array, text)).toBe(0);
    expect(zstdDecompress(frame, text.length - 1)).toBe(EINVAL);
    expect(zstdCompress(text, frame.length - 1)).toBe(EINVAL);
    const theirs = ofNode('zstdDecompressSync');
    if (theirs !== null) expect(Buffer.compare(theirs(frame), text)).toBe(0);
    const packed = ofNode('zstdCompressSync')?.(text) ?? frame;
    expect(Buffer.compare(zstdDecompress(packed, text.length) as Uint8Array, text)).toBe(0);
  }
});

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/ /g, ''), 'hex'));
/** One segment of three bytes, in a block as they are. */
const ABC = '28b52ffd 20 03 190000 616263';
/** The same character forty times, without a length and with a checksum. */
const RUN = '28b52ffd 04 40 430100 78';

test('frames one behind the other are one text, and what holds nothing is passed over', () => {
  const text = (stream: string): string | number => {
    const out = zstdDecompress(hex(stream), 64);
    return typeof out === 'number' ? out : Buffer.from(out).toString();
  };
  expect(text(ABC)).toBe('abc');
  expect(text(ABC + ABC)).toBe('abcabc');
  expect(text(`5a2a4d18 02000000 0000 ${ABC}`)).toBe('abc');
  expect(text(`${ABC} 00`)).toBe(EINVAL);
  expect(text(ABC.slice(0, -2))).toBe(EINVAL);
  // Another length, a dictionary, a reserved bit, and a checksum that is not that of the text.
  expect(text(ABC.replace('20 03', '20 04'))).toBe(EINVAL);
  expect(text(ABC.replace('20 03', '21 07 03'))).toBe(EINVAL);
  expect(text(ABC.replace('20 03', '21 00 03'))).toBe('abc');
  expect(text(ABC.replace('20 03', '28 03'))).toBe(EINVAL);
  expect(text(`${RUN} 00000000`)).toBe(EINVAL);
});
