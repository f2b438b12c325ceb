// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Transforms of six kinds behind one set of functions. A kind that the kernel
 * is configured without cannot be opened, as an algorithm that it lacks.
 */
#include <crypto/acompress.h>
#include <crypto/aead.h>
#include <crypto/akcipher.h>
#include <crypto/hash.h>
#include <crypto/kpp.h>
#include <crypto/scatterwalk.h>
#include <crypto/skcipher.h>
#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "sg2iter_transform.h"

#define HAS_ACOMP	IS_REACHABLE(CONFIG_CRYPTO_ACOMP2)
#define HAS_AKCIPHER	IS_REACHABLE(CONFIG_CRYPTO_AKCIPHER2)
#define HAS_KPP		IS_REACHABLE(CONFIG_CRYPTO_KPP2)
/* From 6.13 on signatures are made over virtual addresses, by another type. */
#define AKCIPHER_SIGNS	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0))

static void *alloc_tfm(enum sg2iter_kind kind, const char *name, u32 mask)
{
	switch (kind) {
	case SG2ITER_SKCIPHER:
		return crypto_alloc_skcipher(name, 0, mask);
	case SG2ITER_AEAD:
		return crypto_alloc_aead(name, 0, mask);
	case SG2ITER_AHASH:
		return crypto_alloc_ahash(name, 0, mask);
#if HAS_ACOMP
	case SG2ITER_ACOMP:
		return crypto_alloc_acomp(name, 0, mask);
#endif
#if HAS_AKCIPHER
	case SG2ITER_AKCIPHER:
		return crypto_alloc_akcipher(name, 0, mask);
#endif
#if HAS_KPP
	case SG2ITER_KPP:
		return crypto_alloc_kpp(name, 0, mask);
#endif
	default:
		return ERR_PTR(-ENOENT);
	}
}

static int open_name(struct sg2iter_tfm *t, enum sg2iter_kind kind,
		     const char *name, u32 mask)
{
	void *tfm = alloc_tfm(kind, name, mask);

	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	memset(t, 0, sizeof(*t));
	t->kind = kind;
	/* The members of the union are pointers. */
	t->skcipher = tfm;
	t->open = true;
	return 0;
}

static struct crypto_tfm *base_of(struct sg2iter_tfm *t)
{
	if (t->kind == SG2ITER_SKCIPHER)
		return crypto_skcipher_tfm(t->skcipher);
	if (t->kind == SG2ITER_AEAD)
		return crypto_aead_tfm(t->aead);
	return crypto_ahash_tfm(t->ahash);
}

/* cryptd over the driver that a name stands for. */
static int open_queued(struct sg2iter_tfm *t, const struct sg2iter_case *c)
{
	char name[CRYPTO_MAX_ALG_NAME];
	struct sg2iter_tfm inner;
	int n, err = open_name(&inner, c->kind, c->alg, CRYPTO_ALG_ASYNC);

	if (err)
		return err;
	n = snprintf(name, sizeof(name), "cryptd(%s)",
		     crypto_tfm_alg_driver_name(base_of(&inner)));
	sg2iter_close(&inner);
	return n < (int)sizeof(name) ? open_name(t, c->kind, name, 0) :
				       -ENAMETOOLONG;
}

bool sg2iter_has_call(const struct sg2iter_case *c)
{
	return AKCIPHER_SIGNS || (c->work != SG2ITER_DO_SIGN &&
				  c->work != SG2ITER_DO_VERIFY);
}

int sg2iter_open(struct kunit *test, struct sg2iter_tfm *t,
		 const struct sg2iter_case *c)
{
	int err;

	if (c->queued) {
		if (!open_queued(t, c))
			return 0;
		kunit_info(test, "without a queue: no cryptd over %s\n",
			   c->alg);
	}
	err = open_name(t, c->kind, c->alg, 0);
	/*
	 * From 7.2 on cryptd is registered over MACs of the library, and cannot
	 * be had: it stands in the way of what it is over.
	 */
	if (err && err != -ENOENT)
		err = open_name(t, c->kind, c->alg, CRYPTO_ALG_ASYNC);
	/* Padding with a hash is a type of its own there, with the same name. */
	if (!AKCIPHER_SIGNS && c->kind == SG2ITER_AKCIPHER &&
	    (err == -EEXIST || err == -EINVAL))
		return -ENOENT;
	return err;
}

