/**
 * Goal: every command does what its help says, and bad input is one line and exit 2.
 * Method: run the command line in this process with both output streams captured.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { DEFAULT_SEED } from '../campaign/conform.ts';
import { Harness } from '../campaign/harness.ts';
import { jobsOf, plansOf } from '../campaign/jobs.ts';
import { decodeToken, encodeToken } from '../campaign/replay.ts';
import { bytesLength, type Case, isRefused } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { CampaignCases, campaignNames } from '../case/scenarios.ts';
import { unexportable } from '../export/suite.ts';
import { main } from './main.ts';

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function sg2iter(...args: string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => void out.push(words.join(' ')));
  vi.spyOn(console, 'error').mockImplementation((...words) => void err.push(words.join(' ')));
  const code = await main(args);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

const CASE = plainCase();
const CTR = new CaseGenerator(['ctr(aes)']).at(1, 2);
const TAMPERED = { op: 'decrypt', tamper: { part: 'text', byte: 1, bit: 0 } };
const FOLDER = mkdtempSync(join(tmpdir(), 'sg2iter-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** A sealed message on lists that nobody refuses. */
function plainCase(): Case {
  const generator = new CaseGenerator(['gcm(aes)']);
  for (let i = 0; ; i++) {
    const c = generator.at(1, i);
    const { fault, failing } = c.context;
    const isCalm = fault === 0 && failing === undefined && !c.async;
    const isPlain = c.op === 'encrypt' && c.program === undefined && !isRefused(c) && isCalm;
    if (isPlain && unexportable(c) === null && bytesLength(c.text) > 16) return c;
  }
}

/** A token whose checksum is right and that unpacks to so many zeros. */
function bomb(size: number): string {
  const body = deflateRawSync(Buffer.alloc(size)).toString('base64url');
  return `sg2iter2.${body}.${crc32(body).toString(16).padStart(8, '0')}`;
}

const EXPORT = ['export', 'kunit', '--suite', 'smoke', '--out', join(FOLDER, 'suite')];

function file(name: string, text: string): string {
  const path = join(FOLDER, name);
  writeFileSync(path, text);
  return path;
}

test('conform prints a table, and the totals last', async () => {
  const { code, out } = await sg2iter('conform', '--cases', '64', '--no-vectors');
  expect(code).toBe(0);
  expect(out).toMatch(/^algorithm +both sides +TRAP +DMA +RET /m);
  const { alg } = new CampaignCases(campaignNames()).at(DEFAULT_SEED, 0).c;
  const row = out.split('\n').find((line) => line.startsWith(`${alg} `));
  expect(row?.slice(alg.length)).toMatch(/^ +[0-9]+ /);
  expect(out).toMatch(/no findings/);
  expect(out.split('\n').at(-1)).toBe('64 passed, 0 failed, 0 skipped');
});

test('conform --json prints one object with everything in it, the same for the same seed', async () => {
  const run = async (): Promise<Record<string, unknown>> => {
    const { out } = await sg2iter(
      'conform',
      '--json',
      '--cases',
      '64',
      '--seed',
      '5',
      '--no-vectors',
    );
    return JSON.parse(out);
  };
  const first = await run();
  for (const key of [
    'schemaVersion',
    'seed',
    'vectors',
    'cases',
    'byAlgorithm',
    'byCheck',
    'findings',
    'durationMs',
  ]) {
    expect(first).toHaveProperty(key);
  }
  const { durationMs, casesCpuMs, casesPerSecond, peakRssMib, ...rest } = first;
  const second = await run();
  expect(second).toMatchObject(rest);
  expect([durationMs, casesCpuMs, casesPerSecond, peakRssMib].every(Number.isFinite)).toBe(true);
});

