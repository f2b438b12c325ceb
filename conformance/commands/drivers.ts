/**
 * `sg2iter conform --drivers every`: each driver of an algorithm against its first, generic one.
 * @module
 */
import { compareDrivers, type DriverReport, GROUPS } from '../campaign/drivers.ts';
import { allSides } from '../subjects/sides.ts';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_SELF_CHECK } from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import { isJsonRun, type Reporting } from './reporting.ts';

/** The only value of the option. */
const EVERY = 'every';
const SCHEMA_VERSION = 1;
/** How many findings are listed one by one. */
const LISTED = 5;

/**
 * Compares, prints, and sets the exit code.
 * @param plan seed, and cases of each algorithm
 */
export async function runDrivers(
  word: string,
  algs: readonly string[],
  plan: { readonly seed: number; readonly cases: number },
  reporting: Reporting,
): Promise<void> {
  const isJson = isJsonRun('--drivers', word, EVERY, reporting);
  let stopped = false;
  const undo = onInterrupt(() => {
    stopped = true;
  });
  const line = new ProgressLine();
  const { seed, cases } = plan;
  const report = await compareDrivers(
    allSides,
    algs,
    { seed, cases },
    { progress: line.show.bind(line), stopped: () => stopped },
  );
  undo();
  line.clear();
  const json = { schemaVersion: SCHEMA_VERSION, seed, cases, compared: sums(report), ...report };
  console.log(isJson ? JSON.stringify(json, null, 2) : textOf(report, cases).join('\n'));
  process.exitCode = codeOf(report, stopped);
}

/** A run in which no answer was compared shows nothing. */
function codeOf({ findings, drivers }: DriverReport, stopped: boolean): number {
  if (findings.length > 0) return EXIT_FINDINGS;
  if (stopped) return EXIT_INTERRUPTED;
  return drivers.some(({ compared }) => compared > 0) ? 0 : EXIT_SELF_CHECK;
}

/** By what the drivers are. */
function sums({ drivers }: DriverReport) {
  return GROUPS.map((group) => {
    const own = drivers.filter((driver) => driver.group === group);
    const sum = (of: 'cases' | 'compared' | 'failed') =>
      own.reduce((total, driver) => total + driver[of], 0);
    return {
      ...{ group, algorithms: new Set(own.map(({ alg }) => alg)).size, drivers: own.length },
      ...{ cases: sum('cases'), compared: sum('compared'), failed: sum('failed') },
    };
  });
}

function textOf(report: DriverReport, cases: number): string[] {
  const { drivers, findings } = report;
  const algs = new Set(drivers.map(({ alg }) => alg));
  const lines = table(
    ['drivers', 'algorithms', 'drivers', 'cases', 'compared', 'failed'],
    sums(report).map(({ group, ...counts }) => [group, ...Object.values(counts).map(String)]),
  );
  lines.push(
    '',
    `${algs.size} algorithms, ${drivers.length} drivers, ${cases} cases each; compared: answers of one API with`,
    'those of the first driver there, but for what a transform makes up',
    `${findings.length} findings`,
  );
  for (const { check, summary, token } of findings.slice(0, LISTED)) {
    lines.push(`  ${check}: ${summary}`, `  case ${token}`);
  }
  return lines;
}
