/**
 * A kernel for QEMU, where no process may be traced: Debian's newest kernel for PCs of a series, the
 * headers that fit it, our module. Its root is the file system of the host, as that of a user-mode kernel.
 * @module
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CRYPTD_QUEUE } from '../text/case.ts';
import { cacheFolder, folderHash, ownFolder } from './cache.ts';
import { type ArchiveFile, initramfs } from './initramfs.ts';
import { type Kernel, type Progress, rememberedKernel, rememberKernel } from './kernel.ts';
import { QEMU } from './launch.ts';
import {
  dependencies,
  newestOffer,
  type Offer,
  openSuites,
  packageVersions,
  unpackPackage,
} from './packages.ts';
import { buildGuest, buildModule } from './prepare-debian.ts';
import { EnvironmentError, findProgram, runProgram } from './run-program.ts';

/** Where a series is, and the package that names its newest kernel. Both run tools of a Debian 12. */
const SERIES: Readonly<Record<string, { suites: readonly string[]; newest: string }>> = {
  '6.1': { suites: ['bookworm', 'bookworm-security'], newest: 'amd64' },
  '6.12': { suites: ['bookworm-security'], newest: '6.12-amd64' },
};

/** What a 9P file system over virtio needs; modules that they need come before them. */
const HOST_FILES = ['virtio_pci', '9pnet_virtio', '9p'];
const MEMORY_MIB = 768;
/** Nobody is there who reads those of the command line. Few places, so that a case can fill the queue. */
const PARAMETERS: Readonly<Record<string, string>> = {
  cryptd: ` cryptd_max_cpu_qlen=${CRYPTD_QUEUE}`,
};

/** Series that can be had for QEMU. */
export const QEMU_SERIES: readonly string[] = Object.keys(SERIES);

/** The kernel of a series, from the cache or made now. @throws EnvironmentError without QEMU. */
export async function prepareQemuKernel(series: string, progress: Progress): Promise<Kernel> {
  if (findProgram(QEMU) === null)
    throw new EnvironmentError(`${QEMU} is not there: install qemu-system-x86`);
  const folder = join(cacheFolder(), `qemu-${series}`);
  const state = (['module', 'guest', 'qemu'] as const).map((of) => folderHash(ownFolder(of)));
  const ready = rememberedKernel(folder, state.join(''));
  if (ready !== null) return ready;
  const { version, abi, origin } = await unpacked(series, folder, progress);
  const root = join(folder, 'root');
  progress(`qemu:${series}: module`);
  const headers = join(root, 'usr/src', `linux-headers-${abi}`);
  relocate(join(headers, 'Makefile'), root);
  // Types for BPF need the whole kernel with its symbols.
  const make = ['-s', '-C', headers, 'CC=gcc', 'CONFIG_DEBUG_INFO_BTF_MODULES='];
  const initrd = join(folder, 'initrd');
  writeFileSync(initrd, initramfs(await firstFiles(folder, root, abi)));
  return rememberKernel(
    {
      name: `qemu:${series}`,
      release: version.split('-')[0],
      folder,
      libraryPath: null,
      modprobe: null,
      preload: [],
      module: await buildModule(folder, make),
      guest: await buildGuest(folder),
      origin,
      memoryMiB: MEMORY_MIB,
      qemu: { image: join(root, 'boot', `vmlinuz-${abi}`), initrd },
    },
    state.join(''),
  );
}

interface Unpacked {
  /** Of the package: `6.1.192-2`. */
  readonly version: string;
  /** What the kernel calls itself: `6.1.0-56-amd64`. */
  readonly abi: string;
  readonly origin: readonly string[];
}

/** Image and headers below `root`; a file beside it says that they are whole. */
async function unpacked(series: string, folder: string, progress: Progress): Promise<Unpacked> {
  const marker = join(folder, 'unpacked.json');
  if (existsSync(marker)) return JSON.parse(readFileSync(marker, 'utf8')) as Unpacked;
  const { suite, version, abi } = await newestOf(series);
  const headers = `linux-headers-${abi}`;
  const needed = await dependencies(suite, headers, version);
  const parts = needed.filter((name) => /^linux-(headers|kbuild)-/.test(name));
  const names = [`linux-image-${abi}`, headers, ...parts];
  rmSync(join(folder, 'root'), { recursive: true, force: true });
  mkdirSync(join(folder, 'root'), { recursive: true });
  const origin: string[] = [];
  for (const name of names) {
    const versions = await packageVersions(suite, name);
    const [newest] = versions;
    const own = versions.includes(version) ? version : newest;
    if (own === undefined) throw new EnvironmentError(`${suite.name} has no ${name}`);
    progress(`qemu:${series}: ${name} ${own}`);
    await unpackPackage(suite, name, own, join(folder, 'root'));
    origin.push(`${name} ${own}`);
  }
  const done: Unpacked = { version, abi, origin: origin.slice(0, 1) };
  writeFileSync(marker, JSON.stringify(done));
  return done;
}

