// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The second opinion without a module: the same text cases through AF_ALG.
 *
 * What user space can ask for is less than a case says. The source is copied
 * into whole pages by the kernel, so its layout is lost; the destination
 * layout is kept. In place, chained tables, IV alignment, request flags, IV
 * out, walk steps and iterators do not exist here, and those cases are
 * answered with "skip REASON".
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/if_alg.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "guest.h"

#define PAGE 4096u
#define ARENA_SIZE (32 * PAGE)
#define MAX_SEGMENTS 128
#define MAX_BYTES 256
#define MAX_DIGEST 64
#define TIMEOUT_S 3
#ifndef SOL_ALG
#define SOL_ALG 279
#endif

struct segments {
	int count;
	struct iovec part[MAX_SEGMENTS];
};

struct request {
	char id[80], op[14], alg[64];
	unsigned char key[MAX_BYTES], iv[MAX_BYTES];
	int key_length, iv_length;
	int encrypt, in_place, has_auth, bad;
	unsigned int length, assoc, auth, seed, pages;
	const char *skip;
	struct segments src, dst;
};

static unsigned char arena[ARENA_SIZE] __attribute__((aligned(4096)));
static struct request request;

static int from_hex(const char *text, unsigned char *bytes, size_t max)
{
	size_t i, n = strlen(text) / 2;

	if (strlen(text) % 2 || n > max)
		return -1;
	for (i = 0; i < n; i++) {
		unsigned int byte;

		if (sscanf(text + 2 * i, "%2x", &byte) != 1)
			return -1;
		bytes[i] = byte;
	}
	return n;
}

static void say_hex(int results, const char *key, const struct segments *list)
{
	static const char digits[] = "0123456789abcdef";
	static char text[2 * ARENA_SIZE + 1];
	size_t n = 0, i;
	int k;

	for (k = 0; k < list->count; k++) {
		const unsigned char *p = list->part[k].iov_base;

		for (i = 0; i < list->part[k].iov_len; i++) {
			if (n + 2 >= sizeof(text))
				fail("answer too long");
			text[n++] = digits[p[i] >> 4];
			text[n++] = digits[p[i] & 15];
		}
	}
	say(results, "%s ", key);
	write_all(results, text, n);
	say(results, "\n");
}

static void fill_arena(void)
{
	uint32_t x = request.seed * 2654435761u + 12345;
	size_t i;

	for (i = 0; i < request.pages * PAGE; i++) {
		x = x * 1664525u + 1013904223u;
		arena[i] = x >> 24;
	}
}

static void put_bytes(const char *value)
{
	unsigned char bytes[PAGE];
	unsigned int offset;
	char *hex;
	int n;

	offset = strtoul(value, &hex, 10);
	n = *hex == ' ' ? from_hex(hex + 1, bytes, sizeof(bytes)) : -1;
	if (n < 0 || offset + n > ARENA_SIZE)
		request.bad = 1;
	else
		memcpy(arena + offset, bytes, n);
}

static void parse_segments(char *text, struct segments *list)
{
	char *word;

	list->count = 0;
	for (word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		unsigned int page, offset, length;

		if (!strcmp(word, "|"))
			continue;
		if (!strcmp(word, "!")) {
			request.skip = "end mark";
			continue;
		}
		if (sscanf(word, "%u+%u:%u", &page, &offset, &length) != 3 ||
		    list->count == MAX_SEGMENTS ||
		    page * PAGE + offset + length > ARENA_SIZE) {
			request.bad = 1;
			return;
		}
		list->part[list->count].iov_base =
			arena + page * PAGE + offset;
		list->part[list->count].iov_len = length;
		list->count++;
	}
}

