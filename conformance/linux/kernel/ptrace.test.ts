/**
 * Goal: a machine that refuses ptrace is known before a kernel dies of it.
 * Method: the probe, in a process with a seccomp filter as containers have it, and without.
 */
import { expect, test } from 'vitest';
import { PROBE, ptraceRefusal } from './ptrace.ts';
import { runProgram } from './run-program.ts';

/** The number of the call; ptrace gets EPERM, everything else is let through. */
const FILTER = `
my $f = pack("SCCL" x 4, 0x20,0,0,0, 0x15,0,1,101, 0x06,0,0,0x50001, 0x06,0,0,0x7fff0000);
syscall(157, 38, 1, 0, 0, 0) == 0 or exit 1;
syscall(157, 22, 2, pack("S x6 P", 4, $f), 0, 0) == 0 or exit 2;
`;

test('the probe says what the kernel says', async () => {
  const filtered = await runProgram('perl', ['-e', `${FILTER}${PROBE}`]);
  expect(filtered).toBe('refused: Operation not permitted');
  const plain = await runProgram('perl', ['-e', PROBE]);
  expect(await ptraceRefusal()).toBe(plain === 'allowed' ? null : plain);
});
