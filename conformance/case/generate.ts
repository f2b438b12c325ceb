/**
 * The generator: one seed is one case. Lengths, offsets and segment counts prefer what is small and
 * what lies at a border, as testmgr's generator does; it adds the dimensions that testmgr lacks
 * (empty segments, neighbours in one page, chained tables, mixed kinds of memory, lists that are
 * longer than the data, two lists that split the same memory differently).
 * C: crypto/testmgr.c generate_random_testvec_config (6.1)
 * @module
 */
import { AEADS, HASHES, SKCIPHERS } from '../../src/crypto/catalogue.ts';
import { Prng } from '../../src/prng.ts';
import { PAGE_SIZE } from '../../src/units.ts';
import {
  type Bytes,
  bytesLength,
  CASE_VERSION,
  type Case,
  type HashPlan,
  type Layout,
  MEMORY_KINDS,
  type MemoryKind,
  type Segment,
  sourceLength,
  type Tamper,
  targetLength,
} from './case.ts';

/** A driver that both APIs have. */
interface Driver {
  readonly alg: string;
  readonly driver: string;
  readonly generic: boolean;
  readonly kind: 'skcipher' | 'aead' | 'hash';
  readonly blocksize: number;
  readonly ivsize: number;
  readonly keySizes: readonly number[];
}

const AES_KEYS: readonly number[] = [16, 24, 32];
const GCM_TAG_SIZES: readonly number[] = [4, 8, 12, 13, 14, 15, 16];
/** Keys of XTS; with AES-192 less often, because its reference goes block by block. */
const XTS_KEYS: readonly number[] = [32, 64, 32, 64, 48];
const LONGEST = 8192;
/** The converted walk gathers so many bytes at once; only longer messages take more than one step. */
const GATHERED = 65536;
/** noble costs 30 us per KiB: its cases stay short, so that there can be many. */
const LONGEST_GENERIC = 512;

const DRIVERS: readonly Driver[] = [
  ...SKCIPHERS.map((row) => ({
    alg: row.name,
    driver: row.driverName,
    generic: row.engine === 'generic',
    kind: 'skcipher' as const,
    blocksize: row.blocksize,
    ivsize: row.ivsize,
    keySizes: row.mode === 'xts' ? XTS_KEYS : AES_KEYS,
  })),
  ...AEADS.map((row) => ({
    alg: row.name,
    driver: row.driverName,
    generic: row.engine === 'generic',
    kind: 'aead' as const,
    blocksize: row.blocksize,
    ivsize: row.ivsize,
    keySizes: AES_KEYS,
  })),
  ...HASHES.map((row) => ({
    alg: row.name,
    driver: row.driverName,
    generic: row.engine === 'generic',
    kind: 'hash' as const,
    blocksize: row.blocksize,
    ivsize: 0,
    keySizes: row.keyed ? [0, 1, 32, 64, 65, 200] : [],
  })),
];

/** Algorithms of which cases are made, in a stable order. */
export const ALGORITHMS: readonly string[] = [...new Set(DRIVERS.map(({ alg }) => alg))];

/** The drivers of one algorithm, without wrappers. */
export function driversOf(alg: string): readonly string[] {
  return DRIVERS.filter((row) => row.alg === alg).map(({ driver }) => driver);
}

/** What a driver, wrapped or not, asks of a case. */
export function shapeOf(driver: string): { readonly ivsize: number; readonly aead: boolean } {
  const plain = /^cryptd\((.*)\)$/.exec(driver)?.[1] ?? driver;
  const row = DRIVERS.find((candidate) => candidate.driver === plain);
  return { ivsize: row?.ivsize ?? 0, aead: row?.kind === 'aead' };
}

/** Makes cases from seeds; it keeps only the generator's own state. */
export class CaseGenerator {
  private readonly prng = new Prng(0);
  private readonly fast: readonly Driver[];
  private readonly slow: readonly Driver[];

  /** @param algs the algorithms to draw from, of `ALGORITHMS`. */
  constructor(algs: readonly string[] = ALGORITHMS) {
    const drivers = DRIVERS.filter(({ alg }) => algs.includes(alg));
    this.fast = drivers.filter(({ generic }) => !generic);
    this.slow = drivers.filter(({ generic }) => generic);
  }

  /** Case number `index` of campaign `seed`: the same at every time, in every order. */
  at(seed: number, index: number): Case {
    this.prng.reseed(seed * 0x10000 + (index % 0x10000) + Math.floor(index / 0x10000) * 0x1000193);
    for (let i = 0; i < 4; i++) this.prng.u32();
    return randomCase(this.prng, this.prng.pick(this.prng.oneIn(8) ? this.slow : this.fast));
  }
}

