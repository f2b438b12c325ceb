/**
 * Goal: a report says what the results say, of every command, and what cannot be read is one line.
 * Method: results of real runs where they are cheap, and of the shape of the commands where not; the page
 * is opened from disk in both widths.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeToken } from '../campaign/replay.ts';
import { CaseGenerator } from '../case/generate.ts';
import { main } from '../commands/main.ts';
import type { LifetimesReport } from '../lifetimes/lifetimes.ts';
import { mutantsJson } from '../mutants/report.ts';
import {
  accessibilityFaults,
  hasBrowser,
  openBrowser,
  openPage,
  overflow,
  WIDTHS,
} from '../page/testing.ts';
import { type ConformReport, type FindingReport, SCHEMA_VERSION } from '../report/schema.ts';
import { reportHtml } from './html.ts';
import type { Block, Matrix, Section } from './model.ts';
import { readReport } from './read.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sg2iter-report-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));
const WHY = hasBrowser ? '' : ' (skipped: no /usr/bin/chromium)';

function file(name: string, value: unknown): string {
  const path = join(FOLDER, name);
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value));
  return path;
}

/** What a command prints on stdout and stderr. */
async function sg2iter(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => void out.push(words.join(' ')));
  vi.spyOn(console, 'error').mockImplementation((...words) => void err.push(words.join(' ')));
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0);
  const code = await main(args);
  vi.restoreAllMocks();
  process.exitCode = 0;
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const FINDING: FindingReport = {
  signature: 'OUT:converted:gcm(aes):encrypt:no+split',
  token: encodeToken(new CaseGenerator(['gcm(aes)']).at(1, 2)),
  ...{ check: 'OUT', subject: 'converted', alg: 'gcm(aes)', layout: '', detail: 'x' },
  ...{ met: [{ kind: 'x', order: [0, 0] }], summary: 'byte 3 <b>is</b> wrong' },
};
const CHECKED = { checked: 20, failed: 0 };
const CONFORM: ConformReport = {
  schemaVersion: SCHEMA_VERSION,
  program: { version: '0', node: '20', openssl: '3', platform: 'linux x64' },
  seed: 1,
  odds: {},
  options: {
    ...{ cases: 20, algs: ['gcm(aes)'], vectors: true, shard: { index: 1, count: 1 } },
    ...{ wholeAt: 20_000, bail: false, time: null, caseTime: 60 },
  },
  selfCheck: { cases: 256, differences: [], undrawn: [] },
  axes: { 'kind: aead': 20, 'memory: user': 3, 'memory: slab': 0, chained: 4 },
  vectors: {
    ...{ passed: 22, failed: 0, skipped: 1 },
    bySource: { 'NIST CAVP AES-GCM': { vectors: 1, trials: 22, failed: 0, skipped: 1 } },
  },
  cases: { passed: 20, failed: 0, skipped: 0 },
  byAlgorithm: {
    'gcm(aes)': {
      ...{ passed: 42, failed: 0, skipped: 0, randomCases: 20, onBothSides: 42 },
      checks: { TRAP: CHECKED, GUARD: CHECKED },
    },
  },
  byCheck: { TRAP: CHECKED, GUARD: CHECKED },
  subjects: { lib: { ran: 10, declined: { 'no library': 10 } } },
  findings: [FINDING],
  interrupted: false,
  unreached: { vectors: 0, checksums: 0, cases: 5 },
  ...{ durationMs: 10, casesPerSecond: 1200, casesCpuMs: 5, peakRssMib: 100 },
};
const MUTANT = {
  class: 'W',
  source: 'x',
  side: 'legacy',
  edits: [],
  expect: ['OUT', 'IV'],
} as const;
const MUTANTS = mutantsJson({
  mutants: [
    { ...MUTANT, id: 'W1-legacy', effect: 'one' },
    { ...MUTANT, id: 'W2-legacy', effect: 'two' },
  ],
  impossible: [],
  results: [
    { id: 'W1-legacy', outcome: 'killed', checks: ['OUT'], cases: 12, ms: 1, detail: 'x' },
    { id: 'W2-legacy', outcome: 'survived', checks: [], cases: 99, ms: 1, detail: 'unseen' },
  ],
  interrupted: false,
  ms: 2000,
});
const LIFETIMES: LifetimesReport = {
  ...{ seed: 1, runs: 28, falseAlarms: [], notes: ['a note'] },
  cells: [
    {
      ...{ bug: 'use after free', description: 'x', representation: 'iov_iter, late' },
      ...{ path: 'software', build: 'tags', runs: 28, caught: 27, harnessOnly: 0 },
      ...{ detector: 'tags', message: 'x' },
    },
  ],
  verdicts: [
    {
      ...{ bug: 'use after free', representation: 'iov_iter, late', caught: true },
      ...{ detector: 'tags', message: 'x' },
    },
  ],
};
/** A bench of the growth: the old API costs ten times the new one. */
function grown(pieces: number, bytes: number): Record<string, unknown> {
  const cpuNs = 1000 * pieces + bytes;
  const old = { way: 'legacy-kept', what: 'scatterlists', cpuNs: 10 * cpuNs };
  const own = { way: 'converted-kept', what: 'iterators', cpuNs };
  const rows = [old, own].map((row) => ({
    ...row,
    cpuNsP10: row.cpuNs * 0.9,
    cpuNsP90: row.cpuNs * 1.2,
  }));
  const id = `${pieces} x ${bytes}`;
  return { id, what: `AES-256-CTR, ${id} bytes`, group: 'growth', bytes: pieces * bytes, rows };
}

