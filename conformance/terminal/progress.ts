/**
 * How far a command is, on stderr: a line that is written over where somebody looks, a line now and then
 * where a log is kept.
 * @module
 */
import { performance } from 'node:perf_hooks';
import { type Paint, painter } from './colour.ts';
import { lineWidth } from './table.ts';

/** Time between two lines of a log, and how long a terminal waits for the next rewriting. */
const HEARTBEAT_MS = 30_000;
const REWRITE_MS = 100;
/** Under this much of a phase the time left is a guess. */
const LEAST_MS = 1000;

/** What the lines go to. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** How far a phase was when it was told of. */
interface Reached {
  readonly phase: string;
  readonly done: number;
  readonly all: number;
}

/** One for each command that takes long; `clear` it before anything else is printed. */
export class ProgressLine {
  private readonly output: Output;
  private readonly now: () => number;
  private readonly paint: Paint;
  private readonly isLive: boolean;
  private readonly end: number;
  private timer: NodeJS.Timeout | null = null;
  private last: Reached = { phase: '', done: 0, all: 0 };
  private from = 0;
  private fromDone = 0;
  private written: number;
  private width = 0;

  /** @param now milliseconds from any moment @param seconds that the command takes at most */
  constructor(
    output: Output = process.stderr,
    now: () => number = () => performance.now(),
    seconds: number = Number.POSITIVE_INFINITY,
  ) {
    this.output = output;
    this.now = now;
    this.paint = painter(output, process.env);
    this.isLive = output.isTTY === true;
    this.written = now();
    this.end = this.written + seconds * 1000;
  }

  /** Tells how much of a phase is done; the rate is that since the phase was first told of. */
  show(phase: string, done: number, all: number): void {
    const isNew = phase !== this.last.phase || done < this.last.done;
    if (isNew) {
      this.from = this.now();
      this.fromDone = done;
    }
    this.last = { phase, done, all };
    if (this.isLive) this.rewrite(isNew || done === all);
    else this.beat();
    // Alive is not the same as getting on: a log hears of a phase that stands still, too.
    this.timer ??= setInterval(() => this.tick(), HEARTBEAT_MS / 2).unref();
  }

  /** Removes the line; the next `show` begins anew. */
  clear(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    if (this.width > 0) this.output.write(`\r${' '.repeat(this.width)}\r`);
    this.width = 0;
  }

  private tick(): void {
    if (this.isLive) this.rewrite(true);
    else this.beat();
  }

  private rewrite(isDue: boolean): void {
    if (!isDue && this.width > 0 && this.now() - this.written < REWRITE_MS) return;
    const text = this.text().slice(0, lineWidth(this.output) - 1);
    this.output.write(
      `\r${this.paint('cyan', text)}${' '.repeat(Math.max(this.width - text.length, 0))}`,
    );
    this.width = text.length;
    this.written = this.now();
  }

  private beat(): void {
    if (this.now() - this.written < HEARTBEAT_MS) return;
    this.written = this.now();
    this.output.write(`${this.text()}\n`);
  }

  private text(): string {
    const { phase, done, all } = this.last;
    const percent = all === 0 ? 100 : Math.floor((done * 100) / all);
    const elapsed = this.now() - this.from;
    const rate = elapsed < LEAST_MS ? 0 : ((done - this.fromDone) * 1000) / elapsed;
    const left = Math.min((all - done) / rate, Math.max(this.end - this.now(), 0) / 1000);
    const speed = rate === 0 ? '' : `, ${rateText(rate)}, ${durationText(left)} left`;
    return `${phase}: ${done} of ${all} (${percent} %)${done === all ? '' : speed}`;
  }
}

/** `640/s`, `3.2/s`, `12/min`. */
function rateText(perSecond: number): string {
  if (perSecond >= 10) return `${Math.round(perSecond)}/s`;
  return perSecond >= 1 ? `${perSecond.toFixed(1)}/s` : `${(perSecond * 60).toFixed(1)}/min`;
}

/** `0:07`, `12:30`, `3:00:00`. */
function durationText(seconds: number): string {
  const all = Math.ceil(seconds);
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(all % 60)}`;
}
