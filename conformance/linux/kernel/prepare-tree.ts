/**
 * Builds a small user-mode kernel from a source tree: Debian's newest source package, or the tree
 * whose conversion is to be certified. The tree is not written to; it must be clean of builds.
 * 2 to 4 minutes on 2 idle cores.
 * @module
 */

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../../terminal/exit.ts';
import { makeFolder } from '../../terminal/folders.ts';
import { cacheFolder, folderHash, ownFolder } from './cache.ts';
import { type Kernel, type Progress, rememberedKernel, rememberKernel } from './kernel.ts';
import { newestOffer, type Offer, openSuites, unpackPackage } from './packages.ts';
import { buildGuest, buildModule, buildShim } from './prepare-debian.ts';
import { EnvironmentError, runProgram } from './run-program.ts';

/** Where Debian has a source package: the newest version of the first line that has one is taken. */
const SOURCE_SUITES = [
  ['trixie-backports', 'sid'],
  ['trixie', 'trixie-security'],
  ['bookworm', 'bookworm-security'],
] as const;

/** Most of the size of a tree and nothing that a user-mode build reads. */
const LEFT_OUT = ['*/drivers/gpu/drm/*/*.h', '*/arch/*/boot/dts/*', '*/Documentation/*.rst'];

/** Fixed, so that the binary depends on tree and configuration only and compiler caches hit. */
const BUILD_ENVIRONMENT = {
  KBUILD_BUILD_TIMESTAMP: '2026-01-01',
  KBUILD_BUILD_USER: 'sg2iter',
  KBUILD_BUILD_HOST: 'sg2iter',
};

/** Options of a build; `kasan` adds memory, undefined-behaviour and list checks, `extra` lines of a configuration. */
export interface TreeOptions {
  readonly kasan: boolean;
  readonly extra?: string;
  readonly progress: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** `source:7.3`: downloads that series' source package and builds it. */
export async function prepareSourceKernel(name: string, options: TreeOptions): Promise<Kernel> {
  const folder = join(cacheFolder(), `source-${name}`);
  const marker = join(folder, 'version');
  if (!existsSync(marker)) await downloadSource(name, folder, options);
  const version = readFileSync(marker, 'utf8').trim();
  const origin = [`linux-source-${name} ${version}`];
  return buildKernel(`source:${name}`, join(folder, 'tree'), origin, version, options);
}

async function downloadSource(name: string, folder: string, options: TreeOptions): Promise<void> {
  const sourcePackage = `linux-source-${name}`;
  const { suite, version } = await findSource(sourcePackage);
  options.progress(`${sourcePackage} ${version}`);
  rmSync(folder, { recursive: true, force: true });
  makeFolder(join(folder, 'tree'));
  await unpackPackage(suite, sourcePackage, version, join(folder, 'package'));
  const archive = join(folder, 'package/usr/src', `${sourcePackage}.tar.xz`);
  const without = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
  const target = ['-C', join(folder, 'tree'), '--strip-components=1'];
  await runProgram('tar', ['xf', archive, ...target, ...without], { signal: options.signal });
  rmSync(join(folder, 'package'), { recursive: true });
  writeFileSync(join(folder, 'version'), `${version}\n`);
}

/** @throws EnvironmentError if no suite has the package. */
async function findSource(sourcePackage: string): Promise<Offer> {
  const apt = join(cacheFolder(), 'apt');
  for (const names of SOURCE_SUITES) {
    const offer = await newestOffer(await openSuites(names, apt), sourcePackage);
    if (offer !== null) return offer;
  }
  throw new EnvironmentError(`no suite of the archive has ${sourcePackage}`);
}

/**
 * Says whether a kernel can be asked for: `source:7.3`, `tree:PATH`. Whether it can be had shows later.
 * @param option what named it
 * @throws UsageError naming option and value
 */
export function checkBuilt(name: string, option: string): void {
  const path = /^tree:(.+)$/.exec(name)?.[1];
  if (path === undefined) {
    if (/^source:\d+\.\d+$/.test(name)) return;
    throw new UsageError(`${option}: ${name}: known are source:<series> and tree:<path>`);
  }
  if (!existsSync(join(path, 'Kbuild')))
    throw new UsageError(`${option}: ${path} is not a kernel tree`);
  if (/\s/.test(resolve(path)))
    throw new UsageError(`${option}: ${path}: kbuild takes no path with blanks`);
}

/**
 * `tree:PATH`: a user's own tree. Always built, because the tree may have been edited.
 * @param path must have passed `checkBuilt`
 */
export async function prepareTreeKernel(path: string, options: TreeOptions): Promise<Kernel> {
  const tree = resolve(path);
  return buildKernel(`tree:${path}`, tree, [tree], null, options);
}

function configuration(folder: string, { kasan, extra = '' }: TreeOptions): string {
  const parts = ['uml.config', ...(kasan ? ['kasan.config'] : [])];
  const file = join(folder, 'options.config');
  writeFileSync(
    file,
    parts.map((part) => readFileSync(join(ownFolder('config'), part), 'utf8')).join('') + extra,
  );
  return file;
}

async function buildKernel(
  name: string,
  tree: string,
  origin: readonly string[],
  version: string | null,
  options: TreeOptions,
): Promise<Kernel> {
  const kind = `${tree}\0${options.kasan}${options.extra ?? ''}`;
  const key = createHash('sha256').update(kind).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), `build-${key}`);
  const sources = ['module', 'guest', 'config'] as const;
  const state = `${version ?? ''} ${sources.map((part) => folderHash(ownFolder(part))).join(' ')}`;
  const ready = version === null ? null : rememberedKernel(folder, state);
  if (ready !== null) return ready;
  const output = join(folder, 'output');
  makeFolder(output);
  const make = ['-s', '-C', tree, 'ARCH=um', `O=${output}`];
  const run = { env: BUILD_ENVIRONMENT, signal: options.signal };
  options.progress(`${name}: configuration`);
  const config = configuration(folder, options);
  await runProgram('make', [...make, `KCONFIG_ALLCONFIG=${config}`, 'allnoconfig'], run);
  options.progress(`${name}: user-mode kernel (minutes)`);
  const jobs = `-j${availableParallelism()}`;
  await runProgram('make', [...make, jobs, 'linux', 'modules'], run);
  copyFileSync(join(output, 'linux'), join(folder, 'linux'));
  options.progress(`${name}: module`);
  const release = readFileSync(join(output, 'include/config/kernel.release'), 'utf8').trim();
  return rememberKernel(
    {
      name,
      release,
      folder,
      libraryPath: null,
      modprobe: null,
      preload: [],
      module: await buildModule(folder, make),
      guest: await buildGuest(folder),
      shim: await buildShim(folder),
      origin: [...origin, ...(options.kasan ? ['KASAN, UBSAN, DEBUG_SG'] : [])],
      // The checker's shadow takes an eighth, its quarantine more.
      memoryMiB: options.kasan ? 768 : 256,
    },
    state,
  );
}
