/**
 * The campaign's own cases on a real kernel: legacy model, converted API, reference and kernel must say
 * the same of each.
 * @module
 */

import { ENOENT } from '../../src/errno.ts';
import { Harness } from '../campaign/harness.ts';
import { encodeToken } from '../campaign/replay.ts';
import type { Case } from '../case/case.ts';
import { CaseGenerator } from '../case/generate.ts';
import { caseInput } from '../subjects/reference.ts';
import { bothSides } from '../subjects/sides.ts';
import { askKernel, disagreements } from './cases/ask.ts';
import { DRAWN_NAMES } from './cases/generate.ts';
import { type RunOptions, runCases } from './kernel/drive.ts';
import type { Launcher } from './kernel/launch.ts';
import type { TextCase } from './text/case.ts';
import type { TextResult } from './text/result.ts';

/** A case on which the kernel and somebody else disagree. */
export interface CampaignDifference {
  readonly token: string;
  readonly what: readonly string[];
}

export interface CampaignReport {
  /** Cases that the kernel was asked, and how many were compared before an interruption. */
  readonly asked: number;
  readonly answered: number;
  /** Cases that it could not be asked, by reason. */
  readonly skipped: ReadonlyMap<string, number>;
  readonly differences: readonly CampaignDifference[];
  readonly boots: number;
}

/** Runs the first `count` cases of a campaign on a kernel. */
export async function runCampaign(
  launch: Launcher,
  seed: number,
  count: number,
  options: RunOptions,
): Promise<CampaignReport> {
  const generator = new CaseGenerator();
  const skipped = new Map<string, number>();
  const cases: Case[] = [];
  const texts: TextCase[] = [];
  for (let i = 0; i < count; i++) {
    const c = generator.at(seed, i);
    const asked = askKernel(c, caseInput(c), `campaign-${i}`);
    if (asked.text === null) {
      skipped.set(asked.reason, (skipped.get(asked.reason) ?? 0) + 1);
      continue;
    }
    cases.push(c);
    texts.push(asked.text);
  }
  const report = await runCases(launch, texts, options);
  const harness = new Harness(bothSides);
  const differences: CampaignDifference[] = [];
  let answered = 0;
  for (const [i, answer] of report.results.entries()) {
    const c = cases[i];
    if (isAbsent(c.alg, answer)) {
      const reason = `this kernel has no ${c.alg}`;
      skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
      continue;
    }
    answered++;
    const what = disagreements(caseInput(c), answer, harness.run(c));
    if (what.length > 0) differences.push({ token: encodeToken(c), what });
  }
  return {
    asked: cases.length,
    answered,
    skipped,
    differences,
    boots: report.boots,
  };
}

/**
 * Whether the kernel was built without the algorithm of a case. Never true for the names that every
 * certified kernel has: there, a lookup that fails is a difference.
 */
export function isAbsent(alg: string, { ending, stage, err }: TextResult): boolean {
  return ending === 'done' && stage === 'alloc' && err === -ENOENT && !DRAWN_NAMES.has(alg);
}
