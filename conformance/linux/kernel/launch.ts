/**
 * Starts a kernel, as a process of its own or in QEMU, with a file of cases and waits for its end.
 *
 * The exit status says nothing about what happened inside; only the trailer of the results does.
 * A panic aborts the process, a hang shows as results that stop growing. Two child processes
 * survive the main one, so the whole process group is ended.
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../terminal/folders.ts';
import { CRYPTD_QUEUE } from '../text/case.ts';
import type { Kernel, QemuBoot } from './kernel.ts';

/** How a boot runs its cases. Times are milliseconds. */
export interface BootOptions {
  /** Bytes of cases between two flushes of the results; 1: every case alone. */
  readonly chunkBytes: number;
  /** Without new results for this long, the kernel hangs. */
  readonly hangMs: number;
  /** Byte left in freed heap memory before each case, 0: none. */
  readonly poison: number;
  /** Answers come from AF_ALG instead of the module. */
  readonly afalg: boolean;
  /**
   * As users boot it: everything that the kernel says goes to its console, not its last words alone, and
   * queues hold what they do by themselves: where cryptd is below another template, whose further steps
   * ask for no backlog, a short one is -ENOSPC.
   */
  readonly isOrdinary?: boolean;
  /** Called with the size of the results so far. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** What a boot left behind. */
export interface Boot {
  /** The results file, complete only with its trailer. */
  readonly text: string;
  /** Null after a regular end, else `hang`, the panic, or what init said. */
  readonly failure: string | null;
  /** What the kernel and its init wrote to the console. */
  readonly console: string;
  readonly interrupted: boolean;
}

/** Starts a kernel; the driver takes any function of this shape. */
export type Launcher = (cases: string, options: BootOptions) => Promise<Boot>;

const POLL_MS = 100;
/** The emulator, of Debian's `qemu-system-x86`. */
export const QEMU = 'qemu-system-x86_64';
/** How many times longer an emulated kernel takes, its boot foremost. */
const EMULATED = 5;

/** The launcher of a prepared kernel. Files of a run lie in `scratch`, which must be a disk folder. */
export function launcherOf(kernel: Kernel, scratch: string): Launcher {
  return (cases, options) => bootKernel(kernel, scratch, cases, options);
}

/** What init reads. */
function ownArguments(kernel: Kernel, scratch: string, options: BootOptions): string[] {
  const own: Record<string, string | number | null> = {
    in: join(scratch, 'cases'),
    out: join(scratch, 'results'),
    chunk: options.chunkBytes,
    module: options.afalg ? null : kernel.module,
    poison: options.poison === 0 ? null : options.poison,
    modprobe: kernel.modprobe,
    pre: kernel.preload.length === 0 ? null : kernel.preload.join(','),
  };
  return [
    // From the severity of information on.
    options.isOrdinary === true ? 'loglevel=7' : 'quiet',
    // Few, so that a case can fill the queue. modprobe reads the parameter here, too.
    ...(options.isOrdinary === true ? [] : [`cryptd.cryptd_max_cpu_qlen=${CRYPTD_QUEUE}`]),
    ...Object.entries(own)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => `sg2iter.${key}=${value}`),
  ];
}

