/**
 * From nothing to a runnable kernel without building one: Debian's prebuilt user-mode Linux, the
 * headers that fit it, our module, our init. 20 to 35 s and 220 to 370 MB per kernel.
 * @module
 */
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { makeFolder } from '../../terminal/folders.ts';
import { cacheFolder, folderHash, freshCopy, ownFolder } from './cache.ts';
import { neededGlibc, setInterpreter } from './elf.ts';
import { type Kernel, type Progress, rememberedKernel, rememberKernel } from './kernel.ts';
import { openSuite, packageVersions, type Suite, unpackPackage } from './packages.ts';
import { EnvironmentError, findProgram, runProgram } from './run-program.ts';

/** Series that Debian has as prebuilt user-mode kernels, and the suite of each. */
export const DEBIAN_SERIES: Readonly<Record<string, string>> = {
  '6.1': 'bookworm',
  '6.12': 'trixie',
  '7.2': 'sid',
};

/** The C library of this suite serves the kernels that need a newer one than the system's. */
const LIBRARY_SUITE = 'trixie';

/** What `modules_prepare` and a module build read, 100 MB of 1.5 GB; `@` is the top folder. */
const HEADER_PATTERNS = [
  'Kconfig*',
  'Makefile*',
  'Kbuild*',
  '@/include',
  '@/scripts',
  '@/arch/um',
  '@/arch/x86/include',
  '@/arch/x86/um',
  '@/arch/x86/entry/syscalls',
  '@/arch/x86/lib',
  '@/kernel/bounds.c',
  '@/kernel/time/timeconst.bc',
  '@/kernel/*.h',
  '@/kernel/sched',
  '@/tools/include',
  '@/tools/build',
  '@/tools/scripts',
  '@/security/selinux',
];

/** The kernel of a series, from the cache or made now. */
export async function prepareDebianKernel(name: string, progress: Progress): Promise<Kernel> {
  const folder = join(cacheFolder(), `uml-${name}`);
  const sources = folderHash(ownFolder('module')) + folderHash(ownFolder('guest'));
  const ready = rememberedKernel(folder, sources);
  if (ready !== null) return ready;
  makeFolder(folder);
  const origin = await once(folder, 'origin.json', () => download(name, folder, progress));
  const [release] = readdirSync(join(folder, 'uml/usr/lib/uml/modules'));
  const make = kbuildArguments(folder, release);
  await once(folder, 'headers.json', async () => {
    progress(`${name}: headers of ${release}`);
    await prepareHeaders(folder, make);
  });
  progress(`${name}: module`);
  const libraryPath = await prepareBinary(folder, progress);
  return rememberKernel(
    {
      name,
      release,
      folder,
      libraryPath,
      modprobe: writeModprobe(folder, release),
      preload: cryptoModules(join(folder, 'uml/usr/lib/uml/modules', release)),
      module: await buildModule(folder, make),
      guest: await buildGuest(folder),
      shim: await buildShim(folder),
      origin,
      memoryMiB: 256,
    },
    sources,
  );
}

/** Runs a step whose result is kept in a file: a cancelled run goes on where it stopped. */
async function once<T>(folder: string, file: string, step: () => Promise<T>): Promise<T> {
  const path = join(folder, file);
  if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as T;
  const result = await step();
  writeFileSync(`${path}.new`, JSON.stringify(result ?? null));
  renameSync(`${path}.new`, path);
  return result;
}

async function download(name: string, folder: string, progress: Progress): Promise<string[]> {
  const suite = await openSuite(DEBIAN_SERIES[name], join(cacheFolder(), 'apt'));
  const image = await version(suite, 'user-mode-linux', (v) => v.startsWith(`${name}um`));
  progress(`${name}: user-mode-linux ${image}`);
  await unpackPackage(suite, 'user-mode-linux', image, join(folder, 'uml'));
  const [release] = readdirSync(join(folder, 'uml/usr/lib/uml/modules'));
  // The source of exactly this release, if the archive still has it: structures may differ.
  const sourcePackage = `linux-source-${name}`;
  const all = await packageVersions(suite, sourcePackage);
  const source =
    all.find((v) => v.startsWith(`${release}-`)) ?? (await version(suite, sourcePackage));
  progress(`${name}: ${sourcePackage} ${source}`);
  await unpackPackage(suite, sourcePackage, source, join(folder, 'source-package'));
  await unpackHeaders(folder, join(folder, 'source-package/usr/src', `${sourcePackage}.tar.xz`));
  return [`user-mode-linux ${image}`, `${sourcePackage} ${source}`];
}

async function version(
  suite: Suite,
  name: string,
  wanted: (version: string) => boolean = () => true,
): Promise<string> {
  const found = (await packageVersions(suite, name)).find(wanted);
  if (found === undefined)
    throw new EnvironmentError(`${suite.name} has no ${name} for this kernel`);
  return found;
}

