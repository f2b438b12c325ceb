/**
 * Goal: a machine that refuses ptrace is known before a kernel dies of it.
 * Method: the probe, in a process with a seccomp filter as containers have it, and without.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { PROBE, ptraceRefusal } from './ptrace.ts';

/** The number of the call; ptrace gets EPERM, everything else is let through. */
const FILTER = `
my $f = pack("SCCL" x 4, 0x20,0,0,0, 0x15,0,1,101, 0x06,0,0,0x50001, 0x06,0,0,0x7fff0000);
syscall(157, 38, 1, 0, 0, 0) == 0 or exit 1;
syscall(157, 22, 2, pack("S x6 P", 4, $f), 0, 0) == 0 or exit 2;
`;

test('the probe says what the kernel says', async () => {
  const filtered = spawnSync('perl', ['-e', `${FILTER}${PROBE}`], { encoding: 'utf8' });
  expect(filtered.status).toBe(0);
  expect(filtered.stdout).toBe('refused: Operation not permitted');
  const plain = spawnSync('perl', ['-e', PROBE], { encoding: 'utf8' }).stdout;
  expect(await ptraceRefusal()).toBe(plain === 'allowed' ? null : plain);
});
