/**
 * The generator: one seed is one case. Lengths, offsets and segment counts prefer what is small and
 * what lies at a border, as testmgr's generator does; it adds the dimensions that testmgr lacks
 * (empty segments, neighbours in one page, chained tables, mixed kinds of memory, lists that are
 * longer than the data, two lists that split the same memory differently).
 * C: crypto/testmgr.c generate_random_testvec_config (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
import { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { randomBytes } from '../algorithms/keys.ts';
import {
  type AeadRow,
  type Algorithm,
  type CipherOrHash,
  type DataRow,
  isDataRow,
} from '../algorithms/row.ts';
import { ALGORITHMS, algorithmOf } from '../algorithms.ts';
import {
  type Bytes,
  bytesLength,
  CASE_VERSION,
  type Case,
  type HashPlan,
  type Layout,
  MEMORY_KINDS,
  type MemoryKind,
  materialise,
  neededOf,
  type Segment,
  sourceLength,
  type Tamper,
  targetLength,
} from './case.ts';
import { withProgram } from './generate-program.ts';

const LONGEST = 8192;
/** A machine gathers so many bytes at once by itself; only longer messages take a second step then. */
const GATHERED = 65536;
/** Bytes of a step where the machine is told: short messages take many, also such that end in a block. */
const GATHERS: readonly number[] = [1, 16, 48, 64, 100, 256, 1024, 4096];
/** Lists of so many segments are drawn on purpose; a case has no more than the second. */
const MANY = 33;
const MOST_SEGMENTS = 64;
/** One case in so many has a list that is too short. */
const SHORT_RARITY = 40;
/** One case in so many is a program of requests: on an asynchronous driver, and on another. */
const PROGRAM_RARITY = [16, 96] as const;
/** One case in so many has a call that fails, or is done once more. */
const FAILING_RARITY = 24;
const AGAIN_RARITY = 16;
/** What is made to fail. `conform --faults every` does it call by call; here it is the first few. */
export const FAILING = ['kmalloc', 'page-alloc', 'gup', 'dma-map', 'queue', 'device'] as const;
const MOST_CALLS = 4;
/** Software ciphers cost 30 us or more per KiB: most of their cases stay short. */
const LONGEST_SLOW = 512;
/** Drivers of this priority and above are accelerated, and so are templates over them. */
const FAST_PRIORITY = 200;

const ONE_CALL: HashPlan = { final: 'digest', updates: [], reimport: false };

/** The algorithms of the table that at least one of the APIs has. */
export function drawnAlgorithms(): readonly string[] {
  const drawn = ALGORITHMS.filter(({ isKnownOnly }) => isKnownOnly !== true);
  return drawn.map(({ name }) => name).filter((name) => driversOf(name).length > 0);
}

/** Makes cases from seeds; it keeps only the generator's own state. */
export class CaseGenerator {
  private readonly prng = new Prng(0);
  /** What is drawn from. */
  readonly algs: readonly string[];

  /** @param algs the algorithms to draw from; they come in turn, and so do the drivers of each. */
  constructor(algs: readonly string[] = drawnAlgorithms()) {
    this.algs = algs;
  }

  /** Case number `index` of campaign `seed`: the same at every time, in every order. */
  at(seed: number, index: number): Case {
    const { prng, algs } = this;
    prng.reseed(mixed(seed, index));
    const alg = algs[index % algs.length];
    const row = algorithmOf(alg);
    const drivers = driversOf(alg);
    assert(row !== null && drivers.length > 0, 'a case is about an algorithm with a driver');
    const c = randomCase(prng, row, drivers[Math.floor(index / algs.length) % drivers.length]);
    const isPlain = c.program === undefined && c.short === undefined && !isStream(row);
    return isPlain ? disturbed(prng, c) : c;
  }
}

/** The case, now and then with a call that fails, and with the same once more behind it. */
function disturbed(prng: Prng, c: Case): Case {
  const { fault } = c.context;
  if (fault === 0 && prng.oneIn(FAILING_RARITY)) {
    const failing = { point: prng.pick(FAILING), nth: prng.between(1, MOST_CALLS) };
    return { ...c, context: { ...c.context, failing, again: true } };
  }
  return prng.oneIn(AGAIN_RARITY) ? { ...c, context: { ...c.context, again: true } } : c;
}

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

