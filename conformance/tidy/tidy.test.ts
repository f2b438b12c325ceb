/**
 * Goal: keep the house rules that no linter knows: import directions (a second time, in plain text),
 * `@kernel` tags, banned words, file length, and that no scatterlist iterator comes back.
 * Method: each rule is a pure function over one source text, so each rule has its own negative test.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { namesSource } from './names.ts';
import { architecture, FRONTS, frontError, roomOf } from './rooms.ts';
import { FOLDERS, type Folder, folderOf, importsOf, readSources, type Source } from './sources.ts';

/** What each folder may import. A folder may always import itself. */
const MAY_IMPORT: Readonly<Record<Folder, readonly Folder[]>> = {
  src: [],
  legacy: ['src'],
  converted: ['src'],
  conformance: ['src', 'legacy', 'converted'],
  bench: ['src', 'legacy', 'converted', 'conformance'],
};

const MAX_LINES = 500;
/** Tables of constants: the limit on file length does not apply. */
const DATA = /\.test(-d)?\.ts$|\/data\/|\/golden\//;

/** A room, and one that it must not know: the judge goes by what it is told, not by who told it. */
const STRANGERS: readonly (readonly [RegExp, RegExp])[] = [
  [/^conformance\/judge\/(?!.*(\.test|testing)\.ts$)/, /^conformance\/(subjects|algorithms)/],
];

function tidyImports({ path, text }: Source): string[] {
  const errors: string[] = [];
  const from = folderOf(path);
  for (const { to } of importsOf({ path, text })) {
    const folder = folderOf(to);
    if (folder !== from && !MAY_IMPORT[from].includes(folder))
      errors.push(`${path}: ${from} imports ${folder}`);
    const stranger = STRANGERS.some(([own, other]) => own.test(path) && other.test(to));
    if (stranger) errors.push(`${path}: may not know ${to}`);
    if (/\.test\.ts$/.test(to)) errors.push(`${path}: imports a test: ${to}`);
    if (!to.endsWith('.ts')) errors.push(`${path}: import without .ts: ${to}`);
  }
  return errors;
}

/** Packages that only one place may use; the rest of the code goes through that place. */
const PACKAGES: readonly (readonly [RegExp, RegExp])[] = [
  [/from '(@noble\/[^']*|node:crypto)'/, /^(src\/provider|conformance|bench)\/|\.test\.ts$/],
  [/from '(commander|zod|fast-check|fzstd)'/, /^(conformance|bench)\/|\.test\.ts$/],
];

function tidyPackages({ path, text }: Source): string[] {
  return PACKAGES.filter(([used, place]) => used.test(text) && !place.test(path)).map(
    ([used]) => `${path}: may not import ${used.exec(text)?.[1] ?? ''}`,
  );
}

