/** `survey diff` as text: files, sums by role and subsystem, and every site that changed. */
import type { CensusDiff, FileDiff } from '../compare/diff.ts';
import type { Outcome } from '../compare/outcome.ts';
import { renderTable } from './table.ts';

/** The columns of what became of sites, in the order of every table. */
const FATES: readonly (readonly [string, (f: FileDiff) => number])[] = [
  ['converted', (f) => goneAs(f, 'converted')],
  ['rewritten', (f) => goneAs(f, 'rewritten')],
  ['dropped', (f) => goneAs(f, 'dropped')],
  ['removed', (f) => goneAs(f, 'removed')],
  ['left', (f) => goneAs(f, 'left')],
  ['moved', (f) => f.sitesMoved.length],
  ['new', (f) => f.sitesNew.length],
];

/** One line per column, below the tables. */
const LEGEND = [
  'converted: the function has won calls that take no list, and none with one',
  'rewritten: the function has won other calls with lists',
  'dropped: the function is still there, and has won nothing known',
  'removed: the function or the file is gone',
  'left: the file is not in the newer report; --tree tells which calls it still has',
  'moved: the same call on another line, in another function or in another file',
];

function goneAs(file: FileDiff, outcome: Outcome): number {
  return file.sitesGone.filter((s) => s.outcome === outcome).length;
}

/** The comparison as text. */
export function renderDiff(diff: CensusDiff): string {
  const head = `${diff.from} -> ${diff.to}`;
  if (diff.files.length === 0) return `${head}\nno difference\n`;
  const rows = diff.files.map((f) => [
    f.renamedFrom === null ? f.path : `${f.renamedFrom} => ${f.path}`,
    ...FATES.map(([, count]) => count(f)),
    f.hazardsGone.length,
    f.hazardsNew.length,
    (f.hoursAfter - f.hoursBefore).toFixed(1),
  ]);
  const header = ['file', ...FATES.map(([name]) => name), 'hazards gone', 'hazards new', 'hours'];
  return `${[
    head,
    renderTable(header, rows),
    sums('role', diff, (f) => f.role),
    sums('subsystem', diff, (f) => f.section),
    LEGEND.join('\n'),
    diff.files.flatMap(detail).join('\n'),
  ].join('\n\n')}\n`;
}

function sums(title: string, diff: CensusDiff, key: (f: FileDiff) => string): string {
  const keys = [...new Set(diff.files.map(key))];
  const rows = keys.map((name) => {
    const files = diff.files.filter((f) => key(f) === name);
    return [name, ...FATES.map(([, count]) => files.reduce((sum, f) => sum + count(f), 0))];
  });
  const all = FATES.map(([, count]) => diff.files.reduce((sum, f) => sum + count(f), 0));
  return renderTable([title, ...FATES.map(([name]) => name)], [...rows, ['all', ...all]]);
}

function detail(file: FileDiff): string[] {
  const lines = [
    ...file.sitesGone.map((s) => {
      const by = s.by.length > 0 ? ` (${s.by.join(', ')})` : '';
      return `  - ${s.fn}: ${s.name}, ${s.outcome}${by}`;
    }),
    ...file.sitesMoved
      .filter(
        ({ from, to }) =>
          from.fn !== to.fn || (from.path !== to.path && from.path !== file.renamedFrom),
      )
      .map(({ from, to }) => `  > ${to.fn}: ${to.name}, from ${from.path} ${from.fn}`),
    ...file.sitesNew.map((s) => `  + ${s.fn}: ${s.name}`),
    ...file.hazardsGone.map((h) => `  - ${h.fn}: hazard ${h.flag}`),
    ...file.hazardsNew.map((h) => `  + ${h.fn}: hazard ${h.flag}`),
  ];
  return lines.length === 0 ? [] : [file.path, ...lines];
}
