/**
 * The front of the survey: everything that its command does, with exit codes as results.
 * @module
 */
import { setImmediate } from 'node:timers/promises';
import { EXIT_FINDINGS, EXIT_SELF_CHECK } from '../terminal/exit.ts';
import { readCensus } from './census-schema.ts';
import { burnDownRows, renderBurnDown } from './compare/burn-down.ts';
import { diffCensus } from './compare/diff.ts';
import { newFindings, parseKinds } from './compare/gate.ts';
import { NOTHING_OUTSIDE, readOutside } from './compare/outside.ts';
import { documentsOf, type PageOf, type SurveyOptions } from './documents.ts';
import type { Progress } from './gather.ts';
import { renderDiff } from './output/diff.ts';
import { renderSummary } from './output/summary.ts';
import { checkTargets, writeTargets } from './output/targets.ts';
import { type PatchRequest, runPatches } from './patch.ts';
import { surveyTree } from './read-tree.ts';
import { isClean, renderSelfCheck, selfCheck } from './self-check.ts';

export type { SurveyOptions } from './documents.ts';
export type { PatchRequest } from './patch.ts';

/** Where results, refusals and progress go, and what ends the work early. */
export interface SurveyHooks {
  /** Text for stdout. */
  readonly print: (text: string) => void;
  /** One line for stderr. */
  readonly note: (line: string) => void;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** `survey <tree>`. @param pageOf makes the page of `--html`. @returns the exit code. Fails with a UsageError before anything is written. */
export async function runSurvey(
  root: string,
  options: SurveyOptions,
  pageOf: PageOf,
  hooks: SurveyHooks,
): Promise<number> {
  const { print, progress, signal } = hooks;
  const documents = documentsOf(options, pageOf);
  const folder = options.out ?? null;
  const files = documents.filter((d) => d.path !== '-');
  checkTargets(folder, files);
  const { tree, facts, census } = await surveyTree(root, progress, signal);
  if (options.selfCheck === true) {
    const check = selfCheck(tree, facts);
    await interruptible(signal);
    print(options.json === true ? `${JSON.stringify(check)}\n` : renderSelfCheck(check));
    return isClean(check) ? 0 : EXIT_SELF_CHECK;
  }
  // Everything is rendered before anything is written: bad input leaves no half output.
  const texts = files.map((d) => ({ ...d, text: d.render(census) }));
  const render = documents.find((d) => d.path === '-')?.render ?? renderSummary;
  const text = render(census);
  await interruptible(signal);
  writeTargets(folder, texts);
  print(text);
  return 0;
}

/** Lets an interrupt in that came while the thread was busy: signals arrive between two turns. */
async function interruptible(signal: AbortSignal): Promise<void> {
  await setImmediate();
  await setImmediate();
  signal.throwIfAborted();
}

/** What `survey diff` was asked for. */
export interface DiffOptions {
  readonly json: boolean;
  /** The newer tree, or null. */
  readonly tree: string | null;
  /** Kinds that may not be new; empty for any, null for no gate. */
  readonly gate: readonly string[] | null;
}

/** `survey diff`. @returns the exit code: 1 when the gate refuses something. */
export async function runDiff(
  older: string,
  newer: string,
  { json, tree, gate }: DiffOptions,
  { print, note }: SurveyHooks,
): Promise<number> {
  const kinds = parseKinds(gate ?? []);
  const [from, to] = [readCensus(older), readCensus(newer)];
  const outside = tree === null ? NOTHING_OUTSIDE : await readOutside(from, to, tree);
  const diff = diffCensus(from, to, outside);
  print(json ? `${JSON.stringify(diff)}\n` : renderDiff(diff));
  const refused = gate === null ? [] : newFindings(diff, kinds);
  for (const line of refused) note(line);
  return refused.length > 0 ? EXIT_FINDINGS : 0;
}

/** `survey burn-down`: reports, oldest first. @returns the exit code. */
export function runBurnDown(
  reports: readonly string[],
  json: boolean,
  { print }: SurveyHooks,
): number {
  const rows = burnDownRows(reports.map(readCensus));
  print(json ? `${JSON.stringify(rows)}\n` : renderBurnDown(rows));
  return 0;
}

/** `survey patch`. @returns the exit code. */
export async function runPatch(
  request: Omit<PatchRequest, 'signal'>,
  { print, signal }: SurveyHooks,
): Promise<number> {
  await runPatches({ ...request, signal }, print);
  return 0;
}
