/**
 * `survey patch`: the mechanical part as semantic patches. Prints diffs through spatch when it is
 * installed, the patches themselves otherwise; edits files only when asked to.
 */

import { EXIT_ENVIRONMENT, UsageError } from '../terminal/exit.ts';
import { predictPatches } from './assess/patches.ts';
import { PATCHES, type SemanticPatch } from './data/patches.ts';
import { gatherFacts } from './gather.ts';
import { type PatchFolder, runSpatch, spatchVersion, writePatches } from './spatch.ts';
import { listSources, openTree } from './tree.ts';

/** What the command was asked for. */
export interface PatchRequest {
  readonly root: string;
  /** Relative to the tree, or null for all files. */
  readonly file: string | null;
  /** Identifiers, or empty for all. */
  readonly only: readonly string[];
  readonly write: boolean;
  readonly signal?: AbortSignal;
}

/** One patch on one file. */
interface Job {
  readonly patch: SemanticPatch;
  readonly path: string;
  readonly expected: number;
}

/** Receives text for stdout. */
export type Print = (text: string) => void;

/** Runs the command. `write` without spatch fails with exit code 3 before anything is changed. */
export async function runPatches(request: PatchRequest, print: Print): Promise<void> {
  const patches = choosePatches(request.only);
  const jobs = await planJobs(request, patches);
  const version = spatchVersion();
  if (version === null) {
    if (request.write)
      throw new UsageError('survey patch --write: spatch is not installed', EXIT_ENVIRONMENT);
    print('# spatch (Coccinelle) is not installed: the semantic patches follow.\n');
    for (const patch of patches) print(printed(patch, jobs));
    return;
  }
  print(
    `# spatch ${version}; ${request.write ? 'editing in place' : 'dry run, nothing is changed'}\n`,
  );
  const folder = writePatches(patches);
  try {
    for (const patch of patches) await runPatch(request, patch, jobs, folder, print);
  } finally {
    folder.remove();
  }
}

function choosePatches(only: readonly string[]): readonly SemanticPatch[] {
  const unknown = only.find((id) => !PATCHES.some((p) => p.id === id));
  if (unknown !== undefined)
    throw new UsageError(
      `survey patch --only ${unknown}: no such patch (${PATCHES.map((p) => p.id).join(', ')})`,
    );
  return only.length === 0 ? PATCHES : PATCHES.filter((p) => only.includes(p.id));
}

async function planJobs(request: PatchRequest, patches: readonly SemanticPatch[]): Promise<Job[]> {
  openTree(request.root);
  const all = listSources(request.root);
  if (request.file !== null && !all.includes(request.file))
    throw new UsageError(`${request.file}: no such source file in ${request.root}`);
  const paths = request.file === null ? all : [request.file];
  const { facts } = await gatherFacts(request.root, paths, () => undefined, request.signal);
  return patches.flatMap((patch) =>
    facts.flatMap((file): Job[] => {
      const expected = predictPatches(file)[patch.id] ?? 0;
      // Coccinelle is run on translation units; headers are reached through none of them.
      if (expected === 0 || !file.path.endsWith('.c')) return [];
      return [{ patch, path: file.path, expected }];
    }),
  );
}

function headOf(patch: SemanticPatch): string {
  return (
    `# ${patch.id}: ${patch.title}\n` +
    `#   confidence ${patch.confidence}; to review: ${patch.review}\n`
  );
}

function refusal(patch: SemanticPatch, path: string): string | null {
  return patch.refuse.find((r) => r.path.test(path))?.reason ?? null;
}

/** The patch itself with the command line for each file, when spatch is missing. */
function printed(patch: SemanticPatch, jobs: readonly Job[]): string {
  const mine = jobs.filter((j) => j.patch === patch);
  const lines = mine.map((job) => {
    const refused = refusal(patch, job.path);
    return refused === null
      ? `#   spatch --sp-file ${patch.id.toLowerCase()}.cocci --no-includes ${job.path}  (${job.expected} edits)`
      : `#   refused: ${job.path} (${refused})`;
  });
  return `${headOf(patch)}${lines.map((l) => `${l}\n`).join('')}\n${patch.text}\n`;
}

async function runPatch(
  request: PatchRequest,
  patch: SemanticPatch,
  jobs: readonly Job[],
  folder: PatchFolder,
  print: Print,
): Promise<void> {
  print(headOf(patch));
  let edits = 0;
  let files = 0;
  for (const job of jobs.filter((j) => j.patch === patch)) {
    request.signal?.throwIfAborted();
    const refused = refusal(patch, job.path);
    if (refused !== null) {
      print(`#   refused: ${job.path} (${refused})\n`);
      continue;
    }
    const { diff, problem } = await runSpatch(
      request.root,
      folder.fileOf(patch),
      job.path,
      request.write,
    );
    if (problem !== null) print(`#   refused by spatch: ${job.path} (${problem})\n`);
    const count = countEdits(patch, diff);
    if (problem === null && count === 0) print(`#   no match: ${job.path}\n`);
    edits += count;
    files += count > 0 ? 1 : 0;
    print(diff);
  }
  print(`# ${patch.id}: ${edits} edits in ${files} files\n\n`);
}

/** Removed lines that contain what the patch replaces. */
function countEdits(patch: SemanticPatch, diff: string): number {
  return diff.split('\n').filter((line) => /^-(?!--)/.test(line) && patch.edit.test(line)).length;
}