function randomCase(prng: Prng, row: Algorithm, driver: Driver): Case {
  if (isDataRow(row)) return randomDataCase(prng, row, driver);
  const op = row.kind === 'ahash' ? 'digest' : prng.oneIn(2) ? 'encrypt' : 'decrypt';
  const key = randomKey(prng, row);
  const iv = randomIv(prng, row);
  const text = randomBytes(prng, randomTextLength(prng, row, driver));
  const bare = bareCase(prng, row, driver, { op, key, iv, text });
  const whole = withMessage(prng, row, bare);
  if (prng.oneIn(SHORT_RARITY)) return shortened(prng, row, whole, driver);
  if (isStream(row) || !prng.oneIn(PROGRAM_RARITY[driver.async ? 0 : 1])) return whole;
  return withProgram(prng, whole, () => {
    const short = randomBytes(prng, shortLength(prng, row));
    const other = {
      ...whole,
      iv: randomIv(prng, row),
      ad: '',
      text: short,
      tamper: null,
      tag: null,
    };
    const next = row.kind === 'ahash' ? 'digest' : prng.oneIn(2) ? 'encrypt' : 'decrypt';
    return withMessage(prng, row, { ...other, op: next }, whole.authsize);
  });
}

/** A stream that goes on from request to request has no answer for requests in any order. */
function isStream(row: Algorithm): boolean {
  return row.kind === 'skcipher' && row.streams === true;
}

/** The case with a list that is too short, where that can be asked of some API. */
function shortened(
  prng: Prng,
  row: Exclude<Algorithm, DataRow>,
  whole: Case,
  { converted }: Driver,
): Case {
  const isOpening = row.kind === 'aead' && whole.op === 'decrypt';
  // A ciphertext that is shorter than its tag can be asked of both.
  const isEmpty = isOpening && (prng.oneIn(2) || !converted);
  const { again: _again, failing: _failing, ...calm } = whole.context;
  const plain = {
    ...whole,
    hash: ONE_CALL,
    tamper: null,
    context: { ...calm, reuse: false },
  };
  const bare = isEmpty ? { ...plain, text: '' } : plain;
  const short = isEmpty || row.kind === 'ahash' || prng.oneIn(2) ? 'src' : 'dst';
  if (neededOf(bare, short) <= 0 || (!converted && !isEmpty)) return whole;
  return { ...bare, short, layout: randomLayout(prng, bare) };
}

function bareCase(
  prng: Prng,
  row: Algorithm,
  driver: Driver,
  about: Pick<Case, 'op' | 'key' | 'iv' | 'text'>,
): Case {
  const atomic = prng.oneIn(8);
  return {
    version: CASE_VERSION,
    alg: row.name,
    kind: row.kind,
    driver: driver.driver,
    async: driver.async,
    ...about,
    ad: '',
    tag: null,
    authsize: 0,
    room: 0,
    tamper: null,
    layout: { inplace: 'no', src: [], dst: [], chain: 0 },
    hash: randomHashPlan(prng, bytesLength(about.text), row, driver),
    context: {
      sleep: !atomic && prng.oneIn(2),
      backlog: prng.oneIn(2),
      atomic,
      reuse: prng.oneIn(8),
      fault: prng.oneIn(16) ? prng.between(1, 3) : 0,
      gather: prng.oneIn(2) ? prng.pick(GATHERS) : 0,
      forbidWeak: false,
    },
    seed: prng.u32(),
  };
}

function randomDataCase(prng: Prng, row: DataRow, driver: Driver): Case {
  const key = randomKey(prng, row);
  const bytes = key === null ? null : materialise(key);
  const { op, text, tag, room } = row.draw(prng, bytes);
  const bare = bareCase(prng, row, driver, { op, key, iv: '', text });
  const authsize = tag === null ? 0 : bytesLength(tag);
  // What is refused may leave the secret of an earlier request.
  const reuse = bare.context.reuse && (bytes === null || row.key.check(bytes) === 0);
  const context = { ...bare.context, reuse };
  const whole: Case = { ...bare, tag, authsize, room, context, hash: ONE_CALL };
  const layout = randomLayout(prng, whole);
  if (row.numbers === undefined) return { ...whole, layout };
  const { src, dst } = layout;
  return { ...whole, layout: { ...layout, src: filled(src), dst: filled(dst) } };
}

/** The segments that are not empty, or one that is. */
function filled(segments: readonly Segment[]): Segment[] {
  const kept = segments.filter(({ len }) => len > 0);
  return cover(kept.length > 0 ? kept : segments.slice(0, 1), 0);
}

