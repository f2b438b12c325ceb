// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs the cases of sg2iter_cases.h on the crypto API of this kernel.
 *
 * A case is an operation on scatterlists that lie in memory as the case says.
 * Bytes come from seeds; what must come out is a digest. Verified: the errno
 * of setkey, setauthsize and the operation; text and tag, or the digest, when
 * it succeeded; the IV of modes that hand one on; that no byte outside of the
 * destination changed, and no entry of the caller's lists. Not verified: the
 * destination after an error, and the associated data in it; kernels differ.
 */
#include <crypto/aead.h>
#include <crypto/hash.h>
#include <crypto/scatterwalk.h>
#include <crypto/skcipher.h>
#include <kunit/test.h>
#include <linux/crypto.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sg2iter_kunit.h"
#include "sg2iter_cases.h"

/* One case in memory. */
struct world {
	struct kunit *test;
	const struct sg2iter_case *c;
	u8 *region[SG2ITER_MAX_REGIONS];
	u8 *before[SG2ITER_MAX_REGIONS];
	struct scatterlist *src, *dst;
	struct scatterlist *src_copy, *dst_copy;
	unsigned int src_slots, dst_slots;
	u8 *key, *iv;
};

static u8 *take(struct kunit *test, size_t len)
{
	u8 *at = kunit_kzalloc(test, len ? len : 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, at);
	return at;
}

static void put_bytes(u8 *at, const struct sg2iter_bytes *bytes)
{
	if (bytes->raw)
		memcpy(at, bytes->raw, bytes->len);
	else
		fill_seeded(at, bytes->len, bytes->seed);
}

static u8 *bytes_of(struct kunit *test, const struct sg2iter_bytes *bytes)
{
	u8 *at = take(test, bytes->len);

	put_bytes(at, bytes);
	return at;
}

static size_t list_length(const struct sg2iter_list *list)
{
	size_t length = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		length += list->entry[i].length;
	return length;
}

/* Copies between a buffer and a list, entry by entry, without a walk. */
static void list_copy(struct world *w, const struct sg2iter_list *list,
		      size_t skip, u8 *buffer, size_t len, bool to_list)
{
	unsigned int i;

	for (i = 0; i < list->nr && len; i++) {
		const struct sg2iter_entry *e = &list->entry[i];
		size_t part;
		u8 *at;

		if (skip >= e->length) {
			skip -= e->length;
			continue;
		}
		part = min_t(size_t, e->length - skip, len);
		at = w->region[e->region] + e->offset + skip;
		if (to_list)
			memcpy(at, buffer, part);
		else
			memcpy(buffer, at, part);
		buffer += part;
		len -= part;
		skip = 0;
	}
	KUNIT_ASSERT_EQ(w->test, len, (size_t)0);
}

/* Tables of `chain` entries, each with a link to the next; 0: one table. */
static struct scatterlist *build_list(struct world *w,
				      const struct sg2iter_list *list,
				      unsigned int chain, unsigned int *slots)
{
	unsigned int per = chain && chain < list->nr ? chain : list->nr;
	unsigned int tables = DIV_ROUND_UP(list->nr, per);
	struct scatterlist *sg, *table, *previous = NULL;
	unsigned int t, i;

	*slots = list->nr + tables;
	sg = (struct scatterlist *)take(w->test, *slots * sizeof(*sg));
	for (t = 0; t < tables; t++) {
		unsigned int from = t * per;
		unsigned int n = min(per, list->nr - from);
		bool last = t == tables - 1;

		table = sg + t * (per + 1);
		sg_init_table(table, last ? n : n + 1);
		for (i = 0; i < n; i++) {
			const struct sg2iter_entry *e = &list->entry[from + i];

			sg_set_buf(table + i, w->region[e->region] + e->offset,
				   e->length);
		}
		if (previous)
			sg_chain(previous, per + 1, table);
		previous = table;
	}
	return sg;
}

static void build_world(struct world *w)
{
	const struct sg2iter_case *c = w->c;
	unsigned int i;

	for (i = 0; i < c->nr_regions; i++) {
		/* A power of two of pages begins at a page. */
		size_t size = roundup_pow_of_two(c->region[i]) * PAGE_SIZE;

		w->region[i] = take(w->test, size);
		fill_seeded(w->region[i], c->region[i] * PAGE_SIZE,
			    c->seed + i + 1);
		w->before[i] = take(w->test, c->region[i] * PAGE_SIZE);
	}
	w->key = bytes_of(w->test, &c->key);
	w->iv = bytes_of(w->test, &c->iv);
	w->src = build_list(w, &c->src, c->chain, &w->src_slots);
	w->dst = w->src;
	if (c->dst.nr && c->place != SG2ITER_SAME)
		w->dst = build_list(w, &c->dst, c->chain, &w->dst_slots);
}

