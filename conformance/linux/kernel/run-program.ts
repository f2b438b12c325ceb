/**
 * Starting other programs, and the one error that says what is missing on this machine.
 * @module
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { EXIT_ENVIRONMENT, UsageError } from '../../terminal/exit.ts';

/** Something outside of the project is missing or refused: exit code 3, one line for the user. */
export class EnvironmentError extends UsageError {
  constructor(message: string) {
    super(message.replaceAll('\n', ' '), EXIT_ENVIRONMENT);
  }
}

/** Where a program lies in PATH or in the folders of system programs, or null. */
export function findProgram(name: string): string | null {
  const { PATH: path = '' } = process.env;
  const folders = [...path.split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const file = join(folder, name);
    if (folder !== '' && existsSync(file)) return file;
  }
  return null;
}

/** Options of `runProgram`; `env` is added to the process's own environment. */
export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program to its end and returns what it printed.
 * @throws EnvironmentError with its last line of errors if it is missing or fails.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    let output = '';
    let errors = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    child.on('error', (error) => reject(new EnvironmentError(`${program}: ${error.message}`)));
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new EnvironmentError(`${program} ${args[0] ?? ''}: ${lastLine(errors, code)}`));
    });
  });
}

/** The line that names the cause: make repeats failures below it, apt marks its own with E:. */
function lastLine(errors: string, code: number | null): string {
  const lines = errors.split('\n').filter((line) => line.trim() !== '');
  const cause = lines.find((line) => /\berror\b|^E: /i.test(line));
  return cause ?? lines.at(-1) ?? `exit code ${code}`;
}
