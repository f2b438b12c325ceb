/**
 * Whether a process may trace its child, which a user-mode kernel does with each of its own.
 * @module
 */
import { EnvironmentError, runProgram } from './run-program.ts';

/** Asked of the kernel itself, since a seccomp filter stands in no file: PTRACE_TRACEME on x86-64. */
export const PROBE = 'print syscall(101, 0, 0, 0, 0) == 0 ? "allowed" : "refused: $!"';

/** Null where it may, or where nobody can be asked; else why not. */
export async function ptraceRefusal(): Promise<string | null> {
  try {
    const answer = await runProgram('perl', ['-e', PROBE]);
    return answer === 'allowed' ? null : answer;
  } catch (error) {
    if (error instanceof EnvironmentError) return null;
    throw error;
  }
}