static struct scatterlist *copy_of(struct world *w, struct scatterlist *sg,
				   unsigned int slots)
{
	struct scatterlist *copy = (struct scatterlist *)
		take(w->test, slots * sizeof(*sg));

	memcpy(copy, sg, slots * sizeof(*sg));
	return copy;
}

/* What changes from here on is the work of the operation. */
static void snapshot(struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->c->nr_regions; i++)
		memcpy(w->before[i], w->region[i],
		       w->c->region[i] * PAGE_SIZE);
	w->src_copy = copy_of(w, w->src, w->src_slots);
	if (w->dst != w->src)
		w->dst_copy = copy_of(w, w->dst, w->dst_slots);
}

static const struct sg2iter_list *target_of(const struct sg2iter_case *c)
{
	return c->place == SG2ITER_SAME ? &c->src : &c->dst;
}

/* May the operation write there? */
static bool is_target(const struct sg2iter_case *c, unsigned int region,
		      size_t offset)
{
	const struct sg2iter_list *list = target_of(c);
	size_t position = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct sg2iter_entry *e = &list->entry[i];

		if (e->region == region && offset >= e->offset &&
		    offset < e->offset + e->length &&
		    position + offset - e->offset < c->room)
			return true;
		position += e->length;
	}
	return false;
}

static void check_world(struct world *w)
{
	const struct sg2iter_case *c = w->c;
	unsigned int i;

	for (i = 0; i < c->nr_regions; i++) {
		size_t at, size = c->region[i] * PAGE_SIZE;

		for (at = 0; at < size; at++) {
			if (w->region[i][at] == w->before[i][at] ||
			    is_target(c, i, at))
				continue;
			KUNIT_FAIL(w->test,
				   "byte %zu of region %u was written", at, i);
			break;
		}
	}
	KUNIT_EXPECT_EQ_MSG(w->test, 0,
			    memcmp(w->src, w->src_copy,
				   w->src_slots * sizeof(*w->src)),
			    "an entry of the source was changed");
	if (w->dst != w->src)
		KUNIT_EXPECT_EQ_MSG(w->test, 0,
				    memcmp(w->dst, w->dst_copy,
					   w->dst_slots * sizeof(*w->dst)),
				    "an entry of the destination was changed");
}

static void check_output(struct world *w, size_t skip, size_t len)
{
	u8 *output = take(w->test, len);

	list_copy(w, target_of(w->c), skip, output, len, false);
	KUNIT_EXPECT_EQ_MSG(w->test, digest_of(output, len), w->c->digest,
			    "other text or tag");
}

static void check_iv(struct world *w)
{
	if (w->c->has_iv)
		KUNIT_EXPECT_EQ_MSG(w->test,
				    digest_of(w->iv, w->c->iv.len),
				    w->c->iv_digest, "another IV");
}

/* An algorithm that this kernel does not have is skipped by its name. */
static bool is_missing(struct kunit *test, const char *alg, void *tfm)
{
	if (!IS_ERR(tfm))
		return false;
	if (PTR_ERR(tfm) == -ENOENT)
		sg2iter_skip(test, "this kernel has no %s", alg);
	KUNIT_FAIL(test, "%s cannot be had: %ld", alg, PTR_ERR(tfm));
	return true;
}

static void run_skcipher(struct world *w)
{
	const struct sg2iter_case *c = w->c;
	struct crypto_skcipher *tfm = crypto_alloc_skcipher(c->alg, 0, 0);
	struct skcipher_request *req;
	DECLARE_CRYPTO_WAIT(wait);
	u8 *text;
	int err;

	if (is_missing(w->test, c->alg, tfm))
		return;
	build_world(w);
	if (c->forbid_weak)
		crypto_skcipher_set_flags(tfm,
					  CRYPTO_TFM_REQ_FORBID_WEAK_KEYS);
	if (c->has_key) {
		err = crypto_skcipher_setkey(tfm, w->key, c->key.len);
		KUNIT_EXPECT_EQ_MSG(w->test, err, c->setkey, "setkey");
	}
	text = bytes_of(w->test, &c->text);
	list_copy(w, &c->src, 0, text, c->text.len, true);
	snapshot(w);
	req = skcipher_request_alloc(tfm, GFP_KERNEL);
	if (req) {
		skcipher_request_set_callback(req, c->flags, crypto_req_done,
					      &wait);
		skcipher_request_set_crypt(req, w->src, w->dst, c->text.len,
					   w->iv);
		err = crypto_wait_req(c->encrypt ?
				      crypto_skcipher_encrypt(req) :
				      crypto_skcipher_decrypt(req), &wait);
		KUNIT_EXPECT_EQ_MSG(w->test, err, c->result, "result");
		check_world(w);
		if (!err && !c->result) {
			check_output(w, 0, c->text.len);
			check_iv(w);
		}
	} else {
		KUNIT_FAIL(w->test, "no memory for a request");
	}
	skcipher_request_free(req);
	crypto_free_skcipher(tfm);
}

