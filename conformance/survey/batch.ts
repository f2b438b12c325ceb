/** The work of one thread: read files, drop what cannot matter, extract facts of the rest. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CALLER_GROUPS, CATALOGUE } from './catalogue.ts';
import { extractFile } from './extract/file.ts';
import type { FileFacts } from './facts.ts';
import type { CGrammar } from './grammar.ts';
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

/** Surveys `paths` (relative to `root`). Stops at the first unusable file. */
export function surveyBatch(
  grammar: CGrammar,
  root: string,
  paths: readonly string[],
): BatchResult {
  const result: BatchResult = {
    facts: [],
    assembly: [],
    headers: [],
    candidates: 0,
    bytes: 0,
    defect: null,
  };
  for (const path of paths) {
    const bytes = readBytes(root, path, result);
    if (bytes === null) break;
    result.bytes += bytes.length;
    const isCandidate = NEEDLES.some((needle) => bytes.includes(needle));
    if (isCandidate) result.candidates++;
    if (isAssembly(path)) result.assembly.push(assemblyFacts(path, bytes.toString('utf8')));
    if (!/\.[ch]$/.test(path) || !(isProvider(path) || isCandidate)) continue;
    const source = bytes.toString('utf8');
    if (LIST_HEADERS.has(path)) result.headers.push(extractFile(grammar, path, source, bytes));
    if (!isProvider(path) && !CALLER_WORD.test(source)) continue;
    result.defect = defectOf(path, source);
    if (result.defect !== null) break;
    const facts = extractFile(grammar, path, source, bytes);
    if (isProvider(path) || usesCallerName(facts)) result.facts.push(facts);
  }
  return result;
}

function readBytes(root: string, path: string, result: BatchResult): Buffer | null {
  try {
    return readFileSync(join(root, path));
  } catch (error) {
    result.defect = `${path}: cannot be read (${String(error)})`;
    return null;
  }
}

function defectOf(path: string, source: string): string | null {
  const nul = source.indexOf('\0');
  if (nul !== -1) return `${path}: binary (NUL at offset ${nul})`;
  if (source.trim() === '' && /\.c$/.test(path)) return `${path}: truncated (the file is empty)`;
  const cut = truncation(source);
  return cut === null ? null : `${path}: truncated (${cut})`;
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
