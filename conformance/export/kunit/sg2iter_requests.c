// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs the cases and programs of sg2iter_cases.h on the crypto API of this
 * kernel. A case is an operation on scatterlists that lie in memory as the
 * case says; a program is several, on one or more transforms: submitted behind
 * each other, when all before are done, or from a completion, in request
 * objects of their own or in that of another one.
 *
 * Bytes come from seeds; what must come out is a digest. Verified: the errno
 * of setkey, setauthsize and each operation; text and tag, digest, or result
 * when it succeeded, and its length where that is not the text's; the IV of
 * modes that hand one on; that no byte outside of the destination changed, and
 * no entry of the caller's lists; that what was accepted was completed once,
 * and nothing else. Not verified: the destination after an error, and the
 * associated data in it; kernels differ. The order of completions.
 */
#include <crypto/hash.h>
#include <kunit/test.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "sg2iter_transform.h"
#include "sg2iter_cases.h"

struct program;

/* A request, and what became of it. */
struct slot {
	struct program *program;
	struct sg2iter_world world;
	struct sg2iter_request request;
	bool owner;
	/* Whose object it is, and of how many that is. */
	struct slot *object;
	unsigned int users;
	/* Is a completion awaited, and how many came when none was? */
	bool awaited;
	unsigned int accepted, notices, stray;
	int err;
	u32 length;
};

struct program {
	struct kunit *test;
	const struct sg2iter_program *q;
	/* A case as a program. */
	struct sg2iter_program alone;
	struct sg2iter_tfm tfm[SG2ITER_MAX_TFMS];
	struct slot *slot;
	/* Submitted and not done, and one of the submitter; under idle.lock. */
	unsigned int pending;
	wait_queue_head_t idle;
};

static const struct sg2iter_turn *turn_of(struct program *p, unsigned int i)
{
	static const struct sg2iter_turn alone;

	return p->q->turn ? p->q->turn + i : &alone;
}

static void begin_one(struct program *p)
{
	unsigned long flags;

	spin_lock_irqsave(&p->idle.lock, flags);
	p->pending++;
	spin_unlock_irqrestore(&p->idle.lock, flags);
}

/* The waiter goes on as soon as the lock is free. */
static void end_one(struct program *p)
{
	unsigned long flags;

	spin_lock_irqsave(&p->idle.lock, flags);
	p->pending--;
	wake_up_locked(&p->idle);
	spin_unlock_irqrestore(&p->idle.lock, flags);
}

/* Until nothing is pending but what the submitter itself holds. */
static void wait_idle(struct program *p)
{
	wait_event(p->idle, READ_ONCE(p->pending) == 1);
	/* Who made it so has left the lock behind this. */
	spin_lock_irq(&p->idle.lock);
	spin_unlock_irq(&p->idle.lock);
}

static void submit(struct slot *s);

/* Behind the last that is heard of a request others may follow. */
static void finished(struct slot *s, int err)
{
	struct program *p = s->program;
	unsigned int i;

	s->err = err;
	s->length = sg2iter_length(&s->request);
	if (!--s->object->users && p->q->free_early) {
		sg2iter_free_object(s->request.tfm, s->request.object);
		s->object->request.object = NULL;
	}
	for (i = 1; i < p->q->nr; i++)
		if (turn_of(p, i)->when == SG2ITER_CALLBACK &&
		    p->slot + turn_of(p, i)->of == s)
			submit(p->slot + i);
	end_one(p);
}

/* Makes calls until one is queued, or the request is done. */
static void go_on(struct slot *s)
{
	int err;

	do {
		s->accepted++;
		WRITE_ONCE(s->awaited, true);
		err = sg2iter_call(&s->request);
		/* From here on it may be done. */
		if (err == -EINPROGRESS || err == -EBUSY)
			return;
		s->accepted--;
		WRITE_ONCE(s->awaited, false);
	} while (!err && !s->request.last);
	finished(s, err);
}

static void heard(sg2iter_done_arg arg, int err)
{
	struct slot *s = sg2iter_done_data(arg);

	if (!READ_ONCE(s->awaited)) {
		s->stray++;
		return;
	}
	if (err == -EINPROGRESS) {
		s->notices++;
		return;
	}
	WRITE_ONCE(s->awaited, false);
	if (!err && !s->request.last)
		go_on(s);
	else
		finished(s, err);
}

