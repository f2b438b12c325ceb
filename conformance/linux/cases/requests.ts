/**
 * Random requests to every algorithm of the table that one of the APIs has: in place three ways, in every
 * kind of memory, synchronous and through cryptd, one or several at once.
 * @module
 */
import type { Prng } from '../../../src/prng.ts';
import { driversOf } from '../../algorithms/drivers.ts';
import {
  type AeadRow,
  type Algorithm,
  type CipherOrHash,
  type HashRow,
  isDataRow,
  type SkcipherRow,
} from '../../algorithms/row.ts';
import { ALGORITHMS } from '../../algorithms.ts';
import { type Bytes, materialise } from '../../case/case.ts';
import {
  BACKING_KINDS,
  type Backing,
  type CipherCase,
  type HashCase,
  PAGE_SIZE,
  type Part,
  type Put,
  type Segment,
  segmentStart,
  type TextCase,
} from '../text/case.ts';
import { chance, randomLayout, splitDifferently, withEmpty } from './layout.ts';

const MAY_SLEEP = 0x200;
const MAY_BACKLOG = 0x400;
/** Requests in flight together, at most: more than the queue of cryptd takes. */
const TOGETHER = 9;
/** Pages of each list. */
const PAGES = 4;

export type Head = Pick<TextCase, 'id' | 'pages' | 'seed'>;

/** The ciphers and hashes of the table that at least one of the APIs has. */
export function drawnAlgorithms(): readonly CipherOrHash[] {
  return ALGORITHMS.filter(isCipherOrHash).filter(({ name }) => driversOf(name).length > 0);
}

/** The rest of the table is nothing that the module takes. */
export function isCipherOrHash(row: Algorithm): row is CipherOrHash {
  return !isDataRow(row);
}

function hex(bytes: Bytes): string {
  return Buffer.from(materialise(bytes)).toString('hex');
}

/** A key that the algorithm takes, now and then one that it refuses, or none. */
export function drawKey(draw: Prng, { key }: Algorithm): string | null {
  return key.draw === null || draw.oneIn(64) ? null : hex(key.draw(draw));
}

function drawIv(draw: Prng, row: SkcipherRow | AeadRow): string {
  return hex(row.drawIv?.(draw) ?? { seed: draw.u32(), len: row.ivsize });
}

type Memory = Pick<CipherCase, 'src' | 'dst' | 'backings'>;

/** Source in the first pages; the destination is the same list, the same bytes cut anew, or elsewhere. */
function memory(draw: Prng, total: number): Memory {
  const src = maybeEmpty(draw, randomLayout(draw, total, 0, PAGES));
  const mode = draw.below(6);
  const backings = randomBackings(draw, 0);
  if (mode < 2) return { src, dst: null, backings };
  if (mode === 2) return { src, dst: src.map((segment) => ({ ...segment })), backings };
  if (mode === 3) return { src, dst: splitDifferently(draw, src), backings };
  const dst = maybeEmpty(draw, randomLayout(draw, total, PAGES, PAGES));
  return { src, dst, backings: [...backings, ...randomBackings(draw, PAGES)] };
}

function maybeEmpty(draw: Prng, segments: readonly Segment[]): Segment[] {
  return chance(draw, 3) ? withEmpty(draw, segments) : [...segments];
}

/** Half of the lists lie in other memory than the arena: one kind, or two that meet at a page end. */
function randomBackings(draw: Prng, first: number): Backing[] {
  if (chance(draw, 50)) return [];
  const [kind, other] = [draw.pick(BACKING_KINDS), draw.pick(BACKING_KINDS)];
  const count = chance(draw, 70) ? PAGES : draw.between(1, PAGES - 1);
  const rest = { kind: other, first: first + count, count: PAGES - count };
  return [{ kind, first, count }, ...(rest.count > 0 && chance(draw, 60) ? [rest] : [])];
}

type Context = Pick<CipherCase, 'flags' | 'async' | 'atomic' | 'requests'>;

/** How a request is submitted. Several at once only where they are queued. */
function context(draw: Prng): Context {
  const async = chance(draw, 15);
  const atomic = chance(draw, 8);
  const requests = async && chance(draw, 40) ? draw.between(2, TOGETHER) : 1;
  const any = chance(draw, 70) ? null : draw.pick([0, MAY_SLEEP, MAY_BACKLOG]);
  return { flags: atomic ? draw.pick([0, MAY_BACKLOG]) : any, async, atomic, requests };
}

/** A byte inside the list that the second half of a `both` case reads. */
function randomFlip(draw: Prng, { src, dst }: Memory): number | null {
  const segment = draw.pick(dst ?? src);
  if (segment.length === 0 || !chance(draw, 40)) return null;
  return segmentStart(segment) + draw.below(segment.length);
}

const PLAIN = { geometry: null, remainder: null, errorAt: null } as const;

/** Mostly a length that is taken. */
function fitting(draw: Prng, size: number, least: number, unit: number): number {
  if (draw.oneIn(6)) return size;
  const enough = size < least ? size + least : size;
  return enough - (enough % unit);
}

