// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Programs: 2 to 16 different requests on one transform, submitted behind each
 * other, when all before are done, or from the completion of another one, in
 * request objects of their own or in that of another one.
 */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/skcipher.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "oracle.h"

#define MAX_DIGEST	64
#define MAX_EVENTS	(4 * MAX_REQUESTS)

struct program;

/* A request, and what became of it. */
struct slot {
	struct program *program;
	struct scatterlist *src, *dst;
	void *req;		/* its object, maybe that of another one */
	bool owner;
	int ret, err;
	u8 digest[MAX_DIGEST];
};

struct program {
	unsigned int nr;
	struct crypto_skcipher *skcipher;
	struct crypto_aead *aead;
	struct crypto_ahash *ahash;
	struct slot slot[MAX_REQUESTS];
	unsigned int pending;	/* under the lock of idle */
	wait_queue_head_t idle;
	unsigned int nr_events;
	struct {
		bool answer;
		u8 index;
		int err;
	} event[MAX_EVENTS];
};

/* Request 0 is the one of the case itself. */
static struct further *further_of(unsigned int i)
{
	return &spec->further[i - 1];
}

static bool decrypts(unsigned int i)
{
	return (i ? further_of(i)->direction : spec->direction) == DECRYPT;
}

static unsigned int length_of(unsigned int i)
{
	return i ? further_of(i)->length : spec->length;
}

static unsigned int flags_of(unsigned int i)
{
	return i ? further_of(i)->flags : spec->flags;
}

static struct layout *source_of(unsigned int i)
{
	return i ? &further_of(i)->src : &spec->src;
}

static struct layout *target_of(unsigned int i)
{
	if (!i)
		return lists_target();
	return further_of(i)->in_place ? &further_of(i)->src :
		&further_of(i)->dst;
}

static u8 *iv_of(unsigned int i)
{
	return i ? place_iv_bytes(i, further_of(i)->iv,
				  further_of(i)->iv_length) : place_iv(0);
}

static void note(struct program *p, bool answer, unsigned int i, int err)
{
	if (p->nr_events == MAX_EVENTS)
		return;
	p->event[p->nr_events].answer = answer;
	p->event[p->nr_events].index = i;
	p->event[p->nr_events].err = err;
	p->nr_events++;
}

static void submit(struct program *p, unsigned int i);

static void begin_one(struct program *p)
{
	unsigned long flags;

	spin_lock_irqsave(&p->idle.lock, flags);
	p->pending++;
	spin_unlock_irqrestore(&p->idle.lock, flags);
}

/* The waiter may free the program as soon as the lock is free. */
static void end_one(struct program *p)
{
	unsigned long flags;

	spin_lock_irqsave(&p->idle.lock, flags);
	p->pending--;
	wake_up_locked(&p->idle);
	spin_unlock_irqrestore(&p->idle.lock, flags);
}

/* Until nothing is pending but what the submitter itself holds. */
static void wait_idle(struct program *p)
{
	wait_event(p->idle, READ_ONCE(p->pending) == 1);
	/* Who made it so has left the lock behind this. */
	spin_lock_irq(&p->idle.lock);
	spin_unlock_irq(&p->idle.lock);
}

/* Behind the last that is heard of a request others may follow. */
static void finished(struct program *p, unsigned int i, int err)
{
	unsigned int k;

	p->slot[i].err = err;
	for (k = 1; k < p->nr; k++)
		if (further_of(k)->when == CALLBACK && further_of(k)->of == i)
			submit(p, k);
	end_one(p);
}

static void note_completion(struct slot *slot, int err)
{
	struct program *p = slot->program;
	unsigned int i = slot - p->slot;

	note(p, false, i, err);
	if (err != -EINPROGRESS)
		finished(p, i, err);
}

static void request_done(completion_arg arg, int err)
{
	note_completion(completion_data(arg), err);
}

static int submit_skcipher(struct program *p, unsigned int i)
{
	struct skcipher_request *req = p->slot[i].req;

	skcipher_request_set_tfm(req, p->skcipher);
	skcipher_request_set_callback(req, flags_of(i), request_done,
				      &p->slot[i]);
	skcipher_request_set_crypt(req, p->slot[i].src, p->slot[i].dst,
				   length_of(i), iv_of(i));
	return decrypts(i) ? crypto_skcipher_decrypt(req) :
		crypto_skcipher_encrypt(req);
}

static int submit_aead(struct program *p, unsigned int i)
{
	struct aead_request *req = p->slot[i].req;

	aead_request_set_tfm(req, p->aead);
	aead_request_set_callback(req, flags_of(i), request_done, &p->slot[i]);
	aead_request_set_crypt(req, p->slot[i].src, p->slot[i].dst,
			       length_of(i), iv_of(i));
	aead_request_set_ad(req, i ? further_of(i)->assoc : spec->assoc);
	return decrypts(i) ? crypto_aead_decrypt(req) :
		crypto_aead_encrypt(req);
}

