// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ciphers of lib/crypto: what goes from piece to piece is the IV, a counter, or
 * the state of ChaCha or ARC4. AES-CFB is called for whole blocks and the end of
 * a message, with the last block of ciphertext as the IV of the next call.
 */
#include <crypto/aes-cbc.h>
#include <crypto/aes-ctr.h>
#include <crypto/aes-ecb.h>
#include <crypto/aes-xts.h>
#include <crypto/arc4.h>
#include <crypto/chacha.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "library.h"

static struct aes_key aes;
static struct aes_xts_key xts;
static u32 chacha_key[CHACHA_KEY_WORDS];
static struct chacha_state chacha;
static u8 *iv, own_iv[XCHACHA_IV_SIZE];
static u64 counter;
static bool goes_on;

static int setkey_aes(const u8 *key, unsigned int len)
{
	return aes_preparekey(&aes, key, len);
}

static int setkey_xts(const u8 *key, unsigned int len)
{
	return aes_xts_preparekey(&xts, key, len, 0);
}

#if IS_BUILTIN(CONFIG_CRYPTO_LIB_AESCFB)
static struct aes_enckey aes_enc;

static int setkey_cfb(const u8 *key, unsigned int len)
{
	return aes_prepareenckey(&aes_enc, key, len);
}
#endif

#if IS_BUILTIN(CONFIG_CRYPTO_LIB_ARC4)
static struct arc4_ctx arc4;

static int setkey_arc4(const u8 *key, unsigned int len)
{
	if (len < ARC4_MIN_KEY_SIZE || len > ARC4_MAX_KEY_SIZE)
		return -EINVAL;
	return arc4_setkey(&arc4, key, len);
}
#endif

static int setkey_chacha(const u8 *key, unsigned int len)
{
	unsigned int i;

	if (len != CHACHA_KEY_SIZE)
		return -EINVAL;
	for (i = 0; i < CHACHA_KEY_WORDS; i++)
		chacha_key[i] = get_unaligned_le32(key + 4 * i);
	return 0;
}

/* The caller sees what the call leaves in its IV. */
static void begin_with(u8 *given)
{
	iv = given;
}

static void begin_kept(u8 *given)
{
	memcpy(own_iv, given, AES_BLOCK_SIZE);
	counter = 1;
	goes_on = false;
}

static void begin_chacha(u8 *given)
{
	chacha_init(&chacha, chacha_key, given);
}

static void begin_xchacha(u8 *given, int rounds)
{
	u32 key[HCHACHA_OUT_WORDS];

	chacha_init(&chacha, chacha_key, given);
	hchacha_block(&chacha, key, rounds);
	memcpy(own_iv, given + 24, 8);
	memcpy(own_iv + 8, given + 16, 8);
	chacha_init(&chacha, key, own_iv);
}

static void begin_xchacha20(u8 *given)
{
	begin_xchacha(given, 20);
}

static void begin_xchacha12(u8 *given)
{
	begin_xchacha(given, 12);
}

static void crypt_ecb(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_ecb_encrypt(dst, src, len, &aes);
	else
		aes_ecb_decrypt(dst, src, len, &aes);
}

static void crypt_cbc(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_cbc_encrypt(dst, src, len, iv, &aes);
	else
		aes_cbc_decrypt(dst, src, len, iv, &aes);
}

static void crypt_cts(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_cbc_cts_encrypt(dst, src, len, iv, &aes);
	else
		aes_cbc_cts_decrypt(dst, src, len, iv, &aes);
}

#if IS_BUILTIN(CONFIG_CRYPTO_LIB_AESCFB)
static void crypt_cfb(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	size_t whole = len - len % AES_BLOCK_SIZE;
	u8 last[AES_BLOCK_SIZE];

	/* In place, decryption writes over it. */
	if (whole)
		memcpy(last, src + whole - AES_BLOCK_SIZE, AES_BLOCK_SIZE);
	if (encrypt)
		aescfb_encrypt(&aes_enc, dst, src, len, iv);
	else
		aescfb_decrypt(&aes_enc, dst, src, len, iv);
	if (whole)
		memcpy(iv, encrypt ? dst + whole - AES_BLOCK_SIZE : last,
		       AES_BLOCK_SIZE);
}
#endif

#if IS_BUILTIN(CONFIG_CRYPTO_LIB_ARC4)
static void crypt_arc4(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	arc4_crypt(&arc4, dst, src, len);
}
#endif

static void crypt_ctr(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	aes_ctr(dst, src, len, iv, &aes);
}

static void crypt_xctr(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	aes_xctr(dst, src, len, &counter, own_iv, &aes);
}

static void crypt_xts(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	if (encrypt)
		aes_xts_encrypt(dst, src, len, own_iv, &xts, goes_on);
	else
		aes_xts_decrypt(dst, src, len, own_iv, &xts, goes_on);
	goes_on = true;
}

static void crypt_chacha20(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	chacha_crypt(&chacha, dst, src, len, 20);
}

static void crypt_chacha12(bool encrypt, u8 *dst, const u8 *src, size_t len)
{
	chacha_crypt(&chacha, dst, src, len, 12);
}

static const struct library_cipher ciphers[] = {
	{ "ecb(aes)", 0, 16, UNITS, setkey_aes, begin_with, crypt_ecb },
	{ "cbc(aes)", 16, 16, UNITS, setkey_aes, begin_with, crypt_cbc },
	{ "cts(cbc(aes))", 16, 16, WHOLE, setkey_aes, begin_with, crypt_cts },
#if IS_BUILTIN(CONFIG_CRYPTO_LIB_AESCFB)
	{ "cfb(aes)", 16, 16, TAIL, setkey_cfb, begin_with, crypt_cfb },
#endif
#if IS_BUILTIN(CONFIG_CRYPTO_LIB_ARC4)
	{ "ecb(arc4)", 0, 1, ANYWHERE, setkey_arc4, begin_with, crypt_arc4 },
#endif
	{ "ctr(aes)", 16, 16, TAIL, setkey_aes, begin_with, crypt_ctr },
	{ "xctr(aes)", 16, 16, TAIL, setkey_aes, begin_kept, crypt_xctr },
	{ "xts(aes)", 16, 16, STEALING, setkey_xts, begin_kept, crypt_xts },
	{ "chacha20", 16, 64, TAIL, setkey_chacha, begin_chacha,
	  crypt_chacha20 },
	{ "xchacha20", 32, 64, TAIL, setkey_chacha, begin_xchacha20,
	  crypt_chacha20 },
	{ "xchacha12", 32, 64, TAIL, setkey_chacha, begin_xchacha12,
	  crypt_chacha12 },
};

const struct library_cipher *library_cipher(const char *alg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ciphers); i++)
		if (!strcmp(ciphers[i].alg, alg))
			return ciphers + i;
	return NULL;
}
