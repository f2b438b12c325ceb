/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef SG2ITER_ITER_H
#define SG2ITER_ITER_H

#include <linux/uio.h>
#include <linux/xarray.h>

#include "oracle.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define HAVE_FOLIOQ
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define HAVE_EXTRACT
#endif

#define MAX_QUEUES	5
/* The largest byte count that a command may ask for. */
#define SCRATCH_SIZE	ARENA_SIZE

/* An iterator, what it stands on, and what was taken from it. */
struct subject {
	struct iov_iter iter;
	const void *base;	/* first element of a vector */
	size_t element;		/* its size */
	void *vector;
	unsigned long user;	/* address of the user copy of the arena */
	struct xarray pages;
#ifdef HAVE_FOLIOQ
	struct folio_queue *queue[MAX_QUEUES];
#endif
	size_t consumed;	/* what revert may give back */
	size_t hidden;		/* what truncate took away */
	u8 *scratch;
	unsigned int a, b;	/* arguments of the command */
};

/* iter-kinds.c */
int subject_init(struct subject *s);
void subject_collect(struct subject *s);
void subject_release(struct subject *s);

#endif
