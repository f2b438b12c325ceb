/**
 * `sg2iter conform --faults every`: every call that can fail is made to fail, instead of random cases.
 * @module
 */
import {
  type DriverFailures,
  type FailureReport,
  failEvery,
  type PointCounts,
} from '../campaign/failures.ts';
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

/** Fails everything, prints, and sets the exit code. */
export async function runFailures(
  word: string,
  algs: readonly string[],
  seed: number,
  reporting: Reporting,
): Promise<void> {
  const isJson = isJsonRun('--faults', word, EVERY, reporting);
  let stopped = false;
  const undo = onInterrupt(() => {
    stopped = true;
  });
  const line = new ProgressLine();
  const report = await failEvery(allSides, algs, seed, {
    progress: line.show.bind(line),
    stopped: () => stopped,
  });
  undo();
  line.clear();
  console.log(isJson ? JSON.stringify(jsonOf(report, seed), null, 2) : textOf(report).join('\n'));
  process.exitCode = codeOf(report, stopped);
}

/** A run in which nothing was made to fail shows nothing. */
function codeOf({ findings, drivers }: FailureReport, stopped: boolean): number {
  if (findings.length > 0) return EXIT_FINDINGS;
  if (stopped) return EXIT_INTERRUPTED;
  return drivers.some((driver) => pointsOf(driver) > 0) ? 0 : EXIT_SELF_CHECK;
}

function jsonOf(report: FailureReport, seed: number): Record<string, unknown> {
  const { findings, runs, drivers } = report;
  return { schemaVersion: SCHEMA_VERSION, seed, runs, byKind: byKind(drivers), drivers, findings };
}

/** Injection points of each kind of algorithm, by subject and point. */
function byKind(drivers: readonly DriverFailures[]): Record<string, Record<string, PointCounts>> {
  const kinds: Record<string, Record<string, PointCounts>> = {};
  for (const { kind, points } of drivers) {
    kinds[kind] ??= {};
    for (const [subject, counts] of Object.entries(points)) {
      const known = kinds[kind][subject];
      kinds[kind][subject] = known === undefined ? counts : sumOf(known, counts);
    }
  }
  return kinds;
}

function sumOf(a: PointCounts, b: PointCounts): PointCounts {
  return {
    kmalloc: a.kmalloc + b.kmalloc,
    'page-alloc': a['page-alloc'] + b['page-alloc'],
    'user-copy': a['user-copy'] + b['user-copy'],
    gup: a.gup + b.gup,
    'dma-map': a['dma-map'] + b['dma-map'],
    queue: a.queue + b.queue,
    device: a.device + b.device,
  };
}

function pointsOf({ points }: DriverFailures): number {
  const counts = Object.values(points).flatMap((point) => Object.values(point));
  return counts.reduce((sum, count) => sum + count, 0);
}

function textOf({ drivers, findings, runs }: FailureReport): string[] {
  const heads = ['kind', 'subject', 'kmalloc', 'pages', 'pins', 'mappings', 'queue', 'device'];
  const rows: string[][] = [];
  for (const [kind, subjects] of Object.entries(byKind(drivers))) {
    for (const [subject, counts] of Object.entries(subjects)) {
      const { kmalloc, gup, queue, device } = counts;
      const numbers = [kmalloc, counts['page-alloc'], gup, counts['dma-map'], queue, device];
      rows.push([kind, subject, ...numbers.map(String)]);
    }
  }
  const lines = table(heads, rows);
  const cases = drivers.reduce((sum, driver) => sum + driver.cases, 0);
  const idle = drivers.filter((driver) => driver.cases === 0).map(({ driver }) => driver);
  lines.push('', `${drivers.length} drivers, ${cases} cases, ${runs} runs`);
  if (idle.length > 0) lines.push(`no case that succeeds was drawn for: ${idle.join(' ')}`);
  lines.push('', `${findings.length} findings`);
  for (const { check, summary, token } of findings.slice(0, LISTED)) {
    lines.push(`  ${check}: ${summary}`, `  case ${token}`);
  }
  return lines;
}
