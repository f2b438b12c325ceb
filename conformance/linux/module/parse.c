// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reads the lines of one case into the global spec. A line that cannot be
 * read is remembered and the case is answered with "bad KEY", not run.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "oracle.h"

void spec_reset(void)
{
	memset(spec, 0, sizeof(*spec));
	spec->pages = 4;
	spec->nr_requests = 1;
	spec->remainder = -1;
	spec->error_at = -1;
	spec->flip = -1;
	spec->hole = -1;
	spec->flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
	strscpy(spec->op, "none", sizeof(spec->op));
	strscpy(spec->type, "bvec", sizeof(spec->type));
}

/* Returns the number of bytes. */
static int parse_hex(const char *text, u8 *bytes, size_t max)
{
	size_t length = strlen(text);

	if (length % 2 || length / 2 > max || hex2bin(bytes, text, length / 2))
		return -EINVAL;
	return length / 2;
}

static int parse_segment(const char *text, struct segment *segment)
{
	if (sscanf(text, "%u+%u:%u", &segment->page, &segment->offset,
		   &segment->length) != 3)
		return -EINVAL;
	if (segment->page >= ARENA_PAGES || segment->offset > ARENA_SIZE ||
	    segment->length > ARENA_SIZE ||
	    segment_start(segment) + segment->length > ARENA_SIZE)
		return -EINVAL;
	return 0;
}

/* "0+16:7 0+4090:30 | 2+5:27 !": "|" starts a chained table, "!" marks the end. */
static int parse_layout(char *text, struct layout *layout)
{
	bool chained = false;
	char *word;

	layout->nr_segments = 0;
	while ((word = strsep(&text, " ")) != NULL) {
		struct segment *segment = &layout->segment[layout->nr_segments];

		if (!*word)
			continue;
		if (!strcmp(word, "|")) {
			chained = layout->nr_segments > 0;
			continue;
		}
		if (!strcmp(word, "!")) {
			if (!layout->nr_segments)
				return -EINVAL;
			segment[-1].end_mark = true;
			continue;
		}
		if (layout->nr_segments == MAX_SEGMENTS ||
		    parse_segment(word, segment))
			return -EINVAL;
		segment->new_table = chained;
		segment->end_mark = false;
		chained = false;
		layout->nr_segments++;
	}
	return 0;
}

/* "10 20! 5": lengths of the updates of a hash, "!" exports and imports. */
static int parse_parts(char *text)
{
	char *word;

	while ((word = strsep(&text, " ")) != NULL) {
		size_t length = strlen(word);

		if (!length)
			continue;
		if (spec->nr_parts == MAX_PARTS)
			return -E2BIG;
		if (word[length - 1] == '!') {
			spec->reimport[spec->nr_parts] = true;
			word[length - 1] = 0;
		}
		if (kstrtouint(word, 10, &spec->part[spec->nr_parts++]))
			return -EINVAL;
	}
	return 0;
}

static int parse_put(char *text)
{
	char *offset = strsep(&text, " ");
	unsigned int *at = &spec->put[spec->nr_puts].offset;

	if (spec->nr_puts == MAX_PUTS || !text || kstrtouint(offset, 10, at) ||
	    *at > ARENA_SIZE || *at + strlen(text) / 2 > ARENA_SIZE)
		return -EINVAL;
	spec->put[spec->nr_puts++].hex = text;
	return 0;
}

static int parse_direction(const char *text)
{
	switch (*text) {
	case 'e':
		spec->direction = ENCRYPT;
		return 0;
	case 'd':
		spec->direction = DECRYPT;
		return 0;
	case 'b':
		spec->direction = BOTH;
		return 0;
	}
	return -EINVAL;
}

static int parse_finish(const char *text)
{
	static const char * const names[] = {
		[DIGEST] = "digest", [FINAL] = "final", [FINUP] = "finup",
	};
	int finish = match_string(names, ARRAY_SIZE(names), text);

	if (finish < 0)
		return finish;
	spec->finish = finish;
	return 0;
}