test('conform runs vectors and checksums of two algorithms through every layout', async () => {
  const algs = ['ctr(aes)', 'ccm(aes)'];
  const plan = { seed: 1, cases: 50, algs, vectors: true, shard: { index: 1, count: 1 } };
  const ccm = plansOf().findIndex(({ alg }) => alg === 'ccm(aes)');
  const numbers = [...jobsOf(plan)]
    .filter(({ phase, from }) => phase === 'cases' || (phase === 'checksums' && from === ccm))
    .map(({ number }) => number);
  // So many parts that the checksum of CCM and the random cases are in one; all of them take long.
  const parts = numbers[1] - numbers[0];
  const part = ['--shard', `${1 + (numbers[0] % parts)}/${parts}`];
  const args = ['--alg', ...algs, '--cases', '50', '--json', ...part];
  const { code, out } = await sg2iter('conform', ...args);
  expect(code).toBe(0);
  const { vectors, byAlgorithm } = JSON.parse(out);
  expect(Object.keys(byAlgorithm)).toEqual(algs);
  for (const alg of algs) expect(byAlgorithm[alg].randomCases).toBe(25);
  expect(vectors.bySource['kernel checksum: AES-CCM Monte Carlo'].trials).toBe(1025);
  expect(vectors.failed).toBe(0);
  expect(vectors.passed).toBeGreaterThan(2000);
  expect(vectors.bySource['NIST CAVP AES-GCM'].skipped).toBeGreaterThan(0);
});

test('replay runs a token and a file, and prints the case', async () => {
  const token = encodeToken(CASE);
  const ran = await sg2iter('replay', token);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/src\[0\]/);
  expect((await sg2iter('replay', file('word.txt', `${token}\n`))).out).toBe(ran.out);
  const printed = await sg2iter('replay', token, '--case');
  expect(JSON.parse(printed.out)).toEqual(CASE);
  expect((await sg2iter('replay', file('good.json', printed.out))).code).toBe(0);
});

test('explain shows both sides in 80 columns and refuses a side that there is not', async () => {
  const { code, out } = await sg2iter('explain', encodeToken(CASE));
  expect(code).toBe(0);
  expect(out).toMatch(/^ legacy: \d+ steps +\| converted: \d+ steps$/m);
  expect(out).toMatch(/^ cryptoAeadEncrypt\(\) +\| cryptoAeadEncrypt\(\)$/m);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
  const refused = await sg2iter('explain', encodeToken(CASE), '--side', 'left');
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/^sg2iter: --side: 'left' did not run this case; legacy, converted/);
});

test.each(['kunit', 'testmgr', 'vectors'])('export %s says where it cannot write', async (form) => {
  const file = join(FOLDER, 'in-the-way');
  writeFileSync(file, 'kept');
  for (const out of ['', '/proc/no/place', file, join(file, 'below')]) {
    const { code, out: said, err } = await sg2iter('export', form, encodeToken(CASE), '--out', out);
    expect([code, said]).toEqual([2, '']);
    expect(err.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringMatching(/^sg2iter: --out: /),
    ]);
  }
  expect(readFileSync(file, 'utf8')).toBe('kept');
});

test('export kunit writes C for a token, and refuses what it cannot in one line', async () => {
  const out = join(FOLDER, 'kunit');
  const { code, out: said } = await sg2iter('export', 'kunit', encodeToken(CASE), '--out', out);
  expect([code, said]).toEqual([0, expect.stringContaining('1 cases in')]);
  const header = readFileSync(join(out, 'sg2iter_cases.h'), 'utf8');
  const word = / replay (\S+)\n/.exec(header)?.[1] ?? '';
  expect(decodeToken(word)).toEqual(decodeToken(encodeToken(CASE)));
  expect((await sg2iter('export', 'kunit', '--out', out)).code).toBe(2);
  // A file system that has no place for folders.
  const nowhere = await sg2iter('export', 'kunit', encodeToken(CASE), '--out', '/proc/no/place');
  expect([nowhere.code, nowhere.err]).toEqual([2, expect.stringMatching(/^sg2iter: --out: E/)]);
  const unknown = await sg2iter('export', 'kunit', '--suite', 'all', '--out', out);
  expect([unknown.code, unknown.err.trim()]).toEqual([2, expect.stringMatching(/no suite 'all'/)]);
});

test('an internal error has an exit code of its own, and keeps its stack', async () => {
  vi.spyOn(Harness.prototype, 'run').mockImplementation(() => {
    throw new RangeError('canary');
  });
  const { code, out, err } = await sg2iter('replay', encodeToken(CASE));
  expect([code, out]).toEqual([70, '']);
  expect(err).toMatch(/^sg2iter: internal error: RangeError: canary\n +at /);
});

