// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * ptrace for user-mode kernels before 6.13 on processors with a large state.
 *
 * They keep 2,696 bytes of it. Where a processor has more (AMX: 11,008) the
 * host takes a state back as a whole only, and the kernel's first process
 * dies. Loaded before the C library, this puts the rest that the process has
 * behind what is written.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define STATE_SIZE 65536

static long (*next)(int request, ...);

/* What is written, and behind it what is there. */
static long set_state(long pid, long type, const struct iovec *part)
{
	static unsigned char bytes[STATE_SIZE] __attribute__((aligned(64)));
	struct iovec whole = { bytes, sizeof(bytes) };

	if (next(PTRACE_GETREGSET, pid, type, &whole))
		return -1;
	if (part->iov_len > whole.iov_len) {
		errno = EFAULT;
		return -1;
	}
	memcpy(bytes, part->iov_base, part->iov_len);
	return next(PTRACE_SETREGSET, pid, type, &whole);
}

long ptrace(enum __ptrace_request request, ...)
{
	va_list list;
	long pid, address, data, result;

	va_start(list, request);
	pid = va_arg(list, long);
	address = va_arg(list, long);
	data = va_arg(list, long);
	va_end(list);
	if (!next)
		next = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace");
	result = next(request, pid, address, data);
	if (result == -1 && errno == EFAULT && request == PTRACE_SETREGSET &&
	    address == NT_X86_XSTATE)
		return set_state(pid, address, (const struct iovec *)data);
	return result;
}
