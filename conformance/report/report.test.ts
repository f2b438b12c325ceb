/**
 * Goal: every format says what the report says, whatever stands in it, and parts of a campaign come to the
 * report of the whole.
 * Method: one small run with findings and one without, written in every format and read back by rules of
 * the format that are written down here; the same run in shards; reports with one field altered.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '../../src/machine/access.ts';
import { Canary, spoilLast } from '../campaign/canary.ts';
import { programs } from '../campaign/canary-programs.ts';
import { type ConformOptions, conform } from '../campaign/conform.ts';
import type { SidesOf } from '../campaign/harness.ts';
import { decodeToken } from '../campaign/replay.ts';
import { bytesLength, CALLERS } from '../case/case.ts';
import { exitCodeOf } from '../commands/conform.ts';
import { bothSides } from '../subjects/sides.ts';
import { explainCommand } from './again.ts';
import { reportOf } from './conform-report.ts';
import { evidenceOf } from './evidence.ts';
import { mergeReports } from './merge.ts';
import { drawCase } from './picture.ts';
import { readReport } from './read-report.ts';
import { REPORTERS } from './reporters.ts';
import { resultsOf } from './results.ts';
import { type ConformReport, reportJsonSchema, reportSchema } from './schema.ts';

const OPTIONS: ConformOptions = {
  seed: 9,
  cases: 520,
  wholeAt: 20_000,
  time: Number.POSITIVE_INFINITY,
  algs: ['ctr(aes)'],
  bail: false,
  vectors: false,
  shard: { index: 1, count: 1 },
  workers: 1,
  caseTime: 60,
};
const QUIET = { progress: () => {}, stopped: () => false };

/** An API that is wrong about long messages, in two ways. */
const spoiled: SidesOf = (machine) => {
  const [legacy, converted] = bothSides(machine);
  const some = new Canary(converted, (op, outcome) => {
    return op.input.text.length < 4200 ? outcome : spoilLast(op, outcome);
  });
  return [legacy, some];
};

async function run(sidesOf: SidesOf, more: Partial<ConformOptions> = {}): Promise<ConformReport> {
  return reportOf(await conform(sidesOf, { ...OPTIONS, ...more }, QUIET));
}

let clean: ConformReport;
let broken: ConformReport;
let folder: string;

