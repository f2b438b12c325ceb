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
  materialise,
  neededOf,
  REQUEST_KINDS,
  type Tamper,
} from './case.ts';
import { randomLayout, withoutEmpty } from './generate-layout.ts';
import { FAILING, MOST_CALLS, type Troupe, withProgram } from './generate-program.ts';

const LONGEST = 8192;
/** A machine gathers so many bytes at once by itself; only longer messages take a second step then. */
const GATHERED = 65536;
/** Bytes of a step where the machine is told: short messages take many, also such that end in a block. */
const GATHERS: readonly number[] = [1, 16, 48, 64, 100, 256, 1024, 4096];
/** One case in so many has a list that is too short. */
const SHORT_RARITY = 40;
/** One case in so many is a program of requests: on an asynchronous driver, and on another. */
const PROGRAM_RARITY = [16, 96] as const;
/** One program in so many has a call that fails: among all cases, and where there are only programs. */
const OFTEN = 6;
const ALWAYS = 1;
/** One case in so many has a call that fails, or is done once more. */
const FAILING_RARITY = 24;
const AGAIN_RARITY = 16;
/** One case in so many has its IV on the stack. */
const STACK_RARITY = 8;
/** One case in so many has its pages in highmem. */
const HIGHMEM_RARITY = 8;
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
  private readonly troupe: Troupe;
  private readonly onlyPrograms: boolean;

  /**
   * @param algs the algorithms to draw from; they come in turn, and so do the drivers of each
   * @param onlyPrograms every case is a program of requests, in which some call may fail
   */
  constructor(algs: readonly string[] = drawnAlgorithms(), onlyPrograms = false) {
    this.onlyPrograms = onlyPrograms;
    this.algs = onlyPrograms ? algs.filter(canBeProgram) : algs;
    this.troupe = troupeOf(algs.filter(canBeProgram));
  }

  /** Case number `index` of campaign `seed`: the same at every time, in every order. */
  at(seed: number, index: number): Case {
    const { prng, algs, troupe } = this;
    prng.reseed(mixed(seed, index));
    const alg = algs[index % algs.length];
    const row = algorithmOf(alg);
    const drivers = driversOf(alg);
    assert(row !== null && drivers.length > 0, 'a case is about an algorithm with a driver');
    const driver = drivers[Math.floor(index / algs.length) % drivers.length];
    if (this.onlyPrograms) return elsewhere(prng, randomProgram(prng, row, driver, troupe));
    const c = randomCase(prng, row, driver, troupe);
    const isPlain = c.program === undefined && c.short === undefined && !isStream(row);
    return elsewhere(prng, isPlain ? disturbed(prng, c) : c);
  }
}

/** A stream that goes on from request to request has no answer for requests in any order. */
function canBeProgram(alg: string): boolean {
  const row = algorithmOf(alg);
  return row !== null && !isStream(row);
}

/** The case, now and then with its IV on the stack of the caller, and in highmem. */
function elsewhere(prng: Prng, c: Case): Case {
  const isOnStack = bytesLength(c.iv) > 0 && prng.oneIn(STACK_RARITY);
  const isHigh = prng.oneIn(HIGHMEM_RARITY);
  if (!isOnStack && !isHigh) return c;
  const stackIv = isOnStack ? { stackIv: true as const } : {};
  const highmem = isHigh ? { highmem: true as const } : {};
  return { ...c, context: { ...c.context, ...stackIv, ...highmem } };
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

function randomCase(prng: Prng, row: Algorithm, driver: Driver, troupe: Troupe): Case {
  if (isDataRow(row)) return randomDataCase(prng, row, driver);
  const whole = randomMessage(prng, row, driver);
  if (prng.oneIn(SHORT_RARITY)) return shortened(prng, row, whole, driver);
  if (isStream(row) || !prng.oneIn(PROGRAM_RARITY[driver.async ? 0 : 1])) return whole;
  return withProgram(prng, whole, troupe, OFTEN);
}

function randomProgram(prng: Prng, row: Algorithm, driver: Driver, troupe: Troupe): Case {
  const whole = isDataRow(row)
    ? randomDataCase(prng, row, driver)
    : randomMessage(prng, row, driver);
  return withProgram(prng, whole, troupe, ALWAYS);
}

function randomMessage(prng: Prng, row: CipherOrHash, driver: Driver): Case {
  const op = row.kind === 'ahash' ? 'digest' : prng.oneIn(2) ? 'encrypt' : 'decrypt';
  const key = randomKey(prng, row);
  const iv = randomIv(prng, row);
  const text = randomBytes(prng, randomTextLength(prng, row, driver));
  return withMessage(prng, row, bareCase(prng, row, driver, { op, key, iv, text }));
}

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
  return { ...whole, layout: row.numbers === undefined ? layout : withoutEmpty(layout) };
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

/** How the other transforms of a program, and the requests on any of them, are drawn: kind by kind. */
function troupeOf(algs: readonly string[]): Troupe {
  const kinds = REQUEST_KINDS.map((kind) =>
    algs.filter((alg) => algorithmOf(alg)?.kind === kind),
  ).filter((some) => some.length > 0);
  return {
    isUsable: ({ alg, authsize }) => {
      const row = algorithmOf(alg);
      return row?.kind !== 'aead' || row.tags.check(authsize) === 0;
    },
    transform: (prng) => {
      const row = algorithmOf(prng.pick(prng.pick(kinds)));
      assert(row !== null, 'a transform is of an algorithm');
      const all = driversOf(row.name);
      const later = all.filter(({ async }) => async);
      const driver = prng.pick(later.length > 0 && !prng.oneIn(3) ? later : all);
      const bare = bareCase(prng, row, driver, {
        op: 'encrypt',
        key: randomKey(prng, row),
        iv: '',
        text: '',
      });
      return row.kind === 'aead' ? { ...bare, authsize: prng.pick(row.tags.sizes) } : bare;
    },
    message: (prng, base) => {
      const row = algorithmOf(base.alg);
      const driver = driversOf(base.alg).find((one) => one.driver === base.driver);
      assert(row !== null && driver !== undefined, 'a transform is of an algorithm with a driver');
      const plain = { ...base, ad: '', tamper: null, tag: null, room: 0, hash: ONE_CALL };
      if (isDataRow(row)) return withData(prng, row, plain);
      const text = randomBytes(prng, shortLength(prng, row));
      const op: Case['op'] =
        row.kind === 'ahash' ? 'digest' : prng.oneIn(2) ? 'encrypt' : 'decrypt';
      const hash =
        row.kind === 'ahash' && prng.oneIn(2)
          ? randomHashPlan(prng, bytesLength(text), row, driver)
          : ONE_CALL;
      const whole = { ...plain, op, hash, text, iv: randomIv(prng, row) };
      return withMessage(prng, row, whole, base.authsize);
    },
  };
}

/** The case with what a compressor, a public key or a secret is asked for. */
function withData(prng: Prng, row: DataRow, bare: Case): Case {
  const key = bare.key === null ? null : materialise(bare.key);
  const { op, text, tag, room } = row.draw(prng, key);
  const authsize = tag === null ? 0 : bytesLength(tag);
  const whole: Case = { ...bare, op, text, iv: '', tag, authsize, room };
  const layout = randomLayout(prng, whole);
  return { ...whole, layout: row.numbers === undefined ? layout : withoutEmpty(layout) };
}
