// SPDX-License-Identifier: MIT
/*
 * OpenSSL's EVP as a subject of `conform`: reads questions and writes answers, one JSON object a line. The
 * text goes through EVP in the pieces that the segments of the case are, so that what is compared is the
 * incremental interface too.
 *
 *     cc -O2 -o evp evp.c -lcrypto
 *     npx sg2iter conform --subject-cmd ./evp --alg 'gcm(aes)' 'cbc(aes)' 'ctr(aes)' sha256
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_PIECES 128

struct question {
	long id;
	char alg[64], op[16];
	int has_key;
	unsigned char *key, *iv, *ad, *text, *tag;
	int key_len, iv_len, ad_len, text_len, tag_len, authsize;
	/* Lengths of the segments that AD, text and tag lie in. */
	int pieces[MOST_PIECES], nr;
};

/* The value of a field; NULL where there is none. Names are not found inside of values: those are hex. */
static const char *field(const char *line, const char *name)
{
	char quoted[32];
	const char *at;

	snprintf(quoted, sizeof(quoted), "\"%s\":", name);
	at = strstr(line, quoted);
	return at ? at + strlen(quoted) : NULL;
}

static void word(const char *line, const char *name, char *out, size_t size)
{
	const char *at = field(line, name);
	size_t len = 0;

	if (at && *at == '"')
		for (at++; *at && *at != '"' && len < size - 1; at++)
			out[len++] = *at;
	out[len] = '\0';
}

static int digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* Bytes of a field of hex; room for 16 more, which is never NULL. */
static unsigned char *bytes(const char *line, const char *name, int *len)
{
	const char *at = field(line, name);
	size_t chars = at && *at == '"' ? strcspn(at + 1, "\"") : 0;
	unsigned char *out = calloc(1, chars / 2 + 16);

	*len = (int)(chars / 2);
	for (int i = 0; i < *len; i++)
		out[i] = (unsigned char)(digit(at[1 + 2 * i]) << 4 | digit(at[2 + 2 * i]));
	return out;
}

static void read_question(const char *line, struct question *q)
{
	const char *at = field(line, "id");

	memset(q, 0, sizeof(*q));
	q->id = at ? atol(at) : 0;
	word(line, "alg", q->alg, sizeof(q->alg));
	word(line, "op", q->op, sizeof(q->op));
	at = field(line, "key");
	q->has_key = at && *at == '"';
	q->key = bytes(line, "key", &q->key_len);
	q->iv = bytes(line, "iv", &q->iv_len);
	q->ad = bytes(line, "ad", &q->ad_len);
	q->text = bytes(line, "text", &q->text_len);
	q->tag = bytes(line, "tag", &q->tag_len);
	at = field(line, "authsize");
	q->authsize = at ? atoi(at) : 0;
	at = field(line, "src");
	while (at && *at && *at != ']' && q->nr < MOST_PIECES) {
		char *end;
		long len = strtol(at + 1, &end, 10);

		if (end == at + 1)
			break;
		q->pieces[q->nr++] = (int)len;
		at = end;
	}
}

static void free_question(struct question *q)
{
	free(q->key);
	free(q->iv);
	free(q->ad);
	free(q->text);
	free(q->tag);
}

/* Calls update for each piece of the text. @skip: bytes of AD in front of it */
#define FOR_EACH_PIECE(q, skip, from, len)                                                   \
	for (int i_ = 0, at_ = -(skip), from, len; i_ <= (q)->nr && at_ < (q)->text_len;     \
	     at_ += i_ < (q)->nr ? (q)->pieces[i_] : (q)->text_len, i_++)                    \
		if (from = at_ < 0 ? 0 : at_,                                                \
		    len = (i_ < (q)->nr ? at_ + (q)->pieces[i_] : (q)->text_len) - from,     \
		    len = len > (q)->text_len - from ? (q)->text_len - from : len, len > 0)

static void put_hex(const char *name, const unsigned char *p, int len)
{
	printf(",\"%s\":\"", name);
	for (int i = 0; i < len; i++)
		printf("%02x", p[i]);
	putchar('"');
}

static void refuse(const char *what, const char *name)
{
	printf(",\"%s\":\"%s\"", what, name);
}