test('algorithms lists both sides', async () => {
  const { code, out } = await sg2iter('algorithms', '--json');
  expect(code).toBe(0);
  const { algorithms } = JSON.parse(out);
  const both = algorithms.filter((row: { legacy: boolean; converted: boolean }) => {
    return row.legacy && row.converted;
  });
  expect(both.length).toBeGreaterThanOrEqual(700);
  const alone = algorithms.filter((row: { legacy: boolean }) => !row.legacy);
  expect(alone.map(({ driver }: { driver: string }) => driver)).toEqual(
    [128, 160, 224, 256].map((bits) => `blake2s-${bits}-lib`),
  );
  expect(both.length + alone.length).toBe(algorithms.length);
});

test('algorithms shows sizes in 80 columns, and what ran instead of what would', async () => {
  const ran = await sg2iter('vectors', '--alg', 'cbc(camellia)', '--json');
  const beside = await sg2iter(
    'conform',
    '--drivers',
    'every',
    '--alg',
    'ctr(aes)',
    '--json',
    '--cases',
    '3',
  );
  expect([ran.code, beside.code]).toEqual([0, 0]);
  const files = [file('vectors.json', ran.out), file('drivers.json', beside.out)];
  const { code, out } = await sg2iter('algorithms', ...files);
  expect(code).toBe(0);
  const lines = out.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  expect(lines[0]).toMatch(
    /async +prio +block +key +iv +out +chunk +align +passed +cases +driver$/,
  );
  const below = (name: string) => lines[lines.indexOf(name) + 1].trim().split(/ +/);
  expect(below('  gcm-aes-accel')).toEqual([
    '-',
    '400',
    '1',
    '16-32',
    '12',
    '16',
    '16',
    '1',
    '-',
    '-',
    '-',
  ]);
  expect(below('  cryptd(ctr-aes-accel)')).toEqual([
    'yes',
    '450',
    '1',
    '16-32',
    '16',
    '-',
    '16',
    '1',
    '-',
    '-',
    '3',
  ]);
  const { total } = JSON.parse(ran.out);
  expect(below('  cbc(camellia-generic)').slice(-3)).toEqual([String(total.passed), '-', '-']);
  const wrong = await sg2iter('algorithms', file('wrong.json', '{"rows": 3}'));
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/wrong\.json: not the --json of conform or vectors$/);
});

test('algorithms shows who is reached through a shim when one half is missing', async () => {
  const names = ['--legacy-only', 'gcm_base', '--converted-only', 'cbc-aes-accel'];
  const { code, out } = await sg2iter('algorithms', '--json', ...names);
  expect(code).toBe(0);
  const { algorithms } = JSON.parse(out);
  const reached = (driver: string) =>
    algorithms.find((row: { driver: string }) => row.driver === driver).reached;
  const gcm = 'gcm_base(ctr(aes-generic),ghash-generic)';
  expect(reached(gcm)).toEqual({ legacy: 'own', converted: 'shim' });
  expect(reached(`rfc4106(${gcm})`)).toEqual({ legacy: 'own', converted: 'own' });
  expect(reached('cbc-aes-accel')).toEqual({ legacy: 'shim', converted: 'own' });
});

