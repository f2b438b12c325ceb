/**
 * Precision and recall against lines that a person read.
 *
 * The frame is every line of the files in scope that a deliberately broad pattern matches, so that
 * it also holds what the survey should have found and did not. Lines are drawn by a keyed digest:
 * the same seed draws the same lines, and the key names a line without its number or its text.
 */
import { createHash } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { CATALOGUE } from './catalogue.ts';
import type { FileFacts } from './facts.ts';

/** Lines that could carry evidence; far more than do. */
const FRAME =
  /\b_*sgl?_|_sgl?\b|\bsgl?\b|\bsgt\b|scatter|_walk|_WALK_|request_set|(?:->|\.)(?:src|dst)\b/;

/** One line of the frame. */
export interface SampleLine {
  readonly key: string;
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** What a person saw on one line. */
export interface Verdict {
  readonly key: string;
  readonly path: string;
  /** Counted names that are called there, in order. */
  readonly calls: readonly string[];
  /** Uses of `struct` list types. */
  readonly types: readonly string[];
  /** Uses of `src` or `dst` of a request. */
  readonly members: number;
}

/** Reads the rows of a committed sample. */
export function parseVerdicts(rows: string): Verdict[] {
  return rows
    .split('\n')
    .filter((row) => row.trim() !== '')
    .map((row) => {
      const [key = '', path = '', ...seen] = row.trim().split(' ');
      const after = (word: string): string[] => {
        const at = seen.indexOf(word);
        return at === -1 ? [] : [seen[at + 1]];
      };
      const members = seen.find((word) => /^m\d$/.test(word));
      return {
        key,
        path,
        calls: after('c'),
        types: after('t'),
        members: members === undefined ? 0 : Number(members.slice(1)),
      };
    });
}

/** Draws `count` lines of `files` (path and text). */
export function drawSample(
  files: readonly (readonly [string, string])[],
  seed: string,
  count: number,
): SampleLine[] {
  const lines: SampleLine[] = [];
  for (const [path, text] of files) {
    if (isAbsolute(path)) throw new Error(`${path}: the sample needs paths relative to the tree`);
    const seen = new Map<string, number>();
    text.split('\n').forEach((raw, i) => {
      const line = raw.trim();
      if (!FRAME.test(line)) return;
      const ordinal = seen.get(line) ?? 0;
      seen.set(line, ordinal + 1);
      const key = createHash('sha256')
        .update(`${seed}\0${path}\0${ordinal}\0${line}`)
        .digest('hex');
      lines.push({ key: key.slice(0, 16), path, line: i + 1, text: raw });
    });
  }
  return lines.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, count);
}

/** Evidence right, missed, and reported wrongly. */
export interface Score {
  right: number;
  missed: number;
  wrong: number;
  /** Every line of the sample, in the order of its rows. */
  readonly lines: ScoredLine[];
}

/** One line of the sample: what a person read, what the survey says. */
export interface ScoredLine {
  readonly path: string;
  readonly line: number;
  readonly read: readonly string[];
  readonly said: readonly string[];
  readonly agrees: boolean;
}

/** What the survey says about one line, as a list of comparable words. */
function saidOf(facts: FileFacts, line: number): string[] {
  return [
    ...facts.calls
      .filter((c) => c.line === line && CATALOGUE.get(c.name)?.counted === true)
      .map((c) => `call ${c.name}`),
    ...facts.types.filter((t) => t.line === line).map((t) => `type ${t.name}`),
    ...facts.requestMembers.filter((m) => m.line === line).map(() => 'member'),
  ];
}

/** Compares the verdicts with the facts of the same tree. */
export function scoreSample(
  lines: readonly SampleLine[],
  verdicts: readonly Verdict[],
  facts: ReadonlyMap<string, FileFacts>,
): Score {
  const score: Score = { right: 0, missed: 0, wrong: 0, lines: [] };
  for (const verdict of verdicts) {
    const line = lines.find((l) => l.key === verdict.key);
    const file = facts.get(verdict.path);
    if (line === undefined || file === undefined)
      throw new Error(`${verdict.path} ${verdict.key}: not in this tree`);
    const said = saidOf(file, line.line);
    const seen = [
      ...verdict.calls.map((c) => `call ${c}`),
      ...verdict.types.map((t) => `type ${t}`),
      ...Array.from({ length: verdict.members }, () => 'member'),
    ];
    const rest = [...said];
    for (const word of seen) {
      const at = rest.indexOf(word);
      if (at === -1) score.missed++;
      else {
        score.right++;
        rest.splice(at, 1);
      }
    }
    score.wrong += rest.length;
    const agrees = rest.length === 0 && said.length === seen.length;
    score.lines.push({ path: verdict.path, line: line.line, read: seen, said, agrees });
  }
  return score;
}
