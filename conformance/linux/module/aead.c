// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * AEAD requests, in the same ways as those of skcipher.c.
 */
#include <crypto/aead.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "oracle.h"

struct aeads {
	struct crypto_aead *tfm;
	struct aead_request *req[MAX_REQUESTS];
	struct scatterlist *src, *dst;
	struct batch batch;
};

static struct crypto_aead *alloc_aead(void)
{
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_aead *tfm;
	int err;

	tfm = crypto_alloc_aead(spec->alg, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm) || !spec->async)
		return tfm;
	err = async_name(name,
			 crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)));
	crypto_free_aead(tfm);
	return err ? ERR_PTR(err) : crypto_alloc_aead(name, 0, 0);
}

static int submit(struct aeads *s, unsigned int i, bool encrypt,
		  struct scatterlist *src, unsigned int length)
{
	struct aead_request *req = s->req[i];

	aead_request_set_tfm(req, s->tfm);
	aead_request_set_callback(req, spec->flags, waiter_callback(),
				  &s->batch.waiter[i]);
	aead_request_set_crypt(req, src, s->dst, length, place_iv(i));
	aead_request_set_ad(req, spec->assoc);
	submit_begin();
	return submit_end(encrypt ? crypto_aead_encrypt(req) :
			  crypto_aead_decrypt(req));
}

static void report(struct aeads *s, struct scatterlist *src,
		   unsigned int length)
{
	bool tfm = false, callback = false, fields = false;
	unsigned int i;

	for (i = 0; i < spec->nr_requests; i++) {
		struct aead_request *req = s->req[i];

		tfm |= crypto_aead_reqtfm(req) != s->tfm;
		callback |= callback_changed(&req->base, &s->batch.waiter[i]);
		fields |= req->src != src || req->dst != s->dst ||
			req->iv != iv_at(i) ||
			req->cryptlen != length ||
			req->assoclen != spec->assoc ||
			req->base.flags != spec->flags;
	}
	out_changes(tfm, callback, fields);
}

static int run_once(struct aeads *s, bool encrypt, struct scatterlist *src,
		    unsigned int length)
{
	unsigned int i;
	int err;

	batch_init(&s->batch);
	if (spec->nr_requests == 1) {
		s->batch.waiter[0].batch = NULL;
		err = waiter_wait(&s->batch.waiter[0],
				  submit(s, 0, encrypt, src, length));
	} else {
		/* The worker of cryptd must not run in between. */
		preempt_disable();
		for (i = 0; i < spec->nr_requests; i++)
			s->batch.ret[i] = submit(s, i, encrypt, src, length);
		preempt_enable();
		err = batch_wait(&s->batch);
	}
	report(s, src, length);
	return err;
}

static void run_requests(struct aeads *s)
{
	unsigned int iv_size = crypto_aead_ivsize(s->tfm);
	int err = lists_build(&s->src, &s->dst);

	if (err) {
		out_stage("list", err);
		return;
	}
	err = run_once(s, spec->direction != DECRYPT, s->src, spec->length);
	out_stage("crypt", err);
	out_hex("iv", iv_at(0), iv_size);
	arena_report("out", lists_target());
	if (spec->direction != BOTH || err)
		return;
	err = lists_second(s->src, s->dst);
	if (err) {
		out("err2 %d\n", err);
		return;
	}
	err = run_once(s, false, s->dst,
		       spec->length + crypto_aead_authsize(s->tfm));
	out("err2 %d\n", err);
	out_hex("iv2", iv_at(0), iv_size);
	arena_report("out2", lists_target());
}

static int set_keys(struct aeads *s)
{
	int err = 0;

	if (spec->has_key)
		err = crypto_aead_setkey(s->tfm, spec->key, spec->key_length);
	if (err) {
		out_stage("setkey", err);
		return err;
	}
	if (spec->has_auth)
		err = crypto_aead_setauthsize(s->tfm, spec->auth);
	if (err)
		out_stage("setauthsize", err);
	return err;
}

static void run_keyed(struct aeads *s)
{
	unsigned int i;

	out("attr block%u iv%u align%u auth%u\n",
	    crypto_aead_blocksize(s->tfm), crypto_aead_ivsize(s->tfm),
	    crypto_aead_alignmask(s->tfm), crypto_aead_maxauthsize(s->tfm));
	if (set_keys(s))
		return;
	/* What the transform left in freed memory must not pass for an answer. */
	arena_poison_heap();
	for (i = 0; i < spec->nr_requests; i++) {
		s->req[i] = aead_request_alloc(s->tfm, GFP_KERNEL);
		if (!s->req[i])
			break;
	}
	if (i == spec->nr_requests)
		run_requests(s);
	else
		out_stage("request", -ENOMEM);
	while (i--)
		aead_request_free(s->req[i]);
	lists_free();
}

void run_aead(void)
{
	struct aeads *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int err = spec->has_walk ? walk_algorithm(true) : 0;

	if (err || !s) {
		out_stage("register", err ?: -ENOMEM);
		goto out;
	}
	s->tfm = alloc_aead();
	if (IS_ERR(s->tfm)) {
		out_stage("alloc", PTR_ERR(s->tfm));
		goto out;
	}
	out("driver %s\n",
	    crypto_tfm_alg_driver_name(crypto_aead_tfm(s->tfm)));
	run_keyed(s);
	crypto_free_aead(s->tfm);
out:
	kfree(s);
}
