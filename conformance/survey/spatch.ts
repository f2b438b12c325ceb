/** Runs Coccinelle, when it is installed, on one file with one semantic patch. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SemanticPatch } from './data/patches.ts';

const SPATCH = 'spatch';

/** Seconds that spatch may spend on one file. */
const LIMIT_S = 60;

/** Version of the installed spatch, or null. */
export function spatchVersion(): string | null {
  const run: SpawnSyncReturns<string> = spawnSync(SPATCH, ['--version'], { encoding: 'utf8' });
  if (run.error !== undefined || run.status !== 0) return null;
  return /spatch version (\S+)/.exec(run.stdout)?.[1] ?? 'unknown';
}

/** Result of one run: a unified diff (empty when nothing matched), or why spatch gave up. */
export interface SpatchResult {
  readonly diff: string;
  readonly problem: string | null;
}

/** A folder with the patches as files; `remove` deletes it. */
export interface PatchFolder {
  readonly fileOf: (patch: SemanticPatch) => string;
  readonly remove: () => void;
}

/** Writes the patches where spatch can read them. */
export function writePatches(patches: readonly SemanticPatch[]): PatchFolder {
  const folder = mkdtempSync(join(tmpdir(), 'sg2iter-'));
  const fileOf = (patch: SemanticPatch): string => join(folder, `${patch.id.toLowerCase()}.cocci`);
  for (const patch of patches) writeFileSync(fileOf(patch), patch.text);
  return { fileOf, remove: () => rmSync(folder, { recursive: true }) };
}

/** Arguments of spatch; the file is relative to the tree. */
function spatchArguments(patchFile: string, path: string, inPlace: boolean): string[] {
  return [
    '--sp-file',
    patchFile,
    '--no-includes',
    '--very-quiet',
    '--timeout',
    String(LIMIT_S),
    '--patch',
    '.',
    ...(inPlace ? ['--in-place'] : []),
    path,
  ];
}

/** Runs one patch on one file of the tree at `root`. Without `inPlace` nothing is changed. */
export function runSpatch(
  root: string,
  patchFile: string,
  path: string,
  inPlace: boolean,
): Promise<SpatchResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(SPATCH, spatchArguments(patchFile, path, inPlace), { cwd: root });
    let diff = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      diff += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const problem = problemOf(code, errors);
      resolve({ diff: problem === null ? diff : '', problem });
    });
  });
}

function problemOf(code: number | null, errors: string): string | null {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /inconsistent|timeout|exn|Fatal|error/i.test(line));
  if (code === 0 && reason === undefined) return null;
  const detail = lines.find((line) => /inconsistent control-flow paths/.test(line));
  return detail === undefined ? (reason ?? `exit ${code}`) : 'inconsistent control-flow paths';
}
