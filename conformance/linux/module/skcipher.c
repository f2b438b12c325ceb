// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * skcipher requests: by name, by recording algorithm, synchronous or through
 * cryptd, encryption, decryption, or both in sequence; several at once.
 *
 * Synchronous cases ask for mask CRYPTO_ALG_ASYNC: once cryptd(X) exists, its
 * higher priority would make every later lookup of X asynchronous, and a
 * result would depend on the cases before it.
 */
#include <crypto/skcipher.h>
#include <linux/kernel.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "oracle.h"

struct skciphers {
	struct crypto_skcipher *tfm;
	struct skcipher_request *req[MAX_REQUESTS];
	struct scatterlist *src, *dst;
	struct batch batch;
};

static struct crypto_skcipher *alloc_skcipher(void)
{
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_skcipher *tfm;
	int err;

	tfm = crypto_alloc_skcipher(spec->alg, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm) || !spec->async)
		return tfm;
	err = async_name(name, crypto_tfm_alg_driver_name(
				 crypto_skcipher_tfm(tfm)));
	crypto_free_skcipher(tfm);
	return err ? ERR_PTR(err) : crypto_alloc_skcipher(name, 0, 0);
}

static int submit(struct skciphers *s, unsigned int i, bool encrypt,
		  struct scatterlist *src)
{
	struct skcipher_request *req = s->req[i];

	skcipher_request_set_tfm(req, s->tfm);
	skcipher_request_set_callback(req, spec->flags, waiter_callback(),
				      &s->batch.waiter[i]);
	skcipher_request_set_crypt(req, src, s->dst, spec->length, place_iv(i));
	submit_begin();
	return submit_end(encrypt ? crypto_skcipher_encrypt(req) :
			  crypto_skcipher_decrypt(req));
}

static void report(struct skciphers *s, struct scatterlist *src)
{
	bool tfm = false, callback = false, fields = false;
	unsigned int i;

	for (i = 0; i < spec->nr_requests; i++) {
		struct skcipher_request *req = s->req[i];

		tfm |= crypto_skcipher_reqtfm(req) != s->tfm;
		callback |= callback_changed(&req->base, &s->batch.waiter[i]);
		fields |= req->src != src || req->dst != s->dst ||
			req->iv != iv_at(i) ||
			req->cryptlen != spec->length ||
			req->base.flags != spec->flags;
	}
	out_changes(tfm, callback, fields);
}

static int run_once(struct skciphers *s, bool encrypt, struct scatterlist *src)
{
	unsigned int i;
	int err;

	batch_init(&s->batch);
	if (spec->nr_requests == 1) {
		s->batch.waiter[0].batch = NULL;
		err = waiter_wait(&s->batch.waiter[0],
				  submit(s, 0, encrypt, src));
	} else {
		/* The worker of cryptd must not run in between. */
		preempt_disable();
		for (i = 0; i < spec->nr_requests; i++)
			s->batch.ret[i] = submit(s, i, encrypt, src);
		preempt_enable();
		err = batch_wait(&s->batch);
	}
	report(s, src);
	return err;
}

static void run_requests(struct skciphers *s)
{
	unsigned int iv_size = crypto_skcipher_ivsize(s->tfm);
	int err = lists_build(&s->src, &s->dst);

	if (err) {
		out_stage("list", err);
		return;
	}
	err = run_once(s, spec->direction != DECRYPT, s->src);
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
	err = run_once(s, false, s->dst);
	out("err2 %d\n", err);
	out_hex("iv2", iv_at(0), iv_size);
	arena_report("out2", lists_target());
}

static void run_keyed(struct skciphers *s)
{
	unsigned int i;
	int err;

	out("attr block%u iv%u align%u chunk%u\n",
	    crypto_skcipher_blocksize(s->tfm), crypto_skcipher_ivsize(s->tfm),
	    crypto_skcipher_alignmask(s->tfm),
	    crypto_skcipher_chunksize(s->tfm));
	if (spec->has_key) {
		err = crypto_skcipher_setkey(s->tfm, spec->key,
					     spec->key_length);
		if (err) {
			out_stage("setkey", err);
			return;
		}
	}
	for (i = 0; i < spec->nr_requests; i++) {
		s->req[i] = skcipher_request_alloc(s->tfm, GFP_KERNEL);
		if (!s->req[i])
			break;
	}
	if (i == spec->nr_requests)
		run_requests(s);
	else
		out_stage("request", -ENOMEM);
	while (i--)
		skcipher_request_free(s->req[i]);
	lists_free();
}

void run_skcipher(void)
{
	struct skciphers *s = kzalloc(sizeof(*s), GFP_KERNEL);
	int err = spec->has_walk ? walk_algorithm(false) : 0;

	if (err || !s) {
		out_stage("register", err ?: -ENOMEM);
		goto out;
	}
	s->tfm = alloc_skcipher();
	if (IS_ERR(s->tfm)) {
		out_stage("alloc", PTR_ERR(s->tfm));
		goto out;
	}
	out("driver %s\n",
	    crypto_tfm_alg_driver_name(crypto_skcipher_tfm(s->tfm)));
	run_keyed(s);
	crypto_free_skcipher(s->tfm);
out:
	kfree(s);
}
