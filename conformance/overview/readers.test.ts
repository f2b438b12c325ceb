/**
 * Goal: what any command prints with --json is a section, or one line that says what to give instead.
 * Method: real runs where they are cheap, the makers of the JSON with small data where not.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { encodeToken } from '../campaign/replay.ts';
import { CaseGenerator } from '../case/generate.ts';
import { compareScenario } from '../compare/compare.ts';
import { LIMITS } from '../compare/limits.ts';
import { SCENARIOS } from '../compare/scenarios.ts';
import { runStructure } from '../structure/run.ts';
import { committedReport, foreignReport, testmgrReport } from '../vectors/report.ts';
import { reportHtml } from './html.ts';
import type { Section } from './model.ts';
import { readReport } from './read.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'sg2iter-readers-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

function read(value: unknown): Section {
  const file = join(FOLDER, 'result.json');
  writeFileSync(file, JSON.stringify(value));
  const [section] = readReport([file]);
  // Whatever is read can be shown.
  expect(reportHtml([section], 'x')).toContain('<h2 ');
  return section;
}

/** Facts as one line. */
function facts({ facts: all }: Section): string {
  return all.map(({ label, value }) => `${label} ${value}`).join(', ');
}

/** The cells of a row of a table. */
function cells({ blocks }: Section, title: string, label: string): string[] {
  const block = blocks.find((each) => each.title.startsWith(title));
  if (block?.kind !== 'matrix') throw new Error(`no table ${title}`);
  return block.rows.find((row) => row.label === label)?.cells.map(({ text }) => text) ?? [];
}

const SIDES = [
  { side: 'legacy', passed: 3, failed: 1, absent: {} },
  { side: 'lib', passed: 2, failed: 0, absent: { 'no such name': 2 } },
];

test('committed known answers say what passed, by source and by side', () => {
  const { json } = committedReport({
    sources: [{ source: 'CAVP', vectors: 4, runs: 40, passed: 3, failed: 1, skipped: 2 }],
    algorithms: new Map([['gcm(aes)', { passed: 3, failed: 1, skipped: 2 }]]),
    sides: SIDES,
    failures: ['gcm(aes): <b>tag</b>'],
    interrupted: true,
  });
  const section = read(json);
  expect(facts(section)).toMatch(/^failed 1, passed 3, skipped 2, .*interrupted/);
  expect(section.title).toMatch(/known answers/i);
  expect(cells(section, 'Sources', 'CAVP')).toEqual(['4', '40', '3', '1', '2']);
  expect(cells(section, 'Sides', 'lib')).toEqual(['2', '-', '2: no such name']);
  expect(reportHtml([section], 'x')).toContain('&lt;b&gt;tag');
});

test('a folder of collections says what passed, by file and by flag', () => {
  const file = { path: 'aes.json', format: 'Wycheproof', alg: 'gcm(aes)' } as const;
  const { json } = foreignReport({
    files: [{ ...file, tests: 5, passed: 3, failed: 0, omitted: { 'key size': 2 } }],
    flags: [{ flag: 'ShortTag', vectors: 3, passed: 3, failed: 0 }],
    sides: [SIDES[1]],
    failures: [],
    runs: 12,
    interrupted: false,
  });
  const section = read(json);
  expect(facts(section)).toBe(
    'files 1, failed 0, passed 3, skipped 2, layouts of each none, a program was asked',
  );
  expect(cells(section, 'Files', 'aes.json')).toEqual([
    'Wycheproof',
    'gcm(aes)',
    '5',
    '3',
    '-',
    '2: key size',
  ]);
  expect(cells(section, 'Flags', 'ShortTag')).toEqual(['3', '3', '-']);
});

test("the kernel's table says which side has which name", () => {
  const good = { offered: true, passed: 4, failed: 0, failures: [] };
  const bad = { ...good, passed: 3, failed: 1, failures: ['vector 2'] };
  const none = { offered: false, passed: 0, failed: 0, failures: [] };
  const row = { name: 'gcm(aes)', kind: 'aead', vectors: 4, reason: '' } as const;
  const { json } = testmgrReport({
    rows: [
      { ...row, legacy: good, converted: bad, lib: none },
      { ...row, name: 'lz5', legacy: none, converted: none, lib: none, reason: 'not modelled' },
    ],
    runs: 10,
    interrupted: false,
  });
  const section = read(json);
  expect(facts(section)).toMatch(/converted: vectors failed 1,.*legacy: names 1 of 2/);
  expect(cells(section, 'Names', 'gcm(aes)')).toEqual(['aead', '4', '4', '1 failed', '-', '-']);
  expect(cells(section, 'Names', 'lz5').at(-1)).toBe('not modelled');
});

test('compare has a table and times for each scenario, and the limits', () => {
  const [scenario] = SCENARIOS;
  const section = read({
    schemaVersion: 1,
    scenarios: [compareScenario(scenario, 1)],
    cannot: LIMITS,
  });
  expect(Number(cells(section, scenario.id, 'scatterlist')[0])).toBeGreaterThan(0);
  expect(section.blocks.map(({ kind }) => kind)).toEqual([
    'matrix',
    'bars',
    'prose',
    'prose',
    'prose',
  ]);
});

test('algorithms are counted by both sides', () => {
  const row = { alg: 'a', kind: 'aead', async: false, priority: 1, vectors: 2, randomCases: 3 };
  const algorithms = [
    { ...row, driver: 'a-generic', legacy: true, converted: true },
    { ...row, driver: 'a-fast', legacy: true, converted: false },
  ];
  const section = read({ schemaVersion: 2, algorithms });
  expect(facts(section)).toBe('algorithms on both sides 1 of 1, drivers on both sides 1 of 2');
  expect(cells(section, 'Drivers', 'a-fast').slice(-4)).toEqual(['yes', '-', '2', '3']);
});

