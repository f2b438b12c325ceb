// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Requests whose output is as long as it turns out: compression, public keys,
 * key agreement. A source list, and a list with room for the result.
 */
#include <crypto/acompress.h>
#include <crypto/akcipher.h>
#include <crypto/kpp.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "oracle.h"

/* From 6.13 on signatures are made over virtual addresses, by another type. */
#define AKCIPHER_SIGNS	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0))

struct data {
	struct scatterlist *src, *dst;
	struct waiter waiter;
};

/* What a kernel has no call for. */
static void unsupported(void)
{
	out_stage("operation", -EOPNOTSUPP);
}

static bool is_what(const char *what)
{
	return !strcmp(spec->what, what);
}

static int data_begin(struct data *data)
{
	int err = lists_build(&data->src, &data->dst);

	waiter_init(&data->waiter);
	if (err)
		out_stage("list", err);
	return err;
}

static void data_end(struct data *data, int err, unsigned int told)
{
	out_stage("crypt", err);
	out("told %u\n", told);
	arena_report("out", lists_target());
	if (layout_changed(&spec->src) || layout_changed(&spec->dst))
		out("changed list\n");
}

#if IS_ENABLED(CONFIG_CRYPTO_ACOMP2)
static void run_acomp(struct data *data)
{
	struct crypto_acomp *tfm = crypto_alloc_acomp(spec->alg, 0, 0);
	struct acomp_req *req;
	int err;

	if (IS_ERR(tfm)) {
		out_stage("alloc", PTR_ERR(tfm));
		return;
	}
	req = acomp_request_alloc(tfm);
	if (!req) {
		out_stage("request", -ENOMEM);
	} else if (!data_begin(data)) {
		acomp_request_set_callback(req, spec->flags, waiter_callback(),
					   &data->waiter);
		acomp_request_set_params(req, data->src, data->dst,
					 spec->length, spec->room);
		submit_begin();
		err = submit_end(is_what("compress") ?
				 crypto_acomp_compress(req) :
				 crypto_acomp_decompress(req));
		err = waiter_wait(&data->waiter, err);
		data_end(data, err, req->dlen);
	}
	if (req)
		acomp_request_free(req);
	crypto_free_acomp(tfm);
}
#else
static void run_acomp(struct data *data)
{
	unsupported();
}
#endif

#if IS_ENABLED(CONFIG_CRYPTO_AKCIPHER2)
static int akcipher_submit(struct akcipher_request *req)
{
	if (is_what("encrypt"))
		return crypto_akcipher_encrypt(req);
	if (is_what("decrypt"))
		return crypto_akcipher_decrypt(req);
#if AKCIPHER_SIGNS
	if (is_what("sign"))
		return crypto_akcipher_sign(req);
	return crypto_akcipher_verify(req);
#else
	return -EOPNOTSUPP;
#endif
}

static void akcipher_operation(struct data *data, struct crypto_akcipher *tfm)
{
	struct akcipher_request *req = akcipher_request_alloc(tfm, GFP_KERNEL);
	int err;

	if (!req) {
		out_stage("request", -ENOMEM);
		return;
	}
	if (!data_begin(data)) {
		akcipher_request_set_callback(req, spec->flags,
					      waiter_callback(), &data->waiter);
		akcipher_request_set_crypt(req, data->src,
			is_what("verify") ? NULL : data->dst,
			spec->length, spec->room);
		submit_begin();
		err = submit_end(akcipher_submit(req));
		err = waiter_wait(&data->waiter, err);
		data_end(data, err, req->dst_len);
	}
	akcipher_request_free(req);
}

static void run_akcipher(struct data *data)
{
	struct crypto_akcipher *tfm;
	int err = 0;

	if (!AKCIPHER_SIGNS && (is_what("sign") || is_what("verify"))) {
		unsupported();
		return;
	}
	tfm = crypto_alloc_akcipher(spec->alg, 0, 0);
	if (IS_ERR(tfm)) {
		out_stage("alloc", PTR_ERR(tfm));
		return;
	}
	if (spec->has_key)
		err = spec->private_key ?
			crypto_akcipher_set_priv_key(tfm, spec->key,
						     spec->key_length) :
			crypto_akcipher_set_pub_key(tfm, spec->key,
						    spec->key_length);
	if (err)
		out_stage("setkey", err);
	else
		akcipher_operation(data, tfm);
	crypto_free_akcipher(tfm);
}
#else
static void run_akcipher(struct data *data)
{
	unsupported();
}
#endif

#if IS_ENABLED(CONFIG_CRYPTO_KPP2)
static void kpp_operation(struct data *data, struct crypto_kpp *tfm)
{
	struct kpp_request *req = kpp_request_alloc(tfm, GFP_KERNEL);
	bool agrees = is_what("agree");
	int err;

	if (!req) {
		out_stage("request", -ENOMEM);
		return;
	}
	if (!data_begin(data)) {
		kpp_request_set_callback(req, spec->flags, waiter_callback(),
					 &data->waiter);
		kpp_request_set_input(req, agrees ? data->src : NULL,
				      agrees ? spec->length : 0);
		kpp_request_set_output(req, data->dst, spec->room);
		submit_begin();
		err = submit_end(agrees ?
				 crypto_kpp_compute_shared_secret(req) :
				 crypto_kpp_generate_public_key(req));
		err = waiter_wait(&data->waiter, err);
		data_end(data, err, req->dst_len);
	}
	kpp_request_free(req);
}

static void run_kpp(struct data *data)
{
	struct crypto_kpp *tfm = crypto_alloc_kpp(spec->alg, 0, 0);
	int err = 0;

	if (IS_ERR(tfm)) {
		out_stage("alloc", PTR_ERR(tfm));
		return;
	}
	if (spec->has_key)
		err = crypto_kpp_set_secret(tfm, spec->key, spec->key_length);
	if (err)
		out_stage("setkey", err);
	else
		kpp_operation(data, tfm);
	crypto_free_kpp(tfm);
}
#else
static void run_kpp(struct data *data)
{
	unsupported();
}
#endif

void run_data(void)
{
	struct data *data = kzalloc(sizeof(*data), GFP_KERNEL);

	if (!data) {
		out_stage("request", -ENOMEM);
		return;
	}
	if (!strcmp(spec->op, "acomp"))
		run_acomp(data);
	else if (!strcmp(spec->op, "akcipher"))
		run_akcipher(data);
	else
		run_kpp(data);
	lists_free();
	kfree(data);
}