/* Encrypts associated data, text and room for the tag in one plain buffer. */
static void seal(struct world *w, struct crypto_aead *tfm, u8 *message,
		 size_t size)
{
	const struct sg2iter_case *c = w->c;
	struct aead_request *req = aead_request_alloc(tfm, GFP_KERNEL);
	u8 *iv = bytes_of(w->test, &c->iv);
	u8 *kept = take(w->test, size);
	DECLARE_CRYPTO_WAIT(wait);
	struct scatterlist sg;

	if (!req)
		return;
	memcpy(kept, message, size);
	sg_init_one(&sg, message, size);
	aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				  crypto_req_done, &wait);
	aead_request_set_crypt(req, &sg, &sg, c->text.len, iv);
	aead_request_set_ad(req, c->ad.len);
	if (crypto_wait_req(crypto_aead_encrypt(req), &wait))
		memcpy(message, kept, size);
	aead_request_free(req);
}

static void tamper(const struct sg2iter_case *c, u8 *message)
{
	size_t start[] = { 0, c->ad.len, c->ad.len + c->text.len };
	size_t length[] = { c->ad.len, c->text.len, c->authsize };
	unsigned int part = c->tamper - 1;

	if (c->tamper && length[part])
		message[start[part] + c->tamper_byte % length[part]] ^=
			1 << c->tamper_bit;
}

/* Associated data, text, and when it is decrypted the tag: as they lie in src. */
static u8 *aead_message(struct world *w, struct crypto_aead *tfm, bool usable)
{
	const struct sg2iter_case *c = w->c;
	size_t size = c->ad.len + c->text.len + c->authsize;
	u8 *message = take(w->test, size);

	put_bytes(message, &c->ad);
	put_bytes(message + c->ad.len, &c->text);
	if (c->encrypt)
		return message;
	if (c->tag.raw)
		put_bytes(message + c->ad.len + c->text.len, &c->tag);
	else if (usable)
		seal(w, tfm, message, size);
	tamper(c, message);
	return message;
}

static void run_aead(struct world *w)
{
	const struct sg2iter_case *c = w->c;
	struct crypto_aead *tfm = crypto_alloc_aead(c->alg, 0, 0);
	size_t given = c->text.len + (c->encrypt ? 0 : c->authsize);
	struct aead_request *req = NULL;
	bool usable = c->has_key;
	DECLARE_CRYPTO_WAIT(wait);
	u8 *message;
	int err;

	if (is_missing(w->test, c->alg, tfm))
		return;
	build_world(w);
	if (c->forbid_weak)
		crypto_aead_set_flags(tfm, CRYPTO_TFM_REQ_FORBID_WEAK_KEYS);
	if (c->has_key) {
		err = crypto_aead_setkey(tfm, w->key, c->key.len);
		KUNIT_EXPECT_EQ_MSG(w->test, err, c->setkey, "setkey");
		usable = !err;
	}
	err = crypto_aead_setauthsize(tfm, c->authsize);
	KUNIT_EXPECT_EQ_MSG(w->test, err, c->setauthsize, "setauthsize");
	if (err || c->setauthsize)
		goto out;
	message = aead_message(w, tfm, usable);
	list_copy(w, &c->src, 0, message, c->ad.len + given, true);
	snapshot(w);
	req = aead_request_alloc(tfm, GFP_KERNEL);
	if (!req) {
		KUNIT_FAIL(w->test, "no memory for a request");
		goto out;
	}
	aead_request_set_callback(req, c->flags, crypto_req_done, &wait);
	aead_request_set_crypt(req, w->src, w->dst, given, w->iv);
	aead_request_set_ad(req, c->ad.len);
	err = crypto_wait_req(c->encrypt ? crypto_aead_encrypt(req) :
			      crypto_aead_decrypt(req), &wait);
	KUNIT_EXPECT_EQ_MSG(w->test, err, c->result, "result");
	check_world(w);
	if (!err && !c->result)
		check_output(w, c->ad.len,
			     c->text.len + (c->encrypt ? c->authsize : 0));
out:
	aead_request_free(req);
	crypto_free_aead(tfm);
}