static void submit(struct slot *s)
{
	begin_one(s->program);
	s->request.object = s->object->request.object;
	go_on(s);
}

static void run(struct program *p)
{
	unsigned int i;

	p->pending = 1;
	submit(p->slot);
	for (i = 1; i < p->q->nr; i++) {
		if (turn_of(p, i)->when == SG2ITER_CALLBACK)
			continue;
		if (turn_of(p, i)->when == SG2ITER_SETTLED)
			wait_idle(p);
		submit(p->slot + i);
	}
	wait_idle(p);
}

/* The transform of a request, opened for the first that needs it. */
static bool prepare_tfm(struct program *p, struct slot *s, unsigned int number)
{
	struct sg2iter_tfm *t = p->tfm + number;
	const struct sg2iter_case *c = s->world.c;
	int err;

	s->request.tfm = t;
	if (!sg2iter_has_call(c))
		sg2iter_skip(p->test, "this kernel has no signatures of %s",
			     c->alg);
	if (t->open)
		return true;
	err = sg2iter_open(p->test, t, c);
	if (err == -ENOENT)
		sg2iter_skip(p->test, "this kernel has no %s", c->alg);
	KUNIT_EXPECT_EQ_MSG(p->test, err, 0, "%s cannot be had: %d", c->alg,
			    err);
	if (err)
		return false;
	if (c->has_key) {
		err = sg2iter_set_key(t, c, s->world.key);
		KUNIT_EXPECT_EQ_MSG(p->test, err, c->setkey,
				    "setkey of %s: %d, and not %d", c->alg,
				    err, c->setkey);
	}
	err = sg2iter_set_authsize(t, c);
	KUNIT_EXPECT_EQ_MSG(p->test, err, c->setauthsize,
			    "setauthsize: %d, and not %d", err,
			    c->setauthsize);
	return !err && !c->setauthsize;
}

static bool prepare(struct program *p, unsigned int i)
{
	const struct sg2iter_turn *turn = turn_of(p, i);
	struct slot *s = p->slot + i;

	s->program = p;
	s->world.test = p->test;
	s->world.c = p->q->request + i;
	if (p->q->nr > 1)
		snprintf(s->world.who, sizeof(s->world.who), "request %u: ", i);
	s->request.w = &s->world;
	s->request.done = heard;
	s->request.data = s;
	sg2iter_build(&s->world);
	if (!prepare_tfm(p, s, turn->tfm))
		return false;
	s->owner = !turn->reuse;
	s->object = s->owner ? s : p->slot[turn->of].object;
	s->object->users++;
	if (s->owner) {
		s->request.object = sg2iter_new_object(s->request.tfm);
		KUNIT_ASSERT_NOT_NULL(p->test, s->request.object);
	}
	sg2iter_put_message(&s->request);
	return true;
}

/* What was made, where it was to be made. */
static void check_result(struct slot *s)
{
	const struct sg2iter_case *c = s->world.c;
	struct sg2iter_world *w = &s->world;
	u32 skip = 0, length = c->text.len;
	u64 digest = 0;
	int err = 0;

	if (c->kind == SG2ITER_AHASH) {
		length = crypto_ahash_digestsize(s->request.tfm->ahash);
		digest = digest_of(w->digest, length);
	} else if (c->work == SG2ITER_DO_COMPRESS) {
		KUNIT_EXPECT_LE_MSG(w->test, s->length, c->room,
				    "%sa result longer than its room", w->who);
		if (s->length <= c->room)
			err = sg2iter_unpack(&s->request, s->length, &digest);
	} else if (c->work == SG2ITER_DO_VERIFY) {
		return;
	} else {
		if (c->kind == SG2ITER_AEAD) {
			skip = c->ad.len;
			length += c->work == SG2ITER_DO_ENCRYPT ?
				  c->authsize : 0;
		} else if (c->kind != SG2ITER_SKCIPHER) {
			length = c->made;
		}
		digest = sg2iter_output_digest(w, skip, length);
	}
	KUNIT_EXPECT_EQ_MSG(w->test, err, 0, "%sit cannot be unpacked",
			    w->who);
	KUNIT_EXPECT_EQ_MSG(w->test, digest, c->digest,
			    "%sother text, tag or digest", w->who);
	if (c->has_iv)
		KUNIT_EXPECT_EQ_MSG(w->test, digest_of(w->iv, c->iv.len),
				    c->iv_digest, "%sanother IV", w->who);
}

