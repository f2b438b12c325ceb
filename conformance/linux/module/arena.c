// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of a case: contents from a seed, scatterlists over it, and the
 * report of what changed where.
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

/* The index in the arena, or -1. */
long arena_page_index(const struct page *page)
{
	long index = page - first_page;

	return index >= 0 && index < ARENA_PAGES ? index : -1;
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
	arena_snapshot();
}

/* What a later report calls changed is changed since here. */
void arena_snapshot(void)
{
	memcpy(before, arena, spec->pages * PAGE_SIZE);
}

static bool is_covered(size_t i)
{
	return covered[i / BITS_PER_BYTE] & BIT(i % BITS_PER_BYTE);
}

static void report_stray(void)
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
	unsigned int k;

	memset(covered, 0, ARENA_SIZE / BITS_PER_BYTE);
	out("%s ", key);
	for (k = 0; k < layout->nr_segments; k++) {
		u32 start = segment_start(&layout->segment[k]);
		u32 i, length = layout->segment[k].length;

		for (i = start; i < start + length; i++)
			covered[i / BITS_PER_BYTE] |= BIT(i % BITS_PER_BYTE);
		out_bytes(arena + start, length);
	}
	out("\n");
	report_stray();
}

/* An arena offset, or "b" and the offset in a page of a foreign buffer. */
void out_location(const char *tag, const void *address)
{
	const u8 *p = address;

	if (p >= arena && p < arena + ARENA_SIZE)
		out("%s%zu", tag, (size_t)(p - arena));
	else
		out("%sb", tag);
}

u32 segment_start(const struct segment *segment)
{
	return segment->page * PAGE_SIZE + segment->offset;
}

/* Bytes up to the first end mark. */
u32 layout_total(const struct layout *layout)
{
	unsigned int i;
	u32 n = 0;

	for (i = 0; i < layout->nr_segments; i++) {
		n += layout->segment[i].length;
		if (layout->segment[i].end_mark)
			break;
	}
	return n;
}

static void fill_table(struct scatterlist *table, const struct segment *segment,
		       unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		sg_set_page(table + i, first_page + segment[i].page,
			    segment[i].length, segment[i].offset);
		if (segment[i].end_mark)
			sg_mark_end(table + i);
	}
}

/*
 * Builds the chained tables of a layout. Returns NULL for no segments, else
 * the first entry or an error pointer. Free with layout_free() in any case.
 */
struct scatterlist *layout_build(struct layout *layout)
{
	unsigned int i = 0, n, count = 0;

	layout->nr_tables = 0;
	while (i < layout->nr_segments) {
		unsigned int end = i + 1, t = layout->nr_tables;
		struct scatterlist *table;

		while (end < layout->nr_segments &&
		       !layout->segment[end].new_table)
			end++;
		n = end - i + (end < layout->nr_segments);
		if (t == MAX_TABLES)
			return ERR_PTR(-E2BIG);
		table = kcalloc(n, sizeof(*table), GFP_KERNEL);
		if (!table)
			return ERR_PTR(-ENOMEM);
		layout->table[t] = table;
		layout->entries[t] = n;
		layout->copy[t] = NULL;
		layout->nr_tables++;
		sg_init_table(table, n);
		fill_table(table, layout->segment + i, end - i);
		if (t)
			sg_chain(layout->table[t - 1], count + 1, table);
		count = end - i;
		i = end;
	}
	for (i = 0; i < layout->nr_tables; i++) {
		layout->copy[i] = kmemdup(layout->table[i],
			layout->entries[i] * sizeof(struct scatterlist),
			GFP_KERNEL);
		if (!layout->copy[i])
			return ERR_PTR(-ENOMEM);
	}
	return layout->nr_tables ? layout->table[0] : NULL;
}

/* Did an operation write to the entries of its caller? */
bool layout_changed(const struct layout *layout)
{
	unsigned int i;

	for (i = 0; i < layout->nr_tables; i++)
		if (memcmp(layout->table[i], layout->copy[i],
			   layout->entries[i] * sizeof(struct scatterlist)))
			return true;
	return false;
}

void layout_free(struct layout *layout)
{
	while (layout->nr_tables) {
		layout->nr_tables--;
		kfree(layout->table[layout->nr_tables]);
		kfree(layout->copy[layout->nr_tables]);
	}
}
