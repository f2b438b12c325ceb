// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * skcipher and AEAD requests: by name, by recording algorithm, synchronous or
 * through cryptd, encryption, decryption, or both in sequence.
 *
 * Synchronous cases ask for mask CRYPTO_ALG_ASYNC: once cryptd(X) exists, its
 * higher priority would make every later lookup of X asynchronous, and a
 * result would depend on the cases before it.
 */
#include <crypto/aead.h>
#include <crypto/skcipher.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "oracle.h"

#define IV_ROOM		512
#define IV_ALIGN	128

static u8 iv_buffer[IV_ROOM] __aligned(IV_ALIGN);

static u8 *place_iv(void)
{
	u8 *iv = iv_buffer + IV_ALIGN + (spec->iv_offset & (IV_ALIGN - 1));

	memset(iv_buffer, POISON, sizeof(iv_buffer));
	memcpy(iv, spec->iv, spec->iv_length);
	return iv;
}

void out_stage(const char *stage, long err)
{
	out("stage %s\nerr %ld\n", stage, err);
}

/* Both lists of the case; the destination is the source in place. */
static int build_lists(struct scatterlist **src, struct scatterlist **dst)
{
	*src = layout_build(&spec->src);
	if (IS_ERR(*src))
		return PTR_ERR(*src);
	*dst = spec->in_place ? *src : layout_build(&spec->dst);
	return IS_ERR(*dst) ? PTR_ERR(*dst) : 0;
}

static void free_lists(void)
{
	layout_free(&spec->src);
	layout_free(&spec->dst);
}

static struct layout *destination(void)
{
	return spec->in_place ? &spec->src : &spec->dst;
}

static void report_changes(bool tfm_changed, bool fields_changed)
{
	if (tfm_changed)
		out("changed tfm\n");
	if (fields_changed)
		out("changed request\n");
	if (layout_changed(&spec->src) || layout_changed(&spec->dst))
		out("changed list\n");
}

/*
 * Between the two halves of "dir b": the second half reads the destination,
 * where not every algorithm has put the associated data. Then an optional bit
 * of damage.
 */
static int prepare_second(struct scatterlist *src, struct scatterlist *dst)
{
	size_t n = spec->in_place ? 0 : spec->assoc;
	u8 *copy = kmalloc(n + 1, GFP_KERNEL);

	if (!copy)
		return -ENOMEM;
	sg_copy_to_buffer(src, sg_nents(src), copy, n);
	sg_copy_from_buffer(dst, sg_nents(dst), copy, n);
	kfree(copy);
	if (spec->flip >= 0 && spec->flip < ARENA_SIZE)
		*arena_at(spec->flip) ^= 1;
	arena_snapshot();
	return 0;
}

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

static int skcipher_once(struct crypto_skcipher *tfm,
			 struct skcipher_request *req, bool encrypt,
			 struct scatterlist *src, struct scatterlist *dst)
{
	struct waiter waiter;
	u8 *iv = place_iv();
	int err;

	waiter_init(&waiter);
	skcipher_request_set_tfm(req, tfm);
	skcipher_request_set_callback(req, spec->flags, waiter_callback(),
				      &waiter);
	skcipher_request_set_crypt(req, src, dst, spec->length, iv);
	err = encrypt ? crypto_skcipher_encrypt(req) :
		crypto_skcipher_decrypt(req);
	err = waiter_wait(&waiter, err);
	report_changes(crypto_skcipher_reqtfm(req) != tfm,
		       req->src != src || req->dst != dst || req->iv != iv ||
		       req->cryptlen != spec->length ||
		       req->base.flags != spec->flags);
	return err;
}

static void skcipher_requests(struct crypto_skcipher *tfm,
			      struct skcipher_request *req)
{
	const u8 *iv = iv_buffer + IV_ALIGN +
		(spec->iv_offset & (IV_ALIGN - 1));
	unsigned int iv_size = crypto_skcipher_ivsize(tfm);
	struct scatterlist *src, *dst;
	int err = build_lists(&src, &dst);

	if (err) {
		out_stage("list", err);
		return;
	}
	err = skcipher_once(tfm, req, spec->direction != DECRYPT, src, dst);
	out_stage("crypt", err);
	out_hex("iv", iv, iv_size);
	arena_report("out", destination());
	if (spec->direction != BOTH || err)
		return;
	err = prepare_second(src, dst);
	if (err) {
		out("err2 %d\n", err);
		return;
	}
	err = skcipher_once(tfm, req, false, dst, dst);
	out("err2 %d\n", err);
	out_hex("iv2", iv, iv_size);
	arena_report("out2", destination());
}

