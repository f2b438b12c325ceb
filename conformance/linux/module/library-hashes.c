// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Hashes of lib/crypto. Functions of one hash differ from those of another in
 * their names only, which macros put in.
 */
#include <crypto/aes-cbc-macs.h>
#include <crypto/blake2b.h>
#include <crypto/blake2s.h>
#include <crypto/gf128hash.h>
#include <crypto/md5.h>
#include <crypto/poly1305.h>
#include <crypto/sha1.h>
#include <crypto/sha2.h>
#include <crypto/sha3.h>
#include <crypto/sm3.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "library.h"

#define MAX_RAW_KEY	2048

static u8 raw_key[MAX_RAW_KEY];
static unsigned int raw_key_len;
static struct aes_enckey cbcmac_key;
static struct aes_cmac_key cmac_key;
static struct ghash_key ghash_key;
static struct polyval_key polyval_key;

static int setkey_raw(const u8 *key, unsigned int len)
{
	memcpy(raw_key, key, len);
	raw_key_len = len;
	return 0;
}

static int setkey_blake2b(const u8 *key, unsigned int len)
{
	return len > BLAKE2B_KEY_SIZE ? -EINVAL : setkey_raw(key, len);
}

static int setkey_blake2s(const u8 *key, unsigned int len)
{
	return len > BLAKE2S_KEY_SIZE ? -EINVAL : setkey_raw(key, len);
}

static int setkey_cmac(const u8 *key, unsigned int len)
{
	return aes_cmac_preparekey(&cmac_key, key, len);
}

static int setkey_xcbc(const u8 *key, unsigned int len)
{
	if (len != AES_KEYSIZE_128)
		return -EINVAL;
	aes_xcbcmac_preparekey(&cmac_key, key);
	return 0;
}

static int setkey_cbcmac(const u8 *key, unsigned int len)
{
	return aes_prepareenckey(&cbcmac_key, key, len);
}

static int setkey_ghash(const u8 *key, unsigned int len)
{
	if (len != GHASH_BLOCK_SIZE)
		return -EINVAL;
	ghash_preparekey(&ghash_key, key);
	return 0;
}

static int setkey_polyval(const u8 *key, unsigned int len)
{
	if (len != POLYVAL_BLOCK_SIZE)
		return -EINVAL;
	polyval_preparekey(&polyval_key, key);
	return 0;
}

/* begin is an expression over `s`, the state. */
#define HASH(NAME, STATE, BEGIN, UPDATE, FINAL)				\
static void NAME##_begin(void *state)					\
{									\
	struct STATE *s = state;					\
									\
	BEGIN;								\
}									\
static void NAME##_step(void *state, const u8 *data, size_t len)	\
{									\
	UPDATE((struct STATE *)state, data, len);			\
}									\
static int NAME##_end(void *state, u8 *digest)				\
{									\
	FINAL((struct STATE *)state, digest);				\
	return 0;							\
}

