/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Runs described crypto, scatterlist and iov_iter operations on exact memory
 * layouts inside a real kernel and tells what happened.
 *
 * A case is a block of "key value" lines from "case ID" to "end", written to
 * /proc/sg2iter; the answer is read back in the same form. README.md beside
 * this file lists the keys.
 *
 * All memory of a case lies in one physically contiguous arena, so that every
 * address can be told as an offset that is the same on every machine.
 */
#ifndef SG2ITER_ORACLE_H
#define SG2ITER_ORACLE_H

#include <linux/crypto.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <linux/hex.h>
#endif

#define ARENA_PAGES	32u
#define ARENA_SIZE	(ARENA_PAGES * PAGE_SIZE)
#define MAX_SEGMENTS	128
#define MAX_TABLES	16
#define MAX_COMMANDS	64
#define MAX_PUTS	16
#define MAX_PARTS	32
#define MAX_KEY		256
#define MAX_IV		256
/* What a result buffer holds before an operation, so "not written" shows. */
#define POISON		0xdb

struct segment {
	u32 page, offset, length;
	bool new_table;		/* starts a chained table */
	bool end_mark;		/* carries an early end mark */
};

struct layout {
	unsigned int nr_segments, nr_tables;
	struct segment segment[MAX_SEGMENTS];
	struct scatterlist *table[MAX_TABLES];
	struct scatterlist *copy[MAX_TABLES];
	unsigned int entries[MAX_TABLES];
};

enum direction { ENCRYPT, DECRYPT, BOTH };
enum finish { DIGEST, FINAL, FINUP };

struct spec {
	char id[80], op[16], alg[CRYPTO_MAX_ALG_NAME], type[16];
	u8 key[MAX_KEY], iv[MAX_IV];
	int key_length, iv_length, iv_offset;
	enum direction direction;
	bool in_place, async, has_walk, has_auth;
	unsigned int length, assoc, auth, flags, pages, seed;
	int flip, hole;		/* arena offset, page; -1: none */
	/* geometry of the recording algorithm */
	unsigned int block, iv_size, align_mask, chunk, walk_size;
	int remainder;		/* bytes left per step; -1: nbytes % block */
	int error_at, error;
	enum finish finish;
	unsigned int nr_parts, part[MAX_PARTS];
	bool reimport[MAX_PARTS];
	struct layout src, dst;
	unsigned int nr_commands, nr_puts;
	char *command[MAX_COMMANDS];
	struct { unsigned int offset; char *hex; } put[MAX_PUTS];
	char bad[24];		/* first key that could not be read */
};

extern struct spec *spec;

/* output.c */
int out_init(void);
void out_exit(void);
int out_reserve(size_t bytes);
__printf(1, 2) void out(const char *format, ...);
void out_bytes(const void *data, size_t length);
void out_hex(const char *key, const void *data, size_t length);
void out_begin_case(void);
void out_end_case(void);
ssize_t out_read(char __user *buffer, size_t length);
bool out_contains(const char *text);
void out_reset(void);

/* parse.c */
void spec_reset(void);
void spec_line(char *line);

/* arena.c */
int arena_init(u8 poison);
void arena_exit(void);
void arena_fill(void);
void arena_snapshot(void);
void arena_report(const char *key, const struct layout *layout);
void arena_poison_heap(void);
u8 *arena_at(u32 offset);
struct page *arena_page(u32 index);
long arena_page_index(const struct page *page);
void out_location(const char *tag, const void *address);
u32 segment_start(const struct segment *segment);
u32 layout_total(const struct layout *layout);
struct scatterlist *layout_build(struct layout *layout);
bool layout_changed(const struct layout *layout);
void layout_free(struct layout *layout);

/* cipher.c */
void run_skcipher(void);
void run_aead(void);
void out_stage(const char *stage, long err);

/* walk.c */
int walk_algorithm(bool aead);
void walk_exit(void);

/* hash.c, iter.c, sg.c */
void run_hash(void);
void run_iter(void);
void run_sg(void);

/* request.c */
struct waiter {
	struct completion done;
	int err;
	unsigned int calls, started;
};

void waiter_init(struct waiter *waiter);
crypto_completion_t waiter_callback(void);
int waiter_wait(struct waiter *waiter, int err);
int async_name(char *name, const char *driver);

/* main.c, selftest.c */
void run_text(char *text);
int selftest(void);

#endif
