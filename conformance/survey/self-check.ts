/**
 * `survey --self-check`: how good the instruments are on this tree.
 *
 * Verified: the parser against the token scan, call by call; on the release that was read by hand,
 * the sample of lines. Not verified, because no second instrument is at hand: request members and
 * hazards outside the sample.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SAMPLE_ROWS, SAMPLE_SEED, SAMPLE_VERSION } from './data/sample-6.1.ts';
import type { TreeFacts } from './gather.ts';
import { formatNumber as n } from './output/table.ts';
import { drawSample, parseVerdicts, type Score, type ScoredLine, scoreSample } from './sample.ts';
import type { KernelTree } from './tree.ts';

/** Result of the self-check. */
export interface SelfCheck {
  readonly calls: number;
  /** Calls on which parser and token scan differ. */
  readonly mismatches: readonly string[];
  /** Null when the tree is another release than the sample. */
  readonly sample: Score | null;
}

/** Checks the facts of a tree. */
export function selfCheck(tree: KernelTree, facts: TreeFacts): SelfCheck {
  return {
    calls: facts.facts.reduce((sum, f) => sum + f.calls.length, 0),
    mismatches: facts.facts.flatMap((f) => f.scanMismatches.map((m) => `${f.path}: ${m}`)),
    sample: tree.version === SAMPLE_VERSION ? scoreTree(tree, facts) : null,
  };
}

function scoreTree(tree: KernelTree, { facts }: TreeFacts): Score {
  const verdicts = parseVerdicts(SAMPLE_ROWS);
  const files = facts.map((f): [string, string] => [
    f.path,
    readFileSync(join(tree.root, f.path), 'utf8'),
  ]);
  const lines = drawSample(files, SAMPLE_SEED, verdicts.length);
  return scoreSample(lines, verdicts, new Map(facts.map((f) => [f.path, f])));
}

/** Whether nothing differs. */
export function isClean(check: SelfCheck): boolean {
  const { sample } = check;
  return check.mismatches.length === 0 && (sample === null || sample.missed + sample.wrong === 0);
}

/** The result as text. */
export function renderSelfCheck(check: SelfCheck): string {
  const { sample } = check;
  const lines = [
    `parser and token scan: ${n(check.calls)} calls, ${check.mismatches.length} differences`,
    ...check.mismatches.map((m) => `  ${m}`),
    sample === null
      ? `sample: skipped, it was read in ${SAMPLE_VERSION}`
      : `sample (seed ${SAMPLE_SEED}): ${sample.lines.length} lines, ${sample.right} right,` +
        ` ${sample.missed} missed,` +
        ` ${sample.wrong} wrong; precision ${ratio(sample.right, sample.wrong)},` +
        ` recall ${ratio(sample.right, sample.missed)}`,
    ...(sample?.lines ?? []).map(renderLine),
  ];
  return `${lines.join('\n')}\n`;
}

/** One line of the sample, what was read there, and what the survey says when it differs. */
function renderLine({ path, line, read, said, agrees }: ScoredLine): string {
  const text = (words: readonly string[]): string => words.join(', ') || 'nothing';
  const answer = agrees ? '' : `, but the survey says ${text(said)}`;
  return `  ${agrees ? 'ok' : '--'} ${path}:${line}: ${text(read)}${answer}`;
}

function ratio(right: number, other: number): string {
  return `${((100 * right) / Math.max(right + other, 1)).toFixed(1)} %`;
}
