/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef SG2ITER_GUEST_H
#define SG2ITER_GUEST_H

#include <stddef.h>

/* How much of an answer is read at a time. */
#define ANSWER_SIZE (1u << 20)

/* Answers one text of whole cases into the results file. */
typedef void answer_fn(int results, const char *cases, size_t length);

void write_all(int fd, const char *data, size_t length);
void say(int fd, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
_Noreturn void fail(const char *what);

/* afalg.c */
void afalg_answer(int results, const char *cases, size_t length);

#endif