/** @throws EnvironmentError where no archive of this machine has the series. */
async function newestOf(series: string): Promise<Offer & { readonly abi: string }> {
  const { suites, newest } = SERIES[series];
  const name = `linux-image-${newest}`;
  const offer = await newestOffer(await openSuites(suites, join(cacheFolder(), 'apt')), name);
  if (offer === null)
    throw new EnvironmentError(`${name}: in no suite of this machine (${suites.join(', ')})`);
  const needed = await dependencies(offer.suite, name, offer.version);
  const image = needed.find((one) => one.startsWith('linux-image-'));
  if (image === undefined) throw new EnvironmentError(`${name} ${offer.version} names no kernel`);
  return { ...offer, abi: image.slice('linux-image-'.length) };
}

/** Debian's headers name each other from the root of the system that they are installed in. */
function relocate(makefile: string, root: string): void {
  const text = readFileSync(makefile, 'utf8');
  writeFileSync(makefile, text.replaceAll(' /usr/src/', ` ${root}/usr/src/`));
}

/** The first process and its modules: what the file system of the host needs, then every generic algorithm. */
async function firstFiles(folder: string, root: string, abi: string): Promise<ArchiveFile[]> {
  const modules = modulesOf(root, abi);
  await runProgram('depmod', ['-b', modules.base, abi]);
  const needs = readNeeds(join(modules.folder, 'modules.dep'));
  const byName = new Map([...needs.keys()].map((path) => [moduleName(path), path]));
  const hosts = HOST_FILES.flatMap((name) => byName.get(name) ?? []);
  const isGeneric = (path: string): boolean =>
    path.startsWith('kernel/crypto/') && moduleName(path) !== 'tcrypt';
  const generic = [...needs.keys()].filter(isGeneric);
  const ordered = new Set<string>();
  for (const path of [...hosts, ...generic]) loadOrder(path, needs, ordered);
  const required = new Set<string>();
  for (const path of hosts) loadOrder(path, needs, required);
  const stage = join(folder, 'stage');
  const source = join(ownFolder('qemu'), 'stage.c');
  await runProgram('gcc', ['-O2', '-static', '-o', stage, source]);
  const files: ArchiveFile[] = [{ name: 'init', bytes: readFileSync(stage), isProgram: true }];
  const lines: string[] = [];
  for (const path of ordered) {
    const name = `${moduleName(path)}.ko`;
    files.push({ name, bytes: await moduleBytes(join(modules.folder, path), folder) });
    const parameters = PARAMETERS[moduleName(path)] ?? '';
    lines.push(`${required.has(path) ? '' : '?'}/${name}${parameters}\n`);
  }
  return [...files, { name: 'modules', bytes: Buffer.from(lines.join('')) }];
}

/** The folder of a kernel's modules, and what `depmod -b` takes for it. */
function modulesOf(root: string, abi: string): { readonly base: string; readonly folder: string } {
  const base = existsSync(join(root, 'lib/modules', abi)) ? root : join(root, 'usr');
  return { base, folder: join(base, 'lib/modules', abi) };
}

/** What each module needs, by path, the last one first to be loaded. */
function readNeeds(file: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes(':'))
      .map((line) => {
        const [path, rest] = line.split(':');
        return [path, rest.split(' ').filter((word) => word !== '')] as const;
      }),
  );
}

function loadOrder(
  path: string,
  needs: ReadonlyMap<string, readonly string[]>,
  into: Set<string>,
): void {
  for (const need of [...(needs.get(path) ?? [])].reverse()) into.add(need);
  into.add(path);
}

function moduleName(path: string): string {
  return basename(path).replace(/\.ko(\.\w+)?$/, '');
}

/** The module, unpacked where it is packed. */
async function moduleBytes(file: string, folder: string): Promise<Buffer> {
  if (!file.endsWith('.xz')) return readFileSync(file);
  const own = join(folder, 'module.ko');
  await runProgram('/bin/sh', ['-c', 'xz -dc "$1" > "$2"', 'sh', file, own]);
  const bytes = readFileSync(own);
  rmSync(own);
  return bytes;
}