void sg2iter_close(struct sg2iter_tfm *t)
{
	if (!t->open)
		return;
	t->open = false;
	switch (t->kind) {
	case SG2ITER_SKCIPHER:
		crypto_free_skcipher(t->skcipher);
		break;
	case SG2ITER_AEAD:
		crypto_free_aead(t->aead);
		break;
	case SG2ITER_AHASH:
		crypto_free_ahash(t->ahash);
		break;
#if HAS_ACOMP
	case SG2ITER_ACOMP:
		crypto_free_acomp(t->acomp);
		break;
#endif
#if HAS_AKCIPHER
	case SG2ITER_AKCIPHER:
		crypto_free_akcipher(t->akcipher);
		break;
#endif
#if HAS_KPP
	case SG2ITER_KPP:
		crypto_free_kpp(t->kpp);
		break;
#endif
	default:
		break;
	}
}

int sg2iter_set_key(struct sg2iter_tfm *t, const struct sg2iter_case *c,
		    const u8 *key)
{
	u32 weak = c->forbid_weak ? CRYPTO_TFM_REQ_FORBID_WEAK_KEYS : 0;
	unsigned int len = c->key.len;
	int err;

	switch (t->kind) {
	case SG2ITER_SKCIPHER:
		crypto_skcipher_set_flags(t->skcipher, weak);
		err = crypto_skcipher_setkey(t->skcipher, key, len);
		break;
	case SG2ITER_AEAD:
		crypto_aead_set_flags(t->aead, weak);
		err = crypto_aead_setkey(t->aead, key, len);
		break;
	case SG2ITER_AHASH:
		err = crypto_ahash_setkey(t->ahash, key, len);
		break;
#if HAS_AKCIPHER
	case SG2ITER_AKCIPHER:
		err = c->private_key ?
		      crypto_akcipher_set_priv_key(t->akcipher, key, len) :
		      crypto_akcipher_set_pub_key(t->akcipher, key, len);
		break;
#endif
#if HAS_KPP
	case SG2ITER_KPP:
		err = crypto_kpp_set_secret(t->kpp, key, len);
		break;
#endif
	default:
		err = -EINVAL;
	}
	t->keyed = !err;
	return err;
}

int sg2iter_set_authsize(struct sg2iter_tfm *t, const struct sg2iter_case *c)
{
	return t->kind == SG2ITER_AEAD ?
	       crypto_aead_setauthsize(t->aead, c->authsize) : 0;
}

void *sg2iter_new_object(struct sg2iter_tfm *t)
{
	switch (t->kind) {
	case SG2ITER_SKCIPHER:
		return skcipher_request_alloc(t->skcipher, GFP_KERNEL);
	case SG2ITER_AEAD:
		return aead_request_alloc(t->aead, GFP_KERNEL);
	case SG2ITER_AHASH:
		return ahash_request_alloc(t->ahash, GFP_KERNEL);
#if HAS_ACOMP
	case SG2ITER_ACOMP:
		return acomp_request_alloc(t->acomp);
#endif
#if HAS_AKCIPHER
	case SG2ITER_AKCIPHER:
		return akcipher_request_alloc(t->akcipher, GFP_KERNEL);
#endif
#if HAS_KPP
	case SG2ITER_KPP:
		return kpp_request_alloc(t->kpp, GFP_KERNEL);
#endif
	default:
		return NULL;
	}
}

void sg2iter_free_object(struct sg2iter_tfm *t, void *object)
{
	if (!object)
		return;
	switch (t->kind) {
	case SG2ITER_SKCIPHER:
		skcipher_request_free(object);
		break;
	case SG2ITER_AEAD:
		aead_request_free(object);
		break;
	case SG2ITER_AHASH:
		ahash_request_free(object);
		break;
#if HAS_ACOMP
	case SG2ITER_ACOMP:
		acomp_request_free(object);
		break;
#endif
#if HAS_AKCIPHER
	case SG2ITER_AKCIPHER:
		akcipher_request_free(object);
		break;
#endif
#if HAS_KPP
	case SG2ITER_KPP:
		kpp_request_free(object);
		break;
#endif
	default:
		break;
	}
}

