// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Scatterlists over the memory of a case.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "oracle.h"

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

/* Where a segment begins once its offset is one of the page that it names. */
static void first_piece(const struct segment *segment, u32 *page, u32 *offset)
{
	*page = segment->page;
	*offset = segment->offset;
	while (*offset >= PAGE_SIZE && !backing_joined(*page)) {
		*page += 1;
		*offset -= PAGE_SIZE;
	}
}

/* Bytes from a position to the end of its neighbouring pages, at most `left`. */
static u32 piece_length(u32 page, u32 offset, u32 left)
{
	u32 room = PAGE_SIZE;

	while (room < offset + left && backing_joined(page + room / PAGE_SIZE - 1))
		room += PAGE_SIZE;
	return min(left, room - offset);
}

/* Entries that a segment takes: one per run of neighbouring pages. */
static unsigned int segment_entries(const struct segment *segment)
{
	u32 page, offset, left = segment->length;
	unsigned int n = 0;

	first_piece(segment, &page, &offset);
	do {
		u32 length = piece_length(page, offset, left);

		left -= length;
		page += (offset + length) / PAGE_SIZE;
		offset = (offset + length) % PAGE_SIZE;
		n++;
	} while (left);
	return n;
}

static struct scatterlist *fill_segment(struct scatterlist *sg,
					const struct segment *segment)
{
	u32 page, offset, left = segment->length;

	first_piece(segment, &page, &offset);
	do {
		u32 length = piece_length(page, offset, left);

		sg_set_page(sg++, backing_page(page), length, offset);
		left -= length;
		page += (offset + length) / PAGE_SIZE;
		offset = (offset + length) % PAGE_SIZE;
	} while (left);
	if (segment->end_mark)
		sg_mark_end(sg - 1);
	return sg;
}

/*
 * Builds the chained tables of a layout. Returns NULL for no segments, else
 * the first entry or an error pointer. Free with layout_free() in any case.
 */
struct scatterlist *layout_build(struct layout *layout)
{
	unsigned int i = 0, n;

	layout->nr_tables = 0;
	while (i < layout->nr_segments) {
		unsigned int end = i, t = layout->nr_tables;
		struct scatterlist *table, *sg;

		n = 0;
		do
			n += segment_entries(&layout->segment[end++]);
		while (end < layout->nr_segments &&
		       !layout->segment[end].new_table);
		n += end < layout->nr_segments;
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
		for (sg = table; i < end; i++)
			sg = fill_segment(sg, &layout->segment[i]);
		if (t)
			sg_chain(layout->table[t - 1], layout->entries[t - 1],
				 table);
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

/* Both lists of a request; the destination is the source in place. */
int layouts_build(struct layout *from, struct layout *to, bool in_place,
		  struct scatterlist **src, struct scatterlist **dst)
{
	*src = layout_build(from);
	if (IS_ERR(*src))
		return PTR_ERR(*src);
	*dst = in_place ? *src : layout_build(to);
	return IS_ERR(*dst) ? PTR_ERR(*dst) : 0;
}

/* The same for the case. */
int lists_build(struct scatterlist **src, struct scatterlist **dst)
{
	return layouts_build(&spec->src, &spec->dst, spec->in_place, src, dst);
}

void lists_free(void)
{
	layout_free(&spec->src);
	layout_free(&spec->dst);
}

struct layout *lists_target(void)
{
	return spec->in_place ? &spec->src : &spec->dst;
}

/*
 * Between the two halves of "dir b": the second half reads the destination,
 * where not every algorithm has put the associated data. Then an optional bit
 * of damage.
 */
int lists_second(struct scatterlist *src, struct scatterlist *dst)
{
	size_t n = spec->in_place ? 0 : spec->assoc;
	u8 *copy = kmalloc(n + 1, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	sg_copy_to_buffer(src, sg_nents(src), copy, n);
	sg_copy_from_buffer(dst, sg_nents(dst), copy, n);
	kfree(copy);
	if (spec->flip >= 0 && spec->flip < ARENA_SIZE)
		arena_flip(spec->flip);
	arena_snapshot();
	return 0;
}