static int submit_hash(struct program *p, unsigned int i)
{
	struct ahash_request *req = p->slot[i].req;

	ahash_request_set_tfm(req, p->ahash);
	ahash_request_set_callback(req, flags_of(i), request_done,
				   &p->slot[i]);
	ahash_request_set_crypt(req, p->slot[i].src, p->slot[i].digest,
				length_of(i));
	return crypto_ahash_digest(req);
}

static void submit(struct program *p, unsigned int i)
{
	int ret;

	begin_one(p);
	submit_begin();
	if (p->skcipher)
		ret = submit_skcipher(p, i);
	else if (p->aead)
		ret = submit_aead(p, i);
	else
		ret = submit_hash(p, i);
	submit_end(ret);
	p->slot[i].ret = ret;
	note(p, true, i, ret);
	if (ret != -EINPROGRESS && ret != -EBUSY)
		finished(p, i, ret);
}

static struct crypto_async_request *base_of(struct program *p, void *req)
{
	if (p->skcipher)
		return &((struct skcipher_request *)req)->base;
	if (p->aead)
		return &((struct aead_request *)req)->base;
	return &((struct ahash_request *)req)->base;
}

/* What the last submission in an object left changed of what is the caller's. */
static void report_changes(struct program *p)
{
	struct crypto_tfm *tfm = p->skcipher ? crypto_skcipher_tfm(p->skcipher) :
		p->aead ? crypto_aead_tfm(p->aead) : crypto_ahash_tfm(p->ahash);
	bool changed_tfm = false, callback = false, list = false;
	unsigned int i;

	for (i = 0; i < p->nr; i++) {
		struct crypto_async_request *base = base_of(p, p->slot[i].req);

		list |= layout_changed(source_of(i)) ||
			layout_changed(target_of(i));
		/* The digests of a kernel are no requests of a caller's own. */
		if (p->ahash)
			continue;
		changed_tfm |= base->tfm != tfm;
		callback |= base->complete != request_done;
	}
	if (changed_tfm)
		out("changed tfm\n");
	if (callback)
		out("changed callback\n");
	if (list)
		out("changed list\n");
}

static void report_requests(struct program *p)
{
	unsigned int size = p->skcipher ? crypto_skcipher_ivsize(p->skcipher) :
		p->aead ? crypto_aead_ivsize(p->aead) : 0;
	unsigned int i;

	out("rets");
	for (i = 0; i < p->nr; i++)
		out(" %d", p->slot[i].ret);
	out("\nhistory");
	for (i = 0; i < p->nr_events; i++)
		out(" %c%u:%d", p->event[i].answer ? 'a' : 'c',
		    p->event[i].index, p->event[i].err);
	out("\n");
	arena_uncover();
	for (i = 0; i < p->nr; i++) {
		out("request %u %d\n", i, p->slot[i].err);
		if (p->ahash) {
			out_hex("rdigest", p->slot[i].digest,
				crypto_ahash_digestsize(p->ahash));
		} else {
			out_hex("riv", iv_at(i), size);
			arena_bytes("rout", target_of(i));
		}
	}
	arena_changes();
}

static void run_requests(struct program *p)
{
	unsigned int i;

	p->pending = 1;
	init_waitqueue_head(&p->idle);
	/* The worker of cryptd must not run between two submissions. */
	if (spec->async)
		preempt_disable();
	submit(p, 0);
	for (i = 1; i < p->nr; i++) {
		if (further_of(i)->when == CALLBACK)
			continue;
		if (further_of(i)->when == SETTLED) {
			if (spec->async)
				preempt_enable();
			wait_idle(p);
			if (spec->async)
				preempt_disable();
		}
		submit(p, i);
	}
	if (spec->async)
		preempt_enable();
	wait_idle(p);
	out_stage("program", 0);
	report_requests(p);
	report_changes(p);
}

static void *alloc_request(struct program *p)
{
	if (p->skcipher)
		return skcipher_request_alloc(p->skcipher, GFP_KERNEL);
	if (p->aead)
		return aead_request_alloc(p->aead, GFP_KERNEL);
	return ahash_request_alloc(p->ahash, GFP_KERNEL);
}

static void free_request(struct program *p, void *req)
{
	if (p->skcipher)
		skcipher_request_free(req);
	else if (p->aead)
		aead_request_free(req);
	else
		ahash_request_free(req);
}