const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\b(FIXME|TODO|XXX)\b/, 'leftover marker'],
  [/\b(?:it|test|describe)\.(?:only|skip)\b/, 'leftover .only or .skip'],
  [/Math\.random\(|Date\.now\(/, 'unseeded randomness or wall clock'],
  [/@ts-(?:ignore|nocheck)/, 'a silenced compiler error, use @ts-expect-error with a reason'],
  [/\bfor now\b|\bsimplified\b/i, 'a "for now"'],
  [/\bexport \*/, 'export *'],
  [/ as PhysAddr| as Pfn\b| as VirtAddr| as UserAddr| as DmaAddr/, 'a unit cast outside units.ts'],
];

function tidyBanned({ path, text }: Source): string[] {
  if (path === 'src/units.ts') return [];
  return BANNED.filter(([re]) => re.test(text)).map(([, why]) => `${path}: ${why}`);
}

function toCamel(name: string): string {
  return name.replace(/(?<=[a-z0-9])_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
}

/** Every exported function and type of the two APIs names the kernel symbol that it models. */
function tidyKernelTags({ path, text }: Source): string[] {
  if (!/^(legacy|converted)\//.test(path) || /\.test(-d)?\.ts$/.test(path)) return [];
  const entry = /^converted\/front\/(index|browser)\.ts$/.test(path);
  if (path.startsWith('converted/front/') && !entry && !path.endsWith('/user-memory.ts'))
    return /@kernel none/.test(text) ? [] : [`${path}: no @kernel`];
  const errors: string[] = [];
  const exported =
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*)?export (function|class|interface|type) (\w+)/g;
  for (const m of text.matchAll(exported)) {
    const [, doc = '', kind = '', name = ''] = m;
    const symbol = /@kernel ([A-Za-z_0-9]+)/.exec(doc)?.[1];
    if (symbol === undefined) errors.push(`${path}: ${name} has no @kernel tag`);
    else if (symbol !== 'none') {
      const camel = toCamel(symbol);
      const expected = kind === 'function' ? camel : camel.charAt(0).toUpperCase() + camel.slice(1);
      if (expected !== name) errors.push(`${path}: ${name} is not ${symbol}`);
    }
  }
  return errors;
}

function tidyLength({ path, text }: Source): string[] {
  const lines = text.split('\n').length - 1;
  return lines > MAX_LINES && !DATA.test(path) ? [`${path}: ${lines} lines`] : [];
}

/** The article's point: scatterlists end at the API, they do not become one more iterator type. */
function tidyNoScatterlistIterator({ path, text }: Source): string[] {
  if (path.endsWith('.test.ts')) return [];
  return /ITER_SCATTERLIST\s*[=:]|['"]scatterlist['"]\s*;/.test(text)
    ? [`${path}: an iterator over a scatterlist`]
    : [];
}

/** Rooms are entered by their fronts; a test may look at whatever it tests. */
function tidyFronts(source: Source): string[] {
  if (/\.test\.ts$/.test(source.path)) return [];
  return importsOf(source).flatMap((edge) => frontError(edge) ?? []);
}

const RULES = [
  tidyImports,
  tidyPackages,
  tidyBanned,
  tidyKernelTags,
  tidyLength,
  tidyNoScatterlistIterator,
  tidyFronts,
];

/** Less than this, and the reader of files has lost its way. */
const LEAST_FILES = 350;
const LEAST_IMPORTS = 1500;

test('the code is tidy', () => {
  const sources = readSources().filter(({ path }) => !path.endsWith('tidy.test.ts'));
  const imports = sources.flatMap(importsOf);
  const entered = imports.filter(({ from, to }) => roomOf(from) !== roomOf(to));
  console.log(
    `tidy: ${sources.length} files, ${imports.length} imports, ` +
      `${Object.keys(FRONTS).length} rooms with fronts, entered by ${entered.length} imports`,
  );
  // A rule that passes on nothing is worse than none.
  expect(sources.length).toBeGreaterThan(LEAST_FILES);
  expect(imports.length).toBeGreaterThan(LEAST_IMPORTS);
  expect(new Set(sources.map(({ path }) => folderOf(path))).size).toBe(FOLDERS.length);
  for (const [room, fronts] of Object.entries(FRONTS)) {
    for (const front of fronts) {
      expect(entered, `${room} has a front that nobody enters by`).toContainEqual(
        expect.objectContaining({ to: `${room}/${front}` }),
      );
    }
  }
  expect(sources.flatMap((s) => RULES.flatMap((rule) => rule(s)))).toEqual([]);
});

test('the picture in the README is the one that the imports draw', () => {
  const readme = readFileSync('README.md', 'utf8');
  const shown = /```mermaid\n([\s\S]*?)\n```/.exec(readme)?.[1];
  expect(shown, 'run: npm run build && node dist/conformance/tidy/picture.js').toBe(
    architecture(readSources()),
  );
});

test('the literal names of the front door are those of the table', () => {
  expect(readFileSync('converted/front/names.ts', 'utf8')).toBe(namesSource());
});

test('each rule rejects the code that it was written against', () => {
  const long = 'x\n'.repeat(MAX_LINES + 1);
  const bad: readonly (readonly [(s: Source) => string[], string, string, string])[] = [
    [
      tidyImports,
      'converted/a.ts',
      "import { sgNext } from '../legacy/lists/scatterlist.ts';",
      'converted/a.ts: converted imports legacy',
    ],
    [
      tidyImports,
      'src/a.ts',
      "import type { X } from '../bench/run.ts';",
      'src/a.ts: src imports bench',
    ],
    [
      tidyImports,
      'conformance/judge/judge.ts',
      "import { describeResult } from '../subjects/machine-subject.ts';",
      'conformance/judge/judge.ts: may not know conformance/subjects/machine-subject.ts',
    ],
    [
      tidyPackages,
      'converted/a.ts',
      "import { gcm } from '@noble/ciphers/aes.js';",
      'converted/a.ts: may not import @noble/ciphers/aes.js',
    ],
    [
      tidyBanned,
      'src/a.ts',
      'const x = Math.random();',
      'src/a.ts: unseeded randomness or wall clock',
    ],
    [tidyBanned, 'src/a.ts', 'a as PhysAddr', 'src/a.ts: a unit cast outside units.ts'],
    [
      tidyKernelTags,
      'legacy/a.ts',
      'export function sgNext() {}',
      'legacy/a.ts: sgNext has no @kernel tag',
    ],
    [
      tidyKernelTags,
      'legacy/a.ts',
      '/** @kernel sg_last */\nexport function sgNext() {}',
      'legacy/a.ts: sgNext is not sg_last',
    ],
    [
      tidyKernelTags,
      'converted/a.ts',
      '/** @kernel iov_iter */\nexport class Iter {}',
      'converted/a.ts: Iter is not iov_iter',
    ],
    [tidyLength, 'src/a.ts', long, `src/a.ts: ${MAX_LINES + 1} lines`],
    [
      tidyNoScatterlistIterator,
      'converted/a.ts',
      'export const ITER_SCATTERLIST = 9;',
      'converted/a.ts: an iterator over a scatterlist',
    ],
    [
      tidyFronts,
      'bench/a.ts',
      "import { x } from '../src/provider/noble/aes.ts';",
      'bench/a.ts: enters src/provider/noble by aes.ts',
    ],
  ];
  for (const [rule, path, text, error] of bad) expect(rule({ path, text })).toEqual([error]);
});
