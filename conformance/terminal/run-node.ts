/**
 * A script of this program in a process of its own, to its end.
 * @module
 */
import { spawn } from 'node:child_process';

/** The end of what a process said of its errors is kept, characters. */
const MOST_ERRORS = 4096;

/** What came of a process; -1 for one that a signal ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface NodeOptions {
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal | undefined;
  /** Given up after so many milliseconds. */
  readonly limitMs?: number;
}

/** @param args the compiled script, and its arguments. Never rejects. */
export function runNode(
  args: readonly string[],
  { env = {}, signal, limitMs }: NodeOptions = {},
): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    const timer =
      limitMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      stderr = (stderr + data.toString()).slice(-MOST_ERRORS);
    });
    child.on('error', () => {});
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}
