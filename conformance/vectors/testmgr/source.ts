/**
 * The files of a kernel's test table, out of an unpacked tree or a tarball. Nothing of them is kept.
 * @module
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT_ENVIRONMENT, UsageError } from '../../terminal/exit.ts';
import type { SuiteSource } from './suite.ts';

const HEADER = 'crypto/testmgr.h';
const TABLE = 'crypto/testmgr.c';
/** Both files together have 1.2 MB. */
const MAX_OUTPUT = 64 << 20;

/**
 * Both files from a folder or a tarball that `tar` can read.
 * @throws UsageError naming what is missing.
 */
export function readSource(path: string): SuiteSource {
  const read = isFolder(path) ? fromTree : fromTarball;
  return { header: read(path, HEADER), table: read(path, TABLE) };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError(`--testmgr: ${path}: ${codeOf(error)}`);
  }
}

function fromTree(tree: string, file: string): string {
  try {
    return readFileSync(join(tree, file), 'latin1');
  } catch (error) {
    throw new UsageError(`--testmgr: ${join(tree, file)}: ${codeOf(error)}`);
  }
}

function fromTarball(tarball: string, file: string): string {
  const args = ['-xOf', tarball, '--wildcards', `*/${file}`];
  const tar = spawnSync('tar', args, { encoding: 'latin1', maxBuffer: MAX_OUTPUT });
  if (tar.error !== undefined) {
    throw new UsageError(`--testmgr: tar: ${codeOf(tar.error)}`, EXIT_ENVIRONMENT);
  }
  if (tar.status === 0 && tar.stdout !== '') return tar.stdout;
  const [why = 'nothing'] = tar.stderr.trim().split('\n');
  throw new UsageError(`--testmgr: ${tarball}: no ${file} in it: ${why}`);
}

/** The name of a system error: ENOENT. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
