/**
 * The package in the hands of its users: packed by npm, unpacked into their folders, imported, compiled,
 * bundled and run. First with what the project has, then with tools that have to be fetched: other
 * compilers, bundlers, runners, checkers of packages, other versions of Node. What cannot be fetched is
 * skipped by name. Run from the project's folder after a build; exit 1 when a check fails.
 * @module
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { EXIT_FINDINGS } from '../terminal/exit.ts';
import {
  compiles,
  harness,
  plainJavaScript,
  refusesBrowsers,
  runsFine,
  shortTags,
  withoutCommandLine,
} from './checks.ts';
import {
  consumer,
  type Ended,
  mustRun,
  packed,
  runProgram,
  type Tarball,
  write,
} from './package.ts';
import { PLAIN, STRICT } from './programs.ts';

/** Tools of users, in versions that were seen to work. */
const TOOLS = {
  typescript: '5.9.3',
  tsx: '4.23.15',
  esbuild: '0.28.2',
  vite: '8.3.8',
  publint: '0.3.25',
  '@arethetypeswrong/cli': '0.18.5',
  '@types/node': '20.19.43',
};
/** The packages of the command line. */
const COMMAND_LINE = ['commander', 'zod', 'fast-check', 'pure-rand'];
/** The oldest Node that will do, and the lines that are maintained. */
const NODES = ['20.19.0', '22', '24'];

const root = mkdtempSync(join(tmpdir(), 'sg2iter-'));
const count = { passed: 0, failed: 0, skipped: 0 };
try {
  main();
} finally {
  rmSync(root, { recursive: true });
}

function main(): void {
  const tarball = packed(process.cwd(), root);
  console.log(`${tarball.size} bytes packed, ${tarball.files.length} files`);
  withOwnTools(tarball);
  withTheirTools(tarball);
  console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  if (count.failed > 0) process.exitCode = EXIT_FINDINGS;
}

/** What needs nothing but the packages of the project itself, linked one by one. */
function withOwnTools(tarball: Tarball): void {
  const folder = (name: string, ...packages: string[]): string => {
    const path = join(root, name);
    mkdirSync(path);
    return consumer(path, tarball, process.cwd(), ['@noble', ...packages]);
  };
  check('no import but the harness needs the command line', () =>
    withoutCommandLine(folder('bare')),
  );
  check('plain JavaScript, modules and CommonJS', () => plainJavaScript(folder('plain')));
  check('tags of every length, without a warning', () => shortTags(folder('tags')));
  check('the harness', () => harness(folder('harness', ...COMMAND_LINE)));
  const strict = folder('strict', '@types', 'undici-types', ...COMMAND_LINE);
  compilesBothWays(strict, process.cwd());
}

function withTheirTools(tarball: Tarball): void {
  const folder = join(root, 'user');
  mkdirSync(folder);
  write(folder, 'package.json', JSON.stringify({ private: true, type: 'module' }));
  const tools = Object.entries(TOOLS).map(([name, version]) => `${name}@${version}`);
  const { code, text } = install(folder, [tarball.file, ...tools]);
  if (code !== 0) {
    skip(Object.keys(TOOLS).join(', '), text);
    return;
  }
  const bin = (name: string): string => join(folder, 'node_modules', '.bin', name);
  check('publint', () => mustRun(bin('publint'), ['--strict', tarball.file], folder));
  const attw = ['--profile', 'esm-only', tarball.file];
  check('are the types wrong?', () => mustRun(bin('attw'), attw, folder));
  check('plain JavaScript, installed by npm', () => plainJavaScript(folder));
  compilesBothWays(folder, folder);
  check('tsx', () => fromSource(folder, bin('tsx')));
  bundled(folder, bin);
  for (const version of NODES) onNode(folder, version);
}

/** @param home the folder whose compiler is taken */
function compilesBothWays(folder: string, home: string): void {
  const tsc = join(home, 'node_modules/typescript/bin/tsc');
  const version = mustRun(process.execPath, [tsc, '--version'], folder).replace(
    /^Version |\n/g,
    '',
  );
  check(`TypeScript ${version}, nodenext`, () =>
    compiles(folder, { tsc, module: 'nodenext', moduleResolution: 'nodenext' }),
  );
  check(`TypeScript ${version}, bundler`, () =>
    compiles(folder, { tsc, module: 'esnext', moduleResolution: 'bundler' }),
  );
}

/** Installs into a folder. Scripts of packages are not run: the package needs none. */
function install(folder: string, packages: readonly string[]): Ended {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
  return runProgram('npm', ['install', ...quiet, ...packages], folder);
}

function check(name: string, run: () => unknown): void {
  try {
    run();
    count.passed++;
    console.log(`passed ${name}`);
  } catch (error) {
    count.failed++;
    console.log(`failed ${name}\n${error instanceof Error ? error.message : String(error)}`);
  }
}

function skip(name: string, why: string): void {
  count.skipped++;
  console.log(`skipped ${name}: cannot be fetched\n${why}`);
}

function fromSource(folder: string, tsx: string): void {
  const text = mustRun(tsx, [write(folder, 'strict.mts', STRICT)], folder);
  if (text !== 'ok\n') throw new Error(text);
}

/** One file with all of the package in it, for Node and for browsers, by two bundlers. */
function bundled(folder: string, bin: (name: string) => string): void {
  const entry = write(folder, 'app.mjs', PLAIN);
  const esbuild = [entry, '--bundle', '--format=esm', '--log-level=error'];
  check('esbuild for Node', () => {
    mustRun(bin('esbuild'), [...esbuild, '--platform=node', '--outfile=node.mjs'], folder);
    runsAlone(folder, 'node.mjs');
  });
  check('esbuild for browsers ends with a clear error', () => {
    mustRun(bin('esbuild'), [...esbuild, '--platform=browser', '--outfile=browser.mjs'], folder);
    refusesBrowsers(folder, 'browser.mjs');
  });
  const config = `export default {
  logLevel: 'error',
  ssr: { noExternal: true },
  build: { ssr: 'app.mjs', outDir: 'ssr', target: 'node20' },
};
`;
  check('vite for a server', () => {
    mustRun(bin('vite'), ['build', '--config', write(folder, 'vite.config.mjs', config)], folder);
    runsAlone(folder, join('ssr', 'app.js'));
  });
}

/** Runs a bundle where the package is not installed. */
function runsAlone(folder: string, bundle: string): void {
  const alone = mkdtempSync(join(root, 'alone-'));
  write(alone, 'package.json', JSON.stringify({ type: 'module' }));
  mustRun('cp', [join(folder, bundle), join(alone, 'bundle.mjs')], alone);
  runsFine(alone, 'bundle.mjs');
}

/** The programs on another Node, from the package `node` of npm. */
function onNode(folder: string, version: string): void {
  const home = join(root, `node-${version}`);
  mkdirSync(home);
  write(home, 'package.json', JSON.stringify({ private: true }));
  const node = join(home, 'node_modules/node/bin/node');
  // The binary is put in place by an install script of that package.
  const args = ['install', '--no-audit', '--no-fund', '--loglevel=error', `node@${version}`];
  const { code, text } = runProgram('npm', args, home);
  const there = code === 0 ? runProgram(node, ['--version'], home) : { code, text };
  if (there.code !== 0) {
    skip(`Node ${version}`, there.text);
    return;
  }
  const name = `Node ${there.text.trim()}`;
  check(name, () => {
    plainJavaScript(folder, node);
    runsFine(folder, join('out', 'strict.mjs'), node);
  });
  check(`${name}, tags of every length, without a warning`, () => shortTags(folder, node));
}
