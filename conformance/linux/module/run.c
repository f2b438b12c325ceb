// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs the cases of a text, one after another.
 */
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "oracle.h"

static void dispatch(void)
{
	if (spec->library)
		run_library();
	else if (spec->nr_further)
		run_program();
	else if (!strcmp(spec->op, "skcipher"))
		run_skcipher();
	else if (!strcmp(spec->op, "aead"))
		run_aead();
	else if (!strcmp(spec->op, "hash"))
		run_hash();
	else if (!strcmp(spec->op, "acomp") ||
		 !strcmp(spec->op, "akcipher") ||
		 !strcmp(spec->op, "kpp"))
		run_data();
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
	if (spec->bad[0]) {
		out("bad %s\n", spec->bad);
	} else {
		int err = backing_init();

		if (err)
			out_stage("memory", err);
		else
			dispatch();
		backing_exit();
	}
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
