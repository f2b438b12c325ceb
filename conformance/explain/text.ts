/**
 * An explanation for a terminal: two columns, 80 characters, the first divergence marked.
 * @module
 */
import { describeCase, type Trial } from '../judge/judge.ts';
import { describeResult } from '../judge/observe.ts';
import { drawCase } from '../report/picture.ts';
import type { Paint } from '../terminal/colour.ts';
import type { Divergence, SideTrace } from './divergence.ts';
import type { Explanation } from './explain.ts';
import type { Frame } from './frames.ts';
import { type Row, rowsOf } from './rows.ts';
import type { Phase, Step } from './step.ts';

const WIDTH = 80;
const COLUMN = 38;
/** Levels of calls that are indented; deeper ones stand below the last. */
const MOST_INDENT = 8;
/** Rows that are printed without `all`: from the beginning, round the divergence, to the end. */
const ROWS = 120;
const AROUND = 40;

/** Lines of a picture that are words, and are not cut. */
const IN_WORDS = /^(?:request|program|context)\b/;

/** What of an explanation is printed. */
export interface TextOptions {
  /** Every step, those of setting keys and of set-up too. */
  readonly all: boolean;
  /** The side in the second column; null for the one that is wrong, or else the second. */
  readonly side: string | null;
}

/** The lines of an explanation. */
export function explainText(e: Explanation, { all, side }: TextOptions, paint: Paint): string[] {
  const { trial, divergence } = e;
  const { c } = trial;
  const drawn = drawCase(c).flatMap((line) =>
    IN_WORDS.test(line) ? wrap(line) : [clip(line, WIDTH)],
  );
  const lines = [...wrap(describeCase(c)), ...drawn, ''];
  const shown = shownSides(e, side);
  const phases = phasesOf(shown, divergence, all);
  lines.push(...columns(shown, phases, divergence, all, paint));
  for (const { name, dropped } of e.sides) {
    if (dropped > 0) lines.push(`${name}: ${dropped} more steps were not kept`);
  }
  lines.push('');
  for (const { who, result } of resultsOf(trial)) lines.push(...wrap(`${who}: ${result}`));
  for (const { check, subject, detail } of e.violations) {
    lines.push(...wrap(`${check} ${subject}: ${detail.split('\n')[0]}`));
  }
  lines.push(
    ...divergenceText(divergence)
      .flatMap(wrap)
      .map((line) => paint('red', line)),
  );
  if (divergence === null) lines.push(paint('green', 'no divergence: nothing of it is wrong'));
  return lines;
}

/** What each request came to on each side, those of a program with their numbers. */
export function resultsOf(trial: Trial): readonly { who: string; result: string }[] {
  const isProgram = trial.c.program !== undefined;
  return [trial, ...trial.further].flatMap(({ observations }, number) =>
    observations.map((o) => ({
      who: isProgram ? `${o.subject} #${number}` : o.subject,
      result: describeResult(o),
    })),
  );
}

/**
 * The two sides that are shown, or the only one.
 * @param wanted the second of them; null for the one that is wrong, or else the second there is.
 */
export function shownSides({ sides, divergence }: Explanation, wanted: string | null): SideTrace[] {
  const [first, second] = sides;
  const other = sides.find(({ name }) => name === wanted) ?? divergence?.side ?? second;
  return other === undefined || other === first ? sides.slice(0, 2) : [first, other];
}

/** What is wrong where, by which function. Empty without divergence. */
export function divergenceText(divergence: Divergence | null): string[] {
  if (divergence === null) return [];
  const { violation, side, step: index, at, words } = divergence;
  const step = side?.steps[index];
  if (side === null || step === undefined) {
    return [`first divergence: ${violation.subject}: ${words}`, 'no step shows where it arose'];
  }
  const place = at < 0 ? '' : ` at ${side.map.name(at, 1)}`;
  const lines = [
    `first divergence: ${side.name}, step ${index + 1} (${step.kind})${place}: ${words}`,
  ];
  const { api } = step.stack;
  const frame = api.at(-1);
  if (frame !== undefined) lines.push(`  by ${frameText(frame)}`);
  const caller = api.findLast(({ symbol }) => symbol !== null);
  if (caller !== undefined && caller !== frame) lines.push(`  in ${frameText(caller)}`);
  return lines;
}

/** A function with its line and what it models. */
export function frameText({ fn, file, line, symbol, origin }: Frame): string {
  const models = symbol === null ? '' : `, models ${symbol}`;
  return `${fn} (${file}:${line})${models}${origin === null ? '' : `, see ${origin}`}`;
}

function phasesOf(
  sides: readonly SideTrace[],
  divergence: Divergence | null,
  all: boolean,
): readonly Phase[] {
  const usual: readonly Phase[] = ['operation'];
  const step: Step | undefined = divergence?.side?.steps[divergence.step];
  const ran = sides.some(({ steps }) => steps.some(({ phase }) => usual.includes(phase)));
  if (all || !ran || (step !== undefined && !usual.includes(step.phase))) {
    return ['setup', 'setkey', 'earlier', 'operation', 'end'];
  }
  return usual;
}

function columns(
  sides: readonly SideTrace[],
  phases: readonly Phase[],
  divergence: Divergence | null,
  all: boolean,
  paint: Paint,
): string[] {
  const rows = rowsOf(sides, ({ phase }) => phases.includes(phase));
  const [left = '', right = ''] = sides.map(({ name, steps }) => {
    const count = steps.filter(({ phase }) => phases.includes(phase)).length;
    return `${name}: ${count} steps`;
  });
  const rule = '-'.repeat(COLUMN);
  const lines = [
    paint('bold', row(' ', left, ' ', right, sides.length)),
    row(' ', rule, ' ', rule, sides.length),
  ];
  const isLeft = divergence?.side === sides[0];
  const mark = rows.findIndex(({ left: a, right: b }) => {
    const line = isLeft ? a : b;
    return divergence?.side != null && line?.step === divergence.step && !line.isCall;
  });
  let hidden = 0;
  rows.forEach((r, i) => {
    if (!all && !isPrinted(i, rows.length, mark)) {
      hidden++;
      return;
    }
    if (hidden > 0) lines.push(`  ... ${hidden} more rows; --all prints them`);
    hidden = 0;
    const here = i === mark;
    const text = row(
      here && isLeft ? '>' : ' ',
      cell(r.left),
      here && !isLeft ? '>' : ' ',
      cell(r.right),
      sides.length,
    );
    lines.push(here ? paint('red', text) : text);
  });
  return lines;
}

function isPrinted(i: number, count: number, mark: number): boolean {
  if (count <= 2 * ROWS) return true;
  return i < ROWS || i >= count - AROUND || (mark >= 0 && Math.abs(i - mark) <= AROUND);
}

function cell(line: Row['left']): string {
  if (line === null) return '';
  return `${' '.repeat(Math.min(line.depth, MOST_INDENT))}${line.text}`;
}

function row(a: string, left: string, b: string, right: string, sides: number): string {
  if (sides < 2) return clip(`${a}${left}`, WIDTH).trimEnd();
  return `${a}${clip(left, COLUMN).padEnd(COLUMN)} |${b}${clip(right, COLUMN)}`.trimEnd();
}

function clip(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 2)}..`;
}

/** Lines of at most 80 characters, broken at spaces where there are any. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let left = text;
  while (left.length > WIDTH) {
    const space = left.lastIndexOf(' ', WIDTH);
    const end = space > WIDTH / 2 ? space : WIDTH;
    lines.push(left.slice(0, end));
    left = `    ${left.slice(end).trimStart()}`;
  }
  return [...lines, left];
}
