/**
 * Goal: a user-mode kernel that keeps less of a processor's state than there is may give that back.
 * Method: a process that traces its child, and does just this, with the shim and without.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildShim } from './prepare-debian.ts';
import { ptraceRefusal } from './ptrace.ts';
import { findProgram, runProgram } from './run-program.ts';

/** Writes the first 576 bytes, the legacy area and the header, with another XMM0; says what became of it. */
const TRACER = `
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
static unsigned char bytes[65536], after[65536];
int main(void)
{
	struct iovec part = { bytes, sizeof(bytes) }, whole = { after, sizeof(after) };
	pid_t child = fork();
	long result;
	if (child == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(0);
	}
	waitpid(child, 0, 0);
	ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &part);
	part.iov_len = 576;
	bytes[160] ^= 1;
	bytes[512] |= 2;
	result = ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &part);
	printf("%ld %d ", result, result ? errno : 0);
	ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &whole);
	printf("%d\\n", after[160] == bytes[160]);
	kill(child, SIGKILL);
	return 0;
}
`;

const folder = mkdtempSync(join(tmpdir(), 'sg2iter-shim-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lacking = findProgram('gcc') === null ? 'no gcc' : await ptraceRefusal();

test.skipIf(lacking !== null || process.arch !== 'x64')(
  `a part of the state is taken${lacking === null ? '' : ` (skipped: ${lacking})`}`,
  async () => {
    const [source, tracer] = [join(folder, 'tracer.c'), join(folder, 'tracer')];
    writeFileSync(source, TRACER);
    await runProgram('gcc', ['-O1', '-o', tracer, source]);
    const shim = await buildShim(folder);
    expect(await runProgram(tracer, [])).toBe('-1 14 0\n');
    expect(await runProgram('env', [`LD_PRELOAD=${shim}`, tracer])).toBe('0 0 1\n');
  },
);