/** The case with what belongs to its kind, in a layout. @param authsize drawn where it is not given */
function withMessage(
  prng: Prng,
  row: Exclude<Algorithm, DataRow>,
  bare: Case,
  authsize?: number,
): Case {
  const isAead = row.kind === 'aead';
  const whole = isAead ? withAead(prng, row, bare, authsize) : withTamper(prng, row, bare);
  return { ...whole, layout: randomLayout(prng, whole) };
}

/** The case with associated data, a tag, and now and then a flipped bit. */
function withAead(prng: Prng, row: AeadRow, c: Case, given?: number): Case {
  const key = c.key === null ? new Uint8Array(0) : materialise(c.key);
  const ad = row.drawAd(prng, key, materialise(c.iv));
  const authsize = given ?? randomAuthsize(prng, row);
  const isTampered = c.op === 'decrypt' && prng.oneIn(4);
  const tamper = isTampered ? randomTamper(prng, bytesLength(ad) - row.adTail) : null;
  return { ...c, ad, authsize, tamper };
}

/** The case of a cipher that notices tampering, now and then with some. */
function withTamper(prng: Prng, row: Algorithm, c: Case): Case {
  const notices = row.kind === 'skcipher' && row.unwraps !== undefined && c.op === 'decrypt';
  if (!notices || !prng.oneIn(4)) return c;
  return { ...c, tamper: { part: 'text', byte: prng.below(LONGEST), bit: prng.below(8) } };
}

function randomIv(prng: Prng, row: CipherOrHash): Bytes {
  if (row.kind === 'ahash') return '';
  return row.drawIv?.(prng) ?? randomBytes(prng, row.ivsize);
}

function randomKey(prng: Prng, { key }: Algorithm): Bytes | null {
  return key.draw === null || prng.oneIn(96) ? null : key.draw(prng);
}

function randomAuthsize(prng: Prng, { tags: { sizes } }: AeadRow): number {
  if (prng.oneIn(2)) return sizes[sizes.length - 1];
  return prng.oneIn(12) ? prng.between(1, 20) : prng.pick(sizes);
}

/** @param adlen bytes of the associated data in which a bit may be flipped. */
function randomTamper(prng: Prng, adlen: number): Tamper {
  const part = prng.pick(adlen > 0 ? (['ad', 'text', 'tag'] as const) : (['text', 'tag'] as const));
  const byte = prng.below(LONGEST);
  return { part, byte: part === 'ad' ? byte % adlen : byte, bit: prng.below(8) };
}

/** Lengths around blocks and pages, short ones first. */
function randomTextLength(prng: Prng, row: CipherOrHash, { priority }: Driver): number {
  const bounds = [1, 17, 65, 257, 1025, 4097, LONGEST];
  let len = prng.below(prng.pick(bounds));
  if (prng.oneIn(16)) len = PAGE_SIZE * prng.between(1, 2) + prng.between(-17, 17);
  if (priority < FAST_PRIORITY && !prng.oneIn(8)) len %= LONGEST_SLOW;
  if (prng.oneIn(128)) len = GATHERED + prng.between(-17, PAGE_SIZE);
  return fitted(prng, row, len);
}

/** Length of a further message of a program: of what is one of many, little. */
function shortLength(prng: Prng, row: CipherOrHash): number {
  return fitted(prng, row, prng.below(prng.pick([17, 65, 257])));
}

/** The length as the algorithm takes it, mostly. */
function fitted(prng: Prng, row: CipherOrHash, len: number): number {
  if (row.kind === 'ahash' || prng.oneIn(8)) return len;
  const least = row.kind === 'skcipher' ? row.least : row.generated;
  const enough = len < least ? len + least : len;
  return enough - (enough % row.unit);
}

/** OpenSSL keeps its states to itself: what is accelerated cannot be exported. */
function randomHashPlan(prng: Prng, len: number, row: Algorithm, { priority }: Driver): HashPlan {
  const final = prng.pick(['digest', 'digest', 'finup', 'final'] as const);
  if (final === 'digest') return { final, updates: [], reimport: false };
  const updates = Array.from({ length: prng.below(4) }, () => prng.below(len + 1));
  const exports = row.kind === 'ahash' && priority < FAST_PRIORITY;
  return { final, updates, reimport: exports && updates.length > 0 && prng.oneIn(4) };
}

