/**
 * What this machine needs to run cases on a real kernel, and what to install where it is missing.
 * @module
 */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { readGolden } from '../contract/golden.ts';
import { cacheFolder, ownFolder } from './cache.ts';
import { QEMU } from './launch.ts';
import { QEMU_SERIES } from './prepare-qemu.ts';
import { ptraceRefusal } from './ptrace.ts';
import { EnvironmentError, findProgram, runProgram } from './run-program.ts';

/** One question and its answer in one line. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** Without it `certify` can do less, but something. */
  readonly optional: boolean;
  readonly answer: string;
}

/** Programs that every kernel needs, and the Debian package of each. */
const PROGRAMS: readonly (readonly [program: string, debian: string])[] = [
  ['apt-get', 'apt'],
  ['dpkg-deb', 'dpkg'],
  ['tar', 'tar'],
  ['xz', 'xz-utils'],
  ['gcc', 'gcc'],
  ['make', 'make'],
  ['flex', 'flex'],
  ['bison', 'bison'],
  ['bc', 'bc'],
  ['modprobe', 'kmod'],
];

/** Bytes that a prepared kernel takes, with what its preparation needs on top. */
const CACHE_BYTES = 1.5e9;

/** Asks everything. Never throws; nothing is installed or downloaded. */
export async function doctor(): Promise<Check[]> {
  return [
    ...PROGRAMS.map(([program, debian]) => checkProgram(program, debian)),
    checkHeader('libelf.h', 'libelf-dev', 'kernels 6.12 and later'),
    checkHeader('sys/socket.h', 'libc6-dev', 'the init of the guest'),
    checkMachine(),
    await checkArchive(),
    checkCache(),
    await checkPtrace(),
    checkQemu(),
    checkGolden(),
  ];
}

/** The first thing that keeps a kernel from running, in one line, or null. */
export function firstObstacle(checks: readonly Check[]): string | null {
  const missing = checks.filter((check) => !check.ok && !check.optional);
  if (missing.length === 0) return null;
  const installable = missing.filter((check) => check.answer.includes('install '));
  if (installable.length === 0) return `${missing[0].name}: ${missing[0].answer}`;
  const packages = installable.flatMap((check) => /install (\S+)/.exec(check.answer)?.[1] ?? []);
  const names = installable.map((check) => check.name);
  return `missing ${names.join(', ')}: install ${packages.join(' ')}`;
}

function checkProgram(program: string, debian: string): Check {
  const path = findProgram(program);
  const answer = path ?? `not found: install ${debian}`;
  return { name: program, ok: path !== null, optional: false, answer };
}

function checkHeader(header: string, debian: string, purpose: string): Check {
  const places = ['/usr/include', '/usr/include/x86_64-linux-gnu'].map((at) => join(at, header));
  const path = places.find((place) => existsSync(place));
  const answer = path ?? `not found: install ${debian} (${purpose})`;
  return { name: header, ok: path !== undefined, optional: false, answer };
}

function checkMachine(): Check {
  const ok = process.platform === 'linux' && process.arch === 'x64';
  const answer = `${process.platform} ${process.arch}${ok ? '' : ': the kernels are for linux x64'}`;
  return { name: 'machine', ok, optional: false, answer };
}

async function checkArchive(): Promise<Check> {
  const name = 'package archive';
  try {
    const list = await runProgram('apt-get', [
      'indextargets',
      'Created-By: Packages',
      'Origin: Debian',
      'Label: Debian',
    ]);
    const ok = list.trim() !== '';
    const answer = ok
      ? 'a Debian archive with fetched lists'
      : 'none: run apt-get update on Debian';
    return { name, ok, optional: false, answer };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return { name, ok: false, optional: false, answer: error.message };
  }
}

function checkCache(): Check {
  const name = 'cache folder';
  try {
    const folder = cacheFolder();
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    const answer = `${folder}, ${(free / 1e9).toFixed(1)} GB free`;
    const ok = free > CACHE_BYTES;
    return { name, ok, optional: false, answer: ok ? answer : `${answer}: 1.5 GB are needed` };
  } catch (error) {
    const answer = error instanceof Error ? error.message : String(error);
    return { name, ok: false, optional: false, answer };
  }
}

/** User-mode Linux traces its own children. Where that is refused, 6.1 and 6.12 run in QEMU. */
async function checkPtrace(): Promise<Check> {
  const refusal = await ptraceRefusal();
  const answer =
    refusal === null
      ? 'allowed'
      : `${refusal}; qemu stands in for ${QEMU_SERIES.join(' and ')}, 7.2 and later do without`;
  return { name: 'ptrace', ok: refusal === null, optional: true, answer };
}

function checkQemu(): Check {
  const path = findProgram(QEMU);
  const answer =
    path ?? 'not found (qemu-system-x86); needed where ptrace is refused, and by qemu:';
  return { name: 'qemu', ok: path !== null, optional: true, answer };
}

function checkGolden(): Check {
  const name = 'golden data';
  try {
    const golden = readGolden(ownFolder('golden'));
    const releases = golden.kernels.map((kernel) => kernel.release).join(', ');
    const answer = `${golden.cases.length} cases on ${releases}`;
    return { name, ok: true, optional: true, answer };
  } catch (error) {
    const answer = error instanceof Error ? error.message : String(error);
    return { name, ok: false, optional: true, answer };
  }
}