static void skcipher_keyed(struct crypto_skcipher *tfm)
{
	struct skcipher_request *req;
	int err;

	out("attr block%u iv%u align%u chunk%u\n",
	    crypto_skcipher_blocksize(tfm), crypto_skcipher_ivsize(tfm),
	    crypto_skcipher_alignmask(tfm), crypto_skcipher_chunksize(tfm));
	if (spec->key_length) {
		err = crypto_skcipher_setkey(tfm, spec->key, spec->key_length);
		if (err) {
			out_stage("setkey", err);
			return;
		}
	}
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (!req) {
		out_stage("request", -ENOMEM);
		return;
	}
	skcipher_requests(tfm, req);
	skcipher_request_free(req);
	free_lists();
}

void run_skcipher(void)
{
	struct crypto_skcipher *tfm;
	int err = spec->has_walk ? walk_algorithm(false) : 0;

	if (err) {
		out_stage("register", err);
		return;
	}
	tfm = alloc_skcipher();
	if (IS_ERR(tfm)) {
		out_stage("alloc", PTR_ERR(tfm));
		return;
	}
	out("driver %s\n",
	    crypto_tfm_alg_driver_name(crypto_skcipher_tfm(tfm)));
	skcipher_keyed(tfm);
	crypto_free_skcipher(tfm);
}

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

static int aead_once(struct crypto_aead *tfm, struct aead_request *req,
		     bool encrypt, unsigned int length,
		     struct scatterlist *src, struct scatterlist *dst)
{
	struct waiter waiter;
	u8 *iv = place_iv();
	int err;

	waiter_init(&waiter);
	aead_request_set_tfm(req, tfm);
	aead_request_set_callback(req, spec->flags, waiter_callback(),
				  &waiter);
	aead_request_set_crypt(req, src, dst, length, iv);
	aead_request_set_ad(req, spec->assoc);
	err = encrypt ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
	err = waiter_wait(&waiter, err);
	report_changes(crypto_aead_reqtfm(req) != tfm,
		       req->src != src || req->dst != dst || req->iv != iv ||
		       req->cryptlen != length ||
		       req->assoclen != spec->assoc ||
		       req->base.flags != spec->flags);
	return err;
}

static void aead_requests(struct crypto_aead *tfm, struct aead_request *req)
{
	const u8 *iv = iv_buffer + IV_ALIGN +
		(spec->iv_offset & (IV_ALIGN - 1));
	unsigned int iv_size = crypto_aead_ivsize(tfm);
	struct scatterlist *src, *dst;
	int err = build_lists(&src, &dst);

	if (err) {
		out_stage("list", err);
		return;
	}
	err = aead_once(tfm, req, spec->direction != DECRYPT, spec->length,
			src, dst);
	out_stage("crypt", err);
	out_hex("iv", iv, iv_size);
	arena_report("out", destination());
	if (spec->direction != BOTH || err)
		return;
	err = prepare_second(src, dst);
	if (err) {
		out("err2 %d\n", err);
		return;
	}
	err = aead_once(tfm, req, false,
			spec->length + crypto_aead_authsize(tfm), dst, dst);
	out("err2 %d\n", err);
	out_hex("iv2", iv, iv_size);
	arena_report("out2", destination());
}

static void aead_keyed(struct crypto_aead *tfm)
{
	struct aead_request *req;
	int err;

	out("attr block%u iv%u align%u auth%u\n", crypto_aead_blocksize(tfm),
	    crypto_aead_ivsize(tfm), crypto_aead_alignmask(tfm),
	    crypto_aead_maxauthsize(tfm));
	if (spec->key_length) {
		err = crypto_aead_setkey(tfm, spec->key, spec->key_length);
		if (err) {
			out_stage("setkey", err);
			return;
		}
	}
	if (spec->has_auth) {
		err = crypto_aead_setauthsize(tfm, spec->auth);
		if (err) {
			out_stage("setauthsize", err);
			return;
		}
	}
	req = aead_request_alloc(tfm, GFP_KERNEL);
	if (!req) {
		out_stage("request", -ENOMEM);
		return;
	}
	aead_requests(tfm, req);
	aead_request_free(req);
	free_lists();
}

void run_aead(void)
{
	struct crypto_aead *tfm;
	int err = spec->has_walk ? walk_algorithm(true) : 0;

	if (err) {
		out_stage("register", err);
		return;
	}
	tfm = alloc_aead();
	if (IS_ERR(tfm)) {
		out_stage("alloc", PTR_ERR(tfm));
		return;
	}
	out("driver %s\n", crypto_tfm_alg_driver_name(crypto_aead_tfm(tfm)));
	aead_keyed(tfm);
	crypto_free_aead(tfm);
}