/* Encrypts associated data, text and room for the tag in one plain buffer. */
static void seal(struct sg2iter_request *r, u8 *message, size_t size)
{
	const struct sg2iter_case *c = r->w->c;
	struct aead_request *req = aead_request_alloc(r->tfm->aead, GFP_KERNEL);
	u8 *iv = sg2iter_bytes_of(r->w->test, &c->iv);
	u8 *kept = sg2iter_take(r->w->test, size);
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

void sg2iter_put_message(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	bool opens = r->tfm->kind == SG2ITER_AEAD &&
		     c->work == SG2ITER_DO_DECRYPT;
	size_t tag = opens ? c->authsize : c->tag.len;
	size_t size = c->ad.len + c->text.len + tag;
	u8 *message = sg2iter_take(r->w->test, size);

	sg2iter_put_bytes(message, &c->ad);
	sg2iter_put_bytes(message + c->ad.len, &c->text);
	sg2iter_put_bytes(message + c->ad.len + c->text.len, &c->tag);
	if (opens && !c->sealed && r->tfm->keyed)
		seal(r, message, size);
	if (opens)
		tamper(c, message);
	sg2iter_copy_list(r->w, &c->src, 0, message, size, true);
	if (c->reimport)
		r->state = sg2iter_take(r->w->test,
				crypto_ahash_statesize(r->tfm->ahash));
}

static int call_skcipher(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	struct skcipher_request *req = r->object;

	skcipher_request_set_tfm(req, r->tfm->skcipher);
	skcipher_request_set_callback(req, c->flags, r->done, r->data);
	skcipher_request_set_crypt(req, r->w->src, r->w->dst, c->text.len,
				   r->w->iv);
	return c->work == SG2ITER_DO_ENCRYPT ? crypto_skcipher_encrypt(req) :
					       crypto_skcipher_decrypt(req);
}

static int call_aead(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	struct aead_request *req = r->object;
	bool encrypts = c->work == SG2ITER_DO_ENCRYPT;

	aead_request_set_tfm(req, r->tfm->aead);
	aead_request_set_callback(req, c->flags, r->done, r->data);
	aead_request_set_crypt(req, r->w->src, r->w->dst,
			       c->text.len + (encrypts ? 0 : c->authsize),
			       r->w->iv);
	aead_request_set_ad(req, c->ad.len);
	return encrypts ? crypto_aead_encrypt(req) : crypto_aead_decrypt(req);
}

/* The next bytes of the source. */
static void hash_next(struct sg2iter_request *r, u32 len)
{
	struct scatterlist *sg = r->w->src;

	if (r->hashed && len)
		sg = scatterwalk_ffwd(r->from, r->w->src, r->hashed);
	ahash_request_set_crypt(r->object, len ? sg : NULL, r->w->digest, len);
	r->hashed += len;
}

/* Updates first, then the rest. */
static int call_ahash(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	struct ahash_request *req = r->object;
	unsigned int i;
	int err;

	ahash_request_set_tfm(req, r->tfm->ahash);
	ahash_request_set_callback(req, c->flags, r->done, r->data);
	if (c->final == SG2ITER_DIGEST) {
		r->last = true;
		hash_next(r, c->text.len);
		return crypto_ahash_digest(req);
	}
	if (!r->call++)
		return crypto_ahash_init(req);
	i = r->call - 2;
	if (i == 1 && c->reimport && c->nr_updates) {
		/* Out to a buffer and back, into the same object. */
		err = crypto_ahash_export(req, r->state) ?:
		      crypto_ahash_import(req, r->state);
		if (err)
			return err;
	}
	if (i < c->nr_updates) {
		hash_next(r, c->update[i]);
		return crypto_ahash_update(req);
	}
	if (i == c->nr_updates) {
		hash_next(r, c->text.len - r->hashed);
		r->last = c->final == SG2ITER_FINUP;
		return r->last ? crypto_ahash_finup(req) :
				 crypto_ahash_update(req);
	}
	r->last = true;
	return crypto_ahash_final(req);
}

#if HAS_ACOMP
static int call_acomp(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	struct acomp_req *req = r->object;

	acomp_request_set_callback(req, c->flags, r->done, r->data);
	acomp_request_set_params(req, r->w->src, r->w->dst, c->text.len,
				 c->room);
	return c->work == SG2ITER_DO_COMPRESS ? crypto_acomp_compress(req) :
						crypto_acomp_decompress(req);
}

int sg2iter_unpack(struct sg2iter_request *r, u32 length, u64 *digest)
{
	const struct sg2iter_case *c = r->w->c;
	u8 *packed = sg2iter_take(r->w->test, length);
	u8 *text = sg2iter_take(r->w->test, c->text.len);
	struct acomp_req *req = acomp_request_alloc(r->tfm->acomp);
	struct scatterlist src, dst;
	DECLARE_CRYPTO_WAIT(wait);
	int err;

	if (!req)
		return -ENOMEM;
	sg2iter_copy_list(r->w, sg2iter_target(c), 0, packed, length, false);
	sg_init_one(&src, packed, length);
	sg_init_one(&dst, text, c->text.len);
	acomp_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				   crypto_req_done, &wait);
	acomp_request_set_params(req, &src, &dst, length, c->text.len);
	err = crypto_wait_req(crypto_acomp_decompress(req), &wait);
	*digest = digest_of(text, req->dlen);
	acomp_request_free(req);
	return err;
}
#else
static int call_acomp(struct sg2iter_request *r)
{
	return -EOPNOTSUPP;
}

