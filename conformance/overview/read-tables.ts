/**
 * Results that are one table: `compare`, `algorithms`, and the run of an exported suite.
 * @module
 */
import { z } from 'zod';
import {
  type Bars,
  type Block,
  counted,
  fact,
  faults,
  grouped,
  type Section,
  said,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();
const NS_PER_US = 1000;

const way = z.object({
  lines: count,
  allocations: count,
  entries: count,
  passes: count,
  bytesCopied: count,
  ns: count,
});

const compareSchema = z.object({
  scenarios: z.array(
    z.object({
      id: z.string(),
      who: z.string(),
      alg: z.string(),
      bytes: count,
      pieces: count,
      ways: z.record(z.string(), way),
    }),
  ),
  cannot: z.record(z.string(), z.array(z.string())),
});

const algorithmsSchema = z.object({
  algorithms: z.array(
    z.object({
      alg: z.string(),
      driver: z.string(),
      kind: z.string(),
      async: z.boolean(),
      priority: z.number(),
      legacy: z.boolean(),
      converted: z.boolean(),
      vectors: count,
      randomCases: count.nullable(),
    }),
  ),
});

const kunitSchema = z.object({
  cases: count,
  run: z.object({
    release: z.string(),
    origin: z.array(z.string()),
    passed: z.array(z.string()),
    failed: z.array(z.object({ name: z.string(), reasons: z.array(z.string()) })),
    skipped: z.array(z.string()),
  }),
});

type Scenario = z.infer<typeof compareSchema>['scenarios'][number];

function compareSection(
  { scenarios, cannot }: z.infer<typeof compareSchema>,
  source: string,
): Section {
  return {
    title: 'Scatterlists, iterators, library calls',
    source,
    facts: [fact('scenarios', scenarios.length)],
    blocks: [
      ...scenarios.flatMap(scenarioBlocks),
      ...Object.entries(cannot).map(
        ([name, lines]): Block => ({
          kind: 'prose',
          title: `What ${name} cannot express, or only so`,
          items: lines.map((text) => ({ lead: '', text })),
        }),
      ),
    ],
    figures: {},
  };
}

function scenarioBlocks({ id, who, alg, bytes, pieces, ways }: Scenario): Block[] {
  const note = `${who}: ${alg}, ${grouped(bytes)} bytes in ${grouped(pieces)} pieces`;
  const times: Bars = {
    kind: 'bars',
    title: `${id}: time of an operation`,
    note: 'The least of many, in this simulator: read ratios.',
    log: false,
    mark: null,
    items: Object.entries(ways).map(([label, { ns }]) => ({
      label,
      value: ns,
      low: null,
      high: null,
      text: `${grouped(ns / NS_PER_US)} us`,
    })),
  };
  return [
    {
      kind: 'matrix',
      title: id,
      note,
      columns: ['lines', 'allocations', 'entries', 'passes', 'bytes copied'],
      rows: Object.entries(ways).map(([label, row]) => ({
        label,
        cells: [row.lines, row.allocations, row.entries, row.passes, row.bytesCopied].map((n) =>
          counted(n),
        ),
      })),
    },
    times,
  ];
}

function algorithmsSection(
  { algorithms }: z.infer<typeof algorithmsSchema>,
  source: string,
): Section {
  const names = new Set(algorithms.map(({ alg }) => alg));
  const both = algorithms.filter(({ legacy, converted }) => legacy && converted);
  const whole = new Set(both.map(({ alg }) => alg));
  return {
    title: 'Algorithms',
    source,
    facts: [
      fact('algorithms on both sides', `${whole.size} of ${names.size}`),
      fact('drivers on both sides', `${both.length} of ${algorithms.length}`),
    ],
    blocks: [
      {
        kind: 'matrix',
        title: 'Drivers',
        note: 'Vectors are those of the algorithm; cases are random ones of conform without options.',
        columns: [
          'algorithm',
          'kind',
          'async',
          'priority',
          'legacy',
          'converted',
          'vectors',
          'cases',
        ],
        rows: algorithms.map((row) => ({
          label: row.driver,
          cells: [
            said(row.alg),
            said(row.kind),
            ...[row.async ? 'yes' : '-', String(row.priority)].map((text) => said(text)),
            ...[row.legacy, row.converted].map((has) => said(has ? 'yes' : '-')),
            counted(row.vectors),
            row.randomCases === null ? said('-') : counted(row.randomCases),
          ],
        })),
      },
    ],
    figures: { 'drivers on both sides': both.length },
  };
}

function kunitSection({ run, cases }: z.infer<typeof kunitSchema>, source: string): Section {
  const { release, origin, passed, failed, skipped } = run;
  return {
    title: `KUnit: Linux ${release}`,
    source,
    facts: [
      faults('failed', failed.length),
      fact('passed', passed.length),
      fact('skipped', skipped.length),
      fact('cases', cases),
      fact('how', origin.join('; ')),
    ],
    blocks: failed.map(({ name, reasons }) => ({
      kind: 'verbatim',
      title: name,
      tone: 'bad',
      lines: reasons,
    })),
    figures: { 'tests passed': passed.length, 'tests failed': failed.length },
  };
}

/** Reads results of `compare`, `algorithms` and `export kunit --run`. */
export const tableReaders: readonly Reader[] = [
  reader('compare', ['scenarios', 'cannot'], compareSchema, compareSection),
  reader('algorithms', ['algorithms', 'schemaVersion'], algorithmsSchema, algorithmsSection),
  reader('export kunit --run', ['run', 'folder'], kunitSchema, kunitSection),
];
