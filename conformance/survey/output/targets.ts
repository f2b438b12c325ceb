/** The files that a survey writes: when one of them cannot be written, none is created. */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../terminal/exit.ts';

/** A file to write, and the option that asked for it. */
export interface Target {
  readonly option: string;
  readonly path: string;
}

type Step = () => void;

/**
 * Finds out whether every target, and the folder of `--out`, can be written; leaves nothing behind.
 * @throws UsageError naming the first that cannot.
 */
export function checkTargets(folder: string | null, targets: readonly Target[]): void {
  claim(folder, targets)();
}

/** Writes every target. @throws UsageError naming the first that cannot; what was new is removed. */
export function writeTargets(
  folder: string | null,
  targets: readonly (Target & { readonly text: string })[],
): void {
  const release = claim(folder, targets);
  for (const target of targets) {
    try {
      writeFileSync(target.path, target.text);
    } catch {
      release();
      throw unwritable(target);
    }
  }
}

/** Creates what is missing, and returns how to remove it again. */
function claim(folder: string | null, targets: readonly Target[]): Step {
  const undo: Step[] = [];
  const release = (): void => {
    for (const step of undo.reverse()) step();
  };
  try {
    if (folder !== null) makeFolder(resolve(folder), undo);
    for (const target of targets) claimFile(target, undo);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/** One folder at a time: a recursive `mkdirSync` below /proc never returns (Node 20 to 24). */
function makeFolder(folder: string, undo: Step[]): void {
  const missing: string[] = [];
  let parent = folder;
  for (; !existsSync(parent); parent = dirname(parent)) missing.push(parent);
  try {
    accessSync(parent, constants.W_OK);
    for (const path of missing.reverse()) {
      mkdirSync(path);
      undo.push(() => removeEmpty(path));
    }
  } catch {
    throw new UsageError(`--out ${folder}: cannot be created`);
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else has put something there since.
  }
}

function claimFile(target: Target, undo: Step[]): void {
  const { path } = target;
  const isNew = !existsSync(path);
  try {
    // Opening a pipe would wait for its reader.
    if (!isNew && !statSync(path).isFile() && !statSync(path).isDirectory()) {
      accessSync(path, constants.W_OK);
      return;
    }
    closeSync(openSync(path, 'a'));
  } catch {
    throw unwritable(target);
  }
  if (isNew) undo.push(() => rmSync(path, { force: true }));
}

function unwritable({ option, path }: Target): UsageError {
  return new UsageError(`${option} ${path}: cannot be written`);
}
