/**
 * Figures that follow from measured benches: ratios, the cost of a segment, what a target asks for.
 * @module
 */
import { R_WAY } from './front-end.ts';
import type { Result, Row } from './measure.ts';
import type { Against, Metric, Target } from './targets.ts';

/** Segments that `seg64` has more than `seg1`, on each side. */
const MORE_SEGMENTS = 63;

/** How many times faster one way of the new API is; null where nothing of the kind was measured. */
export interface Ratios {
  readonly way: string;
  readonly bestPeer: number | null;
  readonly legacy: number | null;
  readonly rawNode: number | null;
  /** Least and most that each of them can be, by the tenth and ninetieth percentiles. */
  readonly spread: Readonly<Record<Against, readonly [low: number, high: number] | null>>;
}

/** Results by the id of the bench. */
export type Results = ReadonlyMap<string, Result>;

/** The fastest way of a user without this library. */
export function bestPeer({ rows }: Result): Row | undefined {
  return fastest(rows.filter(({ kind }) => kind === 'peer'));
}

/** The row that a ratio is taken against, for one way. */
export function baseline(result: Result, way: string, against: Against): Row | undefined {
  if (against === 'bestPeer') return bestPeer(result);
  if (against === 'rawNode') return result.rows.find(({ kind }) => kind === 'limit');
  // Like with like: lists built for every request, or kept.
  const shape = way.endsWith('-built') ? 'legacy-built' : 'legacy-kept';
  return rowOf(result, shape);
}

/** How many times faster `way` is. */
export function ratio(result: Result, way: string, against: Against): number | undefined {
  const own = rowOf(result, way);
  const other = baseline(result, way, against);
  return own === undefined || other === undefined ? undefined : other.cpuNs / own.cpuNs;
}

function spreadOf(result: Result, way: string, against: Against): [number, number] | null {
  const own = rowOf(result, way);
  const other = baseline(result, way, against);
  if (own === undefined || other === undefined) return null;
  return [other.cpuNsP10 / own.cpuNsP90, other.cpuNsP90 / own.cpuNsP10];
}

/** Ratios of every workload, for the fastest single way of the new API. */
export function allRatios(results: Results): Record<string, Ratios> {
  const found: [string, Ratios][] = [];
  for (const result of results.values()) {
    const best = fastest(
      result.rows.filter(({ kind, way }) => kind === 'converted' && !way.endsWith('-batch')),
    );
    if (result.group !== 'workload' || best === undefined) continue;
    const { way } = best;
    found.push([
      result.id,
      {
        way,
        bestPeer: ratio(result, way, 'bestPeer') ?? null,
        legacy: ratio(result, way, 'legacy') ?? null,
        rawNode: ratio(result, way, 'rawNode') ?? null,
        spread: {
          bestPeer: spreadOf(result, way, 'bestPeer'),
          legacy: spreadOf(result, way, 'legacy'),
          rawNode: spreadOf(result, way, 'rawNode'),
        },
      },
    ]);
  }
  return Object.fromEntries(found);
}

/** Nanoseconds that a further segment on both lists costs one way. */
export function segmentNs(results: Results, way: string): number | undefined {
  const one = rowOf(results.get('seg1'), way);
  const many = rowOf(results.get('seg64'), way);
  if (one === undefined || many === undefined) return undefined;
  return (many.cpuNs - one.cpuNs) / MORE_SEGMENTS;
}

/** The value of a metric in one set of results. */
export function figureOf(metric: Metric, results: Results): number | undefined {
  switch (metric.kind) {
    case 'ratio': {
      const result = results.get(metric.bench);
      return result === undefined ? undefined : ratio(result, metric.way, metric.against);
    }
    case 'decrypt': {
      const one = rowOf(results.get(metric.bench), metric.way);
      const other = rowOf(results.get(`${metric.bench}-decrypt`), metric.way);
      return one === undefined || other === undefined ? undefined : other.cpuNs / one.cpuNs;
    }
    case 'front': {
      const unit = rowOf(results.get(metric.bench), R_WAY);
      const own = rowOf(results.get(metric.bench), metric.way);
      return unit === undefined || own === undefined ? undefined : own.cpuNs / unit.cpuNs;
    }
    case 'heap':
      return rowOf(results.get(metric.bench), metric.way)?.heapBytes;
    case 'segment':
      return segmentNs(results, metric.way);
    case 'walk': {
      const rows = results.get(metric.bench)?.rows ?? [];
      const plain = rows.find(({ kind }) => kind === 'plain');
      if (plain === undefined || rows.length < 2) return undefined;
      return Math.max(...rows.map(({ cpuNs }) => cpuNs / plain.cpuNs));
    }
  }
}

/** Benches that a target needs. */
export function benchesOf({ kind, ...metric }: Metric): string[] {
  if (kind === 'segment') return ['seg1', 'seg64'];
  const bench = 'bench' in metric ? metric.bench : '';
  return kind === 'decrypt' ? [bench, `${bench}-decrypt`] : [bench];
}

/** The best of several runs, and whether it is good enough. */
export function verdict(
  { metric, bound, value }: Target,
  runs: readonly Results[],
): { readonly best: number | undefined; readonly met: boolean } {
  const values = runs.flatMap((results) => figureOf(metric, results) ?? []);
  if (values.length === 0) return { best: undefined, met: false };
  const best = bound === 'at least' ? Math.max(...values) : Math.min(...values);
  return { best, met: bound === 'at least' ? best >= value : best <= value };
}

export function rowOf(result: Result | undefined, way: string): Row | undefined {
  return result?.rows.find((row) => row.way === way);
}

function fastest(rows: readonly Row[]): Row | undefined {
  return [...rows].sort((a, b) => a.cpuNs - b.cpuNs)[0];
}