function randomCase(prng: Prng, driver: Driver): Case {
  const { kind } = driver;
  const op = kind === 'hash' ? 'digest' : prng.oneIn(2) ? 'encrypt' : 'decrypt';
  const authsize = kind === 'aead' ? randomAuthsize(prng) : 0;
  const text = bytes(prng, randomTextLength(prng, driver));
  const ad = bytes(prng, kind === 'aead' ? randomAdLength(prng) : 0);
  const atomic = prng.oneIn(8);
  const bare: Case = {
    version: CASE_VERSION,
    alg: driver.alg,
    driver: prng.oneIn(4) ? `cryptd(${driver.driver})` : driver.driver,
    op,
    key: randomKey(prng, driver),
    iv: randomIv(prng, driver.ivsize),
    ad,
    text,
    tag: null,
    authsize,
    tamper: kind === 'aead' && op === 'decrypt' && prng.oneIn(4) ? randomTamper(prng) : null,
    layout: { inplace: 'no', src: [], dst: [], chain: 0 },
    hash: randomHashPlan(prng, bytesLength(text), driver),
    context: {
      sleep: !atomic && prng.oneIn(2),
      backlog: prng.oneIn(2),
      atomic,
      reuse: prng.oneIn(8),
      fault: prng.oneIn(16) ? prng.between(1, 3) : 0,
    },
    seed: prng.u32(),
  };
  return { ...bare, layout: randomLayout(prng, bare) };
}

function bytes(prng: Prng, len: number): Bytes {
  return { seed: prng.u32(), len };
}

/** Some counters are about to wrap at 32, 64 or 128 bits, which random bytes never are. */
function randomIv(prng: Prng, size: number): Bytes {
  if (size < 16 || !prng.oneIn(16)) return bytes(prng, size);
  const ones = prng.pick([4, 8, 16]);
  return 'a5'.repeat(size - ones) + 'ff'.repeat(ones - 1) + prng.pick(['fd', 'fe', 'ff']);
}

function randomKey(prng: Prng, { keySizes }: Driver): Bytes | null {
  if (keySizes.length === 0 || prng.oneIn(96)) return null;
  const size = prng.pick(keySizes);
  return bytes(prng, prng.oneIn(96) ? size + 1 : size);
}

function randomAuthsize(prng: Prng): number {
  if (prng.oneIn(2)) return 16;
  return prng.oneIn(12) ? prng.between(1, 20) : prng.pick(GCM_TAG_SIZES);
}

function randomTamper(prng: Prng): Tamper {
  return {
    part: prng.pick(['ad', 'text', 'tag']),
    byte: prng.below(LONGEST),
    bit: prng.below(8),
  };
}

/** Lengths around blocks and pages, short ones first. */
function randomTextLength(prng: Prng, { generic, blocksize }: Driver): number {
  const bounds = [1, 17, 65, 257, 1025, 4097, LONGEST];
  let len = prng.below(prng.pick(bounds));
  if (prng.oneIn(16)) len = PAGE_SIZE * prng.between(1, 2) + prng.between(-17, 17);
  if (prng.oneIn(128)) len = GATHERED + prng.between(-17, PAGE_SIZE);
  if (generic) len %= LONGEST_GENERIC;
  return blocksize === 16 && !prng.oneIn(8) ? len - (len % 16) : len;
}

function randomAdLength(prng: Prng): number {
  return prng.oneIn(4) ? 0 : prng.below(prng.pick([9, 21, 65, 300]));
}

/** OpenSSL keeps its states to itself: only what is ours can be exported. */
function randomHashPlan(prng: Prng, len: number, { generic }: Driver): HashPlan {
  const final = prng.pick(['digest', 'digest', 'finup', 'final'] as const);
  if (final === 'digest') return { final, updates: [], reimport: false };
  const updates = Array.from({ length: prng.below(4) }, () => prng.below(len + 1));
  return { final, updates, reimport: generic && updates.length > 0 && prng.oneIn(4) };
}

function randomLayout(prng: Prng, c: Case): Layout {
  const source = sourceLength(c);
  const target = targetLength(c);
  const chain = prng.oneIn(4) ? prng.between(2, 4) : 0;
  const inplace = c.op === 'digest' || prng.oneIn(2) ? 'no' : prng.oneIn(2) ? 'same' : 'twin';
  if (inplace !== 'no') {
    const room = Math.max(source, target) + randomTail(prng);
    const src = randomSegments(prng, room);
    const dst = inplace === 'twin' ? randomSegments(prng, room) : [];
    return { inplace, src, dst, chain };
  }
  const src = randomSegments(prng, source + randomTail(prng));
  const dst = c.op === 'digest' ? [] : randomSegments(prng, target + randomTail(prng));
  return { inplace, src, dst, chain };
}

/** A list may be longer than the data; the bytes behind must stay as they are. */
function randomTail(prng: Prng): number {
  return prng.oneIn(4) ? prng.below(40) : 0;
}

function randomSegments(prng: Prng, total: number): Segment[] {
  const segments: Segment[] = [];
  let left = total;
  const most = prng.pick([1, 1, 2, 3, 4, 8]);
  while (left > 0 || segments.length === 0) {
    const last = segments.length >= most - 1 || prng.oneIn(6);
    const len = last ? left : prng.oneIn(8) ? 0 : randomPart(prng, left);
    segments.push({ kind: randomKind(prng, segments.length), offset: randomOffset(prng), len });
    left -= len;
    if (segments.length >= most) break;
  }
  const end = segments.length - 1;
  if (left > 0) segments[end] = { ...segments[end], len: segments[end].len + left };
  return segments;
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
  if (layout.inplace === 'same' || c.op === 'digest') return { ...c, layout: { ...layout, src } };
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
