// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Requests without requests: functions of lib/crypto, called for each piece of
 * two iterators, as a user of the library writes it. The answers have the form
 * of those of skcipher.c, aead.c and hash.c.
 */
#include <linux/bvec.h>
#include <linux/iov_iter.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <linux/vmalloc.h>

#include "oracle.h"
#include "library.h"

#define MAX_UNIT	64
#define MAX_TAG		16
#define MAX_DIGEST	64

/* Both lists as iterators over bvecs. */
struct iterators {
	struct bio_vec *src_bvec, *dst_bvec;
	struct iov_iter src, dst;
};

struct walk {
	void (*crypt)(bool encrypt, u8 *dst, const u8 *src, size_t len);
	bool encrypt;
	unsigned int unit;
	struct iov_iter *dst;
	const u8 *src;		/* where the piece of the source begins */
};

static struct bio_vec *list_iter(struct iov_iter *iter, unsigned int direction,
				 struct scatterlist *list)
{
	unsigned int i, n = list ? sg_nents(list) : 0;
	struct bio_vec *bvec = kcalloc(n + 1, sizeof(*bvec), GFP_KERNEL);
	struct scatterlist *sg;
	size_t total = 0;

	if (!bvec)
		return NULL;
	for_each_sg(list, sg, n, i) {
		bvec_set_page(bvec + i, sg_page(sg), sg->length, sg->offset);
		total += sg->length;
	}
	iov_iter_bvec(iter, direction, bvec, n, total);
	return bvec;
}

static int iterators_build(struct iterators *it, struct scatterlist *src,
			   struct scatterlist *dst)
{
	it->src_bvec = list_iter(&it->src, ITER_SOURCE, src);
	it->dst_bvec = list_iter(&it->dst, ITER_DEST, dst);
	return it->src_bvec && it->dst_bvec ? 0 : -ENOMEM;
}

static void iterators_free(struct iterators *it)
{
	kfree(it->src_bvec);
	kfree(it->dst_bvec);
}

/* One piece of the destination, as far as whole units go. */
static size_t step_dst(void *base, size_t progress, size_t len, void *priv,
		       void *priv2)
{
	struct walk *walk = priv;
	size_t whole = len - len % walk->unit;

	if (whole)
		walk->crypt(walk->encrypt, base, walk->src + progress, whole);
	return len - whole;
}

/* One piece of the source: as many pieces of the destination as it takes. */
static size_t step_src(void *base, size_t progress, size_t len, void *priv,
		       void *priv2)
{
	struct walk *walk = priv;

	walk->src = base;
	return len - iterate_and_advance_kernel(walk->dst, len, walk, NULL,
						step_dst);
}

/* A unit that lies in more than one piece goes through the stack. */
static size_t bounce(struct walk *walk, struct iterators *it, size_t len)
{
	u8 block[MAX_UNIT] = {};

	if (copy_from_iter(block, len, &it->src) < len)
		return 0;
	walk->crypt(walk->encrypt, block, block, len);
	return copy_to_iter(block, len, &it->dst);
}

/* Bytes processed: less than len where a list is too short. */
static size_t crypt_pieces(struct walk *walk, struct iterators *it, size_t len)
{
	size_t done = 0;

	walk->dst = &it->dst;
	for (;;) {
		size_t part;

		done += iterate_and_advance_kernel(&it->src, len - done, walk,
						   NULL, step_src);
		part = min_t(size_t, walk->unit, len - done);
		if (!part || walk->unit == 1 || bounce(walk, it, part) < part)
			return done;
		done += part;
	}
}

/* Everything at once, in a buffer. */
static size_t crypt_buffered(struct walk *walk, struct iterators *it,
			     u8 *buffer, size_t len)
{
	if (copy_from_iter(buffer, len, &it->src) < len)
		return 0;
	walk->crypt(walk->encrypt, buffer, buffer, len);
	return copy_to_iter(buffer, len, &it->dst);
}

static int crypt_message(const struct library_cipher *calls,
			 struct iterators *it, bool encrypt, u8 *buffer)
{
	size_t len = spec->length, tail = len % calls->unit, done;
	struct walk walk = {
		.crypt = calls->crypt, .encrypt = encrypt, .unit = calls->unit,
	};
	bool stolen = calls->ends == STEALING || calls->ends == WHOLE;

