// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The only process of the guest: loads the module, feeds it whole cases in
 * chunks, appends the answers to a file of the host, powers off.
 *
 * Kernel arguments: sg2iter.in=FILE sg2iter.out=FILE, and
 *   sg2iter.module=FILE     the module to load; without it, AF_ALG answers
 *   sg2iter.poison=N        parameter of the module
 *   sg2iter.modprobe=FILE   program that loads modules of the kernel
 *   sg2iter.pre=NAME,...    modules to load first
 *   sg2iter.chunk=BYTES     size of a chunk, at least one case
 *
 * The first line of the results is "start", the last one of a complete file "done N". A chunk is on disk
 * before the next one starts, so a kernel that dies loses one chunk at most.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

#define DEFAULT_CHUNK 65536
#define KLOG_READ_CLEAR 4
#define KLOG_CLEAR 5

static char command_line[8192];
static char buffer[ANSWER_SIZE];
static int oracle = -1;

static _Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Says on the console what the host shall tell its user. */
_Noreturn void fail(const char *what)
{
	printf("sg2iter: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	power_off();
}

void write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);

		if (n <= 0)
			fail("results");
		data += n;
		length -= n;
	}
}

void say(int fd, const char *format, ...)
{
	char line[1024];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(line))
		fail("line too long");
	write_all(fd, line, n);
}

/* The value of a kernel argument, or NULL. Never freed. */
static char *argument(const char *key)
{
	const char *at = strstr(command_line, key);

	if (!at)
		return NULL;
	at += strlen(key);
	return strndup(at, strcspn(at, " \n"));
}

static void read_command_line(void)
{
	int fd = open("/proc/cmdline", O_RDONLY);
	ssize_t n = read(fd, command_line, sizeof(command_line) - 1);

	if (n < 0)
		fail("/proc/cmdline");
	close(fd);
}

/* A line end alone: nothing is loaded on demand. */
static void set_modprobe(const char *program)
{
	int fd = open("/proc/sys/kernel/modprobe", O_WRONLY);

	if (fd < 0)
		return;
	write_all(fd, program, strlen(program));
	close(fd);
}

/* A name that the kernel does not have as a module is not an error. */
static void load_modules(char *program, char *names)
{
	char *name;

	for (name = strtok(names, ","); name; name = strtok(NULL, ",")) {
		pid_t child = fork();

		if (child < 0)
			fail("fork");
		if (!child) {
			execl(program, program, "-q", name, (char *)NULL);
			_exit(127);
		}
		waitpid(child, NULL, 0);
	}
}

static void load_oracle(const char *file)
{
	const char *poison = argument("sg2iter.poison=");
	char parameters[64] = "";
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail(file);
	if (poison)
		snprintf(parameters, sizeof(parameters), "poison=%s", poison);
	if (syscall(SYS_finit_module, fd, parameters, 0))
		fail("loading the module");
	close(fd);
	oracle = open("/proc/sg2iter", O_RDWR);
	if (oracle < 0)
		fail("/proc/sg2iter");
}

static char *read_file(const char *file)
{
	int fd = open(file, O_RDONLY);
	struct stat status;
	size_t length = 0;
	ssize_t n = 0;
	char *text;

	if (fd < 0 || fstat(fd, &status))
		fail(file);
	text = malloc(status.st_size + 1);
	if (!text)
		fail("memory for the cases");
	while (length < (size_t)status.st_size &&
	       (n = read(fd, text + length, status.st_size - length)) > 0)
		length += n;
	if (n < 0)
		fail(file);
	close(fd);
	text[length] = 0;
	return text;
}

static void module_answer(int results, const char *cases, size_t length)
{
	ssize_t n;

	if (write(oracle, cases, length) != (ssize_t)length)
		fail("writing cases");
	while ((n = read(oracle, buffer, sizeof(buffer))) > 0)
		write_all(results, buffer, n);
	if (n < 0)
		fail("reading answers");
}

/* Kernel messages since the last chunk; with one case a chunk, that case's. */
static void append_log(int results)
{
	int n = klogctl(KLOG_READ_CLEAR, buffer, sizeof(buffer) - 1);
	char *line;

	if (n <= 0)
		return;
	buffer[n] = 0;
	for (line = strtok(buffer, "\n"); line; line = strtok(NULL, "\n"))
		say(results, "#log %.900s\n", line);
}

/* The end of the chunk that begins here: whole cases, `bytes` or more. */
static const char *chunk_end(const char *start, size_t bytes, long *cases)
{
	const char *end = start;

	while (*end && (size_t)(end - start) < bytes) {
		const char *next = strstr(end, "\nend\n");

		if (!next)
			return end + strlen(end);
		end = next + strlen("\nend\n");
		++*cases;
	}
	return end;
}

static void answer_all(answer_fn *answer)
{
	const char *chunk = argument("sg2iter.chunk=");
	size_t bytes = chunk ? strtoul(chunk, NULL, 10) : DEFAULT_CHUNK;
	const char *in = argument("sg2iter.in=");
	const char *out = argument("sg2iter.out=");
	const char *at, *end;
	long cases = 0;
	int results;

	if (!in || !out)
		fail("sg2iter.in and sg2iter.out");
	results = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (results < 0)
		fail(out);
	klogctl(KLOG_CLEAR, NULL, 0);
	say(results, "start\n");
	for (at = read_file(in); *at; at = end) {
		end = chunk_end(at, bytes, &cases);
		answer(results, at, end - at);
		append_log(results);
	}
	say(results, "done %ld\n", cases);
	fsync(results);
	close(results);
}

int main(int argc, char **argv)
{
	char *modprobe, *pre, *module;

	(void)argc;
	/* The kernel starts init a second time if it takes it for modprobe. */
	if (strstr(argv[0], "modprobe"))
		return 1;
	mkdir("/proc", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) && errno != EBUSY)
		fail("mounting /proc");
	read_command_line();
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	modprobe = argument("sg2iter.modprobe=");
	pre = argument("sg2iter.pre=");
	module = argument("sg2iter.module=");
	if (modprobe)
		set_modprobe(modprobe);
	if (modprobe && pre)
		load_modules(modprobe, pre);
	if (module) {
		load_oracle(module);
		/* Every lookup of a name that is not there starts it again. */
		set_modprobe("\n");
	}
	answer_all(module ? module_answer : afalg_answer);
	power_off();
}
