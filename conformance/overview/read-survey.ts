/**
 * The result of `survey --json` as a section: where the work is, and in which order.
 * @module
 */
import { z } from 'zod';
import { type Bars, counted, fact, grouped, type Matrix, type Section, said } from './model.ts';
import { type Reader, reader } from './reader.ts';

const count = z.number().nonnegative();

const surveySchema = z.object({
  tree: z.object({ version: z.string() }),
  totals: z.record(z.string(), count),
  files: z.array(
    z.object({
      path: z.string(),
      role: z.string(),
      mode: z.string(),
      handling: z.string(),
      touches: z.boolean(),
      sites: count,
      hours: count,
      wave: z.number().nullable(),
      flags: z.array(z.string()),
    }),
  ),
  hazards: z.array(
    z.object({ path: z.string(), line: z.number(), flag: z.string(), what: z.string() }),
  ),
  limits: z.array(z.string()),
});

type Survey = z.infer<typeof surveySchema>;
type File = Survey['files'][number];

/** Files that are named one by one. */
const LISTED = 300;

function surveySection(result: Survey, source: string): Section {
  const { totals, limits } = result;
  const files = result.files.filter((file) => file.touches).sort((a, b) => b.hours - a.hours);
  const { sites = 0, hours = 0 } = totals;
  return {
    title: `Survey: Linux ${result.tree.version}`,
    source,
    facts: Object.entries(totals).map(([label, n]) => fact(words(label), n)),
    blocks: [
      hoursBars('Hours by role', files, (file) => file.role),
      hoursBars('Hours by what is done with lists', files, (file) => file.handling),
      hoursBars('Hours by mode', files, (file) => file.mode),
      hoursBars('Hours by wave', files, (file) => `wave ${file.wave ?? 'none'}`),
      hazardMatrix(result),
      fileMatrix(files),
      { kind: 'verbatim', title: 'What the survey cannot see', tone: 'plain', lines: limits },
    ],
    figures: { 'sites left': sites, 'hours left': hours, 'files left': files.length },
  };
}

function hoursBars(title: string, files: readonly File[], of: (file: File) => string): Bars {
  const sums = new Map<string, { hours: number; files: number }>();
  for (const file of files) {
    const sum = sums.get(of(file)) ?? { hours: 0, files: 0 };
    sums.set(of(file), { hours: sum.hours + file.hours, files: sum.files + 1 });
  }
  const items = [...sums].map(([label, sum]) => ({
    label,
    value: sum.hours,
    low: null,
    high: null,
    text: `${grouped(Math.round(sum.hours))} hours, ${grouped(sum.files)} files`,
  }));
  items.sort((a, b) =>
    title.endsWith('wave') ? a.label.localeCompare(b.label) : b.value - a.value,
  );
  return { kind: 'bars', title, note: '', log: false, mark: null, items };
}

function hazardMatrix({ hazards }: Survey): Matrix {
  const flags = [...new Set(hazards.map(({ flag }) => flag))].sort();
  return {
    kind: 'matrix',
    title: 'Hazards',
    note: 'Places where a conversion goes wrong, and the first of each.',
    columns: ['places', 'files', 'first'],
    rows: flags.map((label) => {
      const own = hazards.filter(({ flag }) => flag === label);
      const [first] = own;
      return {
        label,
        cells: [
          counted(own.length),
          counted(new Set(own.map(({ path }) => path)).size),
          said(`${first.path}:${first.line}`),
        ],
      };
    }),
  };
}

function fileMatrix(files: readonly File[]): Matrix {
  const more = files.length - LISTED;
  return {
    kind: 'matrix',
    title: 'Files',
    note: more > 0 ? `The ${LISTED} with the most hours; ${grouped(more)} more have less.` : '',
    columns: ['role', 'lists', 'mode', 'wave', 'sites', 'hours', 'hazards'],
    rows: files.slice(0, LISTED).map((file) => ({
      label: file.path,
      cells: [
        said(file.role),
        said(file.handling),
        said(file.mode),
        said(String(file.wave ?? '-')),
        counted(file.sites),
        counted(Math.round(file.hours)),
        said(file.flags.join(', ') || '-'),
      ],
    })),
  };
}

/** `asyncByEvidence` as words. */
function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** Reads results of `survey`. */
export const surveyReader: Reader = reader(
  'survey',
  ['tree', 'files', 'hazards'],
  surveySchema,
  surveySection,
);