#define PLAIN(NAME)							\
	HASH(NAME, NAME##_ctx, NAME##_init(s), NAME##_update, NAME##_final)
#define HMAC(NAME)							\
	HASH(hmac_##NAME, hmac_##NAME##_ctx,				\
	     hmac_##NAME##_init_usingrawkey(s, raw_key, raw_key_len),	\
	     hmac_##NAME##_update, hmac_##NAME##_final)
#define SHA3(BITS)							\
	HASH(sha3_##BITS, sha3_ctx, sha3_##BITS##_init(s), sha3_update,	\
	     sha3_final)
#define BLAKE2(NAME, KIND, BITS)					\
	HASH(NAME, KIND##_ctx,						\
	     raw_key_len ? KIND##_init_key(s, BITS / 8, raw_key, raw_key_len) : \
	     KIND##_init(s, BITS / 8), KIND##_update, KIND##_final)

PLAIN(md5)
PLAIN(sha1)
PLAIN(sha224)
PLAIN(sha256)
PLAIN(sha384)
PLAIN(sha512)
PLAIN(sm3)
SHA3(224)
SHA3(256)
SHA3(384)
SHA3(512)
HMAC(md5)
HMAC(sha1)
HMAC(sha224)
HMAC(sha256)
HMAC(sha384)
HMAC(sha512)
BLAKE2(blake2b_160, blake2b, 160)
BLAKE2(blake2b_256, blake2b, 256)
BLAKE2(blake2b_384, blake2b, 384)
BLAKE2(blake2b_512, blake2b, 512)
BLAKE2(blake2s_128, blake2s, 128)
BLAKE2(blake2s_160, blake2s, 160)
BLAKE2(blake2s_224, blake2s, 224)
BLAKE2(blake2s_256, blake2s, 256)
HASH(cmac, aes_cmac_ctx, aes_cmac_init(s, &cmac_key), aes_cmac_update,
     aes_cmac_final)
HASH(cbcmac, aes_cbcmac_ctx, aes_cbcmac_init(s, &cbcmac_key),
     aes_cbcmac_update, aes_cbcmac_final)
HASH(ghash, ghash_ctx, ghash_init(s, &ghash_key), ghash_update, ghash_final)
HASH(polyval, polyval_ctx, polyval_init(s, &polyval_key), polyval_update,
     polyval_final)

/* As the crypto API had it: the first 32 bytes of the message are the key. */
struct keyed_poly1305 {
	struct poly1305_desc_ctx desc;
	u8 key[POLY1305_KEY_SIZE];
	size_t have;
};

static void poly1305_begin(void *state)
{
	memset(state, 0, sizeof(struct keyed_poly1305));
}

static void poly1305_step(void *state, const u8 *data, size_t len)
{
	struct keyed_poly1305 *s = state;
	size_t part = min(len, sizeof(s->key) - s->have);

	if (part) {
		memcpy(s->key + s->have, data, part);
		s->have += part;
		if (s->have == sizeof(s->key))
			poly1305_init(&s->desc, s->key);
	}
	if (len > part)
		poly1305_update(&s->desc, data + part, len - part);
}

static int poly1305_end(void *state, u8 *digest)
{
	struct keyed_poly1305 *s = state;

	if (s->have < sizeof(s->key))
		return -ENOKEY;
	poly1305_final(&s->desc, digest);
	return 0;
}

#define ROW(ALG, NAME, SIZE, STATE, SETKEY, NEEDS)			\
	{ ALG, SIZE, sizeof(struct STATE), SETKEY, NEEDS, NAME##_begin,	\
	  NAME##_step, NAME##_end }
#define HMAC_ROW(NAME, SIZE)						\
	ROW("hmac(" #NAME ")", hmac_##NAME, SIZE, hmac_##NAME##_ctx,	\
	    setkey_raw, true)

static const struct library_hash hashes[] = {
	ROW("md5", md5, 16, md5_ctx, NULL, false),
	ROW("sha1", sha1, 20, sha1_ctx, NULL, false),
	ROW("sha224", sha224, 28, sha224_ctx, NULL, false),
	ROW("sha256", sha256, 32, sha256_ctx, NULL, false),
	ROW("sha384", sha384, 48, sha384_ctx, NULL, false),
	ROW("sha512", sha512, 64, sha512_ctx, NULL, false),
	ROW("sm3", sm3, 32, sm3_ctx, NULL, false),
	ROW("sha3-224", sha3_224, 28, sha3_ctx, NULL, false),
	ROW("sha3-256", sha3_256, 32, sha3_ctx, NULL, false),
	ROW("sha3-384", sha3_384, 48, sha3_ctx, NULL, false),
	ROW("sha3-512", sha3_512, 64, sha3_ctx, NULL, false),
	HMAC_ROW(md5, 16),
	HMAC_ROW(sha1, 20),
	HMAC_ROW(sha224, 28),
	HMAC_ROW(sha256, 32),
	HMAC_ROW(sha384, 48),
	HMAC_ROW(sha512, 64),
	ROW("blake2b-160", blake2b_160, 20, blake2b_ctx, setkey_blake2b, false),
	ROW("blake2b-256", blake2b_256, 32, blake2b_ctx, setkey_blake2b, false),
	ROW("blake2b-384", blake2b_384, 48, blake2b_ctx, setkey_blake2b, false),
	ROW("blake2b-512", blake2b_512, 64, blake2b_ctx, setkey_blake2b, false),
	ROW("blake2s-128", blake2s_128, 16, blake2s_ctx, setkey_blake2s, false),
	ROW("blake2s-160", blake2s_160, 20, blake2s_ctx, setkey_blake2s, false),
	ROW("blake2s-224", blake2s_224, 28, blake2s_ctx, setkey_blake2s, false),
	ROW("blake2s-256", blake2s_256, 32, blake2s_ctx, setkey_blake2s, false),
	ROW("cmac(aes)", cmac, 16, aes_cmac_ctx, setkey_cmac, true),
	ROW("xcbc(aes)", cmac, 16, aes_cmac_ctx, setkey_xcbc, true),
	ROW("cbcmac(aes)", cbcmac, 16, aes_cbcmac_ctx, setkey_cbcmac, true),
	ROW("ghash", ghash, 16, ghash_ctx, setkey_ghash, true),
	ROW("polyval", polyval, 16, polyval_ctx, setkey_polyval, true),
	ROW("poly1305", poly1305, 16, keyed_poly1305, NULL, false),
};

const struct library_hash *library_hash(const char *alg)
{
	unsigned int i;

	raw_key_len = 0;
	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		if (!strcmp(hashes[i].alg, alg))
			return hashes + i;
	return NULL;
}

/* CBC-MAC alone is for templates, of which the crypto API is one. */
MODULE_IMPORT_NS("CRYPTO_INTERNAL");
