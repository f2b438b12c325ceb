/**
 * Goal: the command line keeps its promises: exit codes, one line for bad input, files or stdout.
 * Method: run it in this process with captured streams, on copies of the fixture tree.
 */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { registerSurvey } from '../commands/survey.ts';
import { UsageError } from '../terminal/exit.ts';
import type { Census } from './census.ts';

import { copyTree, FIXTURE_TREE, surveyQuietly, type TreeCopy } from './fixtures/copy.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

let census: Census;
let folder: string;
let copy: TreeCopy;

beforeAll(async () => {
  census = await surveyQuietly(FIXTURE_TREE);
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg2iter-out-'));
  copy = copyTree();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
  copy.remove();
});

async function run(...args: string[]): Promise<Run> {
  const text = { out: '', err: '' };
  const capture = (stream: 'out' | 'err') => (chunk: string | Uint8Array) => {
    text[stream] += String(chunk);
    return true;
  };
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation(capture('out')),
    vi.spyOn(process.stderr, 'write').mockImplementation(capture('err')),
  ];
  const program = new Command('sg2iter');
  registerSurvey(program);
  try {
    await program.parseAsync(['survey', ...args], { from: 'user' });
    return { code: Number(process.exitCode ?? 0), ...text };
  } catch (error) {
    // What the entry point does with it.
    if (!(error instanceof UsageError)) throw error;
    return { code: error.exitCode, out: text.out, err: `${text.err}${error.message}\n` };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

test('a survey prints its tables and exits 0', async () => {
  const { code, out, err } = await run(FIXTURE_TREE);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out.split('\n')[0]).toMatch(/^Linux 6\.1\.0: 12 files, \d+ functions and 35 call sites/);
});

test('--json prints the report and nothing else', async () => {
  const { code, out } = await run(FIXTURE_TREE, '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out).schema).toBe('sg2iter-census/2');
});

test('files are written where they are asked for, - is stdout', async () => {
  const html = join(folder, 'a.html');
  const { out } = await run(FIXTURE_TREE, '--html', html, '--sarif', '-');
  expect(JSON.parse(out).version).toBe('2.1.0');
  expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>/);
});

test('--out writes every output', async () => {
  await run(FIXTURE_TREE, '--out', join(folder, 'deep/er'));
  expect(readdirSync(join(folder, 'deep/er')).sort()).toEqual([
    'census.json',
    'index.html',
    'plan.json',
    'plan.md',
    'survey.sarif',
    'table.txt',
  ]);
});

test('--explain prints one place', async () => {
  const { out } = await run(FIXTURE_TREE, '--explain', 'crypto/walker.c');
  expect(out).toMatch(/^crypto\/walker\.c .*walk-only/);
});

test('--self-check says that the instruments agree, and that the sample is of another tree', async () => {
  const { code, out } = await run(FIXTURE_TREE, '--self-check');
  expect(code).toBe(0);
  expect(out).toMatch(/^parser and token scan: \d+ calls, 0 differences\nsample: skipped/);
});

async function report(name: string, root: string): Promise<string> {
  const path = join(folder, name);
  writeFileSync(path, (await run(root, '--json')).out);
  return path;
}

test('diff exits 0, and 1 with --no-new when something is new', async () => {
  const old = await report('old.json', copy.root);
  copy.edit('net/demo/sync.c', (t) => t.replace('sg_init_table(sg, 1);', 'sg_chain(sg, 1, x);'));
  const fresh = await report('new.json', copy.root);
  const plain = await run('diff', old, fresh);
  expect(plain.code).toBe(0);
  expect(plain.out).toMatch(/net\/demo\/sync\.c +0 +1 +0 +0 +0 +0 +1 /);
  const gate = await run('diff', old, fresh, '--no-new');
  expect(gate.code).toBe(1);
  expect(gate.err.split('\n')).toHaveLength(3);
  expect((await run('diff', old, fresh, '--no-new', 'sg_chain')).code).toBe(1);
  expect((await run('diff', old, fresh, '--no-new', 'dma, sg_next')).code).toBe(0);
  expect((await run('diff', fresh, old, '--no-new', 'sg_chain')).code).toBe(0);
  expect(JSON.parse((await run('diff', old, fresh, '--json')).out).files).toHaveLength(1);
});

