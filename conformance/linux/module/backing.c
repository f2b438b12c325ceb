// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Other memory behind pages of the arena, as callers of the crypto API have it:
 * kmalloc objects, vmalloc areas, page cache, pinned user memory, and pages
 * that were allocated one by one. Bytes are copied there before an operation
 * and back for the report, so that every position stays an arena offset.
 *
 * Pages of one kmalloc object are neighbours. Those of all other kinds are
 * taken one by one, whether or not they happen to be neighbours: what a list
 * looks like must not depend on luck.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "oracle.h"

static struct page *backing[ARENA_PAGES];
static int before[ARENA_PAGES];
/* Which memory a page belongs to, from 1; 0: the arena's own. */
static unsigned int owner[ARENA_PAGES];

static struct {
	void *address;
	struct file *file;
	unsigned long user;
	unsigned int taken;	/* pages that must be given back */
} held[MAX_MEMORIES];

struct page *backing_page(u32 index)
{
	return owner[index] ? backing[index] : arena_page(index);
}

/* Is the next page of the arena the next page of memory? */
bool backing_joined(u32 index)
{
	if (index + 1 >= ARENA_PAGES || owner[index] != owner[index + 1])
		return false;
	return !owner[index] ||
		spec->memory[owner[index] - 1].kind == KMALLOC;
}

/* The page of the arena that a page stands behind, or -1. */
long backing_index(const struct page *page)
{
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		if (backing_page(i) == page)
			return i;
	return -1;
}

void backing_load(void)
{
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		if (owner[i])
			memcpy(page_address(backing[i]), arena_at(i * PAGE_SIZE),
			       PAGE_SIZE);
}

void backing_store(void)
{
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++)
		if (owner[i])
			memcpy(arena_at(i * PAGE_SIZE), page_address(backing[i]),
			       PAGE_SIZE);
}

static int take_kmalloc(const struct memory *memory, unsigned int m)
{
	unsigned int i;

	held[m].address = kmalloc(memory->count * PAGE_SIZE, GFP_KERNEL);
	if (!held[m].address)
		return -ENOMEM;
	for (i = 0; i < memory->count; i++)
		backing[memory->first + i] =
			virt_to_page(held[m].address + i * PAGE_SIZE);
	return 0;
}

static int take_vmalloc(const struct memory *memory, unsigned int m)
{
	unsigned int i;

	held[m].address = vmalloc(memory->count * PAGE_SIZE);
	if (!held[m].address)
		return -ENOMEM;
	for (i = 0; i < memory->count; i++)
		backing[memory->first + i] =
			vmalloc_to_page(held[m].address + i * PAGE_SIZE);
	return 0;
}

static int take_page_cache(const struct memory *memory, unsigned int m)
{
	loff_t size = memory->count * PAGE_SIZE;
	struct file *file;
	unsigned int i;

#ifdef SHMEM_TAKES_VMA_FLAGS
	file = shmem_file_setup("sg2iter", size, (vma_flags_t){ });
#else
	file = shmem_file_setup("sg2iter", size, 0);
#endif
	if (IS_ERR(file))
		return PTR_ERR(file);
	held[m].file = file;
	for (i = 0; i < memory->count; i++) {
		struct page *page = shmem_read_mapping_page(file->f_mapping, i);

		if (IS_ERR(page))
			return PTR_ERR(page);
		backing[memory->first + i] = page;
		held[m].taken++;
	}
	return 0;
}

static int take_user(const struct memory *memory, unsigned int m)
{
	unsigned long size = memory->count * PAGE_SIZE;
	unsigned long at = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE,
				   MAP_ANONYMOUS | MAP_PRIVATE, 0);
	int n;

	if (IS_ERR_VALUE(at))
		return at;
	held[m].user = at;
	n = pin_user_pages_fast(at, memory->count, FOLL_WRITE | FOLL_LONGTERM,
				backing + memory->first);
	held[m].taken = max(n, 0);
	if (n < 0)
		return n;
	return n == memory->count ? 0 : -EFAULT;
}

static int take_high(const struct memory *memory, unsigned int m)
{
	unsigned int i;

	for (i = 0; i < memory->count; i++) {
		struct page *page = alloc_page(GFP_HIGHUSER);

		if (!page)
			return -ENOMEM;
		backing[memory->first + i] = page;
		held[m].taken++;
	}
	return 0;
}

static int take(const struct memory *memory, unsigned int m)
{
	switch (memory->kind) {
	case KMALLOC:
		return take_kmalloc(memory, m);
	case VMALLOC:
		return take_vmalloc(memory, m);
	case PAGE_CACHE:
		return take_page_cache(memory, m);
	case USER:
		return take_user(memory, m);
	case HIGH:
		return take_high(memory, m);
	}
	return -EINVAL;
}

/* Puts the memories of the case behind their pages. Undone by backing_exit(). */
int backing_init(void)
{
	unsigned int m, i;

	memset(held, 0, sizeof(held));
	memset(owner, 0, sizeof(owner));
	for (m = 0; m < spec->nr_memories; m++) {
		const struct memory *memory = &spec->memory[m];
		int err;

		for (i = 0; i < memory->count; i++)
			if (owner[memory->first + i])
				return -EINVAL;
		err = take(memory, m);
		if (err)
			return err;
		for (i = 0; i < memory->count; i++)
			owner[memory->first + i] = m + 1;
	}
	for (i = 0; i < ARENA_PAGES; i++)
		before[i] = page_ref_count(backing_page(i));
	backing_load();
	return 0;
}

/*
 * A page on its way to an LRU list is held by the batch that brings it there,
 * for as long as the batch is not full.
 */
static bool left_batch(unsigned int i, int more)
{
	enum memory_kind kind = owner[i] ? spec->memory[owner[i] - 1].kind :
		KMALLOC;

	return more == -1 && (kind == PAGE_CACHE || kind == USER);
}

/* References and pins that an operation took and did not give back. */
static void report_references(void)
{
	bool first = true;
	unsigned int i;

	for (i = 0; i < ARENA_PAGES; i++) {
		int more = page_ref_count(backing_page(i)) - before[i];

		if (!more || left_batch(i, more))
			continue;
		out("%s%u:%d", first ? "refs " : " ", i, more);
		first = false;
	}
	if (!first)
		out("\n");
}

static void give_back(const struct memory *memory, unsigned int m)
{
	struct page **pages = backing + memory->first;
	unsigned int i;

	switch (memory->kind) {
	case KMALLOC:
		kfree(held[m].address);
		break;
	case VMALLOC:
		vfree(held[m].address);
		break;
	case USER:
		unpin_user_pages_dirty_lock(pages, held[m].taken, true);
		if (held[m].user)
			vm_munmap(held[m].user, memory->count * PAGE_SIZE);
		break;
	case PAGE_CACHE:
	case HIGH:
		for (i = 0; i < held[m].taken; i++)
			put_page(pages[i]);
		if (held[m].file)
			fput(held[m].file);
		break;
	}
}

void backing_exit(void)
{
	unsigned int m;

	report_references();
	for (m = 0; m < spec->nr_memories; m++)
		give_back(&spec->memory[m], m);
	memset(owner, 0, sizeof(owner));
}