function skcipher(draw: Prng, head: Head, row: SkcipherRow, size: number): CipherCase {
  const length = fitting(draw, size, row.least, row.unit);
  return {
    ...head,
    ...PLAIN,
    ...context(draw),
    ...memory(draw, length),
    op: 'skcipher',
    algorithm: row.name,
    key: drawKey(draw, row),
    iv: drawIv(draw, row),
    ivOffset: draw.pick([0, 0, 1, 3]),
    direction: draw.pick(['encrypt', 'decrypt', 'both'] as const),
    flip: null,
    assoc: 0,
    authSize: null,
    length,
    puts: [],
  };
}

function aead(draw: Prng, head: Head, row: AeadRow, size: number): CipherCase {
  const key = drawKey(draw, row);
  const iv = drawIv(draw, row);
  const keyBytes = Uint8Array.from(Buffer.from(key ?? '', 'hex'));
  const ad = materialise(row.drawAd(draw, keyBytes, Uint8Array.from(Buffer.from(iv, 'hex'))));
  const { sizes } = row.tags;
  const authSize = draw.oneIn(24)
    ? draw.between(0, 20)
    : draw.pick([...sizes, sizes[sizes.length - 1]]);
  const text = fitting(draw, size, row.generated, row.unit);
  const direction = draw.pick(['encrypt', 'decrypt', 'decrypt', 'both', 'both'] as const);
  const lists = memory(draw, ad.length + text + authSize);
  const sealed = direction === 'decrypt' && chance(draw, 75);
  const message = { row, key: keyBytes, iv, ad, length: text, authSize };
  return {
    ...head,
    ...PLAIN,
    ...context(draw),
    ...lists,
    op: 'aead',
    algorithm: row.name,
    key,
    iv,
    ivOffset: 0,
    direction,
    flip: direction === 'both' ? randomFlip(draw, lists) : null,
    assoc: ad.length,
    authSize,
    length: direction === 'decrypt' ? text + authSize : text,
    puts: putBytes(lists.src, sealed ? sealedBytes(draw, message) : ad),
  };
}

interface Message {
  readonly row: AeadRow;
  readonly key: Uint8Array;
  readonly iv: string;
  readonly ad: Uint8Array;
  readonly length: number;
  readonly authSize: number;
}

/** A valid message by the reference, now and then with a flipped bit; only AD where there is none. */
function sealedBytes(draw: Prng, { row, key, iv, ad, length, authSize }: Message): Uint8Array {
  const text = materialise({ seed: draw.u32(), len: length });
  if (row.key.check(key) !== 0 || row.tags.check(authSize) !== 0) return ad;
  const message = {
    key,
    iv: Uint8Array.from(Buffer.from(iv, 'hex')),
    ad,
    text,
    authsize: authSize,
  };
  const sealed = row.seal(message);
  if (typeof sealed === 'number') return ad;
  const bytes = Buffer.concat([ad, sealed.text, sealed.tag]);
  if (chance(draw, 20) && bytes.length > 0) bytes[draw.below(bytes.length)] ^= 1 << draw.below(8);
  return bytes;
}

/** Bytes over the segments of a list, from its start. */
function putBytes(segments: readonly Segment[], bytes: Uint8Array): Put[] {
  const puts: Put[] = [];
  let done = 0;
  for (const segment of segments) {
    const part = bytes.subarray(done, done + segment.length);
    if (part.length > 0)
      puts.push({ offset: segmentStart(segment), hex: Buffer.from(part).toString('hex') });
    done += part.length;
  }
  return puts;
}

function randomParts(draw: Prng, total: number): Part[] {
  const parts: Part[] = [];
  let left = total;
  for (let n = draw.between(1, 5); n > 1; n--) {
    const length = draw.pick([draw.below(left + 1), Math.min(left, draw.pick([0, 1, 63, 64, 65]))]);
    parts.push({ length, reimport: chance(draw, 15) });
    left -= length;
  }
  return [...parts, { length: left, reimport: chance(draw, 10) }];
}

function hash(draw: Prng, head: Head, row: HashRow, length: number): HashCase {
  const finish = draw.pick(['digest', 'final', 'finup'] as const);
  const { flags, async, atomic } = context(draw);
  return {
    ...head,
    op: 'hash',
    algorithm: row.name,
    key: drawKey(draw, row),
    length,
    finish,
    parts: finish === 'digest' ? [] : randomParts(draw, length),
    flags,
    async,
    atomic,
    src: maybeEmpty(draw, randomLayout(draw, length, 0, PAGES)),
    backings: randomBackings(draw, 0),
    puts: [],
  };
}

/** One request to a random algorithm of the table; each has the same share. */
export function randomRequest(
  draw: Prng,
  head: Head,
  rows: readonly CipherOrHash[],
  size: number,
): CipherCase | HashCase {
  const row = draw.pick(rows);
  // Whatever lies behind the lists must fit into the pages of a case.
  const fits = Math.min(size, PAGES * PAGE_SIZE - 6000);
  if (row.kind === 'skcipher') return skcipher(draw, head, row, fits);
  return row.kind === 'aead' ? aead(draw, head, row, fits) : hash(draw, head, row, fits);
}