static void digest(const struct question *q, const EVP_MD *md)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	EVP_DigestInit_ex(ctx, md, NULL);
	FOR_EACH_PIECE(q, 0, from, n)
		EVP_DigestUpdate(ctx, q->text + from, (size_t)n);
	EVP_DigestFinal_ex(ctx, out, &len);
	EVP_MD_CTX_free(ctx);
	put_hex("output", out, (int)len);
}

static const EVP_CIPHER *aes(const char *mode, int key_len)
{
	char name[32];

	snprintf(name, sizeof(name), "aes-%d-%s", 8 * key_len, mode);
	return key_len == 16 || key_len == 24 || key_len == 32 ? EVP_get_cipherbyname(name) : NULL;
}

static void crypt_blocks(struct question *q, const char *mode)
{
	const EVP_CIPHER *cipher = aes(mode, q->key_len);
	int enc = !strcmp(q->op, "encrypt"), done = 0, got = 0;
	EVP_CIPHER_CTX *ctx;
	unsigned char *out;

	if (!q->has_key) {
		refuse("error", "ENOKEY");
		return;
	}
	if (!cipher) {
		refuse("setkey", "EINVAL");
		return;
	}
	if (!strcmp(mode, "cbc") && q->text_len % 16) {
		refuse("error", "EINVAL");
		return;
	}
	ctx = EVP_CIPHER_CTX_new();
	out = calloc(1, (size_t)q->text_len + 32);
	EVP_CipherInit_ex(ctx, cipher, NULL, q->key, q->iv, enc);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	FOR_EACH_PIECE(q, 0, from, n) {
		EVP_CipherUpdate(ctx, out + done, &got, q->text + from, n);
		done += got;
	}
	EVP_CipherFinal_ex(ctx, out + done, &got);
	put_hex("output", out, done + got);
	/* OpenSSL keeps a counter that has begun; the kernel hands on the next one. */
	if (!strcmp(mode, "cbc")) {
		const unsigned char *from = enc ? out : q->text;

		put_hex("iv", q->text_len ? from + q->text_len - 16 : q->iv, 16);
	}
	EVP_CIPHER_CTX_free(ctx);
	free(out);
}

static void crypt_gcm(struct question *q)
{
	const EVP_CIPHER *cipher = aes("gcm", q->key_len);
	int enc = !strcmp(q->op, "encrypt"), done = 0, got = 0;
	int bad_size = q->authsize != 4 && q->authsize != 8 && (q->authsize < 12 || q->authsize > 16);
	EVP_CIPHER_CTX *ctx;
	unsigned char *out;

	if (bad_size)
		refuse("setauthsize", "EINVAL");
	if (q->has_key && !cipher)
		refuse("setkey", "EINVAL");
	if (bad_size || (q->has_key && !cipher))
		return;
	if (!q->has_key) {
		refuse("error", "ENOKEY");
		return;
	}
	ctx = EVP_CIPHER_CTX_new();
	out = calloc(1, (size_t)q->text_len + 32);
	EVP_CipherInit_ex(ctx, cipher, NULL, q->key, q->iv, enc);
	EVP_CipherUpdate(ctx, NULL, &got, q->ad, q->ad_len);
	FOR_EACH_PIECE(q, q->ad_len, from, n) {
		EVP_CipherUpdate(ctx, out + done, &got, q->text + from, n);
		done += got;
	}
	if (!enc)
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, q->authsize, q->tag);
	if (EVP_CipherFinal_ex(ctx, out + done, &got) <= 0) {
		refuse("error", "EBADMSG");
	} else {
		if (enc)
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, q->authsize, out + done);
		put_hex("output", out, done + (enc ? q->authsize : 0));
	}
	put_hex("iv", q->iv, q->iv_len);
	EVP_CIPHER_CTX_free(ctx);
	free(out);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	struct question q;

	while (getline(&line, &size, stdin) > 0) {
		read_question(line, &q);
		printf("{\"id\":%ld", q.id);
		if (!strcmp(q.alg, "sha256"))
			digest(&q, EVP_sha256());
		else if (!strcmp(q.alg, "cbc(aes)"))
			crypt_blocks(&q, "cbc");
		else if (!strcmp(q.alg, "ctr(aes)"))
			crypt_blocks(&q, "ctr");
		else if (!strcmp(q.alg, "gcm(aes)"))
			crypt_gcm(&q);
		else
			refuse("absent", "no such algorithm here");
		puts("}");
		fflush(stdout);
		free_question(&q);
	}
	free(line);
	return 0;
}
