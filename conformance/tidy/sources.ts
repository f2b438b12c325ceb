/**
 * The TypeScript sources of the project as text, and who imports whom.
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** The five folders, and nothing else, hold code. */
export const FOLDERS = ['src', 'legacy', 'converted', 'conformance', 'bench'] as const;
export type Folder = (typeof FOLDERS)[number];

/** One file; the path is relative to the project, with `/`. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** One import of one file by another, types included. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** @throws Error for a path outside the five folders. */
export function folderOf(path: string): Folder {
  const folder = FOLDERS.find((f) => path.startsWith(`${f}/`));
  if (folder === undefined) throw new Error(`${path}: outside the five folders`);
  return folder;
}

/** Every source below the folder that a command was started in, tests included. */
export function readSources(): Source[] {
  const sources: Source[] = [];
  for (const folder of FOLDERS) {
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = `${folder}/${file.replaceAll('\\', '/')}`;
      if (path.endsWith('.ts')) sources.push({ path, text: readFileSync(path, 'utf8') });
    }
  }
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Relative imports and exports of one file, static and dynamic. */
export function importsOf({ path, text }: Source): Import[] {
  const imports: Import[] = [];
  for (const m of text.matchAll(/\bfrom '(\.[^']*)'|\bimport\('(\.[^']*)'\)/g)) {
    const to = new URL(m[1] ?? m[2] ?? '', `file:///${path}`).pathname.slice(1);
    if (to !== 'package.json') imports.push({ from: path, to });
  }
  return imports;
}

/** True for a file that only tests use. */
export function isTest(path: string): boolean {
  return /\.test(-d)?\.ts$|\/testing\.ts$|^conformance\/(laws|golden|tidy)\//.test(path);
}
