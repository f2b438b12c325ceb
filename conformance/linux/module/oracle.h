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

#include <linux/completion.h>
#include <linux/crypto.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
#include <linux/hex.h>
#endif

/* What a callback gets: from 6.3 on its data alone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
typedef struct crypto_async_request *completion_arg;
#define completion_data(arg)	((arg)->data)
#else
typedef void *completion_arg;
#define completion_data(arg)	(arg)
#endif

#define ARENA_PAGES	128u
#define ARENA_SIZE	(ARENA_PAGES * PAGE_SIZE)
#define MAX_SEGMENTS	128
#define MAX_TABLES	64
#define MAX_COMMANDS	64
#define MAX_PUTS	64
#define MAX_PARTS	32
#define MAX_MEMORIES	64
#define MAX_REQUESTS	16
#define MAX_KEY		2048
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

/* Where the bytes of some pages of the arena lie while a request runs. */
enum memory_kind { KMALLOC, VMALLOC, PAGE_CACHE, USER, HIGH };

struct memory {
	enum memory_kind kind;
	u32 first, count;	/* pages of the arena */
};

enum direction { ENCRYPT, DECRYPT, BOTH };
/* When a request of a program is submitted: behind the one before, when all
 * before it are done, from the completion of another.
 */
enum moment { NOW, SETTLED, CALLBACK };
enum finish { DIGEST, FINAL, FINUP };

/* A request of a program behind the first one, on the same transform. */
struct further {
	enum moment when;
	unsigned int of;	/* number of a request before it */
	bool reuse;		/* the request object of that one */
	enum direction direction;
	bool in_place;
	unsigned int length, assoc, flags;
	u8 iv[MAX_IV];
	int iv_length;
	struct layout src, dst;
};

struct spec {
	char id[80], op[16], alg[CRYPTO_MAX_ALG_NAME], type[16], what[16];
	u8 key[MAX_KEY], iv[MAX_IV];
	int key_length, iv_length, iv_offset;
	enum direction direction;
	bool in_place, async, atomic, has_walk, has_auth, has_key, private_key;
	bool library;		/* answered by functions of lib/crypto */
	unsigned int length, assoc, auth, room, flags, pages, seed;
	int flip, hole;		/* arena offset, page; -1: none */
	/* geometry of the recording algorithm */
	unsigned int block, iv_size, align_mask, chunk, walk_size;
	int remainder;		/* bytes left per step; -1: nbytes % block */
	int error_at, error;
	enum finish finish;
	unsigned int nr_parts, part[MAX_PARTS];
	bool reimport[MAX_PARTS];
	struct layout src, dst;
	unsigned int nr_requests;	/* submitted before any is waited for */
	unsigned int nr_further;	/* requests of a program behind the first */
	struct further further[MAX_REQUESTS - 1];
	unsigned int nr_memories;
	struct memory memory[MAX_MEMORIES];
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
void arena_flip(u32 offset);
void arena_report(const char *key, const struct layout *layout);
void arena_uncover(void);
void arena_bytes(const char *key, const struct layout *layout);
void arena_changes(void);
void arena_stray(void);
void arena_poison_heap(void);
u8 *arena_at(u32 offset);
struct page *arena_page(u32 index);
void out_location(const char *tag, const void *address);

/* backing.c */
int backing_init(void);
void backing_exit(void);
void backing_load(void);
void backing_store(void);
struct page *backing_page(u32 index);
bool backing_joined(u32 index);
long backing_index(const struct page *page);

/* layout.c */
u32 segment_start(const struct segment *segment);
u32 layout_total(const struct layout *layout);
struct scatterlist *layout_build(struct layout *layout);
bool layout_changed(const struct layout *layout);
void layout_free(struct layout *layout);
int lists_build(struct scatterlist **src, struct scatterlist **dst);
void lists_free(void);
int layouts_build(struct layout *from, struct layout *to, bool in_place,
		  struct scatterlist **src, struct scatterlist **dst);
struct layout *lists_target(void);
int lists_second(struct scatterlist *src, struct scatterlist *dst);

/* skcipher.c, aead.c */
void run_skcipher(void);
void run_aead(void);

/* walk.c */
int walk_algorithm(bool aead);
void walk_exit(void);

/* hash.c, data.c, program.c, iter.c, sg.c */
void run_hash(void);
void run_data(void);
void run_program(void);
void run_iter(void);
void run_sg(void);

/* library.c, where the kernel has what it calls */
#ifdef HAVE_LIBRARY
void run_library(void);
#else
static inline void run_library(void)
{
	out("stage alloc\nerr %d\n", -ENOENT);
}
#endif

/* request.c */
struct waiter {
	struct completion done;
	int err;		/* of the completion that was last */
	unsigned int calls, started;
	struct batch *batch;
};

/* Requests that are in flight together, and what their callbacks said, in order. */
struct batch {
	struct waiter waiter[MAX_REQUESTS];
	int ret[MAX_REQUESTS];
	unsigned int nr_events;
	struct {
		u8 index;
		int err;
	} event[2 * MAX_REQUESTS + 2];
};

u8 *iv_at(unsigned int index);
u8 *place_iv(unsigned int index);
u8 *place_iv_bytes(unsigned int index, const u8 *iv, int length);
void out_stage(const char *stage, long err);
void submit_begin(void);
int submit_end(int err);
void waiter_init(struct waiter *waiter);
void batch_init(struct batch *batch);
crypto_completion_t waiter_callback(void);
int waiter_wait(struct waiter *waiter, int err);
int batch_wait(struct batch *batch);
bool callback_changed(const struct crypto_async_request *base,
		      const struct waiter *waiter);
void out_changes(bool tfm, bool callback, bool fields);
int async_name(char *name, const char *driver);

/* run.c */
void run_text(char *text);

/* selftest.c */
int selftest(void);

#endif
