/**
 * The second opinion that needs no module: AF_ALG on the same kernel, compared with the module.
 *
 * Not seen by AF_ALG, on any kernel: where the source lies (it is copied into whole pages), in place,
 * chained tables, empty entries, IV alignment, request flags, the output IV, recorded walks, hash
 * parts, iterators. What is left is the errno, the result bytes, and the layout of the destination.
 * Linux 7.3 calls AF_ALG deprecated and allows few algorithms; nothing is built on it.
 * @module
 */
import { Comparing, type Comparison } from './contract/compare.ts';
import { differences, hasEmptyEntry, shortHash, type View } from './contract/contract.ts';
import { type RunOptions, type RunReport, runCases } from './kernel/drive.ts';
import type { Launcher } from './kernel/launch.ts';
import type { CipherCase, HashCase, TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** Both answers to the same cases. */
export interface SecondOpinion {
  readonly cases: readonly TextCase[];
  readonly answered: number;
  readonly comparison: Comparison;
  readonly report: RunReport;
}

type Askable = CipherCase | HashCase;

/** The case in the words of AF_ALG, or null if it has none. */
function askable(c: TextCase): Askable | null {
  if (c.op === 'iter' || c.op === 'sg' || c.id.startsWith('overrun-')) return null;
  if (c.async || hasEmptyEntry(c)) return null;
  if (c.op === 'hash') return c.finish === 'digest' ? c : null;
  if (c.dst === null || c.geometry !== null) return null;
  const direction = c.direction === 'both' ? 'encrypt' : c.direction;
  return { ...c, direction, flip: null };
}

/** Asks AF_ALG first, then the module, and compares what AF_ALG can show. */
export async function askAfalg(
  launch: Launcher,
  all: readonly TextCase[],
  options: RunOptions,
): Promise<SecondOpinion> {
  const cases = all.map(askable).filter((c) => c !== null);
  const report = await runCases(launch, cases, { ...options, afalg: true });
  const module = report.interrupted
    ? { results: [] }
    : await runCases(launch, cases, { ...options, afalg: false });
  const comparing = new Comparing('AF_ALG against the module');
  for (const [i, theirs] of module.results.entries()) {
    const mine = report.results[i];
    if (mine.ending === 'skip') comparing.leave(mine.reason);
    else compare(comparing, cases[i], theirs, mine);
  }
  comparing.leave('no words for it', all.length - cases.length);
  return { cases, answered: report.results.length, comparison: comparing.result(), report };
}

function compare(comparing: Comparing, c: Askable, theirs: TextResult, mine: TextResult): void {
  const length = mine.out?.length ?? 0;
  const expected = shown(c, theirs, length);
  const got = shown(c, mine, length);
  comparing.add(c, expected, got, differences(expected, got));
}

/** What AF_ALG shows of an answer: `digits` of output, the associated data left out. */
function shown(c: Askable, result: TextResult, digits: number): View {
  if (result.ending !== 'done') return { ending: result.ending };
  const errno = `${result.err}`;
  if (result.err !== 0) return { errno };
  if (c.op === 'hash') return { errno, digest: result.digest ?? '' };
  return { errno, output: shortHash((result.out ?? '').slice(2 * c.assoc, digits)) };
}
