/**
 * Golden data: what real kernels answered, reduced to the views of the contract. The newest release
 * is stored whole, every older one as the views in which it differs from the next newer one.
 * Cases are not stored: they are made again, and a hash says whether they are the same.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GENERATOR_VERSION, generateCases } from '../cases/generate.ts';
import { namedCases } from '../cases/named.ts';
import { EnvironmentError } from '../kernel/run-program.ts';
import { formatCase, type TextCase } from '../text/case.ts';
import { RULES, type View } from './contract.ts';

const FORMAT = 1;

/** A view, or null: the answer changed with the contents of freed memory and is never compared. */
export type GoldenView = View | null;

/** What one kernel answered. */
export interface GoldenKernel {
  readonly release: string;
  readonly views: ReadonlyMap<string, GoldenView>;
}

/** Which cases the data are about: all named ones and the first `count` of a seed. */
export interface GoldenCases {
  readonly seed: number;
  readonly count: number;
}

/** First line of a file. */
interface Header extends GoldenCases {
  readonly format: number;
  readonly generator: number;
  readonly release: string;
  /** Release that the lines are relative to, or null. */
  readonly base: string | null;
  /** SHA-256 over the text of all cases. */
  readonly sha256: string;
}

/** All kernels of a golden folder, newest first, and their cases. */
export interface Golden {
  readonly set: GoldenCases;
  readonly cases: readonly TextCase[];
  readonly kernels: readonly GoldenKernel[];
}

/** The cases of a golden set. Named cases that crash come last, see `namedCases`. */
export function goldenCases(set: GoldenCases): TextCase[] {
  return [...generateCases(set.seed, set.count), ...namedCases()];
}

function textHash(cases: readonly TextCase[]): string {
  const hash = createHash('sha256');
  for (const c of cases) hash.update(formatCase(c));
  return hash.digest('hex');
}

/** Negative if `a` is newer than `b`. */
function compareReleases(a: string, b: string): number {
  const [x, y] = [a, b].map((release) => release.split('.').map(Number));
  for (let i = 0; i < 3; i++) if (x[i] !== y[i]) return (y[i] ?? 0) - (x[i] ?? 0);
  return 0;
}

function fileOf(folder: string, release: string): string {
  return join(folder, `linux-${release.split('.').slice(0, 2).join('.')}.jsonl.gz`);
}

/** Fields in the order of the contract, so that equal views have equal text. */
function canonical(view: GoldenView): string {
  if (view === null) return 'null';
  const fields = RULES.map((rule) => rule.field).filter((field) => view[field] !== undefined);
  return JSON.stringify(Object.fromEntries(fields.map((field) => [field, view[field]])));
}

/** Replaces the data of a folder. Every kernel must have a view of every case. Returns the bytes. */
export function writeGolden(
  folder: string,
  set: GoldenCases,
  kernels: readonly GoldenKernel[],
): number {
  const cases = goldenCases(set);
  const sha256 = textHash(cases);
  const sorted = [...kernels].sort((a, b) => compareReleases(a.release, b.release));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder))
    if (file.endsWith('.jsonl.gz')) rmSync(join(folder, file));
  let bytes = 0;
  let base: GoldenKernel | null = null;
  for (const kernel of sorted) {
    const header: Header = {
      format: FORMAT,
      generator: GENERATOR_VERSION,
      ...set,
      release: kernel.release,
      base: base?.release ?? null,
      sha256,
    };
    const lines = [JSON.stringify(header)];
    for (const { id } of cases) {
      const text = canonical(kernel.views.get(id) ?? null);
      if (base === null || canonical(base.views.get(id) ?? null) !== text)
        lines.push(`${JSON.stringify(id)} ${text}`);
    }
    const packed = gzipSync(`${lines.join('\n')}\n`, { level: 9 });
    bytes += packed.length;
    writeFileSync(fileOf(folder, kernel.release), packed);
    base = kernel;
  }
  return bytes;
}

interface GoldenFile {
  readonly header: Header;
  readonly rows: readonly (readonly [string, GoldenView])[];
}

function readFile(path: string): GoldenFile {
  const [first, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const header = JSON.parse(first) as Header;
  if (header.format !== FORMAT || header.generator !== GENERATOR_VERSION)
    throw new RangeError(
      `${path}: format ${header.format}, generator ${header.generator}; expected ${FORMAT}, ` +
        `${GENERATOR_VERSION}: run certify --update-golden`,
    );
  const rows = lines.map((line): [string, GoldenView] => {
    const end = line.indexOf('" ') + 1;
    return [
      JSON.parse(line.slice(0, end)) as string,
      JSON.parse(line.slice(end + 1)) as GoldenView,
    ];
  });
  return { header, rows };
}

/**
 * Reads a folder.
 * @throws RangeError naming the file if it is of another format or about other cases.
 */
export function readGolden(folder: string): Golden {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => readFile(join(folder, name)))
    .sort((a, b) => compareReleases(a.header.release, b.header.release));
  if (files.length === 0) throw new EnvironmentError(`${folder}: no golden data`);
  const { seed, count } = files[0].header;
  const cases = goldenCases({ seed, count });
  const sha256 = textHash(cases);
  const kernels: GoldenKernel[] = [];
  let views: ReadonlyMap<string, GoldenView> = new Map();
  let previous: string | null = null;
  for (const { header, rows } of files) {
    if (header.sha256 !== sha256 || header.base !== previous)
      throw new RangeError(
        `${fileOf(folder, header.release)}: made from other cases: run certify --update-golden`,
      );
    views = new Map([...views, ...rows]);
    kernels.push({ release: header.release, views });
    previous = header.release;
  }
  return { set: { seed, count }, cases, kernels };
}

/** The kernel of a series (`6.1`), or null. */
export function goldenKernel(golden: Golden, release: string): GoldenKernel | null {
  const [major, minor] = release.split('.');
  return golden.kernels.find((k) => k.release.startsWith(`${major}.${minor}.`)) ?? null;
}

/**
 * The kernels that `--kernel NAME --golden` is about: the one of that series, or all for null.
 * @throws EnvironmentError if nobody recorded that one.
 */
export function goldenKernels(golden: Golden, name: string | null): readonly GoldenKernel[] {
  if (name === null) return golden.kernels;
  const series = /^(?:source:)?(\d+\.\d+)$/.exec(name)?.[1];
  const kernel = series === undefined ? null : goldenKernel(golden, `${series}.0`);
  if (kernel !== null) return [kernel];
  const have = golden.kernels.map(({ release }) => release).join(', ');
  throw new EnvironmentError(`--golden: no golden data of ${name}, only of ${have}`);
}
