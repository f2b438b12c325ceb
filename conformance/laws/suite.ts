/**
 * The laws as a suite of tests: one test for each driver that a subject has.
 * @module
 */
import { describe, expect, test } from 'vitest';
import { Machine } from '../../src/machine/machine.ts';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { sized } from '../algorithms/keys.ts';
import { type Algorithm, type DataRow, isDataRow } from '../algorithms/row.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { LEFT } from '../judge/residue.ts';
import type { Prepared, SubjectApi } from '../subjects/api.ts';
import { LibApi } from '../subjects/lib.ts';
import { AEAD_LAWS } from './aead.ts';
import { HASH_LAWS } from './hash.ts';
import { Lab, type Law, type Trial } from './lab.ts';
import { SKCIPHER_LAWS } from './skcipher.ts';

/** In the name of every driver whose byte kernel is OpenSSL's. Priorities of templates do not tell. */
const ACCELERATED = '-accel';

/** Templates over one asynchronous and one synchronous child, whichever the list of drivers lacks. */
const MIXED: readonly (readonly [alg: string, driver: string])[] = [
  ['gcm(aes)', 'gcm_base(cryptd(ctr(aes-generic)),ghash-generic)'],
  ['gcm(aes)', 'gcm_base(ctr(aes-generic),cryptd(ghash-generic))'],
  ['ccm(aes)', 'ccm_base(cryptd(ctr(aes-generic)),cbcmac(aes-generic))'],
  ['rfc7539(chacha20,poly1305)', 'rfc7539(cryptd(chacha20-generic),poly1305-generic)'],
  ['essiv(cbc(aes),sha256)', 'essiv(cryptd(cbc(aes-generic)),sha256-generic)'],
  ['authenc(hmac(sha1),cbc(aes))', 'authenc(cryptd(hmac(sha1-generic)),cbc(aes-generic))'],
  ['seqiv(rfc4106(gcm(aes)))', 'seqiv(cryptd(rfc4106(gcm_base(ctr(aes-generic),ghash-generic))))'],
];

/** A driver of which every law is checked, or by turns one in `share`. */
interface Subject extends Trial<Exclude<Algorithm, DataRow>> {
  readonly share: number;
}

/** Of the first driver of an algorithm with something asynchronous in it. */
const HALF = 2;
/** Of the drivers that differ from others of their algorithm in one child only. */
const THIRD = 3;

/** Whose laws: of an API, or of the library, which has algorithms and no drivers. */
type LawSide = 'legacy' | 'converted' | 'lib';

/**
 * One test for each driver that a side has, and one that says how much was looked at.
 * @param least drivers at least, so that a list that has become empty is noticed
 */
export function lawSuite<P extends Prepared>(
  side: LawSide,
  make: (machine: Machine) => SubjectApi<P>,
  least: number,
): void {
  const lab = new Lab(make);
  const trials = trialsOf(side);
  describe(`${side} keeps the laws`, () => {
    test.each(trials)('$driver', (trial) => {
      expect(brokenLaws(lab, trial, trials.indexOf(trial))).toEqual([]);
    });

    test('of many drivers, and what the kernel leaves in memory is left', () => {
      expect(trials.length).toBeGreaterThanOrEqual(least);
      expect(lab.checked.size).toBe(lawsOf(side));
      expect(Math.min(...lab.checked.values())).toBeGreaterThanOrEqual(1);
      console.log([`${side}: ${FLIPS}`, ...flipLines(lab)].join('\n'));
      const aeads = trials.filter(({ row }) => row.kind === 'aead').map(({ row }) => row.name);
      expect([...lab.flips.keys()].sort()).toEqual([...new Set(aeads)].sort());
      for (const [name, { whole, refused }] of lab.flips) {
        expect(whole, name).toBeGreaterThanOrEqual(1);
        expect(refused.ad > 0 || name.startsWith('krb5enc('), name).toBe(true);
        expect(Math.min(refused.text, refused.tag), name).toBeGreaterThanOrEqual(12);
      }
      const left =
        side === 'legacy'
          ? LEFT.flatMap(({ who, shownBy }) => (shownBy.includes('laws') ? who : []))
          : [];
      expect([...lab.leftovers].sort()).toEqual(left.sort());
    });
  });
}

