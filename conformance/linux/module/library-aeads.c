// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * AEADs of lib/crypto: GCM and CCM as their headers have them; ChaCha20-Poly1305,
 * which has no incremental functions, out of ChaCha20 and Poly1305.
 */
#include <crypto/aes-ccm.h>
#include <crypto/aes-gcm.h>
#include <crypto/chacha.h>
#include <crypto/poly1305.h>
#include <crypto/utils.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "library.h"

static struct aes_gcm_key gcm_key;
static struct aes_gcm_ctx gcm;
static struct aes_ccm_key ccm_key;
static struct aes_ccm_ctx ccm;

static int gcm_setkey(const u8 *key, unsigned int len, unsigned int authsize)
{
	return aes_gcm_preparekey(&gcm_key, key, len, authsize);
}

static int gcm_setauthsize(unsigned int authsize)
{
	int err = crypto_gcm_check_authsize(authsize);

	if (!err)
		gcm_key.authtag_len = authsize;
	return err;
}

static int gcm_begin(const u8 *iv, unsigned int assoc, unsigned int len)
{
	aes_gcm_init(&gcm, iv, &gcm_key);
	return 0;
}

static void gcm_auth(const u8 *data, size_t len)
{
	aes_gcm_auth_update(&gcm, data, len);
}

static void gcm_crypt(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_gcm_encrypt_update(&gcm, dst, src, len);
	else
		aes_gcm_decrypt_update(&gcm, dst, src, len);
}

static void gcm_seal(u8 *tag)
{
	aes_gcm_encrypt_final(&gcm, tag);
}

static int gcm_open(const u8 *tag)
{
	return aes_gcm_decrypt_final(&gcm, tag);
}

static int ccm_setkey(const u8 *key, unsigned int len, unsigned int authsize)
{
	return aes_ccm_preparekey(&ccm_key, key, len, authsize);
}

static int ccm_setauthsize(unsigned int authsize)
{
	if (authsize < 4 || authsize > 16 || authsize % 2)
		return -EINVAL;
	ccm_key.authtag_len = authsize;
	return 0;
}

/* The IV of the crypto API says in its first byte how long the nonce behind it is. */
static int ccm_begin(const u8 *iv, unsigned int assoc, unsigned int len)
{
	if (iv[0] < 1 || iv[0] > 7)
		return -EINVAL;
	return aes_ccm_init(&ccm, len, assoc, iv + 1, 14 - iv[0], &ccm_key);
}

static void ccm_auth(const u8 *data, size_t len)
{
	aes_ccm_auth_update(&ccm, data, len);
}

static void ccm_crypt(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_ccm_encrypt_update(&ccm, dst, src, len);
	else
		aes_ccm_decrypt_update(&ccm, dst, src, len);
}

static void ccm_seal(u8 *tag)
{
	aes_ccm_encrypt_final(&ccm, tag);
}

static int ccm_open(const u8 *tag)
{
	return aes_ccm_decrypt_final(&ccm, tag);
}

/* ChaCha20-Poly1305: RFC 8439 */
static struct {
	u32 key[CHACHA_KEY_WORDS];
	struct chacha_state chacha;
	struct poly1305_desc_ctx poly;
	u8 stream[CHACHA_BLOCK_SIZE];
	size_t used;		/* bytes of the stream */
	u64 assoc, text;
} cp;

static int cp_setkey(const u8 *key, unsigned int len, unsigned int authsize)
{
	unsigned int i;

	if (len != CHACHA_KEY_SIZE)
		return -EINVAL;
	for (i = 0; i < CHACHA_KEY_WORDS; i++)
		cp.key[i] = get_unaligned_le32(key + 4 * i);
	return 0;
}

static int cp_setauthsize(unsigned int authsize)
{
	return authsize == POLY1305_DIGEST_SIZE ? 0 : -EINVAL;
}

static void cp_next_block(void)
{
	memset(cp.stream, 0, sizeof(cp.stream));
	chacha20_crypt(&cp.chacha, cp.stream, cp.stream, sizeof(cp.stream));
}

static int cp_begin(const u8 *iv, unsigned int assoc, unsigned int len)
{
	u8 start[CHACHA_IV_SIZE] = {};

	memcpy(start + 4, iv, CHACHAPOLY_IV_SIZE);
	chacha_init(&cp.chacha, cp.key, start);
	cp_next_block();
	poly1305_init(&cp.poly, cp.stream);
	cp.used = sizeof(cp.stream);
	cp.assoc = 0;
	cp.text = 0;
	return 0;
}

static void cp_auth(const u8 *data, size_t len)
{
	poly1305_update(&cp.poly, data, len);
	cp.assoc += len;
}

static void cp_pad(u64 len)
{
	static const u8 zeros[POLY1305_BLOCK_SIZE];

	poly1305_update(&cp.poly, zeros, -len % POLY1305_BLOCK_SIZE);
}

/* What is left of a block of the stream, then whole blocks, then a part of one. */
static void cp_xor(u8 *dst, const u8 *src, size_t len)
{
	while (len) {
		size_t whole = round_down(len, CHACHA_BLOCK_SIZE);
		size_t part = min(len, sizeof(cp.stream) - cp.used);

		if (part) {
			crypto_xor_cpy(dst, src, cp.stream + cp.used, part);
			cp.used += part;
		} else if (whole) {
			part = whole;
			chacha20_crypt(&cp.chacha, dst, src, whole);
		} else {
			cp_next_block();
			cp.used = 0;
		}
		dst += part;
		src += part;
		len -= part;
	}
}

static void cp_crypt(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (!cp.text && len)
		cp_pad(cp.assoc);
	cp.text += len;
	if (!encrypt)
		poly1305_update(&cp.poly, src, len);
	cp_xor(dst, src, len);
	if (encrypt)
		poly1305_update(&cp.poly, dst, len);
}

static void cp_seal(u8 *tag)
{
	__le64 lengths[] = { cpu_to_le64(cp.assoc), cpu_to_le64(cp.text) };

	cp_pad(cp.text ?: cp.assoc);
	poly1305_update(&cp.poly, (u8 *)lengths, sizeof(lengths));
	poly1305_final(&cp.poly, tag);
}

static int cp_open(const u8 *tag)
{
	u8 own[POLY1305_DIGEST_SIZE];

	cp_seal(own);
	return crypto_memneq(own, tag, sizeof(own)) ? -EBADMSG : 0;
}

static const struct library_aead aeads[] = {
	{ "gcm(aes)", 12, gcm_setkey, gcm_setauthsize, gcm_begin, gcm_auth,
	  gcm_crypt, gcm_seal, gcm_open },
	{ "ccm(aes)", 16, ccm_setkey, ccm_setauthsize, ccm_begin, ccm_auth,
	  ccm_crypt, ccm_seal, ccm_open },
	{ "rfc7539(chacha20,poly1305)", 12, cp_setkey, cp_setauthsize,
	  cp_begin, cp_auth, cp_crypt, cp_seal, cp_open },
};

const struct library_aead *library_aead(const char *alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(aeads); i++)
		if (!strcmp(aeads[i].alg, alg))
			return aeads + i;
	return NULL;
}
