// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iov_iter operations, with the state of the iterator after each of them:
 * [c<count> o<iov_offset> n<nr_segs> i<segments passed>].
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "iter.h"

#define MAX_GOT_PAGES	64
#define MAX_SG_ENTRIES	60

static void out_state(const struct subject *s)
{
	const struct iov_iter *iter = &s->iter;
	const void *at = s->base;

	if (iov_iter_is_bvec(iter))
		at = iter->bvec;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	else if (s->base)
		at = iter->__iov;
#else
	else if (s->base)
		at = iter->iov;
#endif
	out(" [c%zu o%zu n%lu i%zu]", iov_iter_count(iter), iter->iov_offset,
	    s->base ? (unsigned long)iter->nr_segs : 0,
	    s->base ? (size_t)(at - s->base) / s->element : 0);
}

static void cmd_advance(struct subject *s)
{
	iov_iter_advance(&s->iter, s->a);
}

/* Bounded: going back past the start is not defined for any kind. */
static void cmd_revert(struct subject *s)
{
	size_t n = min_t(size_t, s->a, s->consumed);

	out(" = %zu", n);
	iov_iter_revert(&s->iter, n);
	s->consumed -= n;
}

static void cmd_truncate(struct subject *s)
{
	size_t count = iov_iter_count(&s->iter);

	iov_iter_truncate(&s->iter, s->a);
	s->hidden += count - iov_iter_count(&s->iter);
}

/* Bounded: gives back at most what truncate has hidden. */
static void cmd_reexpand(struct subject *s)
{
	size_t n = min_t(size_t, s->a, s->hidden);

	out(" = %zu", n);
	iov_iter_reexpand(&s->iter, iov_iter_count(&s->iter) + n);
	s->hidden -= n;
}

static void cmd_npages(struct subject *s)
{
	out(" = %d", iov_iter_npages(&s->iter, s->a));
}

/* Only bits below a page: the rest depends on where the arena lies. */
static void cmd_alignment(struct subject *s)
{
	out(" = %lu", iov_iter_alignment(&s->iter) & ~PAGE_MASK);
}

static void cmd_gap(struct subject *s)
{
	if (iter_is_iovec(&s->iter))
		out(" = %lu", iov_iter_gap_alignment(&s->iter) & ~PAGE_MASK);
	else
		out(" = unsupported");
}

static void cmd_seg(struct subject *s)
{
	out(" = %zu", iov_iter_single_seg_count(&s->iter));
}

static void cmd_copyto(struct subject *s)
{
	size_t i;

	for (i = 0; i < s->a; i++)
		s->scratch[i] = i * 7 + s->b;
	out(" = %zu", copy_to_iter(s->scratch, s->a, &s->iter));
}

static void cmd_copyfrom(struct subject *s)
{
	size_t n;

	memset(s->scratch, POISON, s->a);
	n = copy_from_iter(s->scratch, s->a, &s->iter);
	out(" = %zu ", n);
	out_bytes(s->scratch, n);
}

static void cmd_copyfromfull(struct subject *s)
{
	bool ok;

	memset(s->scratch, POISON, s->a);
	ok = copy_from_iter_full(s->scratch, s->a, &s->iter);
	out(" = %d ", ok);
	out_bytes(s->scratch, ok ? s->a : 0);
}

static void cmd_zero(struct subject *s)
{
	out(" = %zu", iov_iter_zero(s->a, &s->iter));
}

/* The whole last page of the arena is the source of page copies. */
static void cmd_pageto(struct subject *s)
{
	u32 offset = min_t(u32, s->b, PAGE_SIZE - 1);

	out(" = %zu", copy_page_to_iter(arena_page(ARENA_PAGES - 1), offset,
					min_t(size_t, s->a, PAGE_SIZE - offset),
					&s->iter));
}

static void out_pages(struct page **pages, ssize_t bytes, size_t offset)
{
	ssize_t i, n = bytes > 0 ? DIV_ROUND_UP(offset + bytes, PAGE_SIZE) : 0;

	out(" off%zu pg", bytes > 0 ? offset : 0);
	for (i = 0; i < n; i++) {
		long index = backing_index(pages[i]);

		if (index >= 0)
			out("%c%ld", i ? ',' : ':', index);
		else
			out("%cu", i ? ',' : ':');
	}
}

