/**
 * What a run says, as text and as JSON.
 * @module
 */
import { cpus, loadavg } from 'node:os';
import { table } from '../conformance/terminal/table.ts';
import { comparisonLines } from './comparison.ts';
import {
  allRatios,
  baseline,
  bestPeer,
  type Results,
  rowOf,
  segmentNs,
  verdict,
} from './figures.ts';
import { R_WAY } from './front-end.ts';
import type { Result, Row } from './measure.ts';
import type { SoakRow } from './soak.ts';
import { indistinct } from './statistics.ts';
import { type Metric, TARGETS } from './targets.ts';

/** Where and how it was measured. */
export function environment(rounds: number): string {
  const load = loadavg()[0]?.toFixed(1);
  const processor = cpus()[0]?.model ?? 'unknown processor';
  return `node ${process.versions.node}, ${processor}, load ${load}; ${rounds} rounds, each way in a process of its own; outputs equal`;
}

/** All of it: old against new first. */
export function text(results: Results, rounds: number): string[] {
  const all = [...results.values()];
  return [
    environment(rounds),
    ...headline(all),
    ...all.flatMap(linesOf),
    ...segmentLines(results),
    '',
    "CPU us a request, median; 'first' is each of the first 1,000; '?': the spread is larger than the difference",
  ];
}

/** The front door against other libraries. */
export function comparisonText(results: Results, rounds: number): string[] {
  return [environment(rounds), '', ...comparisonLines(results)];
}

/** @see module */
export function json(results: Results, rounds: number): Record<string, unknown> {
  return {
    schemaVersion: 2,
    environment: environment(rounds),
    rounds,
    ratios: allRatios(results),
    benches: [...results.values()],
    segmentNs: Object.fromEntries(
      segmentWays(results).map((way) => [way, segmentNs(results, way)]),
    ),
  };
}

/** Every target, its best value of all runs, and whether it is met. */
export function targetLines(runs: readonly Results[], rounds: number): string[] {
  let met = 0;
  const cells = TARGETS.map((target) => {
    const found = verdict(target, runs);
    if (found.met) met++;
    const sign = target.bound === 'at least' ? '>=' : '<=';
    const goal = target.goal === undefined ? '' : ` (goal ${target.goal})`;
    return [
      nameOf(target.metric),
      `${sign} ${target.value}${goal}`,
      found.best === undefined ? 'not measured' : found.best.toFixed(2),
      found.met ? 'met' : 'missed',
    ];
  });
  return [
    environment(rounds),
    `best of ${runs.length} runs`,
    '',
    ...table(['target', 'bound', 'value', ''], cells),
    '',
    `${met} met, ${TARGETS.length - met} missed`,
  ];
}

/** The same as data. */
export function targetJson(runs: readonly Results[], rounds: number): Record<string, unknown> {
  return {
    schemaVersion: 2,
    environment: environment(rounds),
    runs: runs.map(allRatios),
    targets: TARGETS.map((target) => ({ ...target, ...verdict(target, runs) })),
  };
}

/** What a soak found. */
export function soakLines(rows: readonly SoakRow[]): string[] {
  const cells = rows.map(({ engine, requests, differences, grownMib }) => [
    engine,
    String(requests),
    String(differences),
    grownMib.toFixed(1),
  ]);
  const wrong = rows.reduce((sum, { differences }) => sum + differences, 0);
  return [
    ...table(['engine', 'requests', 'differences', 'MiB more than after a fifth'], cells),
    '',
    `${rows.reduce((sum, { requests }) => sum + requests, 0) - wrong} passed, ${wrong} failed`,
  ];
}

/** The same as data. */
export function soakJson(rows: readonly SoakRow[]): Record<string, unknown> {
  return { schemaVersion: 2, soak: rows };
}

function nameOf(metric: Metric): string {
  switch (metric.kind) {
    case 'ratio':
      return `${metric.bench}: ${metric.way} against ${metric.against}`;
    case 'decrypt':
      return `${metric.bench}: ${metric.way}, decryption against encryption`;
    case 'front':
      return `${metric.bench}: ${metric.way}, in R`;
    case 'heap':
      return `${metric.bench}: ${metric.way}, heap bytes a request`;
    case 'segment':
      return `ns a further segment: ${metric.way}`;
    case 'walk':
      return `${metric.bench}: dearest type against a plain loop`;
  }
}

