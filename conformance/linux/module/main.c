// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * /proc/sg2iter: cases in, answers out.
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
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
	kvfree(spec);
}

static int __init oracle_init(void)
{
	int err;

	spec = kvzalloc(sizeof(*spec), GFP_KERNEL);
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