int sg2iter_unpack(struct sg2iter_request *r, u32 length, u64 *digest)
{
	return -EOPNOTSUPP;
}
#endif

#if HAS_AKCIPHER
static int call_akcipher(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	struct akcipher_request *req = r->object;
	bool verifies = c->work == SG2ITER_DO_VERIFY;

	akcipher_request_set_tfm(req, r->tfm->akcipher);
	akcipher_request_set_callback(req, c->flags, r->done, r->data);
	akcipher_request_set_crypt(req, r->w->src,
				   verifies ? NULL : r->w->dst, c->text.len,
				   verifies ? c->tag.len : c->room);
	switch (c->work) {
	case SG2ITER_DO_ENCRYPT:
		return crypto_akcipher_encrypt(req);
	case SG2ITER_DO_DECRYPT:
		return crypto_akcipher_decrypt(req);
#if AKCIPHER_SIGNS
	case SG2ITER_DO_SIGN:
		return crypto_akcipher_sign(req);
	case SG2ITER_DO_VERIFY:
		return crypto_akcipher_verify(req);
#endif
	default:
		return -EOPNOTSUPP;
	}
}
#else
static int call_akcipher(struct sg2iter_request *r)
{
	return -EOPNOTSUPP;
}
#endif

#if HAS_KPP
static int call_kpp(struct sg2iter_request *r)
{
	const struct sg2iter_case *c = r->w->c;
	bool agrees = c->work == SG2ITER_DO_AGREE;
	struct kpp_request *req = r->object;

	kpp_request_set_tfm(req, r->tfm->kpp);
	kpp_request_set_callback(req, c->flags, r->done, r->data);
	kpp_request_set_input(req, agrees ? r->w->src : NULL,
			      agrees ? c->text.len : 0);
	kpp_request_set_output(req, r->w->dst, c->room);
	return agrees ? crypto_kpp_compute_shared_secret(req) :
			crypto_kpp_generate_public_key(req);
}
#else
static int call_kpp(struct sg2iter_request *r)
{
	return -EOPNOTSUPP;
}
#endif

int sg2iter_call(struct sg2iter_request *r)
{
	if (r->tfm->kind == SG2ITER_AHASH)
		return call_ahash(r);
	r->last = true;
	switch (r->tfm->kind) {
	case SG2ITER_SKCIPHER:
		return call_skcipher(r);
	case SG2ITER_AEAD:
		return call_aead(r);
	case SG2ITER_ACOMP:
		return call_acomp(r);
	case SG2ITER_AKCIPHER:
		return call_akcipher(r);
	case SG2ITER_KPP:
		return call_kpp(r);
	default:
		return -EOPNOTSUPP;
	}
}

u32 sg2iter_length(struct sg2iter_request *r)
{
	switch (r->tfm->kind) {
	case SG2ITER_ACOMP:
		return ((struct acomp_req *)r->object)->dlen;
	case SG2ITER_AKCIPHER:
		return ((struct akcipher_request *)r->object)->dst_len;
	case SG2ITER_KPP:
		return ((struct kpp_request *)r->object)->dst_len;
	default:
		return 0;
	}
}