function linesOf(result: Result): string[] {
  if (result.group === 'walk') return walkLines(result);
  return result.group === 'front' ? frontLines(result) : workLines(result);
}

function frontLines(result: Result): string[] {
  const unit = rowOf(result, R_WAY);
  const cells = result.rows.map((row) => [
    row.what,
    row.cpuNs.toFixed(0),
    row.cpuNsP10.toFixed(0),
    row.heapBytes.toFixed(1),
    unit === undefined ? '' : (row.cpuNs / unit.cpuNs).toFixed(3),
  ]);
  const head = [`${result.id}: ${result.what}`, 'CPU ns', 'p10', 'heap B', 'R'];
  return ['', ...table(head, cells)];
}

/** The old API against the new one, in both shapes. */
function headline(all: readonly Result[]): string[] {
  const cells = all.flatMap((result) => {
    const shapes = ['built', 'kept'].flatMap((shape) => {
      const old = rowOf(result, `legacy-${shape}`);
      const own = rowOf(result, `converted-${shape}`);
      return old === undefined || own === undefined
        ? []
        : [micro(old.cpuNs), micro(own.cpuNs), times(old, own)];
    });
    return shapes.length === 6 ? [[`${result.id}: ${result.what}`, ...shapes]] : [];
  });
  if (cells.length === 0) return [];
  const head = ['old API against new', 'old, built', 'new', '', 'old, kept', 'new', ''];
  return ['', ...table(head, cells)];
}

function workLines(result: Result): string[] {
  const peer = bestPeer(result);
  const against = (row: Row, kind: 'bestPeer' | 'legacy' | 'rawNode'): string => {
    const other = baseline(result, row.way, kind);
    if (other === undefined || other === row) return '';
    if (kind === 'legacy' && row.kind !== 'converted') return '';
    return times(other, row);
  };
  const cells = result.rows.map((row) => [
    `${row.what}${row === peer ? ' *' : ''}`,
    micro(row.cpuNs),
    micro(row.cpuNsP10),
    micro(row.cpuNsP90),
    micro(row.wallNs),
    ((result.bytes * 1000) / row.cpuNs).toFixed(0),
    micro(row.firstNs),
    row.heapBytes.toFixed(0),
    row.bufferBytes.toFixed(0),
    against(row, 'bestPeer'),
    against(row, 'legacy'),
    against(row, 'rawNode'),
  ]);
  const head = [
    `${result.id} (* best peer)`,
    'CPU us',
    'p10',
    'p90',
    'wall',
    'MB/s',
    'first',
    'heap B',
    'buffer B',
    'peer',
    'old',
    'raw',
  ];
  return ['', result.what, ...table(head, cells), ...unsettled(result)];
}

function unsettled({ rows }: Result): string[] {
  return rows
    .filter(({ settled }) => !settled)
    .map(({ what }) => `  ${what}: samples never agreed within 5 %`);
}

function walkLines(result: Result): string[] {
  const plain = result.rows[0];
  const cells = result.rows.map((row) => [
    row.what,
    row.cpuNs.toFixed(2),
    row.cpuNsP10.toFixed(2),
    `x${(row.cpuNs / plain.cpuNs).toFixed(1)}`,
  ]);
  return ['', ...table([`${result.id}: ${result.what}`, 'ns/segment', 'p10', 'the loop'], cells)];
}

function segmentLines(results: Results): string[] {
  const cells = segmentWays(results).map((way) => [
    rowOf(results.get('seg1'), way)?.what ?? way,
    (segmentNs(results, way) ?? Number.NaN).toFixed(0),
  ]);
  return cells.length === 0 ? [] : ['', ...table(['a further segment, both lists', 'ns'], cells)];
}

function segmentWays(results: Results): string[] {
  if (!results.has('seg64')) return [];
  return results.get('seg1')?.rows.map(({ way }) => way) ?? [];
}

function times(old: Row, own: Row): string {
  return `x${(old.cpuNs / own.cpuNs).toFixed(2)}${indistinct(old, own) ? ' ?' : ''}`;
}

function micro(nanoseconds: number): string {
  return (nanoseconds / 1000).toFixed(nanoseconds < 1e6 ? 2 : 0);
}
