// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for a request, with a count of what the completion was called for:
 * exactly once after -EINPROGRESS, never after a synchronous answer.
 */
#include <linux/completion.h>
#include <linux/kernel.h>

#include "oracle.h"

static void note_completion(struct waiter *waiter, int err)
{
	if (err == -EINPROGRESS) {	/* left the backlog */
		waiter->started++;
		return;
	}
	waiter->calls++;
	waiter->err = err;
	complete(&waiter->done);
}

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static void request_done(struct crypto_async_request *base, int err)
{
	note_completion(base->data, err);
}
#else
static void request_done(void *data, int err)
{
	note_completion(data, err);
}
#endif

crypto_completion_t waiter_callback(void)
{
	return request_done;
}

void waiter_init(struct waiter *waiter)
{
	init_completion(&waiter->done);
	waiter->err = 0;
	waiter->calls = 0;
	waiter->started = 0;
}

/* Returns the final errno of a request that answered err at submission. */
int waiter_wait(struct waiter *waiter, int err)
{
	if (err != -EINPROGRESS && err != -EBUSY) {
		if (waiter->calls || waiter->started)
			out("calls %u %u\n", waiter->calls, waiter->started);
		return err;
	}
	out("ret0 %d\n", err);
	wait_for_completion(&waiter->done);
	out("calls %u %u\n", waiter->calls, waiter->started);
	reinit_completion(&waiter->done);
	waiter->calls = 0;
	waiter->started = 0;
	return waiter->err;
}

/* The name of the same algorithm made asynchronous. */
int async_name(char *name, const char *driver)
{
	int n = snprintf(name, CRYPTO_MAX_ALG_NAME, "cryptd(%s)", driver);

	return n < CRYPTO_MAX_ALG_NAME ? 0 : -ENAMETOOLONG;
}
