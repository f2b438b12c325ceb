/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Calls of lib/crypto by the names of the crypto API. One case runs at a time,
 * so key and state of a message are variables of each file.
 */
#ifndef SG2ITER_LIBRARY_H
#define SG2ITER_LIBRARY_H

#include <linux/types.h>
#include <linux/uio.h>

/* What a message is cut into: pieces that end anywhere; whole units, but for its
 * end; whole units only; whole units, the last one with what is behind it; none.
 */
enum piece_ends { ANYWHERE, TAIL, UNITS, STEALING, WHOLE };

struct library_cipher {
	const char *alg;
	unsigned int iv_size, unit;
	enum piece_ends ends;
	int (*setkey)(const u8 *key, unsigned int len);
	void (*begin)(u8 *iv);
	void (*crypt)(bool encrypt, u8 *dst, const u8 *src, size_t len);
};

struct library_aead {
	const char *alg;
	unsigned int iv_size;
	int (*setkey)(const u8 *key, unsigned int len, unsigned int authsize);
	int (*setauthsize)(unsigned int authsize);
	int (*begin)(const u8 *iv, unsigned int assoc, unsigned int len);
	void (*auth)(const u8 *data, size_t len);
	void (*crypt)(bool encrypt, u8 *dst, const u8 *src, size_t len);
	void (*seal)(u8 *tag);
	int (*open)(const u8 *tag);
};

/* The state of a message is one struct, which is saved by assignment. */
struct library_hash {
	const char *alg;
	unsigned int digest_size, state_size;
	int (*setkey)(const u8 *key, unsigned int len);	/* NULL: no key */
	bool needs_key;
	void (*begin)(void *state);
	void (*update)(void *state, const u8 *data, size_t len);
	int (*final)(void *state, u8 *digest);
};

const struct library_cipher *library_cipher(const char *alg);
const struct library_aead *library_aead(const char *alg);
const struct library_hash *library_hash(const char *alg);

#endif
