/** `survey <tree>`: from a folder to facts and to a report. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/exit.ts';
import { buildCensus } from './build.ts';
import type { Census } from './census.ts';
import { gatherFacts, type Progress, type TreeFacts } from './gather.ts';
import { parseMaintainers } from './maintainers.ts';
import { type KernelTree, listSources, openTree } from './tree.ts';

/** A tree that was read, with the report on it. */
export interface Survey {
  readonly tree: KernelTree;
  readonly facts: TreeFacts;
  readonly census: Census;
}

/** Surveys the kernel tree at `root`. Fails with a UsageError on anything that is none. */
export async function surveyTree(
  root: string,
  progress: Progress,
  signal?: AbortSignal,
): Promise<Survey> {
  const tree = openTree(root);
  const maintainers = parseMaintainers(readText(join(root, 'MAINTAINERS')));
  const facts = await gatherFacts(root, listSources(root), progress, signal);
  const toolVersion = packageVersion();
  const census = buildCensus({ version: tree.version, toolVersion, tree: facts, maintainers });
  return { tree, facts, census };
}

function readText(path: string): string {
  const text = readFileSync(path, 'utf8');
  if (text.includes('\0')) throw new UsageError(`${path}: binary`);
  return text;
}

/** The version of this package; compiled code lies one folder deeper than the source. */
function packageVersion(): string {
  for (const up of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(up, import.meta.url), 'utf8');
      return (JSON.parse(text) as { version: string }).version;
    } catch {
      // Not at this depth.
    }
  }
  throw new UsageError('survey: package.json of sg2iter not found');
}
