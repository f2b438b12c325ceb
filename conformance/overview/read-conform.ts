/**
 * The result of `conform --json` as a section.
 * @module
 */
import { pageCommand, pictureLines, replayCommand } from '../report/again.ts';
import { type ConformReport, type FindingReport, reportSchema } from '../report/schema.ts';
import type { SubjectSpec } from '../subjects/foreign/foreign.ts';
import {
  type Block,
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

function conformSection(result: ConformReport, source: string): Section {
  const { seed, options, selfCheck, vectors, cases, findings } = result;
  const blocks: Block[] = [
    ...firstBlocks(findings.map((finding) => findingBlock(finding, options.subject))),
    algorithmMatrix(result),
    axesMatrix(result),
    sourceMatrix(result),
  ];
  const gaps = notCovered(result);
  if (gaps.length > 0) {
    blocks.push({ kind: 'verbatim', title: 'Not covered', tone: 'plain', lines: gaps });
  }
  return {
    title: `Conformance, seed ${seed}`,
    source,
    facts: [
      faults('findings', findings.length),
      faults('cases failed', cases.failed),
      fact('cases passed', cases.passed),
      faults('trials of known answers failed', vectors.failed),
      fact('trials of known answers passed', vectors.passed),
      fact('skipped', cases.skipped + vectors.skipped),
      faults('self-check: differences', selfCheck.differences.length),
      fact('cases a second of processor time', result.casesPerSecond),
      fact('seconds in all', result.durationMs / 1000),
      fact('MiB at most', result.peakRssMib),
      ...(result.interrupted ? [fact('interrupted', 'figures up to then', 'bad')] : []),
    ],
    blocks,
    figures: {
      findings: findings.length,
      'cases passed': cases.passed,
      'cases a second': result.casesPerSecond,
      'MiB at most': result.peakRssMib,
    },
  };
}

function findingBlock({ signature, token, summary }: FindingReport, subject?: SubjectSpec): Block {
  const page = pageCommand(token, subject);
  return {
    kind: 'verbatim',
    title: `Finding ${signature}`,
    tone: 'bad',
    lines: [
      summary,
      ...pictureLines(token),
      replayCommand(token, subject),
      ...(page === null ? [] : [page]),
    ],
  };
}

/** Algorithms by checks. */
function algorithmMatrix({ byAlgorithm, byCheck }: ConformReport): Matrix {
  const names = Object.keys(byCheck);
  const rows = Object.entries(byAlgorithm).map(([label, row]) => {
    const cells = names.map((name) => {
      const { checked, failed } = row.checks[name] ?? { checked: 0, failed: 0 };
      if (failed === 0) return counted(checked);
      return {
        text: `${grouped(checked)}, ${failed} failed`,
        value: checked,
        tone: 'bad' as const,
      };
    });
    return {
      label,
      cells: [
        counted(row.passed),
        row.failed === 0 ? counted(0) : counted(row.failed, 'bad'),
        counted(row.randomCases),
        counted(row.onBothSides),
        ...cells,
      ],
    };
  });
  return {
    kind: 'matrix',
    title: 'Algorithms and checks',
    note: 'How often each check looked at something. A dash: never.',
    columns: ['passed', 'failed', 'random', 'on both sides', ...names],
    rows,
  };
}

function axesMatrix({ axes }: ConformReport): Matrix {
  const byAxis = new Map<string, { text: string; count: number }[]>();
  for (const [name, hits] of Object.entries(axes)) {
    const [axis = '', ...value] = name.split(': ');
    const text = value.join(': ') || axis;
    byAxis.set(axis, [...(byAxis.get(axis) ?? []), { text, count: hits }]);
  }
  return {
    kind: 'matrix',
    title: 'What was drawn',
    note: 'Each value of each axis, and in how many cases it was drawn.',
    columns: [],
    rows: [...byAxis].map(([label, values]) => ({
      label,
      cells: values.map(({ text, count: hits }) => ({
        text: `${text} ${grouped(hits)}`,
        value: hits,
        tone: hits === 0 ? ('bad' as const) : ('plain' as const),
      })),
    })),
  };
}

function sourceMatrix({ vectors }: ConformReport): Matrix {
  return {
    kind: 'matrix',
    title: 'Known answers',
    note: 'Each vector goes through several layouts, drivers and sides: those are the trials.',
    columns: ['vectors', 'trials', 'failed', 'skipped'],
    rows: Object.entries(vectors.bySource).map(([label, row]) => ({
      label,
      cells: [
        counted(row.vectors),
        counted(row.trials),
        counted(row.failed, row.failed === 0 ? 'plain' : 'bad'),
        row.skipped === 0 ? said('-') : said(grouped(row.skipped)),
      ],
    })),
  };
}

function notCovered({
  axes,
  selfCheck,
  byAlgorithm,
  subjects,
  unreached,
  vectors,
}: ConformReport): string[] {
  const lines = Object.entries(axes).flatMap(([name, hits]) =>
    hits === 0 ? [`axis ${name}`] : [],
  );
  for (const name of selfCheck.undrawn) lines.push(`never drawn: ${name}`);
  for (const [alg, row] of Object.entries(byAlgorithm)) {
    if (row.passed + row.failed === 0) lines.push(`${alg}: no case`);
    else if (row.onBothSides === 0) lines.push(`${alg}: only on one API, against the reference`);
  }
  for (const [name, { declined }] of Object.entries(subjects)) {
    for (const [reason, n] of Object.entries(declined)) {
      lines.push(`${name} did not run ${grouped(n)} trials: ${reason}`);
    }
  }
  for (const [what, n] of Object.entries(unreached)) {
    if (n > 0) lines.push(`no time was left for ${grouped(n)} ${what}`);
  }
  for (const [name, row] of Object.entries(vectors.bySource)) {
    if (row.trials === 0) lines.push(`${name}: all of its vectors skipped`);
  }
  return lines;
}

/** Reads results of `conform`. */
export const conformReader: Reader = reader(
  'conform',
  ['byCheck', 'selfCheck', 'axes'],
  reportSchema,
  conformSection,
);
