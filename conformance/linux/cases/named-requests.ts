/**
 * Named cases of requests: every layout meets every algorithm of the table, with a key, an IV and
 * associated data that belong to the algorithm.
 * @module
 */
import { Prng } from '../../../src/prng.ts';
import type {
  AeadRow,
  Algorithm,
  CipherOrHash,
  HashRow,
  SkcipherRow,
} from '../../algorithms/row.ts';
import { type Bytes, materialise } from '../../case/case.ts';
import type { CipherCase, HashCase, Part, Segment } from '../text/case.ts';
import { LAYOUTS } from './named-layout.ts';

/** What cases leave out. */
export const CIPHER: Omit<CipherCase, 'id' | 'op' | 'algorithm' | 'key' | 'iv' | 'length' | 'src'> =
  {
    pages: 8,
    seed: 1,
    puts: [],
    backings: [],
    requests: 1,
    geometry: null,
    ivOffset: 0,
    direction: 'both',
    flip: null,
    assoc: 0,
    authSize: null,
    flags: null,
    async: false,
    atomic: false,
    remainder: null,
    errorAt: null,
    dst: null,
  };

function hex(bytes: Bytes): string {
  return Buffer.from(materialise(bytes)).toString('hex');
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** The draws of one algorithm: its own, whatever other rows there are. */
function drawsOf({ name }: Algorithm): Prng {
  return new Prng([...name].reduce((seed, char) => (seed * 31 + char.charCodeAt(0)) % 2 ** 32, 7));
}

/** Keys that are drawn until the algorithm takes one. */
const TRIES = 50;

/** A key that the algorithm takes, the same at every time; null where it takes none. */
function keyOf(draw: Prng, { name, key }: Algorithm): string | null {
  if (key.draw === null) return null;
  for (let i = 0; i < TRIES; i++) {
    const text = hex(key.draw(draw));
    if (text !== '' && key.check(bytes(text)) === 0) return text;
  }
  // The null cipher takes the empty key alone.
  if (key.check(bytes('')) === 0) return '';
  throw new RangeError(`${name}: no key of ${TRIES} is taken`);
}

/** Lengths that an algorithm takes, round its blocks and pages. */
export function lengthsOf(least: number, unit: number): readonly number[] {
  if (unit > 1) return [1, 4, 257].map((n) => unit * Math.max(n, Math.ceil(least / unit)));
  return [Math.max(1, least), least + 17, least + 100, least + 4111];
}

/** Every third case with one list, every other with the next layout, the rest with two over one memory. */
export function destination(
  index: number,
  total: number,
  src: readonly Segment[],
): Segment[] | null {
  if (index % 3 === 0) return null;
  if (index % 3 === 2) return src.map((segment) => ({ ...segment }));
  return LAYOUTS[(index * 5 + 1) % LAYOUTS.length].build(total, 4);
}

function skciphers(row: SkcipherRow): CipherCase[] {
  const draw = drawsOf(row);
  const key = keyOf(draw, row);
  const iv = hex(row.drawIv?.(draw) ?? { seed: draw.u32(), len: row.ivsize });
  const lengths = lengthsOf(row.least, row.unit);
  return LAYOUTS.map((layout, i) => {
    const length = lengths[i % lengths.length];
    const src = layout.build(length, 0);
    return {
      ...CIPHER,
      id: `skcipher-${row.name}-${layout.name}`,
      op: 'skcipher',
      algorithm: row.name,
      key,
      iv,
      ivOffset: i % 4,
      length,
      src,
      dst: destination(i, length, src),
    };
  });
}

/** An IV and associated data with which the algorithm seals. */
function nonceOf(draw: Prng, row: AeadRow, key: Uint8Array): { iv: string; assoc: number } {
  const authsize = row.tags.sizes[row.tags.sizes.length - 1];
  const text = new Uint8Array(row.generated + 64 * row.unit);
  for (let i = 0; i < TRIES; i++) {
    const iv = hex(row.drawIv?.(draw) ?? { seed: draw.u32(), len: row.ivsize });
    const ad = materialise(row.drawAd(draw, key, bytes(iv)));
    if (typeof row.seal({ key, iv: bytes(iv), ad, text, authsize }) !== 'number')
      return { iv, assoc: ad.length };
  }
  throw new RangeError(`${row.name}: no IV and associated data of ${TRIES} are taken`);
}

function aeads(row: AeadRow): CipherCase[] {
  const draw = drawsOf(row);
  const key = keyOf(draw, row);
  const { iv, assoc } = nonceOf(draw, row, bytes(key ?? ''));
  const authSize = row.tags.sizes[row.tags.sizes.length - 1];
  const lengths = lengthsOf(row.generated, row.unit);
  return LAYOUTS.map((layout, i) => {
    const length = lengths[i % lengths.length];
    const total = assoc + length + authSize;
    const src = layout.build(total, 0);
    return {
      ...CIPHER,
      id: `aead-${row.name}-${layout.name}`,
      op: 'aead',
      algorithm: row.name,
      key,
      iv,
      length,
      assoc,
      authSize,
      src,
      dst: destination(i, total, src),
    };
  });
}

function updates(length: number, index: number): Part[] {
  const first = Math.floor(length / 3);
  const reimport = index % 2 === 0;
  return [
    { length: first, reimport },
    { length: 0, reimport: false },
    { length: length - first, reimport },
  ];
}

function hashes(row: HashRow): HashCase[] {
  const draw = drawsOf(row);
  const key = keyOf(draw, row);
  const first = draw.below(4);
  const ways = ['digest', 'final', 'finup'] as const;
  const lengths = [33, 17, 100, 4111];
  return LAYOUTS.map((layout, i) => {
    const length = lengths[(first + i) % lengths.length];
    const finish = ways[(first + i) % ways.length];
    return {
      id: `hash-${row.name}-${layout.name}`,
      pages: 8,
      seed: 2,
      puts: [],
      backings: [],
      op: 'hash',
      algorithm: row.name,
      key,
      length,
      finish,
      parts: finish === 'digest' ? [] : updates(length, i),
      flags: null,
      async: false,
      atomic: false,
      src: layout.build(length, 0),
    };
  });
}

function casesOf(row: CipherOrHash): (CipherCase | HashCase)[] {
  if (row.kind === 'skcipher') return skciphers(row);
  return row.kind === 'aead' ? aeads(row) : hashes(row);
}

/** Every layout with every algorithm. */
export function requestCases(rows: readonly CipherOrHash[]): (CipherCase | HashCase)[] {
  return rows.flatMap(casesOf);
}
