// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Recording algorithms: an skcipher or AEAD of any geometry whose handler
 * walks the request and tells every step. "Encryption" is xor with 0x5a, and
 * the first IV byte counts the steps.
 */
#include <crypto/internal/aead.h>
#include <crypto/internal/skcipher.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "oracle.h"

/* With 80 characters a step, four thousand fit into the reserve of a case. */
#define MAX_STEPS	4000

struct recorder {
	struct list_head list;
	bool is_aead;
	struct skcipher_alg skcipher;
	struct aead_alg aead;
};

static LIST_HEAD(recorders);

/*
 * The flags are private to crypto/skcipher.c and were renumbered in 6.14, so
 * they are told by letter: fast, slow (bounce buffer), copy (misaligned),
 * different source and destination pages.
 */
static char flag_letter(int flags)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
	int slow = 2, copy = 4, diff = 8;
#else
	int slow = 1, copy = 2, diff = 4;
#endif

	if (flags & slow)
		return 'S';
	if (flags & copy)
		return 'C';
	return flags & diff ? 'D' : 'F';
}

static unsigned int bytes_left(const struct skcipher_walk *walk)
{
	unsigned int n = walk->nbytes;

	/* Never all of a step: the walk would not end. */
	if (spec->remainder >= 0)
		return spec->remainder < n ? spec->remainder : 0;
	if (n == walk->total && n < walk->blocksize)
		return 0;
	return n % max(1u, walk->blocksize);
}

static void process(struct skcipher_walk *walk, unsigned int n)
{
	const u8 *src = walk->src.virt.addr;
	u8 *dst = walk->dst.virt.addr;
	unsigned int i;

	for (i = 0; i < n; i++)
		dst[i] = src[i] ^ 0x5a;
	if (walk->ivsize)
		((u8 *)walk->iv)[0]++;
}

static int record(struct skcipher_walk *walk, int err)
{
	unsigned int left;
	int steps;

	out("walk0 %d\nsteps", err);
	for (steps = 0; walk->nbytes; steps++) {
		out(" n%u,t%u", walk->nbytes, walk->total);
		out_location(",s", walk->src.virt.addr);
		out_location(",d", walk->dst.virt.addr);
		out(",f%c,iv%d", flag_letter(walk->flags),
		    walk->iv != walk->oiv);
		if (steps == MAX_STEPS) {
			out(" endless");
			skcipher_walk_done(walk, -ECANCELED);
			err = -ECANCELED;
			break;
		}
		if (steps == spec->error_at) {
			err = skcipher_walk_done(walk, spec->error);
		} else {
			left = bytes_left(walk);
			process(walk, walk->nbytes - left);
			err = skcipher_walk_done(walk, left);
		}
		out(",r%d", err);
	}
	out("\n");
	return err;
}

static int recorder_crypt(struct skcipher_request *req)
{
	struct skcipher_walk walk;

	return record(&walk, skcipher_walk_virt(&walk, req, false));
}

static int recorder_aead_encrypt(struct aead_request *req)
{
	struct skcipher_walk walk;

	return record(&walk, skcipher_walk_aead_encrypt(&walk, req, false));
}

static int recorder_aead_decrypt(struct aead_request *req)
{
	struct skcipher_walk walk;

	return record(&walk, skcipher_walk_aead_decrypt(&walk, req, false));
}

static int recorder_setkey(struct crypto_skcipher *tfm, const u8 *key,
			   unsigned int length)
{
	return 0;
}

static int recorder_aead_setkey(struct crypto_aead *tfm, const u8 *key,
				unsigned int length)
{
	return 0;
}

static int recorder_setauthsize(struct crypto_aead *tfm, unsigned int size)
{
	return 0;
}

static struct crypto_alg *recorder_base(struct recorder *recorder)
{
	return recorder->is_aead ? &recorder->aead.base :
		&recorder->skcipher.base;
}

static int register_aead(struct aead_alg *alg)
{
	alg->setkey = recorder_aead_setkey;
	alg->setauthsize = recorder_setauthsize;
	alg->encrypt = recorder_aead_encrypt;
	alg->decrypt = recorder_aead_decrypt;
	alg->ivsize = spec->iv_size;
	alg->maxauthsize = 16;
	alg->chunksize = spec->chunk;
	return crypto_register_aead(alg);
}

static int register_skcipher(struct skcipher_alg *alg)
{
	alg->setkey = recorder_setkey;
	alg->encrypt = recorder_crypt;
	alg->decrypt = recorder_crypt;
	alg->ivsize = spec->iv_size;
	alg->chunksize = spec->chunk;
	alg->walksize = spec->walk_size;
	return crypto_register_skcipher(alg);
}

/* Registers the geometry of the case and puts its name into spec->alg. */
int walk_algorithm(bool aead)
{
	struct recorder *recorder;
	struct crypto_alg *base;
	int err;

	snprintf(spec->alg, sizeof(spec->alg), "recorder%s-%u-%u-%u-%u-%u",
		 aead ? "-aead" : "", spec->block, spec->iv_size,
		 spec->align_mask, spec->chunk, spec->walk_size);
	list_for_each_entry(recorder, &recorders, list)
		if (!strcmp(recorder_base(recorder)->cra_name, spec->alg))
			return 0;
	recorder = kzalloc(sizeof(*recorder), GFP_KERNEL);
	if (!recorder)
		return -ENOMEM;
	recorder->is_aead = aead;
	base = recorder_base(recorder);
	strscpy(base->cra_name, spec->alg, CRYPTO_MAX_ALG_NAME);
	snprintf(base->cra_driver_name, CRYPTO_MAX_ALG_NAME, "%s-drv",
		 spec->alg);
	base->cra_priority = 1;
	base->cra_blocksize = spec->block;
	base->cra_alignmask = spec->align_mask;
	base->cra_module = THIS_MODULE;
	err = aead ? register_aead(&recorder->aead) :
		register_skcipher(&recorder->skcipher);
	if (err) {
		kfree(recorder);
		return err;
	}
	list_add(&recorder->list, &recorders);
	return 0;
}

void walk_exit(void)
{
	struct recorder *recorder, *next;

	list_for_each_entry_safe(recorder, next, &recorders, list) {
		if (recorder->is_aead)
			crypto_unregister_aead(&recorder->aead);
		else
			crypto_unregister_skcipher(&recorder->skcipher);
		kfree(recorder);
	}
}