static int parse_walk(const char *text)
{
	spec->has_walk = true;
	return sscanf(text, "%u %u %u %u %u", &spec->block, &spec->iv_size,
		      &spec->align_mask, &spec->chunk, &spec->walk_size) == 5 ?
		0 : -EINVAL;
}

static int parse_key(char *text)
{
	spec->has_key = true;
	spec->key_length = parse_hex(text, spec->key, MAX_KEY);
	return spec->key_length;
}

static int parse_iv(char *text)
{
	spec->iv_length = parse_hex(text, spec->iv, MAX_IV);
	return spec->iv_length;
}

/* "vmalloc 3 2": what lies behind pages 3 and 4 of the arena. */
static int parse_memory(char *text)
{
	static const char * const kinds[] = {
		[KMALLOC] = "kmalloc", [VMALLOC] = "vmalloc",
		[PAGE_CACHE] = "cache", [USER] = "user", [HIGH] = "high",
	};
	struct memory *memory = &spec->memory[spec->nr_memories];
	const char *name = strsep(&text, " ");
	int kind = match_string(kinds, ARRAY_SIZE(kinds), name);

	if (kind < 0 || !text || spec->nr_memories == MAX_MEMORIES ||
	    sscanf(text, "%u %u", &memory->first, &memory->count) != 2 ||
	    memory->first >= ARENA_PAGES || !memory->count ||
	    memory->count > ARENA_PAGES - memory->first)
		return -EINVAL;
	memory->kind = kind;
	spec->nr_memories++;
	return 0;
}

static int parse_requests(const char *text)
{
	int err = kstrtouint(text, 10, &spec->nr_requests);

	return err ? err : spec->nr_requests - 1 < MAX_REQUESTS ? 0 : -EINVAL;
}

static int parse_command(char *text)
{
	if (spec->nr_commands == MAX_COMMANDS)
		return -E2BIG;
	spec->command[spec->nr_commands++] = text;
	return 0;
}

static int parse_pages(const char *text)
{
	int err = kstrtouint(text, 10, &spec->pages);

	return err ? err : spec->pages - 1 < ARENA_PAGES ? 0 : -EINVAL;
}

/* "settled 2 reuse": when a further request is submitted, and in what. */
static int parse_next(const char *text)
{
	static const char * const moments[] = {
		[NOW] = "now", [SETTLED] = "settled", [CALLBACK] = "callback",
	};
	struct further *further = &spec->further[spec->nr_further];
	char moment[16], reuse[8] = "";
	int when, n;

	if (spec->nr_further == MAX_REQUESTS - 1)
		return -E2BIG;
	n = sscanf(text, "%15s %u %7s", moment, &further->of, reuse);
	when = n < 2 ? -EINVAL :
		match_string(moments, ARRAY_SIZE(moments), moment);
	if (when < 0 || further->of > spec->nr_further)
		return -EINVAL;
	further->when = when;
	further->reuse = n == 3;
	further->flags = CRYPTO_TFM_REQ_MAY_SLEEP | CRYPTO_TFM_REQ_MAY_BACKLOG;
	spec->nr_further++;
	return 0;
}

/* A line behind "next" is of that request. */
static int parse_further(const char *key, char *value)
{
	struct further *further = &spec->further[spec->nr_further - 1];

	if (!strcmp(key, "dir")) {
		further->direction = *value == 'd' ? DECRYPT : ENCRYPT;
		return 0;
	}
	if (!strcmp(key, "iv")) {
		further->iv_length = parse_hex(value, further->iv, MAX_IV);
		return further->iv_length;
	}
	if (!strcmp(key, "len"))
		return kstrtouint(value, 10, &further->length);
	if (!strcmp(key, "assoc"))
		return kstrtouint(value, 10, &further->assoc);
	if (!strcmp(key, "flags"))
		return kstrtouint(value, 10, &further->flags);
	if (!strcmp(key, "src"))
		return parse_layout(value, &further->src);
	if (!strcmp(key, "dst")) {
		further->in_place = !strcmp(value, "=");
		return further->in_place ? 0 :
			parse_layout(value, &further->dst);
	}
	return -ENOENT;
}

