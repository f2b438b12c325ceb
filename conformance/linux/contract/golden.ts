/**
 * Golden data: what real kernels answered, reduced to the views of the contract. The newest release
 * is stored whole, every older one as the lines in which it differs from the next newer one.
 *
 * Cases are not stored: they are made again from a seed and the recorded names of algorithms. Each line
 * has a hash of its case, so a case that came out otherwise since then is left out, and only that one.
 * @module
 */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { algorithmOf } from '../../algorithms.ts';
import { generateCases } from '../cases/generate.ts';
import { isOverrun, namedCases } from '../cases/named.ts';
import { isCipherOrHash } from '../cases/requests.ts';
import { EnvironmentError } from '../kernel/run-program.ts';
import type { Series } from '../models/model.ts';
import { formatCase, type TextCase } from '../text/case.ts';
import { ASPECTS, type View } from './contract.ts';
import { equalCases } from './equals.ts';

const FORMAT = 2;

/** What one kernel answered, to the cases that are still the same. */
export interface GoldenKernel {
  readonly release: string;
  readonly views: ReadonlyMap<string, View>;
}

/** Which cases the data are about: all named ones and the first `count` of a seed. */
export interface GoldenCases {
  readonly seed: number;
  readonly count: number;
  /** Names of the algorithms that they are drawn from. */
  readonly algorithms: readonly string[];
}

/** First line of a file. */
interface Header extends GoldenCases {
  readonly format: number;
  readonly release: string;
  /** Release that the lines are relative to, or null. */
  readonly base: string | null;
}

/** All kernels of a golden folder, newest first, and their cases. */
export interface Golden {
  readonly set: GoldenCases;
  readonly cases: readonly TextCase[];
  readonly kernels: readonly GoldenKernel[];
  /** Cases that are not what they were when the newest kernel answered them. */
  readonly stale: readonly string[];
}

/** The cases of a golden set. Named cases that crash come last, see `namedCases`. */
export function goldenCases({ seed, count, algorithms }: GoldenCases): TextCase[] {
  const rows = algorithms.flatMap((name) => algorithmOf(name) ?? []).filter(isCipherOrHash);
  const named = namedCases(rows);
  return [
    ...generateCases(seed, count, rows),
    ...named.filter((c) => !isOverrun(c)),
    ...named.filter(isOverrun),
  ];
}

/** The series in which most cases have an equal that is asked, too. */
const EARLIEST: Series = [6, 1];

/** The cases of a golden set as kernels are asked: with the equal cases of all that they stumble over. */
export function goldenAsked(set: GoldenCases): TextCase[] {
  const cases = goldenCases(set);
  const first = cases.filter((c) => !isOverrun(c));
  return [...first, ...equalCases(first, EARLIEST), ...cases.filter(isOverrun)];
}

function hashOf(c: TextCase): string {
  return createHash('sha256').update(formatCase(c)).digest('hex').slice(0, 8);
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

/** Aspects in the order of the contract, so that equal views have equal text. */
function canonical(view: View): string {
  const aspects = ASPECTS.filter((aspect) => view[aspect] !== undefined);
  return JSON.stringify(Object.fromEntries(aspects.map((aspect) => [aspect, view[aspect]])));
}

/** The lines of a kernel, by identifier: hash of the case and view. */
function linesOf(kernel: GoldenKernel, cases: readonly TextCase[]): Map<string, string> {
  const lines = new Map<string, string>();
  for (const c of cases) {
    const view = kernel.views.get(c.id);
    if (view !== undefined) lines.set(c.id, `${hashOf(c)} ${canonical(view)}`);
  }
  return lines;
}

/** Replaces the data of a folder. Returns the bytes. */
export function writeGolden(
  folder: string,
  set: GoldenCases,
  kernels: readonly GoldenKernel[],
): number {
  const cases = goldenAsked(set);
  const sorted = [...kernels].sort((a, b) => compareReleases(a.release, b.release));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder))
    if (file.endsWith('.jsonl.gz')) rmSync(join(folder, file));
  let bytes = 0;
  let base: { release: string; lines: ReadonlyMap<string, string> } | null = null;
  for (const kernel of sorted) {
    const { release } = kernel;
    const header: Header = { format: FORMAT, ...set, release, base: base?.release ?? null };
    const lines = linesOf(kernel, cases);
    const text = [JSON.stringify(header)];
    for (const [id, line] of lines)
      if (base?.lines.get(id) !== line) text.push(`${JSON.stringify(id)} ${line}`);
    const packed = gzipSync(`${text.join('\n')}\n`, { level: 9 });
    bytes += packed.length;
    writeFileSync(fileOf(folder, release), packed);
    base = { release, lines };
  }
  return bytes;
}

interface GoldenFile {
  readonly header: Header;
  readonly lines: ReadonlyMap<string, string>;
}

function readFile(path: string): GoldenFile {
  const [first, ...rest] = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const header = JSON.parse(first) as Header;
  if (header.format !== FORMAT)
    throw new RangeError(
      `${path}: format ${header.format}, expected ${FORMAT}: run certify --update-golden`,
    );
  const lines = rest.map((line): [string, string] => {
    const end = line.indexOf('" ') + 1;
    return [JSON.parse(line.slice(0, end)) as string, line.slice(end + 1)];
  });
  return { header, lines: new Map(lines) };
}

/**
 * Reads a folder.
 * @throws RangeError naming the file if it is of another format or relative to another one.
 */
export function readGolden(folder: string): Golden {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const files = names
    .filter((name) => name.endsWith('.jsonl.gz'))
    .map((name) => readFile(join(folder, name)))
    .sort((a, b) => compareReleases(a.header.release, b.header.release));
  if (files.length === 0) throw new EnvironmentError(`${folder}: no golden data`);
  const { seed, count, algorithms } = files[0].header;
  const set = { seed, count, algorithms };
  const cases = goldenCases(set);
  const hashes = new Map(goldenAsked(set).map((c) => [c.id, hashOf(c)]));
  const kernels: GoldenKernel[] = [];
  let lines: ReadonlyMap<string, string> = new Map();
  let previous: string | null = null;
  for (const { header, lines: own } of files) {
    if (header.base !== previous)
      throw new RangeError(
        `${fileOf(folder, header.release)}: relative to ${header.base}: run certify --update-golden`,
      );
    lines = new Map([...lines, ...own]);
    kernels.push({ release: header.release, views: viewsOf(lines, hashes) });
    previous = header.release;
  }
  const stale = cases.map(({ id }) => id).filter((id) => !kernels[0].views.has(id));
  return { set, cases, kernels, stale };
}

/** The views of those cases that are still the same. */
function viewsOf(
  lines: ReadonlyMap<string, string>,
  hashes: ReadonlyMap<string, string>,
): Map<string, View> {
  const views = new Map<string, View>();
  for (const [id, line] of lines) {
    const [hash] = line.split(' ', 1);
    if (hashes.get(id) === hash) views.set(id, JSON.parse(line.slice(hash.length + 1)) as View);
  }
  return views;
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
