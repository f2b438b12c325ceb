/**
 * Which program this is: its version, and a digest of its code and of its known answers. Two machines
 * whose builds are equal draw and judge the same cases.
 * @module
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What decides what a case is and how it is judged. */
const FOLDERS = ['src', 'legacy', 'converted', 'conformance'];
/** Known answers, and the bugs that are put back. */
export const DATA = ['vectors', 'mutants'] as const;
const DIGITS = 16;

let known: string | undefined;

/** `version+digest`. Read once: some 500 files, 50 ms. */
export function buildOf(): string {
  known ??= readBuild();
  return known;
}

function readBuild(): string {
  const own = fileURLToPath(import.meta.url);
  const code = join(dirname(own), '..', '..');
  const manifest = createRequire(import.meta.url).resolve('sg2iter/package.json');
  const data = DATA.map((folder) => join(dirname(manifest), 'conformance', folder, 'data'));
  const text = readFileSync(manifest, 'utf8');
  const { version, dependencies } = JSON.parse(text);
  const hash = createHash('sha256').update(JSON.stringify(dependencies));
  const sources = FOLDERS.flatMap((folder) => filesIn(join(code, folder))).filter(
    (path) => extname(path) === extname(own) && !/\.(test|d)\./.test(path),
  );
  for (const [root, paths] of [
    [code, sources],
    ...data.map((folder) => [folder, filesIn(folder)] as const),
  ] as const) {
    for (const path of paths) {
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update('\0');
    }
  }
  return `${version}+${hash.digest('hex').slice(0, DIGITS)}`;
}

/** Paths of all files below a folder, in an order that is the same everywhere. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort((a, b) => (a < b ? -1 : 1));
}