beforeAll(async () => {
  clean = await run(bothSides, { cases: 20 });
  broken = await run(spoiled);
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-report-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

function written(format: string, report: ConformReport): string {
  const reporter = REPORTERS.get(format);
  expect(reporter, format).toBeDefined();
  return reporter?.(report) ?? '';
}

/** What took time, which is not the same twice. */
function lasting({ durationMs, casesCpuMs, casesPerSecond, peakRssMib, ...rest }: ConformReport) {
  return rest;
}

/** A report in which every text that comes from outside has what some format cannot bear. */
function hostile(): ConformReport {
  const evil = 'a <b> & "c" # 100%, d: \\\u0000\u001b[31m\ufffe\ud800\r\n::error::x ]]>';
  const findings = broken.findings.map((finding) => ({ ...finding, summary: evil }));
  const bySource = { [evil]: { vectors: 1, trials: 2, failed: 1, skipped: 0 } };
  return { ...broken, findings, vectors: { ...broken.vectors, failed: 1, bySource } };
}

test('the run with findings has some, the other none', () => {
  expect(broken.findings.length).toBeGreaterThan(1);
  expect([exitCodeOf(broken), exitCodeOf(clean)]).toEqual([1, 0]);
});

test.each([3])('%i shards come to the report of the whole', async (count) => {
  const parts: { file: string; report: ConformReport }[] = [];
  for (let index = count; index > 0; index--) {
    parts.push({ file: `${index}.json`, report: await run(spoiled, { shard: { index, count } }) });
  }
  const merged = mergeReports(parts);
  expect(JSON.stringify(lasting(merged))).toBe(JSON.stringify(lasting(broken)));
  expect(merged.cases.passed + merged.cases.failed).toBe(OPTIONS.cases);
  expect(() => mergeReports(parts.slice(1))).toThrow(`part ${count} of ${count} is missing`);
  expect(() => mergeReports([...parts, parts[0]])).toThrow(`part ${count} is given twice`);
  const other = { file: 'x.json', report: { ...parts[0].report, seed: 10 } };
  expect(() => mergeReports([...parts.slice(1), other])).toThrow('x.json: not a part of');
});

test('a report is what its schema says, and the schema is published', () => {
  for (const report of [clean, broken, hostile()]) {
    expect(reportSchema.parse(JSON.parse(written('json', report)))).toEqual(
      JSON.parse(JSON.stringify(report)),
    );
  }
  expect(reportJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false });
});

test('a file that is no report is one line that names the field', () => {
  const file = join(folder, 'report.json');
  const read = (value: unknown): string => {
    writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
    try {
      readReport(file);
    } catch (error) {
      return String(error);
    }
    return 'accepted';
  };
  expect(read(clean)).toBe('accepted');
  expect(read('{')).toMatch(/report\.json: not a JSON file$/);
  expect(read({ ...clean, cases: null })).toMatch(/report\.json: cases: /);
  expect(read({ ...clean, schemaVersion: 2 })).toMatch(/report\.json: schemaVersion: /);
  // Every field is looked at: without it, and with a value that nothing has.
  for (const name of Object.keys(clean)) {
    expect(read({ ...clean, [name]: undefined }), name).toContain(`report.json: ${name}: `);
    expect(read({ ...clean, [name]: [['x']] }), name).toContain(`report.json: ${name}`);
  }
  expect(() => readReport(folder)).toThrow('cannot be read');
});

/** Checks plans and numbers at one depth. @returns names and outcomes. */
function points(lines: readonly string[], indent: string): string[] {
  const plan = lines.findIndex((line) => line.startsWith(`${indent}1..`));
  const all = lines.filter((line) => /^(not )?ok /.test(line.slice(indent.length)));
  const own = all.filter((line) => line.startsWith(indent) && line[indent.length] !== ' ');
  const numbers = own.map((line) => Number(/ok (\d+)/.exec(line)?.[1]));
  expect(lines[plan]).toBe(`${indent}1..${own.length}`);
  expect(numbers).toEqual(own.map((_, i) => i + 1));
  return own.map((line) => line.slice(indent.length));
}

test('TAP and KTAP have a plan, a number and a verdict for each suite', () => {
  for (const report of [clean, broken, hostile()]) {
    const suites = resultsOf(report);
    const verdicts = suites.map(({ tests }) => tests.every(({ ok }) => ok));
    for (const format of ['tap', 'ktap']) {
      const lines = written(format, report).split('\n');
      expect(lines[0]).toBe(format === 'tap' ? 'TAP version 14' : 'KTAP version 1');
      expect(points(lines, '').map((line) => line.startsWith('ok'))).toEqual(verdicts);
    }
  }
});

test('no text breaks out of its line, its tag or its annotation', () => {
  for (const format of ['tap', 'ktap', 'github']) {
    const lines = written(format, hostile()).split('\n');
    const own = /^\s*(TAP version|KTAP version|\d+\.\.|ok |not ok |# |---|\.\.\.|details:|- "|::)/;
    expect(lines.filter((line) => !own.test(line))).toEqual([]);
    expect(lines.filter((line) => /\p{Cc}/u.test(line))).toEqual([]);
    expect(lines.some((line) => line.startsWith('::error::x'))).toBe(false);
  }
  const xml = written('junit', hostile());
  const inside = xml.replace(/<[^<>]*>/g, '').replace(/&(amp|lt|gt|quot);/g, '');
  expect(inside).not.toMatch(/[<>&"]/);
  expect([...xml].filter((char) => char < ' ' && char !== '\n' && char !== '\r')).toEqual([]);
});

test('JUnit counts what failed, and every tag is closed', () => {
  const xml = written('junit', broken);
  // The schema of Jenkins has `skipped` for a suite, and not for all of them.
  expect(xml).toMatch(
    /<testsuites name="[^"]+" tests="\d+" failures="\d+" errors="0" time="[^"]+">/,
  );
  expect(xml).toMatch(
    /<testsuite name="[^"]+" tests="\d+" failures="\d+" errors="0" skipped="\d+">/,
  );
  const failed = resultsOf(broken).flatMap(({ tests }) => tests.filter(({ ok }) => !ok));
  expect(xml.match(/<failure /g)).toHaveLength(failed.length);
  expect(xml).toMatch(new RegExp(`<testsuites [^>]*failures="${failed.length}"`));
  const open: string[] = [];
  for (const [, close, name = '', self] of xml.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
    if (close === '/') expect(open.pop()).toBe(name);
    else if (self !== '/') open.push(name);
  }
  expect(open).toEqual([]);
});

test('annotations name each finding, its replay, and the command that tells its steps', () => {
  const lines = written('github', broken).split('\n');
  for (const [i, { token, alg }] of broken.findings.entries()) {
    expect(lines[i]).toContain(alg);
    expect(lines[i]).toContain(`replay: sg2iter replay ${token}`);
    expect(lines[i]).toContain(`sg2iter explain ${token}`);
  }
  expect(lines.at(-1)).toMatch(/^::notice title=sg2iter conform::seed 9: /);
});

test('every format names the command that tells the steps, where it takes the case', () => {
  const told = broken.findings.filter(({ token }) => explainCommand(token) !== null);
  expect(told.length).toBeGreaterThan(0);
  const explain = `sg2iter explain ${told[0].token}`;
  const one = { ...broken, findings: [told[0]] };
  for (const format of ['text', 'tap', 'ktap', 'junit', 'github']) {
    expect(written(format, one), format).toContain(explain);
  }
  expect(evidenceOf([one]).join(' ')).toMatch(new RegExp(`explain\\s+${told[0].token}`));
  const other = { ...one, findings: [{ ...told[0], token: 'sg2iter9.x' }] };
  expect(written('text', other)).toMatch(/no picture: replay token/);
  expect(written('text', other)).not.toContain('sg2iter explain');
});

test('the text has a legend of the checks that fired', () => {
  const text = written('text', broken);
  expect(text).toMatch(/what these checks verify:\n {2}OUT +text, tag or digest equal/);
  expect(written('text', clean)).not.toContain('what these checks verify');
});

test('a picture says what else the case does', () => {
  const [c] = broken.findings.map(({ token }) => decodeToken(token));
  expect(drawCase(c).join('\n')).not.toContain('context:');
  const context = { ...c.context, reuse: true, fault: 2, backlog: true };
  const lines = drawCase({ ...c, context, tamper: { part: 'text', byte: 3, bit: 1 } });
  expect(lines).toContain(
    'context: backlog; another request on the transform before; allocation 2 fails; ' +
      'bit 1 of byte 3 of the text flipped',
  );
});

test('a picture says where the IV and the pages are, and what the caller does', () => {
  const { rekeyed } = programs();
  const context = { ...rekeyed.context, stackIv: true as const, highmem: true as const };
  const text = drawCase({ ...rekeyed, context }).join('\n');
  expect(text).toMatch(/context: .*IV on the stack of the caller; pages in highmem/);
  expect(text).not.toContain('before a submission returns');
  const early = drawCase({ ...rekeyed, context: { ...context, early: true } }).join('\n');
  expect(early).toMatch(/context: .*; work may run before a submission returns/);
  expect(text).toContain('the caller is at fault: the key was set, behind request 1');
  for (const caller of CALLERS) {
    const lent = drawCase({ ...rekeyed, context: { ...context, caller } }).join('\n');
    expect(lent).toMatch(/context: .*pages in highmem; user memory (pinned|held by|copied to)/);
  }
});

test('a finding about a request of a program has the lists of that request drawn, and its byte marked', () => {
  const { four } = programs();
  const program = must(four.program ?? null);
  const layout = { ...four.layout, dst: [{ kind: 'page', offset: 0, len: 416 } as const] };
  const [first, ...rest] = program.requests;
  const c = { ...four, program: { ...program, requests: [{ ...first, layout }, ...rest] } };
  const of = (detail: string, request?: number): string =>
    drawCase(c, { check: 'OUT', detail, request }).join('\n');
  const about = of('request 1: byte 3 of 416: 00 instead of 01, byte 3 of dst[0]', 1);
  expect(about).toContain(`request 1: 0 AD + ${bytesLength(first.text)} text bytes`);
  expect(about).toMatch(/^request 1: /);
  expect(about).toMatch(/dst\[0\] page +@ +0 len +416/);
  expect(about).toMatch(/request 1: encrypt .*, may backlog/);
  expect(about).toContain('queue of 1');
  expect(of('byte 3 of 416: 00 instead of 01, byte 3 of dst[0]')).not.toMatch(/len +416/);
});

test('evidence says what was not covered', () => {
  const text = evidenceOf([{ ...clean, unreached: { vectors: 3, checksums: 0, cases: 0 } }])
    .join('\n')
    .replace(/\n +/g, ' ');
  expect(text).toContain('time was up before 3 vectors');
  expect(text).toContain('known answers: left out by --no-vectors');
  expect(text).toMatch(/never drawn: .*in place: twin|never drawn: /);
  expect(text).toMatch(/seed 9: 20 random cases and 0 trials of known answers/);
  const found = evidenceOf([broken]).join('\n');
  expect(found).toContain(`findings: ${broken.findings.length}`);
  expect(found.split('\n').filter((line) => line.length > 75 && !/sg2iter2\./.test(line))).toEqual(
    [],
  );
});
