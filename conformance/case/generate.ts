/**
 * The generator: one seed is one case. Lengths, offsets and segment counts prefer what is small and
 * what lies at a border, as testmgr's generator does; it adds the dimensions that testmgr lacks
 * (empty segments, neighbours in one page, chained tables, mixed kinds of memory, lists that are
 * longer than the data, two lists that split the same memory differently).
 * C: crypto/testmgr.c generate_random_testvec_config (6.1)
 * @module
 */
import { assert } from '../../src/assert.ts';
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
  hasBatch,
  INVALIDS,
  isAsynchronous,
  isInvalid,
  isRefused,
  materialise,
  neededOf,
  REQUEST_KINDS,
  type Tamper,
} from './case.ts';
import { lentOut } from './generate-caller.ts';
import { overlapping, partlyInPlace, randomLayout, withoutEmpty } from './generate-layout.ts';
import { FAILING, MOST_CALLS, type Troupe, withBatches, withProgram } from './generate-program.ts';
import { mixed } from './mixed.ts';
import { Dice, oddsOf } from './odds.ts';

const LONGEST = 8192;
/** A machine gathers so many bytes at once by itself; only longer messages take a second step then. */
const GATHERED = 65536;
/** Bytes of a step where the machine is told: short messages take many, also such that end in a block. */
const GATHERS: readonly number[] = [1, 16, 48, 64, 100, 256, 1024, 4096];
/** One program in so many has a call that fails: among all cases, and where there are only programs. */
const OFTEN = 6;
const ALWAYS = 1;
/** One case in so many has its IV on the stack. */
const STACK_RARITY = 8;
/** One case in so many has its pages in highmem. */
const HIGHMEM_RARITY = 8;
/** One case in so many that is asynchronous has work run before a submission returns. */
const EARLY_RARITY = 4;
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
  private readonly prng = new Dice(0);
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
    prng.odds = oddsOf(seed);
    const alg = algs[index % algs.length];
    const row = algorithmOf(alg);
    const drivers = driversOf(alg);
    assert(row !== null && drivers.length > 0, 'a case is about an algorithm with a driver');
    const driver = drivers[Math.floor(index / algs.length) % drivers.length];
    if (this.onlyPrograms) return elsewhere(prng, randomProgram(prng, row, driver, troupe), false);
    const c = randomCase(prng, row, driver, troupe);
    const isPlain = c.program === undefined && !isRefused(c) && !isStream(row);
    return elsewhere(prng, isPlain ? disturbed(prng, c) : c, isPlain);
  }
}

/**
 * A stream that goes on from request to request has no answer for requests in any order, and a library has
 * no requests.
 */
function canBeProgram(alg: string): boolean {
  const row = algorithmOf(alg);
  return row !== null && !isStream(row) && row.isLibraryOnly !== true;
}

/**
 * The case, now and then with its IV on the stack of the caller, in highmem, with batches, partly in place, on memory
 * of a process, and with work that runs before a submission returns. The answers of a batch stand in its requests, which nobody may
 * free or use again before it has returned: no such work there.
 */
function elsewhere(prng: Dice, c: Case, isPlain: boolean): Case {
  const isOnStack = bytesLength(c.iv) > 0 && prng.oneIn(STACK_RARITY);
  const isHigh = prng.oneIn(HIGHMEM_RARITY);
  const batched = withBatches(prng, c);
  const isEarly = isAsynchronous(batched) && prng.oneIn(EARLY_RARITY) && !hasBatch(batched);
  const whole = lentOut(prng, sharing(prng, batched), isPlain);
  if (!isOnStack && !isHigh && !isEarly) return whole;
  const stackIv = isOnStack ? { stackIv: true as const } : {};
  const highmem = isHigh ? { highmem: true as const } : {};
  const early = isEarly ? { early: true as const } : {};
  return { ...whole, context: { ...whole.context, ...stackIv, ...highmem, ...early } };
}

/** The case, now and then with a destination that is partly the source. */
function sharing(prng: Dice, c: Case): Case {
  const { kind, layout } = c;
  const mayShare = kind === 'skcipher' || kind === 'aead';
  if (!mayShare || layout.inplace !== 'no' || isRefused(c) || !prng.is('partly')) return c;
  return { ...c, layout: partlyInPlace(prng, layout) };
}

