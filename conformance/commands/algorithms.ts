/**
 * `sg2iter algorithms`: the table, its drivers, and how far the conversion is.
 * @module
 */
import type { Command } from 'commander';
import { type Driver, driversOf } from '../algorithms/drivers.ts';
import { ALGORITHMS } from '../algorithms.ts';
import { DEFAULT_CASES, DEFAULT_SEED } from '../campaign/conform.ts';
import { CaseGenerator } from '../case/generate.ts';
import { table } from '../terminal/table.ts';
import { checksumPlans } from '../vectors/checksums.ts';
import { loadVectors, wycheproofVectors } from '../vectors/vectors.ts';

interface Row extends Driver {
  /** Known answers of the algorithm, which its drivers get in turn. */
  readonly vectors: number;
  /** Random cases of the driver in a run of `conform` without options. */
  readonly randomCases: number;
}

export function registerAlgorithms(program: Command): void {
  program
    .command('algorithms')
    .description('algorithms and drivers of both APIs, vectors and random cases of each')
    .option('--json', 'one JSON object on stdout')
    .action(({ json }: { readonly json?: boolean }) => {
      const rows = algorithmRows();
      const lines =
        json === true
          ? [JSON.stringify({ schemaVersion: 2, algorithms: rows }, null, 2)]
          : textOf(rows);
      console.log(lines.join('\n'));
    });
}

function algorithmRows(): Row[] {
  const all = [...loadVectors(), ...wycheproofVectors().vectors];
  const vectors = counted(all.map(({ alg }) => alg));
  for (const { alg, cases } of checksumPlans()) vectors.set(alg, (vectors.get(alg) ?? 0) + cases);
  const generator = new CaseGenerator();
  const cases = counted(
    Array.from({ length: DEFAULT_CASES }, (_, i) => {
      const { alg, driver } = generator.at(DEFAULT_SEED, i);
      return `${alg} ${driver}`;
    }),
  );
  return ALGORITHMS.flatMap(({ name }) => driversOf(name)).map((driver) => ({
    ...driver,
    vectors: vectors.get(driver.alg) ?? 0,
    randomCases: cases.get(`${driver.alg} ${driver.driver}`) ?? 0,
  }));
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function textOf(rows: readonly Row[]): string[] {
  const head = ['algorithm', 'async', 'priority', 'legacy', 'converted', 'vectors', 'cases'];
  const cells = rows.flatMap((row, i) => [
    ...(row.alg === rows[i - 1]?.alg ? [] : [[`${row.alg}, ${row.kind}`]]),
    driverCells(row),
  ]);
  const algorithms = new Set(rows.map(({ alg }) => alg));
  const whole = [...algorithms].filter((alg) =>
    rows.some((row) => row.alg === alg && row.legacy && row.converted),
  );
  const both = rows.filter((row) => row.legacy && row.converted).length;
  return [
    ...table(head, cells),
    '',
    `${whole.length} of ${algorithms.size} algorithms and ${both} of ${rows.length} drivers are on both sides; ` +
      `cases: random ones of 'sg2iter conform' without options`,
  ];
}

function driverCells(row: Row): string[] {
  return [
    `  ${row.driver}`,
    yes(row.async),
    String(row.priority),
    yes(row.legacy),
    yes(row.converted),
    String(row.vectors),
    String(row.randomCases),
  ];
}

function yes(value: boolean): string {
  return value ? 'yes' : '-';
}
