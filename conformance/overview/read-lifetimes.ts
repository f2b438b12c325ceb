/**
 * The result of `lifetimes --json` as a section.
 * @module
 */
import { z } from 'zod';
import { type Cell, fact, faults, type Matrix, type Section, said } from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();

const lifetimesSchema = z.object({
  seed: z.number(),
  runs: count,
  cells: z.array(
    z.object({
      bug: z.string(),
      description: z.string(),
      representation: z.string(),
      path: z.string(),
      build: z.string(),
      runs: count,
      caught: count,
      harnessOnly: count,
      detector: z.string().nullable(),
    }),
  ),
  verdicts: z.array(z.object({ bug: z.string(), representation: z.string(), caught: z.boolean() })),
  falseAlarms: z.array(z.string()),
  notes: z.array(z.string()),
});

type Lifetimes = z.infer<typeof lifetimesSchema>;

function lifetimesSection(result: Lifetimes, source: string): Section {
  const { verdicts, falseAlarms, notes } = result;
  const representations = [...new Set(verdicts.map((v) => v.representation))];
  const bugs = new Set(verdicts.map((v) => v.bug)).size;
  const caught = (name: string): number =>
    verdicts.filter((v) => v.representation === name && v.caught).length;
  const paths = [...new Set(result.cells.map((cell) => cell.path))];
  return {
    title: `Lifetimes, seed ${result.seed}`,
    source,
    facts: [
      fact('bugs', bugs),
      ...representations.map((name) => fact(`caught with ${name}`, caught(name))),
      faults('false alarms', falseAlarms.length),
      fact('runs of each', result.runs),
    ],
    blocks: [
      ...(falseAlarms.length === 0
        ? []
        : [
            {
              kind: 'verbatim' as const,
              title: 'False alarms',
              tone: 'bad' as const,
              lines: falseAlarms,
            },
          ]),
      ...paths.map((path) => pathMatrix(result, path)),
      { kind: 'verbatim', title: 'Notes', tone: 'plain', lines: notes },
    ],
    figures: Object.fromEntries(representations.map((name) => [`caught: ${name}`, caught(name)])),
  };
}

function pathMatrix({ cells }: Lifetimes, path: string): Matrix {
  const own = cells.filter((cell) => cell.path === path);
  const names = (of: (cell: (typeof own)[number]) => string): string[] => [...new Set(own.map(of))];
  const columns = names((cell) => `${cell.representation}, ${cell.build}`);
  return {
    kind: 'matrix',
    title: path === 'dma' ? 'A device works on the memory' : 'The processor works on the memory',
    note: 'Who noticed the bug, by representation and build.',
    columns,
    rows: names((cell) => cell.bug).map((label) => ({
      label,
      cells: columns.map((column) =>
        cellOf(
          own.find(
            (cell) => cell.bug === label && `${cell.representation}, ${cell.build}` === column,
          ),
        ),
      ),
    })),
  };
}

function cellOf(cell: Lifetimes['cells'][number] | undefined): Cell {
  if (cell === undefined) return said('-');
  const { caught, runs, detector, harnessOnly } = cell;
  if (caught === 0) return said(harnessOnly > 0 ? 'the harness only' : 'missed', 'bad');
  const text = caught === runs ? String(detector) : `${detector}, ${caught} of ${runs}`;
  return { text, value: caught, tone: 'good' };
}

/** Reads results of `lifetimes`. */
export const lifetimesReader: Reader = reader(
  'lifetimes',
  ['verdicts', 'falseAlarms'],
  lifetimesSchema,
  lifetimesSection,
);