/** The case, now and then with a call that fails, and with the same once more behind it. */
function disturbed(prng: Dice, c: Case): Case {
  const { fault } = c.context;
  if (fault === 0 && prng.is('failing')) {
    const failing = { point: prng.pick(FAILING), nth: prng.between(1, MOST_CALLS) };
    return { ...c, context: { ...c.context, failing, again: true } };
  }
  return prng.is('again') ? { ...c, context: { ...c.context, again: true } } : c;
}

function randomCase(prng: Dice, row: Algorithm, driver: Driver, troupe: Troupe): Case {
  if (isDataRow(row)) return randomDataCase(prng, row, driver);
  const whole = randomMessage(prng, row, driver);
  if (row.isLibraryOnly === true) return whole;
  if (prng.is('short')) return shortened(prng, row, whole, driver);
  if (prng.is('invalid')) return invalidated(prng, row, whole, driver);
  if (isStream(row) || !prng.is(driver.async ? 'program' : 'syncProgram')) return whole;
  return withProgram(prng, whole, troupe, OFTEN);
}

function randomProgram(prng: Dice, row: Algorithm, driver: Driver, troupe: Troupe): Case {
  const whole = isDataRow(row)
    ? randomDataCase(prng, row, driver)
    : randomMessage(prng, row, driver);
  return withProgram(prng, whole, troupe, ALWAYS);
}

function randomMessage(prng: Dice, row: CipherOrHash, driver: Driver): Case {
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
  prng: Dice,
  row: Exclude<Algorithm, DataRow>,
  whole: Case,
  { converted }: Driver,
): Case {
  const isOpening = row.kind === 'aead' && whole.op === 'decrypt';
  // A ciphertext that is shorter than its tag can be asked of both.
  const isEmpty = isOpening && (prng.oneIn(2) || !converted);
  const plain = undisturbed(whole);
  const bare = isEmpty ? { ...plain, text: '' } : plain;
  const short = isEmpty || row.kind === 'ahash' || prng.oneIn(2) ? 'src' : 'dst';
  if (neededOf(bare, short) <= 0 || (!converted && !isEmpty)) return whole;
  return { ...bare, short, layout: randomLayout(prng, bare) };
}

/** The case with lists that are refused, where that can be asked of some API. */
function invalidated(
  prng: Dice,
  row: Exclude<Algorithm, DataRow>,
  whole: Case,
  { converted }: Driver,
): Case {
  if (row.kind === 'ahash' || !converted || isStream(row)) return whole;
  const invalid = prng.pick(INVALIDS);
  const plain: Case = { ...undisturbed(whole), invalid };
  // One thing is wrong at a time: what is refused for its key never comes to its lists.
  const { key } = plain;
  if (!isInvalid(plain) || key === null || row.key.check(materialise(key)) !== 0) return whole;
  return invalid === 'overlap' ? { ...plain, layout: overlapping(prng, plain) } : plain;
}

/** The case on a new transform, with nothing that fails. */
function undisturbed(whole: Case): Case {
  const { again: _again, failing: _failing, ...calm } = whole.context;
  return { ...whole, hash: ONE_CALL, tamper: null, context: { ...calm, reuse: false } };
}

function bareCase(
  prng: Dice,
  row: Algorithm,
  driver: Driver,
  about: Pick<Case, 'op' | 'key' | 'iv' | 'text'>,
): Case {
  const atomic = prng.is('atomic');
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
      reuse: prng.is('reuse'),
      fault: prng.is('fault') ? prng.between(1, 3) : 0,
      gather: prng.is('gather') ? prng.pick(GATHERS) : 0,
      forbidWeak: false,
    },
    seed: prng.u32(),
  };
}

function randomDataCase(prng: Dice, row: DataRow, driver: Driver): Case {
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
  prng: Dice,
  row: Exclude<Algorithm, DataRow>,
  bare: Case,
  authsize?: number,
): Case {
  const isAead = row.kind === 'aead';
  const whole = isAead ? withAead(prng, row, bare, authsize) : withTamper(prng, row, bare);
  return { ...whole, layout: randomLayout(prng, whole) };
}