static void check(struct slot *s)
{
	const struct sg2iter_case *c = s->world.c;
	struct sg2iter_world *w = &s->world;

	KUNIT_EXPECT_FALSE_MSG(w->test, s->awaited, "%sis not complete",
			       w->who);
	KUNIT_EXPECT_EQ_MSG(w->test, s->stray, 0U,
			    "%scompleted without need", w->who);
	KUNIT_EXPECT_LE_MSG(w->test, s->notices, s->accepted,
			    "%smore notices than calls in a queue", w->who);
	KUNIT_EXPECT_EQ_MSG(w->test, s->err, c->result,
			    "%sresult %d, and not %d", w->who, s->err,
			    c->result);
	if (c->has_length)
		KUNIT_EXPECT_EQ_MSG(w->test, s->length, c->length,
				    "%slength %u, and not %u", w->who,
				    s->length, c->length);
	sg2iter_check_memory(w);
	if (!s->err && !c->result)
		check_result(s);
}

static void run_program(struct kunit *test, const struct sg2iter_program *q)
{
	struct program *p = test->priv;
	unsigned int i;

	p->test = test;
	p->slot = (struct slot *)sg2iter_take(test, q->nr * sizeof(*p->slot));
	p->q = q;
	sg2iter_say(test, q->name);
	for (i = 0; i < q->nr; i++)
		if (!prepare(p, i))
			return;
	for (i = 0; i < q->nr; i++)
		sg2iter_snapshot(&p->slot[i].world);
	run(p);
	for (i = 0; i < q->nr; i++)
		check(p->slot + i);
}

static int sg2iter_init(struct kunit *test)
{
	struct program *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	init_waitqueue_head(&p->idle);
	test->priv = p;
	return 0;
}

/* Also behind a skip and a failed assertion. */
static void sg2iter_exit(struct kunit *test)
{
	struct program *p = test->priv;
	unsigned int i;

	if (!p)
		return;
	for (i = 0; p->q && i < p->q->nr; i++)
		if (p->slot[i].owner)
			sg2iter_free_object(p->slot[i].request.tfm,
					    p->slot[i].request.object);
	for (i = 0; i < SG2ITER_MAX_TFMS; i++)
		sg2iter_close(p->tfm + i);
}

static void sg2iter_run(struct kunit *test)
{
	const struct sg2iter_case *c = test->param_value;
	struct program *p = test->priv;

	p->alone.name = c->name;
	p->alone.request = c;
	p->alone.nr = 1;
	run_program(test, &p->alone);
}

static void sg2iter_run_program(struct kunit *test)
{
	run_program(test, test->param_value);
}

static void describe(const struct sg2iter_case *c, char *text)
{
	strscpy(text, c->name, KUNIT_PARAM_DESC_SIZE);
}

static void describe_program(const struct sg2iter_program *q, char *text)
{
	strscpy(text, q->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(sg2iter, sg2iter_cases, describe);
KUNIT_ARRAY_PARAM(sg2iter_program, sg2iter_programs, describe_program);

static struct kunit_case sg2iter_test_cases[] = {
	KUNIT_CASE_PARAM(sg2iter_run, sg2iter_gen_params),
	KUNIT_CASE_PARAM(sg2iter_run_program, sg2iter_program_gen_params),
	{}
};

static struct kunit_suite sg2iter_suite = {
	.name = "sg2iter",
	.init = sg2iter_init,
	.exit = sg2iter_exit,
	.test_cases = sg2iter_test_cases,
};

kunit_test_suite(sg2iter_suite);

MODULE_DESCRIPTION("Crypto operations on scatterlists in exact memory layouts");
MODULE_LICENSE("Dual MIT/GPL");
