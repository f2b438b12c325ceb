/**
 * The result of `bench --json`, also with `--targets` or `--soak`, as a section.
 * @module
 */
import { z } from 'zod';
import {
  type Bars,
  type Block,
  type Curves,
  counted,
  fact,
  faults,
  grouped,
  type Matrix,
  type Section,
  said,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

/** Bytes of a piece where the number of pieces grows. */
const GROWN_PIECE = 64;
const positive = z.number().nonnegative();

const benchSchema = z.object({
  environment: z.string(),
  rounds: z.number(),
  ratios: z.record(
    z.string(),
    z.looseObject({
      spread: z.record(z.string(), z.tuple([positive, positive]).nullable()).optional(),
    }),
  ),
  benches: z.array(
    z.object({
      id: z.string(),
      what: z.string(),
      group: z.string(),
      bytes: positive,
      rows: z.array(
        z.object({
          way: z.string(),
          what: z.string(),
          cpuNs: positive,
          cpuNsP10: positive,
          cpuNsP90: positive,
        }),
      ),
    }),
  ),
  interrupted: z.boolean().optional(),
});

const targetsSchema = z.object({
  environment: z.string(),
  targets: z.array(
    z.object({
      metric: z.record(z.string(), z.unknown()),
      bound: z.string(),
      value: z.number(),
      best: z.number().optional(),
      met: z.boolean(),
    }),
  ),
});

const soakSchema = z.object({
  soak: z.array(
    z.object({
      engine: z.string(),
      requests: positive,
      differences: positive,
      grownMib: z.number(),
    }),
  ),
});

type Bench = z.infer<typeof benchSchema>;

function benchSection(result: Bench, source: string): Section {
  const ratios = ['legacy', 'bestPeer', 'rawNode'].flatMap((against) => ratioBars(result, against));
  return {
    title: 'Bench',
    source,
    facts: [
      fact('benches', result.benches.length),
      fact('rounds', result.rounds),
      fact('where', result.environment),
      ...(result.interrupted === true ? [fact('interrupted', 'figures up to then', 'bad')] : []),
    ],
    blocks: [
      ...ratios,
      ...growthCurves(result),
      ...result.benches.filter(({ group }) => group !== 'growth').map(benchBars),
    ],
    figures: Object.fromEntries(
      Object.entries(result.ratios).flatMap(([id, row]) => {
        const value = numberOf(row, 'legacy');
        return value === null ? [] : [[`${id}: times as fast as legacy`, value]];
      }),
    ),
  };
}

/** How many times as fast the converted API is. */
function ratioBars({ ratios }: Bench, against: string): Bars[] {
  const items = Object.entries(ratios).flatMap(([label, row]) => {
    const value = numberOf(row, against);
    if (value === null) return [];
    const [low, high] = row.spread?.[against] ?? [null, null];
    const spread = low === null ? '' : ` (${grouped(low)} to ${grouped(high ?? low)})`;
    return [{ label, value, low, high, text: `${grouped(value)} times${spread}` }];
  });
  if (items.length === 0) return [];
  const other: Readonly<Record<string, string>> = {
    legacy: 'the scatterlist API',
    bestPeer: 'the best that one would do otherwise',
    rawNode: 'raw node:crypto on contiguous bytes',
  };
  return [
    {
      kind: 'bars',
      title: `The converted API against ${other[against] ?? against}`,
      note: 'Times as fast, of processor time, with what the percentiles leave possible; the line is 1, equally fast. The scale is logarithmic.',
      log: true,
      mark: 1,
      items,
    },
  ];
}

/** How the cost grows with pieces, and with bytes. The name of such a bench is `pieces x bytes`. */
function growthCurves({ benches }: Bench): Curves[] {
  const sizes = benches.flatMap(({ id, group, rows }) => {
    const [, pieces = '', bytes = ''] = /^(\d+) x (\d+)$/.exec(id) ?? [];
    return group === 'growth' && pieces !== ''
      ? [{ pieces: Number(pieces), bytes: Number(bytes), rows }]
      : [];
  });
  const small = sizes.filter(({ bytes }) => bytes === GROWN_PIECE);
  const large = sizes.filter(({ bytes }) => bytes !== GROWN_PIECE);
  return [
    curvesOf(`Growth with pieces of ${GROWN_PIECE} bytes`, 'pieces', small, (one) => one.pieces),
    curvesOf('Growth with bytes', 'bytes', large, (one) => one.pieces * one.bytes),
  ].filter(({ series }) => series.length > 0);
}

interface Grown {
  readonly pieces: number;
  readonly bytes: number;
  readonly rows: Bench['benches'][number]['rows'];
}

function curvesOf(
  title: string,
  x: string,
  sizes: readonly Grown[],
  place: (size: Grown) => number,
): Curves {
  const ways = new Map(sizes.flatMap(({ rows }) => rows.map(({ way, what }) => [way, what])));
  const micro = (ns: number): number => ns / 1000;
  const series = [...ways].map(([way, label]) => ({
    label,
    points: sizes.flatMap((size) => {
      const row = size.rows.find((one) => one.way === way);
      if (row === undefined) return [];
      const { cpuNs, cpuNsP10, cpuNsP90 } = row;
      return [{ x: place(size), y: micro(cpuNs), low: micro(cpuNsP10), high: micro(cpuNsP90) }];
    }),
  }));
  const note =
    'Processor time of a request, median, with the tenth and the ninetieth percentile. Both scales are logarithmic.';
  return { kind: 'curves', title, note, x, y: 'CPU us a request', log: true, series };
}

function benchBars({ id, what, rows }: Bench['benches'][number]): Bars {
  return {
    kind: 'bars',
    title: `${id}: ${what}`,
    note: 'Processor time of a request, median, with the tenth and the ninetieth percentile. The scale is logarithmic.',
    log: true,
    mark: null,
    items: rows.map(({ way, what: label, cpuNs, cpuNsP10, cpuNsP90 }) => ({
      label: `${way}: ${label}`,
      value: cpuNs,
      low: cpuNsP10,
      high: cpuNsP90,
      text: `${time(cpuNs)} (${time(cpuNsP10)} to ${time(cpuNsP90)})`,
    })),
  };
}

/** The result of `bench --targets`. */
function targetsSection(
  { environment, targets }: z.infer<typeof targetsSchema>,
  source: string,
): Section {
  const met = targets.filter((target) => target.met).length;
  const matrix: Matrix = {
    kind: 'matrix',
    title: 'Targets',
    note: 'The best of all runs.',
    columns: ['bound', 'value', ''],
    rows: targets.map((target) => ({
      label: Object.values(target.metric).map(String).join(' '),
      cells: [
        said(`${target.bound} ${target.value}`),
        said(target.best === undefined ? 'not measured' : grouped(target.best)),
        said(target.met ? 'met' : 'missed', target.met ? 'good' : 'bad'),
      ],
    })),
  };
  return {
    title: 'Targets of the bench',
    source,
    facts: [fact('met', met), faults('missed', targets.length - met), fact('where', environment)],
    blocks: [matrix],
    figures: { 'targets met': met },
  };
}

/** The result of `bench --soak`. */
function soakSection({ soak }: z.infer<typeof soakSchema>, source: string): Section {
  const sum = (of: (row: (typeof soak)[number]) => number): number =>
    soak.reduce((all, row) => all + of(row), 0);
  const blocks: Block[] = [
    {
      kind: 'matrix',
      title: 'Engines',
      note: 'Each request against one-shot node:crypto.',
      columns: ['requests', 'differences', 'MiB more than after a fifth'],
      rows: soak.map(({ engine, requests, differences, grownMib }) => ({
        label: engine,
        cells: [
          counted(requests),
          counted(differences, differences === 0 ? 'plain' : 'bad'),
          said(grouped(grownMib)),
        ],
      })),
    },
  ];
  const requests = sum((row) => row.requests);
  const facts = [
    fact('requests', requests),
    faults(
      'differences',
      sum((row) => row.differences),
    ),
  ];
  return { title: 'Soak', source, facts, blocks, figures: { requests } };
}

function numberOf(row: Readonly<Record<string, unknown>>, key: string): number | null {
  const value = row[key];
  return typeof value === 'number' && value > 0 ? value : null;
}

function time(ns: number): string {
  if (ns >= 1e6) return `${grouped(ns / 1e6)} ms`;
  return ns >= 1e3 ? `${grouped(ns / 1e3)} us` : `${grouped(ns)} ns`;
}

/** Reads results of `bench`. */
export const benchReader: Reader = reader(
  'bench',
  ['benches', 'ratios'],
  benchSchema,
  benchSection,
);

/** Reads results of `bench --targets`. */
export const targetsReader: Reader = reader(
  'bench --targets',
  ['targets', 'runs'],
  targetsSchema,
  targetsSection,
);

/** Reads results of `bench --soak`. */
export const soakReader: Reader = reader('bench --soak', ['soak'], soakSchema, soakSection);
