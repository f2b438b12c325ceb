/**
 * Folders that a user names.
 * @module
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it. Node's recursive way does not end where a file system has no place for
 * new folders, as `/proc`: it takes ENOENT for a parent that is missing, again and again.
 * @throws with the errno of the system where it cannot be made, or is none
 */
export function makeFolder(path: string): void {
  const above = dirname(path);
  if (above !== path && !existsSync(above)) makeFolder(above);
  try {
    mkdirSync(path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}