/* The source from byte `skip` on. */
static void hash_part(struct ahash_request *req, struct world *w,
		      struct scatterlist *from, u8 *result, size_t skip,
		      size_t len)
{
	struct scatterlist *sg = w->src;

	if (skip && len)
		sg = scatterwalk_ffwd(from, w->src, skip);
	ahash_request_set_crypt(req, len ? sg : NULL, result, len);
}

/* Out to a buffer and back, into the same request. */
static int reimport(struct world *w, struct ahash_request *req)
{
	struct crypto_ahash *tfm = crypto_ahash_reqtfm(req);
	u8 *state = take(w->test, crypto_ahash_statesize(tfm));

	return crypto_ahash_export(req, state) ?:
	       crypto_ahash_import(req, state);
}

/* Updates first, then the rest; the first errno ends it. */
static int hash_message(struct world *w, struct ahash_request *req,
			struct crypto_wait *wait, u8 *result)
{
	const struct sg2iter_case *c = w->c;
	struct scatterlist from[2];
	size_t done = 0;
	unsigned int i;
	int err;

	if (c->final == SG2ITER_DIGEST) {
		hash_part(req, w, from, result, 0, c->text.len);
		return crypto_wait_req(crypto_ahash_digest(req), wait);
	}
	err = crypto_wait_req(crypto_ahash_init(req), wait);
	for (i = 0; i < c->nr_updates && !err; i++) {
		hash_part(req, w, from, result, done, c->update[i]);
		err = crypto_wait_req(crypto_ahash_update(req), wait);
		done += c->update[i];
		if (!err && !i && c->reimport)
			err = reimport(w, req);
	}
	if (err)
		return err;
	hash_part(req, w, from, result, done, c->text.len - done);
	if (c->final == SG2ITER_FINUP)
		return crypto_wait_req(crypto_ahash_finup(req), wait);
	return crypto_wait_req(crypto_ahash_update(req), wait) ?:
	       crypto_wait_req(crypto_ahash_final(req), wait);
}

static void run_ahash(struct world *w)
{
	const struct sg2iter_case *c = w->c;
	struct crypto_ahash *tfm = crypto_alloc_ahash(c->alg, 0, 0);
	struct ahash_request *req;
	DECLARE_CRYPTO_WAIT(wait);
	u8 *text, *result;
	int err;

	if (is_missing(w->test, c->alg, tfm))
		return;
	build_world(w);
	if (c->has_key) {
		err = crypto_ahash_setkey(tfm, w->key, c->key.len);
		KUNIT_EXPECT_EQ_MSG(w->test, err, c->setkey, "setkey");
	}
	text = bytes_of(w->test, &c->text);
	list_copy(w, &c->src, 0, text, c->text.len, true);
	snapshot(w);
	result = take(w->test, crypto_ahash_digestsize(tfm));
	req = ahash_request_alloc(tfm, GFP_KERNEL);
	if (req) {
		ahash_request_set_callback(req, c->flags, crypto_req_done,
					   &wait);
		err = hash_message(w, req, &wait, result);
		KUNIT_EXPECT_EQ_MSG(w->test, err, c->result, "result");
		check_world(w);
		if (!err && !c->result)
			KUNIT_EXPECT_EQ_MSG(w->test,
				digest_of(result, crypto_ahash_digestsize(tfm)),
				c->digest, "another digest");
		ahash_request_free(req);
	} else {
		KUNIT_FAIL(w->test, "no memory for a request");
	}
	crypto_free_ahash(tfm);
}

static void sg2iter_run(struct kunit *test)
{
	struct world *w = (struct world *)take(test, sizeof(*w));

	w->test = test;
	w->c = test->param_value;
	sg2iter_say(test, w->c->name);
	KUNIT_ASSERT_EQ(test, list_length(&w->c->src) >= w->c->text.len, true);
	switch (w->c->kind) {
	case SG2ITER_SKCIPHER:
		run_skcipher(w);
		break;
	case SG2ITER_AEAD:
		run_aead(w);
		break;
	case SG2ITER_AHASH:
		run_ahash(w);
		break;
	}
}

static void describe(const struct sg2iter_case *c, char *text)
{
	strscpy(text, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sg2iter, sg2iter_cases, describe);

static struct kunit_case sg2iter_test_cases[] = {
	KUNIT_CASE_PARAM(sg2iter_run, sg2iter_gen_params),
	{}
};

static struct kunit_suite sg2iter_suite = {
	.name = "sg2iter",
	.test_cases = sg2iter_test_cases,
};

kunit_test_suite(sg2iter_suite);

MODULE_DESCRIPTION("Crypto operations on scatterlists in exact memory layouts");
MODULE_LICENSE("Dual MIT/GPL");
