/**
 * A kernel that is ready to be started, and how it is remembered between runs.
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a launcher needs. All paths are absolute, without blanks. */
export interface Kernel {
  /** As the user asked for it: `6.1`, `source:7.3`, `tree:/path`. */
  readonly name: string;
  /** `uname -r`: 6.1.176. */
  readonly release: string;
  /** Where `linux` lies; the kernel is started from here. */
  readonly folder: string;
  /** Library path of this one process, or null. */
  readonly libraryPath: string | null;
  /** Program that loads modules of this kernel, or null if everything is built in. */
  readonly modprobe: string | null;
  /** Modules to load before ours. */
  readonly preload: readonly string[];
  /** Our module. */
  readonly module: string;
  /** The static init of the guest. */
  readonly guest: string;
  /** Library that a process of its own loads before any other; absent: none is. */
  readonly shim?: string;
  /** Package names and versions, or the source that it was built from. */
  readonly origin: readonly string[];
  /** Memory of the guest in MiB. */
  readonly memoryMiB: number;
  /** Booted in QEMU; absent: it is a process of its own, `linux`. */
  readonly qemu?: QemuBoot;
  /** Does a user-mode kernel do without ptrace? Those from 6.16 on can; absent: it need not. */
  readonly untraced?: true;
}

/** What QEMU boots. */
export interface QemuBoot {
  readonly image: string;
  readonly initrd: string;
}

/** Line of progress for people; long steps call it before they begin. */
export type Progress = (text: string) => void;

/** State of a folder: the kernel, and the hash of our own sources that went into it. */
interface Remembered {
  readonly kernel: Kernel;
  readonly sources: string;
}

const FILE = 'kernel.json';

/** The kernel of a folder, if it was completed with exactly these sources of ours. */
export function rememberedKernel(folder: string, sources: string): Kernel | null {
  const file = join(folder, FILE);
  if (!existsSync(file)) return null;
  const state = JSON.parse(readFileSync(file, 'utf8')) as Remembered;
  return state.sources === sources && existsSync(state.kernel.module) ? state.kernel : null;
}

/** Marks a folder as complete. */
export function rememberKernel(kernel: Kernel, sources: string): Kernel {
  const state: Remembered = { kernel, sources };
  writeFileSync(join(kernel.folder, FILE), `${JSON.stringify(state, null, 2)}\n`);
  return kernel;
}
