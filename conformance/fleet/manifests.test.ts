/**
 * Goal: the ready manifests run each part of a campaign once, and take findings for a report, not for a
 * part that failed.
 * Method: the commands that stand in the files, run by a shell with a program that writes down what it
 * was asked and ends as it is told.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { registerCommands } from '../commands/register.ts';

const MANIFESTS = fileURLToPath(new URL('manifests/', import.meta.url));
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const hasParallel = spawnSync('parallel', ['--version']).status === 0;

const folders: string[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-manifests-'));
  folders.push(folder);
  writeFileSync(join(folder, 'program'), `echo "$@" >>'${folder}/asked'; echo "$@"; exit "$CODE"`);
});

afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true });
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** What the program was asked, call by call, in order of the words. */
  readonly asked: readonly string[];
  /** Reports that are there. */
  readonly reports: readonly string[];
}

/** Runs a shell command in which the program ends with `code`. */
function run(command: string, code: number = 0, more: Record<string, string> = {}): Ran {
  const env = { ...process.env, SG2ITER: `sh ${folder}/program`, CODE: `${code}`, ...more };
  const { status, stdout } = spawnSync('sh', ['-c', command], { env, encoding: 'utf8' });
  const asked = join(folder, 'asked');
  const reports = join(folder, 'reports');
  return {
    code: status,
    stdout,
    asked: existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n').sort() : [],
    reports: existsSync(reports) ? readdirSync(reports).sort() : [],
  };
}

/** The command that a manifest has behind `marker`, with its folders put in this place. */
function commandOf(file: string, marker: string): string {
  const text = readFileSync(join(MANIFESTS, file), 'utf8');
  const [, lines = ''] = text.split(marker);
  const [first = '', ...rest] = lines.split('\n').slice(1);
  const indent = first.length - first.trimStart().length;
  const end = rest.findIndex((line) => line.length - line.trimStart().length < indent);
  return [first, ...rest.slice(0, end)]
    .map((line) => line.trim())
    .join(' ')
    .replace(/\S*\/fleet\/manifests\//, MANIFESTS)
    .replace(/(\s)\/?reports(\s)/, `$1${folder}/reports$2`);
}

test.each([0, 1, 4])('a part that ends with %i has its report, and is not run again', (code) => {
  const command = `${MANIFESTS}shard.sh 2 7 ${folder}/reports --seed 3`;
  const asked = ['conform --json --shard 2/7 --seed 3'];
  expect(run(command, code)).toMatchObject({ code: 0, asked, reports: ['part-2.json'] });
  expect(run(command, code)).toMatchObject({ code: 0, asked, reports: ['part-2.json'] });
});

test.each([2, 3, 70, 130])('a part that ends with %i leaves nothing behind', (code) => {
  const ran = run(`${MANIFESTS}shard.sh 2 7 ${folder}/reports`, code);
  expect(ran).toMatchObject({ code, reports: [] });
});

test('Kubernetes counts parts from 0, conform from 1', () => {
  const command = commandOf('kubernetes.yaml', '- >-');
  const asked = ['conform --json --shard 40/40 --workers 2 --cases 1000000'];
  const ran = run(command, 0, { JOB_COMPLETION_INDEX: '39' });
  expect(ran).toMatchObject({ code: 0, asked, reports: ['part-40.json'] });
  expect(readFileSync(join(MANIFESTS, 'kubernetes.yaml'), 'utf8')).toContain('completions: 40\n');
});

test('GitHub has a job for each part', () => {
  const command = commandOf('github-actions.yaml', '- run: >-').replace(
    /\$\{\{ matrix\.index \}\}/,
    '10',
  );
  const asked = ['conform --json --shard 10/10 --cases 500'];
  const ran = run(command, 1, { CASES: '500' });
  expect(ran).toMatchObject({ code: 0, asked, reports: ['part-10.json'] });
  const text = readFileSync(join(MANIFESTS, 'github-actions.yaml'), 'utf8');
  expect(text).toContain('index: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n');
});

test('a Slurm array passes its number, its size and its processors on', () => {
  const asked = ['conform --json --shard 3/9 --workers 2 --alg md5'];
  const array = { SLURM_ARRAY_TASK_ID: '3', SLURM_ARRAY_TASK_COUNT: '9', SLURM_CPUS_PER_TASK: '2' };
  const command = `${MANIFESTS}slurm.sh ${folder}/reports --alg md5`;
  const ran = run(command, 0, { SG2ITER_ROOT: ROOT, ...array });
  expect(ran).toMatchObject({ code: 0, asked, reports: ['part-3.json'] });
  const late = run(command, 0, { SG2ITER_ROOT: ROOT, ...array, SLURM_ARRAY_TASK_MIN: '3' });
  expect(late.code).toBe(2);
});

test.skipIf(!hasParallel)(
  `GNU parallel runs what is missing and merges${hasParallel ? '' : ' (skipped: no parallel)'}`,
  () => {
    const command = `${MANIFESTS}parallel.sh 3 ${folder}/reports --cases '5'`;
    expect(run(command, 70).code).not.toBe(0);
    rmSync(join(folder, 'asked'));
    run(`${MANIFESTS}shard.sh 2 3 ${folder}/reports --workers 1 --cases 5`, 1);
    const ran = run(command, 0);
    const parts = [1, 2, 3].map((i) => `conform --json --shard ${i}/3 --workers 1 --cases 5`);
    const files = [1, 2, 3].map((i) => `${folder}/reports/part-${i}.json`);
    expect(ran.asked).toEqual([...parts, `merge ${files.join(' ')}`]);
    expect(ran.reports).toEqual(['part-1.json', 'part-2.json', 'part-3.json']);
  },
);

test('the manifests ask for commands and options that there are', () => {
  const program = new Command();
  registerCommands(program);
  const known = new Set(program.commands.flatMap(({ options }) => options.map(({ long }) => long)));
  const texts = readdirSync(MANIFESTS).map((file) => readFileSync(join(MANIFESTS, file), 'utf8'));
  const text = texts.join('\n');
  for (const [, name] of text.matchAll(/npx sg2iter ([a-z]+)/g)) {
    expect(program.commands.map((command) => command.name())).toContain(name);
  }
  for (const option of ['--json', '--shard', '--workers', '--cases']) {
    expect(text).toContain(option);
    expect(known).toContain(option);
  }
});