function processCommand(kernel: Kernel, scratch: string, options: BootOptions): string[] {
  return [
    './linux',
    `mem=${kernel.memoryMiB}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'rw',
    `init=${kernel.guest}`,
    'con=null',
    'con0=null,fd:1',
    ...(kernel.untraced === true ? ['seccomp=on'] : []),
    // Without it a kernel whose HOME is unset panics.
    `uml_dir=${join(scratch, 'uml')}/`,
    ...ownArguments(kernel, scratch, options),
  ];
}

/** Emulated: nested virtualisation that only seems to be there hangs for half a minute. */
function qemuCommand(
  kernel: Kernel,
  { image, initrd }: QemuBoot,
  scratch: string,
  options: BootOptions,
): string[] {
  const line = [
    'console=ttyS0',
    'panic=-1',
    // A driver that fails a test of the kernel's own is not there any more (FINDINGS.md, section 4).
    'cryptomgr.notests=1',
    `sg2iter.init=${kernel.guest}`,
    ...ownArguments(kernel, scratch, options),
  ];
  return [
    QEMU,
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    // A processor without instructions for ciphers: generic drivers, as a user-mode kernel has them.
    ...['-M', 'pc,accel=tcg', '-cpu', 'qemu64', '-smp', '1', '-m', `${kernel.memoryMiB}`],
    ...['-kernel', image, '-initrd', initrd, '-append', line.join(' ')],
    ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,multidevs=remap'],
  ];
}

function commandOf(kernel: Kernel, scratch: string, options: BootOptions): string[] {
  return kernel.qemu === undefined
    ? processCommand(kernel, scratch, options)
    : qemuCommand(kernel, kernel.qemu, scratch, options);
}

/** The kernel alone gets its libraries, not the shell that starts it. */
const LOADED_WITH = [
  'ulimit -c 0',
  '[ -z "$SG2ITER_LIBRARY" ] || export LD_LIBRARY_PATH="$SG2ITER_LIBRARY"',
  '[ -z "$SG2ITER_SHIM" ] || export LD_PRELOAD="$SG2ITER_SHIM"',
  'exec "$@"',
].join('; ');

function start(kernel: Kernel, scratch: string, options: BootOptions): ChildProcess {
  // A panic dumps core; the limit is inherited through the shell's exec.
  return spawn('/bin/sh', ['-c', LOADED_WITH, 'sh', ...commandOf(kernel, scratch, options)], {
    cwd: kernel.folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Guest memory is a file in TMPDIR, which must not be a small or noexec tmpfs.
    env: {
      ...process.env,
      HOME: scratch,
      TMPDIR: scratch,
      SG2ITER_LIBRARY: kernel.libraryPath ?? '',
      SG2ITER_SHIM: kernel.shim ?? '',
    },
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function failureOf(
  text: string,
  output: string,
  hung: boolean,
  code: number | null,
): Boot['failure'] {
  if (/^done \d+$/m.test(text)) return null;
  if (hung) return 'hang';
  const panic = /panic - not syncing: (.*)/.exec(output)?.[1];
  const init = /^sg2iter: (.*)/m.exec(output)?.[1];
  const last = output.trim().split('\n').at(-1);
  return panic ?? init ?? `exit code ${code}: ${last ?? ''}`;
}

function bootKernel(
  kernel: Kernel,
  scratch: string,
  cases: string,
  options: BootOptions,
): Promise<Boot> {
  const results = join(scratch, 'results');
  const hangMs = options.hangMs * (kernel.qemu === undefined ? 1 : EMULATED);
  makeFolder(scratch);
  writeFileSync(join(scratch, 'cases'), cases);
  writeFileSync(results, '');
  return new Promise((resolve, reject) => {
    const child = start(kernel, scratch, options);
    let output = '';
    let size = 0;
    let idleMs = 0;
    let hung = false;
    child.stdout?.on('data', (data: Buffer) => {
      output += data.toString('latin1');
    });
    child.stderr?.on('data', (data: Buffer) => {
      output += data.toString('latin1');
    });
    const end = (): void => killGroup(child);
    options.signal?.addEventListener('abort', end);
    const watch = setInterval(() => {
      const now = statSync(results).size;
      idleMs = now === size ? idleMs + POLL_MS : 0;
      size = now;
      options.onBytes?.(size);
      hung ||= idleMs > hangMs;
      if (hung) killGroup(child);
    }, POLL_MS);
    const finish = (): void => {
      clearInterval(watch);
      options.signal?.removeEventListener('abort', end);
      killGroup(child);
    };
    child.on('error', (error) => {
      finish();
      reject(error);
    });
    child.on('close', (code) => {
      finish();
      const text = readFileSync(results, 'latin1');
      rmSync(scratch, { recursive: true, force: true });
      resolve({
        text,
        failure: failureOf(text, output, hung, code),
        console: output,
        interrupted: options.signal?.aborted === true,
      });
    });
  });
}