static int prepare(struct program *p, unsigned int i)
{
	struct slot *slot = &p->slot[i];
	struct further *further = i ? further_of(i) : NULL;
	struct layout *dst = i ? &further->dst : &spec->dst;

	slot->program = p;
	memset(slot->digest, POISON, MAX_DIGEST);
	slot->owner = !further || !further->reuse;
	slot->req = slot->owner ? alloc_request(p) : p->slot[further->of].req;
	if (!slot->req)
		return -ENOMEM;
	return layouts_build(source_of(i), dst,
			     p->ahash || (i ? further->in_place : spec->in_place),
			     &slot->src, &slot->dst);
}

static void run_keyed(struct program *p)
{
	unsigned int i;
	int err = 0;

	p->nr = 1 + spec->nr_further;
	for (i = 0; i < p->nr && !err; i++)
		err = prepare(p, i);
	if (err)
		out_stage("request", err);
	else
		run_requests(p);
	for (i = 0; i < p->nr; i++) {
		if (p->slot[i].req && p->slot[i].owner)
			free_request(p, p->slot[i].req);
		layout_free(source_of(i));
		layout_free(i ? &further_of(i)->dst : &spec->dst);
	}
}

/* Returns a name, of the driver that cryptd is to run, or an errno. */
static int driver_name(char *name)
{
	struct crypto_skcipher *skcipher;
	struct crypto_aead *aead;
	struct crypto_ahash *ahash;

	if (!strcmp(spec->op, "skcipher")) {
		skcipher = crypto_alloc_skcipher(spec->alg, 0, CRYPTO_ALG_ASYNC);
		if (IS_ERR(skcipher))
			return PTR_ERR(skcipher);
		strscpy(name, crypto_tfm_alg_driver_name(
				crypto_skcipher_tfm(skcipher)),
			CRYPTO_MAX_ALG_NAME);
		crypto_free_skcipher(skcipher);
	} else if (!strcmp(spec->op, "aead")) {
		aead = crypto_alloc_aead(spec->alg, 0, CRYPTO_ALG_ASYNC);
		if (IS_ERR(aead))
			return PTR_ERR(aead);
		strscpy(name, crypto_tfm_alg_driver_name(crypto_aead_tfm(aead)),
			CRYPTO_MAX_ALG_NAME);
		crypto_free_aead(aead);
	} else {
		ahash = crypto_alloc_ahash(spec->alg, 0, CRYPTO_ALG_ASYNC);
		if (IS_ERR(ahash))
			return PTR_ERR(ahash);
		strscpy(name,
			crypto_tfm_alg_driver_name(crypto_ahash_tfm(ahash)),
			CRYPTO_MAX_ALG_NAME);
		crypto_free_ahash(ahash);
	}
	return 0;
}

/* The transform, synchronous or through cryptd, with its key. */
static const char *open_transform(struct program *p, int *err)
{
	char driver[CRYPTO_MAX_ALG_NAME], name[CRYPTO_MAX_ALG_NAME];
	u32 mask = spec->async ? 0 : CRYPTO_ALG_ASYNC;
	void *tfm;

	*err = driver_name(driver);
	if (!*err && spec->async)
		*err = async_name(name, driver);
	if (*err)
		return "alloc";
	if (!spec->async)
		strscpy(name, spec->alg, sizeof(name));
	if (!strcmp(spec->op, "skcipher"))
		tfm = p->skcipher = crypto_alloc_skcipher(name, 0, mask);
	else if (!strcmp(spec->op, "aead"))
		tfm = p->aead = crypto_alloc_aead(name, 0, mask);
	else
		tfm = p->ahash = crypto_alloc_ahash(name, 0, mask);
	if (IS_ERR(tfm)) {
		p->skcipher = NULL;
		p->aead = NULL;
		p->ahash = NULL;
		*err = PTR_ERR(tfm);
		return "alloc";
	}
	if (!spec->has_key)
		*err = 0;
	else if (p->skcipher)
		*err = crypto_skcipher_setkey(p->skcipher, spec->key,
					      spec->key_length);
	else if (p->aead)
		*err = crypto_aead_setkey(p->aead, spec->key,
					  spec->key_length);
	else
		*err = crypto_ahash_setkey(p->ahash, spec->key,
					   spec->key_length);
	if (*err)
		return "setkey";
	if (p->aead && spec->has_auth)
		*err = crypto_aead_setauthsize(p->aead, spec->auth);
	return "setauthsize";
}

void run_program(void)
{
	struct program *p = kzalloc(sizeof(*p), GFP_KERNEL);
	const char *stage;
	int err;

	if (!p) {
		out_stage("request", -ENOMEM);
		return;
	}
	stage = open_transform(p, &err);
	if (err)
		out_stage(stage, err);
	else
		run_keyed(p);
	if (p->skcipher)
		crypto_free_skcipher(p->skcipher);
	if (p->aead)
		crypto_free_aead(p->aead);
	if (p->ahash)
		crypto_free_ahash(p->ahash);
	kfree(p);
}