static void parse_line(char *line)
{
	char *value = strchr(line, ' ');

	if (value)
		*value++ = 0;
	else
		value = line + strlen(line);
	if (!strcmp(line, "op"))
		snprintf(request.op, sizeof(request.op), "%s", value);
	else if (!strcmp(line, "alg"))
		snprintf(request.alg, sizeof(request.alg), "%s", value);
	else if (!strcmp(line, "key"))
		request.key_length = from_hex(value, request.key, MAX_BYTES);
	else if (!strcmp(line, "iv"))
		request.iv_length = from_hex(value, request.iv, MAX_BYTES);
	else if (!strcmp(line, "dir"))
		request.encrypt = *value != 'd';
	else if (!strcmp(line, "len"))
		request.length = strtoul(value, NULL, 10);
	else if (!strcmp(line, "assoc"))
		request.assoc = strtoul(value, NULL, 10);
	else if (!strcmp(line, "auth"))
		request.has_auth = 1, request.auth = strtoul(value, NULL, 10);
	else if (!strcmp(line, "src"))
		parse_segments(value, &request.src);
	else if (!strcmp(line, "dst") && *value == '=')
		request.in_place = 1;
	else if (!strcmp(line, "dst"))
		parse_segments(value, &request.dst);
	else if (!strcmp(line, "walk"))
		request.skip = "walk";
	else if (!strcmp(line, "async"))
		request.skip = "async";
	else if (!strcmp(line, "finish"))
		request.skip = "parts";
}

/* Shortens a list to a number of bytes; 0 if the list has fewer. */
static int cut(struct segments *list, size_t bytes)
{
	int k;

	for (k = 0; k < list->count; k++) {
		if (list->part[k].iov_len >= bytes) {
			list->part[k].iov_len = bytes;
			list->count = k + 1;
			return 1;
		}
		bytes -= list->part[k].iov_len;
	}
	return !bytes;
}

static int open_algorithm(int results)
{
	struct sockaddr_alg address = { .salg_family = AF_ALG };
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);
	const char *stage = "alloc";

	if (fd < 0)
		fail("AF_ALG");
	snprintf((char *)address.salg_type, sizeof(address.salg_type), "%s",
		 request.op);
	snprintf((char *)address.salg_name, sizeof(address.salg_name), "%s",
		 request.alg);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)))
		goto refused;
	stage = "setkey";
	if (request.key_length &&
	    setsockopt(fd, SOL_ALG, ALG_SET_KEY, request.key,
		       request.key_length))
		goto refused;
	stage = "setauthsize";
	if (request.has_auth &&
	    setsockopt(fd, SOL_ALG, ALG_SET_AEAD_AUTHSIZE, NULL, request.auth))
		goto refused;
	return fd;
refused:
	say(results, "stage %s\nerr %d\n", stage, -errno);
	close(fd);
	return -1;
}

static void add_control(struct msghdr *message, struct cmsghdr **at, int type,
			const void *data, size_t length)
{
	struct cmsghdr *header = *at;

	header->cmsg_level = SOL_ALG;
	header->cmsg_type = type;
	header->cmsg_len = CMSG_LEN(length);
	memcpy(CMSG_DATA(header), data, length);
	message->msg_controllen += CMSG_SPACE(length);
	*at = (struct cmsghdr *)((char *)header + CMSG_SPACE(length));
}

static ssize_t send_source(int fd)
{
	static char control[1024] __attribute__((aligned(16)));
	static char iv[MAX_BYTES + 4];
	struct msghdr message = {
		.msg_iov = request.src.part,
		.msg_iovlen = request.src.count,
	};
	struct cmsghdr *at = (struct cmsghdr *)control;
	uint32_t number = request.encrypt ? ALG_OP_ENCRYPT : ALG_OP_DECRYPT;

	if (strcmp(request.op, "hash")) {
		memset(control, 0, sizeof(control));
		message.msg_control = control;
		add_control(&message, &at, ALG_SET_OP, &number, 4);
		number = request.iv_length;
		memcpy(iv, &number, 4);
		memcpy(iv + 4, request.iv, request.iv_length);
		if (request.iv_length)
			add_control(&message, &at, ALG_SET_IV, iv,
				    4 + request.iv_length);
		if (!strcmp(request.op, "aead"))
			add_control(&message, &at, ALG_SET_AEAD_ASSOCLEN,
				    &request.assoc, 4);
	}
	return sendmsg(fd, &message, 0);
}

