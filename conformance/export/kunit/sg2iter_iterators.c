// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs the walks of sg2iter_walks.h on the iov_iter of this kernel.
 *
 * Verified behind each step: what it answers, how many bytes are left, the
 * bytes that were read, which pages were given, and the bytes that come next;
 * in the end every byte of the file. Not verified: pages of user memory by
 * their identity. The file is pages of one folio each; a process has a copy.
 */
#include <kunit/test.h>
#include <linux/bvec.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <linux/xarray.h>

#include "sg2iter_iterators.h"
#include "sg2iter_walks.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define HAVE_EXTRACT
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#include <linux/iov_iter.h>
#define HAVE_STEP
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define HAVE_USER
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/folio_queue.h>
#define HAVE_FOLIOQ
#endif

#define MAX_QUEUES	2
#define GOT_PAGES	(SG2ITER_MAX_PAGES + 1)

/* One walk in memory. */
struct place {
	struct kunit *test;
	const struct sg2iter_walk *w;
	struct iov_iter iter;
	u8 *file;
	unsigned long user;
	void *vector;
	u8 *buffer;
	struct page *page;
	struct xarray pages;
	void *dup[SG2ITER_MAX_STEPS];
#ifdef HAVE_FOLIOQ
	struct folio_queue *queue[MAX_QUEUES];
#endif
};

static size_t file_size(const struct place *p)
{
	return p->w->pages * PAGE_SIZE;
}

static unsigned int data_direction(const struct place *p)
{
	return p->w->source ? ITER_SOURCE : ITER_DEST;
}

static bool is_user(const struct place *p)
{
	return p->w->type == SG2ITER_IOVEC || p->w->type == SG2ITER_UBUF;
}

static size_t total(const struct place *p)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < p->w->nr_segments; i++)
		length += p->w->segment[i].length;
	return length;
}