const BENCH = {
  ...{ schemaVersion: 2, environment: 'node, a processor', rounds: 3, segmentNs: {} },
  ratios: {
    w1: {
      ...{ way: 'converted-kept', legacy: 9.5, bestPeer: 2.5, rawNode: 0.5 },
      spread: { legacy: [8, 11], bestPeer: [2, 3], rawNode: null },
    },
  },
  benches: [
    {
      ...{ id: 'w1', what: 'AES-256-GCM', group: 'workload', bytes: 1420 },
      rows: [{ way: 'raw', what: 'contiguous', cpuNs: 4764, cpuNsP10: 4239, cpuNsP90: 6269 }],
    },
    ...[10, 100, 1000].map((pieces) => grown(pieces, 64)),
    ...[4096, 65_536].map((bytes) => grown(1, bytes)),
  ],
};
const TARGETS = {
  ...{ environment: 'node', runs: [] },
  targets: [
    { metric: { kind: 'ratio', bench: 'w1' }, bound: 'at least', value: 2, best: 2.5, met: true },
    { metric: { kind: 'ratio', bench: 'w2' }, bound: 'at least', value: 2, met: false },
  ],
};
const SOAK = { soak: [{ engine: 'gcm', requests: 1000, differences: 1, grownMib: 0.5 }] };
const CERTIFICATE = {
  ...{ mode: 'golden', kernel: 'golden 6.1', release: '6.1.176', origin: ['golden data'], seed: 1 },
  ...{ cases: 10, answered: 10, boots: 0, seconds: 1, axes: { skcipher: 10 }, crashes: [] },
  ...{ expectedCrashes: 0, unstable: [], interrupted: false },
};
/** Both forms of a comparison: with how much of each case was compared, and without. */
const CERTIFICATES = [
  {
    ...CERTIFICATE,
    comparisons: [
      { what: 'model legacy', compared: 9, differing: 0, findings: [], left: { x: 1 } },
    ],
  },
  {
    ...CERTIFICATE,
    comparisons: [
      {
        what: 'converted',
        cases: { whole: 6, part: 1, different: 2, not: 1 },
        findings: [{ id: 'r260', lines: ['output: expected b9, got b8'] }],
        groups: { 'gcm(aes)': { whole: 6, part: 1, different: 2, not: 1 } },
      },
    ],
  },
];

interface Results {
  readonly files: readonly string[];
  readonly sections: readonly Section[];
  readonly page: string;
}