function randomLayout(prng: Prng, c: Case): Layout {
  const source = sourceLength(c);
  const target = targetLength(c);
  const chain = prng.oneIn(4) ? prng.between(2, 4) : 0;
  const inplace = c.kind === 'ahash' || prng.oneIn(2) ? 'no' : prng.oneIn(2) ? 'same' : 'twin';
  if (inplace !== 'no') {
    const room = Math.max(source, target) + randomTail(prng);
    const src = randomSegments(prng, room);
    const dst = inplace === 'twin' ? randomSegments(prng, room) : [];
    return { inplace, src, dst, chain };
  }
  const src = randomSegments(prng, source + randomTail(prng));
  const dst = c.kind === 'ahash' ? [] : randomSegments(prng, target + randomTail(prng));
  return { inplace, src, dst, chain };
}

/** A list may be longer than the data; the bytes behind must stay as they are. */
function randomTail(prng: Prng): number {
  return prng.oneIn(4) ? prng.below(40) : 0;
}

function randomSegments(prng: Prng, total: number): Segment[] {
  if (total > 0 && prng.oneIn(32)) return manySegments(prng, total);
  const segments: Segment[] = [];
  let left = total;
  const most = prng.pick([1, 1, 2, 3, 4, 8]);
  while (left > 0 || segments.length === 0) {
    const last = segments.length >= most - 1 || prng.oneIn(6);
    const len = last ? left : prng.oneIn(8) ? 0 : randomPart(prng, left);
    segments.push(randomSegment(prng, segments.length, len));
    left -= len;
    if (segments.length >= most) break;
  }
  const end = segments.length - 1;
  if (left > 0) segments[end] = { ...segments[end], len: segments[end].len + left };
  if (prng.oneIn(16)) segments.push(randomSegment(prng, segments.length, 0));
  return segments;
}

/** More segments than a table of 32 slots has, where there are so many bytes. */
function manySegments(prng: Prng, total: number): Segment[] {
  const most = prng.between(MANY, MOST_SEGMENTS);
  const about = Math.max(1, Math.floor((2 * total) / most));
  const segments: Segment[] = [];
  let left = total;
  while (left > 0) {
    const isLast = segments.length === MOST_SEGMENTS - 1;
    const len = isLast ? left : Math.min(left, prng.between(1, about));
    segments.push(randomSegment(prng, segments.length, len));
    left -= len;
  }
  return segments;
}

function randomSegment(prng: Prng, index: number, len: number): Segment {
  return { kind: randomKind(prng, index), offset: randomOffset(prng), len };
}

function randomPart(prng: Prng, left: number): number {
  if (left === 0) return 0;
  if (prng.oneIn(3)) return Math.min(left, prng.pick([1, 4, 15, 16, 17, 20, 32, 64]));
  return prng.between(1, left);
}

function randomKind(prng: Prng, index: number): MemoryKind {
  if (prng.oneIn(2)) return 'page';
  const kind = prng.pick(MEMORY_KINDS);
  return kind === 'next' && index === 0 ? 'page' : kind;
}

function randomOffset(prng: Prng): number {
  if (prng.oneIn(4)) return prng.between(PAGE_SIZE - 128, PAGE_SIZE - 1);
  return prng.oneIn(2) ? prng.below(32) : prng.oneIn(2) ? 0 : prng.below(PAGE_SIZE);
}

/** The layout made long enough for its case: the last segment takes what is missing. */
export function coverLayout(c: Case): Case {
  const source = sourceLength(c);
  const target = targetLength(c);
  const { layout } = c;
  const room = layout.inplace === 'no' ? source : Math.max(source, target);
  const src = cover(layout.src, room);
  if (layout.inplace === 'same' || c.kind === 'ahash') return { ...c, layout: { ...layout, src } };
  const total = src.reduce((sum, { len }) => sum + len, 0);
  const dst = layout.inplace === 'no' ? cover(layout.dst, target) : exact(layout.dst, total);
  return { ...c, layout: { ...layout, src, dst } };
}

function cover(segments: readonly Segment[], need: number): Segment[] {
  const list =
    segments.length === 0 ? [{ kind: 'page' as const, offset: 0, len: 0 }] : [...segments];
  if (list[0].kind === 'next') list[0] = { ...list[0], kind: 'page' };
  const total = list.reduce((sum, { len }) => sum + len, 0);
  const end = list.length - 1;
  if (total < need) list[end] = { ...list[end], len: list[end].len + need - total };
  return list;
}

/** Lengths that add up to exactly `total`. */
function exact(segments: readonly Segment[], total: number): Segment[] {
  const list: Segment[] = [];
  let left = total;
  for (const segment of cover(segments, total)) {
    const len = Math.min(segment.len, left);
    list.push({ ...segment, len });
    left -= len;
  }
  return list;
}
