// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The only process of a guest that runs KUnit: loads the module, whose loading
 * runs its suites, writes the kernel's messages to a file of the host, powers
 * off. Kernel arguments: sg2iter.module=FILE sg2iter.out=FILE. The first line
 * of the file is "start"; the last line of a complete one is "done 1".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KLOG_READ_ALL 3
#define KLOG_CLEAR 5
#define LOG_SIZE (4 << 20)

static char command_line[8192];
static char messages[LOG_SIZE];

static _Noreturn void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

/* Says on the console what the host shall tell its user. */
static _Noreturn void fail(const char *what)
{
	printf("sg2iter: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	power_off();
}

static char *argument(const char *key)
{
	const char *at = strstr(command_line, key);

	if (!at)
		fail(key);
	at += strlen(key);
	return strndup(at, strcspn(at, " \n"));
}

static void write_all(int fd, const char *data, size_t length)
{
	while (length) {
		ssize_t n = write(fd, data, length);

		if (n <= 0)
			fail("results");
		data += n;
		length -= n;
	}
}

int main(int argc, char **argv)
{
	int fd, out, n;

	(void)argc;
	/* The kernel starts init a second time if it takes it for modprobe. */
	if (strstr(argv[0], "modprobe"))
		return 1;
	mkdir("/proc", 0755);
	if (mount("proc", "/proc", "proc", 0, NULL) && errno != EBUSY)
		fail("mounting /proc");
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd < 0 || read(fd, command_line, sizeof(command_line) - 1) < 0)
		fail("/proc/cmdline");
	close(fd);
	out = open(argument("sg2iter.out="), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (out < 0)
		fail("the file of results");
	write_all(out, "start\n", strlen("start\n"));
	klogctl(KLOG_CLEAR, NULL, 0);
	fd = open(argument("sg2iter.module="), O_RDONLY | O_CLOEXEC);
	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0))
		fail("loading the module");
	n = klogctl(KLOG_READ_ALL, messages, sizeof(messages));
	if (n < 0)
		fail("kernel messages");
	write_all(out, messages, n);
	write_all(out, "\ndone 1\n", strlen("\ndone 1\n"));
	fsync(out);
	power_off();
}
