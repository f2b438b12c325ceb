/**
 * The second opinion that needs no module: AF_ALG on the same kernel, compared with the module.
 *
 * Not seen by AF_ALG, on any kernel: where the source lies (it is copied into whole pages), in place,
 * chained tables, empty entries, IV alignment, request flags, the output IV, recorded walks, hash
 * parts, iterators. What is left is the errno, the result bytes, and the layout of the destination.
 * Linux 7.3 calls AF_ALG deprecated and allows few algorithms; nothing is built on it.
 * @module
 */
import { countAxes } from './cases/axes.ts';
import { compareViews } from './contract/compare.ts';
import { ASPECTS, type View } from './contract/contract.ts';
import { shortHash } from './contract/hash.ts';
import { type Comparison, findingOf, groupOf, Tally } from './contract/tally.ts';
import { type RunOptions, type RunReport, runCases } from './kernel/drive.ts';
import type { Launcher } from './kernel/launch.ts';
import {
  type CipherCase,
  type HashCase,
  hasEmptyEntry,
  isCryptCase,
  type TextCase,
} from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** Both answers to the same cases. */
export interface SecondOpinion {
  readonly cases: number;
  readonly answered: number;
  readonly axes: Readonly<Record<string, number>>;
  readonly comparison: Comparison;
  readonly report: RunReport;
}

type Askable = CipherCase | HashCase;

/** The case in the words of AF_ALG, or null if it has none. */
function askable(c: TextCase): Askable | null {
  if (!isCryptCase(c)) return null;
  if (c.id.startsWith('overrun-') || c.async || hasEmptyEntry(c)) return null;
  if (c.op === 'hash') return c.finish === 'digest' ? { ...c, ...PLAIN } : null;
  if (c.dst === null || c.geometry !== null) return null;
  const direction = c.direction === 'both' ? 'encrypt' : c.direction;
  return { ...c, ...PLAIN, requests: 1, direction, flip: null };
}

/** One request on plain memory, from a task. */
const PLAIN = { backings: [], atomic: false };

/** What AF_ALG sees of a case: its destination. Everything else it has copied or chosen itself. */
function visible(c: Askable): TextCase {
  return c.op === 'hash' ? { ...c, src: [] } : { ...c, src: c.dst ?? [], dst: null };
}

/** Axes that AF_ALG can see, of the destination. */
const AXES: readonly string[] = [
  'skcipher',
  'aead',
  'hash',
  'entry over a page end',
  'nine or more entries',
];

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
  const tally = new Tally('AF_ALG against the module');
  for (const [i, theirs] of module.results.entries()) {
    const mine = report.results[i];
    const group = groupOf(cases[i]);
    if (mine.ending === 'skip') tally.leave(group, mine.reason);
    else compare(tally, cases[i], theirs, mine);
  }
  const asked = new Set(cases.map(({ id }) => id));
  for (const c of all) if (!asked.has(c.id)) tally.leave(groupOf(c), 'no words for it');
  return {
    cases: cases.length,
    answered: report.results.length,
    axes: countAxes(cases.map(visible), AXES),
    comparison: tally.result(),
    report,
  };
}

function compare(tally: Tally, c: Askable, theirs: TextResult, mine: TextResult): void {
  const length = mine.out?.length ?? 0;
  const expected = shown(c, theirs, length);
  const got = shown(c, mine, length);
  const aspects = ASPECTS.filter((a) => expected[a] !== undefined || got[a] !== undefined);
  const outcome = compareViews(c, expected, got, aspects, AFALG);
  tally.add(groupOf(c), outcome, () => findingOf(c, expected, got, outcome.different));
}

/** No rule is about AF_ALG. */
const AFALG = { name: 'AF_ALG', series: [0, 0] } as const;

/** What AF_ALG shows of an answer: `digits` of output, the associated data left out. */
function shown(c: Askable, result: TextResult, digits: number): View {
  if (result.ending !== 'done') return { ending: result.ending };
  const errno = `${result.err}`;
  if (result.err !== 0) return { errno };
  if (c.op === 'hash') return { errno, digest: result.digest ?? '' };
  return { errno, output: shortHash((result.out ?? '').slice(2 * c.assoc, digits)) };
}
