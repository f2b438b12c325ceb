/** Files of two reports that are the same file under another path. */
import type { Census, CensusFile } from '../census.ts';

/** Share of the old functions that a file of the same name must still have. */
const SAME_FUNCTIONS = 0.5;

/** Old path to new path: by content, then by file name and functions. */
export function findRenames(from: Census, to: Census): Map<string, string> {
  const kept = new Set(to.files.map((f) => f.path));
  const known = new Set(from.files.map((f) => f.path));
  const vanished = from.files.filter((f) => !kept.has(f.path));
  const appeared = new Set(to.files.filter((f) => !known.has(f.path)));
  const renames = new Map<string, string>();
  for (const isSame of [hasSameContent, hasSameFunctions]) {
    for (const file of vanished) {
      if (renames.has(file.path)) continue;
      const target = [...appeared].find((candidate) => isSame(file, candidate));
      if (target === undefined) continue;
      renames.set(file.path, target.path);
      appeared.delete(target);
    }
  }
  return renames;
}

function hasSameContent(file: CensusFile, candidate: CensusFile): boolean {
  return file.hash === candidate.hash;
}

function hasSameFunctions(file: CensusFile, candidate: CensusFile): boolean {
  if (file.functions.length === 0 || nameOf(file.path) !== nameOf(candidate.path)) return false;
  const there = new Set(candidate.functions);
  const same = file.functions.filter((name) => there.has(name)).length;
  return same >= SAME_FUNCTIONS * file.functions.length;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