let results: Results | null = null;
let browser: Browser | null = null;
beforeAll(async () => {
  const survey = await sg2iter('survey', 'conformance/survey/fixtures/linux', '--json');
  const files = [
    file('conform.json', CONFORM),
    file('conform-2.json', { ...CONFORM, findings: [], casesPerSecond: 7 }),
    file('mutants.json', MUTANTS),
    file('bench.json', BENCH),
    file('targets.json', TARGETS),
    file('soak.json', SOAK),
    file('certify.json', CERTIFICATES),
    file('survey.json', survey.out),
    file('lifetimes.json', { schemaVersion: 1, ...LIFETIMES }),
  ];
  const sections = readReport(files);
  results = { files, sections, page: reportHtml(sections, 'all of it') };
  if (hasBrowser) browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
});

function ran(): Results {
  if (results === null) throw new Error('no results');
  return results;
}

function section(title: string): Section {
  const found = ran().sections.find((each) => each.title.startsWith(title));
  if (found === undefined) throw new Error(`no section ${title}`);
  return found;
}

function factOf(title: string, label: string): string | undefined {
  return section(title).facts.find((each) => each.label === label)?.value;
}

function block(title: string, start: string): Block {
  const found = section(title).blocks.find((each) => each.title.startsWith(start));
  if (found === undefined) throw new Error(`no block ${start}`);
  return found;
}

function matrix(title: string, start: string): Matrix {
  const found = block(title, start);
  if (found.kind === 'matrix') return found;
  throw new Error(`${start}: ${found.kind}`);
}

test('each result is a section, and several of a kind have a trend before them', () => {
  expect(ran().sections.map(({ title }) => title)).toEqual([
    ...['Trend of conform', 'Conformance, seed 1', 'Conformance, seed 1', 'Mutants', 'Bench'],
    ...['Targets of the bench', 'Soak', 'Trend of certify', 'Certificate: Linux 6.1.176'],
    ...['Certificate: Linux 6.1.176', 'Survey: Linux 6.1.0', 'Lifetimes, seed 1'],
  ]);
  const trend = block('Trend of conform', 'cases a second');
  expect(trend).toMatchObject({ points: [{}, { value: 7 }] });
});

test('a finding about a subject from elsewhere names it in its command, and has no page', () => {
  const subject = { module: './my-driver.js', command: null, known: null, seconds: 5 };
  const [foreign] = readReport([
    file('foreign.json', { ...CONFORM, options: { ...CONFORM.options, subject } }),
  ]);
  const [found] = foreign.blocks.filter(({ title }) => title.startsWith('Finding '));
  const lines = 'lines' in found ? found.lines : [];
  expect(lines).toContain(`sg2iter replay ${FINDING.token} --subject ./my-driver.js`);
  expect(lines.join(' ')).not.toContain('explain');
});

test('a run of conform shows checks of each algorithm, what was drawn, and findings with a picture', () => {
  expect(factOf('Conformance', 'cases passed')).toBe('20');
  expect(factOf('Conformance', 'findings')).toBe('1');
  const { columns, rows } = matrix('Conformance', 'Algorithms and checks');
  expect(columns).toEqual(expect.arrayContaining(['passed', 'TRAP', 'GUARD']));
  expect(rows.map(({ label }) => label)).toEqual(['gcm(aes)']);
  expect(rows[0].cells[columns.indexOf('GUARD')].text).toBe('20');
  const finding = block('Conformance', 'Finding OUT:converted');
  expect(finding).toMatchObject({
    lines: expect.arrayContaining([`sg2iter replay ${FINDING.token}`]),
  });
  expect('lines' in finding && finding.lines.some((line) => line.startsWith('src[0] '))).toBe(true);
  expect(block('Conformance', 'Not covered')).toMatchObject({
    lines: [
      'axis memory: slab',
      'lib did not run 10 trials: no library',
      'no time was left for 5 cases',
    ],
  });
  expect(ran().page).toContain('byte 3 &lt;b&gt;is&lt;/b&gt; wrong');
});

