/**
 * The results of `vectors --json`: committed answers, a folder of collections, the table of a kernel.
 * @module
 */
import { z } from 'zod';
import {
  type Block,
  type Cell,
  counted,
  fact,
  faults,
  grouped,
  type Matrix,
  type Section,
  said,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();
const counts = z.object({ passed: count, failed: count });
const total = counts.extend({ skipped: count });
const sides = z.array(counts.extend({ side: z.string(), absent: z.record(z.string(), count) }));
const about = { interrupted: z.boolean(), layouts: count, total, sides };

const committedSchema = z.object({
  ...about,
  sources: z.array(total.extend({ source: z.string(), vectors: count, runs: count })),
  failures: z.array(z.string()),
});

const foreignSchema = z.object({
  ...about,
  files: z.array(
    counts.extend({
      path: z.string(),
      format: z.string(),
      alg: z.string(),
      tests: count,
      omitted: z.record(z.string(), count),
    }),
  ),
  flags: z.array(counts.extend({ flag: z.string(), vectors: count })),
  failures: z.array(z.string()),
});

const offer = counts.extend({ offered: z.boolean(), failures: z.array(z.string()) });
const SIDES = ['legacy', 'converted', 'lib'] as const;

const testmgrSchema = z.object({
  interrupted: z.boolean(),
  layouts: count,
  names: z.object({ total: count, legacy: count, converted: count, lib: count }),
  vectors: z.object({ total: count, legacy: counts, converted: counts, lib: counts }),
  byTest: z.record(z.string(), z.unknown()),
  rows: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      vectors: count,
      legacy: offer,
      converted: offer,
      lib: offer,
      reason: z.string(),
    }),
  ),
});

type Committed = z.infer<typeof committedSchema>;
type Foreign = z.infer<typeof foreignSchema>;
type Testmgr = z.infer<typeof testmgrSchema>;

function failed(n: number): Cell {
  return counted(n, n === 0 ? 'plain' : 'bad');
}

/** What all results of collections say. */
function commonFacts(
  sum: Committed['total'],
  { layouts, interrupted }: Pick<Committed, 'layouts' | 'interrupted'>,
): Section['facts'] {
  return [
    faults('failed', sum.failed),
    fact('passed', sum.passed),
    fact('skipped', sum.skipped),
    fact('layouts of each', layouts === 0 ? 'none, a program was asked' : grouped(layouts)),
    ...(interrupted ? [fact('interrupted', 'figures up to then', 'bad')] : []),
  ];
}

function failureBlocks(lines: readonly string[]): Block[] {
  return lines.length === 0 ? [] : [{ kind: 'verbatim', title: 'Failures', tone: 'bad', lines }];
}

/** Sides, and vectors that they did not do with the reason. */
function sideMatrix(rows: Committed['sides']): Matrix {
  return {
    kind: 'matrix',
    title: 'Sides',
    note: 'Vectors that a side does not do are not compared there.',
    columns: ['passed', 'failed', 'not compared'],
    rows: rows.map(({ side, passed, failed: bad, absent }) => ({
      label: side,
      cells: [
        counted(passed),
        failed(bad),
        said(
          Object.entries(absent)
            .map(([reason, n]) => `${grouped(n)}: ${reason}`)
            .join('; ') || '-',
        ),
      ],
    })),
  };
}

function committedSection(result: Committed, source: string): Section {
  const { sources, failures } = result;
  return {
    title: 'Known answers',
    source,
    facts: commonFacts(result.total, result),
    blocks: [
      ...failureBlocks(failures),
      {
        kind: 'matrix',
        title: 'Sources',
        note: '',
        columns: ['vectors', 'operations', 'passed', 'failed', 'skipped'],
        rows: sources.map((row) => ({
          label: row.source,
          cells: [
            counted(row.vectors),
            counted(row.runs),
            counted(row.passed),
            failed(row.failed),
            counted(row.skipped),
          ],
        })),
      },
      sideMatrix(result.sides),
    ],
    figures: { 'vectors passed': result.total.passed, 'vectors failed': result.total.failed },
  };
}

function foreignSection(result: Foreign, source: string): Section {
  const { files, flags, failures } = result;
  return {
    title: 'Known answers of collections',
    source,
    facts: [fact('files', files.length), ...commonFacts(result.total, result)],
    blocks: [
      ...failureBlocks(failures),
      {
        kind: 'matrix',
        title: 'Flags',
        note: 'A vector with several flags counts under each.',
        columns: ['vectors', 'passed', 'failed'],
        rows: flags.map((row) => ({
          label: row.flag,
          cells: [counted(row.vectors), counted(row.passed), failed(row.failed)],
        })),
      },
      {
        kind: 'matrix',
        title: 'Files',
        note: '',
        columns: ['format', 'algorithm', 'tests', 'passed', 'failed', 'not run'],
        rows: files.map((row) => ({
          label: row.path,
          cells: [
            said(row.format),
            said(row.alg),
            counted(row.tests),
            counted(row.passed),
            failed(row.failed),
            said(
              Object.entries(row.omitted)
                .map(([reason, n]) => `${grouped(n)}: ${reason}`)
                .join('; ') || '-',
            ),
          ],
        })),
      },
      sideMatrix(result.sides),
    ],
    figures: { 'vectors passed': result.total.passed, 'vectors failed': result.total.failed },
  };
}

function testmgrSection(result: Testmgr, source: string): Section {
  const { names, vectors, rows, layouts, interrupted } = result;
  const lines = rows.flatMap((row) =>
    SIDES.flatMap((side) => row[side].failures.map((line) => `${side}: ${row.name}: ${line}`)),
  );
  const cell = ({ offered, passed, failed: bad }: z.infer<typeof offer>): Cell => {
    if (!offered) return said('-');
    return bad > 0
      ? said(`${grouped(bad)} failed`, 'bad')
      : { ...counted(passed), text: grouped(passed) };
  };
  return {
    title: "The kernel's own test table",
    source,
    facts: [
      ...SIDES.map((side) => faults(`${side}: vectors failed`, vectors[side].failed)),
      ...SIDES.map((side) => fact(`${side}: vectors passed`, vectors[side].passed)),
      ...SIDES.map((side) => fact(`${side}: names`, `${names[side]} of ${names.total}`)),
      fact('vectors', vectors.total),
      fact('layouts of each', layouts),
      ...(interrupted ? [fact('interrupted', 'figures up to then', 'bad')] : []),
    ],
    blocks: [
      ...failureBlocks(lines),
      {
        kind: 'matrix',
        title: 'Names',
        note: 'Vectors that passed. A dash: the side does not offer the name.',
        columns: ['test', 'vectors', ...SIDES, 'why not'],
        rows: rows.map((row) => ({
          label: row.name,
          cells: [
            said(row.kind),
            counted(row.vectors),
            ...SIDES.map((side) => cell(row[side])),
            said(row.reason || '-'),
          ],
        })),
      },
    ],
    figures: { 'names on both APIs': Math.min(names.legacy, names.converted) },
  };
}

/** Reads results of `vectors`, of its three kinds. */
export const vectorReaders: readonly Reader[] = [
  reader('vectors', ['sources', 'sides', 'failures'], committedSchema, committedSection),
  reader('vectors --dir', ['flags', 'sides', 'failures'], foreignSchema, foreignSection),
  reader('vectors --testmgr', ['names', 'byTest', 'rows'], testmgrSchema, testmgrSection),
];
