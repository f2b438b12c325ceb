/**
 * The benchmark: raw node:crypto on contiguous bytes, both APIs, and what a user would do otherwise, on
 * the same bytes, interleaved in one process.
 * @module
 */
import { cpus, loadavg } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { Command, CommanderError } from 'commander';
import {
  EXIT_INTERRUPTED,
  EXIT_USAGE,
  UsageError,
  wholeNumber,
} from '../conformance/terminal/exit.ts';
import { table } from '../conformance/terminal/table.ts';
import { Machine } from '../src/machine/machine.ts';
import { checkEqual, indistinct, type Measurement, measure } from './harness.ts';
import { concatPeer, rawNode } from './peers.ts';
import { benchWalks, type WalkRow } from './walk.ts';
import { convertedWay } from './ways/converted.ts';
import { legacyWay } from './ways/legacy.ts';
import { buildWorkloads, type Workload } from './workloads.ts';

const ROUNDS = 15;
/** Segments that `seg64` has more than `seg1`, on each side. */
const MORE_SEGMENTS = 63;

interface Result {
  readonly work: Workload;
  readonly rows: readonly Measurement[];
}

const MOST_ROUNDS = 10_000;

const program = new Command('sg2iter bench')
  .description('what the old and the new API cost, on the same memory, in the same run')
  .option('--rounds <n>', 'rounds of all ways', wholeNumber('--rounds', 1, MOST_ROUNDS), ROUNDS)
  .option('--workload <id...>', 'only these')
  .option('--json', 'one JSON object on stdout')
  .exitOverride()
  .configureOutput({ outputError: () => {} });

try {
  program.parse();
  await run(program.opts());
} catch (error) {
  if (!(error instanceof CommanderError || error instanceof UsageError)) throw error;
  if (error.exitCode !== 0) console.error(`sg2iter: ${error.message.replace('error: ', '')}`);
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}

interface Flags {
  readonly rounds: number;
  readonly workload?: string[];
  readonly json?: boolean;
}

/** Runs workload after workload; an interruption ends after the current one, with its results. */
async function run({ rounds, workload, json: asJson }: Flags): Promise<void> {
  const machine = new Machine({ checks: false });
  const all = buildWorkloads(machine);
  const unknown = workload?.find((id) => !all.some((work) => work.id === id));
  if (unknown !== undefined) {
    const known = all.map(({ id }) => id).join(' ');
    throw new UsageError(`--workload: unknown '${unknown}'; known: ${known}`);
  }
  let stopped = false;
  const stop = (): void => {
    stopped = true;
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const results: Result[] = [];
  for (const work of all.filter(({ id }) => workload?.includes(id) ?? true)) {
    if (stopped) break;
    results.push(bench(machine, work, rounds));
    await setImmediate();
  }
  const walks = workload === undefined && !stopped ? benchWalks(rounds) : [];
  if (asJson === true) {
    console.log(JSON.stringify({ ...json(results, rounds), walks, interrupted: stopped }, null, 2));
  } else {
    for (const line of [...text(results, rounds), ...walkLines(walks)]) console.log(line);
    if (stopped) console.log('interrupted: the workloads above are complete');
  }
  if (stopped) process.exitCode = EXIT_INTERRUPTED;
}

function bench(machine: Machine, work: Workload, rounds: number): Result {
  const ways = [
    rawNode(machine, work),
    concatPeer(machine, work),
    legacyWay(machine, work),
    convertedWay(machine, work),
  ];
  checkEqual(ways, work.items.length);
  return { work, rows: measure(ways, work.items.length, rounds) };
}

function text(results: readonly Result[], rounds: number): string[] {
  const lines = [`${environment()}; ${rounds} rounds; outputs equal`];
  for (const { work, rows } of results) {
    lines.push('', `${work.id}: ${work.what}`);
    const peer = rows[1];
    const cells = rows.map((row) => [
      row.way,
      micro(row.cpuNs),
      `(${micro(row.cpuNsP10)})`,
      micro(row.wallNs),
      ((work.bytes * 1000) / row.cpuNs).toFixed(0),
      `x${(peer.cpuNs / row.cpuNs).toFixed(2)}${row !== peer && indistinct(peer, row) ? ' ?' : ''}`,
    ]);
    lines.push(...table(['way', 'CPU us', '(p10)', 'wall us', 'MB/s', 'against concat'], cells));
  }
  lines.push('', ...costLines(results), "'?': the spread is larger than the difference");
  return lines;
}

function walkLines(walks: readonly WalkRow[]): string[] {
  if (walks.length === 0) return [];
  const cells = walks.map((row) => [
    `${row.walk}, ${row.type}`,
    row.checks ? 'on' : 'off',
    row.nsPerSegment.toFixed(1),
    `x${row.ratio.toFixed(1)}`,
  ]);
  return ['', ...table(['walk, iterator type', 'checks', 'ns/segment', 'against the loop'], cells)];
}

/** What a request and a further segment cost on each side. */
function costLines(results: readonly Result[]): string[] {
  return costs(results).map(
    ({ way, request, segment }) =>
      `${way}: ${micro(request)} us a request, ${segment.toFixed(0)} ns a further segment (both lists)`,
  );
}

function costs(results: readonly Result[]): { way: string; request: number; segment: number }[] {
  const rowsOf = (id: string) => results.find(({ work }) => work.id === id)?.rows ?? [];
  const one = rowsOf('seg1');
  const many = rowsOf('seg64');
  return rowsOf('request').flatMap(({ way, cpuNs }) => {
    const a = one.find((row) => row.way === way);
    const b = many.find((row) => row.way === way);
    if (a === undefined || b === undefined) return [];
    return [{ way, request: cpuNs, segment: (b.cpuNs - a.cpuNs) / MORE_SEGMENTS }];
  });
}

function json(results: readonly Result[], rounds: number): Record<string, unknown> {
  return {
    schemaVersion: 1,
    environment: environment(),
    rounds,
    workloads: results.map(({ work, rows }) => ({
      id: work.id,
      what: work.what,
      alg: work.alg,
      bytes: work.bytes,
      ways: rows.map((row) => ({ ...row, againstConcat: rows[1].cpuNs / row.cpuNs })),
    })),
    costs: costs(results),
  };
}

function environment(): string {
  const load = loadavg()[0]?.toFixed(1);
  return `node ${process.versions.node}, ${cpus()[0]?.model ?? 'unknown processor'}, load ${load}`;
}

function micro(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(2);
}