static void *take(struct place *p, size_t size)
{
	void *at = kunit_kzalloc(p->test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(p->test, at);
	return at;
}

/*
 * A page lies in front of each array and behind it: an iterator that runs over
 * an end goes on there, and the walk lives to tell.
 */
static void build_bvec(struct place *p)
{
	unsigned int i, n = p->w->nr_segments;
	struct bio_vec *guard = take(p, (n + 2) * sizeof(*guard));
	struct bio_vec *vector = guard + 1;

	guard[0].bv_page = p->page;
	guard[0].bv_len = PAGE_SIZE;
	guard[n + 1] = guard[0];
	for (i = 0; i < n; i++) {
		const struct sg2iter_entry *e = p->w->segment + i;

		u32 at = e->offset;

		/* An empty one may stand at the end of the file. */
		if (at && !e->length)
			at--;
		vector[i].bv_page = virt_to_page(p->file + at);
		vector[i].bv_offset = offset_in_page(e->offset);
		vector[i].bv_len = e->length;
	}
	iov_iter_bvec(&p->iter, data_direction(p), vector, n, total(p));
}

static void build_kvec(struct place *p)
{
	unsigned int i, n = p->w->nr_segments;
	struct kvec *guard = take(p, (n + 2) * sizeof(*guard));
	struct kvec *vector = guard + 1;

	guard[0].iov_base = page_address(p->page);
	guard[0].iov_len = PAGE_SIZE;
	guard[n + 1] = guard[0];
	for (i = 0; i < n; i++) {
		vector[i].iov_base = p->file + p->w->segment[i].offset;
		vector[i].iov_len = p->w->segment[i].length;
	}
	iov_iter_kvec(&p->iter, data_direction(p), vector, n, total(p));
}

/* A process that has a copy of the file, with a hole if the walk wants one. */
static void map_user(struct place *p)
{
#ifdef HAVE_USER
	unsigned long at = kunit_vm_mmap(p->test, NULL, 0, file_size(p),
					 PROT_READ | PROT_WRITE,
					 MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_FALSE(p->test, IS_ERR_VALUE(at) || !at);
	p->user = at;
	KUNIT_ASSERT_EQ(p->test, 0UL,
			copy_to_user((void __user *)at, p->file, file_size(p)));
	if (p->w->hole >= 0)
		KUNIT_ASSERT_EQ(p->test, 0,
				vm_munmap(at + p->w->hole * PAGE_SIZE,
					  PAGE_SIZE));
#else
	sg2iter_skip(p->test, "this kernel has no kunit_vm_mmap");
#endif
}

static void build_user(struct place *p)
{
	unsigned int i, n = p->w->nr_segments;
	struct iovec *guard = take(p, (n + 2) * sizeof(*guard));
	struct iovec *vector = guard + 1;

	map_user(p);
	guard[0].iov_base = (void __user *)p->user;
	guard[0].iov_len = PAGE_SIZE;
	guard[n + 1] = guard[0];
	for (i = 0; i < n; i++) {
		vector[i].iov_base = (void __user *)
			(p->user + p->w->segment[i].offset);
		vector[i].iov_len = p->w->segment[i].length;
	}
	if (p->w->type == SG2ITER_UBUF)
		iov_iter_ubuf(&p->iter, data_direction(p), vector->iov_base,
			      total(p));
	else
		iov_iter_init(&p->iter, data_direction(p), vector, n, total(p));
}

static void build_xarray(struct place *p)
{
	unsigned int i;

	for (i = 0; i < p->w->pages; i++)
		KUNIT_ASSERT_EQ(p->test, 0,
				xa_err(xa_store(&p->pages, p->w->first + i,
						virt_to_page(p->file) + i,
						GFP_KERNEL)));
	iov_iter_xarray(&p->iter, data_direction(p), &p->pages,
			p->w->first * PAGE_SIZE + p->w->segment->offset,
			total(p));
}

static void build_folioq(struct place *p)
{
#ifdef HAVE_FOLIOQ
	unsigned int i, n = 0, first = p->w->segment->offset / PAGE_SIZE;
	unsigned int behind = min(first, p->w->pages - 1);

	for (i = 0; i < MAX_QUEUES; i++) {
		p->queue[i] = take(p, sizeof(*p->queue[i]));
#ifdef SG2ITER_FOLIOQ_ID
		folioq_init(p->queue[i], 0);
#else
		folioq_init(p->queue[i]);
#endif
	}
	p->queue[0]->next = p->queue[1];
	p->queue[1]->prev = p->queue[0];
	for (i = 0; i < p->w->before; i++)
		folioq_append(p->queue[0], page_folio(virt_to_page(p->file)));
	for (i = behind; i < p->w->pages; i++) {
		if (folioq_full(p->queue[n]))
			n++;
		folioq_append(p->queue[n],
			      page_folio(virt_to_page(p->file) + i));
	}
	iov_iter_folio_queue(&p->iter, data_direction(p), p->queue[0],
			     p->w->before,
			     p->w->segment->offset - behind * PAGE_SIZE,
			     total(p));
#else
	sg2iter_skip(p->test, "this kernel has no folio_queue");
#endif
}

static void build(struct place *p)
{
	switch (p->w->type) {
	case SG2ITER_KVEC:
		build_kvec(p);
		break;
	case SG2ITER_BVEC:
		build_bvec(p);
		break;
	case SG2ITER_IOVEC:
	case SG2ITER_UBUF:
		build_user(p);
		break;
	case SG2ITER_XARRAY:
		build_xarray(p);
		break;
	case SG2ITER_FOLIOQ:
		build_folioq(p);
		break;
	case SG2ITER_DISCARD:
		iov_iter_discard(&p->iter, ITER_DEST, total(p));
		break;
	}
}

/* Reads or writes, as the direction says. */
static s64 run_copy(struct place *p, const struct sg2iter_step *s, u64 seed,
		    u64 *digest)
{
	size_t n;

	if (!p->w->source) {
		fill_seeded(p->buffer, s->a, seed);
		return copy_to_iter(p->buffer, s->a, &p->iter);
	}
	n = copy_from_iter(p->buffer, s->a, &p->iter);
	*digest = digest_of(p->buffer, n);
	return n;
}

static s64 run_copy_full(struct place *p, const struct sg2iter_step *s,
			 u64 *digest)
{
	bool all = copy_from_iter_full(p->buffer, s->a, &p->iter);

	*digest = digest_of(p->buffer, all ? s->a : 0);
	return all;
}

static s64 run_copy_page(struct place *p, const struct sg2iter_step *s,
			 u64 seed, u64 *digest)
{
	u8 *at = page_address(p->page);
	size_t n;

	fill_seeded(at, PAGE_SIZE, seed);
	if (!p->w->source)
		return copy_page_to_iter(p->page, s->b, s->a, &p->iter);
	n = copy_page_from_iter(p->page, s->b, s->a, &p->iter);
	*digest = digest_of(at + s->b, n);
	return n;
}

static void check_pages(struct place *p, const struct sg2iter_step *s,
			struct page **pages, size_t offset)
{
	unsigned int i;

	KUNIT_EXPECT_EQ_MSG(p->test, offset, (size_t)s->offset,
			    "another offset in the first page");
	for (i = 0; i < s->nr_pages && !is_user(p); i++)
		KUNIT_EXPECT_PTR_EQ_MSG(p->test, pages[i],
					virt_to_page(p->file) + s->page[i],
					"page %u is another", i);
}

static s64 run_get_pages(struct place *p, const struct sg2iter_step *s)
{
	struct page *pages[GOT_PAGES];
	size_t offset = 0;
	ssize_t got = iov_iter_get_pages2(&p->iter, pages, s->a,
					  min_t(u32, s->b, GOT_PAGES), &offset);
	unsigned int i;

	if (got <= 0)
		return got;
	if (got == s->want)
		check_pages(p, s, pages, offset);
	for (i = 0; i < DIV_ROUND_UP(offset + got, PAGE_SIZE); i++)
		put_page(pages[i]);
	return got;
}

static s64 run_extract(struct place *p, const struct sg2iter_step *s)
{
#ifdef HAVE_EXTRACT
	struct page *pages[GOT_PAGES], **array = pages;
	bool pins = iov_iter_extract_will_pin(&p->iter);
	size_t offset = 0;
	ssize_t got = iov_iter_extract_pages(&p->iter, &array, s->a,
					     min_t(u32, s->b, GOT_PAGES), 0,
					     &offset);
	unsigned int i;

	if (got <= 0)
		return got;
	KUNIT_EXPECT_EQ_MSG(p->test, pins, is_user(p), "pins");
	if (got == s->want)
		check_pages(p, s, pages, offset);
	for (i = 0; pins && i < DIV_ROUND_UP(offset + got, PAGE_SIZE); i++)
		unpin_user_page(pages[i]);
	return got;
#else
	return s->want;
#endif
}

#ifdef HAVE_STEP
static size_t step_kernel(void *base, size_t progress, size_t len, void *priv,
			  void *priv2)
{
	memcpy((u8 *)priv + progress, base, len);
	return 0;
}

static size_t step_user(void __user *base, size_t progress, size_t len,
			void *priv, void *priv2)
{
	return copy_from_user((u8 *)priv + progress, base, len);
}
#endif

static s64 run_step(struct place *p, const struct sg2iter_step *s, u64 *digest)
{
#ifdef HAVE_STEP
	size_t n = iterate_and_advance(&p->iter, s->a, p->buffer, step_user,
				       step_kernel);

	*digest = digest_of(p->buffer, p->w->type == SG2ITER_DISCARD ? 0 : n);
	return n;
#else
	return s->want;
#endif
}

static s64 run_dup(struct place *p, unsigned int number)
{
	struct iov_iter old = p->iter;

	p->dup[number] = (void *)dup_iter(&p->iter, &old, GFP_KERNEL);
	return p->dup[number] ? 1 : 0;
}

/* A copy stays where it is while its original moves. */
static void run_clone(struct place *p)
{
	struct iov_iter old = p->iter;

	p->iter = old;
	iov_iter_advance(&old, 1);
}

static s64 run(struct place *p, const struct sg2iter_step *s,
	       unsigned int number, u64 *digest)
{
	u64 seed = p->w->seed + number + 1;

	switch (s->op) {
	case SG2ITER_ADVANCE:
		iov_iter_advance(&p->iter, s->a);
		return 0;
	case SG2ITER_REVERT:
		iov_iter_revert(&p->iter, s->a);
		return 0;
	case SG2ITER_TRUNCATE:
		iov_iter_truncate(&p->iter, s->a);
		return 0;
	case SG2ITER_REEXPAND:
		iov_iter_reexpand(&p->iter, iov_iter_count(&p->iter) + s->a);
		return 0;
	case SG2ITER_DUP:
		return run_dup(p, number);
	case SG2ITER_CLONE:
		run_clone(p);
		return 0;
	case SG2ITER_COPY:
		return run_copy(p, s, seed, digest);
	case SG2ITER_COPY_FULL:
		return run_copy_full(p, s, digest);
	case SG2ITER_COPY_PAGE:
		return run_copy_page(p, s, seed, digest);
	case SG2ITER_ZERO:
		return iov_iter_zero(s->a, &p->iter);
	case SG2ITER_EXTRACT:
		return run_extract(p, s);
	case SG2ITER_GET_PAGES:
		return run_get_pages(p, s);
	case SG2ITER_NPAGES:
		return iov_iter_npages(&p->iter, s->a);
	case SG2ITER_ALIGNMENT:
		return iov_iter_alignment(&p->iter) & ~PAGE_MASK;
	case SG2ITER_GAP:
		return iov_iter_gap_alignment(&p->iter) & ~PAGE_MASK;
	case SG2ITER_SINGLE:
		return iov_iter_single_seg_count(&p->iter);
	case SG2ITER_STEP:
		return run_step(p, s, digest);
	}
	return -EINVAL;
}

/* Does the walk ask for what this kernel does not have? */
static void skip_missing(struct place *p)
{
	unsigned int i;

	for (i = 0; i < p->w->nr_steps; i++) {
#ifndef HAVE_EXTRACT
		if (p->w->step[i].op == SG2ITER_EXTRACT)
			sg2iter_skip(p->test, "iov_iter_extract_pages is newer");
#endif
#ifndef HAVE_STEP
		if (p->w->step[i].op == SG2ITER_STEP)
			sg2iter_skip(p->test, "iterate_and_advance is newer");
#endif
	}
}

/* The next bytes, read through a copy of the iterator; false if they are others. */
static bool check_ahead(struct place *p, const struct sg2iter_step *s,
			unsigned int number)
{
	struct iov_iter copy = p->iter;
	u64 digest;
	size_t n;

	if (!s->ahead)
		return true;
	copy.data_source = ITER_SOURCE;
	n = copy_from_iter(p->buffer, s->ahead, &copy);
	digest = digest_of(p->buffer, n);
	KUNIT_EXPECT_EQ_MSG(p->test, n, (size_t)s->ahead,
			    "step %u: behind it bytes cannot be read", number);
	KUNIT_EXPECT_EQ_MSG(p->test, digest, s->ahead_digest,
			    "step %u: behind it are other bytes", number);
	return n == s->ahead && digest == s->ahead_digest;
}

/* Stops at the first step that goes wrong: what follows says nothing. */
static void run_steps(struct place *p)
{
	unsigned int i;

	for (i = 0; i < p->w->nr_steps; i++) {
		const struct sg2iter_step *s = p->w->step + i;
		u64 digest = s->digest;
		s64 got = run(p, s, i, &digest);

		KUNIT_EXPECT_EQ_MSG(p->test, got, s->want,
				    "step %u: another answer", i);
		KUNIT_EXPECT_EQ_MSG(p->test, iov_iter_count(&p->iter),
				    (size_t)s->left,
				    "step %u: other bytes are left", i);
		KUNIT_EXPECT_EQ_MSG(p->test, digest, s->digest,
				    "step %u: other bytes were read", i);
		if (got != s->want || iov_iter_count(&p->iter) != s->left ||
		    digest != s->digest || !check_ahead(p, s, i))
			return;
	}
}

/* User memory is read page by page, round the hole. */
static void check_file(struct place *p)
{
	u64 digest = 0xcbf29ce484222325ULL;
	unsigned int i;

	for (i = 0; i < p->w->pages; i++) {
		u8 *at = p->file + i * PAGE_SIZE;

		if (is_user(p) && (int)i == p->w->hole)
			continue;
		if (is_user(p) &&
		    copy_from_user(at, (void __user *)(p->user + i * PAGE_SIZE),
				   PAGE_SIZE))
			KUNIT_FAIL(p->test, "page %u cannot be read", i);
		digest = digest_more(digest, at, PAGE_SIZE);
	}
	KUNIT_EXPECT_EQ_MSG(p->test, digest, p->w->digest,
			    "other bytes in the file");
}

static int sg2iter_walk_init(struct kunit *test)
{
	struct place *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	xa_init(&p->pages);
	p->test = test;
	test->priv = p;
	return 0;
}

/* Also behind a skip and a failed assertion. */
static void sg2iter_walk_exit(struct kunit *test)
{
	struct place *p = test->priv;
	unsigned int i;

	if (!p)
		return;
	for (i = 0; i < SG2ITER_MAX_STEPS; i++)
		kfree(p->dup[i]);
	xa_destroy(&p->pages);
	if (p->page)
		put_page(p->page);
	if (p->file)
		free_pages_exact(p->file, file_size(p));
}

static void sg2iter_walk_run(struct kunit *test)
{
	struct place *p = test->priv;

	p->w = test->param_value;
	sg2iter_say(test, p->w->name);
	skip_missing(p);
	p->buffer = take(p, SG2ITER_MOST);
	p->page = alloc_page(GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p->page);
	/* Pages of their own, side by side. */
	p->file = alloc_pages_exact(file_size(p), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p->file);
	fill_seeded(p->file, file_size(p), p->w->seed);
	build(p);
	run_steps(p);
	check_file(p);
}

static void describe(const struct sg2iter_walk *w, char *text)
{
	strscpy(text, w->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sg2iter_walk, sg2iter_walks, describe);

static struct kunit_case sg2iter_walk_cases[] = {
	KUNIT_CASE_PARAM(sg2iter_walk_run, sg2iter_walk_gen_params),
	{}
};

static struct kunit_suite sg2iter_walk_suite = {
	.name = "sg2iter_iterators",
	.init = sg2iter_walk_init,
	.exit = sg2iter_walk_exit,
	.test_cases = sg2iter_walk_cases,
};

kunit_test_suite(sg2iter_walk_suite);
