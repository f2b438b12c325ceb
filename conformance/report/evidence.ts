/**
 * What a maintainer wants to read under a series: what was run, on what, and what was not covered.
 * @module
 */
import { againLines } from './again.ts';
import type { ConformReport } from './schema.ts';
import { trialsOf, unreachedOf } from './text.ts';

/** What no run of this program shows, whatever its options. */
const NEVER: readonly string[] = [
  'several processors at once, timing, real hardware: the machine is simulated, with one processor',
  'the primitives themselves: both APIs call the same ones, the reference and known answers stand for them',
];
/** Axis values that are named as rarest. */
const RAREST = 3;

/** The block for a cover letter: plain text, one paragraph for each run, lines of a mail. */
export function evidenceOf(reports: readonly ConformReport[]): string[] {
  const lines = reports.flatMap((report) => [...runLines(report), '']);
  return [...lines, 'Not covered by any run:', ...NEVER.flatMap((line) => wrapped('  - ', line))];
}

function runLines(report: ConformReport): string[] {
  const { program, seed, options, cases, vectors, byAlgorithm, findings, selfCheck } = report;
  const { version, node, openssl, platform } = program;
  const random = cases.passed + cases.failed;
  const algs = Object.keys(byAlgorithm);
  const both = Object.values(byAlgorithm).reduce((sum, row) => sum + row.onBothSides, 0);
  const { index, count } = options.shard;
  const part = count === 1 ? '' : `, part ${index} of ${count}`;
  const facts = [
    `seed ${seed}${part}: ${random} random cases and ${vectors.passed + vectors.failed} trials of known answers`,
    `${algs.length} algorithms; ${both} of ${trialsOf(report)} trials on both APIs, compared byte by byte`,
    `checks: ${Object.entries(report.byCheck)
      .map(([check, { checked }]) => `${check} ${checked}`)
      .join(', ')}`,
    `self-check: every check rung by a canary, ${selfCheck.cases} cases run twice, ${selfCheck.differences.length} faults`,
    axesLine(report),
    `findings: ${findings.length}`,
    ...findings.map(({ summary, token }) =>
      [summary, ...againLines(token, options.subject)].join('; '),
    ),
  ];
  return [
    `sg2iter ${version} conform, Node ${node}, OpenSSL ${openssl}, ${platform}`,
    ...facts.flatMap((fact) => wrapped('  - ', fact)),
    'Not covered by this run:',
    ...gaps(report).flatMap((gap) => wrapped('  - ', gap)),
  ];
}

function axesLine({ axes }: ConformReport): string {
  const hits = Object.entries(axes).sort(([, a], [, b]) => a - b);
  const rarest = hits.slice(0, RAREST).map(([name, count]) => `${name} (${count})`);
  const never = hits.filter(([, count]) => count === 0).length;
  return `axes: ${hits.length - never} of ${hits.length} values drawn, the rarest ${rarest.join(', ')}`;
}

/** What this run left out; nothing is passed over in silence. */
function gaps(report: ConformReport): string[] {
  const { vectors, subjects, options, axes } = report;
  const skipped = Object.entries(vectors.bySource).filter(([, source]) => source.skipped > 0);
  const never = Object.keys(axes).filter((name) => axes[name] === 0);
  const left = unreachedOf(report);
  const list = [
    ...(left === null ? [] : [left]),
    ...(options.vectors ? [] : ['known answers: left out by --no-vectors']),
    ...skipped.map(([name, source]) => `${name}: ${source.skipped} vectors skipped`),
    ...(never.length === 0 ? [] : [`never drawn: ${never.join('; ')}`]),
    ...Object.entries(subjects).flatMap(([name, { declined }]) =>
      Object.entries(declined).map(([reason, count]) => `${name}: ${count} trials, ${reason}`),
    ),
  ];
  return list.length === 0 ? ['nothing that was asked for'] : list;
}

/** Width of a line in a mail. */
const WIDTH = 75;

function wrapped(bullet: string, text: string): string[] {
  const indent = ' '.repeat(bullet.length);
  const lines: string[] = [];
  let line = bullet;
  for (const word of text.split(' ')) {
    const isFirst = line.trimEnd() === bullet.trimEnd() || line === indent;
    if (!isFirst && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = indent + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line];
}
