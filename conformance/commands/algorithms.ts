/**
 * `sg2iter algorithms`: the table, its drivers, and what ran of each.
 * @module
 */
import type { Command } from 'commander';
import { CRYPTO_ALG_TYPE_MASK } from '../../src/crypto/algorithm.ts';
import { Machine } from '../../src/machine/machine.ts';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { type Algorithm, algBehind, TYPE_OF } from '../algorithms/row.ts';
import { type KeySizes, keySizes } from '../algorithms/sizes.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { DEFAULT_CASES, DEFAULT_SEED } from '../campaign/conform.ts';
import { CaseGenerator } from '../case/generate.ts';
import { partialApis, partialNames } from '../partial/partial.ts';
import { type Passed, type Ran, readRan } from '../report/ran.ts';
import { UsageError } from '../terminal/exit.ts';
import { table } from '../terminal/table.ts';
import { checksumPlans } from '../vectors/checksums.ts';
import { loadVectors, wycheproofVectors } from '../vectors/vectors.ts';

interface Row extends Driver {
  /** null: no keys, or packed numbers. */
  readonly keys: KeySizes | null;
  /** Known answers of the algorithm, which its drivers get in turn. */
  readonly vectors: number;
  /** Random cases of the driver in a run of `conform` without options; null where results say what ran. */
  readonly randomCases: number | null;
  /** What results say; null where none was given that does. */
  readonly ran: Readonly<Record<keyof Ran, Passed | null>>;
  /** How each API reaches the driver; only where halves were asked for. */
  readonly reached?: Readonly<Record<'legacy' | 'converted', Reached>>;
}

/** By a driver of its own, through a shim, or not at all. */
type Reached = 'own' | 'shim' | 'no';

interface Flags {
  readonly json?: boolean;
  readonly legacyOnly?: readonly string[];
  readonly convertedOnly?: readonly string[];
}

const SCHEMA_VERSION = 3;
/** The first column is a margin: names of drivers have lines of their own. */
const MARGIN = 2;
/** Columns of a line; no name has twice as many. */
const WIDTH = 80;

export function registerAlgorithms(program: Command): void {
  program
    .command('algorithms')
    .description('algorithms and drivers of both APIs, their sizes, vectors and random cases')
    .argument('[result...]', 'files of conform --json and vectors --json: what ran, instead')
    .option('--legacy-only <name...>', 'drivers and templates that nobody has converted yet')
    .option('--converted-only <name...>', 'drivers and templates without a scatterlist half')
    .option('--json', 'one JSON object on stdout')
    .action((files: string[], { json, legacyOnly = [], convertedOnly = [] }: Flags) => {
      const ran = readRan(files);
      const all = algorithmRows(ran, files.length > 0);
      const isAsked = legacyOnly.length + convertedOnly.length > 0;
      const rows = isAsked ? reachedRows(all, legacyOnly, convertedOnly) : all;
      const lines =
        json === true
          ? [JSON.stringify({ schemaVersion: SCHEMA_VERSION, algorithms: rows }, null, 2)]
          : textOf(rows, files.length > 0);
      console.log(lines.join('\n'));
    });
}

function algorithmRows(ran: Ran, isRan: boolean): Row[] {
  const all = [...loadVectors(), ...wycheproofVectors().vectors];
  const vectors = counted(all.map(({ alg }) => alg));
  for (const { alg, cases } of checksumPlans()) vectors.set(alg, (vectors.get(alg) ?? 0) + cases);
  const cases = isRan ? null : drawnCases();
  const rowsOf = (row: Algorithm): Row[] => {
    const keys = keySizes(row);
    return driversOf(row.name).map((driver) => ({
      ...driver,
      keys,
      vectors: vectors.get(driver.alg) ?? 0,
      randomCases: cases === null ? null : (cases.get(driver.driver) ?? 0),
      ran: {
        vectors: ran.vectors.get(driver.alg) ?? null,
        cases: ran.cases.get(driver.alg) ?? null,
        drivers: ran.drivers.get(driver.driver) ?? null,
      },
    }));
  };
  return ALGORITHMS.flatMap(rowsOf);
}

/** By driver. */
function drawnCases(): Map<string, number> {
  const generator = new CaseGenerator();
  return counted(
    Array.from({ length: DEFAULT_CASES }, (_, i) => generator.at(DEFAULT_SEED, i).driver),
  );
}

