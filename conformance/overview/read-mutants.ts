/**
 * The result of `mutants --json` as a section: survivors, and who killed whom.
 * @module
 */
import { z } from 'zod';
import {
  counted,
  fact,
  faults,
  firstBlocks,
  grouped,
  type Matrix,
  type Section,
  said,
} from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();

const mutantsSchema = z.object({
  total: count,
  killed: count,
  killedByExpected: count,
  survivors: count,
  neverExecuted: count,
  broken: count,
  medianCasesToKill: count,
  interrupted: z.boolean(),
  durationMs: count,
  mutants: z.array(
    z.object({
      id: z.string(),
      class: z.string(),
      side: z.string(),
      effect: z.string(),
      expect: z.array(z.string()),
      outcome: z.string(),
      checks: z.array(z.string()),
      cases: count,
      detail: z.string(),
    }),
  ),
});

type Mutants = z.infer<typeof mutantsSchema>;
type Row = Mutants['mutants'][number];

function mutantsSection(result: Mutants, source: string): Section {
  const alive = result.mutants.filter((row) => !isKilled(row));
  return {
    title: 'Mutants',
    source,
    facts: [
      fact('mutants', result.total),
      fact('killed', result.killed, result.killed === result.total ? 'good' : 'plain'),
      fact('by a check that was expected', result.killedByExpected),
      faults('survived', result.survivors),
      faults('never executed', result.neverExecuted),
      faults('broken', result.broken),
      fact('cases to a kill, median', result.medianCasesToKill),
      fact('seconds', result.durationMs / 1000),
      ...(result.interrupted ? [fact('interrupted', 'figures up to then', 'bad')] : []),
    ],
    blocks: [
      ...firstBlocks(
        alive.map((row) => ({
          kind: 'verbatim' as const,
          title: `${row.outcome}: ${row.id} (${row.side})`,
          tone: 'bad' as const,
          lines: [row.effect, row.detail, `${row.cases} cases; expected ${row.expect.join(', ')}`],
        })),
      ),
      classMatrix(result.mutants),
      killMatrix(result.mutants),
    ],
    figures: {
      mutants: result.total,
      killed: result.killed,
      'cases to a kill, median': result.medianCasesToKill,
    },
  };
}

function isKilled({ outcome }: Row): boolean {
  return outcome === 'killed' || outcome === 'other';
}

function checksOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap(({ checks }) => checks))].sort();
}

function classMatrix(rows: readonly Row[]): Matrix {
  const checks = checksOf(rows);
  const classes = [...new Set(rows.map((row) => row.class))].sort();
  return {
    kind: 'matrix',
    title: 'Classes of bugs',
    note: 'Mutants of each class that a check saw; one mutant may be seen by several.',
    columns: ['mutants', 'killed', ...checks],
    rows: classes.map((label) => {
      const own = rows.filter((row) => row.class === label);
      const seen = checks.map((check) => own.filter((row) => row.checks.includes(check)).length);
      const killed = own.filter(isKilled).length;
      const tone = killed === own.length ? 'good' : 'bad';
      return {
        label,
        cells: [counted(own.length), counted(killed, tone), ...seen.map((n) => counted(n))],
      };
    }),
  };
}

/** One row for each mutant: `x` where a check fired, `o` where it was expected and did not. */
function killMatrix(rows: readonly Row[]): Matrix {
  const names = new Set([...checksOf(rows), ...rows.flatMap((row) => row.expect)]);
  const checks = [...names].sort();
  return {
    kind: 'matrix',
    title: 'Who was killed by whom',
    note: 'x: the check fired; o: it was one of those that were expected, and another one fired first.',
    // What a narrow window shows first is what the matrix is about.
    columns: [...checks, 'cases', 'outcome', 'side'],
    rows: rows.map((row) => ({
      label: row.id,
      cells: [
        ...checks.map((check) => {
          if (row.checks.includes(check)) return { text: 'x', value: 1, tone: 'plain' as const };
          return said(row.expect.includes(check) ? 'o' : '');
        }),
        said(grouped(row.cases)),
        said(row.outcome, isKilled(row) ? 'plain' : 'bad'),
        said(row.side),
      ],
    })),
  };
}

/** Reads results of `mutants`. */
export const mutantsReader: Reader = reader(
  'mutants',
  ['mutants', 'killedByExpected'],
  mutantsSchema,
  mutantsSection,
);
