/**
 * One progress line on stderr, only when somebody looks at it.
 * @module
 */

/** Writes over one line of a terminal; does nothing elsewhere. */
export class ProgressLine {
  private readonly active: boolean = process.stderr.isTTY === true;
  private width = 0;

  show(phase: string, done: number, all: number): void {
    if (!this.active) return;
    const percent = all === 0 ? 100 : Math.floor((done * 100) / all);
    const text = `${phase}: ${done} of ${all} (${percent} %)`;
    process.stderr.write(`\r${text.padEnd(this.width)}`);
    this.width = text.length;
  }

  /** Removes the line. */
  clear(): void {
    if (this.width === 0) return;
    process.stderr.write(`\r${' '.repeat(this.width)}\r`);
    this.width = 0;
  }
}
