// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The answer buffer. It grows only in out_reserve(), which may sleep; writing
 * never sleeps, because a recorded walk writes inside atomic mappings. A case
 * whose answer does not fit is answered with "fail output", never cut.
 */
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "oracle.h"

#define FIRST_SIZE	(4u << 20)
#define LAST_SIZE	(128u << 20)
/* More than 4000 recorded steps or 64 commands need; see walk.c. */
#define CASE_RESERVE	(1u << 20)

static struct {
	char *data;
	size_t size, used, taken, case_start;
	bool overflow;
} output;

int out_init(void)
{
	output.data = vmalloc(FIRST_SIZE);
	if (!output.data)
		return -ENOMEM;
	output.size = FIRST_SIZE;
	return 0;
}

void out_exit(void)
{
	vfree(output.data);
}

/* Makes room for this many bytes more. May sleep. */
int out_reserve(size_t bytes)
{
	size_t size = output.size;
	char *data;

	while (size - output.used < bytes) {
		if (size >= LAST_SIZE)
			goto fail;
		size *= 2;
	}
	if (size == output.size)
		return 0;
	data = vmalloc(size);
	if (!data)
		goto fail;
	memcpy(data, output.data, output.used);
	vfree(output.data);
	output.data = data;
	output.size = size;
	return 0;
fail:
	output.overflow = true;
	return -ENOMEM;
}

void out(const char *format, ...)
{
	size_t left = output.size - output.used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(output.data + output.used, left, format, args);
	va_end(args);
	if (n >= left)
		output.overflow = true;
	else
		output.used += n;
}

/* Hex digits without a line end. May sleep. */
void out_bytes(const void *data, size_t length)
{
	if (out_reserve(2 * length + CASE_RESERVE / 2))
		return;
	bin2hex(output.data + output.used, data, length);
	output.used += 2 * length;
}

void out_hex(const char *key, const void *data, size_t length)
{
	out("%s ", key);
	out_bytes(data, length);
	out("\n");
}

void out_begin_case(void)
{
	if (output.taken == output.used)
		out_reset();
	output.overflow = false;
	output.case_start = output.used;
	out_reserve(CASE_RESERVE);
	out("case %s\n", spec->id);
}

void out_end_case(void)
{
	out("end\n");
	if (!output.overflow)
		return;
	output.used = output.case_start;
	output.overflow = false;
	out("case %s\nfail output\nend\n", spec->id);
}

ssize_t out_read(char __user *buffer, size_t length)
{
	size_t n = min(length, output.used - output.taken);

	if (n && copy_to_user(buffer, output.data + output.taken, n))
		return -EFAULT;
	output.taken += n;
	return n;
}

/* Is this text part of the answers not yet read? For the self test. */
bool out_contains(const char *text)
{
	return strnstr(output.data + output.taken, text,
		       output.used - output.taken);
}

void out_reset(void)
{
	output.used = 0;
	output.taken = 0;
}
