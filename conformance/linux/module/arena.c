// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of a case: contents from a seed, and the report of what changed
 * where. While a request runs, some of its pages may lie elsewhere (backing.c).
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oracle.h"

static u8 *arena, *before, *covered;
static struct page *first_page;
static u8 heap_poison;

int arena_init(u8 poison)
{
	/*
	 * Every page needs its own reference count, because
	 * iov_iter_get_pages2() takes and put_page() drops them: a compound
	 * allocation would lose its tail pages.
	 */
	arena = alloc_pages_exact(ARENA_SIZE, GFP_KERNEL | __GFP_ZERO);
	before = vzalloc(ARENA_SIZE);
	covered = vzalloc(ARENA_SIZE / BITS_PER_BYTE);
	heap_poison = poison;
	if (!arena || !before || !covered) {
		arena_exit();
		return -ENOMEM;
	}
	first_page = virt_to_page(arena);
	return 0;
}

void arena_exit(void)
{
	if (arena)
		free_pages_exact(arena, ARENA_SIZE);
	vfree(before);
	vfree(covered);
	arena = NULL;
	before = NULL;
	covered = NULL;
}

u8 *arena_at(u32 offset)
{
	return arena + offset;
}

struct page *arena_page(u32 index)
{
	return first_page + index;
}

/*
 * Leaves a pattern in freed heap objects of every size, so that an operation
 * that answers with uninitialised memory answers differently in two runs.
 */
void arena_poison_heap(void)
{
	size_t size;

	if (!heap_poison)
		return;
	for (size = 16; size <= 8192; size *= 2) {
		void *one = kmalloc(size, GFP_KERNEL);
		void *two = kmalloc(size, GFP_KERNEL);

		if (one)
			memset(one, heap_poison, size);
		if (two)
			memset(two, heap_poison, size);
		kfree(one);
		kfree(two);
	}
}

/* The seed's bytes are the high bytes of a linear congruential generator. */
void arena_fill(void)
{
	u32 x = spec->seed * 2654435761u + 12345;
	size_t i;

	for (i = 0; i < spec->pages * PAGE_SIZE; i++) {
		x = x * 1664525u + 1013904223u;
		arena[i] = x >> 24;
	}
	for (i = 0; i < spec->nr_puts; i++) {
		const char *hex = spec->put[i].hex;

		if (hex2bin(arena + spec->put[i].offset, hex, strlen(hex) / 2))
			strscpy(spec->bad, "put", sizeof(spec->bad));
	}
	memcpy(before, arena, spec->pages * PAGE_SIZE);
}

/* What a later report calls changed is changed since here. */
void arena_snapshot(void)
{
	backing_store();
	memcpy(before, arena, spec->pages * PAGE_SIZE);
}

/* Inverts the lowest bit of a byte, wherever it lies. */
void arena_flip(u32 offset)
{
	backing_store();
	arena[offset] ^= 1;
	backing_load();
}

static bool is_covered(size_t i)
{
	return covered[i / BITS_PER_BYTE] & BIT(i % BITS_PER_BYTE);
}

static void report_changes(void)
{
	size_t i, n = spec->pages * PAGE_SIZE;
	bool first = true;

	for (i = 0; i < n; i++) {
		size_t end = i;

		while (end < n && arena[end] != before[end] && !is_covered(end))
			end++;
		if (end == i)
			continue;
		if (out_reserve(64))
			return;
		out("%s%zu:%zu", first ? "stray " : " ", i, end - i);
		first = false;
		i = end;
	}
	if (!first)
		out("\n");
}

/* The bytes of the list in list order, and bytes changed outside of it. */
void arena_report(const char *key, const struct layout *layout)
{
	arena_uncover();
	arena_bytes(key, layout);
	report_changes();
}

/* Begins a report: no byte belongs to a destination yet. */
void arena_uncover(void)
{
	backing_store();
	memset(covered, 0, ARENA_SIZE / BITS_PER_BYTE);
}

/* The bytes of a list in list order, which belong to a destination. */
void arena_bytes(const char *key, const struct layout *layout)
{
	unsigned int k;

	out("%s ", key);
	for (k = 0; k < layout->nr_segments; k++) {
		u32 start = segment_start(&layout->segment[k]);
		u32 i, length = layout->segment[k].length;

		for (i = start; i < start + length; i++)
			covered[i / BITS_PER_BYTE] |= BIT(i % BITS_PER_BYTE);
		out_bytes(arena + start, length);
	}
	out("\n");
}

/* Bytes changed outside of all destinations that were told. */
void arena_changes(void)
{
	report_changes();
}

/* Bytes changed anywhere, for operations that have no destination list. */
void arena_stray(void)
{
	arena_uncover();
	report_changes();
}

/* An arena offset, or "b" for a buffer that is not the case's. */
void out_location(const char *tag, const void *address)
{
	long index = backing_index(virt_to_page((void *)address));

	if (index >= 0)
		out("%s%lu", tag, index * PAGE_SIZE + offset_in_page(address));
	else
		out("%sb", tag);
}
