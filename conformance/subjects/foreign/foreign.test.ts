/**
 * Goal: a driver model and a program of somebody else's are judged as our own sides are, and one that hangs,
 * dies or answers nonsense is one finding with one line.
 * Method: the two worked examples, as they are and with a bug; sides and programs that do not play along,
 * compared line by line.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { type ConformOptions, conform } from '../../campaign/conform.ts';
import { Harness, type SidesOf } from '../../campaign/harness.ts';
import { CampaignCases } from '../../case/scenarios.ts';
import { exitCodeOf } from '../../commands/conform.ts';
import { judgeTrial, type Violation } from '../../judge/judge.ts';
import { Tally } from '../../judge/tally.ts';
import { reportOf } from '../../report/conform-report.ts';
import type { ConformReport } from '../../report/schema.ts';
import { textOf } from '../../report/text.ts';
import type { Side } from '../machine-subject.ts';
import { type Outcome, refused } from '../outcome.ts';
import { bothSides } from '../sides.ts';
import { SubjectError } from '../subject-error.ts';
import { subject as ring } from './examples/ring-driver.ts';
import { admitSubjects, type SubjectSpec } from './foreign.ts';
import { GuardedSide } from './guarded-side.ts';
import { ProcessSide } from './process-side.ts';

const scratch = mkdtempSync(join(tmpdir(), 'sg2iter-foreign-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const QUIET = { progress: () => undefined, stopped: () => false };
const OPTIONS: ConformOptions = {
  ...{ seed: 1, cases: 60, wholeAt: 20_000, time: Number.POSITIVE_INFINITY, algs: ['ctr(aes)'] },
  ...{ bail: false, vectors: false, shard: { index: 1, count: 1 }, workers: 1, caseTime: 60 },
};
const NONE: SubjectSpec = { module: null, command: null, known: null, seconds: 10 };
const EXAMPLES = fileURLToPath(new URL('./examples/', import.meta.url));

async function run(
  sidesOf: Parameters<typeof conform>[0],
  options: Partial<ConformOptions> = {},
): Promise<ConformReport> {
  return reportOf(await conform(sidesOf, { ...OPTIONS, ...options }, QUIET));
}

/** What a campaign would find in its first cases, without its self-check. */
function judged(
  sidesOf: SidesOf,
  count: number,
  algs: readonly string[] = ['ctr(aes)'],
): { readonly violations: Violation[]; readonly tally: Tally } {
  const harness = new Harness(sidesOf);
  const cases = new CampaignCases(algs);
  const tally = new Tally();
  const violations: Violation[] = [];
  for (let i = 0; i < count; i++) {
    const trial = harness.run(cases.at(OPTIONS.seed, i).c);
    const found = judgeTrial(trial);
    tally.add(trial, found);
    violations.push(...found);
  }
  return { violations, tally };
}

/** The first finding of a subject, as it is printed. */
function lineOf({ findings }: ConformReport, subject: string): string {
  return findings.find((finding) => finding.subject === subject)?.summary ?? 'no finding';
}

test('the driver model of the example passes, with a cipher that no table has', async () => {
  const { sidesOf, algs } = await admitSubjects({ ...NONE, module: `${EXAMPLES}ring-driver.ts` });
  expect(algs).toEqual(ring.algs);
  const { violations, tally } = judged(sidesOf, 160, algs ?? []);
  expect(violations).toEqual([]);
  expect(tally.byAlgorithm.get('xor(bytes)')).toMatchObject({ failed: 0, compared: 0 });
  expect(tally.byAlgorithm.get('xor(bytes)')?.passed).toBeGreaterThan(70);
  expect(tally.bySubject.get('ring')?.ran).toBeGreaterThan(120);
});

test('a driver that is wrong is found under its own name', async () => {
  const { sidesOf } = await admitSubjects({ ...NONE, module: `${EXAMPLES}ring-driver.ts` });
  const stale: typeof sidesOf = (machine) =>
    sidesOf(machine).map((side) =>
      side.isForeign === true
        ? new GuardedSide({
            ...{ name: 'stale', joined: false, renew: () => side.renew() },
            declines: (c) => side.declines?.(c) ?? null,
            run: (op) => ({ ...side.run(op), iv: op.input.iv }),
          })
        : side,
    );
  const { violations } = judged(stale, 60);
  const kinds = new Set(violations.map(({ subject, check }) => `${check} ${subject}`));
  expect(kinds).toEqual(new Set(['IV stale']));
});

