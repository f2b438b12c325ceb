/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A walk: an iterator over segments of a file in memory, and what is done with
 * it, step by step, with the answer to each; sg2iter_walks.h has them.
 */
#ifndef SG2ITER_ITERATORS_H
#define SG2ITER_ITERATORS_H

#include "sg2iter_kunit.h"

#define SG2ITER_MAX_PAGES	16
#define SG2ITER_MAX_STEPS	64
/* More than a file has: no call is asked for more bytes. */
#define SG2ITER_MOST		(17 * 4096)

enum sg2iter_type {
	SG2ITER_KVEC, SG2ITER_BVEC, SG2ITER_IOVEC, SG2ITER_UBUF,
	SG2ITER_XARRAY, SG2ITER_FOLIOQ, SG2ITER_DISCARD,
};

enum sg2iter_op {
	SG2ITER_ADVANCE, SG2ITER_REVERT, SG2ITER_TRUNCATE, SG2ITER_REEXPAND,
	SG2ITER_DUP, SG2ITER_CLONE, SG2ITER_COPY, SG2ITER_COPY_FULL,
	SG2ITER_COPY_PAGE, SG2ITER_ZERO, SG2ITER_EXTRACT, SG2ITER_GET_PAGES,
	SG2ITER_NPAGES, SG2ITER_ALIGNMENT, SG2ITER_GAP, SG2ITER_SINGLE,
	SG2ITER_STEP,
};

struct sg2iter_step {
	enum sg2iter_op op;
	u32 a, b;
	/* What it answers, and the bytes that are left behind it. */
	s64 want;
	u32 left;
	/* Of the bytes that it reads. */
	u64 digest;
	/* Numbers of the pages that it gives, and where the first begins. */
	const u8 *page;
	u32 nr_pages, offset;
	/* How many of the next bytes can be read, and they. */
	u32 ahead;
	u64 ahead_digest;
};

struct sg2iter_walk {
	const char *name;
	enum sg2iter_type type;
	bool source;
	/* Pages of the file, the number of the first, and what fills them. */
	u32 pages;
	u64 first;
	u64 seed;
	/* The page that a process lacks; -1: none. */
	int hole;
	/* Slots of a queue of folios in front of the data. */
	u32 before;
	const struct sg2iter_entry *segment;
	unsigned int nr_segments;
	const struct sg2iter_step *step;
	unsigned int nr_steps;
	/* Of the file in the end, without the hole. */
	u64 digest;
};

#endif
