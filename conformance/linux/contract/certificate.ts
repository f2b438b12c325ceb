/**
 * The certificate as text.
 * @module
 */

import { verdictLine } from '../../terminal/colour.ts';
import { table } from '../../terminal/table.ts';
import { type Certificate, isClean } from '../run.ts';
import type { TextResult } from '../text/result.ts';
import { type CaseCounts, type Comparison, type Finding, type Shares, sharesOf } from './tally.ts';

const SHOWN = 5;
const WIDTH = 300;
const COLUMNS = 80;
const INDENT = 2;

function headline(c: Certificate): string[] {
  const lines = [
    c.mode === 'golden'
      ? `golden data of Linux ${c.release}; no kernel was run`
      : `certified on Linux ${c.release} (${c.kernel}${c.mode === 'afalg' ? ', AF_ALG' : ''})`,
  ];
  if (c.mode !== 'golden') for (const origin of c.origin) lines.push(`  from ${origin}`);
  const rate = `${c.seconds.toFixed(1)} s, ${Math.round(c.casesPerSecond)} cases/s`;
  const boots = c.boots === 0 ? '' : `, ${c.boots} boots`;
  lines.push(`  cases ${c.answered} of ${c.cases}, seed ${c.seed}, ${rate}${boots}`);
  if (c.interrupted) lines.push('  interrupted: the rest was not run');
  return lines;
}

function findingText({ id, lines, text }: Finding): string[] {
  const cut = lines.map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line));
  const block = text.trimEnd().split('\n');
  return [
    `    ${id}`,
    ...cut.map((line) => `      ${line}`),
    ...block.map((line) => `      | ${line}`),
  ];
}

function comparisonText({ what, cases, units, ...rest }: Comparison): string[] {
  const { whole, part, different, not } = cases;
  const lines = [
    `  ${what}: ${whole} whole, ${part} in part, ${different} different, ${not} not compared`,
    `    aspects: ${units.compared} compared, ${units.excused} excused, ${units.different} different`,
    ...sharesText(sharesOf({ cases, groups: rest.groups })),
    ...countsText('in part', rest.rules),
    ...countsText('said as this release', rest.changes),
    ...countsText('asked as the equal case', rest.asked),
    ...countsText('not of this API', rest.omitted),
    ...countsText('not compared', rest.left),
    ...countsText('different in', rest.byAspect),
  ];
  for (const finding of rest.findings.slice(0, SHOWN)) lines.push(...findingText(finding));
  return lines;
}

/** How much of what both have was compared whole, and which algorithms were not, mostly. */
function sharesText({ cases, algorithms, below }: Shares): string[] {
  if (cases === null || algorithms === null) return [];
  const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
  return [
    `    compared whole: ${percent(cases)} of cases, ${percent(algorithms)} of algorithms`,
    ...(below.length === 0 ? [] : wrapped('    less than nine of ten: ', below)),
  ];
}

/** Reasons with their counts, the most frequent first. */
function countsText(head: string, counts: Readonly<Record<string, number>>): string[] {
  const sorted = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  if (sorted.length === 0) return [];
  return wrapped(
    `    ${head}: `,
    sorted.map(([reason, n]) => `${reason} ${n}`),
  );
}

/** What the words of the certificate mean. */
const TERMS: readonly string[] = [
  '  whole: every aspect that the API defines was compared with the answer of the',
  '    kernel, and none was excused; in part: some were, by the rules named',
  '  share: of what kernel and API both have and a caller may ask; of algorithms,',
  '    those with nine of ten cases whole',
  '  equal case: where the kernel stumbles over how a case is put, it was asked the',
  '    same bytes otherwise; its answer to the case itself is compared with legacy',
];

/** A line per algorithm and API: compared whole, in part, different, not. */
function algorithmTable(comparisons: readonly Comparison[]): string[] {
  const names = [...new Set(comparisons.flatMap(({ groups }) => Object.keys(groups)))].sort();
  const cell = ({ groups }: Comparison, name: string): string => {
    const counts = groups[name];
    if (counts === undefined) return '-';
    return [
      counts.whole,
      counts.part,
      counts.not,
      ...(counts.different > 0 ? [`!${counts.different}`] : []),
    ].join('/');
  };
  const head = ['whole/in part/not', ...comparisons.map(({ what }) => what)];
  const rows = names.map((name) => [name, ...comparisons.map((c) => cell(c, name))]);
  return table(head, rows, INDENT).map((line) => `  ${line}`);
}

/** What an answer says, a line each. */
function answerText(answer: TextResult): string[] {
  const { id, ending, reason, trace, completions, changed, log, requests, ...more } = answer;
  const { replaced: _replaced, released: _released, ...rest } = more;
  const fields = Object.entries(rest).filter(([, value]) => value !== null);
  return [
    `  ${id}: ${ending}${reason === '' ? '' : ` ${reason}`}`,
    ...fields.map(([key, value]) => `    ${key} ${value}`),
    ...requests.flatMap((request, i) =>
      Object.entries(request)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => `    request ${i} ${key} ${value}`),
    ),
    ...completions.map((line) => `    ${line}`),
    ...changed.map((what) => `    changed ${what}`),
    ...trace.map((line) => `    ${line}`),
    ...log.map((line) => `    log ${line}`),
  ].map((line) => (line.length > WIDTH ? `${line.slice(0, WIDTH)}...` : line));
}

/** A list over lines of at most 80 columns. */
function wrapped(head: string, words: readonly string[]): string[] {
  const lines: string[] = [];
  let line = head;
  for (const [i, word] of words.entries()) {
    const text = i === words.length - 1 ? word : `${word}, `;
    if (line.length + text.length > COLUMNS && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = '    ';
    }
    line += text;
  }
  return [...lines, line];
}

/** The certificate for people, ending with its verdict. */
export function certificateText(c: Certificate): string {
  const axes = Object.entries(c.axes).map(([name, n]) => `${name} ${n}`);
  const lines = [...headline(c), ...wrapped('  axes: ', axes)];
  for (const answer of c.answers) lines.push(...answerText(answer));
  for (const comparison of c.comparisons) lines.push(...comparisonText(comparison));
  if (c.answers.length === 0) lines.push(...algorithmTable(c.comparisons), ...TERMS);
  for (const { id, reason } of c.crashes) lines.push(`  CRASH ${id}: ${reason}`);
  for (const alarm of c.alarms) lines.push(`  ALARM ${alarm}`);
  if (c.expectedCrashes > 0)
    lines.push(`  list overruns that took the kernel down as they must: ${c.expectedCrashes}`);
  if (c.unstable.length > 0)
    lines.push(...wrapped('  answers made of uninitialised memory: ', c.unstable));
  const sum = (how: keyof CaseCounts): number =>
    c.comparisons.reduce((n, { cases }) => n + cases[how], 0);
  const failed = sum('different') + c.crashes.length + c.alarms.length;
  const verdict = `${sum('whole') + sum('part')} passed, ${failed} failed, ${sum('not')} skipped`;
  const last = isClean(c) ? verdict : `NOT CLEAN: ${verdict}`;
  return [...lines, verdictLine(last, isClean(c))].join('\n');
}
