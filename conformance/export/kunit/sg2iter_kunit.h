/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a case is made of. Everything of it is data, so that a case is a few
 * lines; sg2iter_cases.h has them.
 */
#ifndef SG2ITER_KUNIT_H
#define SG2ITER_KUNIT_H

#include <linux/types.h>

#define SG2ITER_MAX_REGIONS	128

enum sg2iter_kind { SG2ITER_SKCIPHER, SG2ITER_AEAD, SG2ITER_AHASH };
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
	bool encrypt, has_key, forbid_weak;
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
	/* What must come out: errnos, and digests of output and IV. */
	int setkey, setauthsize, result;
	u64 digest, iv_digest;
	bool has_iv;
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