static int parse_words(const char *key, char *value)
{
	if (!strcmp(key, "what"))
		return strscpy(spec->what, value, sizeof(spec->what));
	if (!strcmp(key, "next"))
		return parse_next(value);
	if (!strcmp(key, "op"))
		return strscpy(spec->op, value, sizeof(spec->op));
	if (!strcmp(key, "alg"))
		return strscpy(spec->alg, value, sizeof(spec->alg));
	if (!strcmp(key, "type"))
		return strscpy(spec->type, value, sizeof(spec->type));
	if (!strcmp(key, "key"))
		return parse_key(value);
	if (!strcmp(key, "iv"))
		return parse_iv(value);
	if (!strcmp(key, "dir"))
		return parse_direction(value);
	if (!strcmp(key, "finish"))
		return parse_finish(value);
	if (!strcmp(key, "parts"))
		return parse_parts(value);
	if (!strcmp(key, "walk"))
		return parse_walk(value);
	if (!strcmp(key, "put"))
		return parse_put(value);
	if (!strcmp(key, "do"))
		return parse_command(value);
	if (!strcmp(key, "mem"))
		return parse_memory(value);
	if (!strcmp(key, "src"))
		return parse_layout(value, &spec->src);
	if (!strcmp(key, "dst")) {
		spec->in_place = !strcmp(value, "=");
		return spec->in_place ? 0 : parse_layout(value, &spec->dst);
	}
	return -ENOENT;
}

static int parse_numbers(const char *key, const char *value)
{
	if (!strcmp(key, "ivoff"))
		return kstrtoint(value, 10, &spec->iv_offset);
	if (!strcmp(key, "len"))
		return kstrtouint(value, 10, &spec->length);
	if (!strcmp(key, "assoc"))
		return kstrtouint(value, 10, &spec->assoc);
	if (!strcmp(key, "room"))
		return kstrtouint(value, 10, &spec->room);
	if (!strcmp(key, "private")) {
		spec->private_key = true;
		return 0;
	}
	if (!strcmp(key, "auth")) {
		spec->has_auth = true;
		return kstrtouint(value, 10, &spec->auth);
	}
	if (!strcmp(key, "flags"))
		return kstrtouint(value, 10, &spec->flags);
	if (!strcmp(key, "pages"))
		return parse_pages(value);
	if (!strcmp(key, "requests"))
		return parse_requests(value);
	if (!strcmp(key, "seed"))
		return kstrtouint(value, 10, &spec->seed);
	if (!strcmp(key, "flip"))
		return kstrtoint(value, 10, &spec->flip);
	if (!strcmp(key, "hole"))
		return kstrtoint(value, 10, &spec->hole);
	if (!strcmp(key, "rem"))
		return kstrtoint(value, 10, &spec->remainder);
	if (!strcmp(key, "errat"))
		return sscanf(value, "%d %d", &spec->error_at, &spec->error) == 2 ?
			0 : -EINVAL;
	if (!strcmp(key, "async")) {
		spec->async = true;
		return 0;
	}
	if (!strcmp(key, "lib")) {
		spec->library = true;
		return 0;
	}
	if (!strcmp(key, "atomic")) {
		spec->atomic = true;
		return 0;
	}
	return -ENOENT;
}

/* One line of a case, without its line end. The line is taken apart. */
void spec_line(char *line)
{
	char *key = strsep(&line, " ");
	char *value = line ? line : "";
	int err;

	if (!strcmp(key, "case")) {
		spec_reset();
		err = strscpy(spec->id, value, sizeof(spec->id));
	} else {
		err = spec->nr_further ? parse_further(key, value) : -ENOENT;
		if (err == -ENOENT)
			err = parse_words(key, value);
		if (err == -ENOENT)
			err = parse_numbers(key, value);
	}
	if (err < 0 && !spec->bad[0])
		strscpy(spec->bad, key, sizeof(spec->bad));
}