test('a run of an exported suite is a section', () => {
  const failed = [{ name: 'x', reasons: ['not ok'] }];
  const run = { release: '6.1', origin: ['QEMU'], passed: ['y'], failed, skipped: [], ktap: '' };
  expect(facts(read({ schemaVersion: 1, cases: 2, folder: 'f', files: [], run }))).toBe(
    'failed 1, passed 1, skipped 0, cases 2, how QEMU',
  );
});

test('the structural tier says what it drew and what it found', async () => {
  const quiet = { progress: () => undefined, stopped: () => false };
  const result = await runStructure({ seed: 1, cases: 64, bail: false }, quiet);
  const finding = { check: 'WALK', subject: 'legacy', detail: 'one byte', number: 4, cases: 2 };
  const section = read({ schemaVersion: 1, ...result, findings: [finding], undrawn: ['x'] });
  expect(facts(section)).toMatch(/^findings 1,.*never drawn 1, cases 64/);
  expect(reportHtml([section], 'x')).toContain('--tier structural --seed 1 --cases 5 --bail');
});

test('drivers say what each group was compared with', () => {
  const counts = { algorithms: 2, drivers: 3, cases: 12, compared: 24, failed: 0 };
  const section = read({
    ...{ schemaVersion: 1, seed: 4, cases: 4, drivers: [], findings: [] },
    compared: [{ group: 'accelerated', ...counts }],
  });
  expect(facts(section)).toBe('findings 0, cases of each driver 4, answers compared 24');
  expect(cells(section, 'Drivers', 'accelerated')).toEqual(['2', '3', '12', '24', '-']);
});

test('faults and orders say what was run, and findings have a picture and both commands', () => {
  const token = encodeToken(new CaseGenerator(['gcm(aes)']).at(1, 2));
  const finding = { check: 'LEAK', summary: 'a page', token, subject: 'x', detail: 'y' };
  const points = { legacy: { kmalloc: 3, gup: 1 }, converted: { kmalloc: 2 } };
  const faults = read({
    ...{ schemaVersion: 1, seed: 3, runs: 7, byKind: { aead: points } },
    drivers: [{ driver: 'gcm-generic', kind: 'aead', cases: 2, points }],
    findings: [finding],
  });
  expect(facts(faults)).toBe('findings 1, drivers 1, cases 2, runs 7');
  expect(cells(faults, 'Calls', 'aead, converted')).toEqual(['2', '-']);
  expect(cells(faults, 'By driver', 'gcm-generic')).toEqual(['5', '1']);
  const page = reportHtml([faults], 'x');
  expect(page).toContain(`sg2iter replay ${token}`);
  expect(page).toContain(`sg2iter explain ${token} --html walk.html`);
  expect(page).toContain('src[0] ');
  const orders = read({
    ...{ schemaVersion: 1, seed: 3, findings: [{ ...finding, order: [1, 0] }] },
    schedules: { explored: { 1: 5, 2: 10 }, drivers: 2, cut: ['gcm: 4 in flight'] },
  });
  expect(facts(orders)).toMatch(/^findings 1, orders 15, asynchronous drivers 2/);
  expect(reportHtml([orders], 'x')).toContain('choices 1 0');
});

test('thousands of findings do not make a page of many MiB', () => {
  const finding = { check: 'OUT', summary: 'x', token: 'sg2iter2.x' };
  const schedules = { explored: {}, drivers: 1, cut: [] };
  const findings = Array.from({ length: 5000 }, () => finding);
  const section = read({ schemaVersion: 1, seed: 1, schedules, findings });
  expect(facts(section)).toMatch(/^findings 5,000/);
  const page = reportHtml([section], 'x');
  expect(page.match(/Finding OUT/g)).toHaveLength(100);
  expect(page).toContain('4,900 more are in the JSON');
});

test.each<[string, unknown, RegExp]>([
  ['survey diff', { from: 'a', to: 'b', files: [] }, /survey diff: give the surveys/],
  ['survey burn-down', [{ callerFiles: [], walkOnlyFiles: 1 }], /burn-down: give the surveys/],
  ['doctor', [{ name: 'qemu', ok: true, answer: 'x' }], /doctor: it is of the machine/],
  ['survey --self-check', { calls: 1, mismatches: [], sample: null }, /give the survey itself/],
  ['replay', { schemaVersion: 1, case: {}, violations: [] }, /explain --html/],
  ['explain', { case: {}, violations: [], divergence: null, frames: [] }, /of explain: one case/],
  ['replay --case', new CaseGenerator(['gcm(aes)']).at(1, 2), /of replay --case: one case/],
  ['fleet status', { campaign: {}, waiting: 1, active: 0 }, /fleet collect --json/],
  ['mutants --list', { mutants: [], impossible: [] }, /nothing ran/],
  ['conform --schema', { $schema: 'x', type: 'object' }, /the schema, not a report/],
  ['export', { schemaVersion: 1, cases: 1, folder: 'f', files: [] }, /files that were written/],
  ['a number', 5, /not the --json of any of conform, /],
  ['null', null, /not the --json of any of conform, /],
  ['an empty list', [], /certify: result: /],
])('the JSON of %s is refused in one line', (_name, value, message) => {
  expect(() => read(value)).toThrow(message);
  expect(() => read(value)).toThrow(/^[^\n]*result\.json: [^\n]*$/);
});