function trialsOf(side: LawSide): Subject[] {
  if (side === 'lib') return libraryTrials();
  return ALGORITHMS.filter((row) => !isDataRow(row)).flatMap((row) => {
    const found = driversOf(row.name).filter((driver) => driver[side]);
    const mixed = MIXED.filter(
      ([alg, name]) => alg === row.name && !found.some(({ driver }) => driver === name),
    );
    const queued = found.filter(({ driver }) =>
      found.some((below) => driver === `cryptd(${below.driver})`),
    );
    // A law compares each driver with itself behind cryptd: one of them is enough for all other laws.
    const wanted = found.filter((driver) => !queued.slice(1).includes(driver));
    return [
      ...wanted.map((known: Driver) => ({
        row,
        driver: known.driver,
        async: known.async,
        queued: found.some((other) => other.driver === `cryptd(${known.driver})`),
        fast: known.driver.includes(ACCELERATED),
        share: shareOf(known, wanted),
      })),
      ...mixed.map(([, driver]) => ({
        ...{ row, driver, async: true, queued: false, fast: false },
        share: THIRD,
      })),
    ];
  });
}

/** What stands over the counts of each AEAD. */
const FLIPS = 'bytes flipped, one at a time: -EBADMSG in AD, text and tag; taken; not flipped';

function flipLines<P extends Prepared>({ flips }: Lab<P>): string[] {
  const total = [0, 0, 0, 0, 0];
  const lines = [...flips].map(([name, { drivers, refused, taken, omitted }]) => {
    const counts = [refused.ad, refused.text, refused.tag, taken, omitted];
    counts.forEach((count, i) => {
      total[i] += count;
    });
    return `  ${name}: ${counts.join(', ')}; drivers ${drivers}`;
  });
  return [...lines, `  all ${flips.size}: ${total.join(', ')}`];
}

/** How many laws there are about a side: the library has nothing behind cryptd. */
function lawsOf(side: LawSide): number {
  const names = [SKCIPHER_LAWS, AEAD_LAWS, HASH_LAWS].flatMap((laws) =>
    laws.map(({ name }) => name),
  );
  return names.filter((name) => side !== 'lib' || !name.startsWith('behind cryptd')).length;
}

/** Each algorithm of the library once, under the name of one of its drivers. */
function libraryTrials(): Subject[] {
  const api = new LibApi(new Machine({ memory: 1 << 20 }));
  return ALGORITHMS.filter((row) => !isDataRow(row)).flatMap((row) => {
    const drivers = driversOf(row.name).filter((known) => api.offers(known.driver, row.kind));
    const driver = drivers.find((known) => !known.driver.includes('(')) ?? drivers.at(0);
    if (driver === undefined) return [];
    // The library's XCBC takes keys of 128 bits alone, where 6.1 takes those of its cipher.
    const narrow = row.name === 'xcbc(aes)' ? { ...row, key: sized(16) } : row;
    return [
      { row: narrow, driver: driver.driver, async: false, queued: false, fast: true, share: 1 },
    ];
  });
}

/** All laws for the slowest and the fastest synchronous driver, fewer for the others. */
function shareOf(driver: Driver, drivers: readonly Driver[]): number {
  const plain = drivers.filter(({ async }) => !async);
  if (driver === plain.at(0) || driver === plain.at(-1)) return 1;
  return driver === drivers.find(({ async }) => async) ? HALF : THIRD;
}

/** What is broken by one driver, sentence by sentence. */
function brokenLaws<P extends Prepared>(
  lab: Lab<P>,
  { row, share, ...driver }: Subject,
  seed: number,
): string[] {
  switch (row.kind) {
    case 'skcipher':
      return broken(lab, SKCIPHER_LAWS, { row, ...driver }, seed, share);
    case 'aead':
      return broken(lab, AEAD_LAWS, { row, ...driver }, seed, share);
    case 'ahash':
      return broken(lab, HASH_LAWS, { row, ...driver }, seed, share);
  }
}

function broken<P extends Prepared, R extends Algorithm>(
  lab: Lab<P>,
  laws: readonly Law<R>[],
  trial: Trial<R>,
  seed: number,
  share: number,
): string[] {
  return laws
    .filter(({ about }, i) => (i + seed) % share === 0 && (about?.(trial) ?? true))
    .map((law, i) => lab.broken(law, trial, seed * laws.length + i))
    .filter((found) => found !== null);
}
