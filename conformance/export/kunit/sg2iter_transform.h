/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A transform of any kind, and its requests.
 */
#ifndef SG2ITER_TRANSFORM_H
#define SG2ITER_TRANSFORM_H

#include <linux/crypto.h>
#include <linux/scatterlist.h>
#include <linux/version.h>

#include "sg2iter_world.h"

/* From 6.3 on a callback gets its data alone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
typedef struct crypto_async_request *sg2iter_done_arg;
#define sg2iter_done_data(arg)	((arg)->data)
#else
typedef void *sg2iter_done_arg;
#define sg2iter_done_data(arg)	(arg)
#endif

struct crypto_acomp;
struct crypto_aead;
struct crypto_ahash;
struct crypto_akcipher;
struct crypto_kpp;
struct crypto_skcipher;

struct sg2iter_tfm {
	enum sg2iter_kind kind;
	union {
		struct crypto_skcipher *skcipher;
		struct crypto_aead *aead;
		struct crypto_ahash *ahash;
		struct crypto_acomp *acomp;
		struct crypto_akcipher *akcipher;
		struct crypto_kpp *kpp;
	};
	bool open, keyed;
};

/* One request, and where its next call stands if it is a hash in parts. */
struct sg2iter_request {
	struct sg2iter_tfm *tfm;
	struct sg2iter_world *w;
	void *object;
	crypto_completion_t done;
	void *data;
	unsigned int call;
	/* No other call follows. */
	bool last;
	u32 hashed;
	struct scatterlist from[2];
	u8 *state;
};

/* Has this kernel a call for what is done? */
bool sg2iter_has_call(const struct sg2iter_case *c);
/* The transform of a case, over cryptd if it says so, with key and tag size. */
int sg2iter_open(struct kunit *test, struct sg2iter_tfm *t,
		 const struct sg2iter_case *c);
void sg2iter_close(struct sg2iter_tfm *t);
int sg2iter_set_key(struct sg2iter_tfm *t, const struct sg2iter_case *c,
		    const u8 *key);
int sg2iter_set_authsize(struct sg2iter_tfm *t, const struct sg2iter_case *c);

void *sg2iter_new_object(struct sg2iter_tfm *t);
void sg2iter_free_object(struct sg2iter_tfm *t, void *object);

/* Puts what is read in the source, encrypted where it is to be decrypted. */
void sg2iter_put_message(struct sg2iter_request *r);
/* Fills the object in, and makes the next call. */
int sg2iter_call(struct sg2iter_request *r);
/* How long the object says that its result is. */
u32 sg2iter_length(struct sg2iter_request *r);
/* What a compressed result becomes again: 0 and its digest, or an errno. */
int sg2iter_unpack(struct sg2iter_request *r, u32 length, u64 *digest);

#endif
