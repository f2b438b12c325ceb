/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What cases and programs of requests are made of. Everything of them is data,
 * so that a case is a few lines; sg2iter_cases.h has them.
 */
#ifndef SG2ITER_KUNIT_H
#define SG2ITER_KUNIT_H

#include <linux/types.h>

#define SG2ITER_MAX_REGIONS	128

enum sg2iter_kind {
	SG2ITER_SKCIPHER, SG2ITER_AEAD, SG2ITER_AHASH,
	SG2ITER_ACOMP, SG2ITER_AKCIPHER, SG2ITER_KPP,
};
enum sg2iter_work {
	SG2ITER_DO_DIGEST, SG2ITER_DO_ENCRYPT, SG2ITER_DO_DECRYPT,
	SG2ITER_DO_COMPRESS, SG2ITER_DO_DECOMPRESS, SG2ITER_DO_SIGN,
	SG2ITER_DO_VERIFY, SG2ITER_DO_GENERATE, SG2ITER_DO_AGREE,
};
/* Separate memory, one list for both, two lists over the same memory. */
enum sg2iter_place { SG2ITER_APART, SG2ITER_SAME, SG2ITER_TWIN };
enum sg2iter_final { SG2ITER_DIGEST, SG2ITER_FINUP, SG2ITER_FINAL };
/* Which part of what is decrypted has one bit flipped. */
enum sg2iter_part { SG2ITER_INTACT, SG2ITER_AD, SG2ITER_TEXT, SG2ITER_TAG };

/* `len` bytes of the generator from a seed, or as they stand in `raw`. */
struct sg2iter_bytes {
	u64 seed;
	u32 len;
	const u8 *raw;
};

/* An entry of a list: bytes of one region. */
struct sg2iter_entry {
	u32 region, offset, length;
};

struct sg2iter_list {
	const struct sg2iter_entry *entry;
	unsigned int nr;
};

struct sg2iter_case {
	const char *name;
	const char *alg;
	enum sg2iter_kind kind;
	enum sg2iter_work work;
	/* Over cryptd; a private key, not a public one. */
	bool queued, private_key;
	/* Is what is decrypted given, with its tag, or made by encryption? */
	bool sealed;
	bool has_key, forbid_weak;
	u32 flags;
	struct sg2iter_bytes key, iv, ad, text, tag;
	u32 authsize;
	enum sg2iter_part tamper;
	u32 tamper_byte, tamper_bit;
	/* Contiguous pages of each region, and what fills them before. */
	const u32 *region;
	unsigned int nr_regions;
	u64 seed;
	enum sg2iter_place place;
	/* Entries of each chained table; 0: one table. */
	u32 chain;
	struct sg2iter_list src, dst;
	/* Bytes from the beginning of the destination that may be written. */
	u32 room;
	enum sg2iter_final final;
	const u32 *update;
	unsigned int nr_updates;
	bool reimport;
	/*
	 * What must come out: errnos, digests of output and IV; where the
	 * length of an output is not that of the text, what a request says of
	 * it, and how many bytes are made. What is compressed has the digest
	 * of what it must become again.
	 */
	int setkey, setauthsize, result;
	u64 digest, iv_digest;
	bool has_iv, has_length;
	u32 length, made;
};

/* Behind the one before it, when all before are done, or when `of` is. */
enum sg2iter_when { SG2ITER_NOW, SG2ITER_SETTLED, SG2ITER_CALLBACK };

#define SG2ITER_MAX_TFMS	4

/* How a request of a program is submitted. */
struct sg2iter_turn {
	enum sg2iter_when when;
	u8 of;
	/* In the request object of `of`, not in its own. */
	bool reuse;
	u8 tfm;
};

/* Requests on up to four transforms; a request has a turn and a case. */
struct sg2iter_program {
	const char *name;
	const struct sg2iter_turn *turn;
	const struct sg2iter_case *request;
	unsigned int nr;
	/* A request object is freed in its last completion. */
	bool free_early;
};

/* The last word of a kernel that does not come back from a case. */
#define sg2iter_say(test, name) kunit_info(test, "runs %s\n", name)

/* Older kernels do not say of one case among many that it was skipped. */
#define sg2iter_skip(test, ...)						\
do {									\
	kunit_info(test, "skipped: " __VA_ARGS__);			\
	kunit_skip(test, __VA_ARGS__);					\
} while (0)

/* The kernel's own generator of test data, as a formula. */
static inline void fill_seeded(u8 *at, size_t len, u64 seed)
{
	u64 state = seed;

	while (len--) {
		state = (state * 25214903917ULL + 11) & ((1ULL << 48) - 1);
		*at++ = state >> 16;
	}
}

static inline u64 digest_more(u64 hash, const u8 *at, size_t len)
{
	while (len--)
		hash = (hash ^ *at++) * 0x100000001b3ULL;
	return hash;
}

/* FNV-1a of 64 bits: it uses nothing of the kernel that is tested. */
static inline u64 digest_of(const u8 *at, size_t len)
{
	return digest_more(0xcbf29ce484222325ULL, at, len);
}

#endif