test.each<[string, string[], RegExp]>([
  [
    'a half that is no driver and no template',
    ['algorithms', '--legacy-only', 'gcm_base', 'gcmm'],
    /--legacy-only: no driver and no template is called 'gcmm'/,
  ],
  [
    'a name that has both halves and neither',
    ['algorithms', '--legacy-only', 'gcm', '--converted-only', 'gcm'],
    /--converted-only: 'gcm' is --legacy-only, too/,
  ],
  [
    'another format of the report with --faults',
    ['conform', '--faults', 'every', '--reporter', 'tap'],
    /--reporter: with --faults text or json, not tap/,
  ],
  [
    'another format of the report with --drivers',
    ['conform', '--drivers', 'every', '--reporter', 'tap'],
    /--reporter: with --drivers text or json, not tap/,
  ],
  ['drivers of another kind', ['conform', '--drivers', 'some'], /--drivers: 'some' is not every/],
  [
    'another format of the report with --schedules',
    ['conform', '--schedules', 'exhaustive', '--reporter', 'tap'],
    /--reporter: with --schedules text or json, not tap/,
  ],
  [
    'another format of the report with --tier',
    ['conform', '--tier', 'structural', '--reporter', 'tap'],
    /--reporter: with --tier text or json, not tap/,
  ],
  ['another value of --faults', ['conform', '--faults', 'some'], /--faults: 'some' is not every/],
  [
    'a part of --faults that has no algorithm',
    ['conform', '--faults', 'every', '--alg', 'sha256', 'sha512', '--shard', '3/3'],
    /--shard: part 3 of 3 has none of 2 algorithms/,
  ],
  [
    'another value of --schedules',
    ['conform', '--schedules', 'some'],
    /--schedules: 'some' is not exhaustive/,
  ],
  ['another value of --tier', ['conform', '--tier', 'some'], /--tier: 'some' is not structural/],
  ['an unknown command', ['conforn'], /unknown command 'conforn'/],
  ['an unknown option', ['conform', '--sed', '1'], /unknown option '--sed'/],
  ['a missing value', ['conform', '--seed'], /--seed/],
  ['a number that is none', ['conform', '--cases', 'ten'], /--cases: 'ten'/],
  ['an unknown algorithm', ['conform', '--alg', 'rot13'], /--alg: unknown algorithm 'rot13'/],
  ['a missing argument', ['replay'], /missing required argument/],
  ['a truncated token', ['replay', encodeToken(CASE).slice(0, 40)], /replay token: incomplete/],
  ['a file that is not there', ['replay', '/nonexistent/case.json'], /\/nonexistent\/case\.json/],
  ['a file without end', ['replay', '/dev/zero'], /\/dev\/zero: more than 4194304 bytes/],
  ['a case to explain that is not there', ['explain', '/nonexistent'], /^sg2iter: \/nonexistent: /],
  [
    'a tree to run a suite in that is not there',
    [...EXPORT, '--run', 'tree:/nonexistent'],
    /^sg2iter: --run: \/nonexistent is not a kernel tree$/,
  ],
  ['a kernel without a series', [...EXPORT, '--run', '6.1'], /^sg2iter: --run: 6\.1: known are /],
  ['a folder', ['replay', FOLDER], /neither a replay token nor a file/],
  [
    'a token that unpacks to more than any case has',
    ['replay', bomb(64 << 20)],
    /^sg2iter: replay token: incomplete or altered$/,
  ],
  ['no JSON', ['replay', file('bad.json', '{')], /bad\.json: not a JSON file/],
  [
    'a malformed case',
    ['replay', file('field.json', JSON.stringify({ ...CASE, seed: 'x' }))],
    /field\.json: seed: /,
  ],
  [
    'an unknown driver',
    ['replay', file('driver.json', JSON.stringify({ ...CASE, driver: 'gcm-aes-ce' }))],
    /driver\.json: driver: 'gcm-aes-ce'/,
  ],
  [
    'tampering that no one notices',
    ['replay', file('tamper.json', JSON.stringify({ ...CTR, ...TAMPERED }))],
    /tamper\.json: tamper: ctr\(aes\) notices no tampering/,
  ],
  [
    'a layout that is too short',
    [
      'replay',
      file('short.json', JSON.stringify({ ...CASE, layout: { ...CASE.layout, src: [] } })),
    ],
    /short\.json: layout: too short/,
  ],
  ['an empty program', ['conform', '--subject-cmd', ' '], /^sg2iter: --subject-cmd: empty$/],
  [
    'a program that is not there',
    ['conform', '--subject-cmd', '/nowhere/prog --fast'],
    /^sg2iter: --subject-cmd: '\/nowhere\/prog --fast' cannot be run: exit code 127$/,
  ],
  [
    'a program that no shell understands',
    ['replay', encodeToken(CTR), '--subject-cmd', 'prog ('],
    /^sg2iter: --subject-cmd: 'prog \(' is not a command of a shell$/,
  ],
  [
    'two formats',
    ['conform', '--json', '--reporter', 'tap'],
    /^sg2iter: --json: not with --reporter tap$/,
  ],
  [
    'two runs in one',
    ['conform', '--programs', '--schedules', 'exhaustive'],
    /^sg2iter: --programs: not with --schedules$/,
  ],
  [
    'a stream of a run that has none',
    ['conform', '--faults', 'every', '--stream', join(FOLDER, 'none')],
    /^sg2iter: --stream: not with --faults$/,
  ],
])('%s is one line and exit 2', async (_name, args, message) => {
  const { code, out, err } = await sg2iter(...args);
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err.split('\n')).toHaveLength(1);
  expect(err).toMatch(message);
});
