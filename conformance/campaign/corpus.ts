/**
 * The corpus of a campaign: a folder of cases, each of which reached something that no case before it had. Later
 * campaigns draw from it.
 *
 * What a case reaches are values of axes and pairs of them. Cases are offered in the order of the campaign, however
 * many threads ran them, so what is kept does not depend on that; a run draws from what was there when it began. A
 * case that failed is a finding, and is not kept. A file is whole before it has its name.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, CaseError } from '../case/case.ts';
import { makeFolder } from '../terminal/folders.ts';
import type { AnswerData } from './answer.ts';
import { AXIS_VALUES, valuesIn } from './axes.ts';
import { type CampaignPlan, type KeptCases, type PlacedJob, unitsOf } from './jobs.ts';
import { readCase } from './read-case.ts';

/** A folder or a file in it that cannot be used. The message is one line. */
export class CorpusError extends Error {
  override readonly name = 'CorpusError';
}

/** More files than this are a mistake, and no more are added. */
const MOST_FILES = 20_000;

export class Corpus implements KeptCases {
  /** As they were when the folder was opened, in the order of their names. */
  readonly cases: readonly Case[];
  /** What a run that draws from these cases depends on. */
  readonly digest: string;
  /** Cases that were added since. */
  added = 0;
  /** Why no more can be kept; the campaign goes on. */
  broken: string | null = null;
  private readonly folder: string;
  private readonly reached = new Set<number>();

  private constructor(folder: string, cases: readonly Case[]) {
    this.folder = folder;
    this.cases = cases;
    this.digest = hashOf(cases.map(textOf).join(''));
    for (const c of cases) this.reaches(c);
  }

  /** Reads a folder, or makes it. @throws CorpusError naming the folder or the file */
  static open(folder: string): Corpus {
    const names = attempt(folder, () => {
      makeFolder(folder);
      return readdirSync(folder).filter((name) => name.endsWith('.json'));
    });
    if (names.length > MOST_FILES)
      throw new CorpusError(`${folder}: more than ${MOST_FILES} files`);
    try {
      const cases = names.sort().map((name) => readCase(join(folder, name)));
      return new Corpus(folder, cases);
    } catch (error) {
      if (error instanceof CaseError) throw new CorpusError(error.message);
      throw error;
    }
  }

  /** Keeps what a job reached first. */
  folded(plan: CampaignPlan, job: PlacedJob, { cases, failures, isCut }: AnswerData): void {
    const failed = new Set(failures.map(({ order: [, number] }) => number));
    const { total } = cases;
    const done = isCut ? total.passed + total.failed + total.skipped : job.to - job.from;
    let number = 0;
    for (const { c } of unitsOf(plan, job)) {
      if (number >= done || this.broken !== null) return;
      if (!failed.has(number++) && this.cases.length + this.added < MOST_FILES) this.offer(c);
    }
  }

  private offer(c: Case): void {
    if (!this.reaches(c)) return;
    const text = textOf(c);
    const path = join(this.folder, `${hashOf(text)}.json`);
    const unfinished = `${path}.${process.pid}`;
    try {
      attempt(this.folder, () => {
        writeFileSync(unfinished, text);
        renameSync(unfinished, path);
      });
      this.added++;
    } catch (error) {
      if (!(error instanceof CorpusError)) throw error;
      this.broken = error.message;
    }
  }

  /** True where a case has a value, or a pair of values, that none before it had. */
  private reaches(c: Case): boolean {
    const { reached } = this;
    const before = reached.size;
    const values = valuesIn(c);
    for (const [i, value] of values.entries()) {
      // A value beside itself is the value alone.
      for (const other of values.slice(i)) reached.add(value * AXIS_VALUES.length + other);
    }
    return reached.size > before;
  }
}

function textOf(c: Case): string {
  return `${JSON.stringify(c)}\n`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new CorpusError(`${folder}: cannot be used: ${code}`);
  }
}
