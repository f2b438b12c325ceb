/**
 * Goal: a run that was interrupted goes on where it was, to the result of one that was not; a file that is no
 * journal is one line.
 * Method: a campaign with a bug, stopped in its middle and resumed, against the whole; journals that were cut
 * off, altered, or are of another campaign.
 */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { reportOf } from '../report/conform-report.ts';
import { bothSides } from '../subjects/sides.ts';
import { Canary, spoilLast } from './canary.ts';
import { type ConformOptions, conform } from './conform.ts';
import type { SidesOf } from './harness.ts';
import { Journal } from './journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'sg2iter-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
const FILE = join(folder, 'run.ndjson');

const OPTIONS: ConformOptions = {
  ...{ seed: 3, cases: 520, wholeAt: 20_000, time: Number.POSITIVE_INFINITY, algs: ['sha256'] },
  ...{ bail: false, vectors: false, shard: { index: 1, count: 1 }, workers: 1, caseTime: 60 },
};

const spoiled: SidesOf = (machine) => {
  const [legacy, converted] = bothSides(machine);
  return [legacy, new Canary(converted, spoilLast)];
};

/** The report of a run that is stopped behind so many pieces, without its times. */
async function run(
  journal: Journal | undefined,
  pieces = Number.POSITIVE_INFINITY,
): Promise<unknown> {
  let done = 0;
  const progress = (): void => {
    done++;
  };
  const monitor = { progress, stopped: () => done >= pieces, journal };
  const report = reportOf(await conform(spoiled, OPTIONS, monitor));
  const { durationMs, casesPerSecond, casesCpuMs, peakRssMib, interrupted, ...rest } = report;
  return rest;
}

test('a run that was interrupted comes to what it would have come to', async () => {
  const whole = await run(undefined);
  await run(Journal.begin(FILE, OPTIONS), 1);
  const events = readFileSync(FILE, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events[0]).toMatchObject({ event: 'campaign', seed: 3, cases: 520 });
  expect(events.filter(({ event }) => event === 'job')).toHaveLength(1);
  expect(events.find(({ event }) => event === 'failure')).toMatchObject({ check: 'OUT' });
  expect(events.at(-1)).toMatchObject({ event: 'checkpoint', next: 1 });
  appendFileSync(FILE, '{"event":"job","num');
  const journal = Journal.resume(FILE, OPTIONS);
  expect(journal.from?.next).toBe(1);
  expect(await run(journal)).toEqual(whole);
  expect(readFileSync(FILE, 'utf8')).not.toContain('"num"\n');
});

test.each([
  ['is not there', null, /nowhere: cannot be read$/],
  ['is no journal', '{"seed":1}\n', /: no journal$/],
  ['is empty', '', /: no journal$/],
])('a file that %s is one line', (_, text, line) => {
  const file = join(folder, text === null ? 'nowhere' : `${text.length}.ndjson`);
  if (text !== null) writeFileSync(file, text);
  expect(() => Journal.resume(file, OPTIONS)).toThrow(line);
});

test('a journal of another campaign, and a checkpoint that was altered, are refused', () => {
  const file = join(folder, 'other.ndjson');
  Journal.begin(file, OPTIONS);
  expect(() => Journal.resume(file, { ...OPTIONS, seed: 4 })).toThrow(/: of another campaign/);
  appendFileSync(file, '{"event":"checkpoint","next":-1}\n');
  expect(() => Journal.resume(file, OPTIONS)).toThrow(/line 2: no checkpoint that this version/);
  expect(() => Journal.begin(join(folder, 'a', 'b'), OPTIONS)).toThrow(/cannot be written: ENOENT/);
});
