/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The memory of one request. All of it belongs to the test, and goes with it.
 */
#ifndef SG2ITER_WORLD_H
#define SG2ITER_WORLD_H

#include "sg2iter_kunit.h"

struct kunit;
struct scatterlist;

#define SG2ITER_MAX_DIGEST	64

struct sg2iter_world {
	struct kunit *test;
	const struct sg2iter_case *c;
	/* In front of what is said about it: "request 2: ", or nothing. */
	char who[16];
	u8 *region[SG2ITER_MAX_REGIONS];
	u8 *before[SG2ITER_MAX_REGIONS];
	/* One and the same in place. */
	struct scatterlist *src, *dst;
	struct scatterlist *src_copy, *dst_copy;
	unsigned int src_slots, dst_slots;
	u8 *key, *iv, *digest;
};

/* Zeroes; ends the test where there are none. */
u8 *sg2iter_take(struct kunit *test, size_t len);
void sg2iter_put_bytes(u8 *at, const struct sg2iter_bytes *bytes);
u8 *sg2iter_bytes_of(struct kunit *test, const struct sg2iter_bytes *bytes);

/* Regions, key, IV and lists of w->c. */
void sg2iter_build(struct sg2iter_world *w);
/* Where the result goes. */
const struct sg2iter_list *sg2iter_target(const struct sg2iter_case *c);
/* Bytes of a list from its byte `skip` on, to a buffer or from it. */
void sg2iter_copy_list(struct sg2iter_world *w, const struct sg2iter_list *list,
		       size_t skip, u8 *buffer, size_t len, bool to_list);

/* Nothing but the target may change behind this. */
void sg2iter_snapshot(struct sg2iter_world *w);
void sg2iter_check_memory(struct sg2iter_world *w);
u64 sg2iter_output_digest(struct sg2iter_world *w, size_t skip, size_t len);

#endif