const COMPILER = ['cc', 'gcc', 'clang'].find((name) => compile(name));
const WHY = COMPILER === undefined ? ' (skipped: no C compiler, or no headers of OpenSSL)' : '';

function compile(compiler: string): boolean {
  const files = ['-o', join(scratch, 'evp'), `${EXAMPLES}evp.c`, '-lcrypto'];
  try {
    execFileSync(compiler, ['-O1', '-Wall', '-Werror', ...files], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test.skipIf(COMPILER === undefined)(`a C program on EVP passes the same cases${WHY}`, async () => {
  const { sidesOf } = await admitSubjects({ ...NONE, command: join(scratch, 'evp') });
  const algs = ['gcm(aes)', 'cbc(aes)', 'ctr(aes)', 'sha256', 'md5'];
  const { violations, tally } = judged(sidesOf, 150, algs);
  const counts = tally.bySubject.get('subject');
  expect(violations).toEqual([]);
  expect(counts?.ran).toBeGreaterThan(90);
  expect(counts?.declined.get('no such algorithm here')).toBeGreaterThan(10);
});

/** A program in JavaScript that answers each question with what `answer` makes of it. */
function programOf(answer: string): string {
  const file = join(scratch, `${Math.abs(answer.length)}-${programs++}.cjs`);
  writeFileSync(
    file,
    `require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
      const question = JSON.parse(line);
      ${answer}
    });`,
  );
  return `${process.execPath} ${file}`;
}
let programs = 0;

test.each([
  ['dies', 'process.exit(3)', 'ended with exit code 3'],
  ['prints', "console.log('debug: here')", 'not an answer: debug: here'],
  ['prints bytes', "process.stdout.write('\\x1b[31m\\n')", 'not an answer: ?[31m'],
  [
    'answers others',
    'console.log(JSON.stringify({ id: 7e5, output: "" }))',
    'not an answer: nothing was asked under id 700000',
  ],
  [
    'answers too little',
    'console.log(JSON.stringify({ id: question.id, output: "" }))',
    /^answered 0 bytes, \d+ were asked for$/,
  ],
  [
    'has errnos of its own',
    'console.log(JSON.stringify({ id: question.id, error: "EWRONG" }))',
    'not an answer: no errno is called EWRONG',
  ],
])('a program that %s is one line', (_, answer, line) => {
  const side = new ProcessSide('subject', programOf(answer), 5);
  const { violations } = judged((machine) => [...bothSides(machine), side], 1);
  expect(violations.length).toBeGreaterThan(0);
  for (const { check, subject, detail } of violations) {
    expect({ check, subject }).toEqual({ check: 'TRAP', subject: 'subject' });
    expect(detail).toMatch(line);
    expect(detail).not.toContain('\n');
  }
});

test('a program that falls silent is a case that does not end, and soon the end of the run', async () => {
  const report = await run(
    (machine) => [...bothSides(machine), new ProcessSide('subject', programOf(''), 0.2)],
    { cases: 2000 },
  );
  expect(exitCodeOf(report)).toBe(1);
  expect(lineOf(report, 'subject')).toContain('does not end: no answer for 0.2 s');
  expect(report.unreached.cases).toBeGreaterThan(1000);
  expect(textOf(report).join('\n')).toContain('given up before');
});

const NONSENSE: readonly [string, (outcome: Outcome) => unknown, RegExp][] = [
  ['throws', () => JSON.parse('{'), /^threw SyntaxError: .* at \/.*foreign\.test\.ts:\d+$/],
  ['throws a word', () => fail('out of luck'), /^threw Error: out of luck/],
  ['gives nothing', () => undefined, /^answered nonsense: undefined$/],
  ['gives a promise', () => Promise.resolve(refused(0)), /^answered nonsense: a promise/],
  ['gives a word', (outcome) => ({ ...outcome, ret: 'EINVAL' }), /: ret is "EINVAL"$/],
  ['gives no list', (outcome) => ({ ...outcome, form: null }), /: form is null$/],
];

function fail(message: string): never {
  throw new Error(message);
}

test.each(NONSENSE)('a side that %s is one line', (_, answer, line) => {
  const odd = (side: Side): Side => ({
    ...{ name: 'odd', joined: false, renew: () => side.renew() },
    declines: (c) => side.declines?.(c) ?? null,
    run: (op) => answer(side.run(op)) as Outcome,
  });
  const { violations } = judged(
    (machine) => [...bothSides(machine), new GuardedSide(odd(bothSides(machine)[1]))],
    1,
  );
  expect(violations).toHaveLength(1);
  expect(violations[0]).toMatchObject({ check: 'TRAP', subject: 'odd' });
  expect(violations[0].detail).toMatch(line);
  expect(violations[0].detail).not.toContain('\n');
});

test.each([
  ['is not there', null, /nowhere\.mjs: cannot be loaded/],
  ['is no program', 'export const subject = {', /cannot be loaded: /],
  ['exports something else', 'export const driver = {};', /exports no 'subject'/],
  ['never loads', 'await new Promise(() => {});', /is not loaded after 0\.2 s/],
  [
    'brings a row that is in the table',
    "export const subject = { name: 'a', sides: () => [], algorithms: [{ name: 'sha256', kind: 'ahash', key: { check() {} } }] };",
    /sha256 is in the table/,
  ],
  [
    'brings a known answer that is none',
    "export const subject = { name: 'a', sides: () => [], vectors: [{ alg: 'x', kind: 'skcipher', key: 'zz' }] };",
    /vectors: 0\.key: not lower-case hex/,
  ],
])('a module that %s is refused by one line', async (_, code, line) => {
  const module = join(scratch, code === null ? 'nowhere.mjs' : `${programs++}.mjs`);
  if (code !== null) writeFileSync(module, code);
  const refusal = admitSubjects({ ...NONE, module, seconds: 0.2 });
  await expect(refusal).rejects.toThrow(SubjectError);
  await expect(refusal).rejects.toThrow(line);
});

test('known answers are enough of an algorithm that nobody else knows', async () => {
  const known = join(scratch, 'known.json');
  const about = { alg: 'rot13', kind: 'skcipher', key: '00' };
  const answers = [
    { ...about, input: '61626364', output: '6e6f7071' },
    { ...about, input: '6162', output: '6e6f' },
    { alg: 'sum8', kind: 'ahash', input: '0102', output: '03' },
  ];
  writeFileSync(known, JSON.stringify(answers));
  const rot = `
    const bytes = [...Buffer.from(question.text, 'hex')];
    const turned = (by) => Buffer.from(bytes.map((b) => (b + by) % 256)).toString('hex');
    const sum = Buffer.from([bytes.reduce((a, b) => a + b, 0) % 256]).toString('hex');
    const output = question.op === 'digest' ? sum : turned(question.op === 'encrypt' ? 13 : WRONG);
    console.log(JSON.stringify({ id: question.id, output }));`;
  const algs = ['rot13', 'sum8'];
  const right = { ...NONE, known, command: programOf(rot.replace('WRONG', '243')) };
  const { sidesOf } = await admitSubjects(right);
  const report = await run(sidesOf, { algs, vectors: true, cases: 0, subject: right });
  expect(report.findings).toEqual([]);
  expect(report.vectors.bySource[`known answers: ${known}`]).toMatchObject({ vectors: 3 });
  const bad = programOf(rot.replace('WRONG', '242'));
  const wrong = await run(
    (machine) => [new ProcessSide('subject', bad, 5), ...bothSides(machine)],
    {
      ...{ algs, vectors: true, cases: 0, subject: right },
    },
  );
  expect(lineOf(wrong, 'subject')).toMatch(
    /^subject: .* decrypt: byte 0 of 2: 6061 instead of 6162/,
  );
  expect(textOf(wrong).join('\n')).toContain(`--subject-cmd '${right.command}' --known ${known}`);
});

test('the examples are where the README says', () => {
  expect(existsSync(`${EXAMPLES}evp.c`) && existsSync(`${EXAMPLES}ring-driver.ts`)).toBe(true);
});
