/**
 * Puts a mutant into a copy of the compiled tree.
 * @module
 */
import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Edit } from './schema.ts';

/** A copy of the compiled tree; `remove` deletes it. */
export interface Copy {
  /** The folder that holds `conformance/cli.js`. */
  readonly dist: string;
  remove(): void;
}

/** @throws Error naming the edit that does not match exactly once. */
export function applyEdit(text: string, { file, from, to }: Edit): string {
  const at = text.indexOf(from);
  if (at < 0) throw new Error(`${file}: '${short(from)}' is not there`);
  if (text.indexOf(from, at + 1) >= 0) throw new Error(`${file}: '${short(from)}' is there twice`);
  return text.slice(0, at) + to + text.slice(at + from.length);
}

/**
 * Copies the compiled tree and edits it.
 * @param dist the compiled tree; its packages are found from `root`
 * @throws Error for an edit that does not match; nothing stays behind.
 */
export function mutatedCopy(dist: string, root: string, edits: readonly Edit[]): Copy {
  const folder = mkdtempSync(join(tmpdir(), 'sg2iter-mutant-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, 'dist');
    linkTree(dist, copy);
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    symlinkSync(packagesOf(root), join(folder, 'node_modules'), 'dir');
    for (const edit of edits) {
      const path = join(copy, edit.file);
      const text = applyEdit(readFileSync(path, 'utf8'), edit);
      // The name alone is this copy's own: what it leads to is the project's.
      rmSync(path);
      writeFileSync(path, text);
    }
    return { dist: copy, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The JavaScript of a tree, as links where they can be made: copying takes half a second. */
function linkTree(from: string, to: string): void {
  mkdirSync(to);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) linkTree(source, target);
    else if (entry.name.endsWith('.js')) linkFile(source, target);
  }
}

function linkFile(source: string, target: string): void {
  try {
    linkSync(source, target);
  } catch {
    // Another file system, or one without links.
    copyFileSync(source, target);
  }
}

/** Beside the project in a checkout, above it where it is installed. */
function packagesOf(root: string): string {
  for (let folder = root; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules');
    if (existsSync(join(packages, 'commander'))) return packages;
    if (dirname(folder) === folder) throw new Error(`${root}: its packages are not installed`);
  }
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
