/**
 * A running campaign on a terminal: a block of lines that is written over, on stderr.
 * @module
 */
import { painter } from '../terminal/colour.ts';
import { lineWidth } from '../terminal/table.ts';
import type { AxisFill, Snapshot } from './snapshot.ts';

const BAR = 24;
/** Findings, and axes with missing values, that are shown. */
const LISTED = 5;
const CLEAR_LINE = '\u001b[2K';

interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** The block; `clear` it before anything else is printed. */
export class WatchBlock {
  private readonly output: Output;
  private height = 0;

  constructor(output: Output) {
    this.output = output;
  }

  show(snapshot: Snapshot): void {
    const paint = painter(this.output, process.env);
    const width = lineWidth(this.output) - 1;
    const lines = watchLines(snapshot).map(({ text, isBad }) => {
      const cut = text.slice(0, width);
      return `${CLEAR_LINE}${isBad ? paint('red', cut) : cut}\n`;
    });
    // Lines that the block has no more are emptied: it never becomes shorter.
    while (lines.length < this.height) lines.push(`${CLEAR_LINE}\n`);
    this.output.write(`${this.up()}${lines.join('')}`);
    this.height = lines.length;
  }

  clear(): void {
    if (this.height === 0) return;
    this.output.write(`${this.up()}${`${CLEAR_LINE}\n`.repeat(this.height)}${this.up()}`);
    this.height = 0;
  }

  private up(): string {
    return this.height === 0 ? '' : `\u001b[${this.height}A`;
  }
}

interface Line {
  readonly text: string;
  readonly isBad: boolean;
}

/** What a person is told. */
export function watchLines(s: Snapshot): Line[] {
  const plain = (text: string): Line => ({ text, isBad: false });
  const part = s.all === 0 ? 0 : s.done / s.all;
  const rate = s.perSecond === 0 ? '' : `, ${Math.round(s.perSecond)}/s`;
  const lines = [
    plain(`seed ${s.seed}, ${s.seconds.toFixed(0)} s; ${s.passed} passed, ${s.failed} failed`),
    plain(`${bar(part)} ${s.phase} ${s.done} of ${s.all}${rate}`),
  ];
  const drawn = sumOf(s.axes, ({ drawn: n }) => n);
  const all = sumOf(s.axes, ({ all: n }) => n);
  lines.push(plain(`${bar(all === 0 ? 0 : drawn / all)} axes: ${drawn} of ${all} values drawn`));
  const open = s.axes.filter(({ missing }) => missing.length > 0);
  for (const { axis, drawn: n, all: of, missing } of open.slice(0, LISTED)) {
    lines.push(plain(`  ${axis} ${n} of ${of}, not yet: ${missing.join('; ')}`));
  }
  if (open.length > LISTED) lines.push(plain(`  and ${open.length - LISTED} more axes`));
  lines.push({ text: `findings: ${s.findings.length}`, isBad: s.findings.length > 0 });
  for (const { signature, summary } of s.findings.slice(0, LISTED)) {
    lines.push({ text: `  ${signature}: ${summary}`, isBad: true });
  }
  return lines;
}

function bar(part: number): string {
  const full = Math.floor(part * BAR);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR - full)}]`;
}

function sumOf(axes: readonly AxisFill[], of: (fill: AxisFill) => number): number {
  return axes.reduce((sum, fill) => sum + of(fill), 0);
}
