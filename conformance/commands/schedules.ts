/**
 * `sg2iter conform --schedules exhaustive`: every order of a few requests instead of random cases.
 * @module
 */
import { exploreSchedules, type ScheduleReport } from '../campaign/schedules.ts';
import { bothSides } from '../subjects/sides.ts';
import { EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_SELF_CHECK } from '../terminal/exit.ts';
import { onInterrupt } from '../terminal/interrupt.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { table } from '../terminal/table.ts';
import { isJsonRun, type Reporting } from './reporting.ts';

/** The only value of the option. */
const EXHAUSTIVE = 'exhaustive';
const SCHEMA_VERSION = 1;
/** How many findings, and programs that were cut, are listed one by one. */
const LISTED = 5;

/** Explores, prints, and sets the exit code. */
export async function runSchedules(
  word: string,
  algs: readonly string[],
  seed: number,
  reporting: Reporting,
): Promise<void> {
  const isJson = isJsonRun('--schedules', word, EXHAUSTIVE, reporting);
  let stopped = false;
  const undo = onInterrupt(() => {
    stopped = true;
  });
  const line = new ProgressLine();
  const report = await exploreSchedules(bothSides, algs, seed, {
    progress: line.show.bind(line),
    stopped: () => stopped,
  });
  undo();
  line.clear();
  console.log(isJson ? JSON.stringify(jsonOf(report, seed), null, 2) : textOf(report).join('\n'));
  process.exitCode = codeOf(report, stopped);
}

function codeOf({ findings, drivers }: ScheduleReport, stopped: boolean): number {
  if (findings.length > 0) return EXIT_FINDINGS;
  if (stopped) return EXIT_INTERRUPTED;
  return drivers === 0 ? EXIT_SELF_CHECK : 0;
}

function jsonOf(report: ScheduleReport, seed: number): Record<string, unknown> {
  const { findings, ...schedules } = report;
  return { schemaVersion: SCHEMA_VERSION, seed, schedules, findings };
}

function textOf({ explored, early, drivers, cut, findings }: ScheduleReport): string[] {
  const rows = Object.entries(explored).map(([depth, count]) => [
    depth,
    String(count),
    String(early[Number(depth)] ?? '-'),
  ]);
  const lines = table(['in flight', 'orders', 'with work before a submission returns'], rows);
  lines.push('', `${drivers} asynchronous drivers; ${cut.length} programs had more orders`);
  lines.push(...cut.slice(0, LISTED).map((line) => `  ${line}`));
  lines.push('', `${findings.length} findings`);
  for (const { check, summary, order, token } of findings.slice(0, LISTED)) {
    lines.push(`  ${check}: ${summary}; choices ${order.join(' ')}`, `  case ${token}`);
  }
  return lines;
}
