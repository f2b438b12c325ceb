/** The work of one thread: read files, drop what cannot matter, extract facts of the rest. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tell } from '../campaign/pool.ts';
import { CALLER_GROUPS, CATALOGUE } from './catalogue.ts';
import { FILE_LIMITS } from './data/limits.ts';
import { extractFile } from './extract/file.ts';
import type { FileFacts } from './facts.ts';
import { type CGrammar, loadGrammar } from './grammar.ts';
import { formatNumber as n } from './output/table.ts';
import { isAssembly, isProvider } from './role.ts';
import { truncation } from './tokens.ts';

/** One assembly file (or generator of one), searched as text. */
export interface AssemblyFacts {
  readonly path: string;
  readonly lines: number;
  /** Lines that name a list or a walker. */
  readonly hits: readonly number[];
}

/** What one batch of paths yields. */
export interface BatchResult {
  readonly facts: FileFacts[];
  readonly assembly: AssemblyFacts[];
  /** Headers outside the scope that declare list functions. */
  readonly headers: FileFacts[];
  /** Files that contain one of the needles. */
  candidates: number;
  bytes: number;
  /** `path: defect` of the first unusable file, or null. */
  defect: string | null;
}

const NEEDLES = [
  'scatterlist',
  'scatterwalk',
  'skcipher',
  'crypto_a',
  'crypto_register',
  'ahash',
  'cra_name',
  'acomp',
];

const ASSEMBLY_WORDS = /scatterlist|scatterwalk|skcipher_walk|hash_walk|\bsg_/;

/** Read only to find list functions that are not catalogued. */
const LIST_HEADERS = new Set([
  'include/linux/scatterlist.h',
  'include/linux/dma-mapping.h',
  'include/linux/skbuff.h',
  'include/linux/uio.h',
]);

const CALLER_NAMES = new Set(
  [...CATALOGUE.values()].filter((n) => CALLER_GROUPS.has(n.group)).map((n) => n.name),
);
const CALLER_WORD = new RegExp(`\\b(?:${[...CALLER_NAMES].join('|')})\\b`);

/** Files of one tree that one thread reads at a time. */
export interface Batch {
  readonly root: string;
  /** Relative to `root`. */
  readonly paths: readonly string[];
}

let grammar: Promise<CGrammar> | null = null;

/** Surveys one batch. Stops at the first unusable file. */
export async function workOnBatch({ root, paths }: Batch, tell: Tell): Promise<BatchResult> {
  grammar ??= loadGrammar();
  const result: BatchResult = {
    facts: [],
    assembly: [],
    headers: [],
    candidates: 0,
    bytes: 0,
    defect: null,
  };
  for (const path of paths) {
    result.defect = surveyFile(await grammar, root, path, result, tell);
    if (result.defect !== null) break;
  }
  return result;
}

/** Adds what one file says to `result`. Returns its defect, or null. */
function surveyFile(
  grammar: CGrammar,
  root: string,
  path: string,
  result: BatchResult,
  tell: Tell,
): string | null {
  const bytes = readBytes(root, path);
  if (typeof bytes === 'string') return bytes;
  result.bytes += bytes.length;
  const isCandidate = NEEDLES.some((needle) => bytes.includes(needle));
  if (isCandidate) result.candidates++;
  if (isAssembly(path)) result.assembly.push(assemblyFacts(path, bytes.toString('utf8')));
  if (!/\.[ch]$/.test(path) || !(isProvider(path) || isCandidate)) return null;
  const source = bytes.toString('utf8');
  if (!isProvider(path) && !CALLER_WORD.test(source)) {
    if (LIST_HEADERS.has(path)) result.headers.push(extractFile(grammar, path, source, bytes));
    return null;
  }
  const defect = defectOf(path, source, bytes.length);
  if (defect !== null) return defect;
  tell(`${root}/${path}`);
  const facts = extractFile(grammar, path, source, bytes);
  if (LIST_HEADERS.has(path)) result.headers.push(facts);
  if (isProvider(path) || usesCallerName(facts)) result.facts.push(facts);
  return null;
}

/** The bytes of a file, or its defect. */
function readBytes(root: string, path: string): Buffer | string {
  try {
    const { size } = statSync(join(root, path));
    if (size > FILE_LIMITS.bytesRead)
      return `${path}: ${n(size)} bytes (source files are read up to ${n(FILE_LIMITS.bytesRead)})`;
    return readFileSync(join(root, path));
  } catch (error) {
    return `${path}: cannot be read (${String(error)})`;
  }
}

function defectOf(path: string, source: string, size: number): string | null {
  if (size > FILE_LIMITS.bytesParsed)
    return `${path}: ${n(size)} bytes (C files are parsed up to ${n(FILE_LIMITS.bytesParsed)})`;
  const nul = source.indexOf('\0');
  if (nul !== -1) return `${path}: binary (NUL at offset ${nul})`;
  if (source.trim() === '' && /\.c$/.test(path)) return `${path}: truncated (the file is empty)`;
  if (hasTooManyCalls(source))
    return `${path}: more than ${n(FILE_LIMITS.calls)} calls of catalogued functions`;
  const cut = truncation(source);
  return cut === null ? null : `${path}: truncated (${cut})`;
}

function hasTooManyCalls(source: string): boolean {
  let calls = 0;
  for (const [word] of source.matchAll(/[A-Za-z_]\w*(?=\s*\()/g)) {
    if (CATALOGUE.has(word)) calls++;
    if (calls > FILE_LIMITS.calls) return true;
  }
  return false;
}

function assemblyFacts(path: string, source: string): AssemblyFacts {
  const lines = source.split('\n');
  const hits = lines.flatMap((line, i) => (ASSEMBLY_WORDS.test(line) ? [i + 1] : []));
  return { path, lines: lines.length - 1, hits };
}

/** A live use: a call, also in a macro body, or a reference to the function. */
function usesCallerName(facts: FileFacts): boolean {
  return (
    facts.calls.some((c) => CALLER_NAMES.has(c.name)) ||
    facts.refs.some((r) => CALLER_NAMES.has(r.name))
  );
}
