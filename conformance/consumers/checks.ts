/**
 * What a user does with the package: import it in plain JavaScript, compile it under every strict
 * option, bundle it, run it from source. Each check throws with the program's own words when it fails.
 * @module
 */
import { join } from 'node:path';
import process from 'node:process';
import { mustRun, runProgram, write } from './package.ts';
import {
  BROWSER_ERROR,
  COMMON_JS,
  ENTRIES,
  HARNESS,
  PLAIN,
  SHORT_TAGS,
  STRICT,
  WARNED,
} from './programs.ts';

/** A compiler, and how a user has set it up. */
export interface Compiler {
  /** Path of the program. */
  readonly tsc: string;
  readonly module: 'nodenext' | 'esnext';
  readonly moduleResolution: 'nodenext' | 'bundler';
}

/** Runs a file with this or another Node. @throws Error unless it prints `ok` and nothing else. */
export function runsFine(folder: string, file: string, node: string = process.execPath): void {
  const text = mustRun(node, [file], folder);
  if (text !== 'ok\n') throw new Error(`${file} printed\n${text}`);
}

/** The front door from ECMAScript modules and from CommonJS. */
export function plainJavaScript(folder: string, node: string = process.execPath): void {
  runsFine(folder, write(folder, 'plain.mjs', PLAIN), node);
  const file = write(folder, 'plain.cjs', COMMON_JS);
  // Node 20 and 22 say that a module was required.
  const text = mustRun(node, ['--disable-warning=ExperimentalWarning', file], folder);
  if (text !== 'ok\n') throw new Error(`${file} printed\n${text}`);
}

/** Tags of every length without a warning of this Node, which would have one. */
export function shortTags(folder: string, node: string = process.execPath): void {
  const file = write(folder, 'tags.mjs', SHORT_TAGS);
  const text = mustRun(node, ['--pending-deprecation', file], folder);
  if (text !== 'ok\n') throw new Error(`${file} printed\n${text}`);
  const control = mustRun(node, ['--no-warnings', write(folder, 'warned.mjs', WARNED)], folder);
  if (control !== 'ok\n') throw new Error(control);
}

/**
 * All entries but the harness run in a folder that has nothing of the command line. The harness does
 * not, which shows that the packages are missing.
 */
export function withoutCommandLine(folder: string): void {
  runsFine(folder, write(folder, 'entries.mjs', ENTRIES));
  const { code, text } = runProgram(
    process.execPath,
    [write(folder, 'harness.mjs', HARNESS)],
    folder,
  );
  if (code === 0 || !/ERR_MODULE_NOT_FOUND/.test(text)) {
    throw new Error(`the packages of the command line are there after all\n${text}`);
  }
}

/** The harness runs where its packages are. */
export function harness(folder: string): void {
  runsFine(folder, write(folder, 'harness.mjs', HARNESS));
}

/** Compiles and runs a strict program; with `nodenext`, declarations of libraries are checked too. */
export function compiles(folder: string, { tsc, module, moduleResolution }: Compiler): void {
  const file = write(folder, 'strict.mts', STRICT);
  const config = {
    compilerOptions: {
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable', 'esnext.disposable'],
      types: ['node'],
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      noImplicitOverride: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      skipLibCheck: moduleResolution === 'bundler',
      outDir: 'out',
    },
    files: [file],
  };
  const project = write(folder, 'tsconfig.json', JSON.stringify(config));
  mustRun(process.execPath, [tsc, '-p', project], folder);
  runsFine(folder, join('out', 'strict.mjs'));
}

/** What a bundle for browsers does: it ends with one clear error. */
export function refusesBrowsers(folder: string, bundle: string): void {
  const { code, text } = runProgram(process.execPath, [bundle], folder);
  if (code === 0 || !text.includes(BROWSER_ERROR)) {
    throw new Error(`${bundle} for browsers ended with ${code}\n${text}`);
  }
}
