/** A kernel tree on disk: is it one, which release, which files could matter. */
import { type Dirent, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/exit.ts';

/** A checked kernel tree. */
export interface KernelTree {
  readonly root: string;
  /** Such as `6.1.192`. */
  readonly version: string;
}

/** Files without which a tree is not a kernel, or was not unpacked to its end. */
const LANDMARKS = [
  'MAINTAINERS',
  'arch/x86/Makefile',
  'crypto/Makefile',
  'crypto/api.c',
  'drivers/crypto/Makefile',
  'fs/Makefile',
  'include/crypto/skcipher.h',
  'include/linux/crypto.h',
  'include/linux/scatterlist.h',
  'lib/scatterlist.c',
  'net/Makefile',
  'security/Makefile',
];

const SOURCE = /\.(?:c|h|S|pl)$/;

/** Checks that `root` is a complete kernel tree. Fails with exit code 2 and the first defect. */
export function openTree(root: string): KernelTree {
  if (!existsSync(root)) throw new UsageError(`${root}: no such folder`);
  if (!statSync(root).isDirectory())
    throw new UsageError(`${root}: not a folder (unpack the kernel source first)`);
  const makefile = join(root, 'Makefile');
  if (!existsSync(makefile)) throw new UsageError(`${root}: not a kernel tree (no Makefile)`);
  const version = versionOf(readFileSync(makefile, 'utf8').slice(0, 4096));
  if (version === null)
    throw new UsageError(`${makefile}: not a kernel tree (no VERSION and PATCHLEVEL)`);
  for (const landmark of LANDMARKS) {
    const path = join(root, landmark);
    if (!existsSync(path))
      throw new UsageError(`${root}: incomplete kernel tree (${landmark} is missing)`);
    if (statSync(path).size === 0) throw new UsageError(`${path}: truncated (the file is empty)`);
  }
  return { root, version };
}

function versionOf(makefile: string): string | null {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name} *= *(\\d+)`, 'm').exec(makefile)?.[1];
  const version = field('VERSION');
  const patchlevel = field('PATCHLEVEL');
  if (version === undefined || patchlevel === undefined) return null;
  const sublevel = field('SUBLEVEL');
  return [version, patchlevel, ...(sublevel === undefined ? [] : [sublevel])].join('.');
}

/** Source files below `root`, relative, sorted; without `Documentation` and `.git`. */
export function listSources(root: string): string[] {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readFolder(join(root, folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) {
        if (path !== 'Documentation' && path !== '.git') folders.push(path);
      } else if (entry.isFile() && SOURCE.test(entry.name)) found.push(path);
    }
  }
  return found.sort();
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    throw new UsageError(`${path}: cannot be read (${String(error)})`);
  }
}