/** The case with associated data, a tag, and now and then a flipped bit. */
function withAead(prng: Dice, row: AeadRow, c: Case, given?: number): Case {
  const key = c.key === null ? new Uint8Array(0) : materialise(c.key);
  const ad = row.drawAd(prng, key, materialise(c.iv));
  const authsize = given ?? randomAuthsize(prng, row);
  const isTampered = c.op === 'decrypt' && prng.is('tamper');
  const tamper = isTampered ? randomTamper(prng, bytesLength(ad) - row.adTail) : null;
  return { ...c, ad, authsize, tamper };
}

/** The case of a cipher that notices tampering, now and then with some. */
function withTamper(prng: Dice, row: Algorithm, c: Case): Case {
  const notices = row.kind === 'skcipher' && row.unwraps !== undefined && c.op === 'decrypt';
  if (!notices || !prng.is('tamper')) return c;
  return { ...c, tamper: { part: 'text', byte: prng.below(LONGEST), bit: prng.below(8) } };
}

function randomIv(prng: Dice, row: CipherOrHash): Bytes {
  if (row.kind === 'ahash') return '';
  return row.drawIv?.(prng) ?? randomBytes(prng, row.ivsize);
}

function randomKey(prng: Dice, { key }: Algorithm): Bytes | null {
  return key.draw === null || prng.oneIn(96) ? null : key.draw(prng);
}

function randomAuthsize(prng: Dice, { tags: { sizes } }: AeadRow): number {
  if (prng.oneIn(2)) return sizes[sizes.length - 1];
  return prng.oneIn(12) ? prng.between(1, 20) : prng.pick(sizes);
}

/** @param adlen bytes of the associated data in which a bit may be flipped. */
function randomTamper(prng: Dice, adlen: number): Tamper {
  const part = prng.pick(adlen > 0 ? (['ad', 'text', 'tag'] as const) : (['text', 'tag'] as const));
  const byte = prng.below(LONGEST);
  return { part, byte: part === 'ad' ? byte % adlen : byte, bit: prng.below(8) };
}

/** Lengths around blocks and pages, short ones first. */
function randomTextLength(prng: Dice, row: CipherOrHash, { priority }: Driver): number {
  const bounds = [1, 17, 65, 257, 1025, 4097, LONGEST];
  let len = prng.below(prng.pick(bounds));
  if (prng.is('page')) len = PAGE_SIZE * prng.between(1, 2) + prng.between(-17, 17);
  if (priority < FAST_PRIORITY && !prng.oneIn(8)) len %= LONGEST_SLOW;
  if (prng.is('long')) len = GATHERED + prng.between(-17, PAGE_SIZE);
  return fitted(prng, row, len);
}

/** Length of a further message of a program: of what is one of many, little. */
function shortLength(prng: Dice, row: CipherOrHash): number {
  return fitted(prng, row, prng.below(prng.pick([17, 65, 257])));
}

/** The length as the algorithm takes it, mostly. */
function fitted(prng: Dice, row: CipherOrHash, len: number): number {
  if (row.kind === 'ahash' || prng.is('unfit')) return len;
  const least = row.kind === 'skcipher' ? row.least : row.generated;
  const enough = len < least ? len + least : len;
  return enough - (enough % row.unit);
}

/** OpenSSL keeps its states to itself: what is accelerated cannot be exported. */
function randomHashPlan(prng: Dice, len: number, row: Algorithm, { priority }: Driver): HashPlan {
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
function withData(prng: Dice, row: DataRow, bare: Case): Case {
  const key = bare.key === null ? null : materialise(bare.key);
  const { op, text, tag, room } = row.draw(prng, key);
  const authsize = tag === null ? 0 : bytesLength(tag);
  const whole: Case = { ...bare, op, text, iv: '', tag, authsize, room };
  const layout = randomLayout(prng, whole);
  return { ...whole, layout: row.numbers === undefined ? layout : withoutEmpty(layout) };
}