static void receive(int results, int fd)
{
	unsigned char digest[MAX_DIGEST];
	struct segments whole = { .count = 1 };
	struct msghdr message = {
		.msg_iov = request.dst.part,
		.msg_iovlen = request.dst.count,
	};
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	ssize_t n;

	/*
	 * An operation that never ends must not stop the run. Hash sockets
	 * cannot be polled, and do not wait.
	 */
	if (strcmp(request.op, "hash") && poll(&ready, 1, TIMEOUT_S * 1000) == 0) {
		say(results, "skip no answer in %d s\n", TIMEOUT_S);
		return;
	}
	if (!strcmp(request.op, "hash")) {
		n = recv(fd, digest, sizeof(digest), 0);
		whole.part[0].iov_base = digest;
		whole.part[0].iov_len = n < 0 ? 0 : n;
		say(results, "stage hash\nerr %d\n", n < 0 ? -errno : 0);
		if (n >= 0)
			say_hex(results, "digest", &whole);
		return;
	}
	n = recvmsg(fd, &message, 0);
	say(results, "stage crypt\nerr %d\n", n < 0 ? -errno : 0);
	say_hex(results, "out", &request.dst);
}

/* Text and destination as AF_ALG wants them, or the reason why not. */
static const char *fit_request(void)
{
	int aead = !strcmp(request.op, "aead");
	size_t in = request.length + (aead ? request.assoc : 0);
	size_t out = in;

	if (request.skip)
		return request.skip;
	if (!strcmp(request.op, "iter") || !strcmp(request.op, "sg"))
		return "op";
	if (request.in_place)
		return "in place";
	if (aead && !request.has_auth)
		return "no tag size";
	if (aead && !request.encrypt && request.length < request.auth)
		return "shorter than the tag";
	if (aead)
		out += request.encrypt ? request.auth : -(size_t)request.auth;
	if (!cut(&request.src, in))
		return "short source";
	if (!strcmp(request.op, "hash"))
		return NULL;
	if (!cut(&request.dst, out))
		return "short destination";
	/* recvmsg() of nothing answers 0 and does not run the cipher. */
	return out ? NULL : "empty destination";
}

static void run_request(int results)
{
	const char *why = request.bad ? "bad case" : fit_request();
	int algorithm, fd;

	if (why) {
		say(results, "skip %s\n", why);
		return;
	}
	algorithm = open_algorithm(results);
	if (algorithm < 0)
		return;
	fd = accept(algorithm, NULL, NULL);
	if (fd < 0)
		say(results, "stage request\nerr %d\n", -errno);
	else if (send_source(fd) < 0)
		say(results, "stage crypt\nerr %d\n", -errno);
	else
		receive(results, fd);
	if (fd >= 0)
		close(fd);
	close(algorithm);
}

static void answer_case(int results, char *text)
{
	char *line, *next, *puts[16];
	int i, n = 0;

	memset(&request, 0, sizeof(request));
	request.encrypt = 1;
	request.pages = 4;
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (!strncmp(line, "case ", 5))
			snprintf(request.id, sizeof(request.id), "%s", line + 5);
		else if (!strncmp(line, "seed ", 5))
			request.seed = strtoul(line + 5, NULL, 10);
		else if (!strncmp(line, "pages ", 6))
			request.pages = strtoul(line + 6, NULL, 10);
		else if (!strncmp(line, "put ", 4) && n < 16)
			puts[n++] = line + 4;
		else
			parse_line(line);
	}
	if (request.pages > ARENA_SIZE / PAGE)
		request.bad = 1;
	else
		fill_arena();
	for (i = 0; i < n; i++)
		put_bytes(puts[i]);
	say(results, "case %s\n", request.id);
	run_request(results);
	say(results, "end\n");
}

void afalg_answer(int results, const char *cases, size_t length)
{
	char *text = strndup(cases, length), *at = text, *end;

	if (!text)
		fail("memory");
	while ((end = strstr(at, "\nend\n"))) {
		*end = 0;
		answer_case(results, at);
		at = end + strlen("\nend\n");
	}
	free(text);
}
