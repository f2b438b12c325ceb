// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Hash requests: digest(), or init, updates of given lengths and final or
 * finup, with the state exported into a new request where the case says so.
 * A result that an operation did not write shows as POISON.
 */
#include <crypto/hash.h>
#include <crypto/scatterwalk.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "oracle.h"

#define MAX_DIGEST	64

struct hashing {
	struct crypto_ahash *tfm;
	struct ahash_request *req;
	struct scatterlist *src, rest[2];
	struct waiter waiter;
	u8 digest[MAX_DIGEST];
};

static struct crypto_ahash *alloc_ahash(void)
{
	char name[CRYPTO_MAX_ALG_NAME];
	struct crypto_ahash *tfm;
	int err;

	tfm = crypto_alloc_ahash(spec->alg, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(tfm) || !spec->async)
		return tfm;
	err = async_name(name,
			 crypto_tfm_alg_driver_name(crypto_ahash_tfm(tfm)));
	crypto_free_ahash(tfm);
	return err ? ERR_PTR(err) : crypto_alloc_ahash(name, 0, 0);
}

static int new_request(struct hashing *hashing)
{
	hashing->req = ahash_request_alloc(hashing->tfm, GFP_KERNEL);
	if (!hashing->req)
		return -ENOMEM;
	ahash_request_set_callback(hashing->req, spec->flags,
				   waiter_callback(), &hashing->waiter);
	return 0;
}

/* Points the request at length bytes from a position of the source. */
static void set_data(struct hashing *hashing, unsigned int at,
		     unsigned int length)
{
	struct scatterlist *sg = hashing->src;

	if (at && length)
		sg = scatterwalk_ffwd(hashing->rest, sg, at);
	ahash_request_set_crypt(hashing->req, sg, hashing->digest, length);
}

static int reimport(struct hashing *hashing)
{
	struct ahash_request *old = hashing->req;
	void *state = kmalloc(crypto_ahash_statesize(hashing->tfm),
			      GFP_KERNEL);
	int err;

	if (!state)
		return -ENOMEM;
	err = crypto_ahash_export(old, state);
	if (err)
		goto out;
	err = new_request(hashing);
	if (err) {
		hashing->req = old;
		goto out;
	}
	ahash_request_free(old);
	err = crypto_ahash_import(hashing->req, state);
out:
	kfree(state);
	return err;
}

static int submit(struct hashing *hashing,
		  int (*operation)(struct ahash_request *req))
{
	submit_begin();
	return waiter_wait(&hashing->waiter,
			   submit_end(operation(hashing->req)));
}

/* All parts; the last one goes with finup() if the case ends with that. */
static int hash_in_parts(struct hashing *hashing)
{
	unsigned int i, at = 0;
	int err;

	set_data(hashing, 0, 0);
	err = submit(hashing, crypto_ahash_init);
	for (i = 0; i < spec->nr_parts && !err; i++) {
		bool last = i + 1 == spec->nr_parts;

		set_data(hashing, at, spec->part[i]);
		if (last && spec->finish == FINUP)
			return submit(hashing, crypto_ahash_finup);
		err = submit(hashing, crypto_ahash_update);
		at += spec->part[i];
		if (!err && spec->reimport[i])
			err = reimport(hashing);
	}
	if (err)
		return err;
	set_data(hashing, 0, 0);
	return submit(hashing, crypto_ahash_final);
}

static int hash_request(struct hashing *hashing)
{
	if (spec->finish != DIGEST)
		return hash_in_parts(hashing);
	set_data(hashing, 0, spec->length);
	return submit(hashing, crypto_ahash_digest);
}

static void hash_keyed(struct hashing *hashing)
{
	int err = 0;

	if (spec->has_key)
		err = crypto_ahash_setkey(hashing->tfm, spec->key,
					  spec->key_length);
	if (err) {
		out_stage("setkey", err);
		return;
	}
	waiter_init(&hashing->waiter);
	memset(hashing->digest, POISON, MAX_DIGEST);
	hashing->src = layout_build(&spec->src);
	err = IS_ERR(hashing->src) ? PTR_ERR(hashing->src) :
		new_request(hashing);
	if (err) {
		out_stage("request", err);
		layout_free(&spec->src);
		return;
	}
	err = hash_request(hashing);
	out_stage("hash", err);
	arena_stray();
	if (layout_changed(&spec->src))
		out("changed list\n");
	if (!err)
		out_hex("digest", hashing->digest,
			crypto_ahash_digestsize(hashing->tfm));
	ahash_request_free(hashing->req);
	layout_free(&spec->src);
}

void run_hash(void)
{
	struct hashing *hashing = kzalloc(sizeof(*hashing), GFP_KERNEL);

	if (!hashing) {
		out_stage("request", -ENOMEM);
		return;
	}
	hashing->tfm = alloc_ahash();
	if (IS_ERR(hashing->tfm)) {
		out_stage("alloc", PTR_ERR(hashing->tfm));
	} else if (crypto_ahash_digestsize(hashing->tfm) > MAX_DIGEST) {
		out_stage("alloc", -E2BIG);
		crypto_free_ahash(hashing->tfm);
	} else {
		out("driver %s\n", crypto_tfm_alg_driver_name(
				crypto_ahash_tfm(hashing->tfm)));
		hash_keyed(hashing);
		crypto_free_ahash(hashing->tfm);
	}
	kfree(hashing);
}