test('mutants, bench, certificates, survey and lifetimes say what their results say', () => {
  expect(factOf('Mutants', 'survived')).toBe('1');
  expect(block('Mutants', 'survived: W2-legacy').kind).toBe('verbatim');
  const kills = matrix('Mutants', 'Who was killed');
  const texts = kills.rows.map(({ cells }) => cells.map(({ text }) => text));
  expect(texts).toEqual([
    ['o', 'x', '12', 'killed', 'legacy'],
    ['o', 'o', '99', 'survived', 'legacy'],
  ]);
  expect(block('Bench', 'The converted API against the scatterlist')).toMatchObject({
    items: [{ label: 'w1', value: 9.5, low: 8, high: 11, text: '9.5 times (8 to 11)' }],
  });
  expect(block('Bench', 'Growth with pieces')).toMatchObject({
    series: [
      { label: 'scatterlists' },
      { points: [{ x: 10, y: 10.064 }, { x: 100 }, { x: 1000 }] },
    ],
  });
  expect(block('Bench', 'Growth with bytes')).toMatchObject({
    series: [{ points: [{ x: 4096 }, { x: 65_536 }] }, { label: 'iterators' }],
  });
  expect(section('Bench').blocks.some(({ title }) => title.startsWith('10 x 64'))).toBe(false);
  expect(block('Bench', 'w1')).toMatchObject({ items: [{ low: 4239, high: 6269 }] });
  expect([factOf('Targets', 'met'), factOf('Targets', 'missed')]).toEqual(['1', '1']);
  expect(factOf('Soak', 'differences')).toBe('1');
  expect(ran().sections.flatMap(({ figures }) => figures['cases that differ'] ?? [])).toEqual([
    0, 2,
  ]);
  expect(factOf('Survey', 'call sites')).toBe('35');
  const roles = block('Survey', 'Hours by role');
  expect('items' in roles && roles.items[0]).toMatchObject({ label: 'hw-driver' });
  expect(factOf('Lifetimes', 'caught with iov_iter, late')).toBe('1');
  expect(block('Lifetimes', 'The processor')).toMatchObject({
    rows: [{ cells: [{ text: 'tags, 27 of 28' }] }],
  });
});

test('the command writes the page, below one MiB', async () => {
  const out = join(FOLDER, 'page.html');
  const { code, err } = await sg2iter(
    'report',
    ...ran().files,
    '--out',
    out,
    '--title',
    'all of it',
  );
  expect([code, err]).toEqual([0, expect.stringMatching(/page\.html: \d+ KiB$/)]);
  expect(readFileSync(out, 'utf8')).toBe(ran().page);
  expect(Buffer.byteLength(ran().page)).toBeLessThan(1 << 20);
});

test.each<[string, () => string, RegExp]>([
  ['a file that is not there', () => '/nonexistent.json', /\/nonexistent\.json: cannot be read/],
  ['no JSON', () => file('bad.json', '{'), /bad\.json: not a JSON file/],
  [
    'another JSON',
    () => file('other.json', { a: 1 }),
    /other\.json: not the --json of any of conform/,
  ],
  [
    'a wrong field',
    () => file('field.json', { ...SOAK, soak: [{ ...SOAK.soak[0], requests: 'x' }] }),
    /field\.json: bench --soak: soak\.0\.requests: /,
  ],
])('%s is one line and exit 2', async (_name, path, message) => {
  const { code, out, err } = await sg2iter('report', path(), '--out', join(FOLDER, 'no.html'));
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(message);
  expect(err.split('\n')).toHaveLength(1);
});

test.skipIf(!hasBrowser).for([
  [WIDTHS[0], 'dark'],
  [WIDTHS[1], 'light'],
] as const)(`every section is shown at %d pixels, %s${WHY}`, async ([width, scheme]) => {
  if (browser === null) throw new Error('no browser');
  const { page, complaints } = await openPage(browser, ran().page, width, scheme);
  expect(await page.locator('section h2').allTextContents()).toEqual(
    ran().sections.map(({ title }) => title),
  );
  const charts = ran().sections.flatMap(({ blocks }) =>
    blocks.filter(({ kind }) => kind === 'curves' || kind === 'trend'),
  );
  expect(charts.length).toBeGreaterThan(4);
  expect(await page.locator('.chart svg path').count()).toBeGreaterThan(charts.length);
  expect(await page.locator('.chart:has(svg)').count()).toBe(charts.length);
  expect(await overflow(page)).toBe(0);
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(complaints).toEqual([]);
  await page.close();
});
