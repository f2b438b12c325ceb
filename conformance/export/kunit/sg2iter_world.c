// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of one request: regions of pages, lists of entries in them, and
 * whether anything changed that must not.
 */
#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sg2iter_world.h"

u8 *sg2iter_take(struct kunit *test, size_t len)
{
	u8 *at = kunit_kzalloc(test, len ? len : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, at);
	return at;
}

void sg2iter_put_bytes(u8 *at, const struct sg2iter_bytes *bytes)
{
	if (bytes->raw)
		memcpy(at, bytes->raw, bytes->len);
	else
		fill_seeded(at, bytes->len, bytes->seed);
}

u8 *sg2iter_bytes_of(struct kunit *test, const struct sg2iter_bytes *bytes)
{
	u8 *at = sg2iter_take(test, bytes->len);

	sg2iter_put_bytes(at, bytes);
	return at;
}

/* Copies between a buffer and a list, entry by entry, without a walk. */
void sg2iter_copy_list(struct sg2iter_world *w, const struct sg2iter_list *list,
		       size_t skip, u8 *buffer, size_t len, bool to_list)
{
	unsigned int i;

	for (i = 0; i < list->nr && len; i++) {
		const struct sg2iter_entry *e = &list->entry[i];
		size_t part;
		u8 *at;

		if (skip >= e->length) {
			skip -= e->length;
			continue;
		}
		part = min_t(size_t, e->length - skip, len);
		at = w->region[e->region] + e->offset + skip;
		if (to_list)
			memcpy(at, buffer, part);
		else
			memcpy(buffer, at, part);
		buffer += part;
		len -= part;
		skip = 0;
	}
	KUNIT_ASSERT_EQ(w->test, len, (size_t)0);
}

/* Tables of `chain` entries, each with a link to the next; 0: one table. */
static struct scatterlist *build_list(struct sg2iter_world *w,
				      const struct sg2iter_list *list,
				      unsigned int chain, unsigned int *slots)
{
	unsigned int per = chain && chain < list->nr ? chain : list->nr;
	unsigned int tables = list->nr ? DIV_ROUND_UP(list->nr, per) : 0;
	struct scatterlist *sg, *table, *previous = NULL;
	unsigned int t, i;

	if (!list->nr)
		return NULL;
	*slots = list->nr + tables;
	sg = (struct scatterlist *)sg2iter_take(w->test, *slots * sizeof(*sg));
	for (t = 0; t < tables; t++) {
		unsigned int from = t * per;
		unsigned int n = min(per, list->nr - from);
		bool last = t == tables - 1;

		table = sg + t * (per + 1);
		sg_init_table(table, last ? n : n + 1);
		for (i = 0; i < n; i++) {
			const struct sg2iter_entry *e = &list->entry[from + i];

			sg_set_buf(table + i, w->region[e->region] + e->offset,
				   e->length);
		}
		if (previous)
			sg_chain(previous, per + 1, table);
		previous = table;
	}
	return sg;
}

void sg2iter_build(struct sg2iter_world *w)
{
	const struct sg2iter_case *c = w->c;
	unsigned int i;

	for (i = 0; i < c->nr_regions; i++) {
		/* A power of two of pages begins at a page. */
		size_t size = roundup_pow_of_two(c->region[i]) * PAGE_SIZE;

		w->region[i] = sg2iter_take(w->test, size);
		fill_seeded(w->region[i], c->region[i] * PAGE_SIZE,
			    c->seed + i + 1);
		w->before[i] = sg2iter_take(w->test, c->region[i] * PAGE_SIZE);
	}
	w->key = sg2iter_bytes_of(w->test, &c->key);
	w->iv = sg2iter_bytes_of(w->test, &c->iv);
	w->digest = sg2iter_take(w->test, SG2ITER_MAX_DIGEST);
	w->src = build_list(w, &c->src, c->chain, &w->src_slots);
	w->dst = w->src;
	if (c->dst.nr && c->place != SG2ITER_SAME)
		w->dst = build_list(w, &c->dst, c->chain, &w->dst_slots);
}

static struct scatterlist *copy_of(struct sg2iter_world *w,
				   struct scatterlist *sg, unsigned int slots)
{
	struct scatterlist *copy = (struct scatterlist *)
		sg2iter_take(w->test, slots * sizeof(*sg));

	memcpy(copy, sg, slots * sizeof(*sg));
	return copy;
}

/* What changes from here on is the work of the operation. */
void sg2iter_snapshot(struct sg2iter_world *w)
{
	unsigned int i;

	for (i = 0; i < w->c->nr_regions; i++)
		memcpy(w->before[i], w->region[i],
		       w->c->region[i] * PAGE_SIZE);
	w->src_copy = copy_of(w, w->src, w->src_slots);
	if (w->dst != w->src)
		w->dst_copy = copy_of(w, w->dst, w->dst_slots);
}

const struct sg2iter_list *sg2iter_target(const struct sg2iter_case *c)
{
	return c->place == SG2ITER_SAME ? &c->src : &c->dst;
}

/* May the operation write there? */
static bool is_target(const struct sg2iter_case *c, unsigned int region,
		      size_t offset)
{
	const struct sg2iter_list *list = sg2iter_target(c);
	size_t position = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct sg2iter_entry *e = &list->entry[i];

		if (e->region == region && offset >= e->offset &&
		    offset < e->offset + e->length &&
		    position + offset - e->offset < c->room)
			return true;
		position += e->length;
	}
	return false;
}

void sg2iter_check_memory(struct sg2iter_world *w)
{
	const struct sg2iter_case *c = w->c;
	unsigned int i;

	for (i = 0; i < c->nr_regions; i++) {
		size_t at, size = c->region[i] * PAGE_SIZE;

		for (at = 0; at < size; at++) {
			if (w->region[i][at] == w->before[i][at] ||
			    is_target(c, i, at))
				continue;
			KUNIT_FAIL(w->test,
				   "%sbyte %zu of region %u was written",
				   w->who, at, i);
			break;
		}
	}
	KUNIT_EXPECT_EQ_MSG(w->test, 0,
			    memcmp(w->src, w->src_copy,
				   w->src_slots * sizeof(*w->src)),
			    "%san entry of the source was changed", w->who);
	if (w->dst != w->src)
		KUNIT_EXPECT_EQ_MSG(w->test, 0,
				    memcmp(w->dst, w->dst_copy,
					   w->dst_slots * sizeof(*w->dst)),
				    "%san entry of the destination was changed",
				    w->who);
}

u64 sg2iter_output_digest(struct sg2iter_world *w, size_t skip, size_t len)
{
	u8 *output = sg2iter_take(w->test, len);

	sg2iter_copy_list(w, sg2iter_target(w->c), skip, output, len, false);
	return digest_of(output, len);
}
