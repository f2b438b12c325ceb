/** Plain text tables: numbers right, text left, one blank line between tables. */

/** A cell; numbers are grouped by thousands. */
export type Cell = string | number;

/** `12345` as `12,345`; at most one decimal. */
export function formatNumber(value: number): string {
  const rounded = Math.round(value * 10) / 10;
  return rounded.toLocaleString('en-US');
}

function textOf(cell: Cell): string {
  return typeof cell === 'number' ? formatNumber(cell) : cell;
}

/** Renders rows under a header. A column is right-aligned when its first row has a number. */
export function renderTable(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(textOf));
  const widths = header.map((title, i) =>
    Math.max(title.length, ...texts.map((row) => row[i]?.length ?? 0)),
  );
  const isNumber = header.map((_, i) => typeof rows[0]?.[i] === 'number');
  const line = (cells: readonly string[]): string =>
    cells
      .map((c, i) => (isNumber[i] ? c.padStart(widths[i]) : c.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(header), ...texts.map(line)].join('\n');
}
