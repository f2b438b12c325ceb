/**
 * Where downloads and builds lie: one folder that may be deleted at any time.
 * @module
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from './run-program.ts';

/**
 * `$SG2ITER_CACHE`, else `sg2iter` in the user's cache folder; made if it is not there.
 * @throws EnvironmentError if it holds blanks, which a kernel command line cannot pass on.
 */
export function cacheFolder(): string {
  const { SG2ITER_CACHE: own, XDG_CACHE_HOME: xdg } = process.env;
  const base = xdg ?? join(homedir(), '.cache');
  const folder = resolve(own === undefined || own === '' ? join(base, 'sg2iter') : own);
  if (/\s/.test(folder))
    throw new EnvironmentError(`${folder}: a path with blanks cannot be passed to a kernel`);
  try {
    makeFolder(folder);
  } catch (error) {
    throw new EnvironmentError(`${folder}: ${error instanceof Error ? error.message : 'refused'}`);
  }
  return folder;
}

/** Not `recursive`: below /proc that never ends (Node 20). Must end at the root, which exists. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}

/**
 * A folder of this project that the compiler does not copy. Compiled code lies in `dist` and finds
 * it in the source tree beside it.
 */
export function ownFolder(name: 'module' | 'guest' | 'qemu' | 'config' | 'golden'): string {
  const beside = fileURLToPath(new URL(`../${name}/`, import.meta.url));
  const source = fileURLToPath(new URL(`../../../../conformance/linux/${name}/`, import.meta.url));
  return existsSync(beside) ? beside : source;
}

/** Hash over names and contents of the files of a folder: the key of what was built from them. */
export function folderHash(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    hash.update(`${name}\0`);
    hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** An empty folder with a copy of our sources, because kbuild writes beside what it builds. */
export function freshCopy(sources: string, target: string): void {
  rmSync(target, { recursive: true, force: true });
  cpSync(sources, target, { recursive: true });
}

/**
 * Where a run of the guest lies: a folder on a disk, because guest memory is a file there. Folders of runs
 * that were killed go.
 */
export function scratchFolder(): string {
  const cache = cacheFolder();
  for (const name of readdirSync(cache)) {
    const pid = /^run-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(cache, name), { recursive: true, force: true });
  }
  return join(cache, `run-${process.pid}`);
}

/** False only where the system says that there is no such process. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
