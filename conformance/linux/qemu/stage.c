// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * First process of a kernel in QEMU, from its initramfs: loads what a 9P file
 * system needs, makes that of the host the root, and becomes the init that a
 * user-mode kernel has at once.
 *
 * /modules names the modules in their order, a line each, with parameters behind
 * a blank; one behind a "?" may refuse this machine. sg2iter.init=FILE on the
 * command line is a program of the host.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOST "/host"
#define OPTIONS "trans=virtio,version=9p2000.L,msize=512000,cache=none"

static _Noreturn void fail(const char *what)
{
	printf("sg2iter: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

static void load(char *line)
{
	char *file = line + (*line == '?');
	char *parameters = file + strcspn(file, " ");
	int fd;

	if (*parameters)
		*parameters++ = 0;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		fail(file);
	if (syscall(SYS_finit_module, fd, parameters, 0) && errno != EEXIST && file == line)
		fail(file);
	close(fd);
}

static void load_all(void)
{
	FILE *list = fopen("/modules", "r");
	char line[256];

	if (!list)
		fail("/modules");
	while (fgets(line, sizeof(line), list)) {
		line[strcspn(line, "\n")] = 0;
		load(line);
	}
	fclose(list);
}

/* The program of sg2iter.init=, cut out of the command line. */
static char *init_program(char *line, size_t size)
{
	static const char key[] = "sg2iter.init=";
	int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, line, size - 1);
	char *at;

	if (n < 0)
		fail("/proc/cmdline");
	close(fd);
	line[n] = 0;
	at = strstr(line, key);
	if (!at)
		fail("sg2iter.init");
	at += strlen(key);
	at[strcspn(at, " \n")] = 0;
	return at;
}

int main(void)
{
	static char line[8192];
	char *program;

	mkdir("/proc", 0755);
	mkdir(HOST, 0755);
	if (mount("proc", "/proc", "proc", 0, NULL))
		fail("mounting /proc");
	program = init_program(line, sizeof(line));
	load_all();
	if (mount("host", HOST, "9p", 0, OPTIONS))
		fail("the file system of the host");
	if (chroot(HOST) || chdir("/"))
		fail("chroot");
	execl(program, program, (char *)NULL);
	fail(program);
}
