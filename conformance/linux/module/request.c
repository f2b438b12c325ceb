// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for requests, with a count of what each completion was called for:
 * exactly once after -EINPROGRESS, never after a synchronous answer.
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "oracle.h"

#define IV_ROOM		512
#define IV_ALIGN	128

static u8 iv_buffer[MAX_REQUESTS][IV_ROOM] __aligned(IV_ALIGN);

/* Where the IV of a request lies: at its distance from an aligned address. */
u8 *iv_at(unsigned int index)
{
	return iv_buffer[index] + IV_ALIGN + (spec->iv_offset & (IV_ALIGN - 1));
}

/* The same, with the bytes of the case. */
u8 *place_iv(unsigned int index)
{
	return place_iv_bytes(index, spec->iv, spec->iv_length);
}

u8 *place_iv_bytes(unsigned int index, const u8 *iv, int length)
{
	memset(iv_buffer[index], POISON, IV_ROOM);
	memcpy(iv_at(index), iv, length);
	return iv_at(index);
}

void out_stage(const char *stage, long err)
{
	out("stage %s\nerr %ld\n", stage, err);
}

static void note_event(struct waiter *waiter, int err)
{
	struct batch *batch = waiter->batch;

	if (!batch || batch->nr_events == ARRAY_SIZE(batch->event))
		return;
	batch->event[batch->nr_events].index = waiter - batch->waiter;
	batch->event[batch->nr_events].err = err;
	batch->nr_events++;
}

static void note_completion(struct waiter *waiter, int err)
{
	note_event(waiter, err);
	if (err == -EINPROGRESS) {	/* left the backlog */
		waiter->started++;
		return;
	}
	waiter->calls++;
	waiter->err = err;
	complete(&waiter->done);
}

static void request_done(completion_arg arg, int err)
{
	note_completion(completion_data(arg), err);
}

crypto_completion_t waiter_callback(void)
{
	return request_done;
}

/* Round every submission: with "atomic", nobody may sleep in it. */
void submit_begin(void)
{
	if (spec->atomic)
		local_bh_disable();
}

int submit_end(int err)
{
	if (spec->atomic)
		local_bh_enable();
	return err;
}

void waiter_init(struct waiter *waiter)
{
	memset(waiter, 0, sizeof(*waiter));
	init_completion(&waiter->done);
}

void batch_init(struct batch *batch)
{
	unsigned int i;

	memset(batch, 0, sizeof(*batch));
	for (i = 0; i < MAX_REQUESTS; i++) {
		waiter_init(&batch->waiter[i]);
		batch->waiter[i].batch = batch;
	}
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

/*
 * Waits for all requests of a batch and tells what each submission returned
 * and who was called with what, in order. Returns the final errno of the first
 * request.
 */
int batch_wait(struct batch *batch)
{
	unsigned int i;

	out("rets");
	for (i = 0; i < spec->nr_requests; i++)
		out(" %d", batch->ret[i]);
	for (i = 0; i < spec->nr_requests; i++)
		if (batch->ret[i] == -EINPROGRESS || batch->ret[i] == -EBUSY)
			wait_for_completion(&batch->waiter[i].done);
	out("\norder");
	for (i = 0; i < batch->nr_events; i++)
		out(" %u:%d", batch->event[i].index, batch->event[i].err);
	out("\n");
	return batch->waiter[0].calls ? batch->waiter[0].err : batch->ret[0];
}

bool callback_changed(const struct crypto_async_request *base,
		      const struct waiter *waiter)
{
	return base->complete != request_done || base->data != waiter;
}

/* What an operation changed that belongs to its caller. */
void out_changes(bool tfm, bool callback, bool fields)
{
	if (tfm)
		out("changed tfm\n");
	if (callback)
		out("changed callback\n");
	if (fields)
		out("changed request\n");
	if (layout_changed(&spec->src) || layout_changed(&spec->dst))
		out("changed list\n");
}

/* The name of the same algorithm made asynchronous. */
int async_name(char *name, const char *driver)
{
	int n = snprintf(name, CRYPTO_MAX_ALG_NAME, "cryptd(%s)", driver);

	return n < CRYPTO_MAX_ALG_NAME ? 0 : -ENAMETOOLONG;
}
