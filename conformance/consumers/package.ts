/**
 * The package as users get it: packed by npm, unpacked into a folder of a user, next to no more than it
 * needs.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

/** A packed package. */
export interface Tarball {
  /** Path of the file. */
  readonly file: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly files: readonly string[];
}

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  /** What it printed, on both outputs. */
  readonly text: string;
}

/** Runs a program to its end. */
export function runProgram(command: string, args: readonly string[], folder: string): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', NODE_OPTIONS: '' },
  });
  return { code: status, text: `${stdout ?? ''}${stderr ?? ''}${error?.message ?? ''}` };
}

/** @throws Error with all that a program printed, when it failed. */
export function mustRun(command: string, args: readonly string[], folder: string): string {
  const { code, text } = runProgram(command, args, folder);
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}: exit ${code}\n${text}`);
  return text;
}

/** Packs the project, which must be built, into `folder`; with null, only tells what would be packed. */
export function packed(project: string, folder: string | null): Tarball {
  if (!existsSync(join(project, 'dist'))) throw new Error(`${project}: npm run build comes first`);
  const args = ['pack', '--ignore-scripts', '--json', '--loglevel=error'];
  const where = folder === null ? ['--dry-run'] : ['--pack-destination', folder];
  const text = mustRun('npm', [...args, ...where], project);
  const [{ filename, size, files }] = JSON.parse(text) as [
    { filename: string; size: number; files: { path: string }[] },
  ];
  return { file: join(folder ?? project, filename), size, files: files.map(({ path }) => path) };
}

/**
 * A folder of a user: the package unpacked, and links to those of the project's own packages that are
 * named, `@noble` for a whole scope. Nothing is fetched.
 */
export function consumer(
  folder: string,
  tarball: Tarball,
  project: string,
  names: readonly string[],
): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'sg2iter'), { recursive: true });
  mustRun(
    'tar',
    ['-xzf', tarball.file, '--strip-components=1', '-C', join(modules, 'sg2iter')],
    folder,
  );
  for (const name of names) {
    mkdirSync(join(modules, name, '..'), { recursive: true });
    symlinkSync(resolve(project, 'node_modules', name), join(modules, name));
  }
  write(folder, 'package.json', JSON.stringify({ private: true, type: 'module' }));
  return folder;
}

/** Writes a file of a user. @returns its name. */
export function write(folder: string, name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}
