// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * /proc/sg2iter: cases in, answers out.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "oracle.h"

#define MAX_WRITE	(1u << 20)

static DEFINE_MUTEX(lock);
struct spec *spec;

static unsigned int poison;
module_param(poison, uint, 0444);
MODULE_PARM_DESC(poison, "byte left in freed heap memory before each case (0: none)");

static void dispatch(void)
{
	if (spec->bad[0])
		out("bad %s\n", spec->bad);
	else if (!strcmp(spec->op, "skcipher"))
		run_skcipher();
	else if (!strcmp(spec->op, "aead"))
		run_aead();
	else if (!strcmp(spec->op, "hash"))
		run_hash();
	else if (!strcmp(spec->op, "iter"))
		run_iter();
	else if (!strcmp(spec->op, "sg"))
		run_sg();
	else
		out("bad op\n");
}

/*
 * A walk that is abandoned in the middle keeps its atomic mapping. It is told
 * and undone: with page faults disabled, later user faults kill the process.
 */
static void repair_counters(int pagefault, int preempt)
{
	int leaked = current->pagefault_disabled - pagefault;

	if (leaked || preempt_count() != preempt)
		out("leak pagefault %d preempt %d\n", leaked,
		    preempt_count() - preempt);
	while (current->pagefault_disabled > pagefault)
		pagefault_enable();
	if (preempt_count() != preempt)
		preempt_count_set(preempt);
}

static void run_case(void)
{
	int pagefault = current->pagefault_disabled;
	int preempt = preempt_count();

	out_begin_case();
	arena_fill();
	arena_poison_heap();
	dispatch();
	repair_counters(pagefault, preempt);
	out_end_case();
}

/* Runs all cases of a text, which is taken apart. */
void run_text(char *text)
{
	char *line;

	spec_reset();
	while ((line = strsep(&text, "\n")) != NULL) {
		if (!*line || *line == '#')
			continue;
		if (!strcmp(line, "end"))
			run_case();
		else
			spec_line(line);
	}
}

static ssize_t oracle_write(struct file *file, const char __user *buffer,
			    size_t length, loff_t *position)
{
	char *text;

	if (length > MAX_WRITE)
		return -E2BIG;
	text = vmalloc(length + 1);
	if (!text)
		return -ENOMEM;
	if (copy_from_user(text, buffer, length)) {
		vfree(text);
		return -EFAULT;
	}
	text[length] = 0;
	mutex_lock(&lock);
	run_text(text);
	mutex_unlock(&lock);
	vfree(text);
	return length;
}

static ssize_t oracle_read(struct file *file, char __user *buffer,
			   size_t length, loff_t *position)
{
	ssize_t n;

	mutex_lock(&lock);
	n = out_read(buffer, length);
	mutex_unlock(&lock);
	return n;
}

static const struct proc_ops oracle_ops = {
	.proc_write = oracle_write,
	.proc_read = oracle_read,
};

static void free_all(void)
{
	walk_exit();
	arena_exit();
	out_exit();
	kfree(spec);
}

static int __init oracle_init(void)
{
	int err;

	spec = kzalloc(sizeof(*spec), GFP_KERNEL);
	if (!spec)
		return -ENOMEM;
	err = out_init();
	if (!err)
		err = arena_init(poison);
	if (!err)
		err = selftest();
	if (!err && !proc_create("sg2iter", 0600, NULL, &oracle_ops))
		err = -ENOMEM;
	if (err)
		free_all();
	return err;
}

static void __exit oracle_exit(void)
{
	remove_proc_entry("sg2iter", NULL);
	free_all();
}

module_init(oracle_init);
module_exit(oracle_exit);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("scatterlist and iov_iter operations on exact layouts");