	if ((calls->ends == UNITS && tail) || (stolen && len < calls->unit))
		return -EINVAL;
	if (calls->ends == WHOLE)
		done = crypt_buffered(&walk, it, buffer, len);
	else if (calls->ends == STEALING && tail) {
		tail += calls->unit;
		done = crypt_pieces(&walk, it, len - tail);
		if (done == len - tail)
			done += crypt_buffered(&walk, it, buffer, tail);
	} else {
		done = crypt_pieces(&walk, it, len);
	}
	return done == len ? 0 : -EINVAL;
}

static size_t step_data(void *base, size_t progress, size_t len, void *priv,
			void *priv2)
{
	void (*update)(const u8 *data, size_t len) = priv;

	update(base, len);
	return 0;
}

static int open_or_seal(const struct library_aead *calls, struct iterators *it,
			bool encrypt, unsigned int authsize)
{
	u8 tag[MAX_TAG];

	if (!encrypt)
		return copy_from_iter(tag, authsize, &it->src) < authsize ?
			-EINVAL : calls->open(tag);
	calls->seal(tag);
	return copy_to_iter(tag, authsize, &it->dst) < authsize ? -EINVAL : 0;
}

static int aead_message(const struct library_aead *calls, struct iterators *it,
			bool encrypt, const u8 *iv, unsigned int len,
			unsigned int authsize)
{
	struct walk walk = {
		.crypt = calls->crypt, .encrypt = encrypt, .unit = 1,
	};
	int err = calls->begin(iv, spec->assoc, len);

	if (err)
		return err;
	if (iterate_and_advance_kernel(&it->src, spec->assoc, calls->auth,
				       NULL, step_data) < spec->assoc)
		return -EINVAL;
	iov_iter_advance(&it->dst, min_t(size_t, spec->assoc,
					 iov_iter_count(&it->dst)));
	if (crypt_pieces(&walk, it, len) < len)
		return -EINVAL;
	return open_or_seal(calls, it, encrypt, authsize);
}

/* What both kinds of requests have in common: halves, lists, reports. */
struct half {
	const struct library_cipher *cipher;
	const struct library_aead *aead;
	unsigned int authsize;
	u8 *buffer;
};

static int run_half(const struct half *half, bool encrypt, unsigned int len,
		    struct scatterlist *src, struct scatterlist *dst)
{
	u8 *iv = place_iv(0);
	struct iterators it;
	int err = iterators_build(&it, src, dst);

	if (!err) {
		submit_begin();
		if (!spec->has_key) {
			err = -ENOKEY;
		} else if (half->cipher) {
			half->cipher->begin(iv);
			err = crypt_message(half->cipher, &it, encrypt,
					    half->buffer);
		} else {
			err = aead_message(half->aead, &it, encrypt, iv, len,
					   half->authsize);
		}
		err = submit_end(err);
	}
	out_changes(false, false, false);
	iterators_free(&it);
	return err;
}

static void run_halves(const struct half *half, unsigned int iv_size)
{
	unsigned int len = spec->length;
	struct scatterlist *src, *dst;
	int err = lists_build(&src, &dst);

	if (err) {
		out_stage("list", err);
		return;
	}
	if (half->aead && spec->direction == DECRYPT)
		err = len < half->authsize ? -EINVAL : 0;
	if (!err)
		err = run_half(half, spec->direction != DECRYPT,
			       spec->direction == DECRYPT ?
			       len - half->authsize : len, src, dst);
	out_stage("crypt", err);
	out_hex("iv", iv_at(0), iv_size);
	arena_report("out", lists_target());
	if (spec->direction != BOTH || err)
		return;
	err = lists_second(src, dst);
	if (!err)
		err = run_half(half, false, len, dst, dst);
	out("err2 %d\n", err);
	out_hex("iv2", iv_at(0), iv_size);
	arena_report("out2", lists_target());
}

