/** Files of the newer tree that its report does not hold: what is still in them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../terminal/exit.ts';
import { callCounts, countedCalls, plainCalls } from '../assess/handling.ts';
import type { Census } from '../census.ts';
import { extractFile } from '../extract/file.ts';
import { loadGrammar } from '../grammar.ts';
import { openTree } from '../tree.ts';
import type { Outside } from './diff.ts';
import type { FileShape } from './outcome.ts';

/** Knows nothing: without a tree, files that left the scope stay undecided. */
export const NOTHING_OUTSIDE: Outside = () => undefined;

/**
 * Reads the files of `from` that `to` lacks in the tree at `root`, from which `to` was made.
 * @throws UsageError when the tree is another release.
 */
export async function readOutside(from: Census, to: Census, root: string): Promise<Outside> {
  const tree = openTree(root);
  if (tree.version !== to.tree.version)
    throw new UsageError(
      `--tree ${root}: Linux ${tree.version}, but the newer report is of ${to.tree.version}`,
    );
  const kept = new Set(to.files.map((f) => f.path));
  const left = from.files.filter((f) => f.touches && !kept.has(f.path)).map((f) => f.path);
  const grammar = await loadGrammar();
  const shapes = new Map<string, FileShape | null>();
  for (const path of left) {
    const file = join(root, path);
    if (!existsSync(file)) {
      shapes.set(path, null);
      continue;
    }
    const bytes = readFileSync(file);
    const facts = extractFile(grammar, path, bytes.toString('utf8'), bytes);
    const outside = callCounts(countedCalls(facts));
    shapes.set(path, { functions: facts.functions, plain: callCounts(plainCalls(facts)), outside });
  }
  return (path) => shapes.get(path);
}
