/**
 * Figures are read off results as their names say, and every target names what exists.
 */
import { expect, test } from 'vitest';
import { BENCHES } from './catalogue.ts';
import { allRatios, benchesOf, figureOf, type Results, segmentNs, verdict } from './figures.ts';
import type { Row } from './measure.ts';
import { indistinct, summarise } from './statistics.ts';
import { TARGETS } from './targets.ts';

function row(way: string, kind: Row['kind'], cpuNs: number): Row {
  return {
    way,
    what: way,
    kind,
    cpuNs,
    cpuNsP10: cpuNs,
    cpuNsP90: cpuNs,
    wallNs: cpuNs,
    firstNs: cpuNs,
    heapBytes: 0,
    bufferBytes: 0,
    settled: true,
  };
}

function results(rows: Record<string, Row[]>): Results {
  return new Map(
    Object.entries(rows).map(([id, of]) => [
      id,
      { id, what: id, group: 'workload', bytes: 1, rows: of },
    ]),
  );
}

const PACKET = [
  row('raw', 'limit', 50),
  row('P1', 'peer', 80),
  row('P2', 'peer', 60),
  row('legacy-built', 'legacy', 120),
  row('legacy-kept', 'legacy', 90),
  row('converted-built', 'converted', 40),
  row('converted-kept', 'converted', 30),
  row('converted-batch', 'converted', 10),
];

test('ratios compare the fastest single way with the best peer, the limit and the old API in its shape', () => {
  expect(allRatios(results({ w1: PACKET }))).toEqual({
    w1: {
      ...{ way: 'converted-kept', bestPeer: 2, legacy: 3, rawNode: 50 / 30 },
      spread: {
        bestPeer: [expect.any(Number), expect.any(Number)],
        legacy: [expect.any(Number), expect.any(Number)],
        rawNode: [expect.any(Number), expect.any(Number)],
      },
    },
  });
});

test('the spread of a ratio is what the percentiles of both leave possible', () => {
  const old = { ...row('legacy-kept', 'legacy', 90), cpuNsP10: 80, cpuNsP90: 120 };
  const own = { ...row('converted-kept', 'converted', 30), cpuNsP10: 20, cpuNsP90: 40 };
  const { w1 } = allRatios(results({ w1: [old, own] }));
  expect(w1.spread).toEqual({ legacy: [2, 6], bestPeer: null, rawNode: null });
});

test('lists built per request are compared with scatterlists built per request', () => {
  const metric = { kind: 'ratio', bench: 'w1', way: 'converted-built', against: 'legacy' } as const;
  expect(figureOf(metric, results({ w1: PACKET }))).toBe(3);
});

test('a figure that was not measured is no figure, and its target is missed', () => {
  const metric = { kind: 'ratio', bench: 'w9', way: 'converted-kept', against: 'legacy' } as const;
  const target = { metric, bound: 'at least', value: 1 } as const;
  expect(verdict(target, [results({ w1: PACKET })])).toEqual({ best: undefined, met: false });
});

test('a further segment is the difference of 64 segments and 1', () => {
  const of = results({
    seg1: [row('converted-kept', 'converted', 1000)],
    seg64: [row('converted-kept', 'converted', 2260)],
  });
  expect(segmentNs(of, 'converted-kept')).toBe(20);
});

test('a target takes the best of its runs, in its direction', () => {
  const run = (cpuNs: number): Results =>
    results({ w1: [row('P1', 'peer', 100), row('converted-kept', 'converted', cpuNs)] });
  const metric = {
    kind: 'ratio',
    bench: 'w1',
    way: 'converted-kept',
    against: 'bestPeer',
  } as const;
  const runs = [run(100), run(40), run(50)];
  expect(verdict({ metric, bound: 'at least', value: 2.5 }, runs)).toEqual({
    best: 2.5,
    met: true,
  });
  expect(verdict({ metric, bound: 'at least', value: 2.6 }, runs).met).toBe(false);
  expect(verdict({ metric, bound: 'at most', value: 1 }, runs)).toEqual({ best: 1, met: true });
});

test('every target names benches and ways that are measured', () => {
  const missing = TARGETS.filter(({ metric }) => {
    const benches = benchesOf(metric).map((id) => BENCHES.find((bench) => bench.id === id));
    return benches.some(
      (bench) =>
        bench === undefined || ('way' in metric && !bench.jobs.some(({ id }) => id === metric.way)),
    );
  });
  expect(missing).toEqual([]);
  expect(TARGETS.length).toBeGreaterThan(15);
});

test('a median is the middle sample, and overlapping spreads are indistinct', () => {
  const of = (...cpu: number[]): ReturnType<typeof summarise> =>
    summarise(cpu.map((cpuNs) => ({ cpuNs, wallNs: cpuNs })));
  expect(of(3, 1, 2).cpuNs).toBe(2);
  expect(indistinct(of(1, 2, 9), of(1, 3, 9))).toBe(true);
  expect(indistinct(of(1, 1, 1), of(3, 3, 3))).toBe(false);
});