/** The table while a conversion is under way. @throws UsageError for a name that is neither driver nor template */
function reachedRows(
  rows: readonly Row[],
  legacyOnly: readonly string[],
  convertedOnly: readonly string[],
): Row[] {
  const machine = new Machine({ memory: 1 << 20 });
  const { legacy, converted, isShim } = partialApis(machine, (name) => {
    if (legacyOnly.includes(name)) return 'legacy';
    return convertedOnly.includes(name) ? 'converted' : 'both';
  });
  const known = partialNames(legacy.registry);
  for (const [option, names] of [
    ['--legacy-only', legacyOnly],
    ['--converted-only', convertedOnly],
  ] as const) {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new UsageError(`${option}: no driver and no template is called '${unknown}'`);
    }
  }
  const both = legacyOnly.find((name) => convertedOnly.includes(name));
  if (both !== undefined) throw new UsageError(`--converted-only: '${both}' is --legacy-only, too`);
  const reach = (registry: typeof legacy.registry, { driver, kind }: Row): Reached => {
    const alg = registry.find(driver, TYPE_OF[kind], CRYPTO_ALG_TYPE_MASK);
    if (typeof alg === 'number') return 'no';
    return isShim(alg) ? 'shim' : 'own';
  };
  return rows.map((row) => ({
    ...row,
    reached: { legacy: reach(legacy.registry, row), converted: reach(converted.registry, row) },
  }));
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const HEAD = ['', 'async', 'prio', 'block', 'key', 'iv', 'out', 'chunk', 'align'] as const;

function textOf(rows: readonly Row[], isRan: boolean): string[] {
  const head = [...HEAD, ...(isRan ? ['passed', 'cases', 'driver'] : ['known', 'cases'])];
  const cells = rows.flatMap((row, i) => [
    ...(row.alg === rows[i - 1]?.alg ? [] : [[titleOf(row)]]),
    ...titleRows(`  ${row.driver}${sidesOf(row)}`),
    ['', ...sizeCells(row), ...(isRan ? ranCells : drawnCells)(row)],
  ]);
  const algorithms = new Set(rows.map(({ alg }) => alg));
  const whole = [...algorithms].filter((alg) =>
    rows.some((row) => row.alg === alg && row.legacy && row.converted),
  );
  const both = rows.filter((row) => row.legacy && row.converted).length;
  const isHalf = rows.some(({ reached }) => reached !== undefined);
  const shims = rows.filter((row) => sidesOf(row).endsWith('shim')).length;
  return [
    ...table(head, cells, 0, MARGIN),
    '',
    ...(isHalf ? [`${shims} drivers are reached through a shim`] : []),
    `${whole.length} of ${algorithms.size} algorithms and ${both} of ${rows.length} drivers are on both sides`,
    'key, iv, out (digest or longest tag), chunk: bytes; align: no copies there',
    isRan
      ? 'passed: vectors, on both APIs; cases: random; driver: beside the generic driver'
      : "known: vectors; cases: drawn by 'sg2iter conform' without options",
  ];
}

function titleOf({ alg, kind }: Row): string {
  return `${alg}, ${kind}`;
}

/** A name on a line of its own, or on two. */
function titleRows(name: string): string[][] {
  if (name.length <= WIDTH) return [[name]];
  const comma = name.lastIndexOf(',', WIDTH - 1) + 1;
  return [[name.slice(0, comma)], [`    ${name.slice(comma)}`]];
}

/** Nothing is said of what both sides have. */
function sidesOf({ driver, legacy, converted, reached }: Row): string {
  if (algBehind(driver) !== driver) return ', lib/crypto alone: 6.1 registers none';
  if (reached?.legacy === 'shim') return ', legacy: shim';
  if (reached?.converted === 'shim') return ', converted: shim';
  if (legacy && converted) return '';
  return legacy ? ', legacy alone' : ', converted alone';
}

function sizeCells({ async, priority, sizes, keys }: Row): string[] {
  const cell = (size: number | null | undefined): string => (size == null ? '-' : String(size));
  const rest = [sizes?.iv, sizes?.result, sizes?.chunk, sizes?.align].map(cell);
  return [async ? 'yes' : '-', String(priority), cell(sizes?.block), keyCell(keys), ...rest];
}

function keyCell(keys: KeySizes | null): string {
  if (keys === null) return '-';
  const { least, most } = keys;
  if (most === null) return `${least}+`;
  return most === least ? String(least) : `${least}-${most}`;
}

function drawnCells({ vectors, randomCases }: Row): string[] {
  return [String(vectors), String(randomCases)];
}

function ranCells({ ran }: Row): string[] {
  return [ran.vectors, ran.cases, ran.drivers].map((counts) => {
    if (counts === null) return '-';
    return counts.failed > 0 ? `${counts.failed} bad` : String(counts.passed);
  });
}