static void run_cipher(void)
{
	struct half half = { .cipher = library_cipher(spec->alg) };
	int err;

	if (!half.cipher) {
		out_stage("alloc", -ENOENT);
		return;
	}
	err = spec->has_key ?
		half.cipher->setkey(spec->key, spec->key_length) : 0;
	half.buffer = vmalloc(spec->length + 1);
	if (err || !half.buffer)
		out_stage("setkey", err ?: -ENOMEM);
	else
		run_halves(&half, half.cipher->iv_size);
	lists_free();
	vfree(half.buffer);
}

static void run_sealed(void)
{
	struct half half = {
		.aead = library_aead(spec->alg), .authsize = MAX_TAG,
	};
	int err = 0;

	if (!half.aead) {
		out_stage("alloc", -ENOENT);
		return;
	}
	if (spec->has_key)
		err = half.aead->setkey(spec->key, spec->key_length,
					half.authsize);
	if (err) {
		out_stage("setkey", err);
		return;
	}
	if (spec->has_auth) {
		half.authsize = spec->auth;
		err = half.aead->setauthsize(spec->auth);
	}
	if (err)
		out_stage("setauthsize", err);
	else
		run_halves(&half, half.aead->iv_size);
	lists_free();
}

struct hashing {
	const struct library_hash *calls;
	struct iterators it;
	void *state;
	u8 digest[MAX_DIGEST];
};

static size_t step_hash(void *base, size_t progress, size_t len, void *priv,
			void *priv2)
{
	struct hashing *hashing = priv;

	hashing->calls->update(hashing->state, base, len);
	return 0;
}

static int feed(struct hashing *hashing, size_t len)
{
	return iterate_and_advance_kernel(&hashing->it.src, len, hashing, NULL,
					  step_hash) < len ? -EINVAL : 0;
}

/* Saved, destroyed, and taken up again. */
static int restore(struct hashing *hashing)
{
	size_t size = hashing->calls->state_size;
	void *saved = kmemdup(hashing->state, size, GFP_ATOMIC);

	if (!saved)
		return -ENOMEM;
	memset(hashing->state, POISON, size);
	memcpy(hashing->state, saved, size);
	kfree(saved);
	return 0;
}

static int hash_message(struct hashing *hashing)
{
	unsigned int i;
	int err = 0;

	if (hashing->calls->needs_key && !spec->has_key)
		return -ENOKEY;
	hashing->calls->begin(hashing->state);
	if (spec->finish == DIGEST)
		err = feed(hashing, spec->length);
	else
		for (i = 0; i < spec->nr_parts && !err; i++) {
			err = feed(hashing, spec->part[i]);
			if (!err && spec->reimport[i])
				err = restore(hashing);
		}
	return err ?: hashing->calls->final(hashing->state, hashing->digest);
}

static void hash_list(struct hashing *hashing)
{
	struct scatterlist *src = layout_build(&spec->src);
	int err = IS_ERR(src) ? PTR_ERR(src) :
		iterators_build(&hashing->it, src, NULL);

	if (err) {
		out_stage("request", err);
	} else {
		memset(hashing->digest, POISON, MAX_DIGEST);
		submit_begin();
		err = submit_end(hash_message(hashing));
		out_stage("hash", err);
		arena_stray();
		if (layout_changed(&spec->src))
			out("changed list\n");
		if (!err)
			out_hex("digest", hashing->digest,
				hashing->calls->digest_size);
	}
	iterators_free(&hashing->it);
	layout_free(&spec->src);
}

static void run_hashing(void)
{
	struct hashing hashing = { .calls = library_hash(spec->alg) };
	int err = 0;

	if (!hashing.calls) {
		out_stage("alloc", -ENOENT);
		return;
	}
	if (spec->has_key)
		err = hashing.calls->setkey ?
			hashing.calls->setkey(spec->key, spec->key_length) :
			-ENOSYS;
	if (err) {
		out_stage("setkey", err);
		return;
	}
	hashing.state = kzalloc(hashing.calls->state_size, GFP_KERNEL);
	if (hashing.state)
		hash_list(&hashing);
	else
		out_stage("request", -ENOMEM);
	kfree(hashing.state);
}

void run_library(void)
{
	if (!strcmp(spec->op, "skcipher"))
		run_cipher();
	else if (!strcmp(spec->op, "aead"))
		run_sealed();
	else if (!strcmp(spec->op, "hash"))
		run_hashing();
	else
		out("bad op\n");
}