test('burn-down takes reports, oldest first', async () => {
  const old = await report('old.json', copy.root);
  const { code, out } = await run('burn-down', old, old);
  expect(code).toBe(0);
  expect(out).toContain('own callback/wait/sync');
  expect(JSON.parse((await run('burn-down', old, '--json')).out)).toHaveLength(1);
});

test.each<[string, (tree: TreeCopy) => string[], RegExp]>([
  ['no folder', () => ['/does/not/exist'], /exist: no such folder$/],
  ['a file', (t) => [join(t.root, 'Makefile')], /Makefile: not a folder/],
  ['a folder that is no kernel', (t) => [join(t.root, 'crypto')], /not a kernel tree/],
  [
    'a Makefile of something else',
    (t) => {
      t.edit('Makefile', () => 'all:\n');
      return [t.root];
    },
    /Makefile: not a kernel tree \(no VERSION and PATCHLEVEL\)$/,
  ],
  [
    'a tree that was not unpacked to its end',
    (t) => {
      t.edit('security/Makefile', () => null);
      return [t.root];
    },
    /incomplete kernel tree \(security\/Makefile is missing\)$/,
  ],
  [
    'an empty landmark',
    (t) => {
      t.edit('MAINTAINERS', () => '');
      return [t.root];
    },
    /MAINTAINERS: truncated \(the file is empty\)$/,
  ],
  [
    'a source file cut in the middle',
    (t) => {
      truncateSync(join(t.root, 'crypto/wrap.c'), 700);
      return [t.root];
    },
    /crypto\/wrap\.c: truncated \(ends inside a block\)$/,
  ],
  [
    'an empty source file',
    (t) => {
      t.edit('crypto/walker.c', () => '');
      return [t.root];
    },
    /crypto\/walker\.c: truncated \(the file is empty\)$/,
  ],
  [
    'a binary source file',
    (t) => {
      t.edit('net/demo/sync.c', (text) => `${text}\0`);
      return [t.root];
    },
    /net\/demo\/sync\.c: binary \(NUL at offset \d+\)$/,
  ],
  [
    'a source file of one GiB',
    (t) => {
      truncateSync(join(t.root, 'crypto/walker.c'), 2 ** 30);
      return [t.root];
    },
    /walker\.c: 1,073,741,824 bytes \(source files are read up to 67,108,864\)$/,
  ],
  [
    'a C file too large to parse',
    (t) => {
      t.edit('crypto/walker.c', (text) => text + '\n'.repeat(4 * 2 ** 20));
      return [t.root];
    },
    /walker\.c: 4,194,\d+ bytes \(C files are parsed up to 4,194,304\)$/,
  ],
  [
    'a C file with more calls than anybody writes',
    (t) => {
      t.edit('crypto/walker.c', (text) => text + 'int f(void) { sg_next(a); }\n'.repeat(10_001));
      return [t.root];
    },
    /walker\.c: more than 10,000 calls of catalogued functions$/,
  ],
  [
    'a binary MAINTAINERS',
    (t) => {
      t.edit('MAINTAINERS', () => '\0\0');
      return [t.root];
    },
    /MAINTAINERS: binary$/,
  ],
  ['an unknown place', (t) => [t.root, '--explain', 'a.c:3'], /--explain a\.c: not in the scope/],
  ['an output that is a folder', (t) => [t.root, '--html', t.root], /: cannot be written$/],
  [
    'an output that cannot be written beside one that can',
    (t) => [t.root, '--out', join(folder, 'o1'), '--html', '/nonexistent/y'],
    /^--html \/nonexistent\/y: cannot be written$/,
  ],
  ['an --out below /proc', (t) => [t.root, '--out', '/proc/a/b'], /--out \/proc\/a\/b: cannot be/],
  ['a line that is no number', (t) => [t.root, '--explain', 'f.c:x'], /'x' is no number$/],
  [
    'a --source-url that is no web address',
    (t) => [t.root, '--html', '-', '--source-url', 'javascript:alert(1)//'],
    /^--source-url javascript:alert\(1\)\/\/: begins with neither https:\/\/ nor http:\/\/$/,
  ],
  [
    'JSON and an explanation',
    (t) => [t.root, '--json', '--explain', 'crypto/wrap.c'],
    /^--json, --explain: more than one document for stdout$/,
  ],
  ...['--html', '--plan', '--sarif'].map(
    (option): [string, (tree: TreeCopy) => string[], RegExp] => [
      `JSON and ${option} on stdout`,
      (t) => [t.root, '--json', option, '-'],
      new RegExp(`^--json, ${option}: more than one document for stdout$`),
    ],
  ),
  [
    'one file for two outputs',
    (t) => [t.root, '--plan', join(folder, 'a'), '--html', join(folder, 'b/../a')],
    /^--html, --plan: more than one document for .*a$/,
  ],
  [
    'a self-check with files',
    (t) => [t.root, '--self-check', '--html', join(folder, 'a')],
    /^--self-check, --html: not both$/,
  ],
  [
    'a gate on an unknown kind',
    () => ['diff', 'a', 'b', '--no-new', 'sg_chain,nosuchkind'],
    /--no-new 'nosuchkind': no such kind; there are \d+ counted functions, the groups sg-build,/,
  ],
  [
    'a gate on a function that is no site',
    () => ['diff', 'a', 'b', '--no-new', 'crypto_alloc_skcipher'],
    /--no-new 'crypto_alloc_skcipher': no such kind;/,
  ],
  [
    'a tree of another release than the report',
    (t) => {
      const report = join(t.root, 'report.json');
      writeFileSync(report, JSON.stringify(census));
      t.edit('Makefile', (text) => text.replace('PATCHLEVEL = 1', 'PATCHLEVEL = 2'));
      return ['diff', report, report, '--tree', t.root];
    },
    /^--tree .*: Linux 6\.2\.0, but the newer report is of 6\.1\.0$/,
  ],
  ['a report that is none', (t) => ['diff', join(t.root, 'Makefile'), 'x'], /Makefile: not JSON/],
  ['a missing report', () => ['burn-down', '/no.json'], /^\/no\.json: cannot be read$/],
  ['an unknown patch', (t) => ['patch', t.root, '--only', 'SP9'], /--only SP9: no such patch/],
  ['a file that is not there', (t) => ['patch', t.root, 'x.c'], /x\.c: no such source file/],
])('%s is one line on stderr and exit 2', async (_, prepare, message) => {
  const { code, out, err } = await run(...prepare(copy));
  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err.trimEnd()).toMatch(message);
  expect(err.trimEnd().split('\n')).toHaveLength(1);
  expect(readdirSync(folder)).toEqual([]);
});

test('an interrupt ends the command with 130 and nothing is written', async () => {
  const running = run(FIXTURE_TREE, '--out', join(folder, 'o1'));
  process.emit('SIGINT');
  const { code, out } = await running;
  expect({ code, out }).toEqual({ code: 130, out: '' });
  expect(readdirSync(folder)).toEqual([]);
});

test('an interrupt while the report is rendered comes before the first file', async () => {
  const stringify = vi.spyOn(JSON, 'stringify').mockImplementationOnce((value: unknown) => {
    process.kill(process.pid, 'SIGINT');
    return String(value);
  });
  const { code, out } = await run(FIXTURE_TREE, '--out', join(folder, 'o1'));
  stringify.mockRestore();
  expect({ code, out }).toEqual({ code: 130, out: '' });
  expect(readdirSync(folder)).toEqual([]);
});
