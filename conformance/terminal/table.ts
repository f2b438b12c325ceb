/**
 * Plain text tables that fit a line: the first column left, figures right.
 *
 * What does not fit is folded, never cut: a long first cell gets a line of its own, long text goes on
 * below itself, and columns for which there is no room make a further table below.
 * @module
 */
import { paintOutput } from './colour.ts';

/** Columns of a line where nobody says how many there are. */
const WIDTH = 80;
/** A table is not made narrower than this. */
const LEAST_WIDTH = 40;
/** Of a folded table the first column gets at most this part. */
const FIRST_PART = 0.35;
const GAP = 2;
/** Text is not folded into less than this. */
const LEAST_TEXT = 24;
/** What stands to the right: figures, alone, in pairs or with a unit or verdict, and dashes. */
const FIGURE = /^[^a-zA-Z]*\d\S*(?: \S{1,8}){0,2}$|^\W*$/;

/** Columns of a line of `output`: a terminal says, anything else has 80. */
export function lineWidth({
  isTTY,
  columns = WIDTH,
}: {
  isTTY?: boolean;
  columns?: number;
}): number {
  return isTTY === true ? Math.max(columns, LEAST_WIDTH) : WIDTH;
}

/**
 * Lines of a table with a head line and a rule.
 * @param indent columns that the caller puts in front
 * @param first columns of the first column, where the table is too wide; 0: a third of all
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  indent: number = 0,
  first: number = 0,
): string[] {
  const width = lineWidth(process.stdout) - indent;
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)),
  );
  if (lengthOf(widths) <= width) return part(head, rows, widths);
  const capped = Math.min(widths[0] ?? 0, first || Math.floor(width * FIRST_PART));
  return partsOf(widths, rows, width - capped - GAP).flatMap((columns, i) => {
    const pick = (cells: readonly string[]): string[] => [
      cells[0] ?? '',
      ...columns.map(({ at }) => cells[at] ?? ''),
    ];
    const lines = part(pick(head), rows.map(pick), [capped, ...columns.map((c) => c.width)]);
    return i === 0 ? lines : ['', ...lines];
  });
}

interface Column {
  readonly at: number;
  readonly width: number;
}

/** The columns behind the first one, in as many parts as it takes; text takes what room is left. */
function partsOf(
  widths: readonly number[],
  rows: readonly (readonly string[])[],
  room: number,
): Column[][] {
  const parts: Column[][] = [];
  let left = 0;
  for (const [i, natural] of widths.slice(1).entries()) {
    const at = i + 1;
    const isText = !isFigures(rows, at);
    const open = parts.at(-1);
    const wanted = isText ? Math.min(natural, LEAST_TEXT) : natural;
    if (open !== undefined && wanted <= left) {
      const width = Math.min(natural, left);
      open.push({ at, width });
      left -= width + GAP;
    } else {
      const width = Math.min(natural, room);
      parts.push([{ at, width }]);
      left = room - width - GAP;
    }
  }
  return parts;
}

function isFigures(rows: readonly (readonly string[])[], at: number): boolean {
  return rows.every((row) => FIGURE.test(row[at] ?? ''));
}

/** Lines of a table whose columns are so wide; what is longer is folded. */
function part(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string[] {
  const isRight = widths.map((_, i) => i > 0 && isFigures(rows, i));
  const lines = (cells: readonly string[]): string[] => folded(cells, widths, isRight);
  return [
    ...lines(head).map((line) => paintOutput('bold', line)),
    widths.map((width) => '-'.repeat(width)).join(' '.repeat(GAP)),
    ...rows.flatMap(lines),
  ];
}

function folded(
  cells: readonly string[],
  widths: readonly number[],
  isRight: readonly boolean[],
): string[] {
  const [first = '', ...others] = cells;
  const line = (parts: readonly string[]): string =>
    parts
      .map((text, i) => (isRight[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join(' '.repeat(GAP))
      .trimEnd();
  const isLong = first.length > (widths[0] ?? 0);
  const texts = others.map((text, i) => wrapped(text, widths[i + 1] ?? 0));
  const most = Math.max(1, ...texts.map(({ length }) => length));
  const lines = Array.from({ length: most }, (_, at) =>
    line([at === 0 && !isLong ? first : '', ...texts.map((text) => text[at] ?? '')]),
  );
  return isLong ? [first, ...lines.filter((text) => text !== '')] : lines;
}

/** Text over lines of at most `width`, broken at spaces where there are any. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let left = text;
  while (left.length > width) {
    const space = left.lastIndexOf(' ', width);
    const end = space > width / 3 ? space : width;
    lines.push(left.slice(0, end));
    left = left.slice(end).trimStart();
  }
  return [...lines, left];
}

function lengthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width + GAP, -GAP);
}