static void cmd_getpages(struct subject *s)
{
	struct page *pages[MAX_GOT_PAGES];
	size_t offset = 0, i;
	ssize_t bytes = iov_iter_get_pages2(&s->iter, pages, s->a,
					    min_t(u32, s->b, MAX_GOT_PAGES),
					    &offset);

	out(" = %zd", bytes);
	out_pages(pages, bytes, offset);
	for (i = 0; bytes > 0 && i < DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
	     i++)
		put_page(pages[i]);
}

#ifdef HAVE_EXTRACT
static void cmd_extract(struct subject *s)
{
	struct page *pages[MAX_GOT_PAGES], **array = pages;
	bool pins = iov_iter_extract_will_pin(&s->iter);
	size_t offset = 0, i;
	ssize_t bytes = iov_iter_extract_pages(&s->iter, &array, s->a,
					       min_t(u32, s->b, MAX_GOT_PAGES),
					       0, &offset);

	out(" = %zd", bytes);
	if (!pins) {
		out_pages(pages, bytes, offset);
		return;
	}
	out(" off%zu pinned", bytes > 0 ? offset : 0);
	for (i = 0; bytes > 0 && i < DIV_ROUND_UP(offset + bytes, PAGE_SIZE);
	     i++)
		unpin_user_page(pages[i]);
}

static void cmd_tosg(struct subject *s)
{
	bool pins = iov_iter_extract_will_pin(&s->iter);
	struct sg_table table = {};
	unsigned int i;
	ssize_t bytes;

	table.sgl = kcalloc(MAX_SG_ENTRIES + 4, sizeof(*table.sgl),
			    GFP_KERNEL);
	if (!table.sgl) {
		out(" = nomem");
		return;
	}
	sg_init_table(table.sgl, MAX_SG_ENTRIES + 4);
	bytes = extract_iter_to_sg(&s->iter, s->a, &table,
				   min_t(u32, s->b, MAX_SG_ENTRIES), 0);
	out(" = %zd nents%u", bytes, table.nents);
	for (i = 0; i < table.nents; i++) {
		struct scatterlist *sg = table.sgl + i;

		if (pins)
			out(" p+%u:%u", sg->offset, sg->length);
		else
			out(" %ld+%u:%u", backing_index(sg_page(sg)),
			    sg->offset, sg->length);
		if (pins)
			unpin_user_page(sg_page(sg));
	}
	kfree(table.sgl);
}
#endif

static const struct {
	const char *name;
	void (*run)(struct subject *s);
} commands[] = {
	{ "advance", cmd_advance },
	{ "revert", cmd_revert },
	{ "truncate", cmd_truncate },
	{ "reexpand", cmd_reexpand },
	{ "npages", cmd_npages },
	{ "alignment", cmd_alignment },
	{ "gap", cmd_gap },
	{ "seg", cmd_seg },
	{ "copyto", cmd_copyto },
	{ "copyfrom", cmd_copyfrom },
	{ "copyfromfull", cmd_copyfromfull },
	{ "zero", cmd_zero },
	{ "pageto", cmd_pageto },
	{ "getpages", cmd_getpages },
#ifdef HAVE_EXTRACT
	{ "extract", cmd_extract },
	{ "tosg", cmd_tosg },
#endif
};

static void run_command(struct subject *s, const char *text)
{
	bool resizes = !strncmp(text, "truncate", 8) ||
		!strncmp(text, "re", 2);
	size_t before = iov_iter_count(&s->iter), after;
	char name[24] = "";
	unsigned int i;

	s->a = 0;
	s->b = 0;
	if (sscanf(text, "%23s %u %u", name, &s->a, &s->b) < 1)
		return;
	s->a = min_t(unsigned int, s->a, SCRATCH_SIZE);
	out("t %s", text);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			break;
	if (i < ARRAY_SIZE(commands))
		commands[i].run(s);
	else
		out(" = unsupported");
	after = iov_iter_count(&s->iter);
	if (!resizes)
		s->consumed = after <= before ? s->consumed + before - after :
			0;
	out_state(s);
	out("\n");
}

void run_iter(void)
{
	struct subject *s = kzalloc(sizeof(*s), GFP_KERNEL);
	unsigned int i;
	int err = s ? subject_init(s) : -ENOMEM;

	if (err) {
		out_stage("iter", err);
		goto release;
	}
	if (spec->length) {
		s->a = spec->length;
		cmd_truncate(s);
	}
	out("t init");
	out_state(s);
	out("\n");
	for (i = 0; i < spec->nr_commands; i++) {
		if (out_reserve(PAGE_SIZE))
			break;
		run_command(s, spec->command[i]);
	}
	subject_collect(s);
	arena_report("out", &spec->src);
release:
	if (s)
		subject_release(s);
	kfree(s);
}
