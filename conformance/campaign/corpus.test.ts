/**
 * Goal: a corpus grows by what reaches something new, later runs draw from it, and neither depends on how
 * many threads there are; a run that was stopped has lost nothing; what cannot be used is one line.
 * Method: answers as threads give them, handed to a corpus; a campaign over a corpus in one thread, and in three
 * of the compiled tree; folders and files that are none.
 */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Case } from '../case/case.ts';
import { ITERATORS } from '../case/iterator-case.ts';
import { CORPUS, campaignNames } from '../case/scenarios.ts';
import { reportOf } from '../report/conform-report.ts';
import { bothSides } from '../subjects/sides.ts';
import { Answer } from './answer.ts';
import { valuesIn } from './axes.ts';
import { type ConformOptions, conform, conformInThreads } from './conform.ts';
import { Corpus } from './corpus.ts';
import { jobsOf, type PlacedJob, unitsOf } from './jobs.ts';
import { readCase } from './read-case.ts';

const OPTIONS: ConformOptions = {
  ...{ seed: 3, cases: 600, wholeAt: 20_000, time: Number.POSITIVE_INFINITY },
  ...{ algs: campaignNames(), vectors: false, shard: { index: 1, count: 1 } },
  ...{ bail: false, workers: 1, caseTime: 60 },
};
const JOBS: readonly PlacedJob[] = [...jobsOf(OPTIONS)];
const COMPILED = new URL('../../dist/conformance/campaign/worker.js', import.meta.url);

const top = mkdtempSync(join(tmpdir(), 'sg2iter-corpus-'));
afterAll(() => rmSync(top, { recursive: true }));

/** Each test has a folder of its own. */
let folder = '';
let tests = 0;
beforeEach(() => {
  folder = join(top, `kept${tests++}`);
});

const namesIn = (of: string): string[] => readdirSync(of).sort();
const textsIn = (of: string): string[] =>
  namesIn(of)
    .map((name) => readFileSync(join(of, name), 'utf8'))
    .sort();

/** What a thread answers to a job of which it did so many units. */
function answerTo({ from, to }: PlacedJob, done = to - from): Answer {
  const answer = new Answer();
  answer.cases.total.passed = done;
  answer.isCut = done < to - from;
  return answer;
}

/** The texts of the cases that have a value, or a pair, that none before them has. */
function firsts(cases: Iterable<{ readonly c: Case }>): string[] {
  const pairs = new Set<string>();
  const texts: string[] = [];
  for (const { c } of cases) {
    const before = pairs.size;
    const values = valuesIn(c);
    for (const a of values) for (const b of values) pairs.add(`${a} ${b}`);
    if (pairs.size > before) texts.push(`${JSON.stringify(c)}\n`);
  }
  return texts.sort();
}

test('what reaches a value or a pair of values first is kept, and nothing else', () => {
  const corpus = Corpus.open(folder);
  for (const job of JOBS) corpus.folded(OPTIONS, job, answerTo(job));
  expect(JOBS).toHaveLength(3);
  const expected = firsts(JOBS.flatMap((job) => [...unitsOf(OPTIONS, job)]));
  expect(corpus.added).toBe(expected.length);
  expect(expected.length).toBeGreaterThan(100);
  expect(textsIn(folder)).toEqual(expected);
  // Each can be replayed, and brings nothing new.
  for (const name of namesIn(folder)) expect(() => readCase(join(folder, name))).not.toThrow();
  const again = Corpus.open(folder);
  expect(again.cases).toHaveLength(expected.length);
  for (const job of JOBS) again.folded(OPTIONS, job, answerTo(job));
  expect(again.added).toBe(0);
});

test('of a job that was cut short what was run is kept, and no case that failed', () => {
  const [job] = JOBS;
  const units = [...unitsOf(OPTIONS, job)].slice(0, 40);
  const corpus = Corpus.open(folder);
  corpus.folded(OPTIONS, job, answerTo(job, 40));
  expect(textsIn(folder)).toEqual(firsts(units));
  folder = join(top, 'failed');
  const answer = answerTo(job, 40);
  const violation = { check: 'OUT', subject: 'converted', detail: '' } as const;
  answer.failures.push({ c: units[0].c, violation, shrinkable: true, order: [job.number, 0] });
  const without = Corpus.open(folder);
  without.folded(OPTIONS, job, answer);
  expect(textsIn(folder)).toEqual(firsts(units.slice(1)));
});

test('a campaign makes one case of four from it, in any number of threads', async () => {
  const options = { ...OPTIONS, seed: 4, cases: 280, algs: [ITERATORS] };
  const first = Corpus.open(folder);
  for (const job of jobsOf(options)) first.folded(options, job, answerTo(job));
  const run = async (to: string, workers: number): Promise<unknown> => {
    cpSync(folder, to, { recursive: true });
    const corpus = Corpus.open(to);
    const { cases, digest } = corpus;
    const monitor = { progress: () => undefined, stopped: () => false, corpus };
    const given = { ...options, seed: 5, workers, corpus: { cases, digest } };
    const result =
      workers === 1
        ? await conform(bothSides, given, monitor)
        : await conformInThreads(bothSides, given, monitor, COMPILED);
    const { findings, cases: counts, axes } = reportOf(result);
    expect([findings, counts]).toEqual([[], { passed: 280, failed: 0, skipped: 0 }]);
    expect(axes[`scenario: ${CORPUS}`]).toBeGreaterThan(50);
    expect(axes[`scenario: ${CORPUS}`]).toBeLessThan(100);
    expect(corpus.added).toBeGreaterThan(0);
    return { axes, names: namesIn(to) };
  };
  expect(await run(join(top, 'three'), 3)).toEqual(await run(join(top, 'one'), 1));
});

test.each([
  ['a file that is cut off', '{"version":4,"seed', /bad\.json: not a JSON file$/],
  ['a case without its algorithm', '{"version":4}', /bad\.json: alg: /],
  ['nothing', '', /bad\.json: not a JSON file$/],
])('%s is one line that names the file', (_, text, message) => {
  Corpus.open(folder);
  writeFileSync(join(folder, 'bad.json'), text);
  expect(() => Corpus.open(folder)).toThrow(message);
});

test('what is no folder, and what cannot be made, is one line that names it', () => {
  writeFileSync(folder, '');
  expect(() => Corpus.open(folder)).toThrow(`${folder}: cannot be used: EEXIST`);
  expect(() => Corpus.open('/proc/no/place')).toThrow(/^\/proc\/no\/place: cannot be used: E/);
});

test('where nothing can be written any more no more is kept, and that is said', () => {
  const corpus = Corpus.open(folder);
  rmSync(folder, { recursive: true });
  for (const job of JOBS) corpus.folded(OPTIONS, job, answerTo(job));
  expect([corpus.added, corpus.broken]).toEqual([0, `${folder}: cannot be used: ENOENT`]);
});
