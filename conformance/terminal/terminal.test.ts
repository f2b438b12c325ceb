/**
 * Goal: what a command writes fits where it goes: 80 columns, a terminal or a log, with or without colour.
 * Method: tables of every awkward shape; progress over a stream and a clock of the test.
 */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { painter } from './colour.ts';
import { ProgressLine } from './progress.ts';
import { table } from './table.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** Progress over a stream of the test, with its clock. */
function progressOn(isTTY: boolean): { line: ProgressLine; out: string[]; clock: { ms: number } } {
  const out: string[] = [];
  const clock = { ms: 0 };
  const stream = { isTTY, columns: 60, write: (text: string) => out.push(text) };
  return { line: new ProgressLine(stream, () => clock.ms), out, clock };
}

test('no table is wider than 80 columns, and none loses a letter', () => {
  const word = fc.stringMatching(/^[a-z0-9(),-]{0,90}$/);
  const shape = fc.integer({ min: 2, max: 18 }).chain((n) =>
    fc.tuple(
      fc.array(fc.stringMatching(/^[a-z ]{1,12}$/), { minLength: n, maxLength: n }),
      fc.array(fc.tuple(word, fc.array(word, { minLength: n - 1, maxLength: n - 1 })), {
        minLength: 1,
        maxLength: 4,
      }),
    ),
  );
  fc.assert(
    fc.property(shape, ([head, rows]) => {
      const lines = table(
        head,
        rows.map(([first, rest]) => [first, ...rest]),
      );
      // A first cell that is too long has a line of its own.
      const firsts = new Set(rows.map(([first]) => first));
      expect(lines.filter((line) => line.length > 80 && !firsts.has(line))).toEqual([]);
      const letters = lines.join('').replaceAll(/[^a-z]/g, '').length;
      const wanted = [...head, ...rows.flatMap(([first, rest]) => [first, ...rest])];
      expect(letters).toBeGreaterThanOrEqual(wanted.join('').replaceAll(/[^a-z]/g, '').length);
    }),
    { numRuns: 100, seed: 1 },
  );
});

test('a table that does not fit is folded: names alone, text below itself, columns in parts', () => {
  const name = 'rfc4543(gcm_base(ctr-aes-accel,ghash-generic))';
  const figures = Array.from({ length: 12 }, (_, i) => `${100_000 + i}`);
  const head = ['name', ...figures.map((_, i) => `c${i}`), 'why'];
  const lines = table(head, [
    ['a', ...figures, 'because it is so, and it has always been so; nobody has asked'],
    [name, ...figures, '-'],
  ]);
  expect(lines.filter((line) => line === name)).toHaveLength(3);
  expect(lines.filter((line) => line.startsWith('name '))).toHaveLength(3);
  expect(lines.filter((line) => line.startsWith('a '))).toHaveLength(3);
  expect(lines.join('\n')).toMatch(/because it is so[^\n]*\n +[a-z]/);
  expect(table(['a', 'b'], [['x', '1']])).toEqual(['a  b', '-  -', 'x  1']);
});

test('a terminal sees the rate and the time left, on one line that is rewritten', () => {
  vi.stubEnv('NO_COLOR', '1');
  const { line, out, clock } = progressOn(true);
  line.show('cases', 0, 1000);
  clock.ms = 50;
  line.show('cases', 1, 1000);
  expect(out).toEqual(['\rcases: 0 of 1000 (0 %)']);
  clock.ms = 5000;
  line.show('cases', 250, 1000);
  expect(out[1]).toBe('\rcases: 250 of 1000 (25 %), 50/s, 0:15 left');
  line.show('vectors', 0, 10);
  expect(out[2]).toBe(`\rvectors: 0 of 10 (0 %)${' '.repeat(20)}`);
  line.clear();
  expect(out[3]).toBe(`\r${' '.repeat(22)}\r`);
});

test('a run whose time is bounded has no more left than that', () => {
  vi.stubEnv('NO_COLOR', '1');
  const out: string[] = [];
  const clock = { ms: 0 };
  const stream = { isTTY: true, write: (text: string) => out.push(text) };
  const line = new ProgressLine(stream, () => clock.ms, 60);
  line.show('cases', 0, 1_000_000);
  clock.ms = 10_000;
  line.show('cases', 100, 1_000_000);
  line.clear();
  expect(out[1]).toContain(', 0:50 left');
});

test('a line of progress is cut to the terminal', () => {
  vi.stubEnv('NO_COLOR', '1');
  const { line, out } = progressOn(true);
  line.show('x'.repeat(100), 0, 1);
  expect(out).toEqual([`\r${'x'.repeat(59)}`]);
});

test('a log gets a line every half minute, even when nothing gets on, and none in a short run', () => {
  vi.useFakeTimers();
  const { line, out, clock } = progressOn(false);
  const wait = (ms: number): void => {
    for (let left = ms; left > 0; left -= 15_000) {
      clock.ms += Math.min(left, 15_000);
      vi.advanceTimersByTime(Math.min(left, 15_000));
    }
  };
  line.show('cases', 0, 7200);
  wait(29_000);
  line.show('cases', 290, 7200);
  expect(out).toEqual([]);
  wait(31_000);
  line.show('cases', 600, 7200);
  wait(30_000);
  expect(out).toHaveLength(2);
  expect(out[0]).toMatch(/^cases: \d+ of 7200 \(\d+ %\), [\d.]+\/(s|min), \d+:[\d:]+ left\n$/);
  line.clear();
  wait(120_000);
  expect(out).toHaveLength(2);
});

test('colour is for terminals, and for nobody who has refused it', () => {
  const red = (isTTY: boolean, env: Record<string, string>): string =>
    painter({ isTTY }, env)('red', 'x');
  expect(red(true, {})).toBe('\u001b[31mx\u001b[39m');
  for (const [isTTY, env] of [
    [false, {}],
    [true, { NO_COLOR: '1' }],
    [true, { TERM: 'dumb' }],
  ] as const) {
    expect(red(isTTY, env)).toBe('x');
  }
});
