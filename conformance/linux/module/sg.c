// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The helpers of lib/scatterlist.c and crypto/scatterwalk.c on one list.
 */
#include <crypto/scatterwalk.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oracle.h"

#define MAX_SHOWN	200

struct lists {
	struct scatterlist *src, *dst;
	u8 *scratch;
	unsigned int a, b;
};

static void out_entry(struct scatterlist *sg)
{
	out(" %ld+%u:%u", backing_index(sg_page(sg)), sg->offset,
	    sg->length);
}

static void out_list(struct scatterlist *sg)
{
	int n;

	out(" =");
	for (n = 0; sg && n < MAX_SHOWN; n++, sg = sg_next(sg))
		out_entry(sg);
}

static void cmd_nents(struct lists *l)
{
	out(" = %d", sg_nents(l->src));
}

static void cmd_nents_for_len(struct lists *l)
{
	out(" = %d", sg_nents_for_len(l->src, l->a));
}

static void cmd_list(struct lists *l)
{
	out_list(l->src);
}

static void cmd_last(struct lists *l)
{
	out(" =");
	out_entry(sg_last(l->src, sg_nents(l->src)));
}

/* skip, length */
static void cmd_pcopy_to(struct lists *l)
{
	size_t n = sg_pcopy_to_buffer(l->src, sg_nents(l->src), l->scratch,
				      l->b, l->a);

	out(" = %zu ", n);
	out_bytes(l->scratch, n);
}

static void cmd_pcopy_from(struct lists *l)
{
	size_t i;

	for (i = 0; i < l->b; i++)
		l->scratch[i] = i * 7;
	out(" = %zu", sg_pcopy_from_buffer(l->src, sg_nents(l->src),
					   l->scratch, l->b, l->a));
}

static void cmd_zero(struct lists *l)
{
	out(" = %zu", sg_zero_buffer(l->src, sg_nents(l->src), l->b, l->a));
}

static void cmd_ffwd(struct lists *l)
{
	struct scatterlist rest[2];

	out_list(scatterwalk_ffwd(rest, l->src, l->a));
}

/* start, length */
static void cmd_map_and_copy_from(struct lists *l)
{
	memset(l->scratch, POISON, l->b);
	scatterwalk_map_and_copy(l->scratch, l->src, l->a, l->b, 0);
	out(" = ");
	out_bytes(l->scratch, l->b);
}

static void cmd_map_and_copy_to(struct lists *l)
{
	size_t i;

	for (i = 0; i < l->b; i++)
		l->scratch[i] = i * 11;
	scatterwalk_map_and_copy(l->scratch, l->src, l->a, l->b, 1);
}

/* skip, bytes consumed of each step (0: all) */
static void cmd_miter(struct lists *l)
{
	struct sg_mapping_iter miter;
	int n = 0;

	sg_miter_start(&miter, l->src, sg_nents(l->src),
		       SG_MITER_ATOMIC | SG_MITER_FROM_SG);
	if (l->a)
		out(" skip%d", sg_miter_skip(&miter, l->a));
	out(" =");
	while (n++ < MAX_SHOWN && sg_miter_next(&miter)) {
		out_location(" ", miter.addr);
		out(":%zu", miter.length);
		if (l->b && miter.length > l->b)
			miter.consumed = l->b;
	}
	sg_miter_stop(&miter);
}

/* first page */
static void cmd_pages(struct lists *l)
{
	struct sg_page_iter pages;
	int n = 0;

	out(" =");
	for_each_sg_page(l->src, &pages, sg_nents(l->src), l->a) {
		if (n++ == MAX_SHOWN)
			break;
		out(" %ld", backing_index(sg_page_iter_page(&pages)));
	}
}

/* entries: what sg_alloc_table() builds, 0 means -EINVAL */
static void cmd_alloc_table(struct lists *l)
{
	unsigned int i, n = 0;
	struct sg_table table = {};
	int err = sg_alloc_table(&table, l->a, GFP_KERNEL);
	struct scatterlist *sg;

	out(" = %d", err);
	if (err)
		return;
	for (i = 0, sg = table.sgl; sg; sg = sg_next(sg), i++)
		if (sg_is_last(sg))
			n = i + 1;
	out(" nents%u orig%u last%u", table.nents, table.orig_nents, n);
	sg_free_table(&table);
}

/* offset, size: a table over the pages of the source segments, in order */
static void cmd_from_pages(struct lists *l)
{
	unsigned int i, n = spec->src.nr_segments;
	struct page **pages = kcalloc(n, sizeof(*pages), GFP_KERNEL);
	struct sg_table table = {};
	int err;

	if (!pages) {
		out(" = nomem");
		return;
	}
	for (i = 0; i < n; i++)
		pages[i] = backing_page(spec->src.segment[i].page);
	/* The caller's contract, which the function does not check. */
	if (l->a >= PAGE_SIZE || !l->b || l->a + l->b > n * PAGE_SIZE)
		err = -ERANGE;
	else
		err = sg_alloc_table_from_pages(&table, pages,
			DIV_ROUND_UP(l->a + l->b, PAGE_SIZE), l->a, l->b,
			GFP_KERNEL);
	out(" = %d", err);
	if (!err) {
		out_list(table.sgl);
		sg_free_table(&table);
	}
	kfree(pages);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
static void cmd_memcpy_sglist(struct lists *l)
{
	if (l->dst)
		memcpy_sglist(l->dst, l->src, l->a);
	else
		out(" = unsupported");
}
#endif

static const struct {
	const char *name;
	void (*run)(struct lists *l);
} commands[] = {
	{ "nents", cmd_nents },
	{ "nents_for_len", cmd_nents_for_len },
	{ "list", cmd_list },
	{ "last", cmd_last },
	{ "pcopy_to", cmd_pcopy_to },
	{ "pcopy_from", cmd_pcopy_from },
	{ "zero", cmd_zero },
	{ "ffwd", cmd_ffwd },
	{ "map_and_copy_from", cmd_map_and_copy_from },
	{ "map_and_copy_to", cmd_map_and_copy_to },
	{ "miter", cmd_miter },
	{ "pages", cmd_pages },
	{ "alloc_table", cmd_alloc_table },
	{ "from_pages", cmd_from_pages },
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	{ "memcpy_sglist", cmd_memcpy_sglist },
#endif
};

static void run_command(struct lists *l, const char *text)
{
	char name[24] = "";
	unsigned int i;

	l->a = 0;
	l->b = 0;
	if (sscanf(text, "%23s %u %u", name, &l->a, &l->b) < 1)
		return;
	l->a = min_t(unsigned int, l->a, ARENA_SIZE);
	l->b = min_t(unsigned int, l->b, ARENA_SIZE);
	out("t %s", text);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			break;
	if (i < ARRAY_SIZE(commands))
		commands[i].run(l);
	else
		out(" = unsupported");
	out("\n");
}

void run_sg(void)
{
	struct lists lists = {
		.src = layout_build(&spec->src),
		.dst = layout_build(&spec->dst),
		.scratch = vmalloc(ARENA_SIZE),
	};
	unsigned int i;

	if (IS_ERR_OR_NULL(lists.src) || IS_ERR(lists.dst) || !lists.scratch) {
		out_stage("list", lists.src ? -ENOMEM : -EINVAL);
		goto release;
	}
	for (i = 0; i < spec->nr_commands; i++) {
		if (out_reserve(4 * PAGE_SIZE))
			break;
		run_command(&lists, spec->command[i]);
	}
	arena_report("out", lists.dst ? &spec->dst : &spec->src);
release:
	vfree(lists.scratch);
	layout_free(&spec->src);
	layout_free(&spec->dst);
}
