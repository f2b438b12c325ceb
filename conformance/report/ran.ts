/**
 * What results of other commands say of each algorithm: how many of its vectors passed, how many random
 * cases ran, and how many with each of its drivers.
 * @module
 */
import { z } from 'zod';
import { UsageError } from '../terminal/exit.ts';
import { jsonFile } from '../terminal/json-file.ts';
import { reportSchema } from './schema.ts';

export interface Passed {
  readonly passed: number;
  readonly failed: number;
}

/** Sums over all results. */
export interface Ran {
  /** By algorithm: known answers, on both APIs. */
  readonly vectors: ReadonlyMap<string, Passed>;
  /** By algorithm: random cases, and what failed of them and of the known answers of the same run. */
  readonly cases: ReadonlyMap<string, Passed>;
  /** By driver: cases compared with the first driver of the algorithm. */
  readonly drivers: ReadonlyMap<string, Passed>;
}

const count = z.number().int().min(0);
const passed = { passed: count, failed: count };
const committed = z.object({
  sources: z.unknown(),
  byAlgorithm: z.record(z.string(), z.object(passed)),
});
const testmgr = z.object({
  rows: z.array(
    z.object({ name: z.string(), legacy: z.object(passed), converted: z.object(passed) }),
  ),
});
const compared = z.object({
  drivers: z.array(z.object({ driver: z.string(), cases: count, failed: count })),
  compared: z.unknown(),
});

/**
 * Reads files that conform --json, conform --drivers every --json, vectors --json and vectors --testmgr --json wrote.
 * @throws UsageError naming a file that is none of these
 */
export function readRan(files: readonly string[]): Ran {
  const ran = { vectors: new Map(), cases: new Map(), drivers: new Map() };
  for (const file of files) read(file, ran);
  return ran;
}

type Sums = Record<keyof Ran, Map<string, Passed>>;

function read(file: string, { vectors, cases, drivers }: Sums): void {
  const value = jsonFile(file);
  const conform = reportSchema.safeParse(value).data;
  const known = committed.safeParse(value).data;
  const table = testmgr.safeParse(value).data;
  const beside = compared.safeParse(value).data;
  if (conform !== undefined) {
    for (const [alg, { randomCases, failed }] of Object.entries(conform.byAlgorithm)) {
      add(cases, alg, { passed: randomCases, failed });
    }
  } else if (known !== undefined) {
    for (const [alg, counts] of Object.entries(known.byAlgorithm)) add(vectors, alg, counts);
  } else if (table !== undefined) {
    for (const { name, legacy, converted } of table.rows) {
      const failed = Math.max(legacy.failed, converted.failed);
      add(vectors, name, { passed: Math.min(legacy.passed, converted.passed), failed });
    }
  } else if (beside !== undefined) {
    for (const { driver, cases: all, failed } of beside.drivers) {
      add(drivers, driver, { passed: all - failed, failed });
    }
  } else throw new UsageError(`${file}: not the --json of conform or vectors`);
}

function add(sums: Map<string, Passed>, name: string, more: Passed): void {
  const sum = sums.get(name) ?? { passed: 0, failed: 0 };
  sums.set(name, { passed: sum.passed + more.passed, failed: sum.failed + more.failed });
}
