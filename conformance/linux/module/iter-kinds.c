// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Building an iov_iter of each kind over the source segments of a case.
 */
#include <linux/bvec.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "iter.h"

#ifdef HAVE_FOLIOQ
#include <linux/folio_queue.h>
#endif

static unsigned int data_direction(void)
{
	return spec->direction == ENCRYPT ? 1 : 0;	/* source, destination */
}

static int init_bvec(struct subject *s)
{
	unsigned int i, n = spec->src.nr_segments;
	struct bio_vec *vector = kcalloc(n + 1, sizeof(*vector), GFP_KERNEL);

	if (!vector)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		vector[i].bv_page = arena_page(spec->src.segment[i].page);
		vector[i].bv_offset = spec->src.segment[i].offset;
		vector[i].bv_len = spec->src.segment[i].length;
	}
	s->vector = vector;
	s->base = vector;
	s->element = sizeof(*vector);
	iov_iter_bvec(&s->iter, data_direction(), vector, n,
		      layout_total(&spec->src));
	return 0;
}

static int init_kvec(struct subject *s)
{
	unsigned int i, n = spec->src.nr_segments;
	struct kvec *vector = kcalloc(n + 1, sizeof(*vector), GFP_KERNEL);

	if (!vector)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		vector[i].iov_base =
			arena_at(segment_start(&spec->src.segment[i]));
		vector[i].iov_len = spec->src.segment[i].length;
	}
	s->vector = vector;
	s->base = vector;
	s->element = sizeof(*vector);
	iov_iter_kvec(&s->iter, data_direction(), vector, n,
		      layout_total(&spec->src));
	return 0;
}

/* A copy of the arena in user memory, with a hole if the case wants one. */
static int map_user(struct subject *s)
{
	unsigned long at = vm_mmap(NULL, 0, ARENA_SIZE, PROT_READ | PROT_WRITE,
				   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	if (IS_ERR_VALUE(at))
		return at;
	s->user = at;
	if (copy_to_user((void __user *)at, arena_at(0),
			 spec->pages * PAGE_SIZE))
		return -EFAULT;
	if (spec->hole >= 0 && spec->hole < ARENA_PAGES)
		return vm_munmap(at + spec->hole * PAGE_SIZE, PAGE_SIZE);
	return 0;
}

static int init_iovec(struct subject *s)
{
	unsigned int i, n = spec->src.nr_segments;
	struct iovec *vector;
	int err = map_user(s);

	if (err)
		return err;
	vector = kcalloc(n + 1, sizeof(*vector), GFP_KERNEL);
	if (!vector)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		u32 start = segment_start(&spec->src.segment[i]);

		vector[i].iov_base = (void __user *)(s->user + start);
		vector[i].iov_len = spec->src.segment[i].length;
	}
	s->vector = vector;
	s->base = vector;
	s->element = sizeof(*vector);
	iov_iter_init(&s->iter, data_direction(), vector, n,
		      layout_total(&spec->src));
	return 0;
}

static int init_ubuf(struct subject *s)
{
	const struct segment *segment = &spec->src.segment[0];
	int err = map_user(s);

	if (err)
		return err;
	iov_iter_ubuf(&s->iter, data_direction(),
		      (void __user *)(s->user + segment_start(segment)),
		      segment->length);
	return 0;
}

static int init_xarray(struct subject *s)
{
	const struct segment *segment = &spec->src.segment[0];
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++) {
		int err = xa_err(xa_store(&s->pages, i, arena_page(i),
					  GFP_KERNEL));

		if (err)
			return err;
	}
	iov_iter_xarray(&s->iter, data_direction(), &s->pages,
			segment_start(segment), segment->length);
	return 0;
}

#ifdef HAVE_FOLIOQ
static struct folio_queue *new_queue(struct folio_queue *previous)
{
	struct folio_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);

	if (!queue)
		return NULL;
#ifdef FOLIOQ_INIT_TAKES_ID
	folioq_init(queue, 0);
#else
	folioq_init(queue);
#endif
	if (previous) {
		previous->next = queue;
		queue->prev = previous;
	}
	return queue;
}

static int init_folioq(struct subject *s)
{
	const struct segment *segment = &spec->src.segment[0];
	u32 start = segment_start(segment);
	unsigned int i, n = 0, slots, first;

	for (i = 0; i < ARENA_PAGES; i++) {
		if (!s->queue[n] || folioq_full(s->queue[n])) {
			struct folio_queue *queue = new_queue(s->queue[n]);

			if (s->queue[n])
				n++;
			if (!queue || n == MAX_QUEUES) {
				kfree(queue);
				return -ENOMEM;
			}
			s->queue[n] = queue;
		}
		folioq_append(s->queue[n], page_folio(arena_page(i)));
	}
	slots = folioq_nr_slots(s->queue[0]);
	first = start / PAGE_SIZE;
	iov_iter_folio_queue(&s->iter, data_direction(),
			     s->queue[first / slots], first % slots,
			     start % PAGE_SIZE, segment->length);
	return 0;
}
#endif

static int init_discard(struct subject *s)
{
	iov_iter_discard(&s->iter, 0, layout_total(&spec->src));
	return 0;
}

static const struct kind {
	const char *name;
	int (*init)(struct subject *s);
} kinds[] = {
	{ "bvec", init_bvec },
	{ "kvec", init_kvec },
	{ "iovec", init_iovec },
	{ "ubuf", init_ubuf },
	{ "xarray", init_xarray },
#ifdef HAVE_FOLIOQ
	{ "folioq", init_folioq },
#endif
	{ "discard", init_discard },
};

int subject_init(struct subject *s)
{
	unsigned int i;

	xa_init(&s->pages);
	if (!spec->src.nr_segments)
		return -EINVAL;
	s->scratch = vmalloc(SCRATCH_SIZE);
	if (!s->scratch)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].name, spec->type))
			return kinds[i].init(s);
	return -EOPNOTSUPP;
}

/* Brings user memory back into the arena, page by page round a hole. */
void subject_collect(struct subject *s)
{
	unsigned int i;

	for (i = 0; s->user && i < spec->pages; i++) {
		if (i == spec->hole)
			continue;
		if (copy_from_user(arena_at(i * PAGE_SIZE),
				   (void __user *)(s->user + i * PAGE_SIZE),
				   PAGE_SIZE))
			out("t user page %u lost\n", i);
	}
}

void subject_release(struct subject *s)
{
#ifdef HAVE_FOLIOQ
	unsigned int i;

	for (i = 0; i < MAX_QUEUES; i++)
		kfree(s->queue[i]);
#endif
	if (s->user)
		vm_munmap(s->user, ARENA_SIZE);
	xa_destroy(&s->pages);
	kfree(s->vector);
	vfree(s->scratch);
}