async function unpackHeaders(folder: string, archive: string): Promise<void> {
  const target = join(folder, 'source');
  makeFolder(target);
  const top = basename(archive, '.tar.xz');
  const patterns = HEADER_PATTERNS.map((pattern) => pattern.replace('@', top));
  const options = ['--strip-components=1', '--wildcards', '--no-anchored', ...patterns];
  await runProgram('tar', ['xf', archive, '-C', target, ...options]);
  rmSync(join(folder, 'source-package'), { recursive: true });
}

/** SUBLEVEL makes the module's version string that of the binary, whatever the source says. */
function kbuildArguments(folder: string, release: string): string[] {
  const sublevel = release.split('.')[2] ?? '0';
  return [
    '-s',
    '-C',
    join(folder, 'source'),
    'ARCH=um',
    `O=${join(folder, 'headers')}`,
    `SUBLEVEL=${sublevel}`,
  ];
}

async function prepareHeaders(folder: string, make: readonly string[]): Promise<void> {
  makeFolder(join(folder, 'headers'));
  const config = readFileSync(join(folder, 'uml/usr/share/doc/user-mode-linux/config.gz'));
  writeFileSync(join(folder, 'headers/.config'), gunzipSync(config));
  await runProgram('make', [...make, 'olddefconfig']);
  await runProgram('make', [...make, `-j${availableParallelism()}`, 'modules_prepare']);
}

/** Builds our module into a folder of a kernel; the file. */
export async function buildModule(folder: string, make: readonly string[]): Promise<string> {
  const target = join(folder, 'module');
  freshCopy(ownFolder('module'), target);
  // Without Module.symvers the running kernel resolves symbols, and refuses the module itself.
  await runProgram('make', [...make, `M=${target}`, 'KBUILD_MODPOST_WARN=1', 'modules']);
  return join(target, 'sg2iter.ko');
}

/** Builds the static init of the guest; the file. */
export async function buildGuest(folder: string): Promise<string> {
  const target = join(folder, 'guest');
  const sources = ['init.c', 'afalg.c'].map((file) => join(ownFolder('guest'), file));
  await runProgram('gcc', ['-O2', '-static', '-o', target, ...sources]);
  return target;
}

/** Builds what lets older user-mode kernels start on newer processors; the file. */
export async function buildShim(folder: string): Promise<string> {
  const target = join(folder, 'ptrace.so');
  const source = join(ownFolder('guest'), 'ptrace.c');
  await runProgram('gcc', ['-O2', '-shared', '-fPIC', '-o', target, source]);
  return target;
}

/**
 * The modules that a lookup of some algorithm or template would load, and those that our own module links to.
 * Loaded once and first, so that a lookup of a name that is not there costs no process in the guest.
 */
function cryptoModules(folder: string): string[] {
  const aliases = readFileSync(join(folder, 'modules.alias'), 'utf8');
  const names = [...aliases.matchAll(/^alias crypto-\S+ (\S+)$/gm)].map((match) => match[1]);
  return [...new Set(['crypto_skcipher', 'aead', 'akcipher', 'kpp', ...names])];
}

/** The kernel calls this inside the guest; modprobe there sees the host's file system. */
function writeModprobe(folder: string, release: string): string {
  const modules = join(folder, 'modroot/lib/modules');
  rmSync(modules, { recursive: true, force: true });
  makeFolder(modules);
  symlinkSync(
    relative(modules, join(folder, 'uml/usr/lib/uml/modules', release)),
    join(modules, release),
  );
  const program = join(folder, 'modprobe');
  const modprobe = findProgram('modprobe') ?? '/sbin/modprobe';
  writeFileSync(program, `#!/bin/sh\nexec ${modprobe} -d ${folder}/modroot "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Puts `linux` into the folder; the library path if it needs another C library than ours. */
async function prepareBinary(folder: string, progress: Progress): Promise<string | null> {
  const original = join(folder, 'uml/usr/bin/linux.uml');
  const image = readFileSync(original);
  const needed = neededGlibc(image);
  const have = systemGlibc();
  const target = join(folder, 'linux');
  rmSync(target, { force: true });
  if (needed <= have) {
    symlinkSync(relative(folder, original), target);
    return null;
  }
  progress(`C library 2.${needed} for the kernel process (here: 2.${have})`);
  await once(folder, 'libc.json', async () => {
    const suite = await openSuite(LIBRARY_SUITE, join(cacheFolder(), 'apt'));
    await unpackPackage(suite, 'libc6', await version(suite, 'libc6'), join(folder, 'libc'));
  });
  const libraries = join(folder, 'rt');
  rmSync(libraries, { force: true });
  symlinkSync(join('libc/usr/lib', 'x86_64-linux-gnu'), libraries);
  setInterpreter(image, 'rt/ld-linux-x86-64.so.2');
  writeFileSync(target, image);
  chmodSync(target, 0o755);
  return libraries;
}

/** N of the system's glibc 2.N, 0 where the C library is another one. */
function systemGlibc(): number {
  const report = process.report?.getReport() as { header?: Record<string, unknown> } | undefined;
  const { glibcVersionRuntime: text } = report?.header ?? {};
  return typeof text === 'string' ? Number(text.split('.')[1]) : 0;
}
